"""One client's watch as a stream of bytes, and all that are open.

    arrive (a version yet to come is waited for) → begin (open the inbox in the cache; the state, if it is wanted)
    → gather and send, bookmark, wait … → end (its time is over, the inbox was cut off, the server stops)

Everything that arrived since the last write goes out as one chunk, or as several of `SLICE` bytes: however much there
is to tell, little of it is held for each of its readers.

May import: cache, handlers.{call,watchframes}, metrics.watching.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from math import inf

from kajitori.apiserver.cache.audience import Watcher
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.events import Variant
from kajitori.apiserver.cache.pairs import PairWatcher
from kajitori.apiserver.cache.partition import TooOld
from kajitori.apiserver.cache.versions import selects_by_converted
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.handlers.watchframes import INITIAL_END, bookmark, framed
from kajitori.apiserver.metrics.watching import WatchMetrics
from kajitori.machinery.errors import Expired, StatusError

BOOKMARK_PERIOD_S = 60.0
LAST_BOOKMARK_S = 2.0
"""How long before its end a stream tells once more how far it has come."""
BURST = 8
REFILL_S = 0.025
SLICE = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """Where a stream begins, what it tells besides events, and when it ends."""

    after: int | None
    """The version to go on from; None to begin with the state as it is, once `arrival` is over."""
    arrival: Callable[[], Awaitable[None]] | None
    mark_end: bool
    """Say where that state ends, in a bookmark."""
    bookmarks: bool
    variant: Variant | None
    timeout_s: float


class OpenStreams:
    """The streams that are being read."""

    def __init__(self) -> None:
        self._streams: set[WatchStream] = set()
        self._stopping = False
        self._drained = asyncio.Event()

    def add(self, stream: "WatchStream") -> None:
        """A stream begins to send."""
        self._streams.add(stream)
        if self._stopping:
            stream.end()

    def remove(self, stream: "WatchStream") -> None:
        """A stream has ended."""
        self._streams.discard(stream)
        if not self._streams:
            self._drained.set()

    async def stop(self, grace_s: float) -> None:
        """End every stream, and those to come, as after its timeout; slow readers get the grace."""
        self._stopping = True
        for stream in list(self._streams):
            stream.end()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_ended(), grace_s)

    async def _all_ended(self) -> None:
        while self._streams:
            self._drained.clear()
            await self._drained.wait()


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

    The inbox is in the cache only while `chunks` is being read: an answer that is never sent (the peer has gone, HEAD)
    leaves nothing behind.
    """

    def __init__(
        self, call: Call, options: WatchOptions, cacher: Cacher, told: WatchMetrics, others: OpenStreams
    ) -> None:
        self._call = call
        self._options = options
        self._cacher = cacher
        self._partition = cacher.partition(call.resource)
        self._told = told
        self._others = others
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + options.timeout_s
        self._waiter: asyncio.Future[None] | None = None
        self._watcher = _inbox(call, options.variant, self._wake)
        self._failed = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """The stream's bytes until it ends."""
        watcher = self._watcher
        self._others.add(self)
        try:
            if not await self._arrived():
                return
            for piece in slices(self._begin(), self._told.sent):
                yield piece
                await asyncio.sleep(0)  # a large state is no reason for others to wait
            self._finish_turn()
            pace, next_bookmark = Pace(self._loop.time()), self._next_bookmark()
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
                if now >= next_bookmark:
                    watcher.frames.append(bookmark(self._call, self._cacher.revision))
                    next_bookmark = self._next_bookmark()
                    continue
                await self._wait(min(self._deadline, next_bookmark))
        finally:
            if watcher.too_slow:
                self._told.ended_for_slowness()
            self._partition.unwatch(watcher)
            self._others.remove(self)

    def end(self) -> None:
        """Send what is there, then end."""
        self._deadline = 0.0
        self._wake()

    async def _arrived(self) -> bool:
        """A version that is yet to come is waited for; False when the stream's time is over before."""
        arrival, after = self._options.arrival, self._options.after
        if self._loop.time() >= self._deadline:
            return False
        if arrival is not None:
            try:
                await arrival()
            except StatusError as error:
                self._fail(error)
        if after is None or after <= self._cacher.revision:
            return True
        self._finish_turn()
        try:
            async with asyncio.timeout_at(self._deadline):
                await self._cacher.reach(after)
        except TimeoutError:
            return False
        self._partition = self._cacher.partition(self._call.resource)  # it may have been replaced meanwhile
        return True

    def _begin(self) -> Iterator[bytes]:
        """Open the inbox; gives what the stream has to tell before that."""
        if self._failed:
            return iter(())
        after = self._options.after
        try:
            if after is None:
                return self._begin_with_state()
            self._partition.watch(self._watcher, after)
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
        if self._options.mark_end and self._options.bookmarks:
            return chain(state, (bookmark(self._call, self._cacher.revision, INITIAL_END),))
        return state

    def _fail(self, error: StatusError) -> None:
        """Tell why there is nothing to watch, then end."""
        self._failed = True
        self._watcher.frames.append(framed(self._call, "ERROR", error.to_status()))

    def _finish_turn(self) -> None:
        """What others wait for (priority and fairness) is done: from here on the stream mostly waits."""
        if self._call.http.turn is not None:
            self._call.http.turn.finish()

    def _next_bookmark(self) -> float:
        """When to tell how far the stream has come: every minute, and shortly before its end."""
        if not self._options.bookmarks:
            return inf
        now, last = self._loop.time(), self._deadline - LAST_BOOKMARK_S
        return min(now + BOOKMARK_PERIOD_S, last if now < last else self._deadline)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self, until: float) -> None:
        self._waiter = self._loop.create_future()
        timer = self._loop.call_at(until, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None


def _inbox(call: Call, variant: Variant | None, wake: Callable[[], None]) -> Watcher:
    selection = call.selection()
    if selects_by_converted(selection):
        return PairWatcher(replace(selection, fields=None), None, wake)
    return Watcher(selection, variant, wake)


def slices(frames: Iterable[bytes], told: Callable[[list[bytes]], None]) -> Iterator[bytes]:
    """Frames joined to pieces of at least `SLICE` bytes, but for the last; `told` of each piece's frames."""
    if type(frames) is list and sum(map(len, frames)) < SLICE:  # as it nearly always is
        if frames:
            told(frames)
            yield b"".join(frames)
        return
    gathered: list[bytes] = []
    size = 0
    for frame in frames:
        gathered.append(frame)
        size += len(frame)
        if size >= SLICE:
            told(gathered)
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        told(gathered)
        yield b"".join(gathered)
