"""storage.k8s.io/v1: classes of storage, drivers and their nodes, attachments. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.cells import UNSET, age, dig, name, table
from kajitori.api.core import node_labels
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource, unchecked
from kajitori.api.storage import validation
from kajitori.machinery.fieldpath import Path

Object = dict[str, Any]
V1 = "storage.k8s.io/v1"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
DEFAULT_ATTRIBUTES = "volumeattributesclass.alpha.kubernetes.io/is-default-class"
DEFAULT_CLASS_BETA = "storageclass.beta.kubernetes.io/is-default-class"


def _class_row(obj: Object, now: datetime) -> list[Any]:
    annotations = dig(obj, "metadata.annotations", {})
    is_default = "true" in (annotations.get(DEFAULT_CLASS), annotations.get(DEFAULT_CLASS_BETA))
    return [
        name(obj) + (" (default)" if is_default else ""),
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    ]


def _driver_row(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    tokens = ",".join(str(t.get("audience", "")) for t in spec.get("tokenRequests") or ()) or UNSET
    flags = [dig(spec, "attachRequired", True), *(bool(spec.get(f)) for f in ("podInfoOnMount", "storageCapacity"))]
    modes = ",".join(spec.get("volumeLifecycleModes") or ()) or "<none>"
    return [name(obj), *flags, tokens, bool(spec.get("requiresRepublish")), modes, age(obj, now)]


def _attachment_row(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    volume = dig(spec, "source.persistentVolumeName", "")
    attached = bool(dig(obj, "status.attached", False))
    return [name(obj), spec.get("attacher", ""), volume, spec.get("nodeName", ""), attached, age(obj, now)]


def _attributes_row(obj: Object, now: datetime) -> list[Any]:
    is_default = dig(obj, "metadata.annotations", {}).get(DEFAULT_ATTRIBUTES) == "true"
    return [name(obj) + (" (default)" if is_default else ""), obj.get("driverName", ""), age(obj, now)]


def _class_defaults(obj: Object) -> None:
    obj.setdefault("reclaimPolicy", "Delete")
    obj.setdefault("volumeBindingMode", "Immediate")


def _driver_defaults(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    for field, value in (
        ("attachRequired", True),
        ("podInfoOnMount", False),
        ("storageCapacity", False),
        ("fsGroupPolicy", "ReadWriteOnceWithFSType"),
        ("requiresRepublish", False),
        ("seLinuxMount", False),
    ):
        spec.setdefault(field, value)
    if not spec.get("volumeLifecycleModes"):
        spec["volumeLifecycleModes"] = ["Persistent"]


def _class_warnings(obj: Object, old: Object | None) -> list[str]:
    found = []
    for position, topology in enumerate(obj.get("allowedTopologies") or ()):
        at = Path("allowedTopologies").index(position).child("matchLabelExpressions")
        for number, expression in enumerate(topology.get("matchLabelExpressions") or ()):
            for _, why in node_labels.deprecated((expression.get("key", ""),)):
                found.append(f"{at.index(number).child('key')}: {why}")
    return found


CLASS_COLUMNS = "Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age"
DRIVER_COLUMNS = (
    "Name, AttachRequired:boolean, PodInfoOnMount:boolean, StorageCapacity:boolean, TokenRequests, "
    "RequiresRepublish:boolean, Modes, Age"
)

RESOURCES: list[Resource] = [
    resource(
        V1,
        "csidrivers",
        "CSIDriver",
        Rules(
            defaults=_driver_defaults,
            validate=validation.driver,
            revalidate=unchecked,
            validate_update=validation.driver_update,
            generation=True,
            table=table(DRIVER_COLUMNS, _driver_row),
        ),
        namespaced=False,
    ),
    resource(
        V1,
        "csinodes",
        "CSINode",
        Rules(
            validate=validation.csi_node,
            validate_update=validation.csi_node_update,
            table=table(
                "Name, Drivers:integer, Age",
                lambda obj, now: [name(obj), len(dig(obj, "spec.drivers", ())), age(obj, now)],
            ),
        ),
        namespaced=False,
    ),
    resource(
        V1,
        "csistoragecapacities",
        "CSIStorageCapacity",
        Rules(
            validate=validation.capacity,
            validate_update=validation.capacity_update,
            table=table(
                "Name, StorageClassName, Capacity",
                lambda obj, _now: [name(obj), obj.get("storageClassName", ""), obj.get("capacity", UNSET)],
            ),
        ),
        list_kind="CSIStorageCapacityList",
    ),
    resource(
        V1,
        "storageclasses",
        "StorageClass",
        Rules(
            defaults=_class_defaults,
            validate=validation.storage_class,
            warnings=_class_warnings,
            validate_update=validation.storage_class_update,
            table=table(CLASS_COLUMNS, _class_row),
        ),
        namespaced=False,
        short_names=("sc",),
    ),
    resource(
        V1,
        "volumeattachments",
        "VolumeAttachment",
        Rules(
            validate=validation.attachment,
            validate_update=validation.attachment_update,
            validate_status=validation.attachment_status,
            status=True,
            status_keeps=("labels", "annotations", "finalizers", "ownerReferences"),
            table=table("Name, Attacher, PV, Node, Attached:boolean, Age", _attachment_row),
        ),
        namespaced=False,
    ),
    resource(
        V1,
        "volumeattributesclasses",
        "VolumeAttributesClass",
        Rules(
            validate=validation.attributes_class,
            revalidate=unchecked,
            validate_update=validation.attributes_class_update,
            table=table("Name, DriverName, Age", _attributes_row),
        ),
        namespaced=False,
        short_names=("vac",),
    ),
]
