# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class ExemptPriorityLevelConfiguration(msgspec.Struct):
    lendable_percent: int | None
    nominal_concurrency_shares: int | None
    def __init__(
        self,
        *,
        lendable_percent: int | None = ...,
        nominal_concurrency_shares: int | None = ...,
    ) -> None: ...

class FlowDistinguisherMethod(msgspec.Struct):
    type: str | None
    def __init__(
        self,
        *,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class FlowSchema(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: FlowSchemaSpec
    status: FlowSchemaStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: FlowSchemaSpec = ...,
        status: FlowSchemaStatus = ...,
    ) -> None: ...

class FlowSchemaCondition(msgspec.Struct):
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

class FlowSchemaList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[FlowSchema]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[FlowSchema] = ...,
    ) -> None: ...

class FlowSchemaSpec(msgspec.Struct):
    distinguisher_method: FlowDistinguisherMethod | None
    matching_precedence: int | None
    priority_level_configuration: PriorityLevelConfigurationReference | None
    rules: list[PolicyRulesWithSubjects]
    def __init__(
        self,
        *,
        distinguisher_method: FlowDistinguisherMethod | None = ...,
        matching_precedence: int | None = ...,
        priority_level_configuration: PriorityLevelConfigurationReference | None = ...,
        rules: list[PolicyRulesWithSubjects] = ...,
    ) -> None: ...

class FlowSchemaStatus(msgspec.Struct):
    conditions: list[FlowSchemaCondition]
    def __init__(
        self,
        *,
        conditions: list[FlowSchemaCondition] = ...,
    ) -> None: ...

class GroupSubject(msgspec.Struct):
    name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
    ) -> None: ...

class LimitResponse(msgspec.Struct):
    queuing: QueuingConfiguration | None
    type: str | None
    def __init__(
        self,
        *,
        queuing: QueuingConfiguration | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class LimitedPriorityLevelConfiguration(msgspec.Struct):
    borrowing_limit_percent: int | None
    lendable_percent: int | None
    limit_response: LimitResponse | None
    nominal_concurrency_shares: int | None
    def __init__(
        self,
        *,
        borrowing_limit_percent: int | None = ...,
        lendable_percent: int | None = ...,
        limit_response: LimitResponse | None = ...,
        nominal_concurrency_shares: int | None = ...,
    ) -> None: ...

class NonResourcePolicyRule(msgspec.Struct):
    non_resource_urls: list[str]
    verbs: list[str]
    def __init__(
        self,
        *,
        non_resource_urls: list[str] = ...,
        verbs: list[str] = ...,
    ) -> None: ...

class PolicyRulesWithSubjects(msgspec.Struct):
    non_resource_rules: list[NonResourcePolicyRule]
    resource_rules: list[ResourcePolicyRule]
    subjects: list[Subject]
    def __init__(
        self,
        *,
        non_resource_rules: list[NonResourcePolicyRule] = ...,
        resource_rules: list[ResourcePolicyRule] = ...,
        subjects: list[Subject] = ...,
    ) -> None: ...

class PriorityLevelConfiguration(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: PriorityLevelConfigurationSpec
    status: PriorityLevelConfigurationStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: PriorityLevelConfigurationSpec = ...,
        status: PriorityLevelConfigurationStatus = ...,
    ) -> None: ...

class PriorityLevelConfigurationCondition(msgspec.Struct):
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

class PriorityLevelConfigurationList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[PriorityLevelConfiguration]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[PriorityLevelConfiguration] = ...,
    ) -> None: ...

class PriorityLevelConfigurationReference(msgspec.Struct):
    name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
    ) -> None: ...

class PriorityLevelConfigurationSpec(msgspec.Struct):
    exempt: ExemptPriorityLevelConfiguration | None
    limited: LimitedPriorityLevelConfiguration | None
    type: str | None
    def __init__(
        self,
        *,
        exempt: ExemptPriorityLevelConfiguration | None = ...,
        limited: LimitedPriorityLevelConfiguration | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class PriorityLevelConfigurationStatus(msgspec.Struct):
    conditions: list[PriorityLevelConfigurationCondition]
    def __init__(
        self,
        *,
        conditions: list[PriorityLevelConfigurationCondition] = ...,
    ) -> None: ...

class QueuingConfiguration(msgspec.Struct):
    hand_size: int | None
    queue_length_limit: int | None
    queues: int | None
    def __init__(
        self,
        *,
        hand_size: int | None = ...,
        queue_length_limit: int | None = ...,
        queues: int | None = ...,
    ) -> None: ...

class ResourcePolicyRule(msgspec.Struct):
    api_groups: list[str]
    cluster_scope: bool | None
    namespaces: list[str]
    resources: list[str]
    verbs: list[str]
    def __init__(
        self,
        *,
        api_groups: list[str] = ...,
        cluster_scope: bool | None = ...,
        namespaces: list[str] = ...,
        resources: list[str] = ...,
        verbs: list[str] = ...,
    ) -> None: ...

class ServiceAccountSubject(msgspec.Struct):
    name: str | None
    namespace: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        namespace: str | None = ...,
    ) -> None: ...

class Subject(msgspec.Struct):
    kind: str | None
    group: GroupSubject | None
    service_account: ServiceAccountSubject | None
    user: UserSubject | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        group: GroupSubject | None = ...,
        service_account: ServiceAccountSubject | None = ...,
        user: UserSubject | None = ...,
    ) -> None: ...

class UserSubject(msgspec.Struct):
    name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
    ) -> None: ...
