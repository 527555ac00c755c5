import asyncio
from collections.abc import AsyncIterator

import pytest

from kajitori.aiokit.clock import FakeClock, settle
from kajitori.client.informer import Informer
from kajitori.client.objects import ObjectKey, ObjectList, WatchEvent
from kajitori.client.sources import LeanMeta, PartialObject
from kajitori.machinery.errors import Expired


def thing(name: str, version: int, uid: str = "u", namespace: str = "ns", finalizers=()) -> PartialObject:
    return PartialObject(LeanMeta(name, namespace, uid + name, str(version), finalizers=list(finalizers)))


class FakeSource:
    """Lists `items`; watches what the test puts into `events` (an exception is raised, None ends the watch)."""

    name = "things"

    def __init__(self, items, version="1") -> None:
        self.items, self.version = list(items), version
        self.events: asyncio.Queue = asyncio.Queue()
        self.lists, self.watches = [], []
        self.list_errors: list[Exception] = []

    async def list(self, resource_version: str) -> ObjectList[PartialObject]:
        self.lists.append(resource_version)
        if self.list_errors:
            raise self.list_errors.pop(0)
        return ObjectList(list(self.items), self.version)

    async def reachable(self) -> bool:
        return False

    async def watch(self, resource_version: str) -> AsyncIterator[WatchEvent[PartialObject]]:
        self.watches.append(resource_version)
        while (event := await self.events.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event


class Scene:
    def __init__(self, source: FakeSource) -> None:
        self.clock, self.source, self.heard = FakeClock(), source, []
        self.informer: Informer[PartialObject] = Informer(source, clock=self.clock)
        self.informer.add_handler(
            lambda o: self.heard.append(("add", o.metadata.name)),
            lambda old, new: self.heard.append(("update", new.metadata.name, new.metadata.resource_version)),
            lambda o: self.heard.append(("delete", o.metadata.name)),
        )


@pytest.fixture
def play():
    def run(source_items, scenario, version="1"):
        async def main():
            scene = Scene(FakeSource(source_items, version))
            task = asyncio.ensure_future(scene.informer.run())
            try:
                await scenario(scene)
            finally:
                task.cancel()
                await asyncio.wait([task])

        asyncio.run(main())

    return run


def test_synced_means_listed_and_heard(play) -> None:
    async def scenario(s: Scene) -> None:
        await s.informer.synced()
        assert s.heard == [("add", "a"), ("add", "b")]
        assert s.informer.lister.get(ObjectKey("ns", "a")).metadata.uid == "ua"
        assert s.source.lists == ["0"]

    play([thing("a", 1), thing("b", 1)], scenario)


def test_changes_reach_lister_and_handlers_in_order(play) -> None:
    async def scenario(s: Scene) -> None:
        await s.informer.synced()
        for kind, version in (("MODIFIED", 2), ("MODIFIED", 3), ("DELETED", 4)):
            s.source.events.put_nowait(WatchEvent(kind, thing("a", version)))
        s.source.events.put_nowait(WatchEvent("ADDED", thing("c", 5)))
        await settle()
        assert s.heard[1:] == [("update", "a", "2"), ("update", "a", "3"), ("delete", "a"), ("add", "c")]
        assert s.informer.lister.keys() == [ObjectKey("ns", "c")]

    play([thing("a", 1)], scenario)


def test_a_broken_watch_goes_on_from_the_last_revision_bookmarks_included(play) -> None:
    async def scenario(s: Scene) -> None:
        await s.informer.synced()
        s.source.events.put_nowait(WatchEvent("BOOKMARK", thing("", 40)))
        s.source.events.put_nowait(ConnectionResetError())
        await s.clock.run_for(1)
        assert s.source.watches == ["1", "40"]
        assert s.source.lists == ["0"]

    play([thing("a", 1)], scenario)


def test_an_expired_watch_lists_anew_and_tells_the_difference(play) -> None:
    async def scenario(s: Scene) -> None:
        await s.informer.synced()
        s.source.items, s.source.version = [thing("b", 7), thing("c", 8)], "9"
        s.source.events.put_nowait(Expired("too old resource version: 1 (5)"))
        await settle()
        assert s.heard[2:] == [("delete", "a"), ("update", "b", "7"), ("add", "c")]
        assert s.source.lists == ["0", ""]
        assert s.source.watches[-1] == "9"

    play([thing("a", 1), thing("b", 1)], scenario)


def test_an_unchanged_object_is_not_heard_of_after_a_relist(play) -> None:
    async def scenario(s: Scene) -> None:
        await s.informer.synced()
        s.source.events.put_nowait(Expired(""))
        await settle()
        assert s.heard == [("add", "a")]

    play([thing("a", 1)], scenario)


def test_an_object_recreated_under_its_name_is_a_delete_and_an_add(play) -> None:
    async def scenario(s: Scene) -> None:
        await s.informer.synced()
        s.source.events.put_nowait(WatchEvent("MODIFIED", thing("a", 5, uid="new")))
        await settle()
        assert s.heard[1:] == [("delete", "a"), ("add", "a")]

    play([thing("a", 1)], scenario)


def test_failing_lists_are_tried_again_with_growing_pauses(play) -> None:
    async def scenario(s: Scene) -> None:
        s.source.list_errors = [OSError("refused")] * 4
        await s.clock.run_for(0.1)
        assert not s.informer.has_synced
        await s.clock.run_for(6)
        assert s.informer.has_synced
        assert len(s.source.lists) == 5

    play([thing("a", 1)], scenario)


def test_a_server_that_ends_watches_at_once_is_not_hammered(play) -> None:
    async def scenario(s: Scene) -> None:
        await s.informer.synced()
        for _ in range(100):
            s.source.events.put_nowait(None)
        await s.clock.run_for(10)
        assert len(s.source.watches) < 12

    play([thing("a", 1)], scenario)


def test_a_late_handler_hears_of_what_is_known(play) -> None:
    async def scenario(s: Scene) -> None:
        await s.informer.synced()
        late = []
        s.informer.add_handler(on_add=lambda o: late.append(o.metadata.name))
        assert late == ["a"]

    play([thing("a", 1)], scenario)


def test_a_failing_handler_does_not_blind_the_others(play, capsys) -> None:
    async def scenario(s: Scene) -> None:
        s.informer._handlers.insert(0, type(s.informer._handlers[0])(lambda o: 1 / 0, None, None))
        await s.informer.synced()
        assert s.heard == [("add", "a")]

    play([thing("a", 1)], scenario)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_indices_follow_changes(play) -> None:
    async def scenario(s: Scene) -> None:
        s.informer.add_indexer("finalizer", lambda o: o.metadata.finalizers)
        await s.informer.synced()
        names = lambda value: [o.metadata.name for o in s.informer.lister.by_index("finalizer", value)]  # noqa: E731
        assert (names("x"), names("y")) == (["a", "b"], [])
        s.source.events.put_nowait(WatchEvent("MODIFIED", thing("a", 2, finalizers=["y"])))
        s.source.events.put_nowait(WatchEvent("DELETED", thing("b", 3)))
        await settle()
        assert (names("x"), names("y")) == ([], ["a"])
        assert [o.metadata.name for o in s.informer.lister.in_namespace("ns")] == ["a"]
        assert s.informer.lister.in_namespace("other") == []

    play([thing("a", 1, finalizers=["x"]), thing("b", 1, finalizers=["x"])], scenario)
