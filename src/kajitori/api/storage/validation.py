"""Validation of the kinds of storage.k8s.io/v1. Pure, on wire dicts after defaulting; texts are upstream's.

May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.volume_sources import driver_name
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required

MAX_NODE_ID = 192
GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
MIN_TOKEN_S = 600


def storage_class(obj: Object) -> Errors:
    """A class on its own; `storage_class_update` adds what never changes."""
    provisioner = obj.get("provisioner") or ""
    at = Path("provisioner")
    errors: Errors = [] if provisioner else [required(at)]
    if provisioner:
        errors += [invalid(at, provisioner, why) for why in names.is_qualified_name(provisioner.lower())]
    if any(not key for key in obj.get("parameters") or ()):
        errors.append(invalid(Path("parameters"), "", "field can not be empty."))
    errors += checks.optional_one_of(Path("reclaimPolicy"), obj.get("reclaimPolicy"), ("Delete", "Retain"))
    modes = ("Immediate", "WaitForFirstConsumer")
    errors += checks.one_of(Path("volumeBindingMode"), obj.get("volumeBindingMode"), modes)
    return errors + _topologies(Path("allowedTopologies"), obj.get("allowedTopologies") or ())


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
        if found in seen:
            errors.append(duplicate(at, ""))
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
    return errors + checks.by(path.child("nodeName"), node, names.is_dns1123_subdomain)


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
    audiences: set[str] = set()
    for position, request in enumerate(spec.get("tokenRequests") or ()):
        at, audience = path.child("tokenRequests").index(position), request.get("audience") or ""
        if audience in audiences:
            errors.append(duplicate(at.child("audience"), audience))
        audiences.add(audience)
        lifetime = request.get("expirationSeconds")
        where = at.child("expirationSeconds")
        if lifetime is not None and lifetime < MIN_TOKEN_S:
            errors.append(invalid(where, lifetime, "may not specify a duration less than 10 minutes"))
        if lifetime is not None and lifetime > 1 << 32:
            errors.append(invalid(where, lifetime, "may not specify a duration larger than 2^32 seconds"))
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in ("Persistent", "Ephemeral"):
            errors.append(not_supported(path.child("volumeLifecycleModes"), mode, ("Persistent", "Ephemeral")))
    return errors


def driver_update(obj: Object, old: Object) -> Errors:
    """Whether volumes are attached and how long they live never changes."""
    new, before, path = obj.get("spec") or {}, old.get("spec") or {}, Path("spec")
    errors = checks.unchanged(path.child("attachedRequired"), new.get("attachRequired"), before.get("attachRequired"))
    modes = (new.get("volumeLifecycleModes"), before.get("volumeLifecycleModes"))
    return errors + checks.unchanged(path.child("volumeLifecycleModes"), *modes)


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
    """A driver's entry never changes; entries come and go."""
    before = {one.get("name"): one for one in (old.get("spec") or {}).get("drivers") or ()}
    return [
        invalid(Path("CSINodeDriver"), one, "field is immutable")
        for one in (obj.get("spec") or {}).get("drivers") or ()
        if before.get(one.get("name"), one) != one
    ]
