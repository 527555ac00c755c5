"""The way of a request: parse → authenticate → impersonate → authorize → route → handle; failures become Statuses.

Each step is a function of its own elsewhere; this is the order. May import: everything of apiserver but server.
"""

import zlib
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kajitori.aiokit.http.message import Answer, Request, Response, StreamResponse
from kajitori.apiserver.aggregation import Aggregation
from kajitori.apiserver.attributes import Attributes, Authorizer, Verdict
from kajitori.apiserver.handlers.dispatch import Dispatch, PathNotFound, plain
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.request import RequestInfo, parse_request_info
from kajitori.apiserver.serving.errors import as_status_error, status_response
from kajitori.apiserver.user import SYSTEM_MASTERS, Authenticator, AuthRequest, UserInfo
from kajitori.machinery.errors import Forbidden, StatusError, Timeout, TooManyRequests, Unauthorized
from kajitori.machinery.times import parse_go_duration
from kajitori.machinery.uuids import new_uuid

if TYPE_CHECKING:
    from kajitori.apiserver.audit.record import Auditor, Record

GZIP_FROM = 128 * 1024
PathHandler = Callable[[Request, RequestInfo, UserInfo], Awaitable[Answer]]
Impersonate = Callable[[Request, UserInfo, Authorizer], Awaitable[UserInfo]]
Refuse = Callable[[Attributes, str], Forbidden]


_VERDICTS = {Verdict.ALLOW: "allowed", Verdict.DENY: "denied", Verdict.NO_OPINION: "no-opinion"}
_READING = frozenset({"get", "list"})
_LONG_RUNNING = frozenset({"watch", "proxy"})
_STREAMS = frozenset({"log", "exec", "attach", "portforward", "proxy"})


class Limits:
    """--max-requests-inflight and --max-mutating-requests-inflight: more than that is told to come back later.

    Watches, streams and system:masters do not count, as upstream.
    """

    def __init__(self, reading: int, mutating: int) -> None:
        self._free = {False: reading or 1 << 30, True: mutating or 1 << 30}
        self._all = dict(self._free)

    def in_flight(self) -> list[tuple[str, float]]:
        """How many requests are at work, for the metrics."""
        kinds = (("mutating", True), ("readOnly", False))
        return [(f'{{request_kind="{kind}"}}', self._all[which] - self._free[which]) for kind, which in kinds]

    @contextmanager
    def taken(self, *, mutating: bool) -> Iterator[None]:
        """Hold one place for the length of a request. Raises TooManyRequests."""
        free = self._free
        if free[mutating] <= 0:
            raise TooManyRequests.of("Too many requests, please try again later.", 1)
        free[mutating] -= 1
        try:
            yield
        finally:
            free[mutating] += 1


