"""Maintenance: compaction keeps one interval of history, and says how far it went."""

import asyncio
from types import SimpleNamespace
from typing import Any

from kajitori.apiserver.maintenance import Maintenance


class Revisions:
    """A store of which only the revision counts."""

    def __init__(self) -> None:
        self.now = 0
        self.compacted: list[int] = []

    def revision(self) -> int:
        return self.now

    async def compact(self, revision: int) -> None:
        self.compacted.append(revision)


def test_each_round_forgets_what_the_round_before_saw_and_tells_it():
    store, told = Revisions(), list[int]()
    unused: Any = SimpleNamespace()
    whole: Any = store
    maintenance = Maintenance(unused, whole, compacted=told.append)
    for revision in (5, 9, 9):
        store.now = revision
        asyncio.run(maintenance.compact())
    assert store.compacted == told == [5, 9]
