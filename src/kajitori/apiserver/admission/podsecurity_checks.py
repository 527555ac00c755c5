"""The Pod Security Standards (v1.34): what each level forbids, one small function per rule. Pure; wire dicts.

A check gets a Pod's metadata and spec and returns what it found as "detail" (None: nothing), in upstream's words.
`violations` runs those of a level, as they were in a version, in upstream's order: baseline by their ids, then
restricted by theirs. May import: nothing of the server.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

Object = dict[str, Any]
LEVELS = ("privileged", "baseline", "restricted")
LATEST = 34
"""The minor version whose rules are the latest."""
_CAPABILITIES = frozenset(
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ]
)
_SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
_SELINUX_TYPES_31 = _SELINUX_TYPES | {"container_engine_t"}
_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_syncookies",
    }
)
_SYSCTLS_27 = _SYSCTLS | {"net.ipv4.ip_local_reserved_ports"}
_SYSCTLS_29 = _SYSCTLS_27 | {
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
}
_SYSCTLS_32 = _SYSCTLS_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}
_VOLUMES = frozenset(
    [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ]
)
_SECCOMP = frozenset({"RuntimeDefault", "Localhost"})
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


class Violation(NamedTuple):
    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


def containers(spec: Object) -> Iterator[Object]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(field) or ()


def security(holder: Object) -> Object:
    return holder.get("securityContext") or {}


def quoted(values: Iterable[Any]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def named(bad: Sequence[str]) -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{'container' if len(bad) == 1 else 'containers'} {quoted(bad)}"


def _names(spec: Object, is_bad: Callable[[Object], bool]) -> list[str]:
    return [str(c.get("name", "")) for c in containers(spec) if is_bad(c)]


def _is_windows(spec: Object) -> bool:
    return bool((spec.get("os") or {}).get("name") == "windows")


# ---------------------------------------------------------------------------------------------------------------------
# baseline


def host_namespaces(metadata: Object, spec: Object) -> Violation | None:
    found = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    return Violation("host namespaces", ", ".join(found)) if found else None


def privileged(metadata: Object, spec: Object) -> Violation | None:
    bad = _names(spec, lambda c: bool(security(c).get("privileged")))
    return Violation("privileged", f"{named(bad)} must not set securityContext.privileged=true") if bad else None


def capabilities_baseline(metadata: Object, spec: Object) -> Violation | None:
    found: set[str] = set()

    def is_bad(container: Object) -> bool:
        added = set((security(container).get("capabilities") or {}).get("add") or ()) - _CAPABILITIES
        found.update(added)
        return bool(added)

    bad = _names(spec, is_bad)
    if not bad:
        return None
    detail = f"{named(bad)} must not include {quoted(sorted(found))} in securityContext.capabilities.add"
    return Violation("non-default capabilities", detail)


def host_path_volumes(metadata: Object, spec: Object) -> Violation | None:
    bad = [v["name"] for v in spec.get("volumes") or () if v.get("hostPath") is not None]
    return Violation("hostPath volumes", f"{'volume' if len(bad) == 1 else 'volumes'} {quoted(bad)}") if bad else None


def host_ports(metadata: Object, spec: Object) -> Violation | None:
    ports: set[int] = set()

    def is_bad(container: Object) -> bool:
        used = {int(p["hostPort"]) for p in container.get("ports") or () if p.get("hostPort")}
        ports.update(used)
        return bool(used)

    bad = _names(spec, is_bad)
    if not bad:
        return None
    verb, noun = "uses" if len(bad) == 1 else "use", "hostPort" if len(ports) == 1 else "hostPorts"
    return Violation("hostPort", f"{named(bad)} {verb} {noun} {', '.join(str(p) for p in sorted(ports))}")


def host_probes(metadata: Object, spec: Object) -> Violation | None:
    """New in v1.34: a probe that names a host could reach into the node's network."""
    hosts: set[str] = set()

    def is_bad(container: Object) -> bool:
        lifecycle = container.get("lifecycle") or {}
        handlers = [container.get(f) or {} for f in ("livenessProbe", "readinessProbe", "startupProbe")]
        handlers += [lifecycle.get(f) or {} for f in ("postStart", "preStop")]
        used = {h[k]["host"] for h in handlers for k in ("httpGet", "tcpSocket") if (h.get(k) or {}).get("host")}
        hosts.update(used)
        return bool(used)

    bad = _names(spec, is_bad)
    if not bad:
        return None
    verb, noun = "uses" if len(bad) == 1 else "use", "host" if len(hosts) == 1 else "hosts"
    return Violation(
        "probe or lifecycle host", f"{named(bad)} {verb} probe or lifecycle {noun} {quoted(sorted(hosts))}"
    )


