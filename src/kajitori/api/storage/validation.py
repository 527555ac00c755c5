"""Validation of the kinds of storage.k8s.io/v1. Pure, on wire dicts after defaulting; texts are upstream's.

May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.volume_sources import driver_name
from kajitori.machinery import names
from kajitori.machinery.fieldpath import (
    Path,
    duplicate,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
    too_long,
)

MAX_NODE_ID = 192
GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
MIN_TOKEN_S, MIN_PERIOD_S = 600, 10
MAX_PARAMETERS, MAX_BYTES, MAX_MESSAGE = 512, 256 * 1024, 1024
UNBOUND = ("claimRef", "capacity", "nodeAffinity", "storageClassName")


def storage_class(obj: Object) -> Errors:
    """A class on its own; `storage_class_update` adds what never changes."""
    errors = _provisioner(Path("provisioner"), obj.get("provisioner") or "")
    errors += _parameters(obj.get("parameters") or {})
    errors += checks.optional_one_of(Path("reclaimPolicy"), obj.get("reclaimPolicy"), ("Delete", "Retain"))
    modes = ("Immediate", "WaitForFirstConsumer")
    chosen, at = obj.get("volumeBindingMode"), Path("volumeBindingMode")
    errors += [required(at)] if chosen is None else checks.choice(at, chosen, modes)
    return errors + _topologies(Path("allowedTopologies"), obj.get("allowedTopologies") or ())


def _provisioner(at: Path, name: str) -> Errors:
    return [invalid(at, name, why) for why in names.is_qualified_name(name.lower())] if name else [required(at)]


def _parameters(given: Mapping[str, str]) -> Errors:
    at = Path("parameters")
    if len(given) > MAX_PARAMETERS:
        return [too_long(at, "", MAX_PARAMETERS)]
    errors: Errors = [invalid(at, key, "field can not be empty.") for key in given if not key]
    return [*errors, too_long(at, "", MAX_BYTES)] if _size(given) > MAX_BYTES else errors


def _size(pairs: Mapping[str, str]) -> int:
    return sum(len(text.encode()) for pair in pairs.items() for text in pair)


def attributes_class(obj: Object) -> Errors:
    """A VolumeAttributesClass: a driver, and parameters for it."""
    errors = _provisioner(Path("driverName"), obj.get("driverName") or "")
    given = obj.get("parameters") or {}
    missing = [required(Path("parameters"), "must contain at least one key/value pair")]
    return errors + (_parameters(given) if given else missing)


def attributes_class_update(obj: Object, old: Object) -> Errors:
    """Neither the driver nor its parameters change."""
    return [
        forbidden(Path(field), f"updates to {field} are forbidden.")
        for field in ("driverName", "parameters")
        if (obj.get(field) or None) != (old.get(field) or None)
    ]


def capacity(obj: Object) -> Errors:
    """A CSIStorageCapacity."""
    errors = checks.label_selector(Path("nodeTopology"), obj.get("nodeTopology"))
    errors += checks.by(Path("storageClassName"), obj.get("storageClassName") or "", names.is_dns1123_subdomain)
    for field in ("capacity", "maximumVolumeSize"):
        errors += [] if obj.get(field) is None else checks.quantity(Path(field), obj[field])
    return errors


def capacity_update(obj: Object, old: Object) -> Errors:
    """Where and of which class it is never changes."""
    fields = ("nodeTopology", "storageClassName")
    return [error for field in fields for error in checks.unchanged(Path(field), obj.get(field), old.get(field))]


def _topologies(path: Path, terms: Any) -> Errors:
    errors: Errors = []
    seen: list[dict[str, set[str]]] = []
    for position, term in enumerate(terms):
        at = path.index(position).child("matchLabelExpressions")
        found: dict[str, set[str]] = {}
        for index, expression in enumerate(term.get("matchLabelExpressions") or ()):
            where, key, values = at.index(index), expression.get("key") or "", expression.get("values") or []
            if not values:
                errors.append(required(where.child("values")))
            for number, value in enumerate(values):
                if value in values[:number]:
                    errors.append(duplicate(where.child("values").index(number), value))
            errors += checks.by(where.child("key"), key, names.is_qualified_name)
            if key in found:
                errors.append(duplicate(where.child("key"), key))
            found[key] = set(values)
        same = len(terms) * (not found) + seen.count(found)  # upstream's list begins with as many empty ones
        errors += [duplicate(at, "")] * same
        seen.append(found)
    return errors


def storage_class_update(obj: Object, old: Object) -> Errors:
    """Only labels, annotations, expansion, mount options and topologies may change."""
    errors: Errors = []
    for field in ("parameters", "provisioner"):
        if (obj.get(field) or None) != (old.get(field) or None):
            errors.append(forbidden(Path(field), f"updates to {field} are forbidden."))
    if obj.get("reclaimPolicy") != old.get("reclaimPolicy"):
        errors.append(forbidden(Path("reclaimPolicy"), "updates to reclaimPolicy are forbidden."))
    at = Path("volumeBindingMode")
    return errors + checks.unchanged(at, obj.get("volumeBindingMode"), old.get("volumeBindingMode"))


def attachment(obj: Object) -> Errors:
    """An attacher, a node, and one source: a volume's name or its spec inline."""
    spec, path = obj.get("spec") or {}, Path("spec")
    attacher, node = spec.get("attacher") or "", spec.get("nodeName") or ""
    errors = driver_name(path.child("attacher"), attacher)
    source, at = spec.get("source") or {}, path.child("source")
    volume, inline = source.get("persistentVolumeName"), source.get("inlineVolumeSpec")
    one_of = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
    if volume is None and inline is None:
        errors.append(required(at, one_of))
    elif volume is not None and inline is not None:
        errors.append(forbidden(at, one_of))
    elif volume is not None:
        where = at.child("persistentVolumeName")
        if not volume:
            errors.append(required(where, "must specify non empty persistentVolumeName"))
        errors += checks.by(where, volume, names.is_dns1123_subdomain)
    elif inline is not None:
        errors += _inline(at.child("inlineVolumeSpec"), inline)
    return errors + checks.by(path.child("nodeName"), node, names.is_dns1123_subdomain)


