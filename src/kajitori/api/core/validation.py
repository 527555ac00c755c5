"""Validation of the core/v1 kinds other than Pods and Services. Pure, on wire dicts after defaulting.

May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

import base64
import binascii
import json

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core import pod_validation, volume_sources, volume_validation
from kajitori.api.core.claim_validation import ACCESS_MODES, VOLUME_MODES, claim_spec
from kajitori.api.core.scheduling_validation import node_term
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required
from kajitori.machinery.quantity import Quantity

RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
IMMUTABLE_WHEN_SET = "field is immutable when `immutable` is set"
IMMUTABLE_CLAIM = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)
CLAIM_MUTABLE = frozenset({"resources", "volumeName", "storageClassName", "volumeAttributesClassName"})
DOCKER_SECRETS = ("kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg")
REQUIRED_SECRET_KEYS = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def config_map(obj: Object) -> Errors:
    """A key is in `data` or in `binaryData`; all values together are bounded."""
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    errors = checks.data_keys(Path("data"), data) + checks.data_keys(Path("binaryData"), binary)
    for key in data.keys() & binary.keys():
        errors.append(invalid(Path("data").key(key), key, f"duplicate of key present in {Path('binaryData')}"))
    size = sum(len(value.encode()) for value in data.values()) + sum(len(value) * 3 // 4 for value in binary.values())
    return errors + checks.total_size(Path(""), size)


def config_map_update(obj: Object, old: Object) -> Errors:
    """An immutable one stays as it is, for good (KEP-1412)."""
    return _immutable_data(obj, old, ("data", "binaryData"))


def _immutable_data(obj: Object, old: Object, fields: tuple[str, ...]) -> Errors:
    if not old.get("immutable"):
        return []
    errors: Errors = []
    if not obj.get("immutable"):
        errors.append(forbidden(Path("immutable"), IMMUTABLE_WHEN_SET))
    for field in fields:
        if (obj.get(field) or {}) != (old.get(field) or {}):
            errors.append(forbidden(Path(field), IMMUTABLE_WHEN_SET))
    return errors


def secret(obj: Object) -> Errors:
    """Values are base64 and bounded as decoded; some types must have certain keys."""
    data = obj.get("data") or {}
    errors = checks.data_keys(Path("data"), data)
    size = 0
    for key, value in data.items():
        try:
            size += len(base64.b64decode((value or "").replace("\n", ""), validate=True))
        except (binascii.Error, ValueError):
            errors.append(invalid(Path("data").key(key), "<redacted>", "illegal base64 data"))
    kind = obj.get("type") or ""
    for key in REQUIRED_SECRET_KEYS.get(kind, ()):
        if key not in data:
            errors.append(required(Path("data").key(key)))
        elif kind in DOCKER_SECRETS:
            errors += _docker_config(Path("data").key(key), data[key] or "")
    odd = Path("data").key("%s")  # upstream's path
    if kind == "kubernetes.io/basic-auth" and "username" not in data and "password" not in data:
        errors += [required(odd.key("username")), required(odd.key("password"))]
    if kind == "kubernetes.io/ssh-auth" and not data.get("ssh-privatekey"):
        errors.append(required(odd.key("ssh-privatekey")))
    if obj.get("type") == "kubernetes.io/service-account-token":
        name = ((obj.get("metadata") or {}).get("annotations") or {}).get("kubernetes.io/service-account.name")
        if not name:
            errors.append(required(Path("metadata", "annotations").key("kubernetes.io/service-account.name")))
    return errors + checks.total_size(Path("data"), size)


def _docker_config(at: Path, value: str) -> Errors:
    """Well-formed JSON, an object; what Go says of other text differs in words."""
    try:
        text = base64.b64decode(value).decode()
        config = json.loads(text)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        head = text.strip()[:1] if "text" in locals() else ""
        why = f"invalid character {head!r} looking for beginning of value" if head and head not in '{["' else ""
        return [invalid(at, "<secret contents redacted>", why or "unexpected end of JSON input")]
    if config is not None and not isinstance(config, dict):
        kind = {str: "string", list: "array", bool: "bool"}.get(type(config), "number")
        why = f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        return [invalid(at, "<secret contents redacted>", why)]
    return []


def secret_update(obj: Object, old: Object) -> Errors:
    """The type never changes; an immutable one stays as it is, for good."""
    return checks.unchanged(Path("type"), obj.get("type"), old.get("type")) + _immutable_data(obj, old, ("data",))


def endpoints(obj: Object) -> Errors:
    """Each subset has addresses, ready or not; several ports must have names."""
    errors: Errors = []
    for position, subset in enumerate(obj.get("subsets") or ()):
        at = Path("subsets").index(position)
        ready, waiting = subset.get("addresses") or [], subset.get("notReadyAddresses") or []
        if not ready and not waiting:
            errors.append(required(at, "must specify `addresses` or `notReadyAddresses`"))
        for field, addresses in (("addresses", ready), ("notReadyAddresses", waiting)):
            for index, address in enumerate(addresses):
                where = at.child(field).index(index)
                errors += checks.ip(where.child("ip"), address.get("ip") or "")
                if address.get("hostname"):
                    errors += checks.by(where.child("hostname"), address["hostname"], names.is_dns1123_label)
                if address.get("nodeName") is not None:
                    errors += checks.by(where.child("nodeName"), address["nodeName"], names.is_dns1123_subdomain)
        ports = subset.get("ports") or []
        for index, port in enumerate(ports):
            where = at.child("ports").index(index)
            if len(ports) > 1 and not port.get("name"):
                errors.append(required(where.child("name")))
            elif port.get("name"):
                errors += checks.by(where.child("name"), port["name"], names.is_dns1123_label)
            errors += checks.port_number(where.child("port"), port.get("port") or 0)
            errors += checks.one_of(where.child("protocol"), port.get("protocol"), ("SCTP", "TCP", "UDP"))
            errors += checks.app_protocol(where, port)
    return errors


def node(obj: Object) -> Errors:
    """Taints: each pair of key and effect once."""
    errors: Errors = []
    spec = obj.get("spec") or {}
    seen: set[tuple[str, str]] = set()
    for position, taint in enumerate(spec.get("taints") or ()):
        at = Path("spec", "taints").index(position)
        errors += checks.by(at.child("key"), taint.get("key") or "", names.is_qualified_name)
        errors += checks.by(at.child("value"), taint.get("value") or "", names.is_label_value)
        errors += checks.one_of_these(at.child("effect"), taint.get("effect"), TAINT_EFFECTS)
        key = (taint.get("key") or "", taint.get("effect") or "")
        if key in seen:
            errors.append(duplicate(at, taint))
        seen.add(key)
    cidrs = spec.get("podCIDRs") or ()
    for position, text in enumerate(cidrs):
        errors += checks.cidr(Path("spec", "podCIDRs").index(position), text)
    return errors


def _pod_ranges(spec: Object) -> list[str]:
    """The list counts; the single field is its first."""
    return spec.get("podCIDRs") or ([spec["podCIDR"]] if spec.get("podCIDR") else [])


def node_update(obj: Object, old: Object) -> Errors:
    """A pod CIDR and a provider ID stay once they are given."""
    errors: Errors = []
    new_spec, old_spec = obj.get("spec") or {}, old.get("spec") or {}
    new_ranges, old_ranges = _pod_ranges(new_spec), _pod_ranges(old_spec)
    if old_ranges and new_ranges != old_ranges:
        errors.append(
            forbidden(Path("spec", "podCIDRs"), 'node updates may not change podCIDR except from "" to valid')
        )
    if old_spec.get("providerID") and new_spec.get("providerID") != old_spec["providerID"]:
        errors.append(
            forbidden(Path("spec", "providerID"), 'node updates may not change providerID except from "" to valid')
        )
    return errors


def claim(obj: Object) -> Errors:
    """A PersistentVolumeClaim."""
    spec, path = obj.get("spec") or {}, Path("spec")
    return claim_spec(path, spec)


def claim_update(obj: Object, old: Object) -> Errors:
    """A claim may grow once it is bound; its volume and class are set once; the rest of the spec stays."""
    new_spec, old_spec = obj.get("spec") or {}, old.get("spec") or {}
    bound = (old.get("status") or {}).get("phase") == "Bound"
    same = all(new_spec.get(k) == old_spec.get(k) for k in new_spec.keys() | old_spec.keys() if k not in CLAIM_MUTABLE)
    renamed = old_spec.get("volumeName") and new_spec.get("volumeName") != old_spec["volumeName"]
    reclassed = old_spec.get("storageClassName") and new_spec.get("storageClassName") != old_spec["storageClassName"]
    resized = not bound and new_spec.get("resources") != old_spec.get("resources")
    if not same or renamed or reclassed or resized:
        return [forbidden(Path("spec"), IMMUTABLE_CLAIM)]
    new_size = ((new_spec.get("resources") or {}).get("requests") or {}).get("storage")
    old_size = ((old_spec.get("resources") or {}).get("requests") or {}).get("storage")
    if new_size and old_size and Quantity.parse(new_size) < Quantity.parse(old_size):
        message = "field can not be less than previous value"
        return [forbidden(Path("spec", "resources", "requests", "storage"), message)]
    return []


VOLUME_FIELDS = frozenset(
    [
        "capacity",
        "accessModes",
        "claimRef",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "mountOptions",
        "volumeMode",
        "nodeAffinity",
        "volumeAttributesClassName",
    ]
)


def volume(obj: Object) -> Errors:
    """A PersistentVolume has exactly one source, and of capacities only its size."""
    spec, path = obj.get("spec") or {}, Path("spec")
    errors: Errors = []
    if not spec.get("accessModes"):
        errors.append(required(path.child("accessModes")))
    for mode in spec.get("accessModes") or ():
        if mode not in ACCESS_MODES:
            errors.append(not_supported(path.child("accessModes"), mode, ACCESS_MODES))
    capacity = spec.get("capacity") or {}
    if not capacity:
        errors.append(required(path.child("capacity")))
    elif "storage" not in capacity or len(capacity) > 1:
        errors.append(not_supported(path.child("capacity"), capacity, ["storage"]))
    else:
        errors += checks.quantity(path.child("capacity").key("storage"), capacity["storage"])
    errors += checks.optional_one_of(
        path.child("persistentVolumeReclaimPolicy"), spec.get("persistentVolumeReclaimPolicy"), RECLAIM_POLICIES
    )
    sources = [field for field in spec if field not in VOLUME_FIELDS and spec[field] is not None]
    if not sources:
        errors.append(required(path, "must specify a volume type"))
    for extra in sources[1:]:
        errors.append(forbidden(path.child(extra), "may not specify more than 1 volume type"))
    errors += _volume_details(path, spec)
    if "local" in sources and not spec.get("nodeAffinity"):
        errors.append(required(path.child("nodeAffinity"), "Local volume requires node affinity"))
    return errors


VOLUME_CHECKS = {
    "hostPath": volume_validation.host_path,
    "nfs": volume_sources.nfs,
    "iscsi": volume_sources.iscsi,
    "fc": volume_sources.fc,
    "csi": volume_sources.persistent_csi,
}


def _volume_details(path: Path, spec: Object) -> Errors:
    errors: Errors = []
    for kind, check in VOLUME_CHECKS.items():
        if spec.get(kind) is not None:
            errors += check(path.child(kind), spec[kind])
    if spec.get("local") is not None:
        local, at = spec["local"].get("path") or "", path.child("local", "path")
        errors += [] if local else [required(at)]
        if ".." in local.split("/"):
            errors.append(invalid(at, local, volume_validation.BACKSTEPS))
    affinity = spec.get("nodeAffinity")
    if affinity is not None:
        errors += _volume_affinity(path.child("nodeAffinity", "required"), affinity.get("required"))
    if (spec.get("hostPath") or {}).get("path") == "/" and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        at = path.child("persistentVolumeReclaimPolicy")
        errors.append(forbidden(at, "may not be 'recycle' for a hostPath mount of '/'"))
    if spec.get("storageClassName"):
        errors += checks.by(path.child("storageClassName"), spec["storageClassName"], names.is_dns1123_subdomain)
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        errors.append(not_supported(path.child("volumeMode"), mode, VOLUME_MODES))
    return errors


def _volume_affinity(at: Path, selector: Object | None) -> Errors:
    if selector is None:
        return [required(at, "must specify required node constraints")]
    terms = selector.get("nodeSelectorTerms") or ()
    if not terms:
        return [required(at.child("nodeSelectorTerms"), "must have at least one node selector term")]
    where = at.child("nodeSelectorTerms")
    return [e for number, term in enumerate(terms) for e in node_term(where.index(number), term)]


def volume_update(obj: Object, old: Object) -> Errors:
    """Source and mode never change, nor does a node affinity once it is there."""
    new_spec, old_spec = obj.get("spec") or {}, old.get("spec") or {}
    sources = [k for k in new_spec.keys() | old_spec.keys() if k not in VOLUME_FIELDS]
    if any(new_spec.get(k) != old_spec.get(k) for k in sources):
        return [
            forbidden(Path("spec", "persistentvolumesource"), "spec.persistentvolumesource is immutable after creation")
        ]
    errors = checks.unchanged(Path("spec", "volumeMode"), new_spec.get("volumeMode"), old_spec.get("volumeMode"))
    if old_spec.get("nodeAffinity") is not None:
        errors += checks.unchanged(Path("nodeAffinity"), new_spec.get("nodeAffinity"), old_spec["nodeAffinity"])
    return errors


def pod_template_object(obj: Object) -> Errors:
    """A PodTemplate, the kind."""
    return pod_validation.pod_template(Path("template"), obj.get("template"))


def replication_controller(obj: Object) -> Errors:
    """The selector is a plain map, and must fit the template's labels."""
    spec, path = obj.get("spec") or {}, Path("spec")
    errors = checks.non_negative(path.child("replicas"), spec.get("replicas"))
    selector = spec.get("selector") or {}
    if not selector:
        errors.append(required(path.child("selector")))
    errors += checks.non_negative(path.child("minReadySeconds"), spec.get("minReadySeconds"))
    if spec.get("template") is None:
        return [*errors, required(path.child("template"))]
    errors += pod_validation.pod_template(path.child("template"), spec.get("template"))
    pairs = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if any(pairs.get(key) != value for key, value in selector.items()):
        errors.append(invalid(path.child("template", "metadata", "labels"), pairs, checks.SELECTOR_MISMATCH))
    return errors
