"""The client against the real API server: typed, dynamic, discovery, informers over a restart."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kajitori.api import schema
from kajitori.api.core.v1 import ConfigMap, Namespace
from kajitori.client.discovery import Discovery, NoKindMatch, NoMatch
from kajitori.client.dynamic import DynamicClient
from kajitori.client.events import EventRecorder
from kajitori.client.informers import Informers
from kajitori.client.kinds import ResourcePath
from kajitori.client.leader import LeaderElector
from kajitori.client.objects import ObjectKey
from kajitori.client.rest import Client
from kajitori.machinery.errors import AlreadyExists, Conflict, NotFound, Unauthorized
from kajitori.testing.controlplane import ControlPlane

pytestmark = pytest.mark.integration


@pytest.fixture
def play():
    def run(scenario: Callable[[ControlPlane, Client], Awaitable[None]]) -> None:
        async def main() -> None:
            async with ControlPlane() as control_plane, Client(control_plane.rest_config) as client:
                await scenario(control_plane, client)

        asyncio.run(main())

    return run


def _map(name: str, **data: str) -> ConfigMap:
    return schema.from_wire(ConfigMap, {"metadata": {"name": name, "namespace": "default"}, "data": data})


def test_an_object_lives_through_every_verb(play) -> None:
    async def scenario(_, client: Client) -> None:
        made = await client.create(_map("a", k="1"), field_manager="me")
        with pytest.raises(AlreadyExists, match='configmaps "a" already exists'):
            await client.create(_map("a"))
        stale = schema.clone(made)
        made.data["k"] = "2"
        updated = await client.update(made)
        stale.data["k"] = "3"
        with pytest.raises(Conflict, match="the object has been modified"):
            await client.update(stale)
        patched = await client.patch(ConfigMap, "a", {"data": {"j": "4"}}, namespace="default")
        assert patched.data == {"k": "2", "j": "4"}
        assert patched.metadata.uid == updated.metadata.uid
        found = await client.list(ConfigMap, "default", field_selector="metadata.name=a")
        assert [obj.data for obj in found] == [patched.data]
        with pytest.raises(Conflict):
            await client.delete(ConfigMap, "a", "default", uid="another")
        await client.delete(ConfigMap, "a", "default", uid=made.metadata.uid)
        with pytest.raises(NotFound, match='configmaps "a" not found'):
            await client.get(ConfigMap, "a", "default")

    play(scenario)


def test_dry_run_and_apply(play) -> None:
    async def scenario(_, client: Client) -> None:
        await client.create(_map("dry"), dry_run=True)
        with pytest.raises(NotFound):
            await client.get(ConfigMap, "dry", "default")
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s"}, "data": {"a": "1"}}
        kwargs = {"namespace": "default", "patch_type": "apply", "field_manager": "one"}
        assert (await client.patch(ConfigMap, "s", body, **kwargs)).data == {"a": "1"}
        body["data"] = {"a": "2"}
        with pytest.raises(Conflict):
            await client.patch(ConfigMap, "s", body, **{**kwargs, "field_manager": "two"})
        forced = await client.patch(ConfigMap, "s", body, **{**kwargs, "field_manager": "two"}, force=True)
        assert forced.data == {"a": "2"}

    play(scenario)


def test_lists_come_in_pages(play) -> None:
    async def scenario(_, client: Client) -> None:
        for number in range(7):
            await client.create(_map(f"page-{number}"))
        names, token = [], ""
        while True:
            page = await client.list(ConfigMap, "default", limit=3, continue_=token)
            names += [obj.metadata.name for obj in page]
            token = page.continue_
            if not token:
                break
            assert len(page) == 3
        assert [name for name in names if name.startswith("page-")] == [f"page-{n}" for n in range(7)]

    play(scenario)


def test_a_watch_tells_changes_in_order(play) -> None:
    async def scenario(_, client: Client) -> None:
        start = (await client.list(ConfigMap, "default")).resource_version
        await client.create(_map("w", k="1"))
        await client.patch(ConfigMap, "w", {"data": {"k": "2"}}, namespace="default")
        await client.delete(ConfigMap, "w", "default")
        seen = []
        async for event in client.watch(ConfigMap, "default", resource_version=start):
            if event.type != "BOOKMARK":
                seen.append((event.type, event.object.data.get("k")))
            if len(seen) == 3:
                break
        assert seen == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]

    play(scenario)


def test_a_wrong_token_is_unauthorized(play) -> None:
    async def scenario(control_plane: ControlPlane, _) -> None:
        from dataclasses import replace

        async with Client(replace(control_plane.rest_config, token="wrong")) as stranger:
            with pytest.raises(Unauthorized):
                await stranger.list(Namespace)

    play(scenario)


@pytest.mark.parametrize(
    "name,expected",
    [
        ("po", "pods"),
        ("pod", "pods"),
        ("Pod", "pods"),
        ("deploy", "deployments.apps"),
        ("deployments.apps", "deployments.apps"),
        ("deployments.v1.apps", "deployments.apps"),
        ("ingress.networking", "ingresses.networking.k8s.io"),
        ("ev", "events"),
    ],
)
def test_resources_go_by_many_names(discovered, name, expected) -> None:
    assert Discovery.find(discovered, name).group_resource == expected


@pytest.fixture(scope="module")
def discovered():
    async def main():
        async with ControlPlane() as control_plane, DynamicClient(control_plane.rest_config) as client:
            return await Discovery(client).load()

    return asyncio.run(main())


def test_categories_and_unknown_names(play) -> None:
    async def scenario(_, client: Client) -> None:
        discovery = Discovery(client)
        everything = {r.plural for r in await discovery.category("all")}
        assert {"pods", "services", "deployments", "replicasets", "jobs"} <= everything
        assert "configmaps" not in everything
        with pytest.raises(NoMatch, match='the server doesn\'t have a resource type "nonsense"'):
            await discovery.resource("nonsense")
        with pytest.raises(NoKindMatch, match='no matches for kind "X" in version "example'):
            await discovery.kind("example.com/v1", "X")

    play(scenario)


def test_discovery_is_remembered_on_disk(play, tmp_path: Path) -> None:
    async def scenario(_, client: Client) -> None:
        await Discovery(client, cache_dir=tmp_path).load()
        cached = Discovery(client, cache_dir=tmp_path)
        client.transport.request = None  # type: ignore[assignment]  # any further request would fail
        assert (await cached.resource("deploy")).kind == "Deployment"
        assert (await cached.resource("deploy")).subresource("scale").kind == "Scale"

    play(scenario)


def test_a_broken_cache_file_is_ignored(play, tmp_path: Path) -> None:
    async def scenario(_, client: Client) -> None:
        await Discovery(client, cache_dir=tmp_path).load()
        (file,) = tmp_path.rglob("kajitori.json")  # noqa: ASYNC240 - a test may block
        file.write_text("{broken")
        assert (await Discovery(client, cache_dir=tmp_path).resource("po")).kind == "Pod"

    play(scenario)


def test_the_dynamic_client_speaks_wire_dicts_and_tables(play) -> None:
    async def scenario(control_plane: ControlPlane, _) -> None:
        maps = ResourcePath("v1", "configmaps", namespaced=True)
        async with DynamicClient(control_plane.rest_config) as client:
            made = await client.create(maps, {"metadata": {"name": "d", "namespace": "default"}, "data": {"a": "b"}})
            assert made["kind"] == "ConfigMap"
            assert (await client.get(maps, "d", "default"))["data"] == {"a": "b"}
            accept = "application/json;as=Table;g=meta.k8s.io;v=v1"
            table = await client.list_raw(maps, "default", field_selector="metadata.name=d", accept=accept)
            assert (table["kind"], table["rows"][0]["cells"][:2]) == ("Table", ["d", 1])
            await client.delete(maps, "d", "default")

    play(scenario)


def test_a_leader_steps_down_for_the_next(play) -> None:
    async def scenario(_, client: Client) -> None:
        told: asyncio.Queue[str] = asyncio.Queue()

        def start(name: str) -> asyncio.Task[None]:
            async def lead() -> None:
                told.put_nowait(name)
                await asyncio.Event().wait()

            elector = LeaderElector(
                client, name="trial", identity=name, lease_duration_s=3, renew_deadline_s=2, retry_period_s=0.1
            )
            return asyncio.ensure_future(elector.run(lead))

        first, second = start("a"), None
        assert await told.get() == "a"
        second = start("b")
        first.cancel()
        async with asyncio.timeout(5):
            assert await told.get() == "b"
        second.cancel()
        await asyncio.wait([first, second])

    play(scenario)


def test_recorded_events_can_be_found_by_their_object(play) -> None:
    async def scenario(_, client: Client) -> None:
        from kajitori.api.core.v1 import Event

        made = await client.create(_map("about"))
        recorder = EventRecorder(client, "trial")
        for _ in range(3):
            recorder.event(made, "Warning", "Trouble", "it hurts")
        await recorder.flush()
        selector = f"involvedObject.uid={made.metadata.uid},reason=Trouble"
        (event,) = (await client.list(Event, "default", field_selector=selector)).items
        assert (event.count, event.source.component, event.message) == (3, "trial", "it hurts")

    play(scenario)


def test_informers_survive_a_restart_of_the_server(tmp_path: Path) -> None:
    async def main() -> None:
        first = ControlPlane(storage="sqlite", data_dir=tmp_path)
        await first.__aenter__()
        from dataclasses import replace

        config = replace(first.rest_config, token=first.admin_token)
        async with Client(config) as client, asyncio.TaskGroup() as group:
            informers = Informers(client)
            maps = informers.of(ConfigMap, namespace="default")
            running = group.create_task(informers.run())
            await informers.synced()
            await first.__aexit__(None, None, None)
            second = ControlPlane(storage="sqlite", data_dir=tmp_path, secure_port=first.port)
            async with second, Client(second.rest_config) as fresh:
                await fresh.create(_map("after"))
                seen = asyncio.Event()
                maps.add_handler(lambda obj: obj.metadata.name == "after" and seen.set())
                client.transport.credentials._config = second.rest_config  # the new server has a new admin token
                async with asyncio.timeout(10):
                    await seen.wait()
                assert ObjectKey("default", "after") in maps.lister
                running.cancel()

    asyncio.run(main())
