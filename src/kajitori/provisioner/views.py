"""The fields of claims, volumes and classes that provisioning reads. May import: api.views."""

from typing import ClassVar

import msgspec

from kajitori.api.views import Meta as ObjectMeta
from kajitori.api.views import View


class Meta(ObjectMeta):
    annotations: dict[str, str] = {}
    deletion_timestamp: str | None = None


class Resources(View):
    requests: dict[str, str] = {}


class ClaimSpec(View):
    storage_class_name: str | None = None
    volume_name: str | None = None
    volume_mode: str | None = None
    access_modes: list[str] = []
    resources: Resources | None = None


class ClaimStatus(View):
    phase: str | None = None


class Claim(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "PersistentVolumeClaim"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: ClaimSpec = msgspec.field(default_factory=ClaimSpec)
    status: ClaimStatus = msgspec.field(default_factory=ClaimStatus)


class HostPath(View):
    path: str = ""


class ClaimRef(View):
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None


class VolumeSpec(View):
    host_path: HostPath | None = None
    claim_ref: ClaimRef | None = None
    persistent_volume_reclaim_policy: str | None = None


class VolumeStatus(View):
    phase: str | None = None


class Volume(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "PersistentVolume"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: VolumeSpec = msgspec.field(default_factory=VolumeSpec)
    status: VolumeStatus = msgspec.field(default_factory=VolumeStatus)


class StorageClass(View):
    API_VERSION: ClassVar[str] = "storage.k8s.io/v1"
    KIND: ClassVar[str] = "StorageClass"
    metadata: Meta = msgspec.field(default_factory=Meta)
    provisioner: str = ""
    reclaim_policy: str | None = None
    volume_binding_mode: str | None = None
    mount_options: list[str] = []
    parameters: dict[str, str] = {}
