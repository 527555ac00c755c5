"""What a controller has done and its cache has not shown yet, so that an old cache cannot make it do it twice.

`expect_creates`/`expect_deletes` before a write, `observed_*` when the informer shows it (or the write failed). A key
may be acted on when nothing is outstanding, or after five minutes: better a wrong step than none for ever.
May import: the standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

TIMEOUT_S = 300.0


@dataclass(slots=True)
class _Outstanding:
    creates: int = 0
    deletes: set[str] = field(default_factory=set)  # UIDs
    since: float = 0.0


class Expectations:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._outstanding: dict[Hashable, _Outstanding] = {}

    def satisfied(self, key: Hashable) -> bool:
        """Whether the key may be acted on; also after `TIMEOUT_S`, whatever is outstanding."""
        waiting = self._outstanding.get(key)
        if waiting is None or (waiting.creates <= 0 and not waiting.deletes):
            return True
        return self._now() - waiting.since > TIMEOUT_S

    def expect_creates(self, key: Hashable, count: int) -> None:
        """To be said before the first write; forgets what was expected before."""
        self._outstanding[key] = _Outstanding(creates=count, since=self._now())

    def expect_deletes(self, key: Hashable, uids: Iterable[str]) -> None:
        """The same for the deletion of these UIDs."""
        self._outstanding[key] = _Outstanding(deletes=set(uids), since=self._now())

    def observed_create(self, key: Hashable, count: int = 1) -> None:
        """Also for creations that failed, `count` of them at once."""
        if (waiting := self._outstanding.get(key)) is not None:
            waiting.creates -= count

    def observed_delete(self, key: Hashable, uid: str) -> None:
        """Also for a deletion that failed; an unknown UID is no error."""
        if (waiting := self._outstanding.get(key)) is not None:
            waiting.deletes.discard(uid)

    def forget(self, key: Hashable) -> None:
        self._outstanding.pop(key, None)
