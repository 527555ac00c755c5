"""The server's own metrics, under upstream's names, counted in plain dicts and rendered when scraped.

May import: request.
"""

from bisect import bisect_left
from collections.abc import Callable

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
_Key = tuple[str, str, str, str, str, str]


class Metrics:
    """`observe` costs a dict look-up or two; nothing else happens until `render`."""

    def __init__(self) -> None:
        self._requests: dict[tuple[_Key, int], int] = {}
        self._durations: dict[_Key, list[float]] = {}
        self.gauges: dict[str, Callable[[], list[tuple[str, float]]]] = {}

    def observe(self, info: RequestInfo, status: int, seconds: float) -> None:
        """One answered request."""
        if not info.is_resource_request:
            return
        scope = "resource" if info.name else "namespace" if info.namespace else "cluster"
        key = (info.verb.upper(), info.group, info.version, info.resource, info.subresource, scope)
        self._requests[key, status] = self._requests.get((key, status), 0) + 1
        if info.verb == "watch":
            return
        counts = self._durations.get(key)
        if counts is None:
            counts = self._durations[key] = [0.0] * (len(_BUCKETS) + 2)
        counts[bisect_left(_BUCKETS, seconds)] += 1
        counts[-1] += seconds

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
        for key, counts in sorted(self._durations.items()):
            labels = _labels(key)
            total = 0.0
            for bound, count in zip(_BUCKETS, counts, strict=False):
                total += count
                lines.append(f'apiserver_request_duration_seconds_bucket{{{labels},le="{bound:g}"}} {total:g}')
            total += counts[len(_BUCKETS)]
            lines.append(f'apiserver_request_duration_seconds_bucket{{{labels},le="+Inf"}} {total:g}')
            lines.append(f"apiserver_request_duration_seconds_sum{{{labels}}} {counts[-1]:.9g}")
            lines.append(f"apiserver_request_duration_seconds_count{{{labels}}} {total:g}")
        for name, values in self.gauges.items():
            lines.append(f"# TYPE {name} gauge")
            lines += [f"{name}{labels} {value:g}" for labels, value in values()]
        return ("\n".join([*lines, ""])).encode() + _process_metrics()


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
