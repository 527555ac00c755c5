"""The way of a request: parse → authenticate → impersonate → authorize → route → handle; failures become Statuses.

Each step is a function of its own elsewhere; this is the order. May import: everything of apiserver but server.
"""

import zlib
from asyncio import CancelledError, get_running_loop
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from kajitori.aiokit.http.message import Answer, Request, Response, StreamResponse
from kajitori.aiokit.logs import verbosity
from kajitori.apiserver.aggregation import Aggregation
from kajitori.apiserver.attributes import Attributes, Authorizer, Verdict
from kajitori.apiserver.flowcontrol.turn import WAITING, Rejected
from kajitori.apiserver.handlers.dispatch import Dispatch, PathNotFound, plain
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.metrics.requests import WAITED
from kajitori.apiserver.request import RequestInfo, parse_request_info
from kajitori.apiserver.serving import requestlog
from kajitori.apiserver.serving.errors import as_status_error, status_response
from kajitori.apiserver.user import LOOPBACK_USER, Authenticator, AuthRequest, UserInfo
from kajitori.machinery.errors import BadRequest, Forbidden, MethodNotSupported, StatusError, Timeout, Unauthorized
from kajitori.machinery.times import parse_go_duration
from kajitori.machinery.uuids import new_uuid

if TYPE_CHECKING:
    from kajitori.apiserver.audit.record import Auditor, Record

GZIP_FROM = 128 * 1024
_SEEN_BY_PEOPLE = ("curl", "Wget", "Mozilla/5.0")
HELD_FROM = 256 * 1024
HELD_S = 5.0
MOST_WAIT_S = 60.0
PathHandler = Callable[[Request, RequestInfo, UserInfo], Awaitable[Answer]]
Impersonate = Callable[[Request, UserInfo, Authorizer], Awaitable[UserInfo]]
Refuse = Callable[[Attributes, str], Forbidden]


_VERDICTS = {Verdict.ALLOW: "allowed", Verdict.DENY: "denied", Verdict.NO_OPINION: "no-opinion"}
_WHILE_LEAVING = ("/healthz", "/livez", "/readyz", "/metrics")
_LONG_RUNNING = frozenset({"watch", "proxy"})
_STREAMS = frozenset({"log", "exec", "attach", "portforward", "proxy"})


class Turn(Protocol):
    """A request's place among those that are served: it waits for it, and gives it back by `finish`."""

    state: int
    held: bool

    async def admitted(self, request: Request, wait_s: float) -> None:
        """Returns when it is this request's turn. Raises Rejected."""

    def finish(self) -> None:
        """Others may go; again is harmless."""


class Limiter(Protocol):
    """Decides how much is done at a time."""

    def arrive(self, request: Request, info: RequestInfo, user: UserInfo) -> Turn:
        """A request's turn, now or later. Raises Rejected."""


class _Early(Exception):
    """A refusal before anybody looked at what is asked: it does not count among the requests of its kind."""

    def __init__(self, error: StatusError) -> None:
        super().__init__()
        self.error = error


