# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import Any, ClassVar

import msgspec

import kajitori.api.core.v1
import kajitori.api.meta.v1

class ControllerRevision(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    data: Any
    revision: int | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        data: Any = ...,
        revision: int | None = ...,
    ) -> None: ...

class ControllerRevisionList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ControllerRevision]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ControllerRevision] = ...,
    ) -> None: ...

class DaemonSet(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: DaemonSetSpec
    status: DaemonSetStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: DaemonSetSpec = ...,
        status: DaemonSetStatus = ...,
    ) -> None: ...

class DaemonSetCondition(msgspec.Struct):
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

class DaemonSetList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[DaemonSet]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[DaemonSet] = ...,
    ) -> None: ...

class DaemonSetSpec(msgspec.Struct):
    min_ready_seconds: int | None
    revision_history_limit: int | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    template: kajitori.api.core.v1.PodTemplateSpec
    update_strategy: DaemonSetUpdateStrategy | None
    def __init__(
        self,
        *,
        min_ready_seconds: int | None = ...,
        revision_history_limit: int | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        template: kajitori.api.core.v1.PodTemplateSpec = ...,
        update_strategy: DaemonSetUpdateStrategy | None = ...,
    ) -> None: ...

class DaemonSetStatus(msgspec.Struct):
    collision_count: int | None
    conditions: list[DaemonSetCondition]
    current_number_scheduled: int | None
    desired_number_scheduled: int | None
    number_available: int | None
    number_misscheduled: int | None
    number_ready: int | None
    number_unavailable: int | None
    observed_generation: int | None
    updated_number_scheduled: int | None
    def __init__(
        self,
        *,
        collision_count: int | None = ...,
        conditions: list[DaemonSetCondition] = ...,
        current_number_scheduled: int | None = ...,
        desired_number_scheduled: int | None = ...,
        number_available: int | None = ...,
        number_misscheduled: int | None = ...,
        number_ready: int | None = ...,
        number_unavailable: int | None = ...,
        observed_generation: int | None = ...,
        updated_number_scheduled: int | None = ...,
    ) -> None: ...

class DaemonSetUpdateStrategy(msgspec.Struct):
    rolling_update: RollingUpdateDaemonSet | None
    type: str | None
    def __init__(
        self,
        *,
        rolling_update: RollingUpdateDaemonSet | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class Deployment(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: DeploymentSpec
    status: DeploymentStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: DeploymentSpec = ...,
        status: DeploymentStatus = ...,
    ) -> None: ...

class DeploymentCondition(msgspec.Struct):
    last_transition_time: str | None
    last_update_time: str | None
    message: str | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_transition_time: str | None = ...,
        last_update_time: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class DeploymentList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Deployment]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Deployment] = ...,
    ) -> None: ...

class DeploymentSpec(msgspec.Struct):
    min_ready_seconds: int | None
    paused: bool | None
    progress_deadline_seconds: int | None
    replicas: int | None
    revision_history_limit: int | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    strategy: DeploymentStrategy | None
    template: kajitori.api.core.v1.PodTemplateSpec
    def __init__(
        self,
        *,
        min_ready_seconds: int | None = ...,
        paused: bool | None = ...,
        progress_deadline_seconds: int | None = ...,
        replicas: int | None = ...,
        revision_history_limit: int | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        strategy: DeploymentStrategy | None = ...,
        template: kajitori.api.core.v1.PodTemplateSpec = ...,
    ) -> None: ...

class DeploymentStatus(msgspec.Struct):
    available_replicas: int | None
    collision_count: int | None
    conditions: list[DeploymentCondition]
    observed_generation: int | None
    ready_replicas: int | None
    replicas: int | None
    terminating_replicas: int | None
    unavailable_replicas: int | None
    updated_replicas: int | None
    def __init__(
        self,
        *,
        available_replicas: int | None = ...,
        collision_count: int | None = ...,
        conditions: list[DeploymentCondition] = ...,
        observed_generation: int | None = ...,
        ready_replicas: int | None = ...,
        replicas: int | None = ...,
        terminating_replicas: int | None = ...,
        unavailable_replicas: int | None = ...,
        updated_replicas: int | None = ...,
    ) -> None: ...

class DeploymentStrategy(msgspec.Struct):
    rolling_update: RollingUpdateDeployment | None
    type: str | None
    def __init__(
        self,
        *,
        rolling_update: RollingUpdateDeployment | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class ReplicaSet(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ReplicaSetSpec
    status: ReplicaSetStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ReplicaSetSpec = ...,
        status: ReplicaSetStatus = ...,
    ) -> None: ...

class ReplicaSetCondition(msgspec.Struct):
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

class ReplicaSetList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ReplicaSet]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ReplicaSet] = ...,
    ) -> None: ...

