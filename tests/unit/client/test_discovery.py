import asyncio

import orjson

from kajitori.client.discovery import Discovery, host_folder
from kajitori.client.raw import RawClient

LEGACY = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {
        "kind": "APIGroupList",
        "groups": [
            {
                "name": "apps",
                "versions": [{"groupVersion": "apps/v1beta1"}, {"groupVersion": "apps/v1"}],
                "preferredVersion": {"groupVersion": "apps/v1"},
            },
            {"name": "broken", "versions": [{"groupVersion": "broken/v1"}]},
        ],
    },
    "/api/v1": {
        "resources": [
            {
                "name": "pods",
                "singularName": "pod",
                "kind": "Pod",
                "namespaced": True,
                "verbs": ["get"],
                "shortNames": ["po"],
            },
            {"name": "pods/log", "singularName": "", "kind": "Pod", "namespaced": True, "verbs": ["get"]},
        ]
    },
    "/apis/apps/v1": {
        "resources": [
            {
                "name": "deployments",
                "singularName": "deployment",
                "kind": "Deployment",
                "namespaced": True,
                "verbs": [],
            },
            {
                "name": "deployments/scale",
                "singularName": "",
                "kind": "Scale",
                "group": "autoscaling",
                "version": "v1",
                "namespaced": True,
                "verbs": ["get", "patch"],
            },
        ]
    },
    "/apis/apps/v1beta1": {
        "resources": [
            {"name": "deployments", "singularName": "deployment", "kind": "Deployment", "namespaced": True, "verbs": []}
        ]
    },
}


def test_a_server_without_aggregated_discovery_is_asked_version_by_version(scripted, plain_response) -> None:
    async def answer(request, writer):
        found = LEGACY.get(request.target)
        status = "200 OK" if found else "503 Service Unavailable"
        writer.write(plain_response(orjson.dumps(found) if found else b"down", status))

    async def scenario() -> None:
        async with scripted(answer) as server:
            discovery = Discovery(RawClient(server.config))
            found = await discovery.load()
            assert found.failed == ["broken/v1"]
            assert [r.api_version for r in found.resources] == ["v1", "apps/v1", "apps/v1beta1"]
            assert (await discovery.resource("po")).subresource("log").verbs == ("get",)
            scale = (await discovery.resource("deployments")).subresource("scale")
            assert (scale.kind, scale.group_version) == ("Scale", "autoscaling/v1")
            assert [r.version for r in found.preferred()] == ["v1", "v1"]
            assert (await discovery.resource("deployments.v1beta1.apps")).version == "v1beta1"

    asyncio.run(scenario())


def test_incomplete_discovery_is_not_cached(scripted, plain_response, tmp_path) -> None:
    async def answer(request, writer):
        found = LEGACY.get(request.target)
        writer.write(plain_response(orjson.dumps(found) if found else b"", "200 OK" if found else "503 Down"))

    async def scenario() -> None:
        async with scripted(answer) as server:
            await Discovery(RawClient(server.config), cache_dir=tmp_path).load()

    asyncio.run(scenario())
    assert not list(tmp_path.rglob("*.json"))


def test_the_cache_folder_is_named_as_kubectl_names_it() -> None:
    assert host_folder("https://127.0.0.1:8443") == "127.0.0.1_8443"
