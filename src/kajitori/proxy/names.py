"""Names of chains: stable hashes of what they serve, the same that upstream computes, so a node may switch to us.

May import: the standard library.
"""

import base64
import hashlib

from kajitori.proxy.services import Endpoint, ServicePort


def _hash(*parts: str) -> str:
    digest = hashlib.sha256("".join(parts).encode()).digest()
    return base64.b32encode(digest).decode()


def chain_hash(port: ServicePort) -> str:
    """The 16 characters shared by the KUBE-SVC-, -SVL-, -EXT- and -FW- chains of one service port."""
    return _hash(port.label, port.protocol)[:16]


def endpoint_chain(port: ServicePort, endpoint: Endpoint) -> str:
    """KUBE-SEP-…: the chain that sends to one endpoint."""
    return "KUBE-SEP-" + _hash(port.label, port.protocol, endpoint.address)[:16]


def nft_service_name(port: ServicePort) -> str:
    """``HASH-namespace/name/protocol/port``: readable and unique at any length."""
    full = f"{port.namespace}/{port.name}/{port.protocol}/{port.port_name}"
    return f"{_hash(full)[:8]}-{full}"[:120]


def nft_endpoint_name(port: ServicePort, endpoint: Endpoint) -> str:
    """``HASH-namespace/name/protocol/port__address/port``."""
    ip = endpoint.ip.replace(":", ".")
    full = f"{port.namespace}/{port.name}/{port.protocol}/{port.port_name}__{ip}/{endpoint.port}"
    return f"{_hash(full)[:8]}-{full}"[:120]