def _inline(at: Path, spec: Object) -> Errors:
    """A volume that is nowhere else: its driver's part, and nothing that binds it."""
    where = "in the context of inline volumes"
    errors: Errors = [
        forbidden(at.child(field), f"may not be specified {where}") for field in UNBOUND if spec.get(field)
    ]
    if spec.get("csi") is None:
        errors.append(required(at.child("csi"), f"has to be specified {where}"))
    if (spec.get("persistentVolumeReclaimPolicy") or "Retain") != "Retain":
        errors.append(forbidden(at.child("persistentVolumeReclaimPolicy"), f"may only be Retain {where}"))
    if spec.get("volumeMode") not in (None, "Filesystem"):
        why = f"may not specify volumeMode other than Filesystem {where}"
        errors.append(forbidden(at.child("volumeMode"), why))
    return errors + ([] if spec.get("accessModes") else [required(at.child("accessModes"))])


def attachment_status(obj: Object, old: Object) -> Errors:
    """What drivers report, within limits."""
    status, at = obj.get("status") or {}, Path("status")
    errors: Errors = []
    if _size(status.get("attachmentMetadata") or {}) > MAX_BYTES:
        errors.append(too_long(at.child("attachmentMetadata"), "", MAX_BYTES))
    for field in ("attachError", "detachError"):
        error = status.get(field) or {}
        if len((error.get("message") or "").encode()) > MAX_MESSAGE:
            errors.append(too_long(at.child(field, "message"), "", MAX_BYTES))
        errors += checks.non_negative(at.child(field, "errorCode"), error.get("errorCode"))
    return errors + attachment_update(obj, old)


def attachment_update(obj: Object, old: Object) -> Errors:
    """The spec never changes."""
    return checks.unchanged(Path("spec"), obj.get("spec"), old.get("spec"))


