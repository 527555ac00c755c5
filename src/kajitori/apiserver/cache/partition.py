"""One resource's objects in key order, their recent past, and who watches them.

Plain methods on the event loop, so each is atomic: a list, the history after it and the watchers agree.

Bounds: the past is the last `HISTORY` changes, or fewer (but `MIN_HISTORY`) where what they superseded is more than
`HISTORY_BYTES`; older reads answer 410. May import: cache.*, machinery.errors.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kajitori.api.registration import Resource
from kajitori.apiserver.cache.audience import Audience, Watcher
from kajitori.apiserver.cache.entry import Entry, with_version
from kajitori.apiserver.cache.events import Change
from kajitori.apiserver.cache.labelindex import LabelIndex
from kajitori.apiserver.cache.selection import Selection
from kajitori.storage.interface import KeyValue

HISTORY = 5_000
MIN_HISTORY = 100
HISTORY_BYTES = 32 * 1024 * 1024
_HIGHEST = "\U0010ffff"


class TooOld(Exception):
    """The past asked for is no longer kept."""

    def __init__(self, requested: int, oldest: int) -> None:
        super().__init__(f"{requested} is before {oldest}")
        self.requested = requested
        self.oldest = oldest


class Partition:
    """The cache of one resource (of all its versions: they share their stored form)."""

    def __init__(self, resource: Resource, start: int) -> None:
        self.resource = resource
        self.revision = start  # of the last change here
        self._start = start  # history is complete after this revision
        self._entries: dict[str, Entry] = {}
        self._keys: list[str] = []
        self._history: deque[Change] = deque()
        self._superseded = 0  # bytes that only the history keeps alive
        self._audience = Audience(resource)
        self._labels = LabelIndex()
        self.listeners: list[Callable[[Change], None]] = []
        """The server's own parts, told of each change after it is in; they must not raise."""
        self._tidy = resource.tidy
        self._ended = False
        self.size = 0
        """How many bytes its objects have."""
        self.received = 0
        """How many changes it was told of."""
        self.fillings = 0
        """How often it was read from the store."""
        self.filled = 0
        """How many objects were read then."""
        self.examined = 0
        """How many objects the last list had to look at."""

    def __len__(self) -> int:
        return len(self._entries)

    def interested(self, namespace: str, name: str) -> int:
        """About how many hear of a change of one object."""
        return self._audience.interested(namespace, name)

    # feeding

    def load(self, items: Iterable[tuple[str, bytes, int]]) -> None:
        """Fill an empty partition."""
        tidy = self._tidy
        for key, value, revision in items:
            self._entries[key] = Entry(key, with_version(tidy(value) if tidy else value, revision), revision)
        self._keys = sorted(self._entries)
        self.fillings += 1
        self.filled += len(self._keys)
        self.size = sum(len(entry.data) for entry in self._entries.values())
        self._labels.clear()

    def reload(self, items: Iterable[KeyValue], revision: int) -> None:
        """Become what the store holds at a revision: no history is left, and every watcher is cut off."""
        self._audience.dismiss()
        self._audience = Audience(self.resource)
        held = {item.key: item for item in items}
        for key in [key for key in self._keys if key not in held]:
            self.apply(key, None, revision, None)
        for key, value, changed in sorted(held.values(), key=lambda item: item.revision):
            known = self._entries.get(key)
            if known is None or known.revision != changed:
                self.apply(key, value, changed, None)
        self._history.clear()
        self._superseded = 0
        self.fillings += 1
        self.filled += len(held)
        self.revision = self._start = revision

    def adopt(self, key: str, value: bytes, revision: int) -> None:
        """An object that was there before anyone could watch: no event."""
        if key not in self._entries:
            insort(self._keys, key)
        tidy = self._tidy
        entry = self._entries[key] = Entry(key, with_version(tidy(value) if tidy else value, revision), revision)
        self.size += len(entry.data)
        self._labels.clear()

    def apply(self, key: str, value: bytes | None, revision: int, obj: dict[str, Any] | None) -> None:
        """One committed change; `obj` is the decoded value when the writer left it."""
        old = self._entries.get(key)
        if value is None:
            if old is None:
                return
            del self._entries[key]
            del self._keys[bisect_left(self._keys, key)]
            new = None
        else:
            if self._tidy is not None and obj is None:
                value = self._tidy(value)
            new = Entry(key, with_version(value, revision), revision)
            if obj is not None:
                new.learn(self.resource, obj)
            if old is None:
                insort(self._keys, key)
            self._entries[key] = new
            self.size += len(new.data)
        if old is not None:
            self.size -= len(old.data)
        self.received += 1
        self.revision = revision
        self._labels.changed(old, new)
        change = Change(revision, key, new, old, {})
        self._remember(change)
        self._audience.tell(change)
        for listener in self.listeners:
            listener(change)
        change.frames.clear()  # everybody who listens has it; who joins later has it encoded again
        if old is not None:
            old.superseded()

    def _remember(self, change: Change) -> None:
        history = self._history
        history.append(change)
        if change.old is not None:
            self._superseded += len(change.old.data)
        while len(history) > HISTORY or (self._superseded > HISTORY_BYTES and len(history) > MIN_HISTORY):
            forgotten = history.popleft()
            if forgotten.old is not None:
                self._superseded -= len(forgotten.old.data)
            self._start = forgotten.revision

    # reading

    def get(self, key: str) -> Entry | None:
        """The object at a key."""
        return self._entries.get(key)

    def keys(self, prefix: str, after: str = "") -> list[str]:
        """The keys under a prefix, in order, those after `after`."""
        start = bisect_left(self._keys, max(prefix, after + "\0") if after else prefix)
        if prefix == self.resource.storage_prefix and not after:
            return self._keys if start == 0 else self._keys[start:]
        return self._keys[start : bisect_left(self._keys, prefix + _HIGHEST, start)]

    def count(self, namespace: str) -> int:
        """How many objects there are in a namespace, or in all of them."""
        if not namespace:
            return len(self._keys)
        prefix = self.resource.key(namespace, "")
        start = bisect_left(self._keys, prefix)
        return bisect_left(self._keys, prefix + _HIGHEST, start) - start

    def entries(self, prefix: str, after: str = "") -> Iterator[Entry]:
        """The objects under a prefix, in key order."""
        entries = self._entries
        return (entries[key] for key in self.keys(prefix, after))

    def selected(self, selection: Selection, after: str = "") -> list[Entry]:
        """The objects that a selection shows, in key order, those after a key."""
        found = self._candidates(selection, after) if selection.labels is not None else None
        if found is None:
            found = list(self.entries(selection.prefix, after))
        self.examined = len(found)
        if not selection.selective:
            return found
        matches = selection.matches
        return [entry for entry in found if matches(entry)]

    def _candidates(self, selection: Selection, after: str) -> list[Entry] | None:
        assert selection.labels is not None
        keys = self._labels.candidates(selection.labels, self._entries.values())
        if keys is None:
            return None
        prefix = selection.prefix
        return [self._entries[key] for key in sorted(keys) if key.startswith(prefix) and key > after]

    def entries_at(self, prefix: str, after: str, revision: int) -> list[Entry]:
        """The objects as they were at an older revision: what is here, with later changes undone. Raises TooOld."""
        if revision < self._start:
            raise TooOld(revision, self._start)
        undone: dict[str, Entry | None] = {}
        for change in reversed(self._history):
            if change.revision <= revision:
                break
            if change.key.startswith(prefix) and change.key > after:
                undone[change.key] = change.old
        keys = sorted({*self.keys(prefix, after), *undone}) if undone else self.keys(prefix, after)
        self.examined = len(keys)
        found = (undone[key] if key in undone else self._entries[key] for key in keys)
        return [entry for entry in found if entry is not None]

    # watching

    def watch(self, watcher: Watcher, from_revision: int) -> None:
        """Give a watcher all changes after a revision, and those to come. Raises TooOld."""
        if from_revision < self._start:
            raise TooOld(from_revision, self._start)
        if from_revision < self.revision:
            for change in self._history:
                if change.revision > from_revision:
                    watcher.offer(change)
        if self._ended:
            watcher.cut_off = True
            return
        self._audience.add(watcher)

    def end(self) -> None:
        """End all watches, and those to come: this partition is served no more, or no more in this form."""
        self._ended = True
        self._audience.dismiss()

    def unwatch(self, watcher: Watcher) -> None:
        """Forget a watcher."""
        self._audience.remove(watcher)

    @property
    def watcher_count(self) -> int:
        """How many watch this resource."""
        return len(self._audience)
