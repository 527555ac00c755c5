"""The SQLite store on a file system that is full: refused writes are said to be, none that was acknowledged is lost."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kajitori.aiokit.process import run
from kajitori.storage.interface import StoreFull
from kajitori.storage.sqlite import SQLiteStore

pytestmark = [pytest.mark.integration, pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)], check=True)
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


class Writes:
    """What was written to a store, and what of it was acknowledged."""

    def __init__(self, store: SQLiteStore) -> None:
        self.store, self.acknowledged, self.refused = store, dict[str, int](), 0

    async def many(self, prefix: str) -> None:
        await asyncio.gather(*(self._one(f"/registry/{prefix}/{number}") for number in range(40)))

    async def _one(self, key: str) -> None:
        try:
            self.acknowledged[key] = await asyncio.wait_for(self.store.create(key, os.urandom(4000)), 10)
        except StoreFull as error:
            assert "full" in str(error)
            self.refused += 1


async def seen(store: SQLiteStore) -> dict[str, int]:
    return {item.key: item.revision for item in (await store.range("/registry/")).items}


def test_a_full_disk_loses_nothing_and_room_ends_it(small: Path) -> None:
    async def scenario() -> None:
        store = await SQLiteStore.open(small / "store.db")
        writes = Writes(store)
        for number in range(20):
            await writes.many(f"full-{number}")
        assert writes.refused > 40 and writes.acknowledged
        assert await seen(store) == writes.acknowledged, "readers see what was acknowledged, and nothing else"
        await run(["mount", "-o", "remount,size=20m", str(small)])
        refused = writes.refused
        await writes.many("room")
        assert writes.refused == refused, "no restart is needed"
        await store.close()
        again = await SQLiteStore.open(small / "store.db")
        assert await seen(again) == writes.acknowledged
        await again.close()

    asyncio.run(scenario())
