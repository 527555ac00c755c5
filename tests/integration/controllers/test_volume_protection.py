"""Claims and volumes that are deleted stay while they are used, and no longer."""

from typing import Any

import pytest
from tests.integration.controllers.conftest import Scene

from kajitori.api import schema
from kajitori.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Pod
from kajitori.machinery.errors import NotFound

pytestmark = pytest.mark.integration


def claim(namespace: str, name: str = "c") -> PersistentVolumeClaim:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "none"}
    return schema.from_wire(PersistentVolumeClaim, {"metadata": {"name": name, "namespace": namespace}, "spec": spec})


def pod(namespace: str, name: str, node: str = "") -> Pod:
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]
    spec = {"containers": [{"name": "c", "image": "i"}], "volumes": volumes, "nodeName": node}
    return schema.from_wire(Pod, {"metadata": {"name": name, "namespace": namespace}, "spec": spec})


async def is_gone(scene: Scene, kind: Any, name: str, namespace: str | None = None) -> bool:
    try:
        await scene.client.get(kind, name, namespace)
    except NotFound:
        return True
    return False


def test_a_claim_goes_when_the_last_pod_with_a_node_has_gone(play):
    async def scenario(scene: Scene) -> None:
        namespace, client = await scene.namespace("claims"), scene.client
        await client.create(claim(namespace))
        await client.create(pod(namespace, "waiting"))
        await client.create(pod(namespace, "runs", "node"))
        await client.delete(PersistentVolumeClaim, "c", namespace)
        assert (await client.get(PersistentVolumeClaim, "c", namespace)).metadata.deletion_timestamp
        await client.create(claim(namespace, "other"))
        await client.delete(PersistentVolumeClaim, "other", namespace)
        await scene.until(lambda: is_gone(scene, PersistentVolumeClaim, "other", namespace), "unused, it goes at once")
        assert not await is_gone(scene, PersistentVolumeClaim, "c", namespace)
        await client.delete(Pod, "runs", namespace, grace_period_s=0)
        await scene.until(lambda: is_gone(scene, PersistentVolumeClaim, "c", namespace), "it goes with its last user")

    play(scenario)


def test_a_volume_goes_when_it_is_not_bound(play):
    async def scenario(scene: Scene) -> None:
        client = scene.client
        for name, phase in (("free", "Available"), ("taken", "Bound")):
            spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/tmp/x"}}
            await client.create(schema.from_wire(PersistentVolume, {"metadata": {"name": name}, "spec": spec}))
            await client.patch(PersistentVolume, name, {"status": {"phase": phase}}, subresource="status")
            await client.delete(PersistentVolume, name)
        await scene.until(lambda: is_gone(scene, PersistentVolume, "free"), "nobody uses it")
        assert not await is_gone(scene, PersistentVolume, "taken")
        await client.patch(PersistentVolume, "taken", {"status": {"phase": "Released"}}, subresource="status")
        await scene.until(lambda: is_gone(scene, PersistentVolume, "taken"), "its claim has let go")

    play(scenario)
