"""Validation of annotations that mean something in a Pod or a template: deletion cost, seccomp, AppArmor, mirrors.

Pure; texts are upstream's. May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.pod_shapes import containers_with_path
from kajitori.api.core.volume_validation import descending
from kajitori.machinery.fieldpath import Path, forbidden, invalid
from kajitori.machinery.gotext import quote

MIRROR = "kubernetes.io/config.mirror"
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
LOCAL = "localhost/"
_COST = re.compile(r"(0|-?[1-9][0-9]*)\Z")
_RUNTIME_DEFAULT = ("runtime/default", "docker/default")


def meanings(at: Path, given: Mapping[str, str] | None, spec: Object) -> Errors:
    """`at` is the path of the annotations of a Pod or template with this spec."""
    if not given:
        return []
    errors: Errors = []
    if MIRROR in given and not spec.get("nodeName"):
        why = "must set spec.nodeName if mirror pod annotation is set"
        errors.append(invalid(at.key(MIRROR), given[MIRROR], why))
    cost = given.get(DELETION_COST)
    if cost is not None and not (_COST.match(cost) and -(2**31) <= int(cost) < 2**31):
        errors += checks.ratcheted([invalid(at.key(DELETION_COST), cost, "must be a 32bit integer")], DELETION_COST)
    for key, value in given.items():
        if key == SECCOMP_POD or key.startswith(SECCOMP_CONTAINER):
            errors += _seccomp_profile(at.child(key), value)
        elif key.startswith(APPARMOR):
            errors += _apparmor_profile(at.key(key), key.removeprefix(APPARMOR), value, spec)
    return errors


def _seccomp_profile(at: Path, profile: str) -> Errors:
    if profile in (*_RUNTIME_DEFAULT, "unconfined"):
        return []
    if profile.startswith(LOCAL):
        return descending(at, profile.removeprefix(LOCAL))
    return [invalid(at, profile, "must be a valid seccomp profile")]


def _apparmor_profile(at: Path, container: str, profile: str, spec: Object) -> Errors:
    errors: Errors = []
    if all(one.get("name") != container for _, one in containers_with_path(Path(), spec)):
        errors.append(invalid(at, container, "container not found"))
    if profile not in ("", "runtime/default", "unconfined") and not profile.startswith(LOCAL):
        errors.append(invalid(at, profile, f"invalid AppArmor profile name: {quote(profile)}"))
    return errors


def agree_with_fields(path: Path, given: Mapping[str, str] | None, spec: Object) -> Errors:
    """Profiles said twice, by an old annotation and by the field, must be the same; `path` is the spec's."""
    if not given:
        return []
    errors: Errors = []
    pod_context = spec.get("securityContext") or {}
    seccomp = pod_context.get("seccompProfile")
    if seccomp is not None and SECCOMP_POD in given:
        at = path.child("securityContext", "seccompProfile")
        errors += _same(at, given[SECCOMP_POD], seccomp, "seccomp", _RUNTIME_DEFAULT)
    windows = (spec.get("os") or {}).get("name") == "windows"
    for where, container in containers_with_path(path, spec):
        own, name = container.get("securityContext") or {}, container.get("name") or ""
        profile, note = own.get("seccompProfile"), given.get(SECCOMP_CONTAINER + name)
        if profile is not None and note is not None:
            at = where.child("securityContext", "seccompProfile")
            errors += _same(at, note, profile, "seccomp", _RUNTIME_DEFAULT)
        profile, note = own.get("appArmorProfile") or pod_context.get("appArmorProfile"), given.get(APPARMOR + name)
        if profile is not None and note is not None and not windows:
            at = where.child("securityContext", "appArmorProfile")
            errors += _same(at, note, profile, "apparmor", ("runtime/default",))
    return errors


def _same(at: Path, note: str, profile: Any, what: str, default: tuple[str, ...]) -> Errors:
    differs = forbidden(at.child("type"), f"{what} type in annotation and field must match")
    match profile.get("type"):
        case "Unconfined":
            return [] if note == "unconfined" else [differs]
        case "RuntimeDefault":
            return [] if note in default else [differs]
        case "Localhost":
            if not note.startswith(LOCAL):
                return [differs]
            if note.removeprefix(LOCAL) != profile.get("localhostProfile"):
                why = f"{what} profile in annotation and field must match"
                return [forbidden(at.child("localhostProfile"), why)]
    return []


def annotation_changes(at: Path, new: Mapping[str, str], old: Mapping[str, str]) -> Errors:
    """What an update may not do to them."""
    errors: Errors = []
    for key, before in old.items():
        if new.get(key) != before:
            if key.startswith(APPARMOR):
                errors.append(forbidden(at.key(key), "may not remove or update AppArmor annotations"))
            if key == MIRROR:
                errors.append(forbidden(at.key(key), "may not remove or update mirror pod annotation"))
    for key in new:
        if key not in old:
            if key.startswith(APPARMOR):
                errors.append(forbidden(at.key(key), "may not add AppArmor annotations"))
            if key == MIRROR:
                errors.append(forbidden(at.key(key), "may not add mirror pod annotation"))
    return errors
