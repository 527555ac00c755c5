# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import Any, ClassVar

import msgspec

import builtins
import kajitori.api.core.v1
import kajitori.api.meta.v1

class AllocatedDeviceStatus(msgspec.Struct):
    conditions: list[kajitori.api.meta.v1.Condition]
    data: Any
    device: str | None
    driver: str | None
    network_data: NetworkDeviceData | None
    pool: str | None
    share_id: str | None
    def __init__(
        self,
        *,
        conditions: list[kajitori.api.meta.v1.Condition] = ...,
        data: Any = ...,
        device: str | None = ...,
        driver: str | None = ...,
        network_data: NetworkDeviceData | None = ...,
        pool: str | None = ...,
        share_id: str | None = ...,
    ) -> None: ...

class AllocationResult(msgspec.Struct):
    allocation_timestamp: str | None
    devices: DeviceAllocationResult | None
    node_selector: kajitori.api.core.v1.NodeSelector | None
    def __init__(
        self,
        *,
        allocation_timestamp: str | None = ...,
        devices: DeviceAllocationResult | None = ...,
        node_selector: kajitori.api.core.v1.NodeSelector | None = ...,
    ) -> None: ...

class CELDeviceSelector(msgspec.Struct):
    expression: str | None
    def __init__(
        self,
        *,
        expression: str | None = ...,
    ) -> None: ...

class CapacityRequestPolicy(msgspec.Struct):
    default: str | None
    valid_range: CapacityRequestPolicyRange | None
    valid_values: list[str]
    def __init__(
        self,
        *,
        default: str | None = ...,
        valid_range: CapacityRequestPolicyRange | None = ...,
        valid_values: list[str] = ...,
    ) -> None: ...

class CapacityRequestPolicyRange(msgspec.Struct):
    max: str | None
    min: str | None
    step: str | None
    def __init__(
        self,
        *,
        max: str | None = ...,  # noqa: A002
        min: str | None = ...,  # noqa: A002
        step: str | None = ...,
    ) -> None: ...

class CapacityRequirements(msgspec.Struct):
    requests: dict[str, str]
    def __init__(
        self,
        *,
        requests: dict[str, str] = ...,
    ) -> None: ...

class Counter(msgspec.Struct):
    value: str | None
    def __init__(
        self,
        *,
        value: str | None = ...,
    ) -> None: ...

class CounterSet(msgspec.Struct):
    counters: dict[str, Counter]
    name: str | None
    def __init__(
        self,
        *,
        counters: dict[str, Counter] = ...,
        name: str | None = ...,
    ) -> None: ...

class Device(msgspec.Struct):
    all_nodes: bool | None
    allow_multiple_allocations: bool | None
    attributes: dict[str, DeviceAttribute]
    binding_conditions: list[str]
    binding_failure_conditions: list[str]
    binds_to_node: bool | None
    capacity: dict[str, DeviceCapacity]
    consumes_counters: list[DeviceCounterConsumption]
    name: str | None
    node_name: str | None
    node_selector: kajitori.api.core.v1.NodeSelector | None
    taints: list[DeviceTaint]
    def __init__(
        self,
        *,
        all_nodes: bool | None = ...,
        allow_multiple_allocations: bool | None = ...,
        attributes: dict[str, DeviceAttribute] = ...,
        binding_conditions: list[str] = ...,
        binding_failure_conditions: list[str] = ...,
        binds_to_node: bool | None = ...,
        capacity: dict[str, DeviceCapacity] = ...,
        consumes_counters: list[DeviceCounterConsumption] = ...,
        name: str | None = ...,
        node_name: str | None = ...,
        node_selector: kajitori.api.core.v1.NodeSelector | None = ...,
        taints: list[DeviceTaint] = ...,
    ) -> None: ...

class DeviceAllocationConfiguration(msgspec.Struct):
    opaque: OpaqueDeviceConfiguration | None
    requests: list[str]
    source: str | None
    def __init__(
        self,
        *,
        opaque: OpaqueDeviceConfiguration | None = ...,
        requests: list[str] = ...,
        source: str | None = ...,
    ) -> None: ...

class DeviceAllocationResult(msgspec.Struct):
    config: list[DeviceAllocationConfiguration]
    results: list[DeviceRequestAllocationResult]
    def __init__(
        self,
        *,
        config: list[DeviceAllocationConfiguration] = ...,
        results: list[DeviceRequestAllocationResult] = ...,
    ) -> None: ...

class DeviceAttribute(msgspec.Struct):
    bool: builtins.bool | None
    int: builtins.int | None
    string: str | None
    version: str | None
    def __init__(
        self,
        *,
        bool: builtins.bool | None = ...,  # noqa: A002
        int: builtins.int | None = ...,  # noqa: A002
        string: str | None = ...,
        version: str | None = ...,
    ) -> None: ...

