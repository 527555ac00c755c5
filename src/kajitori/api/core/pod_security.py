"""Validation of security contexts: users and groups, sysctls, profiles, namespaces that are shared with the node.

Pure, on wire dicts after defaulting; texts are upstream's. May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

import re
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core import windows_validation
from kajitori.api.core.volume_validation import descending
from kajitori.machinery.fieldpath import (
    Path,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)

MAX_ID = 2**31 - 1
SYSCTL = r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
MAX_SYSCTL = 253
MAX_PROFILE = 4095
_SYSCTL = re.compile(SYSCTL.removesuffix("$") + r"\Z")
IPC_SETTINGS = ("kernel.shm", "kernel.msg", "fs.mqueue.")
PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
PROC_MOUNTS = ("Default", "Unmasked")
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
        errors.append(invalid(at.child("shareProcessNamespace"), True, message))
    errors += _sysctls(at.child("sysctls"), context.get("sysctls") or (), spec)
    for field, choices in (
        ("fsGroupChangePolicy", ("Always", "OnRootMismatch")),
        ("supplementalGroupsPolicy", ("Merge", "Strict")),
        ("seLinuxChangePolicy", ("MountOption", "Recursive")),
    ):
        errors += checks.choice(at.child(field), context.get(field), choices)
    errors += _profiles(at, context) + windows_validation.options(
        at.child("windowsOptions"), context.get("windowsOptions")
    )
    return errors + _user_namespace(path, spec)


def _user_namespace(path: Path, spec: Object) -> Errors:
    """A Pod with users of its own shares no other namespace with the node."""
    if spec.get("hostUsers") is not False:
        return []
    shown = {"hostNetwork": "hostNetwork", "hostPID": "HostPID", "hostIPC": "HostIPC"}  # upstream's spelling
    why = "when `pod.Spec.HostUsers` is false"
    return [forbidden(path.child(name), why) for field, name in shown.items() if spec.get(field)]


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
        shared = ""
        if spec.get("hostNetwork") and plain.startswith("net."):
            shared = "hostNetwork"
        elif spec.get("hostIPC") and (plain == "kernel.sem" or plain.startswith(IPC_SETTINGS)):
            shared = "hostIPC"
        if shared:
            wrong = invalid(at, name, f"may not be specified when '{shared}' is true")
            errors += checks.ratcheted([wrong], "sysctls of the node")
    return errors


def _profiles(at: Path, context: Object) -> Errors:
    errors: Errors = []
    for field, word in (("seccompProfile", "seccomp"), ("appArmorProfile", "AppArmor")):
        profile = context.get(field)
        if profile is not None:
            errors += _profile(at.child(field), field, word, profile)
    return errors


def _profile(at: Path, field: str, word: str, profile: Object) -> Errors:
    kind, file, where = profile.get("type"), profile.get("localhostProfile"), at.child("localhostProfile")
    errors: Errors = []
    if not kind:
        errors.append(required(at.child("type"), f"type is required when {field} is set"))
    elif kind not in PROFILES:
        errors.append(not_supported(at.child("type"), kind, PROFILES))
    if kind == "Localhost":
        missing = [required(where, f"must be set when {word} type is Localhost")]
        if file is None:
            return errors + missing
        return errors + (descending(where, file) if word == "seccomp" else _padded(where, file) or missing * (not file))
    if file is not None and (word == "seccomp" or kind in PROFILES):
        shown = dict(profile) if word == "seccomp" else file
        errors.append(invalid(where, shown, f"can only be set when {word} type is Localhost"))
    return errors


def _padded(at: Path, file: str) -> Errors:
    errors: Errors = []
    if file != file.strip():
        errors.append(invalid(at, file, "must not be padded with whitespace"))
    if len(file.encode()) > MAX_PROFILE:
        errors.append(too_long(at, "", MAX_PROFILE))
    return errors


def container_security(at: Path, context: Object, *, own_users: bool = False) -> Errors:
    """`securityContext` of a container; in a Pod with `own_users` it may see all of /proc."""
    errors = _ids(at, context, ("runAsUser", "runAsGroup"))
    mount, where = context.get("procMount"), at.child("procMount")
    if mount is not None and mount not in PROC_MOUNTS:
        errors.append(not_supported(where, mount, PROC_MOUNTS))
    if mount == "Unmasked" and not own_users:
        errors.append(invalid(where, mount, "`hostUsers` must be false to use `Unmasked`"))
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            errors.append(invalid(at, dict(context), f"{ESCALATION}`privileged` to true"))
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            errors.append(invalid(at, dict(context), f"{ESCALATION}`capabilities.Add` CAP_SYS_ADMIN"))
    if context.get("seccompProfile") is not None or context.get("appArmorProfile") is not None:
        errors += _profiles(at, context)
    return errors + windows_validation.options(at.child("windowsOptions"), context.get("windowsOptions"))


def _ids(at: Path, context: Object, fields: tuple[str, ...]) -> Errors:
    return [error for field in fields for error in _id(at.child(field), context.get(field))]


def _id(at: Path, value: Any) -> Errors:
    if value is None or 0 <= value <= MAX_ID:
        return []
    return [invalid(at, value, f"must be between 0 and {MAX_ID}, inclusive")]
