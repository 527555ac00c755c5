"""An operator in kopf: handlers, finalizers, status and events on a custom resource of its own."""

import asyncio
import logging

import kubernetes
import pytest
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]
GROUP, VERSION, PLURAL = "kopf.example.com", "v1", "greetings"

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"{PLURAL}.{GROUP}"},
    "spec": {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"kind": "Greeting", "plural": PLURAL, "singular": "greeting"},
        "versions": [
            {
                "name": VERSION,
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {"type": "object", "properties": {"whom": {"type": "string"}}},
                            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                        },
                    }
                },
            }
        ],
    },
}


def test_an_operator(control_plane, namespace, monkeypatch):
    import kopf

    monkeypatch.setenv("KUBECONFIG", str(control_plane.kubeconfig))
    with kubernetes.config.new_client_from_config(str(control_plane.kubeconfig)) as client:
        asyncio.run(_scenario(kopf, client, namespace))
    logging.getLogger("kopf").handlers.clear()


async def _scenario(kopf, client, namespace) -> None:
    custom = kubernetes.client.CustomObjectsApi(client)
    core = kubernetes.client.CoreV1Api(client)
    kubernetes.client.ApiextensionsV1Api(client).create_custom_resource_definition(CRD)
    registry = kopf.OperatorRegistry()
    seen: list[str] = []

    @kopf.on.login(registry=registry)
    def login(**arguments):
        return kopf.login_with_kubeconfig(**arguments)

    @kopf.on.create(GROUP, VERSION, PLURAL, id="created", registry=registry)
    async def created(spec, name, body, **_):
        seen.append(f"create {spec['whom']}")
        kopf.info(body, reason="Greeted", message="hello")
        return {"greeting": f"hello {spec['whom']}"}

    @kopf.on.update(GROUP, VERSION, PLURAL, registry=registry)
    async def updated(old, new, patch, **_):
        seen.append(f"update {old['spec']['whom']} {new['spec']['whom']}")
        patch.status["updated"] = True

    @kopf.on.delete(GROUP, VERSION, PLURAL, registry=registry)
    async def deleted(name, **_):
        seen.append(f"delete {name}")

    stop = asyncio.Event()
    ready = asyncio.Event()
    settings = kopf.OperatorSettings()
    settings.posting.enabled = True
    operator = asyncio.create_task(
        kopf.operator(
            registry=registry,
            settings=settings,
            namespaces=[namespace],
            standalone=True,
            stop_flag=stop,
            ready_flag=ready,
        )
    )
    where = (GROUP, VERSION, namespace, PLURAL)
    try:
        await asyncio.wait_for(ready.wait(), 10)

        async def reached(ask, what):
            return await until(lambda: asyncio.to_thread(ask), what)

        def gone() -> bool:
            return custom.list_namespaced_custom_object(*where)["items"] == []

        body = {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": "Greeting",
            "metadata": {"name": "x"},
            "spec": {"whom": "you"},
        }
        await reached(lambda: custom.list_namespaced_custom_object(*where) is not None, "the kind is served")
        custom.create_namespaced_custom_object(*where, body)
        live = await reached(
            lambda: (o := custom.get_namespaced_custom_object(*where, "x")).get("status", {}).get("created") and o,
            "the creation is handled",
        )
        assert live["status"]["created"] == {"greeting": "hello you"}
        assert live["metadata"]["finalizers"] == ["kopf.zalando.org/KopfFinalizerMarker"]
        custom.patch_namespaced_custom_object(*where, "x", {"spec": {"whom": "all"}})
        await reached(
            lambda: custom.get_namespaced_custom_object(*where, "x")["status"].get("updated"), "the update is handled"
        )
        custom.delete_namespaced_custom_object(*where, "x")
        await reached(gone, "the object is gone")
        assert seen == ["create you", "update you all", "delete x"]
        reasons = await reached(
            lambda: {e.reason for e in core.list_namespaced_event(namespace).items}, "an event is told"
        )
        assert "Greeted" in reasons
    finally:
        stop.set()
        await asyncio.wait_for(operator, 15)
