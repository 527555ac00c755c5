"""The store for tests and for in-process fixtures: dicts, no durability.

May import: storage.interface, storage.feed.
"""

from bisect import bisect_right
from collections.abc import Sequence

from kajitori.storage.feed import Feed, FeedWatch
from kajitori.storage.interface import Compacted, Event, KeyExists, KeyValue, RangeResult, RevisionMismatch, StoreClosed


class MemoryStore:
    """Every operation is one plain step on the event loop, so it is atomic."""

    shared = False

    def __init__(self) -> None:
        self._current: dict[str, KeyValue] = {}
        self._log: list[Event] = []
        self._revision = 1
        self._compacted = 1
        self._feed = Feed()
        self._closed = False

    def revision(self) -> int:
        """See Store."""
        return self._revision

    async def current_revision(self) -> int:
        """See Store."""
        return self._revision

    async def size(self) -> int:
        """See Store."""
        return 0

    async def get(self, key: str) -> KeyValue | None:
        """See Store."""
        self._check_open()
        return self._current.get(key)

    async def range(self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0) -> RangeResult:
        """See Store."""
        self._check_open()
        state = self._state_at(revision) if revision and revision < self._revision else self._current
        keys = sorted(key for key in state if key.startswith(prefix) and key > after)
        more = bool(limit) and len(keys) > limit
        items = [state[key] for key in (keys[:limit] if more else keys)]
        return RangeResult(items, revision or self._revision, more)

    def _state_at(self, revision: int) -> dict[str, KeyValue]:
        if revision < self._compacted:
            raise Compacted(self._compacted)
        state: dict[str, KeyValue] = {}
        for event in self._log:
            if event.revision > revision:
                break
            if event.value is None:
                state.pop(event.key, None)
            else:
                state[event.key] = KeyValue(event.key, event.value, event.revision)
        return state

    async def create(self, key: str, value: bytes) -> int:
        """See Store."""
        self._check_open()
        if key in self._current:
            raise KeyExists(key)
        return self._write(key, value)

    async def update(self, key: str, value: bytes, if_revision: int) -> int:
        """See Store."""
        self._check_open()
        self._check_revision(key, if_revision)
        return self._write(key, value)

    async def delete(self, key: str, if_revision: int) -> int:
        """See Store."""
        self._check_open()
        self._check_revision(key, if_revision)
        return self._write(key, None)

    def _check_revision(self, key: str, expected: int) -> None:
        current = self._current.get(key)
        if current is None or current.revision != expected:
            raise RevisionMismatch(key, current.revision if current else 0)

    def _write(self, key: str, value: bytes | None) -> int:
        self._revision += 1
        event = Event(key, value, self._revision)
        if value is None:
            del self._current[key]
        else:
            self._current[key] = KeyValue(key, value, self._revision)
        self._log.append(event)
        self._feed.publish((event,))
        return self._revision

    async def watch(self, prefix: str, from_revision: int) -> FeedWatch:
        """See Store."""
        self._check_open()
        if from_revision < self._compacted:
            raise Compacted(self._compacted)
        start = bisect_right(self._log, from_revision, key=lambda event: event.revision)
        history: Sequence[Event] = [event for event in self._log[start:] if event.key.startswith(prefix)]
        return self._feed.add(prefix, history, from_revision)

    async def compact(self, revision: int) -> None:
        """See Store."""
        self._check_open()
        revision = min(revision, self._revision)
        old = bisect_right(self._log, revision, key=lambda event: event.revision)
        # what was current at `revision` must stay readable: keep the last event of each key up to it
        last = {event.key: event for event in self._log[:old]}
        kept = [event for event in self._log[:old] if last[event.key] is event and event.value is not None]
        self._log = kept + self._log[old:]
        self._compacted = max(self._compacted, revision)

    async def close(self) -> None:
        """See Store."""
        self._closed = True
        self._feed.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed("the store is closed")