class DeviceCapacity(msgspec.Struct):
    request_policy: CapacityRequestPolicy | None
    value: str | None
    def __init__(
        self,
        *,
        request_policy: CapacityRequestPolicy | None = ...,
        value: str | None = ...,
    ) -> None: ...

class DeviceClaim(msgspec.Struct):
    config: list[DeviceClaimConfiguration]
    constraints: list[DeviceConstraint]
    requests: list[DeviceRequest]
    def __init__(
        self,
        *,
        config: list[DeviceClaimConfiguration] = ...,
        constraints: list[DeviceConstraint] = ...,
        requests: list[DeviceRequest] = ...,
    ) -> None: ...

class DeviceClaimConfiguration(msgspec.Struct):
    opaque: OpaqueDeviceConfiguration | None
    requests: list[str]
    def __init__(
        self,
        *,
        opaque: OpaqueDeviceConfiguration | None = ...,
        requests: list[str] = ...,
    ) -> None: ...

class DeviceClass(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: DeviceClassSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: DeviceClassSpec = ...,
    ) -> None: ...

class DeviceClassConfiguration(msgspec.Struct):
    opaque: OpaqueDeviceConfiguration | None
    def __init__(
        self,
        *,
        opaque: OpaqueDeviceConfiguration | None = ...,
    ) -> None: ...

class DeviceClassList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[DeviceClass]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[DeviceClass] = ...,
    ) -> None: ...

class DeviceClassSpec(msgspec.Struct):
    config: list[DeviceClassConfiguration]
    extended_resource_name: str | None
    selectors: list[DeviceSelector]
    def __init__(
        self,
        *,
        config: list[DeviceClassConfiguration] = ...,
        extended_resource_name: str | None = ...,
        selectors: list[DeviceSelector] = ...,
    ) -> None: ...

class DeviceConstraint(msgspec.Struct):
    distinct_attribute: str | None
    match_attribute: str | None
    requests: list[str]
    def __init__(
        self,
        *,
        distinct_attribute: str | None = ...,
        match_attribute: str | None = ...,
        requests: list[str] = ...,
    ) -> None: ...

class DeviceCounterConsumption(msgspec.Struct):
    counter_set: str | None
    counters: dict[str, Counter]
    def __init__(
        self,
        *,
        counter_set: str | None = ...,
        counters: dict[str, Counter] = ...,
    ) -> None: ...

class DeviceRequest(msgspec.Struct):
    exactly: ExactDeviceRequest | None
    first_available: list[DeviceSubRequest]
    name: str | None
    def __init__(
        self,
        *,
        exactly: ExactDeviceRequest | None = ...,
        first_available: list[DeviceSubRequest] = ...,
        name: str | None = ...,
    ) -> None: ...

class DeviceRequestAllocationResult(msgspec.Struct):
    admin_access: bool | None
    binding_conditions: list[str]
    binding_failure_conditions: list[str]
    consumed_capacity: dict[str, str]
    device: str | None
    driver: str | None
    pool: str | None
    request: str | None
    share_id: str | None
    tolerations: list[DeviceToleration]
    def __init__(
        self,
        *,
        admin_access: bool | None = ...,
        binding_conditions: list[str] = ...,
        binding_failure_conditions: list[str] = ...,
        consumed_capacity: dict[str, str] = ...,
        device: str | None = ...,
        driver: str | None = ...,
        pool: str | None = ...,
        request: str | None = ...,
        share_id: str | None = ...,
        tolerations: list[DeviceToleration] = ...,
    ) -> None: ...

class DeviceSelector(msgspec.Struct):
    cel: CELDeviceSelector | None
    def __init__(
        self,
        *,
        cel: CELDeviceSelector | None = ...,
    ) -> None: ...

class DeviceSubRequest(msgspec.Struct):
    allocation_mode: str | None
    capacity: CapacityRequirements | None
    count: int | None
    device_class_name: str | None
    name: str | None
    selectors: list[DeviceSelector]
    tolerations: list[DeviceToleration]
    def __init__(
        self,
        *,
        allocation_mode: str | None = ...,
        capacity: CapacityRequirements | None = ...,
        count: int | None = ...,
        device_class_name: str | None = ...,
        name: str | None = ...,
        selectors: list[DeviceSelector] = ...,
        tolerations: list[DeviceToleration] = ...,
    ) -> None: ...

class DeviceTaint(msgspec.Struct):
    effect: str | None
    key: str | None
    time_added: str | None
    value: str | None
    def __init__(
        self,
        *,
        effect: str | None = ...,
        key: str | None = ...,
        time_added: str | None = ...,
        value: str | None = ...,
    ) -> None: ...

