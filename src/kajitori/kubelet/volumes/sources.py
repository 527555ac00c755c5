"""Where a kubelet's objects come from: the API server, by request or, for what running Pods use, by watch.

`follow` keeps one small informer per object that a mounted volume refers to, as upstream's kubelet does, so that the
Node authorizer need not allow more than those. Anything else is asked for when it is needed.
May import: client, api, machinery, aiokit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.services import Background
from kajitori.client.objects import ObjectKey
from kajitori.machinery.errors import NotFound, ServiceUnavailable

if TYPE_CHECKING:
    from kajitori.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Service
    from kajitori.client.informer import Informer
    from kajitori.client.rest import Client

Reference = tuple[str, str, str]  # kind ("ConfigMap", "Secret"), namespace, name
Changed = Callable[[Reference], None]


class ApiSource:
    """Implements `interfaces.ObjectSource`. `run()` serves until cancelled; `client` is None on a node by itself."""

    def __init__(self, client: Client | None) -> None:
        self._client = client
        self._services: Informer[Service] | None = None
        self._followed: dict[Reference, tuple[Informer[Any], asyncio.Task[None]]] = {}
        self._listeners: dict[Reference, set[Changed]] = {}
        self._tasks = Background("object sources")
        if client is not None:
            from kajitori.api.core.v1 import Service
            from kajitori.client.informer import Informer
            from kajitori.client.sources import typed_source

            self._services = Informer(typed_source(client, Service))

    async def run(self) -> None:
        try:
            if self._services is not None:
                await self._services.run()
            await asyncio.Event().wait()
        finally:
            await self._tasks.stop()

    async def config_map(self, namespace: str, name: str) -> Any:
        return await self.get("ConfigMap", namespace, name)

    async def secret(self, namespace: str, name: str) -> Any:
        return await self.get("Secret", namespace, name)

    def services(self) -> list[Service]:
        return list(self._services.lister.list()) if self._services is not None else []

    def services_synced(self) -> bool:
        return self._services is None or self._services.has_synced

    async def get(self, kind: str, namespace: str, name: str) -> Any:
        """A ConfigMap or Secret: the followed copy if there is one, else asked for."""
        entry = self._followed.get((kind, namespace, name))
        if entry is not None and entry[0].has_synced:
            known = entry[0].lister.get(ObjectKey(namespace, name))
            if known is not None:
                return known
        try:
            return await self._api().get(_type(kind), name, namespace)
        except NotFound as err:
            raise NotFound(f'{kind.lower()} "{name}" not found', details=err.details) from err

    async def claim(self, namespace: str, name: str) -> PersistentVolumeClaim:
        from kajitori.api.core.v1 import PersistentVolumeClaim

        return await self._api().get(PersistentVolumeClaim, name, namespace)

    async def volume(self, name: str) -> PersistentVolume:
        from kajitori.api.core.v1 import PersistentVolume

        return await self._api().get(PersistentVolume, name)

    async def runtime_handler(self, name: str) -> str:
        """What a RuntimeClass means to the runtime; raises NotFound."""
        from kajitori.api.node.v1 import RuntimeClass

        return (await self._api().get(RuntimeClass, name)).handler or ""

    async def token(self, namespace: str, account: str, spec: dict[str, Any]) -> dict[str, Any]:
        """The status of a TokenRequest: token and expirationTimestamp."""
        from kajitori.api.core.v1 import ServiceAccount

        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        answer = await self._api().create_subresource(ServiceAccount, account, namespace, "token", body)
        status: dict[str, Any] = answer["status"]
        return status

    def follow(self, reference: Reference, changed: Changed) -> None:
        """Watch an object and tell of every change, its first sight included. Each listener counts once."""
        listeners = self._listeners.setdefault(reference, set())
        if changed in listeners or self._client is None:
            return
        listeners.add(changed)
        if (entry := self._followed.get(reference)) is not None:
            if entry[0].lister.get(ObjectKey(*reference[1:])) is not None:
                changed(reference)
            return
        from kajitori.client.informer import Informer
        from kajitori.client.sources import typed_source

        kind, namespace, name = reference
        source = typed_source(self._client, _type(kind), namespace=namespace, field_selector=f"metadata.name={name}")
        informer: Informer[Any] = Informer(source)

        def tell(*_: object) -> None:
            for listener in tuple(self._listeners.get(reference, ())):
                listener(reference)

        informer.add_handler(on_add=tell, on_update=tell, on_delete=tell)
        running = self._tasks.start(informer.run(), name=f"follow {kind} {namespace}/{name}")
        self._followed[reference] = informer, running

    def unfollow(self, reference: Reference, changed: Changed) -> None:
        """This listener has heard enough; with the last one the watch ends."""
        listeners = self._listeners.get(reference, set())
        listeners.discard(changed)
        if listeners:
            return
        self._listeners.pop(reference, None)
        if entry := self._followed.pop(reference, None):
            entry[1].cancel()

    def _api(self) -> Client:
        if self._client is None:
            raise ServiceUnavailable("this kubelet has no API server")
        return self._client


def _type(kind: str) -> Any:
    from kajitori.api.core import v1

    return getattr(v1, kind)
