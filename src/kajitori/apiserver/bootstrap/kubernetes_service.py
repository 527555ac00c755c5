"""The Service `default/kubernetes`, and its Endpoints and EndpointSlice: how Pods reach the API server.

The Service takes the first address of the service range. `KubernetesEndpoints.run` puts things right again whenever
somebody changed them; it looks when the revision of what it wrote has moved, at most every ten seconds.
Known gap: one server writes its own address only; several servers on one etcd need upstream's master leases (issue 3).
May import: deps.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import AlreadyExists, StatusError

Object = dict[str, Any]
NAMESPACE, NAME = "default", "kubernetes"
_CHECK_EVERY_S = 10.0
log = get_logger(__name__)


def service(cluster_ip: str, port: int) -> Object:
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


def endpoints(address: str, port: int) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
        },
        "subsets": [
            {"addresses": [{"ip": address}], "ports": [{"name": "https", "port": port, "protocol": "TCP"}]},
        ],
    }


def endpoint_slice(address: str, port: int) -> Object:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": {"kubernetes.io/service-name": NAME}},
        "addressType": "IPv6" if ":" in address else "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
    }


async def ensure_kubernetes_service(deps: ServerDeps) -> None:
    """Create or correct the three objects."""
    config = deps.config
    port = config.secure_port
    if deps.reader.get("", "services", NAMESPACE, NAME) is None:
        network = ipaddress.ip_network(config.service_cluster_ip_range.split(",")[0].strip(), strict=False)
        first = str(network.network_address + 1)
        try:
            await deps.writer.create("", "services", service(first, port))
        except AlreadyExists:
            pass
    address = config.advertise_address or advertised_address(config.bind_address)
    await _ensure(deps, "", "endpoints", endpoints(address, port), ("subsets",))
    await _ensure(deps, "discovery.k8s.io", "endpointslices", endpoint_slice(address, port), ("endpoints", "ports"))


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
    """The bind address, or for a wildcard the address of the default route's interface (no packet is sent)."""
    if bind_address not in ("0.0.0.0", "::", ""):
        return bind_address
    family = socket.AF_INET6 if bind_address == "::" else socket.AF_INET
    probe = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.connect((probe, 9))
            return str(s.getsockname()[0])
    except OSError:
        return "::1" if family == socket.AF_INET6 else "127.0.0.1"


class KubernetesEndpoints:
    """Keeps the three objects right for as long as the server runs."""

    name = "kubernetes-endpoints"

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps

    async def run(self) -> None:
        seen: tuple[int, ...] = ()
        while True:
            now = self._revisions()
            if now != seen:
                seen = await self._reconcile(now)
            await self._deps.clock.sleep(_CHECK_EVERY_S)

    def _revisions(self) -> tuple[int, ...]:
        reader = self._deps.reader
        return (
            reader.revision("", "services"),
            reader.revision("", "endpoints"),
            reader.revision("discovery.k8s.io", "endpointslices"),
        )

    async def _reconcile(self, now: tuple[int, ...]) -> tuple[int, ...]:
        """The revisions that are dealt with; none when it has to be tried again."""
        try:
            await ensure_kubernetes_service(self._deps)
        except StatusError as e:
            log.warning("cannot write the kubernetes Service", error=e.message)
            return ()
        return now


def services(deps: ServerDeps) -> list[KubernetesEndpoints]:
    """What the server runs for as long as it lives."""
    return [KubernetesEndpoints(deps)]
