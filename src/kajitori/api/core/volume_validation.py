"""Validation of a pod's volumes and of the mounts that name them. Pure. May import: api.checks, machinery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core import volume_sources as sources
from kajitori.api.core.claim_validation import claim_spec
from kajitori.api.core.field_refs import FILE_FIELDS, field_ref, resource_ref
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_found, not_supported, required

HOST_PATH_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
RECURSIVE = ("Disabled", "Enabled", "IfPossible")
BACKSTEPS = "must not contain '..'"
MIN_TOKEN_S = 600


Volumes = dict[str, str]
"""The volumes of a pod: what kind of source each name has."""


def volumes(path: Path, given: Any, pod_name: str = "") -> tuple[Volumes, Errors]:
    """The volumes, and what is wrong with them; one that is wrong is none to mount. Templates have no `pod_name`."""
    seen: set[str] = set()
    known: Volumes = {}
    errors: Errors = []
    made = {f"{pod_name}-{one.get('name')}" for one in given if pod_name and one.get("ephemeral") is not None}
    for position, volume in enumerate(given):
        at, name = path.index(position), volume.get("name") or ""
        wrong = _source(at, volume, pod_name)
        if not name:
            wrong.append(required(at.child("name")))
        else:
            wrong += checks.by(at.child("name"), name, names.is_dns1123_label)
        if name in seen:
            wrong.append(duplicate(at.child("name"), name))
        if not wrong:
            seen.add(name)
            known[name] = sources.kinds_of(volume)[0]
        errors += wrong
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim in made:
            why = "must not reference a PVC that gets created for an ephemeral volume"
            errors.append(invalid(at.child("persistentVolumeClaim", "claimName"), claim, why))
    return known, errors


def _source(at: Path, volume: Object, pod_name: str) -> Errors:
    kinds = sources.kinds_of(volume)
    if not kinds:
        return [required(at, "must specify a volume type")]
    errors: Errors = []
    for extra in kinds[1:]:
        where = at.child(sources.SHOWN.get(extra, extra))
        errors.append(forbidden(where, "may not specify more than 1 volume type"))
    kind, source = kinds[0], volume[kinds[0]]
    check = _CHECKS.get(kind)
    if check is not None:
        errors += check(at.child(sources.INSIDE.get(kind, kind)), source)
    name = volume.get("name") or ""
    if kind == "iscsi" and sources.initiator_too_long(source, name):
        errors.append(invalid(at.child("name"), name, sources.LONG_INITIATOR))
    if kind == "ephemeral" and pod_name and name:
        claim = f"{pod_name}-{name}"
        errors += [
            invalid(at.child("name"), name, f'PVC name "{claim}": {why}') for why in names.is_dns1123_subdomain(claim)
        ]
    return errors


def _with_files(field: str) -> Callable[[Path, Object], Errors]:
    """A Secret or ConfigMap, named by `field`, some of whose keys become files."""

    def check(at: Path, source: Object) -> Errors:
        errors: Errors = [] if source.get(field) else [required(at.child(field))]
        errors += _mode(at.child("defaultMode"), source.get("defaultMode"))
        return errors + (_items(at.child("items"), source["items"]) if source.get("items") else [])

    return check


def _named(field: str) -> Callable[[Path, Object], Errors]:
    return lambda at, source: [] if source.get(field) else [required(at.child(field))]


def _empty_dir(at: Path, source: Object) -> Errors:
    limit = source.get("sizeLimit")
    if limit is None or not checks.quantity(at, limit):
        return []
    return [forbidden(at.child("sizeLimit"), "SizeLimit field must be a valid resource quantity")]


def _ephemeral(at: Path, source: Object) -> Errors:
    template, where = source.get("volumeClaimTemplate"), at.child("volumeClaimTemplate")
    if template is None:
        return [required(where)]
    errors = checks.template_metadata(where.child("metadata"), template.get("metadata") or {})
    return errors + claim_spec(where.child("spec"), template.get("spec") or {})


def host_path(at: Path, source: Object) -> Errors:
    """A path without backsteps, and a known type."""
    path = source.get("path") or ""
    if not path:
        return [required(at.child("path"))]
    errors: Errors = [invalid(at.child("path"), path, BACKSTEPS)] if ".." in path.split("/") else []
    if (source.get("type") or "") not in HOST_PATH_TYPES:
        errors.append(not_supported(at.child("type"), source["type"], HOST_PATH_TYPES))
    return errors


def _items(path: Path, items: Any) -> Errors:
    errors: Errors = []
    for position, item in enumerate(items):
        at = path.index(position)
        if not item.get("key"):
            errors.append(required(at.child("key")))
        errors += _relative(at.child("path"), item.get("path") or "")
        errors += _mode(at.child("mode"), item.get("mode"))
    return errors


def _relative(at: Path, path: str) -> Errors:
    """The path of a file within a volume."""
    errors: Errors = [] if path else [required(at)]
    return errors + _not_reserved(at, path)


def _not_reserved(at: Path, path: str) -> Errors:
    errors = descending(at, path)
    if path.startswith("..") and not path.startswith("../"):
        errors.append(invalid(at, path, "must not start with '..'"))
    return errors


def descending(at: Path, path: str) -> Errors:
    """A path that stays below where it starts."""
    errors: Errors = [invalid(at, path, "must be a relative path")] if path.startswith("/") else []
    return errors + ([invalid(at, path, BACKSTEPS)] if ".." in path.split("/") else [])


def _mode(at: Path, mode: Any) -> Errors:
    if mode is not None and not 0 <= mode <= 0o777:
        return [invalid(at, mode, "must be a number between 0 and 0777 (octal), both inclusive")]
    return []


def _projected(at: Path, source: Object) -> Errors:
    errors = _mode(at.child("defaultMode"), source.get("defaultMode"))
    taken: set[str] = set()
    for position, part in enumerate(source.get("sources") or ()):
        where = at.child("sources").index(position)
        for kind in ("secret", "configMap"):
            projection = part.get(kind)
            if projection is None:
                continue
            if not projection.get("name"):
                errors.append(required(where.child(kind, "name")))
            items = projection.get("items") or ()
            errors += _items(where.child(kind, "items"), items)
            errors += _conflicts(at, items, taken, projection.get("name") or "")
        if part.get("downwardAPI") is not None:
            files = part["downwardAPI"].get("items") or ()
            for file in files:
                errors += _downward_file(where.child("downwardAPI"), file)
            errors += _conflicts(at, files, taken, "")
        token = part.get("serviceAccountToken")
        if token is not None:
            errors += _token(at, where.child("serviceAccountToken"), token)
        if len([kind for kind in part if part[kind] is not None]) > 1:
            errors.append(forbidden(where, "may not specify more than 1 volume type per source"))
    return errors


def _conflicts(at: Path, files: Any, taken: set[str], name: str) -> Errors:
    errors: Errors = []
    for file in files:
        path = file.get("path")
        if path and path in taken:
            errors.append(invalid(at, name or path, "conflicting duplicate paths"))
        elif path:
            taken.add(path)
    return errors


def _token(volume: Path, at: Path, token: Object) -> Errors:
    lifetime = token.get("expirationSeconds") or 0
    errors: Errors = []
    if lifetime < MIN_TOKEN_S:
        errors.append(
            invalid(at.child("expirationSeconds"), lifetime, "may not specify a duration less than 10 minutes")
        )
    if lifetime > 1 << 32:
        message = "may not specify a duration larger than 2^32 seconds"
        errors.append(invalid(at.child("expirationSeconds"), lifetime, message))
    if not token.get("path"):
        return [*errors, required(volume.child("path"))]
    return errors + checks.ratcheted(_not_reserved(volume.child("path"), token["path"]), "path of a token")


def _downward(at: Path, source: Object) -> Errors:
    errors = _mode(at.child("defaultMode"), source.get("defaultMode"))
    return errors + [error for file in source.get("items") or () for error in _downward_file(at, file)]


def _downward_file(at: Path, file: Object) -> Errors:
    """A file of a downwardAPI volume; upstream tells of all of them at the volume."""
    errors = _relative(at.child("path"), file.get("path") or "")
    field, resource = file.get("fieldRef"), file.get("resourceFieldRef")
    if field is not None:
        errors += field_ref(at.child("fieldRef"), field, FILE_FIELDS)
        if resource is not None:
            message = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(invalid(at, "resource", message))
    elif resource is not None:
        errors += resource_ref(at.child("resourceFieldRef"), resource, names_container=True)
    else:
        errors.append(required(at, "one of fieldRef and resourceFieldRef is required"))
    return errors + _mode(at.child("mode"), file.get("mode"))


_CHECKS: dict[str, Callable[[Path, Object], Errors]] = {
    "hostPath": host_path,
    "secret": _with_files("secretName"),
    "configMap": _with_files("name"),
    "persistentVolumeClaim": _named("claimName"),
    "emptyDir": _empty_dir,
    "projected": _projected,
    "downwardAPI": _downward,
    "ephemeral": _ephemeral,
    "csi": sources.csi,
} | sources.SHARED


def mounts(path: Path, container: Object, known: Volumes) -> Errors:
    """The mounts of one container: known volumes, each path once."""
    errors: Errors = []
    seen: set[str] = set()
    blocks = container.get("volumeDevices") or ()
    device_names, device_paths = ({d.get(field) for d in blocks} for field in ("name", "devicePath"))
    for position, mount in enumerate(container.get("volumeMounts") or ()):
        at = path.index(position)
        name, target = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            errors.append(required(at.child("name")))
        if name not in known:
            errors.append(not_found(at.child("name"), name))
        if not target:
            errors.append(required(at.child("mountPath")))
        if target in seen:
            errors.append(invalid(at.child("mountPath"), target, "must be unique"))
        seen.add(target)
        if name in device_names:
            errors.append(invalid(at.child("name"), name, "must not already exist in volumeDevices"))
        if target in device_paths:
            errors.append(invalid(at.child("mountPath"), target, "must not already exist as a path in volumeDevices"))
        errors += _sub_paths(path, at, mount)
        errors += _propagation(path.child("mountPropagation"), mount.get("mountPropagation"), container)
        if mount.get("recursiveReadOnly") is not None:
            errors += _recursive(path.child("recursiveReadOnly"), mount)
    return errors


def _recursive(at: Path, mount: Object) -> Errors:
    value = mount["recursiveReadOnly"]
    if value not in RECURSIVE:
        return [not_supported(at, value, RECURSIVE)]
    errors: Errors = []
    if value != "Disabled" and not mount.get("readOnly"):
        errors.append(forbidden(at, "may only be specified when readOnly is true"))
    if value != "Disabled" and mount.get("mountPropagation") not in (None, "None"):
        errors.append(forbidden(at, "may only be specified when mountPropagation is None or not specified"))
    return errors


def _sub_paths(path: Path, at: Path, mount: Object) -> Errors:
    """Upstream tells of a bad path below the list, without the mount's index."""
    errors: Errors = []
    if mount.get("subPath"):
        errors += descending(path.child("subPath"), mount["subPath"])
    if mount.get("subPathExpr"):
        if mount.get("subPath"):
            message = "subPathExpr and subPath are mutually exclusive"
            errors.append(invalid(at.child("subPathExpr"), mount["subPathExpr"], message))
        errors += descending(path.child("subPathExpr"), mount["subPathExpr"])
    return errors


