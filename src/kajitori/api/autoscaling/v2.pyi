# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class ContainerResourceMetricSource(msgspec.Struct):
    container: str | None
    name: str | None
    target: MetricTarget | None
    def __init__(
        self,
        *,
        container: str | None = ...,
        name: str | None = ...,
        target: MetricTarget | None = ...,
    ) -> None: ...

class ContainerResourceMetricStatus(msgspec.Struct):
    container: str | None
    current: MetricValueStatus | None
    name: str | None
    def __init__(
        self,
        *,
        container: str | None = ...,
        current: MetricValueStatus | None = ...,
        name: str | None = ...,
    ) -> None: ...

class CrossVersionObjectReference(msgspec.Struct):
    api_version: str | None
    kind: str | None
    name: str | None
    def __init__(
        self,
        *,
        api_version: str | None = ...,
        kind: str | None = ...,
        name: str | None = ...,
    ) -> None: ...

class ExternalMetricSource(msgspec.Struct):
    metric: MetricIdentifier | None
    target: MetricTarget | None
    def __init__(
        self,
        *,
        metric: MetricIdentifier | None = ...,
        target: MetricTarget | None = ...,
    ) -> None: ...

class ExternalMetricStatus(msgspec.Struct):
    current: MetricValueStatus | None
    metric: MetricIdentifier | None
    def __init__(
        self,
        *,
        current: MetricValueStatus | None = ...,
        metric: MetricIdentifier | None = ...,
    ) -> None: ...

class HPAScalingPolicy(msgspec.Struct):
    period_seconds: int | None
    type: str | None
    value: int | None
    def __init__(
        self,
        *,
        period_seconds: int | None = ...,
        type: str | None = ...,  # noqa: A002
        value: int | None = ...,
    ) -> None: ...

class HPAScalingRules(msgspec.Struct):
    policies: list[HPAScalingPolicy]
    select_policy: str | None
    stabilization_window_seconds: int | None
    tolerance: str | None
    def __init__(
        self,
        *,
        policies: list[HPAScalingPolicy] = ...,
        select_policy: str | None = ...,
        stabilization_window_seconds: int | None = ...,
        tolerance: str | None = ...,
    ) -> None: ...

class HorizontalPodAutoscaler(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: HorizontalPodAutoscalerSpec
    status: HorizontalPodAutoscalerStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: HorizontalPodAutoscalerSpec = ...,
        status: HorizontalPodAutoscalerStatus = ...,
    ) -> None: ...

class HorizontalPodAutoscalerBehavior(msgspec.Struct):
    scale_down: HPAScalingRules | None
    scale_up: HPAScalingRules | None
    def __init__(
        self,
        *,
        scale_down: HPAScalingRules | None = ...,
        scale_up: HPAScalingRules | None = ...,
    ) -> None: ...

class HorizontalPodAutoscalerCondition(msgspec.Struct):
    last_transition_time: str | None
    message: str | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_transition_time: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class HorizontalPodAutoscalerList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[HorizontalPodAutoscaler]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[HorizontalPodAutoscaler] = ...,
    ) -> None: ...

class HorizontalPodAutoscalerSpec(msgspec.Struct):
    behavior: HorizontalPodAutoscalerBehavior | None
    max_replicas: int | None
    metrics: list[MetricSpec]
    min_replicas: int | None
    scale_target_ref: CrossVersionObjectReference | None
    def __init__(
        self,
        *,
        behavior: HorizontalPodAutoscalerBehavior | None = ...,
        max_replicas: int | None = ...,
        metrics: list[MetricSpec] = ...,
        min_replicas: int | None = ...,
        scale_target_ref: CrossVersionObjectReference | None = ...,
    ) -> None: ...

