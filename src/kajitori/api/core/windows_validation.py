"""Validation of `spec.os`, of what a Pod for that system may not set, and of the options for Windows.

Pure, on wire dicts after defaulting; texts are upstream's. May import: api.checks, api.core.pod_shapes, machinery.
"""

from __future__ import annotations

import re

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.pod_shapes import containers_with_path
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required

SYSTEMS = ("linux", "windows")
MAX_SPEC_KIB = 64
MAX_DOMAIN, MAX_USER = 256, 104
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NETBIOS = re.compile(r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}\Z')
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_BAD_USER = re.compile(r'["/\\:;|=,+*?<>@\[\]]')
_DOTS = re.compile(r"[. ]+\Z")
_POD_ONLY_LINUX = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
)
_CONTAINER_ONLY_LINUX = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)
NOT_ON_WINDOWS = "cannot be set for a windows pod"


def system(path: Path, spec: Object) -> Errors:
    """`os.name`, and that nothing of the other system is set."""
    os = spec.get("os")
    if os is None:
        return []
    name, at = os.get("name") or "", path.child("os")
    if not name:
        return [required(at.child("name"), "cannot be empty")]
    if name not in SYSTEMS:
        return [not_supported(at, name, SYSTEMS)]
    return _linux(path, spec) if name == "linux" else _windows(path, spec)


def _linux(path: Path, spec: Object) -> Errors:
    errors: Errors = []
    holders = [(path, spec), *containers_with_path(path, spec)]
    for where, holder in holders:
        if (holder.get("securityContext") or {}).get("windowsOptions") is not None:
            at = where.child("securityContext", "windowsOptions")
            errors.append(forbidden(at, "windows options cannot be set for a linux pod"))
    return errors


def _windows(path: Path, spec: Object) -> Errors:
    context = spec.get("securityContext") or {}
    at = path.child("securityContext")
    errors: Errors = [
        forbidden(at.child(field), NOT_ON_WINDOWS) for field in _POD_ONLY_LINUX if context.get(field) not in (None, [])
    ]
    for field in ("hostUsers", "shareProcessNamespace"):
        if spec.get(field) is not None:
            errors.append(forbidden(path.child(field), NOT_ON_WINDOWS))
    errors += [forbidden(path.child(field), NOT_ON_WINDOWS) for field in ("hostPID", "hostIPC") if spec.get(field)]
    for where, container in containers_with_path(path, spec):
        own, inner = container.get("securityContext") or {}, where.child("securityContext")
        errors += [
            forbidden(inner.child(field), NOT_ON_WINDOWS)
            for field in _CONTAINER_ONLY_LINUX
            if own.get(field) is not None
        ]
    return errors


def options(at: Path, given: Object | None) -> Errors:
    """`windowsOptions` of a security context."""
    if given is None:
        return []
    errors: Errors = []
    name, credentials = given.get("gmsaCredentialSpecName"), given.get("gmsaCredentialSpec")
    if name is not None:
        errors += checks.by(at.child("gmsaCredentialSpecName"), name, names.is_dns1123_subdomain)
    where = at.child("gmsaCredentialSpec")
    if credentials is not None and not credentials:
        errors.append(invalid(where, credentials, "gmsaCredentialSpec cannot be an empty string"))
    elif credentials is not None and len(credentials.encode()) > MAX_SPEC_KIB * 1024:
        errors.append(invalid(where, credentials, f"gmsaCredentialSpec size must be under {MAX_SPEC_KIB} KiB"))
    user = given.get("runAsUserName")
    return errors if user is None else errors + [invalid(at.child("runAsUserName"), user, why) for why in _user(user)]


def _user(text: str) -> list[str]:
    if not text:
        return ["runAsUserName cannot be an empty string"]
    if _CONTROL.search(text):
        return ["runAsUserName cannot contain control characters"]
    parts = text.split("\\")
    if len(parts) > 2:
        return ["runAsUserName cannot contain more than one backslash"]
    wrong = []
    domain, user = (parts[0], parts[1]) if len(parts) == 2 else ("", parts[0])
    if len(domain) >= MAX_DOMAIN:
        wrong.append(f"runAsUserName's Domain length must be under {MAX_DOMAIN} characters")
    if len(parts) == 2 and not (_NETBIOS.match(domain) or _DOMAIN.match(domain)):
        wrong.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    if not user:
        wrong.append("runAsUserName's User cannot be empty")
    elif len(user) > MAX_USER:
        wrong.append(f"runAsUserName's User length must not be longer than {MAX_USER} characters")
    if _DOTS.match(user):
        wrong.append("runAsUserName's User cannot contain only periods or spaces")
    if _BAD_USER.search(user):
        wrong.append("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
    return wrong


def host_processes(path: Path, spec: Object) -> Errors:
    """All containers run as processes of the host, or none; with the host's network then."""
    pod_wide = _host_process(spec)
    errors: Errors = []
    total = on_host = 0
    for where, container in containers_with_path(path, spec):
        total += 1
        own = _host_process(container)
        if pod_wide is not None and own is not None and pod_wide != own:
            why = f"pod hostProcess value must be identical if both are specified, was {str(pod_wide).lower()}"
            errors.append(invalid(where.child("securityContext", "windowsOptions", "hostProcess"), own, why))
        on_host += bool(pod_wide if own is None else own)
    if on_host and on_host != total:
        why = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        errors.append(invalid(path, "", why))
    if on_host and not spec.get("hostNetwork"):
        why = "hostNetwork must be true if pod contains any hostProcess containers"
        errors.append(invalid(path.child("hostNetwork"), False, why))
    return errors


def _host_process(holder: Object) -> bool | None:
    found = ((holder.get("securityContext") or {}).get("windowsOptions") or {}).get("hostProcess")
    return None if found is None else bool(found)
