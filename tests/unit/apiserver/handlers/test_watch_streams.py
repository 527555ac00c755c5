"""Watch streams: none hangs on a cache that is served no more, none leaves an inbox behind, and none holds too much."""

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import orjson
from tests.waiting import until

from kajitori.aiokit.http.message import Headers, Request, StreamResponse
from kajitori.api.scheme import builtin
from kajitori.apiserver.cache.audience import Watcher
from kajitori.apiserver.cache.entry import encode_for_storage
from kajitori.apiserver.cache.partition import Partition
from kajitori.apiserver.cache.selection import Selection
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.handlers.watch import Watching
from kajitori.apiserver.request import parse_request_info
from kajitori.apiserver.user import LOOPBACK_USER

CONFIG_MAPS = builtin().by_plural("", "v1", "configmaps")
assert CONFIG_MAPS is not None
PATH = "/api/v1/namespaces/default/configmaps?watch=true"


class OnePartition:
    """A cache of one resource, in the place of both cache and reads; `meanwhile` happens while a watch waits for it."""

    def __init__(self, revision: int = 1) -> None:
        self.revision = revision
        self.current = Partition(CONFIG_MAPS, revision)
        self.meanwhile: Callable[[], None] = lambda: None

    def partition(self, resource: object) -> Partition:
        return self.current

    async def fresh(self) -> None:
        self.meanwhile()

    async def reach(self, revision: int) -> None:
        self.meanwhile()

    def set(self, name: str) -> None:
        obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}}
        self.revision += 1
        self.current.apply(CONFIG_MAPS.key("default", name), encode_for_storage(obj), self.revision, None)

    def replace(self) -> None:
        """Serve the same in another form, as after a change of a schema."""
        old, self.current = self.current, Partition(CONFIG_MAPS, self.revision)
        old.end()


async def open_watch(cache: Any, version: str = "1", *headers: tuple[str, str]) -> Any:
    target = f"{PATH}&resourceVersion={version}"
    request = Request(method="GET", target=target, headers=Headers(list(headers)), body=None)
    watching = Watching(cache, cache, lambda: datetime.now(UTC), 1800, random.Random(1))
    return await watching.watch(Call(request, parse_request_info(request), CONFIG_MAPS, LOOPBACK_USER))


def names(chunk: bytes) -> list[str]:
    return [orjson.loads(line)["object"]["metadata"]["name"] for line in chunk.splitlines()]


def everything() -> Watcher:
    return Watcher(Selection(CONFIG_MAPS, CONFIG_MAPS.storage_prefix), None, lambda: None)


def test_a_cache_replaced_while_a_watch_waits_for_it_is_not_the_one_watched():
    async def scenario() -> None:
        cache = OnePartition()
        cache.meanwhile = cache.replace
        for version in ("1", "0", ""):
            answer = await open_watch(cache, version)
            async with asyncio.timeout(5), aclosing(answer.chunks) as chunks:
                reading = asyncio.ensure_future(anext(chunks))
                await until(lambda cache=cache: cache.current.watcher_count, "the watch is on")
                cache.set(f"for-{version}")
                assert names(await reading)[-1] == f"for-{version}"

    asyncio.run(scenario())


def test_a_watch_of_a_cache_that_has_ended_ends_after_what_that_had():
    async def scenario() -> None:
        cache = OnePartition()
        cache.set("a")
        answer = await open_watch(cache)
        cache.replace()  # after the answer, before anybody read of it
        async with asyncio.timeout(5):
            assert [names(chunk) async for chunk in answer.chunks] == [["a"]]

    asyncio.run(scenario())


def test_an_answer_that_is_never_sent_leaves_no_inbox_in_the_cache():
    async def scenario() -> None:
        cache = OnePartition()
        answer = await open_watch(cache)
        assert isinstance(answer, StreamResponse)
        await answer.chunks.aclose()  # as for HEAD, or when the peer has gone
        refused = await open_watch(cache, "1", ("upgrade", "websocket"))
        assert refused.status == 400
        assert cache.current.watcher_count == 0

    asyncio.run(scenario())


def test_changes_between_the_answer_and_its_first_read_are_told():
    async def scenario() -> None:
        cache = OnePartition()
        answer = await open_watch(cache)
        cache.set("between")
        async with asyncio.timeout(5), aclosing(answer.chunks) as chunks:
            assert names(await anext(chunks)) == ["between"]

    asyncio.run(scenario())


def test_a_reader_that_stopped_holds_no_more_than_the_bound(monkeypatch):
    monkeypatch.setattr("kajitori.apiserver.cache.audience.MAX_BEHIND", 3)
    cache, slow = OnePartition(), everything()
    cache.current.watch(slow, 1)
    for number in range(10):
        cache.set(f"n{number}")
    assert slow.cut_off
    assert names(b"".join(slow.frames)) == ["n0", "n1", "n2", "n3"]  # without a gap: it can go on from the last of them


def test_a_reader_that_stopped_holds_no_more_bytes_than_the_bound(monkeypatch):
    monkeypatch.setattr("kajitori.apiserver.cache.audience.MAX_BEHIND_BYTES", 500)
    cache, slow = OnePartition(), everything()
    cache.current.watch(slow, 1)
    for number in range(20):
        cache.set(f"n{number}")
    assert slow.cut_off
    assert 500 < len(b"".join(slow.frames)) < 1000


def test_a_large_state_comes_in_slices_and_what_happens_meanwhile_comes_after(monkeypatch):
    monkeypatch.setattr("kajitori.apiserver.handlers.watchstream.SLICE", 500)

    async def scenario() -> None:
        cache = OnePartition()
        for number in range(20):
            cache.set(f"n{number:02}")
        answer = await open_watch(cache, "0")
        async with asyncio.timeout(5), aclosing(answer.chunks) as chunks:
            first = await anext(chunks)
            assert len(first) < 1000
            cache.set("n00")
            told = names(first)
            while len(told) < 21:
                told += names(await anext(chunks))
            assert told == [*(f"n{number:02}" for number in range(20)), "n00"]

    asyncio.run(scenario())
