"""The proxy subresources: HTTP, and upgrades of it, to a Pod, a Service's endpoint or a node.

May import: hooks, deps, proxying.
"""

from __future__ import annotations

import random
import ssl
from urllib.parse import quote

from kajitori.aiokit.http.message import Answer
from kajitori.apiserver.admission_types import CONNECT
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import SubresourceRequest
from kajitori.apiserver.proxying.forward import Target, forward
from kajitori.apiserver.proxying.kubelet import Kubelets, insecure_context, kubelet_port, node_address
from kajitori.apiserver.proxying.places import check_address, node_port, pod_place, service_place, split_name
from kajitori.apiserver.registry.body import admitted
from kajitori.machinery.errors import NotFound


class Proxies:
    """The proxy subresource of each kind."""

    def __init__(self, deps: ServerDeps, kubelets: Kubelets) -> None:
        self._reader, self._config, self._kubelets = deps.reader, deps.config, kubelets
        self._rng = random.Random()
        self._insecure: ssl.SSLContext | None = None

    async def pod(self, request: SubresourceRequest) -> Answer:
        """To the Pod's address, by number of port; without one, the first that a container names."""
        await _admit(request, "PodProxyOptions")
        scheme, host, port = pod_place(self._reader, request.info.namespace, request.info.name)
        return await self._forward(request, scheme, host, port)

    async def service(self, request: SubresourceRequest) -> Answer:
        """To one of the ready endpoints, chosen at random."""
        await _admit(request, "ServiceProxyOptions")
        scheme, host, port = service_place(self._reader, request.info.namespace, request.info.name, self._rng)
        return await self._forward(request, scheme, host, port)

    async def node(self, request: SubresourceRequest) -> Answer:
        """To the kubelet on its own port, with the API server's certificate; to any other port as it is."""
        await _admit(request, "NodeProxyOptions")
        wanted = split_name(request.info.name, "node")
        node = self._reader.get("", "nodes", "", wanted.name)
        if node is None:
            raise NotFound.of("", "nodes", wanted.name)
        own_port = kubelet_port(node)
        port = node_port(wanted, own_port)
        path, query = proxied_path(request), request.http.raw_query
        if port == own_port:
            return await forward(request.http, self._kubelets.target_of(node, path, query), prefix=prefix(request))
        host = node_address(node, self._config.kubelet_preferred_address_types)
        return await self._forward(request, wanted.scheme or "http", host, port)

    async def _forward(self, request: SubresourceRequest, scheme: str, host: str, port: int) -> Answer:
        check_address(host)
        tls = self._any_certificate() if scheme == "https" else None
        target = Target(host=host, port=port, path=proxied_path(request), query=request.http.raw_query, tls=tls)
        return await forward(request.http, target, prefix=prefix(request))

    def _any_certificate(self) -> ssl.SSLContext:
        if self._insecure is None:
            self._insecure = insecure_context()
        return self._insecure


async def _admit(request: SubresourceRequest, kind: str) -> None:
    """Let admission see the connection. Raises what it is refused with."""
    await admitted(request, {"kind": kind, "apiVersion": "v1", "path": proxied_path(request)}, operation=CONNECT)


def prefix(request: SubresourceRequest) -> str:
    """The API path that stands for the backend's root: `/api/v1/namespaces/default/services/web/proxy`."""
    info = request.info
    base = f"/api/{info.version}"
    if info.namespace:
        base += f"/namespaces/{info.namespace}"
    return f"{base}/{info.resource}/{quote(info.name, safe=':')}/proxy"


def proxied_path(request: SubresourceRequest) -> str:
    """What follows `…/proxy` in the request, as the client escaped it; empty when not even "/" follows."""
    raw = request.http.raw_path
    segments = 8 if request.info.namespace else 6  # /api/v1/namespaces/NS/KIND/NAME/proxy ; /api/v1/KIND/NAME/proxy
    parts = raw.split("/", segments)
    return "/" + parts[segments] if len(parts) > segments else ""
