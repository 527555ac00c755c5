"""What the node should do for each Service port: API objects in, plain values out, no I/O.

``build`` joins Services with their EndpointSlices for one address family and chooses the endpoints that may receive
traffic; both backends render its result. Order is deterministic, so equal input gives equal rules.
May import: nothing but the views' attribute names (duck-typed structs).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Family = Literal["IPv4", "IPv6"]

LABEL_SERVICE_NAME = "kubernetes.io/service-name"
LABEL_PROXY_NAME = "service.kubernetes.io/service-proxy-name"
LABEL_ZONE = "topology.kubernetes.io/zone"
DEFAULT_AFFINITY_S = 10800


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """One address that answers for a service port."""

    ip: str
    port: int
    is_local: bool = False

    @property
    def address(self) -> str:
        """``ip:port``, IPv6 in brackets."""
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort:
    """One port of one Service with everything that the rules need to know."""

    namespace: str
    name: str
    port_name: str
    protocol: str  # "tcp", "udp", "sctp"
    cluster_ip: str
    port: int
    node_port: int = 0
    external_ips: tuple[str, ...] = ()
    load_balancer_ips: tuple[str, ...] = ()
    source_ranges: tuple[str, ...] = ()
    affinity_s: int = 0  # 0: no session affinity
    is_internal_local: bool = False
    is_external_local: bool = False
    health_check_node_port: int = 0
    cluster_endpoints: tuple[Endpoint, ...] = ()
    local_endpoints: tuple[Endpoint, ...] = ()

    @property
    def label(self) -> str:
        """``namespace/name:port``, as it appears in rule comments and is hashed into chain names."""
        return f"{self.namespace}/{self.name}" + (f":{self.port_name}" if self.port_name else "")

    @property
    def is_external(self) -> bool:
        """Whether anything but the cluster IP leads here."""
        return bool(self.node_port or self.external_ips or self.load_balancer_ips)

    @property
    def internal_endpoints(self) -> tuple[Endpoint, ...]:
        """Those that traffic to the cluster IP may reach."""
        return self.local_endpoints if self.is_internal_local else self.cluster_endpoints

    @property
    def external_endpoints(self) -> tuple[Endpoint, ...]:
        """Those that traffic from outside may reach."""
        return self.local_endpoints if self.is_external_local else self.cluster_endpoints

    @property
    def has_endpoints(self) -> bool:
        """Whether any endpoint, near or far, exists."""
        return bool(self.cluster_endpoints or self.local_endpoints)


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """What matters about the node that the rules are for."""

    name: str
    zone: str = ""


@dataclass(slots=True)
class _Candidate:
    endpoint: Endpoint
    is_ready: bool
    is_draining: bool  # serving although terminating
    zones: frozenset[str]
    nodes: frozenset[str]


def build(services: Iterable[Any], slices: Iterable[Any], node: NodeInfo, family: Family = "IPv4") -> list[ServicePort]:
    """Every port of every proxied Service, with chosen endpoints, sorted by namespace, name and port name."""
    by_service: dict[tuple[str, str], list[Any]] = {}
    for piece in slices:
        owner = piece.metadata.labels.get(LABEL_SERVICE_NAME)
        if owner and piece.address_type == family:
            by_service.setdefault((piece.metadata.namespace, owner), []).append(piece)
    ports = [
        _port(service, port, by_service.get((service.metadata.namespace, service.metadata.name), ()), node, family)
        for service in services
        if _cluster_ip(service, family)
        for port in service.spec.ports
    ]
    return sorted(ports, key=lambda p: (p.namespace, p.name, p.port_name, p.protocol, p.port))


def is_family(ip: str, family: Family) -> bool:
    """Whether an address (or CIDR) belongs to the family."""
    return (":" in ip) == (family == "IPv6")


def _cluster_ip(service: Any, family: Family) -> str:
    """The virtual address to serve, empty for Services that are none of the proxy's business."""
    spec = service.spec
    if spec.type == "ExternalName" or LABEL_PROXY_NAME in service.metadata.labels:
        return ""
    if spec.cluster_ip in (None, "", "None"):
        return ""
    for ip in spec.cluster_ips or [spec.cluster_ip]:
        if is_family(ip, family):
            return str(ip)
    return ""