class DeviceToleration(msgspec.Struct):
    effect: str | None
    key: str | None
    operator: str | None
    toleration_seconds: int | None
    value: str | None
    def __init__(
        self,
        *,
        effect: str | None = ...,
        key: str | None = ...,
        operator: str | None = ...,
        toleration_seconds: int | None = ...,
        value: str | None = ...,
    ) -> None: ...

class ExactDeviceRequest(msgspec.Struct):
    admin_access: bool | None
    allocation_mode: str | None
    capacity: CapacityRequirements | None
    count: int | None
    device_class_name: str | None
    selectors: list[DeviceSelector]
    tolerations: list[DeviceToleration]
    def __init__(
        self,
        *,
        admin_access: bool | None = ...,
        allocation_mode: str | None = ...,
        capacity: CapacityRequirements | None = ...,
        count: int | None = ...,
        device_class_name: str | None = ...,
        selectors: list[DeviceSelector] = ...,
        tolerations: list[DeviceToleration] = ...,
    ) -> None: ...

class NetworkDeviceData(msgspec.Struct):
    hardware_address: str | None
    interface_name: str | None
    ips: list[str]
    def __init__(
        self,
        *,
        hardware_address: str | None = ...,
        interface_name: str | None = ...,
        ips: list[str] = ...,
    ) -> None: ...

class OpaqueDeviceConfiguration(msgspec.Struct):
    driver: str | None
    parameters: Any
    def __init__(
        self,
        *,
        driver: str | None = ...,
        parameters: Any = ...,
    ) -> None: ...

class ResourceClaim(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ResourceClaimSpec
    status: ResourceClaimStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ResourceClaimSpec = ...,
        status: ResourceClaimStatus = ...,
    ) -> None: ...

class ResourceClaimConsumerReference(msgspec.Struct):
    api_group: str | None
    name: str | None
    resource: str | None
    uid: str | None
    def __init__(
        self,
        *,
        api_group: str | None = ...,
        name: str | None = ...,
        resource: str | None = ...,
        uid: str | None = ...,
    ) -> None: ...

class ResourceClaimList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ResourceClaim]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ResourceClaim] = ...,
    ) -> None: ...

class ResourceClaimSpec(msgspec.Struct):
    devices: DeviceClaim | None
    def __init__(
        self,
        *,
        devices: DeviceClaim | None = ...,
    ) -> None: ...

class ResourceClaimStatus(msgspec.Struct):
    allocation: AllocationResult | None
    devices: list[AllocatedDeviceStatus]
    reserved_for: list[ResourceClaimConsumerReference]
    def __init__(
        self,
        *,
        allocation: AllocationResult | None = ...,
        devices: list[AllocatedDeviceStatus] = ...,
        reserved_for: list[ResourceClaimConsumerReference] = ...,
    ) -> None: ...

class ResourceClaimTemplate(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ResourceClaimTemplateSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ResourceClaimTemplateSpec = ...,
    ) -> None: ...

class ResourceClaimTemplateList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ResourceClaimTemplate]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ResourceClaimTemplate] = ...,
    ) -> None: ...

class ResourceClaimTemplateSpec(msgspec.Struct):
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ResourceClaimSpec
    def __init__(
        self,
        *,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ResourceClaimSpec = ...,
    ) -> None: ...

class ResourcePool(msgspec.Struct):
    generation: int | None
    name: str | None
    resource_slice_count: int | None
    def __init__(
        self,
        *,
        generation: int | None = ...,
        name: str | None = ...,
        resource_slice_count: int | None = ...,
    ) -> None: ...

class ResourceSlice(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ResourceSliceSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ResourceSliceSpec = ...,
    ) -> None: ...

class ResourceSliceList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ResourceSlice]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ResourceSlice] = ...,
    ) -> None: ...

class ResourceSliceSpec(msgspec.Struct):
    all_nodes: bool | None
    devices: list[Device]
    driver: str | None
    node_name: str | None
    node_selector: kajitori.api.core.v1.NodeSelector | None
    per_device_node_selection: bool | None
    pool: ResourcePool | None
    shared_counters: list[CounterSet]
    def __init__(
        self,
        *,
        all_nodes: bool | None = ...,
        devices: list[Device] = ...,
        driver: str | None = ...,
        node_name: str | None = ...,
        node_selector: kajitori.api.core.v1.NodeSelector | None = ...,
        per_device_node_selection: bool | None = ...,
        pool: ResourcePool | None = ...,
        shared_counters: list[CounterSet] = ...,
    ) -> None: ...
