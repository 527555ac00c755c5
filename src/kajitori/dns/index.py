"""What the cluster is made of, arranged for questions: Services by name, their endpoints, everything by address.

Informer handlers call the ``*_changed`` functions; each is a plain function and so atomic. Objects are shared with
the informers, never copied. May import: dns.views (names only).
"""

from collections.abc import Iterator
from typing import NamedTuple

from kajitori.dns.views import EndpointSlice, Namespace, Pod, Service

LABEL_SERVICE_NAME = "kubernetes.io/service-name"
Key = tuple[str, str]  # namespace, name


class Target(NamedTuple):
    """One ready endpoint of a Service."""

    name: str  # its hostname, or its address with dashes
    ip: str
    ports: tuple[tuple[str, str, int], ...]  # (port name, protocol, number)


class ClusterIndex:
    """Services, endpoints, namespaces and (if watched) Pods."""

    def __init__(self) -> None:
        self.is_complete = True  # false while the first lists are still on their way
        self.namespaces: set[str] = set()
        self.services: dict[Key, Service] = {}
        self.serial = 0  # counts changes; goes into the SOA
        self._slices: dict[Key, dict[str, EndpointSlice]] = {}
        self._services_by_ip: dict[str, dict[Key, None]] = {}
        self._slices_by_ip: dict[str, dict[Key, None]] = {}  # address → Services that have it as endpoint
        self._pods_by_ip: dict[str, dict[Key, None]] = {}

    # -- writing

    def namespace_changed(self, old: Namespace | None, new: Namespace | None) -> None:
        if old is not None and new is None:
            self.namespaces.discard(old.metadata.name)
        if new is not None:
            self.namespaces.add(new.metadata.name)
        self.serial += 1

    def service_changed(self, old: Service | None, new: Service | None) -> None:
        if old is not None:
            key = (old.metadata.namespace, old.metadata.name)
            self.services.pop(key, None)
            _unlink(self._services_by_ip, cluster_ips(old), key)
        if new is not None:
            key = (new.metadata.namespace, new.metadata.name)
            self.services[key] = new
            _link(self._services_by_ip, cluster_ips(new), key)
        self.serial += 1

    def slice_changed(self, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        """Slices belong to the Service that their label kubernetes.io/service-name names; others are left out."""
        if old is not None and (owner := _owner(old)):
            pieces = self._slices.get(owner, {})
            pieces.pop(old.metadata.name, None)
            if not pieces:
                self._slices.pop(owner, None)
            kept = {ip for piece in pieces.values() for ip in _ips(piece)}
            _unlink(self._slices_by_ip, [ip for ip in _ips(old) if ip not in kept], owner)
        if new is not None and (owner := _owner(new)):
            self._slices.setdefault(owner, {})[new.metadata.name] = new
            _link(self._slices_by_ip, _ips(new), owner)
        self.serial += 1

    def pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        """Which Pods have which address, for names like 10-1-2-3.NAMESPACE.pod; the SOA's serial stays."""
        for pod, change in ((old, _unlink), (new, _link)):
            if pod is not None and pod.status.pod_ip:
                change(self._pods_by_ip, [pod.status.pod_ip], (pod.metadata.namespace, pod.metadata.name))

    # -- reading

    def targets(self, key: Key) -> list[Target]:
        """The ready endpoints of a Service, sorted, each address once."""
        found: dict[tuple[str, str], Target] = {}
        for piece in self._slices.get(key, {}).values():
            ports = tuple((p.name or "", (p.protocol or "TCP").lower(), p.port) for p in piece.ports or () if p.port)
            for endpoint in piece.endpoints or ():
                if endpoint.conditions is not None and endpoint.conditions.ready is False:
                    continue
                for ip in endpoint.addresses:
                    name = (endpoint.hostname or ip.replace(".", "-").replace(":", "-")).lower()
                    before = found.get((name, ip))
                    merged = tuple(dict.fromkeys((*before.ports, *ports))) if before else ports
                    found[(name, ip)] = Target(name, ip, merged)
        return [found[k] for k in sorted(found)]

    def services_at(self, ip: str) -> list[Key]:
        """Services whose virtual address this is."""
        return sorted(self._services_by_ip.get(ip, ()))

    def endpoints_at(self, ip: str) -> Iterator[tuple[Key, Target]]:
        """Services that have this address as an endpoint, and under which name."""
        for key in sorted(self._slices_by_ip.get(ip, ())):
            for target in self.targets(key):
                if target.ip == ip:
                    yield key, target

    def has_pod(self, namespace: str, ip: str) -> bool:
        return any(key[0] == namespace for key in self._pods_by_ip.get(ip, ()))


def cluster_ips(service: Service) -> list[str]:
    """The virtual addresses of a Service: none if it is headless or an alias."""
    spec = service.spec
    if spec.type == "ExternalName" or spec.cluster_ip in (None, "", "None"):
        return []
    return spec.cluster_ips or [spec.cluster_ip or ""]


def _owner(piece: EndpointSlice) -> Key | None:
    name = piece.metadata.labels.get(LABEL_SERVICE_NAME)
    return (piece.metadata.namespace, name) if name and piece.address_type != "FQDN" else None


def _ips(piece: EndpointSlice) -> list[str]:
    return [ip for endpoint in piece.endpoints or () for ip in endpoint.addresses]


def _link(index: dict[str, dict[Key, None]], ips: list[str], key: Key) -> None:
    for ip in ips:
        index.setdefault(ip, {})[key] = None


def _unlink(index: dict[str, dict[Key, None]], ips: list[str], key: Key) -> None:
    for ip in ips:
        entry = index.get(ip)
        if entry is not None:
            entry.pop(key, None)
            if not entry:
                del index[ip]