def _port(service: Any, port: Any, slices: Sequence[Any], node: NodeInfo, family: Family) -> ServicePort:
    spec = service.spec
    balancer = service.status.load_balancer
    ingress = balancer.ingress if balancer else []
    is_external_local = spec.external_traffic_policy == "Local" and spec.type in ("NodePort", "LoadBalancer")
    is_internal_local = spec.internal_traffic_policy == "Local"
    candidates = _candidates(slices, port.name or "", node)
    return ServicePort(
        namespace=service.metadata.namespace,
        name=service.metadata.name,
        port_name=port.name or "",
        protocol=(port.protocol or "TCP").lower(),
        cluster_ip=_cluster_ip(service, family),
        port=port.port,
        node_port=port.node_port or 0,
        external_ips=tuple(ip for ip in spec.external_ips if is_family(ip, family)),
        load_balancer_ips=tuple(i.ip for i in ingress if i.ip and i.ip_mode != "Proxy" and is_family(i.ip, family)),
        source_ranges=tuple(r.strip() for r in spec.load_balancer_source_ranges if is_family(r, family)),
        affinity_s=_affinity_s(spec),
        is_internal_local=is_internal_local,
        is_external_local=is_external_local,
        health_check_node_port=(spec.health_check_node_port or 0) if is_external_local else 0,
        cluster_endpoints=_usable(_near(candidates, node)),
        local_endpoints=_usable([c for c in candidates if c.endpoint.is_local])
        if is_internal_local or is_external_local
        else (),
    )


def _affinity_s(spec: Any) -> int:
    if spec.session_affinity != "ClientIP":
        return 0
    config = spec.session_affinity_config
    client_ip = config.client_ip if config else None
    return (client_ip.timeout_seconds if client_ip else None) or DEFAULT_AFFINITY_S


def _candidates(slices: Sequence[Any], port_name: str, node: NodeInfo) -> list[_Candidate]:
    found: dict[tuple[str, int], _Candidate] = {}
    for piece in slices:
        for port in piece.ports or ():
            if (port.name or "") != port_name or port.port is None:
                continue
            for endpoint in piece.endpoints or ():
                if endpoint.addresses:
                    candidate = _candidate(endpoint, port.port, node)
                    # An endpoint may sit in two slices while it moves between them: a ready copy wins.
                    key = (candidate.endpoint.ip, port.port)
                    if key not in found or candidate.is_ready:
                        found[key] = candidate
    return [found[key] for key in sorted(found)]


def _candidate(endpoint: Any, port: int, node: NodeInfo) -> _Candidate:
    conditions, hints = endpoint.conditions, endpoint.hints
    is_ready = conditions is None or conditions.ready is None or conditions.ready
    is_serving = is_ready if conditions is None or conditions.serving is None else conditions.serving
    is_terminating = bool(conditions is not None and conditions.terminating)
    return _Candidate(
        endpoint=Endpoint(endpoint.addresses[0], port, bool(endpoint.node_name) and endpoint.node_name == node.name),
        is_ready=is_ready,
        is_draining=is_serving and is_terminating,
        zones=frozenset(z.name for z in hints.for_zones) if hints else frozenset(),
        nodes=frozenset(n.name for n in hints.for_nodes) if hints else frozenset(),
    )


def _near(candidates: list[_Candidate], node: NodeInfo) -> list[_Candidate]:
    """Keep to hinted endpoints (same node, else same zone) when every ready endpoint carries such a hint."""
    ready = [c for c in candidates if c.is_ready]
    for mine, names in ((node.name, "nodes"), (node.zone, "zones")):
        if mine and ready and all(getattr(c, names) for c in ready):
            chosen = [c for c in ready if mine in getattr(c, names)]
            if chosen:
                return chosen
    return candidates


def _usable(candidates: list[_Candidate]) -> tuple[Endpoint, ...]:
    """The ready ones; if there are none, those that still serve while they terminate."""
    ready = tuple(c.endpoint for c in candidates if c.is_ready)
    return ready or tuple(c.endpoint for c in candidates if c.is_draining)


def local_endpoint_counts(ports: Iterable[ServicePort]) -> Mapping[int, tuple[str, str, int]]:
    """healthCheckNodePort → (namespace, service, local endpoints) of Services with externalTrafficPolicy Local."""
    counts: dict[int, tuple[str, str, set[str]]] = {}
    for port in ports:
        if port.health_check_node_port:
            entry = counts.setdefault(port.health_check_node_port, (port.namespace, port.name, set()))
            entry[2].update(e.ip for e in port.local_endpoints)
    return {number: (ns, name, len(ips)) for number, (ns, name, ips) in counts.items()}
