# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import Any, ClassVar

import msgspec

class APIGroup(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    name: str | None
    preferred_version: GroupVersionForDiscovery | None
    server_address_by_client_cidrs: list[ServerAddressByClientCIDR]
    versions: list[GroupVersionForDiscovery]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        name: str | None = ...,
        preferred_version: GroupVersionForDiscovery | None = ...,
        server_address_by_client_cidrs: list[ServerAddressByClientCIDR] = ...,
        versions: list[GroupVersionForDiscovery] = ...,
    ) -> None: ...

class APIGroupList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    groups: list[APIGroup]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        groups: list[APIGroup] = ...,
    ) -> None: ...

class APIResource(msgspec.Struct):
    kind: str | None
    categories: list[str]
    group: str | None
    name: str | None
    namespaced: bool | None
    short_names: list[str]
    singular_name: str | None
    storage_version_hash: str | None
    verbs: list[str]
    version: str | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        categories: list[str] = ...,
        group: str | None = ...,
        name: str | None = ...,
        namespaced: bool | None = ...,
        short_names: list[str] = ...,
        singular_name: str | None = ...,
        storage_version_hash: str | None = ...,
        verbs: list[str] = ...,
        version: str | None = ...,
    ) -> None: ...

class APIResourceList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    group_version: str | None
    resources: list[APIResource]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        group_version: str | None = ...,
        resources: list[APIResource] = ...,
    ) -> None: ...

class APIVersions(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    server_address_by_client_cidrs: list[ServerAddressByClientCIDR]
    versions: list[str]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        server_address_by_client_cidrs: list[ServerAddressByClientCIDR] = ...,
        versions: list[str] = ...,
    ) -> None: ...

class Condition(msgspec.Struct):
    last_transition_time: str | None
    message: str | None
    observed_generation: int | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_transition_time: str | None = ...,
        message: str | None = ...,
        observed_generation: int | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class DeleteOptions(msgspec.Struct):
    api_version: str | None
    kind: str | None
    dry_run: list[str]
    grace_period_seconds: int | None
    ignore_store_read_error_with_cluster_breaking_potential: bool | None
    orphan_dependents: bool | None
    preconditions: Preconditions | None
    propagation_policy: str | None
    def __init__(
        self,
        *,
        api_version: str | None = ...,
        kind: str | None = ...,
        dry_run: list[str] = ...,
        grace_period_seconds: int | None = ...,
        ignore_store_read_error_with_cluster_breaking_potential: bool | None = ...,
        orphan_dependents: bool | None = ...,
        preconditions: Preconditions | None = ...,
        propagation_policy: str | None = ...,
    ) -> None: ...

class FieldSelectorRequirement(msgspec.Struct):
    key: str | None
    operator: str | None
    values: list[str]
    def __init__(
        self,
        *,
        key: str | None = ...,
        operator: str | None = ...,
        values: list[str] = ...,
    ) -> None: ...

FieldsV1 = Any

class GroupVersionForDiscovery(msgspec.Struct):
    group_version: str | None
    version: str | None
    def __init__(
        self,
        *,
        group_version: str | None = ...,
        version: str | None = ...,
    ) -> None: ...

class LabelSelector(msgspec.Struct):
    match_expressions: list[LabelSelectorRequirement]
    match_labels: dict[str, str]
    def __init__(
        self,
        *,
        match_expressions: list[LabelSelectorRequirement] = ...,
        match_labels: dict[str, str] = ...,
    ) -> None: ...

class LabelSelectorRequirement(msgspec.Struct):
    key: str | None
    operator: str | None
    values: list[str]
    def __init__(
        self,
        *,
        key: str | None = ...,
        operator: str | None = ...,
        values: list[str] = ...,
    ) -> None: ...

class ListMeta(msgspec.Struct):
    continue_: str | None
    remaining_item_count: int | None
    resource_version: str | None
    self_link: str | None
    def __init__(
        self,
        *,
        continue_: str | None = ...,
        remaining_item_count: int | None = ...,
        resource_version: str | None = ...,
        self_link: str | None = ...,
    ) -> None: ...

class ManagedFieldsEntry(msgspec.Struct):
    api_version: str | None
    fields_type: str | None
    fields_v_1: Any
    manager: str | None
    operation: str | None
    subresource: str | None
    time: str | None
    def __init__(
        self,
        *,
        api_version: str | None = ...,
        fields_type: str | None = ...,
        fields_v_1: Any = ...,
        manager: str | None = ...,
        operation: str | None = ...,
        subresource: str | None = ...,
        time: str | None = ...,
    ) -> None: ...

MicroTime = str

class ObjectMeta(msgspec.Struct):
    annotations: dict[str, str]
    creation_timestamp: str | None
    deletion_grace_period_seconds: int | None
    deletion_timestamp: str | None
    finalizers: list[str]
    generate_name: str | None
    generation: int | None
    labels: dict[str, str]
    name: str | None
    namespace: str | None
    owner_references: list[OwnerReference]
    resource_version: str | None
    self_link: str | None
    uid: str | None
    def __init__(
        self,
        *,
        annotations: dict[str, str] = ...,
        creation_timestamp: str | None = ...,
        deletion_grace_period_seconds: int | None = ...,
        deletion_timestamp: str | None = ...,
        finalizers: list[str] = ...,
        generate_name: str | None = ...,
        generation: int | None = ...,
        labels: dict[str, str] = ...,
        name: str | None = ...,
        namespace: str | None = ...,
        owner_references: list[OwnerReference] = ...,
        resource_version: str | None = ...,
        self_link: str | None = ...,
        uid: str | None = ...,
    ) -> None: ...

class OwnerReference(msgspec.Struct):
    api_version: str | None
    kind: str | None
    block_owner_deletion: bool | None
    controller: bool | None
    name: str | None
    uid: str | None
    def __init__(
        self,
        *,
        api_version: str | None = ...,
        kind: str | None = ...,
        block_owner_deletion: bool | None = ...,
        controller: bool | None = ...,
        name: str | None = ...,
        uid: str | None = ...,
    ) -> None: ...

Patch = Any

class Preconditions(msgspec.Struct):
    resource_version: str | None
    uid: str | None
    def __init__(
        self,
        *,
        resource_version: str | None = ...,
        uid: str | None = ...,
    ) -> None: ...

class ServerAddressByClientCIDR(msgspec.Struct):
    client_cidr: str | None
    server_address: str | None
    def __init__(
        self,
        *,
        client_cidr: str | None = ...,
        server_address: str | None = ...,
    ) -> None: ...

class Status(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: ListMeta
    code: int | None
    details: StatusDetails | None
    message: str | None
    reason: str | None
    status: str | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: ListMeta = ...,
        code: int | None = ...,
        details: StatusDetails | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
    ) -> None: ...

class StatusCause(msgspec.Struct):
    field: str | None
    message: str | None
    reason: str | None
    def __init__(
        self,
        *,
        field: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
    ) -> None: ...

class StatusDetails(msgspec.Struct):
    kind: str | None
    causes: list[StatusCause]
    group: str | None
    name: str | None
    retry_after_seconds: int | None
    uid: str | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        causes: list[StatusCause] = ...,
        group: str | None = ...,
        name: str | None = ...,
        retry_after_seconds: int | None = ...,
        uid: str | None = ...,
    ) -> None: ...

Time = str

class WatchEvent(msgspec.Struct):
    object: Any
    type: str | None
    def __init__(
        self,
        *,
        object: Any = ...,  # noqa: A002
        type: str | None = ...,  # noqa: A002
    ) -> None: ...
