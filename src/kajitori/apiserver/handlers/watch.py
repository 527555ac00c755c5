"""WATCH: a stream of events from a version on, as HTTP chunks or WebSocket messages.

A stream ends after its timeout (the client's, or half an hour to an hour), when its reader fell too far behind, or when
the server stops; clients watch again from the last version they saw. What is no longer kept is answered by an ERROR
event with 410 Expired.

May import: cache, handlers.{call,listoptions,read,watchframes,watchstream}, metrics, serving.
"""

import functools
import random
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from kajitori.aiokit.http.message import Answer, StreamResponse
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.versions import converted, selects_by_converted
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.handlers.listoptions import parse_version
from kajitori.apiserver.handlers.read import Reading
from kajitori.apiserver.handlers.watchframes import shape, variant
from kajitori.apiserver.handlers.watchstream import OpenStreams, WatchOptions, WatchStream
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.metrics.watching import WatchMetrics
from kajitori.apiserver.serving.negotiation import JSON, PROTOBUF
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import Invalid, NotAcceptable
from kajitori.machinery.fieldpath import Path


class Watching:
    """Opens watch streams."""

    def __init__(
        self,
        cacher: Cacher,
        reading: Reading,
        now: Callable[[], datetime],
        min_timeout_s: int,
        rng: random.Random,
        metrics: Metrics | None = None,
    ) -> None:
        self._cacher = cacher
        self._reading = reading
        self._now = now
        self._min_timeout_s = min_timeout_s
        self._rng = rng
        self._metrics = metrics or Metrics()
        self._streams = OpenStreams()

    async def stop(self, grace_s: float) -> None:
        """End every watch, and those to come, as after its timeout; slow readers get the grace."""
        await self._streams.stop(grace_s)

    async def watch(self, call: Call) -> Answer:
        """The stream that a request asks for."""
        query = call.http.query
        version = query.get("resourceVersion")
        initial, match = call.flag("sendInitialEvents"), query.get("resourceVersionMatch")
        if initial is None and not match and version in ("", "0"):  # what such a watch has always meant
            initial, match = True, "NotOlderThan"
        _check(match, initial, query.get("continue"))
        start = parse_version(version) if version else 0
        call.number("limit")  # read for its faults only
        timeout_s = float(call.number("timeoutSeconds") or self._min_timeout_s * (1 + self._rng.random()))
        if call.format.yaml:
            raise NotAcceptable.of((f"{JSON.media_type};stream=watch", f"{PROTOBUF};stream=watch"))
        if not start:
            await self._cacher.fresh()
        from_state = initial or (initial is None and not start)
        if from_state and call.http.turn is not None:
            call.http.turn.held = True
        options = WatchOptions(
            after=None if from_state else start or self._cacher.revision,
            arrival=functools.partial(self._reading.reach, start) if start and initial else None,
            mark_end=bool(initial),
            bookmarks=bool(call.flag("allowWatchBookmarks")),
            variant=variant(call, self._now) if call.resource.converter is None else None,
            timeout_s=timeout_s,
        )
        told = WatchMetrics(self._metrics, call.resource)
        return await self._answer(call, WatchStream(call, options, self._cacher, told, self._streams))

    async def _answer(self, call: Call, stream: WatchStream) -> Answer:
        if call.http.headers.get("upgrade").lower() == "websocket":
            from kajitori.apiserver.serving.websocket import serve_messages

            return await serve_messages(call.http, self._chunks(call, stream), split=b"\n")
        headers = [("Cache-Control", "no-cache, private")]
        kind = call.format.media_type + (";stream=watch" if call.format.protobuf else "")
        return StreamResponse(self._chunks(call, stream), content_type=kind, headers=headers)

    def _chunks(self, call: Call, stream: WatchStream) -> AsyncIterator[bytes]:
        strategy = converted(call.resource)
        if strategy is None:
            return stream.chunks()
        selection = call.selection()
        chosen = selection.chosen if selects_by_converted(selection) else None
        return strategy.events(stream.chunks(), shape(call, self._now), chosen)


def _check(match: str, initial: bool | None, token: str) -> None:
    at = Path("resourceVersionMatch")
    errors = []
    if initial is not None and match != "NotOlderThan":
        detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        errors.append(fieldpath.forbidden(at, detail))
    if match and initial is None:
        detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        errors.append(fieldpath.forbidden(at, detail))
    if match and match != "NotOlderThan":
        errors.append(fieldpath.not_supported(at, match, ["NotOlderThan"]))
    if match and token:
        errors.append(fieldpath.forbidden(at, "resourceVersionMatch is forbidden when continue is provided"))
    if errors:
        raise Invalid.of("meta.k8s.io", "ListOptions", "", errors)
