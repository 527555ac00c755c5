"""The few fields of Service, EndpointSlice and Node that the proxy reads, as small structs.

A proxy runs on every node and keeps every Service and EndpointSlice of the cluster in memory; decoding only what it
reads (everything else is skipped in C) and never loading the OpenAPI schema keeps it small. Attribute names are those
of ``kajitori.api``'s structs, so the pure functions accept either. May import: api.views.
"""

from typing import ClassVar

import msgspec

from kajitori.api.views import EndpointPort, NodeAddress, View
from kajitori.api.views import Meta as ObjectMeta


class Meta(ObjectMeta):
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    deletion_timestamp: str | None = None


class ServicePort(View):
    name: str | None = None
    protocol: str | None = None
    port: int = 0
    node_port: int | None = None


class ClientIPConfig(View):
    timeout_seconds: int | None = None


class SessionAffinityConfig(View):
    client_ip: ClientIPConfig | None = msgspec.field(default=None, name="clientIP")


class ServiceSpec(View):
    type: str | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")
    cluster_ips: list[str] = msgspec.field(default_factory=list, name="clusterIPs")
    external_ips: list[str] = msgspec.field(default_factory=list, name="externalIPs")
    ports: list[ServicePort] = []
    session_affinity: str | None = None
    session_affinity_config: SessionAffinityConfig | None = None
    internal_traffic_policy: str | None = None
    external_traffic_policy: str | None = None
    health_check_node_port: int | None = None
    load_balancer_source_ranges: list[str] = []


class Ingress(View):
    ip: str | None = None
    ip_mode: str | None = None


class LoadBalancer(View):
    ingress: list[Ingress] = []


class ServiceStatus(View):
    load_balancer: LoadBalancer | None = None


class Service(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Service"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: ServiceSpec = msgspec.field(default_factory=ServiceSpec)
    status: ServiceStatus = msgspec.field(default_factory=ServiceStatus)


class EndpointConditions(View):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class ForName(View):
    name: str = ""


class Hints(View):
    for_zones: list[ForName] = []
    for_nodes: list[ForName] = []


class SliceEndpoint(View):
    addresses: list[str] = []
    conditions: EndpointConditions | None = None
    node_name: str | None = None
    hints: Hints | None = None


class EndpointSlice(View):
    API_VERSION: ClassVar[str] = "discovery.k8s.io/v1"
    KIND: ClassVar[str] = "EndpointSlice"
    metadata: Meta = msgspec.field(default_factory=Meta)
    address_type: str = "IPv4"
    endpoints: list[SliceEndpoint] | None = None  # upstream writes null for none
    ports: list[EndpointPort] | None = None


class NodeSpec(View):
    pod_cidr: str | None = msgspec.field(default=None, name="podCIDR")
    pod_cidrs: list[str] = msgspec.field(default_factory=list, name="podCIDRs")


class NodeStatus(View):
    addresses: list[NodeAddress] = []


class Node(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Node"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)
