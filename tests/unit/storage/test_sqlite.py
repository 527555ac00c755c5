"""What SQLite adds to the promises of every store: files, fsync, group commit, a full disk."""

import asyncio

import pytest

from kajitori.storage.interface import StoreFull, StoreUnavailable
from kajitori.storage.sqlite import SQLiteStore


def test_state_and_revision_outlive_the_process(tmp_path):
    async def first() -> int:
        store = await SQLiteStore.open(tmp_path / "store.db")
        kept = await store.create("/kept", b"1")
        gone = await store.create("/gone", b"1")
        await store.delete("/gone", gone)
        await store.compact(store.revision())
        await store.close()
        return kept

    async def second(kept: int) -> None:
        store = await SQLiteStore.open(tmp_path / "store.db")
        assert [(item.key, item.revision) for item in (await store.range("/")).items] == [("/kept", kept)]
        assert await store.create("/new", b"") > kept + 2
        await store.close()

    asyncio.run(second(asyncio.run(first())))


def test_every_commit_is_synced(tmp_path):
    async def main() -> None:
        store = await SQLiteStore.open(tmp_path / "store.db")
        assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        await store.close()

    asyncio.run(main())


def test_concurrent_writes_share_a_commit(tmp_path):
    async def main() -> None:
        store = await SQLiteStore.open(tmp_path / "store.db")
        watch = await store.watch("/", store.revision())
        await asyncio.gather(*(store.create(f"/{number}", b"") for number in range(100)))
        batches = []
        while sum(batches) < 100:
            batches.append(len(await watch.__anext__()))
        assert len(batches) <= 3
        await store.close()

    asyncio.run(main())


def test_a_full_disk_refuses_writes_and_keeps_what_is_there(tmp_path):
    async def main() -> None:
        store = await SQLiteStore.open(tmp_path / "store.db")
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count={pages + 8}")
        written = 0
        with pytest.raises(StoreFull, match="full"):
            for _ in range(100):
                await store.create(f"/{written}", b"x" * 3000)
                written += 1
        assert len((await store.range("/")).items) == written > 0
        assert store.revision() == 1 + written
        store._db.execute(f"PRAGMA max_page_count={pages + 1000}")
        assert await store.create("/after", b"x") == 2 + written
        await store.close()

    asyncio.run(main())


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "store.db").write_bytes(b"this is not a database, it is a text file" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        asyncio.run(SQLiteStore.open(tmp_path / "store.db"))


def test_a_second_opener_is_refused(tmp_path, monkeypatch):
    async def main() -> None:
        store = await SQLiteStore.open(tmp_path / "store.db")
        await store.create("/a", b"")
        monkeypatch.setattr("kajitori.storage.sqlitefile.LOCK_TIMEOUT_S", 0.1)
        with pytest.raises(StoreUnavailable, match="locked"):
            await SQLiteStore.open(tmp_path / "store.db")
        await store.close()

    asyncio.run(main())
