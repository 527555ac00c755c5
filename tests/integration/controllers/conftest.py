"""A real API server with our controllers, and a kubelet of straw that says what a test wants it to say."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from tests.waiting import until

from kajitori.api import schema
from kajitori.api.apps.v1 import Deployment, ReplicaSet
from kajitori.api.core.v1 import Event, Namespace, Node, Pod
from kajitori.client.objects import ObjectKey
from kajitori.client.rest import Client
from kajitori.controllers.controller import Options
from kajitori.controllers.manager import ControllerManager
from kajitori.machinery.errors import NotFound
from kajitori.testing.controlplane import ControlPlane

T = TypeVar("T")
NOW = "2026-01-02T03:04:05Z"


class Scene:
    """What a test acts on. Every wait is for a condition."""

    def __init__(self, client: Client, manager: ControllerManager, control_plane: ControlPlane) -> None:
        self.client, self.manager, self.control_plane = client, manager, control_plane

    async def until(self, check: Callable[[], Awaitable[T]], what: str = "") -> T:
        return await until(check, what or check.__qualname__)

    async def namespace(self, name: str) -> str:
        await self.client.create(schema.from_wire(Namespace, {"metadata": {"name": name}}))

        async def ready() -> bool:
            return "default" in [s.metadata.name for s in (await self.client.list(_service_account(), name)).items]

        await self.until(ready, "the default service account")
        return name

    async def deploy(self, namespace: str, name: str, replicas: int, image: str = "v1", **spec: Any) -> Deployment:
        labels = {"app": name}
        wire = {
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "c", "image": image}]},
                },
                **spec,
            },
        }
        return await self.client.create(schema.from_wire(Deployment, wire))

    async def set_image(self, namespace: str, name: str, image: str) -> None:
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}}
        await self.client.patch(Deployment, name, patch, namespace=namespace)

    async def pods(self, namespace: str) -> list[Pod]:
        return (await self.client.list(Pod, namespace)).items

    async def replicasets(self, namespace: str) -> list[ReplicaSet]:
        return (await self.client.list(ReplicaSet, namespace)).items

    async def events(self, namespace: str, reason: str) -> list[str]:
        found = (await self.client.list(Event, namespace, field_selector=f"reason={reason}")).items
        return [event.message or "" for event in found]

    async def say_ready(self, pod: Pod, ip: str = "10.244.0.9", ready: str = "True") -> None:
        status = {
            "phase": "Running",
            "podIP": ip,
            "podIPs": [{"ip": ip}],
            "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": NOW}],
        }
        try:
            await self.client.patch(
                Pod, pod.metadata.name or "", {"status": status}, namespace=pod.metadata.namespace, subresource="status"
            )
        except NotFound:
            return

    @asynccontextmanager
    async def straw_kubelet(self, namespace: str) -> AsyncIterator[None]:
        """Makes every Pod of a namespace ready as soon as it appears."""
        pods = self.manager.context.informers.of(Pod)
        work: set[asyncio.Task[None]] = set()

        def seen(pod: Pod) -> None:
            if pod.metadata.namespace == namespace and pod.status.phase != "Running":
                number = len(work) % 250 + 1
                work.add(asyncio.ensure_future(self.say_ready(pod, f"10.244.0.{number}")))

        handler = pods.add_handler(seen)
        try:
            yield
        finally:
            pods.remove_handler(handler)
            await asyncio.gather(*work)

    async def rolled_out(self, namespace: str, name: str) -> Deployment:
        async def done() -> Deployment | None:
            d = await self.client.get(Deployment, name, namespace)
            numbers = (d.status.updated_replicas, d.status.available_replicas, d.status.replicas)
            wanted = d.spec.replicas or None
            return d if d.status.observed_generation == d.metadata.generation and set(numbers) == {wanted} else None

        return await self.until(done, f"rollout of {name}")

    async def node(self, name: str, **conditions: str) -> Node:
        await self.client.create(schema.from_wire(Node, {"metadata": {"name": name}}))
        found = [
            {"type": type_, "status": status, "lastHeartbeatTime": NOW, "lastTransitionTime": NOW, "reason": "Straw"}
            for type_, status in (conditions or {"Ready": "True"}).items()
        ]
        patch = {"status": {"conditions": found}}
        return await self.client.patch(Node, name, patch, subresource="status")


def _service_account() -> Any:
    from kajitori.api.core.v1 import ServiceAccount

    return ServiceAccount


@asynccontextmanager
async def _scene(**options: Any) -> AsyncIterator[Scene]:
    own_accounts, api = options.pop("own_accounts", False), options.pop("api", {})
    facts = {"root_ca": "-----CA-----\n", **options}
    async with ControlPlane(**api) as control_plane, Client(control_plane.rest_config) as client:
        manager = ControllerManager(client, Options(**facts), own_accounts=own_accounts)
        running = asyncio.ensure_future(manager.run())
        synced = asyncio.ensure_future(manager.synced())
        try:
            await asyncio.wait([running, synced], return_when=asyncio.FIRST_COMPLETED, timeout=20)
            if running.done():
                running.result()
            yield Scene(client, manager, control_plane)
        finally:
            running.cancel()
            await asyncio.wait([running])


@pytest.fixture
def play():
    """Runs a scenario: `play(async_function, **options of the controllers)`."""

    def run(scenario: Callable[[Scene], Awaitable[None]], **options: Any) -> None:
        async def main() -> None:
            async with _scene(**options) as scene:
                await scenario(scene)

        asyncio.run(main())

    return run


@pytest.fixture
def key():
    return ObjectKey
