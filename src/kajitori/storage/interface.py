"""The whole boundary between the API server and its store, on one page.

Promises every engine keeps (and tests/unit/storage proves):
- one global revision, increased by each successful write; it is what clients see as resourceVersion;
- a write that returned is durable (memory: for the life of the process) and visible to every later read;
- a failed write (an exception) changed nothing; a cancelled one may or may not have happened;
- an engine that is not `shared` has handed a write to every watch before it acknowledges it;
- a watch delivers every event of its prefix after `from_revision`, in revision order, none twice, or raises `Compacted`
  at the start when that part of the history is gone; a `shared` engine may raise it later too, when what the watch had
  not yet been sent was compacted (its reader starts over).

May import: the standard library.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class KeyValue(NamedTuple):
    """One stored object."""

    key: str
    value: bytes
    revision: int


class Event(NamedTuple):
    """One change; `value` is None for a deletion."""

    key: str
    value: bytes | None
    revision: int


@dataclass(frozen=True, slots=True)
class RangeResult:
    """Objects in key order, as of `revision`; `more` when the limit cut some off."""

    items: Sequence[KeyValue]
    revision: int
    more: bool = False


class StoreError(Exception):
    """Base of what a store raises.

    StoreError ─┬─ KeyExists          create of a key that is there
                ├─ RevisionMismatch   update or delete of a key that changed (revision 0: that is not there)
                ├─ Compacted          a watch or range from before the kept history
                ├─ StoreClosed        after close()
                └─ StoreUnavailable   the engine failed (connection lost); nothing is known to be written
                   └─ StoreFull       there is no room; nothing was written, and trying again soon does not help
    """


class KeyExists(StoreError):
    """A create met a key that is already there."""


class RevisionMismatch(StoreError):
    """The key is at another revision than the writer expected; 0 when there is no such key."""

    def __init__(self, key: str, current: int) -> None:
        super().__init__(f"{key} is at revision {current}")
        self.current = current


class Compacted(StoreError):
    """The history asked for is no longer kept."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"history is kept after revision {revision} only")
        self.revision = revision


class StoreClosed(StoreError):
    """The store has been closed."""


class StoreUnavailable(StoreError):
    """The engine could not do it; the message says why."""


class StoreFull(StoreUnavailable):
    """No room is left for this write. It takes a person to mend that."""


class Watch(Protocol):
    """A running watch: `async for batch in watch`. Close it when done."""

    revision: int
    """All that happened to the prefix up to here has been handed out."""

    def __aiter__(self) -> "Watch": ...

    async def __anext__(self) -> Sequence[Event]:
        """The next events; none when only `revision` has moved. Raises StoreClosed when the store goes away."""

    def close(self) -> None:
        """End the watch; a waiting `__anext__` raises StopAsyncIteration."""


class Store(Protocol):
    """A durable, revisioned, watchable map from keys to bytes."""

    shared: bool
    """Whether other processes may write too: `revision()` may then be behind, and `current_revision()` costs a call."""

    def revision(self) -> int:
        """The newest revision that this process knows to be committed."""

    async def current_revision(self) -> int:
        """The newest revision of the whole store, for a read that must not be stale (etcd: asks the cluster)."""

    async def get(self, key: str) -> KeyValue | None:
        """None for a key that is not there."""

    async def range(self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0) -> RangeResult:
        """Objects whose key starts with `prefix` and comes after `after`; at an old `revision` when one is given."""

    def create(self, key: str, value: bytes) -> Awaitable[int]:
        """Store a new key; returns its revision. Raises KeyExists."""

    def update(self, key: str, value: bytes, if_revision: int) -> Awaitable[int]:
        """Replace a key that is still at `if_revision`; returns the new revision. Raises RevisionMismatch."""

    def delete(self, key: str, if_revision: int) -> Awaitable[int]:
        """Remove a key that is still at `if_revision`; returns the deletion's revision. Raises RevisionMismatch."""

    async def watch(self, prefix: str, from_revision: int) -> Watch:
        """Events after `from_revision`. Raises Compacted."""

    async def size(self) -> int:
        """How many bytes its files take; 0 where there are none. Raises StoreUnavailable."""

    async def compact(self, revision: int) -> None:
        """Forget superseded values up to `revision` (current values stay)."""

    async def close(self) -> None:
        """Ends every watch; what is called afterwards raises StoreClosed."""
