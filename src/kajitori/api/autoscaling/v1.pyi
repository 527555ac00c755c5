# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

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
    max_replicas: int | None
    min_replicas: int | None
    scale_target_ref: CrossVersionObjectReference | None
    target_cpu_utilization_percentage: int | None
    def __init__(
        self,
        *,
        max_replicas: int | None = ...,
        min_replicas: int | None = ...,
        scale_target_ref: CrossVersionObjectReference | None = ...,
        target_cpu_utilization_percentage: int | None = ...,
    ) -> None: ...

class HorizontalPodAutoscalerStatus(msgspec.Struct):
    current_cpu_utilization_percentage: int | None
    current_replicas: int | None
    desired_replicas: int | None
    last_scale_time: str | None
    observed_generation: int | None
    def __init__(
        self,
        *,
        current_cpu_utilization_percentage: int | None = ...,
        current_replicas: int | None = ...,
        desired_replicas: int | None = ...,
        last_scale_time: str | None = ...,
        observed_generation: int | None = ...,
    ) -> None: ...

class Scale(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ScaleSpec
    status: ScaleStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ScaleSpec = ...,
        status: ScaleStatus = ...,
    ) -> None: ...

class ScaleSpec(msgspec.Struct):
    replicas: int | None
    def __init__(
        self,
        *,
        replicas: int | None = ...,
    ) -> None: ...

class ScaleStatus(msgspec.Struct):
    replicas: int | None
    selector: str | None
    def __init__(
        self,
        *,
        replicas: int | None = ...,
        selector: str | None = ...,
    ) -> None: ...
