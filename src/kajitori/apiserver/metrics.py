"""The server's own metrics, under upstream's names, counted in plain dicts and rendered when scraped.

May import: request.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from kajitori.apiserver.request import RequestInfo

_BUCKETS = (
    0.005,
    0.025,
    0.05,
    0.1,
    0.2,
    0.4,
    0.6,
    0.8,
    1.0,
    1.25,
    1.5,
    2.0,
    3.0,
    4.0,
    5.0,
    6.0,
    8.0,
    10.0,
    15.0,
    20.0,
    30.0,
    45.0,
    60.0,
)
_SIZES = (1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)
_Key = tuple[str, str, str, str, str, str]
_Histogram = dict[_Key, list[float]]
_WHOLE_NAMES = frozenset({"admin", "client", "kube_proxy", "kubelet", "system:serviceaccount:kube-system:default"})
"""Users that upstream's metrics name; the rest are told as a kind, for names would be without number."""


class Metrics:
    """`observe` costs a dict look-up or two; nothing else happens until `render`."""

    def __init__(self) -> None:
        self._requests: dict[tuple[_Key, int], int] = {}
        self._durations: _Histogram = {}
        self._sizes: _Histogram = {}
        self._terminated: dict[tuple[_Key, int], int] = {}
        self._users: dict[str, int] = {}
        self._attempts = {"success": 0, "failure": 0, "error": 0}
        self._decisions = {"allowed": 0, "denied": 0, "no-opinion": 0}
        self.gauges: dict[str, Callable[[], list[tuple[str, float]]]] = {}

    def authenticated(self, name: str) -> None:
        """Somebody showed who they are."""
        self._attempts["success"] += 1
        known = name if name in _WHOLE_NAMES else "email_id" if "@" in name else "other"
        self._users[known] = self._users.get(known, 0) + 1

    def unauthenticated(self) -> None:
        """Counts a request whose credentials were refused."""
        self._attempts["failure"] += 1

    def decided(self, verdict: str) -> None:
        """What the authorizer said: allowed, denied or no-opinion."""
        self._decisions[verdict] += 1

    def observe(self, info: RequestInfo, status: int, seconds: float, size: int = -1) -> None:
        """One answered request; `size` of its body, unless it is a stream."""
        if not info.is_resource_request:
            return
        scope = "resource" if info.name else "namespace" if info.namespace else "cluster"
        key = (info.verb.upper(), info.group, info.version, info.resource, info.subresource, scope)
        self._requests[key, status] = self._requests.get((key, status), 0) + 1
        if status in (429, 504):
            self._terminated[key, status] = self._terminated.get((key, status), 0) + 1
        if info.verb == "watch":
            return
        _count(self._durations, key, _BUCKETS, seconds)
        if size >= 0 and info.verb in ("get", "list"):
            _count(self._sizes, key, _SIZES, size)

    def render(self) -> bytes:
        """The Prometheus text format."""
        lines = [
            "# HELP apiserver_request_total [STABLE] Counter of apiserver requests by verb, resource and code.",
            "# TYPE apiserver_request_total counter",
        ]
        for (key, status), number in sorted(self._requests.items()):
            lines.append(f'apiserver_request_total{{code="{status}",{_labels(key)}}} {number}')
        lines += [
            "# HELP apiserver_request_duration_seconds [STABLE] Response latency distribution in seconds.",
            "# TYPE apiserver_request_duration_seconds histogram",
        ]
        lines += _histogram("apiserver_request_duration_seconds", self._durations, _BUCKETS)
        lines += [
            "# HELP apiserver_response_sizes [STABLE] Bytes of the answers to reading requests.",
            "# TYPE apiserver_response_sizes histogram",
        ]
        lines += _histogram("apiserver_response_sizes", self._sizes, _SIZES)
        lines.append("# TYPE apiserver_request_terminations_total counter")
        for (key, status), number in sorted(self._terminated.items()):
            lines.append(f'apiserver_request_terminations_total{{code="{status}",{_labels(key)}}} {number}')
        for name, label, counted in (
            ("authenticated_user_requests", "username", self._users),
            ("authentication_attempts", "result", self._attempts),
            ("authorization_attempts_total", "result", self._decisions),
        ):
            lines.append(f"# TYPE {name} counter")
            lines += [f'{name}{{{label}="{value}"}} {number}' for value, number in sorted(counted.items())]
        for name, values in self.gauges.items():
            lines.append(f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}")
            lines += [f"{name}{labels} {value:g}" for labels, value in values()]
        return ("\n".join([*lines, ""])).encode() + _process_metrics()


def _count(histogram: _Histogram, key: _Key, bounds: Sequence[float], value: float) -> None:
    """One count for each bound, one for what is beyond, then the sum."""
    counts = histogram.get(key)
    if counts is None:
        counts = histogram[key] = [0.0] * (len(bounds) + 2)
    counts[bisect_left(bounds, value)] += 1
    counts[-1] += value


def _histogram(name: str, histogram: _Histogram, bounds: Sequence[float]) -> Iterator[str]:
    for key, counts in sorted(histogram.items()):
        labels = _labels(key)
        total = 0.0
        for bound, count in zip(bounds, counts, strict=False):
            total += count
            yield f'{name}_bucket{{{labels},le="{bound:g}"}} {total:g}'
        total += counts[len(bounds)]
        yield f'{name}_bucket{{{labels},le="+Inf"}} {total:g}'
        yield f"{name}_sum{{{labels}}} {counts[-1]:.9g}"
        yield f"{name}_count{{{labels}}} {total:g}"


def _labels(key: _Key) -> str:
    verb, group, version, resource, subresource, scope = key
    return (
        f'component="apiserver",dry_run="",group="{group}",resource="{resource}",scope="{scope}",'
        f'subresource="{subresource}",verb="{verb}",version="{version}"'
    )


def _process_metrics() -> bytes:
    """CPU, memory and file descriptors of the process, from the standard collectors; imported when first scraped."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return generate_latest(registry)
