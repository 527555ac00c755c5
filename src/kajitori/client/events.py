"""Events: what a user should know about an object, told to the API server in the background.

As upstream's recorder: equal events become one with a count; more than ten that differ only in their text within ten
minutes are combined; a source that talks about one object all the time is rationed (a burst of 25, then one in five
minutes). `event` never raises and never waits: its queue holds 1000, and when that is full news is dropped and logged.
May import: client.raw, client.event_correlation, machinery.errors, aiokit, orjson.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any

import orjson

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.aiokit.services import Background
from kajitori.client.event_correlation import Correlator
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import Conflict, NotFound, StatusError

log = get_logger(__name__)
QUEUE_LIMIT = 1000
MAX_TRIES = 12
MAX_MESSAGE = 1024


class EventRecorder:
    """Needs no task of the caller's: one runs while there is something to send. `close()` sends what is left."""

    def __init__(self, client: RawClient, component: str, host: str = "", *, clock: Clock | None = None) -> None:
        self._client, self._component, self._host = client, component, host
        self._clock = clock or RealClock()
        self._correlator = Correlator(self._clock)
        self._queue: deque[dict[str, Any]] = deque()
        self._background = Background(f"events of {component}")
        self._last_ns = 0

    def event(
        self,
        obj: Any,
        type: str,  # noqa: A002 - the field's name
        reason: str,
        message: str,
        *,
        field_path: str = "",
    ) -> None:
        """Records an event about a struct, a wire dict, or a reference (a dict with kind, name, uid at its top)."""
        if len(self._queue) >= QUEUE_LIMIT:
            log.warning("too many events, one is dropped", reason=reason)
            return
        reference = reference_to(obj)
        if field_path:
            reference["fieldPath"] = field_path
        self._queue.append(self._make(reference, type, reason, message))
        if not len(self._background):
            self._background.start(self._send_all())

    async def close(self, timeout_s: float = 2.0) -> None:
        """Gives what is queued a last chance to be sent."""
        try:
            await asyncio.wait_for(self._background.drained(), timeout_s)
        except TimeoutError:
            log.v(1).info("events were not sent in time", count=len(self._queue))
        await self._background.stop()

    async def flush(self) -> None:
        """Waits until everything recorded so far is sent or given up; for tests."""
        await self._background.drained()

    def _make(self, reference: dict[str, Any], type_: str, reason: str, message: str) -> dict[str, Any]:
        namespace = reference.get("namespace") or "default"
        now = self._clock.now()
        self._last_ns = max(self._last_ns + 1, time.time_ns())  # a name must be new even within one tick
        stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        source = {"component": self._component} | ({"host": self._host} if self._host else {})
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{reference.get('name', '')}.{self._last_ns:x}", "namespace": namespace},
            "involvedObject": reference,
            "reason": reason,
            "message": message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE],
            "source": source,
            "firstTimestamp": stamp,
            "lastTimestamp": stamp,
            "count": 1,
            "type": type_,
            "eventTime": None,
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }

    async def _send_all(self) -> None:
        while self._queue:
            event = self._correlator.correlate(self._queue.popleft())
            if event is None:
                continue
            backoff = Backoff(0.2, max_s=10.0, jitter=0.2)
            for _ in range(MAX_TRIES):
                try:
                    await self._send(event)
                    break
                except StatusError as error:
                    log.v(2).info("server rejected event", event=event["metadata"]["name"], err=describe(error))
                    break
                except OSError as error:
                    log.v(2).info("unable to write event, may retry", err=describe(error))
                    await self._clock.sleep(backoff.next())

    async def _send(self, event: dict[str, Any]) -> None:
        meta = event["metadata"]
        url = f"/api/v1/namespaces/{meta['namespace']}/events"
        if event["count"] > 1:
            patch = {"count": event["count"], "lastTimestamp": event["lastTimestamp"], "message": event["message"]}
            try:
                answer = await self._client.raw(
                    "PATCH",
                    f"{url}/{meta['name']}",
                    body=patch,
                    content_type="application/strategic-merge-patch+json",
                )
                self._correlator.written(event, orjson.loads(answer.body))
                return
            except NotFound:  # it has expired there: write it anew
                log.v(4).info("event is gone, creating it again", event=meta["name"])
        try:
            answer = await self._client.raw("POST", url, body=event)
        except Conflict:
            return  # it is there already: an earlier try got through
        self._correlator.written(event, orjson.loads(answer.body))


def reference_to(obj: Any) -> dict[str, Any]:
    """An ObjectReference to a struct or wire dict; a dict without metadata is taken as one already."""
    if isinstance(obj, dict):
        if "metadata" not in obj:
            return dict(obj)
        meta = obj["metadata"]
        facts = (obj.get("kind"), meta.get("namespace"), meta.get("name"), meta.get("uid"), obj.get("apiVersion"))
        version = meta.get("resourceVersion")
    else:
        meta = obj.metadata
        facts = (obj.KIND, meta.namespace, meta.name, meta.uid, obj.API_VERSION)
        version = meta.resource_version
    names = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion")
    return {name: value for name, value in zip(names, (*facts, version), strict=True) if value}
