"""Validation of PersistentVolumes and their claims, and of what may become of them.

Pure, on wire dicts after defaulting; texts are upstream's. May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

import copy
import posixpath
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core import persistent_sources
from kajitori.api.core.claim_validation import VOLUME_MODES, access_modes, claim_spec
from kajitori.api.core.scheduling_validation import node_selector
from kajitori.api.core.volume_sources import INSIDE, LONG_INITIATOR, SHOWN, initiator_too_long
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required
from kajitori.machinery.quantity import Quantity
from kajitori.machinery.specdiff import difference

SPEC, STATUS = Path("spec"), Path("status")
RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
IMMUTABLE_CLAIM = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)
CLASS_GONE = "update from non-nil value to nil is forbidden"
RESIZE_STATES = (
    "ControllerResizeInProgress",
    "ControllerResizeInfeasible",
    "NodeResizeInProgress",
    "NodeResizeInfeasible",
    "NodeResizePending",
)
STABLE_LABELS = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
}


def volume(obj: Object) -> Errors:
    """A PersistentVolume."""
    return volume_spec(SPEC, obj.get("spec") or {}, (obj.get("metadata") or {}).get("name") or "")


def volume_spec(path: Path, spec: Object, name: str) -> Errors:
    """It has exactly one source, and of capacities only its size."""
    errors: Errors = [] if spec.get("accessModes") else [required(path.child("accessModes"))]
    errors += access_modes(path.child("accessModes"), spec.get("accessModes") or ())
    errors += _capacity(path.child("capacity"), spec.get("capacity") or {})
    policy = spec.get("persistentVolumeReclaimPolicy")
    errors += checks.optional_one_of(path.child("persistentVolumeReclaimPolicy"), policy, RECLAIM_POLICIES)
    errors += node_affinity(path.child("nodeAffinity"), spec.get("nodeAffinity"))
    errors += source(path, spec, name)
    if posixpath.normpath((spec.get("hostPath") or {}).get("path") or ".") == "/" and policy == "Recycle":
        at = path.child("persistentVolumeReclaimPolicy")
        errors.append(forbidden(at, "may not be 'recycle' for a hostPath mount of '/'"))
    if spec.get("storageClassName"):
        errors += checks.by(path.child("storageClassName"), spec["storageClassName"], names.is_dns1123_subdomain)
    errors += checks.choice(path.child("volumeMode"), spec.get("volumeMode"), VOLUME_MODES)
    attributes, at = spec.get("volumeAttributesClassName"), path.child("volumeAttributesClassName")
    if attributes is not None:
        missing = [required(at, "an empty string is disallowed")]
        errors += checks.by(at, attributes, names.is_dns1123_subdomain) if attributes else missing
        if spec.get("csi") is None:
            why = "has to be specified when using volumeAttributesClassName"
            errors.append(required(path.child("csi"), why))
    return errors


def _capacity(at: Path, capacity: Object) -> Errors:
    errors: Errors = [] if capacity else [required(at)]
    if "storage" not in capacity or len(capacity) > 1:
        errors.append(not_supported(at, dict(capacity), ["storage"]))
    for name, value in capacity.items():
        size = Quantity.parse(value)
        if size < Quantity():
            errors.append(invalid(at.key(name), size.value(), "must be a valid resource quantity"))
        if size <= Quantity():
            errors.append(invalid(at.key(name), str(size), "must be greater than zero"))
    return errors


def node_affinity(at: Path, affinity: Object | None) -> Errors:
    """Where the volume can be reached from."""
    if affinity is None:
        return []
    where = at.child("required")
    if affinity.get("required") is None:
        return [required(where, "must specify required node constraints")]
    return node_selector(where, affinity["required"])


def source(path: Path, spec: Object, name: str) -> Errors:
    """The one source of a spec at `path`."""
    given = [kind for kind in persistent_sources.ORDER if spec.get(kind) is not None]
    if not given:
        return [required(path, "must specify a volume type")]
    kind = given[0]
    errors = persistent_sources.CHECKS[kind](path.child(INSIDE.get(kind, kind)), spec[kind])
    if kind == "iscsi" and initiator_too_long(spec[kind], name):
        portal = spec[kind].get("targetPortal") or ""
        errors.append(invalid(path.child(kind, "targetportal"), portal, LONG_INITIATOR))
    if kind == "local" and spec.get("nodeAffinity") is None:
        errors.append(required(path.child("nodeAffinity"), "Local volume requires node affinity"))
    for extra in given[1:]:
        errors.append(forbidden(path.child(SHOWN.get(extra, extra)), "may not specify more than 1 volume type"))
    return errors


def volume_update(obj: Object, old: Object) -> Errors:
    """Source and mode never change, nor does a node affinity once it is there, but for newer names of its labels."""
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    sources, was = ({kind: one.get(kind) for kind in persistent_sources.ORDER} for one in (new, before))
    csi, old_csi = sources["csi"], was["csi"]
    if csi and old_csi and old_csi.get("controllerExpandSecretRef") is None:  # may be added
        sources["csi"] = {k: v for k, v in csi.items() if k != "controllerExpandSecretRef"}
    errors: Errors = []
    if sources != was:
        shown = difference("core.PersistentVolumeSource", _set(was), _set(sources))
        why = f"spec.persistentvolumesource is immutable after creation\n{shown}"
        errors.append(forbidden(SPEC.child("persistentvolumesource"), why))
    errors += checks.unchanged(Path("volumeMode"), new.get("volumeMode"), before.get("volumeMode"))
    affinity, old_affinity = new.get("nodeAffinity"), before.get("nodeAffinity")
    if old_affinity is not None and not _same_but_stable_labels(affinity, old_affinity):
        why = "field is immutable, except for updating from beta label to GA"
        errors.append(invalid(Path("nodeAffinity"), affinity, why))
    if before.get("volumeAttributesClassName") is not None and new.get("volumeAttributesClassName") is None:
        errors.append(forbidden(SPEC.child("volumeAttributesClassName"), CLASS_GONE))
    return errors


def _set(fields: Object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _same_but_stable_labels(new: Any, old: Any) -> bool:
    if isinstance(new, dict) and isinstance(old, dict):
        return new.keys() == old.keys() and all(
            (key == "key" and STABLE_LABELS.get(old[key]) == new[key]) or _same_but_stable_labels(new[key], old[key])
            for key in new
        )
    if isinstance(new, list) and isinstance(old, list):
        return len(new) == len(old) and all(_same_but_stable_labels(a, b) for a, b in zip(new, old, strict=True))
    return bool(new == old)


def claim(obj: Object) -> Errors:
    """A PersistentVolumeClaim."""
    return claim_spec(SPEC, obj.get("spec") or {})


def claim_update(obj: Object, old: Object) -> Errors:
    """A claim may grow once it is bound; its volume and class are set once; the rest of the spec stays."""
    new, before = copy.deepcopy(obj.get("spec") or {}), copy.deepcopy(old.get("spec") or {})
    spec, old_spec = obj.get("spec") or {}, old.get("spec") or {}
    errors: Errors = []
    if not before.get("volumeName"):
        before.pop("volumeName", None)
        new.pop("volumeName", None)
    errors += _storage_class(obj, old, new, before)
    bound = (old.get("status") or {}).get("phase") == "Bound"
    if bound and (new.get("resources") or {}).get("requests"):
        new["resources"]["requests"]["storage"] = _size(old_spec, str)
    if bound and new.get("volumeAttributesClassName") is not None:
        new["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
    new, before = _set(new), _set(before)
    if new != before:
        shown = difference("core.PersistentVolumeClaimSpec", before, new)
        errors.append(forbidden(SPEC, f"{IMMUTABLE_CLAIM}\n{shown}"))
    size, old_size = _size(spec, Quantity.parse), _size(old_spec, Quantity.parse)
    held = Quantity.parse(((old.get("status") or {}).get("capacity") or {}).get("storage") or "0")
    if size < old_size and size <= held:
        at = SPEC.child("resources", "requests", "storage")
        errors.append(forbidden(at, "field can not be less than status.capacity"))
    errors += checks.unchanged(Path("volumeMode"), spec.get("volumeMode"), old_spec.get("volumeMode"))
    return errors + _attributes_class(spec, old_spec)


def _size(spec: Object, read: Any) -> Any:
    return read(((spec.get("resources") or {}).get("requests") or {}).get("storage") or "0")


def _storage_class(obj: Object, old: Object, new: dict[str, Any], before: dict[str, Any]) -> Errors:
    """The class may move from the old annotation to the field, or come where there was none."""
    notes, old_notes = (((one.get("metadata") or {}).get("annotations") or {}) for one in (obj, old))
    note, old_note = notes.get(BETA_CLASS), old_notes.get(BETA_CLASS)
    wanted, was = new.get("storageClassName"), before.get("storageClassName")
    if old_note is not None and was is None and wanted == old_note and note in (None, old_note):
        new.pop("storageClassName", None)
        return []
    errors: Errors = []
    if (note or "") != (old_note or ""):
        at = Path("metadata", "annotations", BETA_CLASS)
        errors.append(invalid(at, note or "", "field is immutable"))
    if wanted is not None and was is None and old_note in (None, wanted):
        new.pop("storageClassName", None)
    return errors


def _attributes_class(spec: Object, old_spec: Object) -> Errors:
    new, old, at = spec.get("volumeAttributesClassName"), old_spec.get("volumeAttributesClassName"), SPEC
    where = at.child("volumeAttributesClassName")
    if old is None or new == old:
        return []
    if new is None:
        return [forbidden(where, CLASS_GONE)]
    return [] if new else [forbidden(where, "update from non-nil value to an empty string is forbidden")]


def claim_status(obj: Object, old: Object) -> Errors:
    """Sizes, and how far a resize has come."""
    status = obj.get("status") or {}
    errors: Errors = []
    if not (obj.get("spec") or {}).get("accessModes"):
        errors.append(required(Path("Spec", "accessModes")))
    for name, value in (status.get("capacity") or {}).items():
        errors += _basic(STATUS.child("capacity").key(name), value)
    at = STATUS.child("allocatedResourceStatus")
    for name, state in (status.get("allocatedResourceStatuses") or {}).items():
        errors += _resource_key(at, name)
        if state not in RESIZE_STATES:
            errors.append(not_supported(at, name, sorted(RESIZE_STATES)))
    at = STATUS.child("allocatedResources")
    for name, value in (status.get("allocatedResources") or {}).items():
        errors += _resource_key(at, name) or _basic(at.key(name), value)
    return errors


def _basic(at: Path, value: Any) -> Errors:
    amount = Quantity.parse(value)
    return [] if amount.value() >= 0 else [invalid(at, amount.value(), "must be a valid resource quantity")]


def _resource_key(at: Path, name: str) -> Errors:
    wrong = checks.by(at, name, names.is_qualified_name)
    if wrong or name == "storage" or ("/" in name and "kubernetes.io/" not in name):
        return wrong
    return [not_supported(at, name, ["storage"])]
