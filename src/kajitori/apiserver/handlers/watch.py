"""WATCH: a stream of events from a version on, as HTTP chunks or WebSocket messages.

A stream ends after its timeout (the client's, or half an hour to an hour), when its reader fell too far behind, or when
the server stops; clients watch again from the last version they saw. What is no longer kept is answered by an ERROR
event with 410 Expired. Everything that arrived since the last write goes out as one chunk, or as several of `SLICE`
bytes: however much there is to tell, little of it is held for each of its readers.

May import: cache, handlers.call, handlers.read, metrics, serving, http.websocket.
"""

import asyncio
import functools
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

import orjson

from kajitori.aiokit.http.message import Answer, StreamResponse
from kajitori.api.registration import Resource
from kajitori.apiserver.cache.audience import Watcher
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.events import BOOKMARK, Variant, encode_frame
from kajitori.apiserver.cache.pairs import PairWatcher
from kajitori.apiserver.cache.partition import Partition, TooOld
from kajitori.apiserver.cache.versions import converted, converts, selects_by_converted
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.handlers.listoptions import parse_version
from kajitori.apiserver.handlers.read import Reading
from kajitori.apiserver.handlers.rendering import included
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.metrics.watching import WatchMetrics
from kajitori.apiserver.serving import tables
from kajitori.apiserver.serving.negotiation import JSON, PROTOBUF, As, Format
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import Expired, Invalid, NotAcceptable, StatusError
from kajitori.machinery.fieldpath import Path

BOOKMARK_PERIOD_S = 60.0
LAST_BOOKMARK_S = 2.0
"""How long before its end a stream tells once more how far it has come."""
BURST = 8
REFILL_S = 0.025
SLICE = 256 * 1024
_INITIAL_END = "k8s.io/initial-events-end"


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
        self._streams: set[WatchStream] = set()
        self._stopping = False
        self._drained = asyncio.Event()

    def told(self, resource: Resource) -> WatchMetrics:
        """Where what a watch of this resource is told gets counted."""
        return WatchMetrics(self._metrics, resource)

    async def stop(self, grace_s: float) -> None:
        """End every watch, and those to come, as after its timeout; slow readers get the grace."""
        self._stopping = True
        for stream in list(self._streams):
            stream.end()
        try:
            async with asyncio.timeout(grace_s):
                while self._streams:
                    self._drained.clear()
                    await self._drained.wait()
        except TimeoutError:
            return

    def opened(self, stream: "WatchStream") -> None:
        """A stream begins to send."""
        self._streams.add(stream)
        if self._stopping:
            stream.end()

    def ended(self, stream: "WatchStream") -> None:
        """A stream has ended."""
        self._streams.discard(stream)
        if not self._streams:
            self._drained.set()

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
        stream = WatchStream(
            self,
            self._cacher,
            self._cacher.partition(call.resource),  # only now: the one before the wait may have been replaced
            call,
            after=None if from_state else start or self._cacher.revision,
            arrival=functools.partial(self._reading.reach, start) if start and initial else None,
            mark_end=bool(initial),
            variant=self._variant(call) if call.resource.converter is None else None,
            timeout_s=timeout_s,
            bookmarks=bool(call.flag("allowWatchBookmarks")),
        )
        if call.http.headers.get("upgrade").lower() == "websocket":
            from kajitori.apiserver.serving.websocket import serve_messages

            return await serve_messages(call.http, self._chunks(call, stream), split=b"\n")
        headers = [("Cache-Control", "no-cache, private")]
        kind = call.format.media_type + (";stream=watch" if call.format.protobuf else "")
        return StreamResponse(self._chunks(call, stream), content_type=kind, headers=headers)

    def _chunks(self, call: Call, stream: "WatchStream") -> AsyncIterator[bytes]:
        strategy = converted(call.resource)
        if strategy is None:
            return stream.chunks()
        selection = call.selection()
        chosen = selection.chosen if selects_by_converted(selection) else None
        return strategy.events(stream.chunks(), self._shape(call), chosen)

    def _variant(self, call: Call) -> Variant | None:
        resource = call.resource
        shape = self._shape(call)
        if shape is None and converts(resource):
            finish: Variant = _in_protobuf() if call.format.protobuf else bytes
            return lambda data: finish(orjson.dumps(resource.strategy.from_storage(orjson.loads(data))))
        return shape

    def _shape(self, call: Call) -> Variant | None:
        """What is made of an object's bytes for a client that does not want the object itself."""
        resource, wanted = call.resource, call.format
        if wanted.shape is As.TABLE:
            return tables.watch_table(resource, included(call), self._now, wanted.version)
        if wanted.shape is not As.OBJECT:
            return _partial(wanted)
        return _in_protobuf() if wanted.protobuf else None