class ReplicaSetSpec(msgspec.Struct):
    min_ready_seconds: int | None
    replicas: int | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    template: kajitori.api.core.v1.PodTemplateSpec
    def __init__(
        self,
        *,
        min_ready_seconds: int | None = ...,
        replicas: int | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        template: kajitori.api.core.v1.PodTemplateSpec = ...,
    ) -> None: ...

class ReplicaSetStatus(msgspec.Struct):
    available_replicas: int | None
    conditions: list[ReplicaSetCondition]
    fully_labeled_replicas: int | None
    observed_generation: int | None
    ready_replicas: int | None
    replicas: int | None
    terminating_replicas: int | None
    def __init__(
        self,
        *,
        available_replicas: int | None = ...,
        conditions: list[ReplicaSetCondition] = ...,
        fully_labeled_replicas: int | None = ...,
        observed_generation: int | None = ...,
        ready_replicas: int | None = ...,
        replicas: int | None = ...,
        terminating_replicas: int | None = ...,
    ) -> None: ...

class RollingUpdateDaemonSet(msgspec.Struct):
    max_surge: int | str | None
    max_unavailable: int | str | None
    def __init__(
        self,
        *,
        max_surge: int | str | None = ...,
        max_unavailable: int | str | None = ...,
    ) -> None: ...

class RollingUpdateDeployment(msgspec.Struct):
    max_surge: int | str | None
    max_unavailable: int | str | None
    def __init__(
        self,
        *,
        max_surge: int | str | None = ...,
        max_unavailable: int | str | None = ...,
    ) -> None: ...

class RollingUpdateStatefulSetStrategy(msgspec.Struct):
    max_unavailable: int | str | None
    partition: int | None
    def __init__(
        self,
        *,
        max_unavailable: int | str | None = ...,
        partition: int | None = ...,
    ) -> None: ...

class StatefulSet(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: StatefulSetSpec
    status: StatefulSetStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: StatefulSetSpec = ...,
        status: StatefulSetStatus = ...,
    ) -> None: ...

class StatefulSetCondition(msgspec.Struct):
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

class StatefulSetList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[StatefulSet]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[StatefulSet] = ...,
    ) -> None: ...

class StatefulSetOrdinals(msgspec.Struct):
    start: int | None
    def __init__(
        self,
        *,
        start: int | None = ...,
    ) -> None: ...

class StatefulSetPersistentVolumeClaimRetentionPolicy(msgspec.Struct):
    when_deleted: str | None
    when_scaled: str | None
    def __init__(
        self,
        *,
        when_deleted: str | None = ...,
        when_scaled: str | None = ...,
    ) -> None: ...

class StatefulSetSpec(msgspec.Struct):
    min_ready_seconds: int | None
    ordinals: StatefulSetOrdinals | None
    persistent_volume_claim_retention_policy: StatefulSetPersistentVolumeClaimRetentionPolicy | None
    pod_management_policy: str | None
    replicas: int | None
    revision_history_limit: int | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    service_name: str | None
    template: kajitori.api.core.v1.PodTemplateSpec
    update_strategy: StatefulSetUpdateStrategy | None
    volume_claim_templates: list[kajitori.api.core.v1.PersistentVolumeClaim]
    def __init__(
        self,
        *,
        min_ready_seconds: int | None = ...,
        ordinals: StatefulSetOrdinals | None = ...,
        persistent_volume_claim_retention_policy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = ...,
        pod_management_policy: str | None = ...,
        replicas: int | None = ...,
        revision_history_limit: int | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        service_name: str | None = ...,
        template: kajitori.api.core.v1.PodTemplateSpec = ...,
        update_strategy: StatefulSetUpdateStrategy | None = ...,
        volume_claim_templates: list[kajitori.api.core.v1.PersistentVolumeClaim] = ...,
    ) -> None: ...

class StatefulSetStatus(msgspec.Struct):
    available_replicas: int | None
    collision_count: int | None
    conditions: list[StatefulSetCondition]
    current_replicas: int | None
    current_revision: str | None
    observed_generation: int | None
    ready_replicas: int | None
    replicas: int | None
    update_revision: str | None
    updated_replicas: int | None
    def __init__(
        self,
        *,
        available_replicas: int | None = ...,
        collision_count: int | None = ...,
        conditions: list[StatefulSetCondition] = ...,
        current_replicas: int | None = ...,
        current_revision: str | None = ...,
        observed_generation: int | None = ...,
        ready_replicas: int | None = ...,
        replicas: int | None = ...,
        update_revision: str | None = ...,
        updated_replicas: int | None = ...,
    ) -> None: ...

class StatefulSetUpdateStrategy(msgspec.Struct):
    rolling_update: RollingUpdateStatefulSetStrategy | None
    type: str | None
    def __init__(
        self,
        *,
        rolling_update: RollingUpdateStatefulSetStrategy | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...
