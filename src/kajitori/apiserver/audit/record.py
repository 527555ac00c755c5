"""One audited request on its way, from the stages that the pipeline tells of to events in the log.

    begin → authenticated (policy; RequestReceived) → impersonated → decided → answered (ResponseStarted of a
    long-running request; ResponseComplete)

Nothing here waits for the log. Bodies are looked into by the log's thread. May import: audit.*, admission_types.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.http.message import Answer, Request, Response, StreamResponse
from kajitori.aiokit.services import forever
from kajitori.apiserver.admission_types import AUDIT_ANNOTATIONS, PATCH_NOTE
from kajitori.apiserver.attributes import Attributes, Decision
from kajitori.apiserver.audit import event as events
from kajitori.apiserver.audit.log import Sink
from kajitori.apiserver.audit.policy import Level, Policy, Recording
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import InternalError, StatusError
from kajitori.machinery.times import format_go_duration, format_micro_time

Object = dict[str, Any]
_OFF = Recording(Level.NONE)
_JSON, _PROTOBUF = "application/json", "application/vnd.kubernetes.protobuf"
_BODY_LIMIT = 3 << 20
_SLOW = timedelta(milliseconds=500)
"""Of a request that took longer the event says how long."""
_STATUS_SIZE = 4096
_WITH_BODY = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_LONG_VERBS = frozenset({"watch", "proxy"})
_LONG_SUBRESOURCES = frozenset({"attach", "exec", "proxy", "log", "portforward"})
LineOf = Callable[[Object], bytes]
Default = Callable[[RequestInfo, Object], None]
Storing = tuple["asyncio.Future[bool]", bool]
"""Whether an event was stored, and whether its request must not go on if it was not."""
Ask = Callable[[RequestInfo, UserInfo], Attributes]


class Auditor:
    """Begins a record for each request. `attributes_of` is the pipeline's."""

    def __init__(
        self,
        policy: Policy,
        sinks: Mapping[Sink, LineOf],
        clock: Clock,
        attributes_of: Ask,
        metrics: Metrics | None = None,
        *,
        modes: Mapping[Sink, str] | None = None,
        default: Default | None = None,
    ) -> None:
        """`modes` are upstream's: in "batch" (what a sink has that is not named) nobody waits for it.

        `default` gives the object of a request its defaults, as events show it; it is called in a thread.
        """
        self.default = default or (lambda info, obj: None)
        self.policy, self.sinks, self.clock, self.attributes_of = policy, sinks, clock, attributes_of
        self.levels = (metrics or Metrics()).audit_levels
        self._modes = modes or {}
        self.made = 0
        """How many events there were."""

    def begin(self, request: Request, info: RequestInfo, audit_id: str) -> Record:
        """The record of a request that has just come in; nothing is known of its user yet."""
        return Record(self, request, info, audit_id)

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for sink in self.sinks:
                tasks.create_task(forever(sink.run(), f"audit {sink.name}"), name=f"audit-{sink.name}")

    def put(self, made: Callable[[], Object]) -> list[Storing]:
        """Give an event to every sink; it is made where it is written. What there is to wait for is returned."""
        self.made += 1
        storing: list[Storing] = []
        for sink, line_of in self.sinks.items():
            line, mode = functools.partial(_line, line_of, made), self._modes.get(sink, "batch")
            if mode == "batch":
                sink.put(line)
                continue
            waited: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            storing.append((waited, mode == "blocking-strict"))
            sink.put(line, functools.partial(_tell, asyncio.get_running_loop(), waited))
        return storing


