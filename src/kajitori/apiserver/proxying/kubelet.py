"""Where a node's kubelet is and how to talk to it: address, port, TLS with the API server's client certificate.

Without --kubelet-certificate-authority the kubelet's certificate is not verified, as upstream.
May import: deps, proxying.forward.
"""

from __future__ import annotations

import ssl
from typing import Any

from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.proxying.forward import Target
from kajitori.machinery.errors import InternalError, NotFound

Object = dict[str, Any]
DEFAULT_PORT = 10250


class Kubelets:
    """All kubelets share one TLS context, made when the first is called."""

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps
        self._tls: ssl.SSLContext | None = None

    def target(self, node_name: str, path: str, query: str = "") -> Target:
        """A URL of this node's kubelet. Raises NotFound, InternalError (no usable address)."""
        node = self._deps.reader.get("", "nodes", "", node_name)
        if node is None:
            raise NotFound.of("", "nodes", node_name)
        return self.target_of(node, path, query)

    def target_of(self, node: Object, path: str, query: str = "") -> Target:
        """A path of the node's kubelet. Raises InternalError when the node has no address of the preferred types."""
        host = node_address(node, self._deps.config.kubelet_preferred_address_types)
        return Target(host=host, port=kubelet_port(node), path=path, query=query, tls=self.tls())

    def tls(self) -> ssl.SSLContext:
        """Made once: reading certificates for each request would cost more than the request."""
        if self._tls is None:
            self._tls = kubelet_context(self._deps.config)
        return self._tls


def kubelet_context(config: ServerConfig) -> ssl.SSLContext:
    """With the API server's client certificate, if it has one."""
    if config.kubelet_certificate_authority:
        context = ssl.create_default_context(cafile=config.kubelet_certificate_authority)
    else:
        context = insecure_context()
    if config.kubelet_client_certificate:
        context.load_cert_chain(config.kubelet_client_certificate, config.kubelet_client_key or None)
    return context


def insecure_context() -> ssl.SSLContext:
    """TLS that accepts any certificate: for backends whose certificates nobody vouches for, as upstream's proxies."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def node_address(node: Object, preferred: tuple[str, ...]) -> str:
    """The first address of the first preferred type."""
    addresses = (node.get("status") or {}).get("addresses") or ()
    for kind in preferred:
        for address in addresses:
            if address.get("type") == kind and address.get("address"):
                return str(address["address"])
    raise InternalError(
        f"no preferred addresses found; known addresses: {[a.get('address') for a in addresses]}".replace("'", "")
    )


def kubelet_port(node: Object) -> int:
    """As the node's status says, else 10250."""
    endpoints = (node.get("status") or {}).get("daemonEndpoints") or {}
    return int((endpoints.get("kubeletEndpoint") or {}).get("Port") or DEFAULT_PORT)
