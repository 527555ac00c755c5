# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.core.v1
import kajitori.api.meta.v1

class HTTPIngressPath(msgspec.Struct):
    backend: IngressBackend | None
    path: str | None
    path_type: str | None
    def __init__(
        self,
        *,
        backend: IngressBackend | None = ...,
        path: str | None = ...,
        path_type: str | None = ...,
    ) -> None: ...

class HTTPIngressRuleValue(msgspec.Struct):
    paths: list[HTTPIngressPath]
    def __init__(
        self,
        *,
        paths: list[HTTPIngressPath] = ...,
    ) -> None: ...

class IPAddress(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: IPAddressSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: IPAddressSpec = ...,
    ) -> None: ...

class IPAddressList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[IPAddress]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[IPAddress] = ...,
    ) -> None: ...

class IPAddressSpec(msgspec.Struct):
    parent_ref: ParentReference | None
    def __init__(
        self,
        *,
        parent_ref: ParentReference | None = ...,
    ) -> None: ...

class IPBlock(msgspec.Struct):
    cidr: str | None
    except_: list[str]
    def __init__(
        self,
        *,
        cidr: str | None = ...,
        except_: list[str] = ...,
    ) -> None: ...

class Ingress(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: IngressSpec
    status: IngressStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: IngressSpec = ...,
        status: IngressStatus = ...,
    ) -> None: ...

class IngressBackend(msgspec.Struct):
    resource: kajitori.api.core.v1.TypedLocalObjectReference | None
    service: IngressServiceBackend | None
    def __init__(
        self,
        *,
        resource: kajitori.api.core.v1.TypedLocalObjectReference | None = ...,
        service: IngressServiceBackend | None = ...,
    ) -> None: ...

class IngressClass(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: IngressClassSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: IngressClassSpec = ...,
    ) -> None: ...

class IngressClassList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[IngressClass]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[IngressClass] = ...,
    ) -> None: ...

class IngressClassParametersReference(msgspec.Struct):
    kind: str | None
    api_group: str | None
    name: str | None
    namespace: str | None
    scope: str | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        api_group: str | None = ...,
        name: str | None = ...,
        namespace: str | None = ...,
        scope: str | None = ...,
    ) -> None: ...

class IngressClassSpec(msgspec.Struct):
    controller: str | None
    parameters: IngressClassParametersReference | None
    def __init__(
        self,
        *,
        controller: str | None = ...,
        parameters: IngressClassParametersReference | None = ...,
    ) -> None: ...

class IngressList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Ingress]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Ingress] = ...,
    ) -> None: ...

class IngressLoadBalancerIngress(msgspec.Struct):
    hostname: str | None
    ip: str | None
    ports: list[IngressPortStatus]
    def __init__(
        self,
        *,
        hostname: str | None = ...,
        ip: str | None = ...,
        ports: list[IngressPortStatus] = ...,
    ) -> None: ...

class IngressLoadBalancerStatus(msgspec.Struct):
    ingress: list[IngressLoadBalancerIngress]
    def __init__(
        self,
        *,
        ingress: list[IngressLoadBalancerIngress] = ...,
    ) -> None: ...

class IngressPortStatus(msgspec.Struct):
    error: str | None
    port: int | None
    protocol: str | None
    def __init__(
        self,
        *,
        error: str | None = ...,
        port: int | None = ...,
        protocol: str | None = ...,
    ) -> None: ...

class IngressRule(msgspec.Struct):
    host: str | None
    http: HTTPIngressRuleValue | None
    def __init__(
        self,
        *,
        host: str | None = ...,
        http: HTTPIngressRuleValue | None = ...,
    ) -> None: ...

class IngressServiceBackend(msgspec.Struct):
    name: str | None
    port: ServiceBackendPort | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        port: ServiceBackendPort | None = ...,
    ) -> None: ...