class Record:
    """One request's audit events, told stage by stage; see the module."""

    def __init__(self, auditor: Auditor, request: Request, info: RequestInfo, audit_id: str) -> None:
        self.audit_id = audit_id
        self._auditor, self._request, self._info = auditor, request, info
        self._received: datetime = auditor.clock.now()
        self._recording: Recording | None = None
        self._annotations: dict[str, str] = {}
        AUDIT_ANNOTATIONS.set(self._annotations)
        self.panicked = False
        """Something unforeseen happened: the answer says no more than that."""
        self._event: Object = {}
        self._storing: list[Storing] = []

    # what the pipeline tells

    def authenticated(self, user: UserInfo) -> None:
        """The policy decides here, by who asks (not by who is impersonated)."""
        self._evaluate(user)
        self._event["user"] = user.wire()
        if self._level:
            self._emit("RequestReceived")
        else:
            AUDIT_ANNOTATIONS.set(None)

    async def stored(self) -> None:
        """Before the request goes on: is what was told so far with the strict sinks? Raises InternalError.

        Others are waited for with the answer: what they were told first they have stored by then.
        """
        strict = [waited for waited, is_strict in self._storing if is_strict]
        if strict and not all([await waited for waited in strict]):
            raise InternalError(f'Internal Server Error: "{self._event["requestURI"]}": failed to store audit event')

    def impersonated(self, user: UserInfo) -> None:
        """The user in whose name the rest happens."""
        self._event["impersonatedUser"] = user.wire()

    def decided(self, decision: Decision) -> None:
        """The authorizer's decision, as annotations."""
        self._annotations["authorization.k8s.io/decision"] = "allow" if decision.allowed else "forbid"
        self._annotations["authorization.k8s.io/reason"] = decision.reason

    async def answered(self, answer: Answer) -> None:
        """The answer is made; of a stream, its head."""
        AUDIT_ANNOTATIONS.set(None)
        if self._recording is None:  # nobody was authenticated
            self._evaluate(UserInfo(""))
            self._event["user"] = {}
        if not self._level:
            return
        took = self._auditor.clock.now() - self._received
        if took > _SLOW and not self._is_long:
            self._annotations["apiserver.latency.k8s.io/total"] = format_go_duration(took.total_seconds())
        body = await self._request_body()
        if isinstance(answer, StreamResponse):
            if self._is_long:
                self._emit("ResponseStarted", answer.status, body)
            answer.chunks = _Told(answer.chunks, lambda: self._emit("ResponseComplete", answer.status, body))
        elif isinstance(answer, Response):
            json = answer.body if self._wants_body(answer) else b""
            stage = "ResponseStarted" if self._unauthenticated else "ResponseComplete"
            self._emit("Panic" if self.panicked else stage, answer.status, body, json)
        else:
            self._emit("ResponseComplete", 101, body)
        for waited, _ in self._storing:
            await waited
        self._storing = []

    # parts

    @property
    def _level(self) -> Level:
        return (self._recording or _OFF).level

    @property
    def _is_long(self) -> bool:
        return self._info.verb in _LONG_VERBS or self._info.subresource in _LONG_SUBRESOURCES

    @property
    def _unauthenticated(self) -> bool:
        return not self._event["user"]

    def _wants_body(self, answer: Response) -> bool:
        """To be shown, or to look for a Status in; a large list is not put together for nothing."""
        if not answer.content_type.startswith((_JSON, _PROTOBUF)):
            return False
        return self._level is Level.REQUEST_RESPONSE or answer.status >= 400 or answer.size < _STATUS_SIZE

    def _evaluate(self, user: UserInfo) -> None:
        self._recording = self._auditor.policy.recording(self._auditor.attributes_of(self._info, user))
        self._auditor.levels.inc(self._recording.level.text)
        if self._recording.level:
            self._event = events.basics(self.audit_id, self._request, self._info, self._received)
            self._event["level"] = self._recording.level.text

    async def _request_body(self) -> bytes:
        """What the handler has read of the body; it is kept until the answer is sent."""
        if self._info.verb not in _WITH_BODY or self._is_long or not self._request.body.finished:
            return b""
        try:
            return await self._request.read(_BODY_LIMIT)
        except Exception:  # noqa: BLE001 (too large, or taken by a proxy: there is nothing to show)
            return b""

    def _notes(self) -> dict[str, str]:
        if self._level >= Level.REQUEST:
            return dict(self._annotations)
        return {key: note for key, note in self._annotations.items() if not key.startswith(PATCH_NOTE)}

    def _emit(self, stage: str, code: int = 0, body: bytes = b"", answer: bytes = b"") -> None:
        recording = self._recording or _OFF
        if stage in recording.omit_stages:
            return
        event = {
            **self._event,
            "stage": stage,
            "stageTimestamp": format_micro_time(self._auditor.clock.now()),
        }
        if "objectRef" in event:
            event["objectRef"] = dict(event["objectRef"])
        if self._annotations and stage != "RequestReceived":
            event["annotations"] = self._notes()
        content_type = self._request.headers.get("content-type")
        default = functools.partial(self._auditor.default, self._info)
        made = functools.partial(finished, event, recording, code, body, content_type, answer, default)
        self._storing += self._auditor.put(made)


def _tell(loop: asyncio.AbstractEventLoop, waited: asyncio.Future[bool], is_stored: bool) -> None:
    """Called by a sink, in whatever thread; a loop that has ended waits for nothing."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, waited, is_stored)


def _settle(waited: asyncio.Future[bool], is_stored: bool) -> None:
    if not waited.done():
        waited.set_result(is_stored)


def _line(line_of: LineOf, made: Callable[[], Object]) -> bytes:
    return line_of(events.ordered(made()))


def finished(
    event: Object,
    recording: Recording,
    code: int,
    body: bytes,
    content_type: str,
    answer: bytes,
    default: Callable[[Object], None] | None = None,
) -> Object:
    """The event with what its level shows of request and answer."""
    event = {**event}
    asked = _parsed(body, content_type)
    if asked is not None and event["verb"] != "patch":
        events.complete_reference(event, asked)
        if default is not None and isinstance(asked, dict) and recording.level >= Level.REQUEST:
            default(asked)
    if not code:
        return event
    whole = recording.level >= Level.REQUEST_RESPONSE
    told = (
        _parsed(answer, _PROTOBUF if answer.startswith(b"k8s\x00") else _JSON)
        if answer and (whole or code >= 400 or b"Status" in answer[:200])
        else None
    )
    event["responseStatus"] = events.response_status(code, told)
    if recording.level >= Level.REQUEST and asked is not None:
        asked = events.shown_request(asked)
        event["requestObject"] = events.without_managed_fields(asked) if recording.omit_managed_fields else asked
    if whole and isinstance(told, dict) and "kind" in told:  # /version and its like are no objects
        event["responseObject"] = events.without_managed_fields(told) if recording.omit_managed_fields else told
    return event


def _parsed(body: bytes, content_type: str) -> Any:
    """The value in a body; None when there is none, or none that can be shown."""
    if not body:
        return None
    from kajitori.apiserver.serving.decoding import media_type, parse_body, parse_json, parse_yaml

    kind = media_type(content_type)
    try:
        if "patch+json" in kind:
            return parse_json(body)
        if "yaml" in kind:
            return parse_yaml(body)
        return parse_body(body, content_type)
    except (StatusError, ValueError):
        return None


class _Told:
    """Chunks that tell of their end, whatever ends them."""

    def __init__(self, chunks: AsyncIterator[bytes], tell: Callable[[], None]) -> None:
        self._chunks, self._tell = chunks, tell
        self._told = False

    def __aiter__(self) -> _Told:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except BaseException:
            self._end()
            raise

    async def aclose(self) -> None:
        self._end()
        aclose = getattr(self._chunks, "aclose", None)
        if aclose is not None:
            await aclose()

    def _end(self) -> None:
        if not self._told:
            self._told = True
            self._tell()