def driver(obj: Object) -> Errors:
    """A CSIDriver: policy for groups, lifecycle modes, and tokens for distinct audiences of sensible lifetimes."""
    spec, path = obj.get("spec") or {}, Path("spec")
    policy = spec.get("fsGroupPolicy")
    errors: Errors = []
    if policy is not None and policy not in GROUP_POLICIES:
        errors.append(not_supported(path.child("fsGroupPolicy"), policy, GROUP_POLICIES))
    errors += _on_nodes(spec)
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in ("Persistent", "Ephemeral"):
            errors.append(not_supported(path.child("volumeLifecycleModes"), mode, ("Persistent", "Ephemeral")))
    return errors


def _on_nodes(spec: Object) -> Errors:
    """Tokens that the node's agent fetches, and how often it looks how much fits."""
    errors, path = _tokens(Path("spec"), spec), Path("spec")
    period, at = spec.get("nodeAllocatableUpdatePeriodSeconds"), path.child("nodeAllocatableUpdatePeriodSeconds")
    if period is not None and period < MIN_PERIOD_S:
        errors.append(invalid(at, period, f"must be greater than or equal to {MIN_PERIOD_S} seconds"))
    return errors


def _tokens(path: Path, spec: Object) -> Errors:
    errors: Errors = []
    audiences: set[str] = set()
    for position, request in enumerate(spec.get("tokenRequests") or ()):
        at, audience = path.child("tokenRequests").index(position), request.get("audience") or ""
        if audience in audiences:
            errors.append(duplicate(at.child("audience"), audience))
            continue
        audiences.add(audience)
        lifetime = request.get("expirationSeconds")
        where = at.child("expirationSeconds")
        if lifetime is not None and lifetime < MIN_TOKEN_S:
            errors.append(invalid(where, lifetime, "may not specify a duration less than 10 minutes"))
        if lifetime is not None and lifetime > 1 << 32:
            errors.append(invalid(where, lifetime, "may not specify a duration larger than 2^32 seconds"))
    return errors


def driver_update(obj: Object, old: Object) -> Errors:
    """Whether volumes are attached and how long they live never changes."""
    new, before, path = obj.get("spec") or {}, old.get("spec") or {}, Path("spec")
    errors = checks.unchanged(path.child("attachedRequired"), new.get("attachRequired"), before.get("attachRequired"))
    modes = (new.get("volumeLifecycleModes"), before.get("volumeLifecycleModes"))
    return errors + checks.unchanged(path.child("volumeLifecycleModes"), *modes) + _on_nodes(new)


def csi_node(obj: Object) -> Errors:
    """Each driver once, with the node's id in its own terms."""
    errors: Errors = []
    seen: set[str] = set()
    for position, one in enumerate((obj.get("spec") or {}).get("drivers") or ()):
        at, name, node = Path("spec", "drivers").index(position), one.get("name") or "", one.get("nodeID") or ""
        errors += driver_name(at.child("name"), name)
        if not node:
            errors.append(required(at.child("nodeID")))
        if len(node) > MAX_NODE_ID:
            errors.append(invalid(at.child("nodeID"), node, f"must be {MAX_NODE_ID} characters or less"))
        errors += checks.non_negative(at.child("allocatable", "count"), (one.get("allocatable") or {}).get("count"))
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        seen.add(name)
        errors += _topology_keys(at, one.get("topologyKeys") or [])
    return errors


def _topology_keys(at: Path, keys: list[str]) -> Errors:
    errors: Errors = []
    for position, key in enumerate(keys):
        if not key:
            errors.append(required(at, key))
        if key in keys[:position]:
            errors.append(duplicate(at, key))
        errors += [invalid(at, keys, why) for why in names.is_qualified_name(key)]
    return errors


def csi_node_update(obj: Object, old: Object) -> Errors:
    """Of a driver's entry only changes how much it can take; entries come and go."""
    then, now = ([_fixed(one) for one in (each.get("spec") or {}).get("drivers") or ()] for each in (old, obj))
    before = {one.get("name"): one for one in then}
    return [immutable(Path("spec", "drivers"), one) for one in now if before.get(one.get("name"), one) != one]


def _fixed(driver: Object) -> Object:
    return {name: value for name, value in driver.items() if name != "allocatable"}
