import asyncio

import orjson
import pytest

from kajitori.api import schema
from kajitori.api.core.v1 import Service
from kajitori.client.rest import Client
from kajitori.controllers.controller import Options
from kajitori.controllers.manager import ControllerManager
from kajitori.testing.controlplane import ControlPlane

pytestmark = pytest.mark.integration


async def _versions(client: Client) -> dict[str, str]:
    found = {}
    for path in (
        "/api/v1/pods",
        "/api/v1/services",
        "/api/v1/endpoints",
        "/api/v1/nodes",
        "/api/v1/serviceaccounts",
        "/api/v1/configmaps",
        "/api/v1/namespaces",
        "/apis/apps/v1/deployments",
        "/apis/apps/v1/replicasets",
        "/apis/discovery.k8s.io/v1/endpointslices",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    ):
        for item in orjson.loads((await client.raw("GET", path)).body)["items"]:
            meta = item["metadata"]
            found[f"{path} {meta.get('namespace', '')}/{meta['name']}"] = meta["resourceVersion"]
    return found


def test_a_restarted_manager_finds_nothing_to_change(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("same")
        await s.node("n1")
        ports = [{"name": "http", "port": 80, "targetPort": 8080}]
        spec = {"selector": {"app": "web"}, "ports": ports}
        await s.client.create(schema.from_wire(Service, {"metadata": {"name": "web", "namespace": ns}, "spec": spec}))
        headless = {"selector": {"app": "web"}, "clusterIP": "None"}
        wire = {"metadata": {"name": "peers", "namespace": ns}, "spec": headless}
        await s.client.create(schema.from_wire(Service, wire))
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 2)
            await s.rolled_out(ns, "web")

        async def calm():
            before = await _versions(s.client)
            await asyncio.sleep(0.4)
            return before == await _versions(s.client) and before

        before = await s.until(calm)
        second = ControllerManager(s.client, s.manager.context.options)
        running = asyncio.ensure_future(second.run())
        await second.synced()

        async def done():
            return not any(len(c.queue) for c in second.controllers)

        await s.until(done)
        await asyncio.sleep(0.3)
        running.cancel()
        await asyncio.wait([running])
        after = await _versions(s.client)
        assert {k: v for k, v in after.items() if before.get(k) != v} == {}

    play(scenario, allocate_node_cidrs=True, cluster_cidr="10.244.0.0/16")


def test_a_manager_that_comes_before_its_server_waits_for_it(tmp_path) -> None:
    async def main() -> None:
        first = ControlPlane(storage="sqlite", data_dir=tmp_path)
        async with first:
            port, config = first.port, first.rest_config
        async with Client(config) as client:
            manager = ControllerManager(client, Options())
            running = asyncio.ensure_future(manager.run())
            await asyncio.sleep(0)
            async with ControlPlane(storage="sqlite", data_dir=tmp_path, secure_port=port) as again:
                client.transport.credentials._config = again.rest_config  # its admin token is new
                async with asyncio.timeout(10):
                    await manager.synced()
                running.cancel()
                await asyncio.wait([running])

    asyncio.run(main())
