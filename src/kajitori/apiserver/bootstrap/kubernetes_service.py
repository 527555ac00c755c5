"""The Service `default/kubernetes`, and its Endpoints and EndpointSlice: how Pods reach the API server.

The Service takes the first address of the service range. `KubernetesEndpoints.run` puts things right again whenever
somebody changed them; it looks when the revision of what it wrote has moved, at most every ten seconds. Servers that
share a store keep leases in it (masterleases.py), and each writes the addresses of all that live; they are expected to
serve on one port, as upstream's: the EndpointSlice names the lowest.
May import: deps, bootstrap.masterleases.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Sequence
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.bootstrap.masterleases import Address, MasterLeases
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import AlreadyExists, StatusError
from kajitori.storage.interface import StoreError

Object = dict[str, Any]
NAMESPACE, NAME = "default", "kubernetes"
_CHECK_EVERY_S = 10.0
_RESIGN_S = 2.0
log = get_logger(__name__)


def service(cluster_ip: str, port: int) -> Object:
    """`port` is the server's own; clients use 443."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "clusterIP": cluster_ip,
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": port}],
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
    }


def service_cidr(cidrs: list[str]) -> Object:
    """The ServiceCIDR that stands for --service-cluster-ip-range."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "ServiceCIDR",
        "metadata": {"name": NAME},
        "spec": {"cidrs": cidrs},
    }


def endpoints(servers: Sequence[Address]) -> Object:
    """One subset for each port."""
    by_port: dict[int, list[Object]] = {}
    for address, port in servers:
        by_port.setdefault(port, []).append({"ip": address})
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
        },
        "subsets": [
            {"addresses": by_port[port], "ports": [{"name": "https", "port": port, "protocol": "TCP"}]}
            for port in sorted(by_port)
        ],
    }


def endpoint_slice(servers: Sequence[Address]) -> Object:
    """One slice for all; `servers` must not be empty."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": {"kubernetes.io/service-name": NAME}},
        "addressType": "IPv6" if ":" in servers[0][0] else "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address, _ in servers],
        "ports": [{"name": "https", "port": min(port for _, port in servers), "protocol": "TCP"}],
    }


def advertised(config: ServerConfig) -> Address:
    """Where others reach this server."""
    return config.advertise_address or advertised_address(config.bind_address), config.secure_port


async def ensure_kubernetes_service(deps: ServerDeps, servers: Sequence[Address] = ()) -> None:
    """Create or correct the three objects. `servers` are all that serve, this one alone when left out."""
    config = deps.config
    port = config.secure_port
    if deps.reader.get("", "services", NAMESPACE, NAME) is None:
        network = ipaddress.ip_network(config.service_cluster_ip_range.split(",")[0].strip(), strict=False)
        first = str(network.network_address + 1)
        try:
            await deps.writer.create("", "services", service(first, port))
        except AlreadyExists:
            pass
    if deps.shared_store is not None and not servers:
        return  # who else serves is not known yet: `KubernetesEndpoints` writes it
    servers = [server for server in servers or [advertised(config)] if not _is_loopback(server[0])]
    if not servers:
        return  # a machine without a network: Endpoints cannot name loopback, where each would find another server
    await _ensure(deps, "", "endpoints", endpoints(servers), ("subsets",))
    await _ensure(deps, "discovery.k8s.io", "endpointslices", endpoint_slice(servers), ("endpoints", "ports"))


async def _ensure(deps: ServerDeps, group: str, plural: str, wanted: Object, fields: tuple[str, ...]) -> None:
    existing = deps.reader.get(group, plural, NAMESPACE, NAME)
    if existing is None:
        try:
            await deps.writer.create(group, plural, wanted)
        except AlreadyExists:
            pass
    elif any(not covers(existing.get(field), wanted[field]) for field in fields):
        await deps.writer.update(group, plural, {**existing, **{field: wanted[field] for field in fields}})


def covers(have: Any, want: Any) -> bool:
    """Whether `have` says all that `want` says: defaults may have been added."""
    if isinstance(want, dict):
        return isinstance(have, dict) and all(covers(have.get(key), value) for key, value in want.items())
    if isinstance(want, list):
        return (
            isinstance(have, list)
            and len(have) == len(want)
            and all(covers(h, w) for h, w in zip(have, want, strict=True))
        )
    return bool(have == want)


def advertised_address(bind_address: str) -> str:
    """The bind address; for a wildcard and for loopback that of the default route's interface (no packet is sent)."""
    if bind_address not in ("0.0.0.0", "::", "") and not _is_loopback(bind_address):
        return bind_address
    family = socket.AF_INET6 if ":" in bind_address else socket.AF_INET
    probe = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.connect((probe, 9))
            return str(s.getsockname()[0])
    except OSError:
        return "::1" if family == socket.AF_INET6 else "127.0.0.1"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class KubernetesEndpoints:
    """Keeps the three objects right for as long as the server runs."""

    name = "kubernetes-endpoints"

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps
        self._leases: MasterLeases | None = None
        if deps.shared_store is not None:
            self._leases = MasterLeases(deps.shared_store, advertised(deps.config), time.monotonic)

    async def run(self) -> None:
        """Until cancelled; then gives up this server's lease, so that its address goes at once."""
        seen: tuple[object, ...] = ()
        try:
            while True:
                servers = await self._servers()
                now = (*self._revisions(), *servers)
                if now != seen:
                    seen = await self._reconcile(now, servers)
                await self._deps.clock.sleep(_CHECK_EVERY_S)
        finally:
            await self._resign()

    async def _servers(self) -> list[Address]:
        """The servers that live; none when there is nobody but this one, or nobody can tell."""
        if self._leases is None:
            return []
        try:
            await self._leases.renew()
            return await self._leases.living()
        except StoreError as e:
            log.warning("cannot renew the master lease", error=str(e))
            return []

    async def _resign(self) -> None:
        if self._leases is None:
            return
        try:
            await asyncio.wait_for(self._leases.resign(), _RESIGN_S)
        except (StoreError, TimeoutError) as e:
            log.warning("the master lease is left to run out", error=str(e))

    def _revisions(self) -> tuple[int, ...]:
        reader = self._deps.reader
        return (
            reader.revision("", "services"),
            reader.revision("", "endpoints"),
            reader.revision("discovery.k8s.io", "endpointslices"),
        )

    async def _reconcile(self, now: tuple[object, ...], servers: list[Address]) -> tuple[object, ...]:
        """The state that is dealt with; nothing when it has to be tried again."""
        try:
            await ensure_kubernetes_service(self._deps, servers)
        except StatusError as e:
            log.warning("cannot write the kubernetes Service", error=e.message)
            return ()
        return now
