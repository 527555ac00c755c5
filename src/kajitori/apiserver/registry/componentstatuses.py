"""ComponentStatuses: how the control plane's parts are, asked anew by every get and list; nothing of it is stored.

The controller manager and the scheduler are looked for at their usual ports of this host, as upstream does: a server
whose neighbours listen elsewhere calls them unhealthy. The store answers for itself, as etcd-0 whatever it is.
May import: hooks, proxying.backend, storage.interface.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from kajitori.apiserver.hooks import ComputedObjects, RegistryHooks
from kajitori.apiserver.proxying.backend import Backend
from kajitori.machinery.errors import StatusError
from kajitori.storage.interface import Store, StoreError

Object = dict[str, Any]
Probe = Callable[[], Awaitable[Object]]
TIMEOUT_S = 20.0
BODY_LIMIT = 10 * 1024
NEIGHBOURS = {"controller-manager": 10257, "scheduler": 10259}


class ComponentStatusHooks(RegistryHooks):
    """`neighbours`: names and ports on this host."""

    def __init__(self, store: Store, neighbours: dict[str, int] | None = None) -> None:
        ports = NEIGHBOURS if neighbours is None else neighbours
        self._probes: dict[str, Probe] = {name: partial(ask_healthz, port) for name, port in ports.items()}
        self._probes["etcd-0"] = partial(ask_store, store)

    def computed(self) -> ComputedObjects:
        return self

    async def all(self) -> list[Object]:
        """Every part's, asked at once."""
        conditions = await asyncio.gather(*(probe() for probe in self._probes.values()))
        return [component_status(name, found) for name, found in zip(self._probes, conditions, strict=True)]

    async def one(self, name: str) -> Object:
        """One part's. Raises StatusError: upstream's words and no reason, but a 404 where upstream says 500."""
        probe = self._probes.get(name)
        if probe is None:
            raise StatusError(f"Component not found: {name}", code=404)
        return component_status(name, await probe())


def component_status(name: str, condition: Object) -> Object:
    """The wire object, with one condition, `Healthy`."""
    return {
        "kind": "ComponentStatus",
        "apiVersion": "v1",
        "metadata": {"name": name},
        "conditions": [{"type": "Healthy", **condition}],
    }


async def ask_store(store: Store) -> Object:
    """Whether the store answers a read."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await store.get("/registry/health")
    except TimeoutError:
        return {"status": "False", "error": "context deadline exceeded"}
    except StoreError as error:
        return {"status": "False", "error": str(error)}
    return {"status": "True", "message": "ok"}


async def ask_healthz(port: int) -> Object:
    """What a part of this host says of itself. Its certificate is its own, so it is not looked at."""
    url = f"https://127.0.0.1:{port}/healthz"
    try:
        async with asyncio.timeout(TIMEOUT_S):
            status, body = await _get(port)
    except TimeoutError:
        return _unwell(f'Get "{url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)')
    except OSError as error:
        return _unwell(f'Get "{url}": {error}')
    if 200 <= status < 400:
        return {"status": "True" if status < 300 else "Unknown", "message": body.decode("utf-8", "replace")}
    return _unwell(f"HTTP probe failed with statuscode: {status}")


def _unwell(message: str) -> Object:
    return {"status": "False", "message": message}


async def _get(port: int) -> tuple[int, bytes]:
    """Status and body of one plain question. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    backend = await Backend.connect("127.0.0.1", port, context)
    try:
        lines = ("GET /healthz HTTP/1.1", f"Host: 127.0.0.1:{port}", "User-Agent: kube-probe/1.34", "Accept: */*")
        await backend.send("\r\n".join((*lines, "Connection: close", "", "")).encode())
        head = await backend.read_head()
        body = bytearray()
        async for chunk in backend.body(head):
            body += chunk
            if len(body) >= BODY_LIMIT:
                break
        return head.status, bytes(body[:BODY_LIMIT])
    finally:
        backend.close()