class HorizontalPodAutoscalerStatus(msgspec.Struct):
    conditions: list[HorizontalPodAutoscalerCondition]
    current_metrics: list[MetricStatus]
    current_replicas: int | None
    desired_replicas: int | None
    last_scale_time: str | None
    observed_generation: int | None
    def __init__(
        self,
        *,
        conditions: list[HorizontalPodAutoscalerCondition] = ...,
        current_metrics: list[MetricStatus] = ...,
        current_replicas: int | None = ...,
        desired_replicas: int | None = ...,
        last_scale_time: str | None = ...,
        observed_generation: int | None = ...,
    ) -> None: ...

class MetricIdentifier(msgspec.Struct):
    name: str | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
    ) -> None: ...

class MetricSpec(msgspec.Struct):
    container_resource: ContainerResourceMetricSource | None
    external: ExternalMetricSource | None
    object: ObjectMetricSource | None
    pods: PodsMetricSource | None
    resource: ResourceMetricSource | None
    type: str | None
    def __init__(
        self,
        *,
        container_resource: ContainerResourceMetricSource | None = ...,
        external: ExternalMetricSource | None = ...,
        object: ObjectMetricSource | None = ...,  # noqa: A002
        pods: PodsMetricSource | None = ...,
        resource: ResourceMetricSource | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class MetricStatus(msgspec.Struct):
    container_resource: ContainerResourceMetricStatus | None
    external: ExternalMetricStatus | None
    object: ObjectMetricStatus | None
    pods: PodsMetricStatus | None
    resource: ResourceMetricStatus | None
    type: str | None
    def __init__(
        self,
        *,
        container_resource: ContainerResourceMetricStatus | None = ...,
        external: ExternalMetricStatus | None = ...,
        object: ObjectMetricStatus | None = ...,  # noqa: A002
        pods: PodsMetricStatus | None = ...,
        resource: ResourceMetricStatus | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class MetricTarget(msgspec.Struct):
    average_utilization: int | None
    average_value: str | None
    type: str | None
    value: str | None
    def __init__(
        self,
        *,
        average_utilization: int | None = ...,
        average_value: str | None = ...,
        type: str | None = ...,  # noqa: A002
        value: str | None = ...,
    ) -> None: ...

class MetricValueStatus(msgspec.Struct):
    average_utilization: int | None
    average_value: str | None
    value: str | None
    def __init__(
        self,
        *,
        average_utilization: int | None = ...,
        average_value: str | None = ...,
        value: str | None = ...,
    ) -> None: ...

class ObjectMetricSource(msgspec.Struct):
    described_object: CrossVersionObjectReference | None
    metric: MetricIdentifier | None
    target: MetricTarget | None
    def __init__(
        self,
        *,
        described_object: CrossVersionObjectReference | None = ...,
        metric: MetricIdentifier | None = ...,
        target: MetricTarget | None = ...,
    ) -> None: ...

class ObjectMetricStatus(msgspec.Struct):
    current: MetricValueStatus | None
    described_object: CrossVersionObjectReference | None
    metric: MetricIdentifier | None
    def __init__(
        self,
        *,
        current: MetricValueStatus | None = ...,
        described_object: CrossVersionObjectReference | None = ...,
        metric: MetricIdentifier | None = ...,
    ) -> None: ...

class PodsMetricSource(msgspec.Struct):
    metric: MetricIdentifier | None
    target: MetricTarget | None
    def __init__(
        self,
        *,
        metric: MetricIdentifier | None = ...,
        target: MetricTarget | None = ...,
    ) -> None: ...

class PodsMetricStatus(msgspec.Struct):
    current: MetricValueStatus | None
    metric: MetricIdentifier | None
    def __init__(
        self,
        *,
        current: MetricValueStatus | None = ...,
        metric: MetricIdentifier | None = ...,
    ) -> None: ...

class ResourceMetricSource(msgspec.Struct):
    name: str | None
    target: MetricTarget | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        target: MetricTarget | None = ...,
    ) -> None: ...

class ResourceMetricStatus(msgspec.Struct):
    current: MetricValueStatus | None
    name: str | None
    def __init__(
        self,
        *,
        current: MetricValueStatus | None = ...,
        name: str | None = ...,
    ) -> None: ...
