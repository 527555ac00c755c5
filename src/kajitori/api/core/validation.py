"""Validation of the core/v1 kinds other than Pods and Services. Pure, on wire dicts after defaulting.

May import: api.{checks, ips}, api.core, machinery.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.core import pod_validation
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required

TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
IMMUTABLE_WHEN_SET = "field is immutable when `immutable` is set"
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
        errors.append(invalid(Path("data").key(key), key, "duplicate of key present in binaryData"))
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
    at = Path("data")
    if kind == "kubernetes.io/basic-auth" and "username" not in data and "password" not in data:
        errors += [required(at.key("username")), required(at.key("password"))]
    if kind == "kubernetes.io/ssh-auth" and not data.get("ssh-privatekey"):
        errors.append(required(at.key("ssh-privatekey")))
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
                ip = address.get("ip") or ""
                errors += ips.ip(where.child("ip"), ip) + ips.ordinary_ip(where.child("ip"), ip)
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
    template, at = spec.get("template"), path.child("template")
    if template is None:
        return [*errors, required(at)]
    pairs = (template.get("metadata") or {}).get("labels") or {}
    if any(pairs.get(key) != value for key, value in selector.items()):
        errors.append(invalid(at.child("metadata", "labels"), pairs, checks.SELECTOR_MISMATCH))
    errors += pod_validation.pod_template(at, template)
    policy = (template.get("spec") or {}).get("restartPolicy") or ""
    if policy != "Always":
        errors.append(not_supported(at.child("spec", "restartPolicy"), policy, ["Always"]))
    if (template.get("spec") or {}).get("activeDeadlineSeconds") is not None:
        why = "activeDeadlineSeconds in ReplicationController is not Supported"
        errors.append(forbidden(at.child("spec", "activeDeadlineSeconds"), why))
    return errors


def namespace(obj: Object) -> Errors:
    """Finalizers of the spec are qualified names, or the one that Kubernetes has."""
    at = Path("spec", "finalizers")
    return [e for name in (obj.get("spec") or {}).get("finalizers") or () for e in finalizer(at, name)]


def finalized(finalizers: Sequence[str]) -> Errors:
    """The same when `finalize` writes them, each at its place."""
    at = Path("spec", "finalizers")
    return [error for position, name in enumerate(finalizers) for error in finalizer(at.index(position), name)]


def finalizer(at: Path, name: str) -> Errors:
    """Of a namespace's spec."""
    errors = checks.by(at, name, names.is_qualified_name)
    if "/" not in name and name not in ("orphan", "foregroundDeletion", "kubernetes"):
        why = "name is neither a standard finalizer name nor is it fully qualified"
        errors.append(invalid(at, name, why))
    return errors


def namespace_status(obj: Object, old: Object) -> Errors:
    """The phase tells whether the namespace is being deleted."""
    going = bool((obj.get("metadata") or {}).get("deletionTimestamp"))
    phase, wanted = (obj.get("status") or {}).get("phase") or "", "Terminating" if going else "Active"
    if phase == wanted:
        return []
    when = "not empty" if going else "empty"
    at = Path("status", "Phase")
    return [invalid(at, phase, f"may only be '{wanted}' if `deletionTimestamp` is {when}")]