def _in_protobuf() -> Variant:
    from kajitori.apiserver.protobuf.encode import encode_json

    return encode_json


@functools.cache
def _partial(wanted: Format) -> Variant:
    """Metadata alone; one function for all who ask for the same, so that they share what it makes."""
    finish: Variant = _in_protobuf() if wanted.protobuf else bytes
    return lambda data: finish(tables.partial_bytes(data, wanted.version))


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


def _inbox(call: Call, variant: Variant | None, wake: Callable[[], None]) -> Watcher:
    selection = call.selection()
    if selects_by_converted(selection):
        return PairWatcher(replace(selection, fields=None), None, wake)
    return Watcher(selection, variant, wake)


class Pace:
    """How often a stream may send: at once while little happens (`BURST` times), else every `REFILL_S`.

    Sending costs the same for one event as for a hundred, so a busy stream gathers a little first.
    """

    def __init__(self, now: float) -> None:
        self._full_at = now  # when all of the burst is there again

    def wait_s(self, now: float) -> float:
        """0: send now, and it counts; else how long to gather first."""
        debt = max(self._full_at - now, 0.0)
        if debt > BURST * REFILL_S:
            return debt - BURST * REFILL_S
        self._full_at = now + debt + REFILL_S
        return 0.0


class WatchStream:
    """One client's watch: an inbox in the cache, and the clockwork around it.

    `after`: the version to go on from; None to begin with the state as it is, once `arrival` is over. The inbox is in
    the cache only while `chunks` is being read: an answer that is never sent (the peer has gone, HEAD) leaves nothing
    behind.
    """

    def __init__(
        self,
        watching: Watching,
        cacher: Cacher,
        partition: Partition,
        call: Call,
        *,
        after: int | None,
        arrival: Callable[[], Awaitable[None]] | None,
        mark_end: bool,
        variant: Variant | None,
        timeout_s: float,
        bookmarks: bool,
    ) -> None:
        self._watching = watching
        self._cacher = cacher
        self._partition = partition
        self._call = call
        self._after = after
        self._arrival = arrival
        self._mark_end = mark_end
        self._bookmarks = bookmarks
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + timeout_s
        self._waiter: asyncio.Future[None] | None = None
        self._told = watching.told(call.resource)
        self._watcher = _inbox(call, variant, self._wake)
        self._failed = False

    def _begin(self) -> Iterator[bytes]:
        """Open the inbox; gives what the stream has to tell before that."""
        if self._failed:
            return iter(())
        try:
            if self._after is None:
                return self._begin_with_state()
            self._partition.watch(self._watcher, self._after)
            self._told.began(len(self._watcher.frames))
        except TooOld as error:
            self._fail(Expired.too_old(error.requested, error.oldest))
        return iter(())

    def _begin_with_state(self) -> Iterator[bytes]:
        """Everything that is there now as ADDED, in order of keys; what happens from now on gathers in the inbox."""
        entries = list(self._partition.entries(self._watcher.selection.prefix))
        self._told.began(len(entries))
        state = self._watcher.initial(entries)
        self._partition.watch(self._watcher, self._cacher.revision)
        if self._mark_end and self._bookmarks:
            return chain(state, (self._bookmark({_INITIAL_END: "true"}),))
        return state

    def _fail(self, error: StatusError) -> None:
        """Tell why there is nothing to watch, then end."""
        self._failed = True
        self._watcher.frames.append(self._frame("ERROR", error.to_status()))

    def end(self) -> None:
        """Send what is there, then end."""
        self._deadline = 0.0
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        resource = self._call.resource
        meta: dict[str, object] = {"resourceVersion": str(self._cacher.revision)}
        if annotations:
            meta["annotations"] = annotations
        shape = self._call.format.shape
        obj: dict[str, object]
        if shape in (As.PARTIAL, As.PARTIAL_LIST):
            obj = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
        elif shape is As.TABLE:
            bare = {"kind": resource.kind, "apiVersion": resource.group_version, "metadata": meta}
            partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
            told = {"": partial, "Metadata": partial, "Object": bare}.get(included(self._call))
            obj = {
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": {"resourceVersion": meta["resourceVersion"]},
                "columnDefinitions": None,
                "rows": [{"cells": [], "object": told}],
            }
        else:
            obj = {"kind": resource.kind, "apiVersion": resource.group_version, "metadata": meta}
        return self._frame(BOOKMARK, obj)

    def _frame(self, event_type: str, obj: dict[str, object]) -> bytes:
        """An event of our own making."""
        data = orjson.dumps(obj)
        return encode_frame(event_type, _in_protobuf()(data) if self._call.format.protobuf else data)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The stream's bytes until it ends."""
        watcher = self._watcher
        self._watching.opened(self)
        try:
            if not await self._arrived():
                return
            for piece in slices(self._begin(), self._told.sent):
                yield piece
                await asyncio.sleep(0)  # a large state is no reason for others to wait
            if self._call.http.turn is not None:
                self._call.http.turn.finish()
            next_bookmark = self._loop.time() + BOOKMARK_PERIOD_S
            last_s = self._deadline - LAST_BOOKMARK_S
            if self._loop.time() < last_s:
                next_bookmark = min(next_bookmark, last_s)
            pace = Pace(self._loop.time())
            while True:
                if watcher.frames:
                    gather_s = pace.wait_s(self._loop.time())
                    if gather_s:
                        await asyncio.sleep(gather_s)
                        continue
                    for piece in slices(watcher.emptied(), self._told.sent):
                        yield piece
                    continue
                now = self._loop.time()
                if self._failed or watcher.cut_off or now >= self._deadline:
                    return
                if self._bookmarks and now >= next_bookmark:
                    next_bookmark = min(now + BOOKMARK_PERIOD_S, last_s if now < last_s else self._deadline)
                    watcher.frames.append(self._bookmark())
                    continue
                await self._wait(min(self._deadline, next_bookmark) if self._bookmarks else self._deadline)
        finally:
            if watcher.too_slow:
                self._told.ended_for_slowness()
            self._partition.unwatch(watcher)
            self._watching.ended(self)

    async def _arrived(self) -> bool:
        """A version that is yet to come is waited for; False when the stream's time is over before."""
        if self._loop.time() >= self._deadline:
            return False
        if self._arrival is not None:
            try:
                await self._arrival()
            except StatusError as error:
                self._fail(error)
        if self._after is None or self._after <= self._cacher.revision:
            return True
        if self._call.http.turn is not None:
            self._call.http.turn.finish()
        try:
            async with asyncio.timeout_at(self._deadline):
                await self._cacher.reach(self._after)
        except TimeoutError:
            return False
        self._partition = self._cacher.partition(self._call.resource)  # it may have been replaced meanwhile
        return True

    async def _wait(self, until: float) -> None:
        self._waiter = self._loop.create_future()
        timer = self._loop.call_at(until, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None


def slices(frames: Iterable[bytes], told: Callable[[list[bytes], int], None]) -> Iterator[bytes]:
    """Frames joined to pieces of at least `SLICE` bytes, but for the last; `told` of each piece's frames and size."""
    gathered: list[bytes] = []
    size = 0
    for frame in frames:
        gathered.append(frame)
        size += len(frame)
        if size >= SLICE:
            told(gathered, size)
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        told(gathered, size)
        yield b"".join(gathered)
