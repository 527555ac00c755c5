# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.core.v1
import kajitori.api.meta.v1

class CSIDriver(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: CSIDriverSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: CSIDriverSpec = ...,
    ) -> None: ...

class CSIDriverList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[CSIDriver]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[CSIDriver] = ...,
    ) -> None: ...

class CSIDriverSpec(msgspec.Struct):
    attach_required: bool | None
    fs_group_policy: str | None
    node_allocatable_update_period_seconds: int | None
    pod_info_on_mount: bool | None
    requires_republish: bool | None
    se_linux_mount: bool | None
    storage_capacity: bool | None
    token_requests: list[TokenRequest]
    volume_lifecycle_modes: list[str]
    def __init__(
        self,
        *,
        attach_required: bool | None = ...,
        fs_group_policy: str | None = ...,
        node_allocatable_update_period_seconds: int | None = ...,
        pod_info_on_mount: bool | None = ...,
        requires_republish: bool | None = ...,
        se_linux_mount: bool | None = ...,
        storage_capacity: bool | None = ...,
        token_requests: list[TokenRequest] = ...,
        volume_lifecycle_modes: list[str] = ...,
    ) -> None: ...

class CSINode(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: CSINodeSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: CSINodeSpec = ...,
    ) -> None: ...

class CSINodeDriver(msgspec.Struct):
    allocatable: VolumeNodeResources | None
    name: str | None
    node_id: str | None
    topology_keys: list[str]
    def __init__(
        self,
        *,
        allocatable: VolumeNodeResources | None = ...,
        name: str | None = ...,
        node_id: str | None = ...,
        topology_keys: list[str] = ...,
    ) -> None: ...

class CSINodeList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[CSINode]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[CSINode] = ...,
    ) -> None: ...

class CSINodeSpec(msgspec.Struct):
    drivers: list[CSINodeDriver]
    def __init__(
        self,
        *,
        drivers: list[CSINodeDriver] = ...,
    ) -> None: ...

class CSIStorageCapacity(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    capacity: str | None
    maximum_volume_size: str | None
    node_topology: kajitori.api.meta.v1.LabelSelector | None
    storage_class_name: str | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        capacity: str | None = ...,
        maximum_volume_size: str | None = ...,
        node_topology: kajitori.api.meta.v1.LabelSelector | None = ...,
        storage_class_name: str | None = ...,
    ) -> None: ...

class CSIStorageCapacityList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[CSIStorageCapacity]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[CSIStorageCapacity] = ...,
    ) -> None: ...

class StorageClass(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    allow_volume_expansion: bool | None
    allowed_topologies: list[kajitori.api.core.v1.TopologySelectorTerm]
    mount_options: list[str]
    parameters: dict[str, str]
    provisioner: str | None
    reclaim_policy: str | None
    volume_binding_mode: str | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        allow_volume_expansion: bool | None = ...,
        allowed_topologies: list[kajitori.api.core.v1.TopologySelectorTerm] = ...,
        mount_options: list[str] = ...,
        parameters: dict[str, str] = ...,
        provisioner: str | None = ...,
        reclaim_policy: str | None = ...,
        volume_binding_mode: str | None = ...,
    ) -> None: ...

class StorageClassList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[StorageClass]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[StorageClass] = ...,
    ) -> None: ...

class TokenRequest(msgspec.Struct):
    audience: str | None
    expiration_seconds: int | None
    def __init__(
        self,
        *,
        audience: str | None = ...,
        expiration_seconds: int | None = ...,
    ) -> None: ...

class VolumeAttachment(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: VolumeAttachmentSpec
    status: VolumeAttachmentStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: VolumeAttachmentSpec = ...,
        status: VolumeAttachmentStatus = ...,
    ) -> None: ...

class VolumeAttachmentList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[VolumeAttachment]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[VolumeAttachment] = ...,
    ) -> None: ...

class VolumeAttachmentSource(msgspec.Struct):
    inline_volume_spec: kajitori.api.core.v1.PersistentVolumeSpec | None
    persistent_volume_name: str | None
    def __init__(
        self,
        *,
        inline_volume_spec: kajitori.api.core.v1.PersistentVolumeSpec | None = ...,
        persistent_volume_name: str | None = ...,
    ) -> None: ...

class VolumeAttachmentSpec(msgspec.Struct):
    attacher: str | None
    node_name: str | None
    source: VolumeAttachmentSource | None
    def __init__(
        self,
        *,
        attacher: str | None = ...,
        node_name: str | None = ...,
        source: VolumeAttachmentSource | None = ...,
    ) -> None: ...

class VolumeAttachmentStatus(msgspec.Struct):
    attach_error: VolumeError | None
    attached: bool | None
    attachment_metadata: dict[str, str]
    detach_error: VolumeError | None
    def __init__(
        self,
        *,
        attach_error: VolumeError | None = ...,
        attached: bool | None = ...,
        attachment_metadata: dict[str, str] = ...,
        detach_error: VolumeError | None = ...,
    ) -> None: ...

class VolumeAttributesClass(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    driver_name: str | None
    parameters: dict[str, str]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        driver_name: str | None = ...,
        parameters: dict[str, str] = ...,
    ) -> None: ...

class VolumeAttributesClassList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[VolumeAttributesClass]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[VolumeAttributesClass] = ...,
    ) -> None: ...

class VolumeError(msgspec.Struct):
    error_code: int | None
    message: str | None
    time: str | None
    def __init__(
        self,
        *,
        error_code: int | None = ...,
        message: str | None = ...,
        time: str | None = ...,
    ) -> None: ...

class VolumeNodeResources(msgspec.Struct):
    count: int | None
    def __init__(
        self,
        *,
        count: int | None = ...,
    ) -> None: ...