class Pipeline:
    """Callable as the HTTP server's handler. The parts are set by the server before it listens."""

    authenticator: Authenticator
    authorizer: Authorizer
    dispatch: Dispatch

    def __init__(self, metrics: Metrics, limits: "Limits") -> None:
        self._metrics = metrics
        self._limits = limits
        self.paths: dict[str, PathHandler] = {}
        self.prefixes: dict[str, PathHandler] = {}
        self.impersonate: Impersonate | None = None
        self.aggregation: Aggregation | None = None
        self.audit: Auditor | None = None
        self.refuse: Refuse = _refuse
        self.request_timeout_s = 60.0
        self.listed_paths: Callable[[], list[str]] = lambda: sorted(self.paths)

    async def __call__(self, request: Request) -> Answer:
        """Answer one request; never raises an Exception."""
        info = parse_request_info(request)
        started = get_running_loop().time()
        if info.verb not in _LONG_RUNNING and info.subresource not in _STREAMS:
            request.limit(started + self._time_limit_s(request), _too_late)
        record = self.audit.begin(request, info, audit_id(request)) if self.audit is not None else None
        try:
            answer = await self._answer(request, info, record)
        except ConnectionError:
            raise  # the peer is gone in the middle of its body: nobody to answer, nothing to report
        except PathNotFound:
            answer = plain(404, "404 page not found\n")
        except Exception as error:  # noqa: BLE001 (the last resort: an unforeseen failure is a 500, logged with its cause)
            failure = as_status_error(error, f"{request.method} {request.raw_path}")
            answer = status_response(failure, request.headers.get("accept"))
        if record is not None:
            await record.answered(answer)
        if isinstance(answer, Response | StreamResponse):
            size = answer.size if isinstance(answer, Response) else -1
            self._metrics.observe(info, answer.status, get_running_loop().time() - started, size)
            answer.headers.append(("Audit-Id", record.audit_id if record else audit_id(request)))
            answer.headers.append(("Cache-Control", "no-cache, private"))
            if isinstance(answer, Response) and answer.size >= GZIP_FROM:
                await _compress(request, answer)
            elif isinstance(answer, Response) and request.raw_query and "pretty" in request.query:
                _prettify(request, answer)
        return answer

    def _time_limit_s(self, request: Request) -> float:
        """--request-timeout, or less when the client asks for less."""
        limit_s = self.request_timeout_s
        if request.raw_query and (asked := request.query.get("timeout")):
            try:
                asked_s = float(parse_go_duration(asked))
            except ValueError:
                return limit_s
            return min(asked_s, limit_s) if asked_s > 0 else limit_s
        return limit_s

    async def _answer(self, request: Request, info: RequestInfo, record: "Record | None") -> Answer:
        auth = AuthRequest(request.headers, request.peer_certificate_der, info.path, request.method)
        try:
            user = await self.authenticator.authenticate(auth)
        except Unauthorized:
            self._metrics.unauthenticated()
            raise
        if user is None:
            self._metrics.unauthenticated()
            raise Unauthorized("Unauthorized")
        self._metrics.authenticated(user.name)
        if record is not None:
            record.authenticated(user)
        if self.impersonate is not None and any(name.startswith("impersonate-") for name in request.headers):
            user = await self.impersonate(request, user, self.authorizer)
            if record is not None:
                record.impersonated(user)
        attributes = attributes_of(info, user)
        decision = await self.authorizer.authorize(attributes)
        if record is not None:
            record.decided(decision)
        self._metrics.decided(_VERDICTS[decision.verdict])
        if not decision.allowed:
            raise self.refuse(attributes, decision.reason)
        if not info.is_resource_request:
            return await self._elsewhere(request, info, user) or await self._path(request, info, user)
        if info.verb in _LONG_RUNNING or info.subresource in _STREAMS or SYSTEM_MASTERS in user.groups:
            return await self._elsewhere(request, info, user) or await self.dispatch.handle(request, info, user)
        with self._limits.taken(mutating=info.verb not in _READING):
            return await self._elsewhere(request, info, user) or await self.dispatch.handle(request, info, user)

    async def _elsewhere(self, request: Request, info: RequestInfo, user: UserInfo) -> Answer | None:
        """The answer of an aggregated API server; None when the request is ours."""
        if self.aggregation is None:
            return None
        service = self.aggregation.find(info)
        return None if service is None else await self.aggregation.answer(service, request, user)

    async def _path(self, request: Request, info: RequestInfo, user: UserInfo) -> Answer:
        handler = self.paths.get(info.path) or self.paths.get(info.path.rstrip("/"))
        if handler is None:
            handler = next((h for prefix, h in self.prefixes.items() if info.path.startswith(prefix)), None)
        if handler is None:
            raise PathNotFound(info.path)
        if request.method not in ("GET", "HEAD"):
            raise StatusError(
                "the server does not allow this method on the requested resource", code=405, reason="MethodNotAllowed"
            )
        return await handler(request, info, user)


def _too_late() -> Response:
    return status_response(Timeout.of("request did not complete within the allotted timeout"))


def audit_id(request: Request) -> str:
    """What a request is called in the audit log and in its answer."""
    return request.headers.get("audit-id")[:64] or new_uuid()


def attributes_of(info: RequestInfo, user: UserInfo) -> Attributes:
    """The question to the authorizer."""
    return Attributes(
        user=user,
        verb=info.verb,
        path=info.path,
        is_resource_request=info.is_resource_request,
        group=info.group,
        version=info.version,
        resource=info.resource,
        subresource=info.subresource,
        namespace=info.namespace,
        name=info.name,
        field_selector=info.field_selector,
        label_selector=info.label_selector,
    )


def _refuse(attributes: Attributes, reason: str) -> Forbidden:
    why = f'User "{attributes.user.name}" cannot {attributes.verb}'
    return Forbidden(f"forbidden: {why}{': ' + reason if reason else ''}")


async def _compress(request: Request, answer: Response) -> None:
    """gzip for large answers, outside the event loop's thread (zlib lets the others work)."""
    if "gzip" not in request.headers.get("accept-encoding"):
        return
    body = answer.body
    answer.body = await get_running_loop().run_in_executor(None, _gzip, body)
    answer.headers.append(("Content-Encoding", "gzip"))
    answer.headers.append(("Vary", "Accept-Encoding"))


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def _prettify(request: Request, answer: Response) -> None:
    import orjson

    if request.query["pretty"] not in ("0", "false") and answer.content_type == "application/json":
        answer.body = orjson.dumps(orjson.loads(answer.body), option=orjson.OPT_INDENT_2) + b"\n"