def app_armor(metadata: Object, spec: Object) -> Violation | None:
    found = [
        f'{key}="{value}"'
        for key, value in (metadata.get("annotations") or {}).items()
        if key.startswith(_APPARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    ]
    setters = _setters(spec, lambda holder: (security(holder).get("appArmorProfile") or {}).get("type") == "Unconfined")
    if setters:
        found.append(f'{setters} must not set AppArmor profile type to "Unconfined"')
    if not found:
        return None
    return Violation(f"forbidden AppArmor profile{'' if len(found) == 1 else 's'}", ", ".join(sorted(found)))


def proc_mount(metadata: Object, spec: Object) -> Violation | None:
    bad = _names(spec, lambda c: security(c).get("procMount") not in (None, "", "Default"))
    if not bad:
        return None
    kinds = sorted({security(c)["procMount"] for c in containers(spec) if security(c).get("procMount")} - {"Default"})
    return Violation("procMount", f"{named(bad)} must not set securityContext.procMount to {quoted(kinds)}")


def selinux(metadata: Object, spec: Object, allowed: frozenset[str] = _SELINUX_TYPES_31) -> Violation | None:
    types: set[str] = set()
    said: set[str] = set()

    def is_bad(holder: Object) -> bool:
        options = security(holder).get("seLinuxOptions") or {}
        wrong = options.get("type", "") not in allowed
        if wrong:
            types.add(options["type"])
        set_here = {field for field in ("user", "role") if options.get(field)}
        said.update(set_here)
        return wrong or bool(set_here)

    setters = _setters(spec, is_bad)
    if not setters:
        return None
    data = [f"{'type' if len(types) == 1 else 'types'} {quoted(sorted(types))}"] if types else []
    data += [f"{field} may not be set" for field in ("user", "role") if field in said]
    return Violation("seLinuxOptions", f"{setters} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}")


def seccomp_baseline(metadata: Object, spec: Object) -> Violation | None:
    setters = _setters(spec, lambda holder: (security(holder).get("seccompProfile") or {}).get("type") == "Unconfined")
    if not setters:
        return None
    return Violation("seccompProfile", f'{setters} must not set securityContext.seccompProfile.type to "Unconfined"')


def sysctls(metadata: Object, spec: Object, allowed: frozenset[str] = _SYSCTLS_32) -> Violation | None:
    bad = [s["name"] for s in security(spec).get("sysctls") or () if s.get("name") not in allowed]
    return Violation("forbidden sysctls", ", ".join(bad)) if bad else None


def windows_host_process(metadata: Object, spec: Object) -> Violation | None:
    setters = _setters(spec, lambda holder: bool((security(holder).get("windowsOptions") or {}).get("hostProcess")))
    if not setters:
        return None
    return Violation("hostProcess", f"{setters} must not set securityContext.windowsOptions.hostProcess=true")


# ---------------------------------------------------------------------------------------------------------------------
# restricted


def privilege_escalation(metadata: Object, spec: Object) -> Violation | None:
    if _is_windows(spec):
        return None
    bad = _names(spec, lambda c: security(c).get("allowPrivilegeEscalation") is not False)
    detail = f"{named(bad)} must set securityContext.allowPrivilegeEscalation=false"
    return Violation("allowPrivilegeEscalation != false", detail) if bad else None


def capabilities_restricted(metadata: Object, spec: Object) -> Violation | None:
    if _is_windows(spec):
        return None
    added: set[str] = set()

    def adds(container: Object) -> bool:
        wrong = set((security(container).get("capabilities") or {}).get("add") or ()) - {"NET_BIND_SERVICE"}
        added.update(wrong)
        return bool(wrong)

    keeping = _names(spec, lambda c: "ALL" not in ((security(c).get("capabilities") or {}).get("drop") or ()))
    adding = _names(spec, adds)
    details = []
    if keeping:
        details.append(f'{named(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        details.append(f"{named(adding)} must not include {quoted(sorted(added))} in securityContext.capabilities.add")
    return Violation("unrestricted capabilities", "; ".join(details)) if details else None


def restricted_volumes(metadata: Object, spec: Object) -> Violation | None:
    bad: list[str] = []
    types: set[str] = set()
    for volume in spec.get("volumes") or ():
        kinds = [key for key, value in volume.items() if key != "name" and value is not None]
        wrong = [kind for kind in kinds if kind not in _VOLUMES]
        if wrong:
            bad.append(volume["name"])
            types.update(wrong)
    if not bad:
        return None
    verb = "volume {} uses" if len(bad) == 1 else "volumes {} use"
    noun = "type" if len(types) == 1 else "types"
    detail = f"{verb.format(quoted(bad))} restricted volume {noun} {quoted(sorted(types))}"
    return Violation("restricted volume types", detail)


def run_as_non_root(metadata: Object, spec: Object) -> Violation | None:
    of_pod = security(spec).get("runAsNonRoot")
    setters = _setters(spec, lambda holder: security(holder).get("runAsNonRoot") is False)
    if setters:
        return Violation("runAsNonRoot != true", f"{setters} must not set securityContext.runAsNonRoot=false")
    if of_pod:
        return None
    bad = _names(spec, lambda c: security(c).get("runAsNonRoot") is None)
    detail = f"pod or {named(bad)} must set securityContext.runAsNonRoot=true"
    return Violation("runAsNonRoot != true", detail) if bad else None


def run_as_user(metadata: Object, spec: Object) -> Violation | None:
    setters = _setters(spec, lambda holder: security(holder).get("runAsUser") == 0)
    return Violation("runAsUser=0", f"{setters} must not set runAsUser=0") if setters else None


def seccomp_restricted(metadata: Object, spec: Object) -> Violation | None:
    if _is_windows(spec):
        return None
    wrong: set[str] = set()

    def is_bad(holder: Object) -> bool:
        profile = security(holder).get("seccompProfile")
        if profile is None or profile.get("type") in _SECCOMP:
            return False
        wrong.add(str(profile.get("type") or ""))
        return True

    setters = _setters(spec, is_bad)
    if setters:
        detail = f"{setters} must not set securityContext.seccompProfile.type to {quoted(sorted(wrong))}"
        return Violation("seccompProfile", detail)
    if (security(spec).get("seccompProfile") or {}).get("type") in _SECCOMP:
        return None
    bad = _names(spec, lambda c: security(c).get("seccompProfile") is None)
    detail = f'pod or {named(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Violation("seccompProfile", detail) if bad else None


def _setters(spec: Object, is_bad: Callable[[Object], bool]) -> str:
    """Who says something forbidden: `pod and container "a"`; empty when nobody does."""
    out = ["pod"] if is_bad(spec) else []
    bad = _names(spec, is_bad)
    return " and ".join([*out, named(bad)] if bad else out)


Check = Callable[[Object, Object], Violation | None]


def _even_on_windows(check: Check) -> Check:
    """A rule as it was before v1.25, when a Pod's word to be for Windows excused nothing."""
    return lambda metadata, spec: check(metadata, {key: value for key, value in spec.items() if key != "os"})


class Rule(NamedTuple):
    """A check as it was from some minor versions on, newest first; `replaces`: the rule of baseline it makes idle."""

    name: str
    versions: tuple[tuple[int, Check], ...]
    replaces: str = ""

    def in_version(self, minor: int) -> Check | None:
        return next((check for since, check in self.versions if since <= minor), None)


BASELINE: tuple[Rule, ...] = (
    Rule("appArmorProfile", ((0, app_armor),)),
    Rule("capabilities_baseline", ((0, capabilities_baseline),)),
    Rule("hostNamespaces", ((0, host_namespaces),)),
    Rule("hostPathVolumes", ((0, host_path_volumes),)),
    Rule("hostPorts", ((0, host_ports),)),
    Rule("hostProbesAndHostLifecycle", ((34, host_probes),)),
    Rule("privileged", ((0, privileged),)),
    Rule("procMount", ((0, proc_mount),)),
    Rule("seLinuxOptions", ((31, selinux), (0, partial(selinux, allowed=_SELINUX_TYPES)))),
    Rule("seccompProfile_baseline", ((19, seccomp_baseline),)),
    Rule(
        "sysctls",
        (
            (32, sysctls),
            (29, partial(sysctls, allowed=_SYSCTLS_29)),
            (27, partial(sysctls, allowed=_SYSCTLS_27)),
            (0, partial(sysctls, allowed=_SYSCTLS)),
        ),
    ),
    Rule("windowsHostProcess", ((0, windows_host_process),)),
)
RESTRICTED: tuple[Rule, ...] = (
    Rule("allowPrivilegeEscalation", ((25, privilege_escalation), (8, _even_on_windows(privilege_escalation)))),
    Rule(
        "capabilities_restricted",
        ((25, capabilities_restricted), (22, _even_on_windows(capabilities_restricted))),
        replaces="capabilities_baseline",
    ),
    Rule("restrictedVolumes", ((0, restricted_volumes),), replaces="hostPathVolumes"),
    Rule("runAsNonRoot", ((0, run_as_non_root),)),
    Rule("runAsUser", ((23, run_as_user),)),
    Rule(
        "seccompProfile_restricted",
        ((25, seccomp_restricted), (19, _even_on_windows(seccomp_restricted))),
        replaces="seccompProfile_baseline",
    ),
)


@functools.cache
def checks(level: str, minor: int = LATEST) -> tuple[Check, ...]:
    """The checks of a level as they were in v1.MINOR."""
    if level == "privileged":
        return ()
    more = RESTRICTED if level == "restricted" else ()
    idle = {rule.replaces for rule in more if rule.in_version(minor) is not None}
    found = (rule.in_version(minor) for rule in (*BASELINE, *more) if rule.name not in idle)
    return tuple(check for check in found if check is not None)


def violations(level: str, metadata: Object, spec: Object, minor: int = LATEST) -> list[Violation]:
    return [found for check in checks(level, minor) if (found := check(metadata, spec)) is not None]
