# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class Eviction(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    delete_options: kajitori.api.meta.v1.DeleteOptions | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        delete_options: kajitori.api.meta.v1.DeleteOptions | None = ...,
    ) -> None: ...

class PodDisruptionBudget(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: PodDisruptionBudgetSpec
    status: PodDisruptionBudgetStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: PodDisruptionBudgetSpec = ...,
        status: PodDisruptionBudgetStatus = ...,
    ) -> None: ...

class PodDisruptionBudgetList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[PodDisruptionBudget]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[PodDisruptionBudget] = ...,
    ) -> None: ...

class PodDisruptionBudgetSpec(msgspec.Struct):
    max_unavailable: int | str | None
    min_available: int | str | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    unhealthy_pod_eviction_policy: str | None
    def __init__(
        self,
        *,
        max_unavailable: int | str | None = ...,
        min_available: int | str | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        unhealthy_pod_eviction_policy: str | None = ...,
    ) -> None: ...

class PodDisruptionBudgetStatus(msgspec.Struct):
    conditions: list[kajitori.api.meta.v1.Condition]
    current_healthy: int | None
    desired_healthy: int | None
    disrupted_pods: dict[str, str]
    disruptions_allowed: int | None
    expected_pods: int | None
    observed_generation: int | None
    def __init__(
        self,
        *,
        conditions: list[kajitori.api.meta.v1.Condition] = ...,
        current_healthy: int | None = ...,
        desired_healthy: int | None = ...,
        disrupted_pods: dict[str, str] = ...,
        disruptions_allowed: int | None = ...,
        expected_pods: int | None = ...,
        observed_generation: int | None = ...,
    ) -> None: ...
