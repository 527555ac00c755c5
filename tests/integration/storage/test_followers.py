"""Any client that lists and watches, in any of the ways there are, ends with the server's state."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.integration.apiserver.serverprocess import as_item, config_map, get, send
from tests.waiting import until

from kajitori.client.raw import RawClient
from kajitori.machinery.errors import StatusError
from kajitori.testing import ControlPlane
from kajitori.testing.etcd import Etcd, available

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]
_numbers = itertools.count()
PATIENCE_S = 10.0
FOR_EVER = 1_000_000  # events
WITHOUT_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # a failure costs `PATIENCE_S`: the first one is told


@pytest.fixture(scope="module", params=["sqlite", "etcd3"])
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ControlPlane]]:
    """One server on SQLite, or two on one etcd."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield [stack.enter_context(ControlPlane(storage="sqlite", data_dir=tmp_path_factory.mktemp("one")))]
            return
        if not available():
            pytest.skip("no etcd")
        etcd = stack.enter_context(Etcd(tmp_path_factory.mktemp("etcd")))
        options = {"storage": "etcd3", "etcd_servers": (etcd.url,)}
        yield [
            stack.enter_context(ControlPlane(**options, advertise_address="192.0.2.1")),
            stack.enter_context(ControlPlane(**options, advertise_address="192.0.2.2")),
        ]


class Follower:
    """Starts in one of the `WAYS`, follows events, breaks off after so many of them and goes on from where it was.

    It must not break off within the initial state: that comes in order of names, so the highest version seen so far
    says nothing of the objects still to come. Who gets no bookmark at its end (a watch from version 0) cannot tell, so
    that follower stays with its first stream.
    """

    WAYS = ("list", "pages", "any version", "watch from any version", "initial events")

    def __init__(self, client: RawClient, path: str, way: str, selector: str, break_after: int) -> None:
        self.client, self.path, self.way, self.selector = client, path, way, selector
        self.break_after = break_after
        self.objects: dict[str, Any] = {}
        self.version = ""

    def query(self, **more: str) -> list[tuple[str, str]]:
        return [*({"labelSelector": self.selector} if self.selector else {}).items(), *more.items()]

    async def run(self) -> None:
        await self.begin()
        while True:
            await self.follow([("resourceVersion", self.version)], self.break_after)

    async def begin(self) -> None:
        if self.way in ("list", "any version"):
            await self.list_(resourceVersion="0" if self.way == "any version" else "")
        elif self.way == "pages":
            token = await self.list_(limit="2")
            while token:
                token = await self.list_(**{"limit": "2", "continue": token})
        elif self.way == "watch from any version":
            await self.follow([("resourceVersion", "0")], FOR_EVER)
        else:
            query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
            await self.follow(list(query.items()), FOR_EVER, until_initial=True)

    async def list_(self, **options: str) -> str:
        answer = await self.client.raw("GET", self.path, query=self.query(**options))
        found = orjson.loads(answer.body)
        self.objects.update({item["metadata"]["name"]: item for item in found["items"]})
        self.version = found["metadata"]["resourceVersion"]
        return found["metadata"].get("continue", "")

    async def follow(self, query: list[tuple[str, str]], events: int, until_initial: bool = False) -> None:
        query = [*self.query(watch="true"), *query]
        rest = b""
        async with self.client.raw_stream("GET", self.path, query=query) as stream:
            async for chunk in stream:
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    ended = self.take(orjson.loads(line))
                    events -= 1
                    if (until_initial and ended) or (events <= 0 and self.version):
                        return

    def take(self, event: dict[str, Any]) -> bool:
        meta = event["object"]["metadata"]
        assert event["type"] != "ERROR", event
        if event["type"] == "BOOKMARK":
            self.version = meta["resourceVersion"]
            return "k8s.io/initial-events-end" in meta.get("annotations", {})
        name = meta["name"]
        if event["type"] == "DELETED":
            assert name in self.objects
            del self.objects[name]
        else:
            assert (event["type"] == "MODIFIED") <= (name in self.objects)
            self.objects[name] = as_item(event["object"])
        self.version = str(max(int(meta["resourceVersion"]), int(self.version or 0)))
        return False


steps = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["delete", "", "x", "y"]), st.integers(0, 1)), max_size=25
)
follower = st.tuples(
    st.sampled_from(Follower.WAYS), st.sampled_from(["", "l=x", "l!=x", "l in (x,y)", "!l"]), st.integers(1, 6)
)


FROM_ANY_VERSION = [("watch from any version", selector, 1) for selector in ("", "l=x", "!l")]


@settings(
    max_examples=25,
    deadline=None,
    phases=WITHOUT_SHRINKING,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
@example(before=[("b", "x", 0), ("a", "x", 0)], after=[("b", "y", 0)], kinds=FROM_ANY_VERSION)  # b is older, and last
@given(before=steps, after=steps, kinds=st.lists(follower, min_size=3, max_size=6))
def test_every_follower_ends_with_the_servers_state(servers, before, after, kinds):
    async def scenario() -> None:
        clients = [RawClient(server.rest_config) for server in servers]
        namespace = f"follow-{next(_numbers)}"
        path = f"/api/v1/namespaces/{namespace}/configmaps"
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        try:
            await send(clients[0], "POST", "/api/v1/namespaces", body)
            await play(clients, path, before)
            followers = [Follower(clients[n % len(clients)], path, *kind) for n, kind in enumerate(kinds)]
            async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(follower.run()) for follower in followers]
                await play(clients, path, after)
                for one in followers:
                    what = f"a follower of {one.selector or 'all'} has the server's state"
                    await until(partial(agrees, one, clients[0], path), what, PATIENCE_S)
                for task in running:
                    task.cancel()
        finally:
            for client in clients:
                await client.close()

    asyncio.run(scenario())


async def agrees(follower: Follower, client: RawClient, path: str) -> bool:
    return follower.objects == await state(client, path, follower.selector)


async def state(client: RawClient, path: str, selector: str) -> dict[str, Any]:
    query = [("labelSelector", selector)] if selector else []
    found = orjson.loads((await client.raw("GET", path, query=query)).body)
    return {item["metadata"]["name"]: item for item in found["items"]}


async def play(clients: list[RawClient], path: str, history: list[tuple[str, str, int]]) -> None:
    for name, action, which in history:
        client = clients[which % len(clients)]
        try:
            if action == "delete":
                await send(client, "DELETE", f"{path}/{name}")
            else:
                body = config_map(name)
                body["metadata"]["labels"] = {"l": action} if action else {}
                try:
                    await get(client, f"{path}/{name}")
                    await send(client, "PUT", f"{path}/{name}", {**body, "data": {"n": str(next(_numbers))}})
                except StatusError:
                    await send(client, "POST", path, body)
        except StatusError as error:
            assert error.code == 404
