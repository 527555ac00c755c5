"""What every store promises (storage/interface.py), each promise a test."""

import asyncio
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kajitori.storage.interface import Compacted, Event, KeyExists, RevisionMismatch, Store, StoreClosed, Watch


async def take(watch: Watch, count: int) -> list[Event]:
    events: list[Event] = []
    while len(events) < count:
        events.extend(await asyncio.wait_for(watch.__anext__(), 5))
    return events


def test_a_created_key_reads_back_with_its_revision(run):
    async def scenario(store: Store):
        revision = await store.create("/a", b"1")
        assert await store.get("/a") == ("/a", b"1", revision)
        assert store.revision() == revision == await store.current_revision()
        assert await store.get("/b") is None

    run(scenario)


def test_create_of_an_existing_key_is_refused_and_changes_nothing(run):
    async def scenario(store: Store):
        revision = await store.create("/a", b"1")
        with pytest.raises(KeyExists):
            await store.create("/a", b"2")
        assert (await store.get("/a")).value == b"1"
        assert store.revision() == revision

    run(scenario)


def test_update_and_delete_need_the_current_revision(run):
    async def scenario(store: Store):
        first = await store.create("/a", b"1")
        second = await store.update("/a", b"2", first)
        assert second > first
        with pytest.raises(RevisionMismatch) as stale:
            await store.update("/a", b"3", first)
        assert stale.value.current == second
        with pytest.raises(RevisionMismatch):
            await store.delete("/a", first)
        with pytest.raises(RevisionMismatch) as missing:
            await store.update("/none", b"3", 7)
        assert missing.value.current == 0
        third = await store.delete("/a", second)
        assert third > second
        assert await store.get("/a") is None

    run(scenario)


def test_concurrent_writes_get_distinct_increasing_revisions(run):
    async def scenario(store: Store):
        async def create(number: int) -> int:
            return await store.create(f"/k/{number}", b"x")

        revisions = await asyncio.gather(*(create(number) for number in range(200)))
        assert len(set(revisions)) == 200
        assert max(revisions) == await store.current_revision() == store.revision()

    run(scenario)


def test_of_two_concurrent_updates_one_wins(run):
    async def scenario(store: Store):
        revision = await store.create("/a", b"0")

        async def update(value: bytes) -> int:
            return await store.update("/a", value, revision)

        results = await asyncio.gather(update(b"1"), update(b"2"), return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["RevisionMismatch", "int"]

    run(scenario)


def test_range_is_ordered_limited_and_continues(run):
    async def scenario(store: Store):
        for key in ("/p/b", "/p/a", "/q/z", "/p/c"):
            await store.create(key, key.encode())
        whole = await store.range("/p/")
        assert [item.key for item in whole.items] == ["/p/a", "/p/b", "/p/c"]
        assert whole.revision == store.revision()
        first = await store.range("/p/", limit=2)
        assert [item.key for item in first.items] == ["/p/a", "/p/b"]
        assert first.more
        rest = await store.range("/p/", limit=2, after="/p/b")
        assert [item.key for item in rest.items] == ["/p/c"]
        assert not rest.more

    run(scenario)


def test_range_at_an_old_revision_sees_the_old_state(run):
    async def scenario(store: Store):
        first = await store.create("/a", b"1")
        await store.create("/b", b"1")
        old = store.revision()
        await store.update("/a", b"2", first)
        await store.create("/c", b"1")
        then = await store.range("/", revision=old)
        assert [(item.key, item.value) for item in then.items] == [("/a", b"1"), ("/b", b"1")]

    run(scenario)


def test_watch_replays_history_then_follows(run):
    async def scenario(store: Store):
        start = store.revision()
        first = await store.create("/w/a", b"1")
        await store.create("/other", b"1")
        watch = await store.watch("/w/", start)
        second = await store.update("/w/a", b"2", first)
        third = await store.delete("/w/a", second)
        events = await take(watch, 3)
        assert events == [Event("/w/a", b"1", first), Event("/w/a", b"2", second), Event("/w/a", None, third)]
        late = await store.watch("/w/", second)
        assert await take(late, 1) == [Event("/w/a", None, third)]

    run(scenario)


def test_an_acknowledged_write_was_already_published(run, engine):
    if engine == "etcd3":
        pytest.skip("promised by engines that are not shared")

    async def scenario(store: Store):
        watch = await store.watch("/", store.revision())
        seen: list[int] = []

        async def follow() -> None:
            async for batch in watch:
                seen.extend(event.revision for event in batch)

        task = asyncio.ensure_future(follow())
        await asyncio.sleep(0)
        for number in range(20):
            revision = await store.create(f"/{number}", b"")
            await asyncio.sleep(0)
            assert revision in seen
        watch.close()
        await task

    run(scenario)


def test_compaction_forgets_history_and_keeps_the_state(run):
    async def scenario(store: Store):
        revision = await store.create("/a", b"0")
        for number in range(10):
            revision = await store.update("/a", b"%d" % number, revision)
        gone = await store.create("/gone", b"")
        await store.delete("/gone", gone)
        await store.compact(store.revision())
        with pytest.raises(Compacted):
            await store.watch("/", revision - 5)
        with pytest.raises(Compacted):
            await store.range("/", revision=revision - 5)
        assert [(item.key, item.value) for item in (await store.range("/")).items] == [("/a", b"9")]
        watch = await store.watch("/", store.revision())
        revision = await store.update("/a", b"after", revision)
        assert await take(watch, 1) == [Event("/a", b"after", revision)]

    run(scenario)


def test_closing_ends_watches_and_refuses_writes(run):
    async def scenario(store: Store):
        watch = await store.watch("/", store.revision())
        await store.close()
        with pytest.raises(StoreClosed):
            await watch.__anext__()
        with pytest.raises(StoreClosed):
            await store.create("/a", b"")

    run(scenario)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("cud"), st.sampled_from("abc"), st.binary(max_size=3)), max_size=30))
def test_any_history_equals_the_model(run, operations):
    counter = iter(range(10**9))

    async def scenario(store: Store):
        prefix = f"/m{id(operations)}-{next(counter)}/"
        await store.compact(store.revision())
        for item in (await store.range("/m")).items:
            await store.delete(item.key, item.revision)
        start = store.revision()
        watch = await store.watch(prefix, start)
        model: dict[str, tuple[bytes, int]] = {}
        expected: list[Event] = []
        for operation, name, value in operations:
            key = prefix + name
            current = model.get(key)
            if operation == "c" and current is None:
                model[key] = (value, await store.create(key, value))
                expected.append(Event(key, value, model[key][1]))
            elif operation == "u" and current is not None:
                model[key] = (value, await store.update(key, value, current[1]))
                expected.append(Event(key, value, model[key][1]))
            elif operation == "d" and current is not None:
                expected.append(Event(key, None, await store.delete(key, current[1])))
                del model[key]
        state = await store.range(prefix)
        assert {item.key: (item.value, item.revision) for item in state.items} == model
        assert await take(watch, len(expected)) == expected
        for past in islice(expected, 5):
            then = await store.range(prefix, revision=past.revision)
            replayed: dict[str, bytes] = {}
            for event in expected:
                if event.revision <= past.revision:
                    replayed.pop(event.key, None) if event.value is None else replayed.update({event.key: event.value})
            assert {item.key: item.value for item in then.items} == replayed

    run(scenario)