def _propagation(at: Path, value: str | None, container: Object) -> Errors:
    if value is None:
        return []
    if value not in PROPAGATIONS:
        return [not_supported(at, value, PROPAGATIONS)]
    privileged = (container.get("securityContext") or {}).get("privileged")
    if value == "Bidirectional" and not privileged:
        return [forbidden(at, "Bidirectional mount propagation is available only to privileged containers")]
    return []


def devices(path: Path, container: Object, known: Volumes) -> Errors:
    """The raw block devices of one container: claims, each once."""
    errors: Errors = []
    names_seen: set[str] = set()
    paths_seen: set[str] = set()
    mounted = container.get("volumeMounts") or ()
    for position, device in enumerate(container.get("volumeDevices") or ()):
        at = path.index(position)
        name, target = device.get("name") or "", device.get("devicePath") or ""
        if not name:
            errors.append(required(at.child("name")))
        if name in names_seen:
            errors.append(invalid(at.child("name"), name, "must be unique"))
        kind = known.get(name)
        if kind is None:
            errors.append(not_found(at.child("name"), name))
        elif kind not in ("persistentVolumeClaim", "ephemeral"):
            message = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            errors.append(invalid(at.child("name"), name, message))
        if not target:
            errors.append(required(at.child("devicePath")))
        if target in paths_seen:
            errors.append(invalid(at.child("devicePath"), target, "must be unique"))
        if ".." in target.split("/"):
            errors.append(invalid(at.child("devicePath"), target, "can not contain backsteps ('..')"))
        else:
            paths_seen.add(target)
        if any(mount.get("name") == name for mount in mounted):
            errors.append(invalid(at.child("name"), name, "must not already exist in volumeMounts"))
        if any(mount.get("mountPath") == target for mount in mounted):
            errors.append(invalid(at.child("devicePath"), target, "must not already exist as a path in volumeMounts"))
        if name:
            names_seen.add(name)
    return errors
