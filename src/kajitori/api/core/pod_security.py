"""Validation of security contexts: users and groups, sysctls, profiles, namespaces that are shared with the node.

Pure, on wire dicts after defaulting; texts are upstream's. May import: api.checks, machinery.
"""

from __future__ import annotations

import re
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required

MAX_ID = 2**31 - 1
SYSCTL = r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
MAX_SYSCTL = 253
_SYSCTL = re.compile(SYSCTL.removesuffix("$") + r"\Z")
PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
ESCALATION = "cannot set `allowPrivilegeEscalation` to false and "


def pod_security(path: Path, spec: Object) -> Errors:
    """`spec.securityContext`, and the spec's own fields that go with it."""
    context = spec.get("securityContext") or {}
    at = path.child("securityContext")
    errors = _ids(at, context, ("fsGroup", "runAsUser", "runAsGroup"))
    for position, group in enumerate(context.get("supplementalGroups") or ()):
        errors += _id(at.child("supplementalGroups").index(position), group)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        message = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(invalid(path.child("shareProcessNamespace"), True, message))
    errors += _sysctls(at.child("sysctls"), context.get("sysctls") or (), spec)
    for field, choices in (
        ("fsGroupChangePolicy", ("Always", "OnRootMismatch")),
        ("supplementalGroupsPolicy", ("Merge", "Strict")),
        ("seLinuxChangePolicy", ("Recursive",)),
    ):
        errors += checks.optional_one_of(at.child(field), context.get(field), choices)
    errors += _profiles(at, context)
    return errors + _user_namespace(path, spec)


def _user_namespace(path: Path, spec: Object) -> Errors:
    """A Pod with users of its own shares no other namespace with the node; only such a Pod may see all of /proc."""
    errors: Errors = []
    own_users = spec.get("hostUsers") is False
    if own_users:
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(field):
                errors.append(forbidden(path.child(field), "when `hostUsers` is false"))
    for group in ("initContainers", "containers", "ephemeralContainers"):
        for position, container in enumerate(spec.get(group) or ()):
            mount = (container.get("securityContext") or {}).get("procMount")
            at = path.child(group).index(position).child("securityContext", "procMount")
            errors += checks.optional_one_of(at, mount, ("Default", "Unmasked"))
            if mount == "Unmasked" and not own_users:
                errors.append(invalid(at, mount, "`hostUsers` must be false to use `Unmasked`"))
    return errors


def _sysctls(path: Path, settings: Any, spec: Object) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for position, setting in enumerate(settings):
        at, name = path.index(position).child("name"), setting.get("name") or ""
        if not name:
            errors.append(required(at))
        elif len(name) > MAX_SYSCTL or not _SYSCTL.match(name):
            errors.append(invalid(at, name, f"must have at most {MAX_SYSCTL} characters and match regex {SYSCTL}"))
        elif name in seen:
            errors.append(duplicate(at, name))
        seen.add(name)
        plain = name.replace("/", ".")
        if spec.get("hostNetwork") and plain.startswith("net."):
            errors.append(invalid(at, name, "may not be specified when 'hostNetwork' is true"))
        if spec.get("hostIPC") and plain.startswith(("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")):
            errors.append(invalid(at, name, "may not be specified when 'hostIPC' is true"))
    return errors


def _profiles(at: Path, context: Object) -> Errors:
    errors: Errors = []
    for field, local in (("seccompProfile", "must be set when seccomp type is Localhost"),
                         ("appArmorProfile", "must be set when AppArmor type is Localhost")):  # fmt: skip
        profile = context.get(field)
        if profile is None:
            continue
        where, kind, file = at.child(field), profile.get("type"), profile.get("localhostProfile")
        word = "seccomp" if field == "seccompProfile" else "AppArmor"
        if not kind:
            errors.append(required(where.child("type"), f"type is required when {field} is set"))
        elif kind not in PROFILES:
            errors.append(not_supported(where.child("type"), kind, PROFILES))
        elif kind == "Localhost" and not file:
            errors.append(required(where.child("localhostProfile"), local))
        elif kind != "Localhost" and file is not None:
            message = f"can only be set when {word} type is Localhost"
            errors.append(invalid(where.child("localhostProfile"), file, message))
    return errors


def container_security(at: Path, context: Object) -> Errors:
    """`securityContext` of a container."""
    errors = _ids(at, context, ("runAsUser", "runAsGroup")) + _profiles(at, context)
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            errors.append(invalid(at, dict(context), f"{ESCALATION}`privileged` to true"))
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            errors.append(invalid(at, dict(context), f"{ESCALATION}`capabilities.Add` CAP_SYS_ADMIN"))
    return errors


def _ids(at: Path, context: Object, fields: tuple[str, ...]) -> Errors:
    return [error for field in fields for error in _id(at.child(field), context.get(field))]


def _id(at: Path, value: Any) -> Errors:
    if value is None or 0 <= value <= MAX_ID:
        return []
    return [invalid(at, value, f"must be between 0 and {MAX_ID}, inclusive")]
