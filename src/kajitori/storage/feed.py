"""Watches over an embedded store: the event loop hands each committed batch to every watcher.

A watcher that falls more than `MAX_PENDING` events behind is ended with StoreUnavailable: its reader starts over.
May import: storage.interface.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from kajitori.storage.interface import Event, StoreClosed, StoreError, StoreUnavailable

MAX_PENDING = 200_000


class FeedWatch:
    """One watcher. Single reader; `push` is called by the store on the event loop."""

    def __init__(self, feed: "Feed", prefix: str, history: Sequence[Event], revision: int) -> None:
        self._feed = feed
        self.revision = revision
        self.prefix = prefix
        self._pending: deque[Event] = deque(history)
        self._waiter: asyncio.Future[None] | None = None
        self._ended: StoreError | StopAsyncIteration | None = None

    def push(self, events: Sequence[Event]) -> None:
        """Take a committed batch."""
        prefix = self.prefix
        self._pending.extend(event for event in events if event.key.startswith(prefix))
        if len(self._pending) > MAX_PENDING:
            self._pending.clear()
            self.end(StoreUnavailable("watch fell too far behind"))
        elif self._pending:
            self._wake()

    def end(self, why: StoreError | StopAsyncIteration) -> None:
        """No more events come; what is pending is still delivered."""
        self._ended = self._ended or why
        self._feed.remove(self)
        self._wake()

    def close(self) -> None:
        """The reader is done."""
        self.end(StopAsyncIteration())

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> "FeedWatch":
        return self

    async def __anext__(self) -> Sequence[Event]:
        while not self._pending:
            if self._ended is not None:
                raise self._ended
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        batch = list(self._pending)
        self._pending.clear()
        self.revision = batch[-1].revision
        return batch


class Feed:
    """The watchers of one store."""

    def __init__(self) -> None:
        self._watches: list[FeedWatch] = []

    def add(self, prefix: str, history: Sequence[Event], revision: int) -> FeedWatch:
        """A new watcher that first sees `history`, what came after `revision`."""
        watch = FeedWatch(self, prefix, history, revision)
        self._watches.append(watch)
        return watch

    def remove(self, watch: FeedWatch) -> None:
        """Forget a watcher (again is fine)."""
        if watch in self._watches:
            self._watches.remove(watch)

    def publish(self, events: Sequence[Event]) -> None:
        """Hand a committed batch to everyone."""
        for watch in list(self._watches):
            watch.push(events)

    def close(self) -> None:
        """The store is closing: end every watch."""
        for watch in list(self._watches):
            watch.end(StoreClosed("the store is closed"))
