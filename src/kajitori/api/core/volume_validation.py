"""Validation of a pod's volumes and of the mounts that name them. Pure. May import: api.checks, machinery."""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_found, not_supported, required

HOST_PATH_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
BACKSTEPS = "must not contain '..'"


def volumes(path: Path, given: Any) -> tuple[set[str], Errors]:
    """The names of the volumes, and what is wrong with them."""
    seen: set[str] = set()
    errors: Errors = []
    for position, volume in enumerate(given):
        at = path.index(position)
        name = volume.get("name")
        errors += checks.dns_label(at.child("name"), name)
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        seen.add(name or "")
        errors += _source(at, volume)
    return seen, errors


def _source(at: Path, volume: Object) -> Errors:
    kinds = [kind for kind in volume if kind != "name" and volume[kind] is not None]
    errors: Errors = []
    if not kinds:
        return [required(at, "must specify a volume type")]
    for extra in kinds[1:]:
        errors.append(forbidden(at.child(extra), "may not specify more than 1 volume type"))
    kind, source = kinds[0], volume[kinds[0]]
    where = at.child(kind)
    if kind == "hostPath":
        errors += _host_path(where, source)
    elif kind == "secret" and not source.get("secretName"):
        errors.append(required(where.child("secretName")))
    elif kind == "configMap" and not source.get("name"):
        errors.append(required(where.child("name")))
    elif kind == "persistentVolumeClaim" and not source.get("claimName"):
        errors.append(required(where.child("claimName")))
    elif kind == "emptyDir" and source.get("sizeLimit") is not None:
        errors += checks.quantity(where.child("sizeLimit"), source["sizeLimit"])
    elif kind == "projected":
        errors += _projected(where, source)
    if kind in ("secret", "configMap"):
        errors += _items(where.child("items"), source.get("items") or ())
    errors += _mode(where.child("defaultMode"), source.get("defaultMode"))
    return errors


def _host_path(at: Path, source: Object) -> Errors:
    path = source.get("path") or ""
    errors: Errors = []
    if not path:
        errors.append(required(at.child("path")))
    elif ".." in path.split("/"):
        errors.append(invalid(at.child("path"), path, BACKSTEPS))
    if source.get("type", "") not in HOST_PATH_TYPES:
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
    if not path:
        return [required(at)]
    if path.startswith("/"):
        return [invalid(at, path, "must be a relative path")]
    if ".." in path.split("/"):
        return [invalid(at, path, BACKSTEPS)]
    return [invalid(at, path, "must not start with '..'")] if path.startswith("..") else []


def _mode(at: Path, mode: Any) -> Errors:
    if mode is not None and not 0 <= mode <= 0o777:
        return [invalid(at, mode, "must be a number between 0 and 0777 (octal), both inclusive")]
    return []


def _projected(at: Path, source: Object) -> Errors:
    errors: Errors = []
    for position, part in enumerate(source.get("sources") or ()):
        where = at.child("sources").index(position)
        if len([kind for kind in part if part[kind] is not None]) > 1:
            errors.append(forbidden(where, "may not specify more than 1 volume type"))
        token = part.get("serviceAccountToken")
        if token is not None:
            lifetime = token.get("expirationSeconds") or 0
            if lifetime < 600:
                where_s = where.child("serviceAccountToken", "expirationSeconds")
                errors.append(invalid(where_s, lifetime, "may not specify a duration less than 10 minutes"))
            errors += _relative(where.child("serviceAccountToken", "path"), token.get("path") or "")
    return errors


def mounts(path: Path, given: Any, volume_names: set[str]) -> Errors:
    """The mounts of one container: known volumes, each path once."""
    errors: Errors = []
    seen: set[str] = set()
    for position, mount in enumerate(given):
        at = path.index(position)
        if not mount.get("name"):
            errors.append(required(at.child("name")))
        elif mount["name"] not in volume_names:
            errors.append(not_found(at.child("name"), mount["name"]))
        target = mount.get("mountPath")
        if not target:
            errors.append(required(at.child("mountPath")))
        elif target in seen:
            errors.append(invalid(at.child("mountPath"), target, "must be unique"))
        seen.add(target or "")
        if mount.get("subPath") and mount.get("subPathExpr"):
            errors.append(
                invalid(at.child("subPathExpr"), mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive")
            )
        for field in ("subPath", "subPathExpr"):
            errors += _relative(at.child(field), mount[field]) if mount.get(field) else []
        errors += checks.optional_one_of(at.child("mountPropagation"), mount.get("mountPropagation"), PROPAGATIONS)
    return errors
