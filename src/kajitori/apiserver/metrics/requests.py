"""Requests by verb, resource and code, how long they took and how large the answers were: counted on the hot path.

A request is written down in one step and counted with others like it, a few hundred at a time or when somebody scrapes:
that costs it a fraction of counting each when it ends. Labels are upstream's: verbs are HTTP's methods, but for
LIST, WATCH, APPLY and CONNECT. Watches and other long-running requests count when they end, as upstream.
May import: request, aiokit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

from kajitori.aiokit.http.message import Answer, Request, Response, StreamResponse
from kajitori.aiokit.metrics import Counter, Gauge, Histogram, Registry, Series
from kajitori.apiserver.request import RequestInfo

_BUCKETS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60)
_SIZES = (1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)
_BODIES = tuple(range(50_000, 3_150_000, 100_000))
_WITH_BODY = {
    "create": "create",
    "update": "update",
    "patch": "patch",
    "delete": "delete",
    "deletecollection": "delete_collection",
}
_KIND = ("verb", "group", "version", "resource", "subresource", "scope")
_VERBS = {
    "get": "GET",
    "list": "LIST",
    "watch": "WATCH",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETE",
}
_PLAIN = frozenset(_VERBS) - {"patch"}
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_CONNECTING = frozenset({"log", "exec", "attach", "portforward", "proxy"})
_INSTRUMENTED = ("/healthz", "/livez", "/readyz", "/metrics")
_COMPONENT = "apiserver"
_PROTECTING = frozenset({429, 504})
_Key = tuple[str, str, str, str, str, str, str]
_Answered = tuple[RequestInfo, "_Special | None", int, float, float, int]
_Special = tuple[str, str]
"""The verb and the dry run of a request whose RequestInfo does not tell."""
PENDING = 256

WAITED: ContextVar[float] = ContextVar("seconds that a request waited for others", default=0.0)
"""What webhooks (and whoever makes a request wait its turn) add to; the service level does not count it."""


@contextmanager
def waiting() -> Iterator[None]:
    """The time that this block takes is the fault of others."""
    began = perf_counter()
    try:
        yield
    finally:
        WAITED.set(WAITED.get() + perf_counter() - began)


class _Kind:
    """Everything that is counted of one kind of request."""

    __slots__ = ("codes", "durations", "levels", "sizes")

    def __init__(self, durations: Series, levels: Series | None, sizes: Series | None) -> None:
        self.codes: dict[int, int] = {}
        self.durations, self.levels, self.sizes = durations, levels, sizes


class RequestMetrics:
    """`observe` is told of each answered request, `running` of those that take long.

    `full` is called when enough has been written down; it calls `settle`.
    """

    def __init__(self, registry: Registry, full: Callable[[], None] | None = None) -> None:
        self._full = full or self.settle
        self._kinds: dict[_Key, _Kind] = {}
        self._pending: list[_Answered] = []
        self._sent: list[tuple[RequestInfo, str]] = []
        registry.callback(
            "apiserver_request_total",
            "How many requests were answered, by verb, dry run, resource, scope and code.",
            (*_KIND, "dry_run", "component", "code"),
            self._totals,
            "STABLE",
            "counter",
        )
        kind = (*_KIND, "component")
        self._durations: Histogram = registry.histogram(
            "apiserver_request_duration_seconds",
            "How long answers took, in seconds.",
            (*_KIND, "dry_run", "component"),
            (0.005, 0.025, *_BUCKETS),
            "STABLE",
        )
        self._levels: Histogram = registry.histogram(
            "apiserver_request_sli_duration_seconds",
            "How long answers took, without the time in webhooks and in queues, in seconds.",
            kind,
            _BUCKETS,
            "ALPHA",
        )
        self._sizes: Histogram = registry.histogram(
            "apiserver_response_sizes", "The sizes of answers to reading requests, in bytes.", kind, _SIZES, "STABLE"
        )
        self._running: Gauge = registry.gauge(
            "apiserver_longrunning_requests", "Watches, logs and connections that are open.", kind, "STABLE"
        )
        self._terminated: Counter = registry.counter(
            "apiserver_request_terminations_total",
            "Requests that the server ended to protect itself: too many, or too slow.",
            (*kind, "code"),
            "ALPHA",
        )
        self._aborted: Counter = registry.counter(
            "apiserver_request_aborts_total", "Requests whose client went away before its answer.", _KIND, "ALPHA"
        )
        self._overdue: Counter = registry.counter(
            "apiserver_request_post_timeout_total",
            "Requests that were worked on to their end after their time was up and their client had its answer.",
            ("source", "status"),
            "ALPHA",
        )
        self._bodies: Histogram = registry.histogram(
            "apiserver_request_body_size_bytes",
            "The sizes of writing requests' bodies that say how large they are, in bytes.",
            ("group", "resource", "verb"),
            _BODIES,
            "ALPHA",
        )
        self._own: Counter = registry.counter(
            "apiserver_selfrequest_total",
            "Requests that the server made of itself.",
            ("verb", "group", "resource", "subresource"),
            "ALPHA",
        )

    def answered(
        self,
        request: Request,
        info: RequestInfo,
        answer: Answer,
        started: float,
        limit_s: float,
        ended: Callable[[], None] | None,
        is_early: bool = False,
    ) -> float:
        """There is an answer; returns how long it took, 0 of one that goes on.

        One that `is_early`, before anybody looked at what was asked, does not count.
        `ended` is what `running` returned for a long-running request; others have `limit_s`.
        """
        if isinstance(answer, Response):
            seconds, status = perf_counter() - started, answer.status
            if ended is not None:
                ended()
            elif seconds > limit_s:
                status = 504  # that is what the client got when the time was up
                self._overdue.inc("timeout-handler", "ok")
            if not is_early:
                self.observe(request, info, status, seconds, answer.size)
            if status in _PROTECTING:
                *kind, _ = _key(info, _special(request, info))
                self._terminated.inc(*kind, _COMPONENT, str(status))
            return seconds

        def over() -> None:
            status = answer.status if isinstance(answer, StreamResponse) else 101
            self.observe(request, info, status, perf_counter() - started)
            if ended is not None:
                ended()

        if isinstance(answer, StreamResponse):
            answer.ended = over
        else:
            over()
        return 0.0

    def observe(self, request: Request, info: RequestInfo, status: int, seconds: float, size: int = -1) -> None:
        """One answered request; `size` of its body, unless it is a stream."""
        waited = WAITED.get()
        if waited:
            WAITED.set(0.0)
        special = _special(request, info) if request.raw_query or info.verb not in _PLAIN else None
        if info.verb in _WITH_BODY:
            self._sent.append((info, request.headers.get("content-length")))
        pending = self._pending
        pending.append((info, special, status, seconds, waited, size))
        if len(pending) >= PENDING:
            self._full()

    def settle(self) -> None:
        """Count what has been written down."""
        pending, self._pending = self._pending, []
        kinds = self._kinds
        for info, special, status, seconds, waited, size in pending:
            if not info.is_resource_request and not info.path.startswith(_INSTRUMENTED):
                continue
            key = _key(info, special)
            kind = kinds.get(key) or self._add(key)
            kind.codes[status] = kind.codes.get(status, 0) + 1
            kind.durations.note(seconds)
            if kind.levels is not None:
                kind.levels.note(seconds - waited)
            if size >= 0 and kind.sizes is not None:
                kind.sizes.note(size)
        self._settle_bodies()

    def _settle_bodies(self) -> None:
        sent, self._sent = self._sent, []
        for info, length in sent:
            if info.is_resource_request:
                size = int(length) if length.isdecimal() else 0
                self._bodies.note(size, info.group, info.resource, _WITH_BODY[info.verb])

    def aborted(self, request: Request, info: RequestInfo) -> None:
        """The client went away."""
        *kind, _ = _key(info, _special(request, info))
        self._aborted.inc(*kind)

    def by_itself(self, request: Request, info: RequestInfo) -> None:
        """The server is its own client."""
        verb, group, _, resource, subresource, *_ = _key(info, _special(request, info))
        self._own.inc(verb, group, resource, subresource)

    def running(self, request: Request, info: RequestInfo) -> Callable[[], None]:
        """A long-running request has begun; call what is returned when it ends."""
        *kind, _ = _key(info, _special(request, info))
        self._running.inc(*kind, _COMPONENT)
        return lambda: self._running.inc(*kind, _COMPONENT, by=-1)

    def _add(self, key: _Key) -> _Kind:
        *kind, dry_run = key
        kind.append(_COMPONENT if key[3] else "")
        reads = key[0] in ("GET", "LIST")
        made = self._kinds[key] = _Kind(
            self._durations.series(*key, kind[-1]),
            None if dry_run else self._levels.series(*kind),
            self._sizes.series(*kind) if reads else None,
        )
        return made

    def _totals(self) -> dict[tuple[str, ...], float]:
        return {
            (*key, _COMPONENT if key[3] else "", str(code)): count
            for key, kind in self._kinds.items()
            for code, count in kind.codes.items()
        }


def _key(info: RequestInfo, special: _Special | None) -> _Key:
    verb, dry_run = special or (_VERBS[info.verb], "")
    if not info.is_resource_request:
        return "GET", "", "", "", info.path.rstrip("/"), "", dry_run
    subresource = info.subresource
    if subresource and subresource in _CONNECTING:
        verb = "CONNECT"
    scope = "resource" if info.name or verb == "POST" else "namespace" if info.namespace else "cluster"
    return verb, info.group, info.version, info.resource, subresource, scope, dry_run


def _special(request: Request, info: RequestInfo) -> _Special:
    verb = _VERBS.get(info.verb) or (request.method if request.method in _METHODS else "other")
    if verb == "PATCH" and request.headers.get("content-type").startswith("application/apply-patch"):
        verb = "APPLY"
    return verb, _dry_run(request) if "dryRun" in request.raw_query else ""


def _dry_run(request: Request) -> str:
    given = set(request.query.getall("dryRun")) - {""}
    return "" if not given else "All" if given == {"All"} else "invalid"
