"""A snapshot brings a store back, on every engine, byte for byte; a damaged one is refused."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.storage.interface import Compacted, KeyValue, Store
from kajitori.storage.memory import MemoryStore
from kajitori.storage.opening import open_storage
from kajitori.storage.snapshot import SnapshotError, load, restore, save

values = st.one_of(
    st.binary(max_size=20), st.just(b'{"a":"\xc3\xa4"}'), st.just(b'{ "a" : 1.0 }'), st.just(b'{"a":\n1}')
)


async def lines_of(store: Store) -> list[bytes]:
    return b"".join([chunk async for chunk in save(store)]).splitlines(keepends=True)


@given(st.dictionaries(st.text(min_size=1, max_size=5), values, max_size=8))
def test_what_is_loaded_is_what_was_saved(objects):
    async def scenario():
        store = MemoryStore()
        for key, value in objects.items():
            await store.create(f"/registry/{key}", value)
        snapshot = load(await lines_of(store))
        assert snapshot.items == list((await store.range("/registry/")).items)
        assert snapshot.revision == store.revision()

    asyncio.run(scenario())


def test_every_engine_is_saved_and_restored_into_sqlite_with_its_revisions(run, tmp_path):
    async def scenario(store: Store):
        first = await store.create("/registry/a", b'{"v":1}')
        await store.create("/registry/b", b"\x00\xff")
        await store.update("/registry/a", b'{"v":2}', first)
        await store.create("/registry/masterleases/192.0.2.1:6443", b"{}")
        snapshot = load(await lines_of(store))
        other = await open_storage("sqlite", tmp_path / "other")
        try:
            assert await restore(other, snapshot) == 2
            expected = [item for item in (await store.range("/registry/")).items if "masterleases" not in item.key]
            assert list((await other.range("/registry/")).items) == expected
            assert other.revision() == snapshot.revision
            with pytest.raises(Compacted):
                await other.watch("/registry/", first)
            with pytest.raises(SnapshotError, match="not empty"):
                await restore(other, snapshot)
            assert await other.create("/registry/c", b"{}") > snapshot.revision
        finally:
            await other.close()
        reopened = await open_storage("sqlite", tmp_path / "other")
        assert (await reopened.range("/registry/", limit=2)).items == expected
        await reopened.close()

    run(scenario)


def test_a_snapshot_is_restored_into_every_engine(run):
    async def scenario(store: Store):
        source = MemoryStore()
        for name in "abc":
            await source.create(f"/registry/{name}", name.encode())
        await restore(store, load(await lines_of(source)))
        found = (await store.range("/registry/")).items
        assert {item.key: item.value for item in found} == {f"/registry/{n}": n.encode() for n in "abc"}

    run(scenario)


@pytest.mark.parametrize("damage", ["cut", "flipped", "missing", "foreign", "garbage"])
def test_a_damaged_snapshot_is_refused(damage):
    async def saved() -> list[bytes]:
        store = MemoryStore()
        for name in "abc":
            await store.create(f"/registry/{name}", b'{"v":1}')
        return await lines_of(store)

    lines = asyncio.run(saved())
    damaged = {
        "cut": lines[:-1],
        "flipped": [line.replace(b'"v":1', b'"v":2') for line in lines],
        "missing": lines[:2] + lines[3:],
        "foreign": [b'{"some":"json"}\n', *lines[1:]],
        "garbage": [lines[0], b"SQLite format 3\0", *lines[2:]],
    }[damage]
    with pytest.raises(SnapshotError):
        load(damaged)


def test_key_values_of_a_snapshot_keep_their_order(run):
    async def scenario(store: Store):
        for name in "cab":
            await store.create(f"/registry/{name}", b"{}")
        assert [KeyValue(*item).key[-1] for item in load(await lines_of(store)).items] == ["a", "b", "c"]

    run(scenario)