class IngressSpec(msgspec.Struct):
    default_backend: IngressBackend | None
    ingress_class_name: str | None
    rules: list[IngressRule]
    tls: list[IngressTLS]
    def __init__(
        self,
        *,
        default_backend: IngressBackend | None = ...,
        ingress_class_name: str | None = ...,
        rules: list[IngressRule] = ...,
        tls: list[IngressTLS] = ...,
    ) -> None: ...

class IngressStatus(msgspec.Struct):
    load_balancer: IngressLoadBalancerStatus | None
    def __init__(
        self,
        *,
        load_balancer: IngressLoadBalancerStatus | None = ...,
    ) -> None: ...

class IngressTLS(msgspec.Struct):
    hosts: list[str]
    secret_name: str | None
    def __init__(
        self,
        *,
        hosts: list[str] = ...,
        secret_name: str | None = ...,
    ) -> None: ...

class NetworkPolicy(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: NetworkPolicySpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: NetworkPolicySpec = ...,
    ) -> None: ...

class NetworkPolicyEgressRule(msgspec.Struct):
    ports: list[NetworkPolicyPort]
    to: list[NetworkPolicyPeer]
    def __init__(
        self,
        *,
        ports: list[NetworkPolicyPort] = ...,
        to: list[NetworkPolicyPeer] = ...,
    ) -> None: ...

class NetworkPolicyIngressRule(msgspec.Struct):
    from_: list[NetworkPolicyPeer]
    ports: list[NetworkPolicyPort]
    def __init__(
        self,
        *,
        from_: list[NetworkPolicyPeer] = ...,
        ports: list[NetworkPolicyPort] = ...,
    ) -> None: ...

class NetworkPolicyList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[NetworkPolicy]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[NetworkPolicy] = ...,
    ) -> None: ...

class NetworkPolicyPeer(msgspec.Struct):
    ip_block: IPBlock | None
    namespace_selector: kajitori.api.meta.v1.LabelSelector | None
    pod_selector: kajitori.api.meta.v1.LabelSelector | None
    def __init__(
        self,
        *,
        ip_block: IPBlock | None = ...,
        namespace_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        pod_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
    ) -> None: ...

class NetworkPolicyPort(msgspec.Struct):
    end_port: int | None
    port: int | str | None
    protocol: str | None
    def __init__(
        self,
        *,
        end_port: int | None = ...,
        port: int | str | None = ...,
        protocol: str | None = ...,
    ) -> None: ...

class NetworkPolicySpec(msgspec.Struct):
    egress: list[NetworkPolicyEgressRule]
    ingress: list[NetworkPolicyIngressRule]
    pod_selector: kajitori.api.meta.v1.LabelSelector | None
    policy_types: list[str]
    def __init__(
        self,
        *,
        egress: list[NetworkPolicyEgressRule] = ...,
        ingress: list[NetworkPolicyIngressRule] = ...,
        pod_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        policy_types: list[str] = ...,
    ) -> None: ...

class ParentReference(msgspec.Struct):
    group: str | None
    name: str | None
    namespace: str | None
    resource: str | None
    def __init__(
        self,
        *,
        group: str | None = ...,
        name: str | None = ...,
        namespace: str | None = ...,
        resource: str | None = ...,
    ) -> None: ...

class ServiceBackendPort(msgspec.Struct):
    name: str | None
    number: int | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        number: int | None = ...,
    ) -> None: ...

class ServiceCIDR(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ServiceCIDRSpec
    status: ServiceCIDRStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ServiceCIDRSpec = ...,
        status: ServiceCIDRStatus = ...,
    ) -> None: ...

class ServiceCIDRList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ServiceCIDR]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ServiceCIDR] = ...,
    ) -> None: ...

class ServiceCIDRSpec(msgspec.Struct):
    cidrs: list[str]
    def __init__(
        self,
        *,
        cidrs: list[str] = ...,
    ) -> None: ...

class ServiceCIDRStatus(msgspec.Struct):
    conditions: list[kajitori.api.meta.v1.Condition]
    def __init__(
        self,
        *,
        conditions: list[kajitori.api.meta.v1.Condition] = ...,
    ) -> None: ...