class Pipeline:
    """Callable as the HTTP server's handler. The parts are set by the server before it listens."""

    authenticator: Authenticator
    authorizer: Authorizer
    dispatch: Dispatch
    limiter: Limiter

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.paths: dict[str, PathHandler] = {}
        self.prefixes: dict[str, PathHandler] = {}
        self.impersonate: Impersonate | None = None
        self.aggregation: Aggregation | None = None
        self.audit: Auditor | None = None
        self.refuse: Refuse = _refuse
        self.request_timeout_s = 60.0
        self._logs_all = verbosity() >= requestlog.ALL
        self.leaving = False
        """The server is about to stop: whoever comes now is told to come again, to another one."""
        self.only_read: Callable[[str], bool] = lambda path: False
        """Whether a path takes GET and nothing else; others answer whatever comes."""

    async def __call__(self, request: Request) -> Answer:
        """Answer one request; never raises an Exception."""
        info = parse_request_info(request)
        started = perf_counter()
        ended: Callable[[], None] | None = None
        limit_s, is_early = 0.0, False
        if info.verb not in _LONG_RUNNING and info.subresource not in _STREAMS:
            limit_s = self._time_limit_s(request) if request.raw_query else self.request_timeout_s
            request.limit(get_running_loop().time() + limit_s, _too_late)
        else:
            ended = self._metrics.requests.running(request, info)
        record = self.audit.begin(request, info, audit_id(request)) if self.audit is not None else None
        try:
            if self.leaving and not info.path.startswith(_WHILE_LEAVING):
                answer: Answer = _come_again()
            else:
                if limit_s and request.raw_query and "timeout" in request.query:
                    _check_timeout(request.query["timeout"])
                answer = await self._answer(request, info, record)
        except (ConnectionError, CancelledError):  # the peer is gone: nobody to answer
            self._metrics.requests.aborted(request, info)
            if ended is not None:
                ended()
            raise
        except _Early as refused:
            is_early = True
            answer = _failed(refused.error, request, record)
        except Exception as error:  # noqa: BLE001 (the last resort: an unforeseen failure is a 500, logged with its cause)
            answer = _failed(error, request, record)
        if record is not None:
            await record.answered(answer)
        seconds = self._metrics.requests.answered(request, info, answer, started, limit_s, ended, is_early)
        if request.turn is not None and request.turn.held and isinstance(answer, StreamResponse):
            answer.ended = _both(request.turn.finish, answer.ended)
        if isinstance(answer, Response | StreamResponse):
            name = record.audit_id if record else audit_id(request)
            if seconds >= requestlog.SLOW_S or self._logs_all:
                requestlog.told(request, info.verb, answer, seconds, name)
            _add_headers(answer, request, name)
            if isinstance(answer, Response):
                if _wants_pretty(request):
                    _prettify(answer)
                if answer.size >= GZIP_FROM:
                    await _compress(request, answer)
        return answer

    def _time_limit_s(self, request: Request) -> float:
        """--request-timeout, or less when the client asks for less."""
        limit_s = self.request_timeout_s
        asked = request.query.get("timeout")
        if not asked:
            return limit_s
        try:
            asked_s = float(parse_go_duration(asked))
        except ValueError:
            return limit_s  # refused by `_check_timeout`
        return min(asked_s, limit_s) if asked_s > 0 else limit_s

    async def _answer(self, request: Request, info: RequestInfo, record: "Record | None") -> Answer:
        auth = AuthRequest(request.headers, request.peer_certificate_der, info.path, request.method, request.body)
        began = perf_counter()
        try:
            user = await self.authenticator.authenticate(auth)
            if user is None:
                raise Unauthorized("Unauthorized")
        except Unauthorized as error:
            self._metrics.unauthenticated(perf_counter() - began)
            raise _Early(error) from error
        self._metrics.authenticated(user.name, perf_counter() - began)
        if user is LOOPBACK_USER:
            self._metrics.requests.by_itself(request, info)
        if record is not None:
            record.authenticated(user)
            await record.stored()
        if self.impersonate is not None and "impersonate-" in " ".join(request.headers):
            user = await self.impersonate(request, user, self.authorizer)
            if record is not None:
                record.impersonated(user)
        if info.verb == "proxy" or info.subresource in _STREAMS:  # they take long, and little of us
            return await self._allowed(request, info, user, record)
        turn = request.turn = self.limiter.arrive(request, info, user)
        if turn.state == WAITING:
            await self._wait(turn, request)
        try:
            answer = await self._allowed(request, info, user, record)
        except BaseException:
            turn.finish()
            raise
        if info.verb == "list" and isinstance(answer, Response) and answer.size > HELD_FROM:
            answer.sent = turn.finish  # it is the sending that costs, but not for as long as a peer likes to take
            get_running_loop().call_later(HELD_S, turn.finish)
        elif not turn.held or not isinstance(answer, StreamResponse):
            turn.finish()
        return answer

    async def _wait(self, turn: Turn, request: Request) -> None:
        """A quarter of the time that a request has may go by in a queue; a minute at most."""
        began = perf_counter()
        await turn.admitted(request, min(self._time_limit_s(request) / 4, MOST_WAIT_S))
        WAITED.set(WAITED.get() + perf_counter() - began)

    async def _allowed(self, request: Request, info: RequestInfo, user: UserInfo, record: "Record | None") -> Answer:
        """Asks the authorizer, then answers."""
        attributes = attributes_of(info, user)
        began = perf_counter()
        decision = await self.authorizer.authorize(attributes)
        seconds = perf_counter() - began
        if record is not None:
            record.decided(decision)
        self._metrics.decided(_VERDICTS[decision.verdict], seconds)
        if not decision.allowed:
            raise _Early(self.refuse(attributes, decision.reason))
        if not info.is_resource_request:
            return await self._elsewhere(request, info, user) or await self._path(request, info, user)
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
        answer = await handler(request, info, user)
        if request.method != "GET" and self.only_read(info.path):
            raise MethodNotSupported("the server does not allow this method on the requested resource", details={})
        return answer


def _failed(error: Exception, request: Request, record: "Record | None") -> Answer:
    """What a client gets for an error."""
    if isinstance(error, PathNotFound):
        return plain(404, "404 page not found\n")
    if isinstance(error, Rejected):
        answer = plain(429, f"{error}\n")
        answer.headers.append(("Retry-After", str(error.retry_after_s)))
        return answer
    failure = as_status_error(error, f"{request.method} {request.raw_path}")
    if record is not None:
        record.panicked = failure.code == 500 and not isinstance(error, StatusError)
    return status_response(failure, request.headers.get("accept"))


def _add_headers(answer: Response | StreamResponse, request: Request, name: str) -> None:
    """Those that every answer has; `name` is the request's in the audit log."""
    answer.headers.append(("Audit-Id", name))
    if answer.headers[0][0] != "Cache-Control":  # who has one of its own begins with it
        answer.headers.append(("Cache-Control", "no-cache, private"))
    answer.headers += request.told


def _both(first: Callable[[], None], second: Callable[[], None] | None) -> Callable[[], None]:
    def both() -> None:
        first()
        if second is not None:
            second()

    return both


def _come_again() -> Response:
    answer = plain(429, "The apiserver is shutting down, please try again later.\n")
    answer.headers += [("Retry-After", "5"), ("Connection", "close")]
    return answer


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


def _check_timeout(asked: str) -> None:
    """Raises BadRequest for a timeout that is no duration."""
    try:
        parse_go_duration(asked or "0s")
    except ValueError as error:
        raise BadRequest(f"invalid timeout specified in the request URL - {error}") from None


def _wants_pretty(request: Request) -> bool:
    """Who asks for it, and people who look with a browser or a simple tool."""
    if request.raw_query and (asked := request.query.get("pretty")):
        return asked in ("1", "t", "T", "true", "TRUE", "True")
    return request.headers.get("user-agent").startswith(_SEEN_BY_PEOPLE)


def _prettify(answer: Response) -> None:
    import orjson

    if answer.content_type == "application/json" and answer.body:
        answer.body = orjson.dumps(orjson.loads(answer.body), option=orjson.OPT_INDENT_2) + b"\n"
