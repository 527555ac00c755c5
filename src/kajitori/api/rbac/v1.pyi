# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class AggregationRule(msgspec.Struct):
    cluster_role_selectors: list[kajitori.api.meta.v1.LabelSelector]
    def __init__(
        self,
        *,
        cluster_role_selectors: list[kajitori.api.meta.v1.LabelSelector] = ...,
    ) -> None: ...

class ClusterRole(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    aggregation_rule: AggregationRule | None
    rules: list[PolicyRule]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        aggregation_rule: AggregationRule | None = ...,
        rules: list[PolicyRule] = ...,
    ) -> None: ...

class ClusterRoleBinding(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    role_ref: RoleRef | None
    subjects: list[Subject]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        role_ref: RoleRef | None = ...,
        subjects: list[Subject] = ...,
    ) -> None: ...

class ClusterRoleBindingList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ClusterRoleBinding]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ClusterRoleBinding] = ...,
    ) -> None: ...

class ClusterRoleList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ClusterRole]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ClusterRole] = ...,
    ) -> None: ...

class PolicyRule(msgspec.Struct):
    api_groups: list[str]
    non_resource_urls: list[str]
    resource_names: list[str]
    resources: list[str]
    verbs: list[str]
    def __init__(
        self,
        *,
        api_groups: list[str] = ...,
        non_resource_urls: list[str] = ...,
        resource_names: list[str] = ...,
        resources: list[str] = ...,
        verbs: list[str] = ...,
    ) -> None: ...

class Role(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    rules: list[PolicyRule]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        rules: list[PolicyRule] = ...,
    ) -> None: ...

class RoleBinding(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    role_ref: RoleRef | None
    subjects: list[Subject]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        role_ref: RoleRef | None = ...,
        subjects: list[Subject] = ...,
    ) -> None: ...

class RoleBindingList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[RoleBinding]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[RoleBinding] = ...,
    ) -> None: ...

class RoleList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Role]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Role] = ...,
    ) -> None: ...

class RoleRef(msgspec.Struct):
    kind: str | None
    api_group: str | None
    name: str | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        api_group: str | None = ...,
        name: str | None = ...,
    ) -> None: ...

class Subject(msgspec.Struct):
    kind: str | None
    api_group: str | None
    name: str | None
    namespace: str | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        api_group: str | None = ...,
        name: str | None = ...,
        namespace: str | None = ...,
    ) -> None: ...
