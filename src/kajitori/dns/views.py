"""The few fields of Service, EndpointSlice, Namespace and Pod that DNS reads, as small structs.

DNS keeps all of them in memory; decoding only what it reads keeps it small and spares it the OpenAPI schema.
May import: api.views.
"""

from typing import ClassVar

import msgspec

from kajitori.api.views import EndpointPort, View
from kajitori.api.views import Meta as ObjectMeta


class Meta(ObjectMeta):
    labels: dict[str, str] = {}


class ServicePort(View):
    name: str | None = None
    protocol: str | None = None
    port: int = 0


class ServiceSpec(View):
    type: str | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")
    cluster_ips: list[str] = msgspec.field(default_factory=list, name="clusterIPs")
    external_name: str | None = None
    ports: list[ServicePort] = []


class Service(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Service"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: ServiceSpec = msgspec.field(default_factory=ServiceSpec)


class EndpointConditions(View):
    ready: bool | None = None


class SliceEndpoint(View):
    addresses: list[str] = []
    hostname: str | None = None
    conditions: EndpointConditions | None = None


class EndpointSlice(View):
    API_VERSION: ClassVar[str] = "discovery.k8s.io/v1"
    KIND: ClassVar[str] = "EndpointSlice"
    metadata: Meta = msgspec.field(default_factory=Meta)
    address_type: str = "IPv4"
    endpoints: list[SliceEndpoint] | None = None  # upstream writes null for none
    ports: list[EndpointPort] | None = None


class Namespace(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Namespace"
    metadata: Meta = msgspec.field(default_factory=Meta)


class PodStatus(View):
    pod_ip: str | None = msgspec.field(default=None, name="podIP")


class Pod(View):
    """Watched only where the Corefile says ``pods verified``."""

    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Pod"
    metadata: Meta = msgspec.field(default_factory=Meta)
    status: PodStatus = msgspec.field(default_factory=PodStatus)
