"""The baseline standard: known ways to more power on the node are forbidden, one function per rule.

Pure; wire dicts. May import: podsecurity.rule, machinery.gotext.
"""

from __future__ import annotations

from functools import partial

from kajitori.apiserver.admission.podsecurity.rule import (
    Object,
    Rule,
    Violation,
    containers,
    named,
    names_of,
    quoted,
    seccomp_annotations,
    security,
    setters_of,
)
from kajitori.machinery.gotext import quote

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

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"

_PROFILES = ("RuntimeDefault", "Localhost")


def host_namespaces(metadata: Object, spec: Object) -> Violation | None:
    """hostNetwork, hostPID, hostIPC: false or undefined."""
    found = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    return Violation("host namespaces", ", ".join(found)) if found else None


def privileged(metadata: Object, spec: Object) -> Violation | None:
    """securityContext.privileged of containers: false or undefined."""
    bad = names_of(spec, lambda c: bool(security(c).get("privileged")))
    return Violation("privileged", f"{named(bad)} must not set securityContext.privileged=true") if bad else None


def capabilities_baseline(metadata: Object, spec: Object) -> Violation | None:
    """securityContext.capabilities.add of containers: those of a container runtime's default set."""
    found: set[str] = set()

    def is_bad(container: Object) -> bool:
        added = set((security(container).get("capabilities") or {}).get("add") or ()) - _CAPABILITIES
        found.update(added)
        return bool(added)

    bad = names_of(spec, is_bad)
    if not bad:
        return None
    detail = f"{named(bad)} must not include {quoted(sorted(found))} in securityContext.capabilities.add"
    return Violation("non-default capabilities", detail)


def host_path_volumes(metadata: Object, spec: Object) -> Violation | None:
    """volumes[*].hostPath: undefined."""
    bad = [v["name"] for v in spec.get("volumes") or () if v.get("hostPath") is not None]
    return Violation("hostPath volumes", f"{'volume' if len(bad) == 1 else 'volumes'} {quoted(bad)}") if bad else None


def host_ports(metadata: Object, spec: Object) -> Violation | None:
    """ports[*].hostPort of containers: 0 or undefined."""
    ports: set[str] = set()

    def is_bad(container: Object) -> bool:
        used = {str(p["hostPort"]) for p in container.get("ports") or () if p.get("hostPort")}
        ports.update(used)
        return bool(used)

    bad = names_of(spec, is_bad)
    if not bad:
        return None
    verb, noun = "uses" if len(bad) == 1 else "use", "hostPort" if len(ports) == 1 else "hostPorts"
    return Violation("hostPort", f"{named(bad)} {verb} {noun} {', '.join(sorted(ports))}")


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

    bad = names_of(spec, is_bad)
    if not bad:
        return None
    verb, noun = "uses" if len(bad) == 1 else "use", "host" if len(hosts) == 1 else "hosts"
    return Violation(
        "probe or lifecycle host", f"{named(sorted(bad))} {verb} probe or lifecycle {noun} {quoted(sorted(hosts))}"
    )


def _is_bad_profile(holder: Object, field: str, types: set[str]) -> bool:
    """Whether a profile is neither the runtime's own nor one of the node's; adds its type to `types` then."""
    profile = security(holder).get(field)
    if profile is None or profile.get("type") in _PROFILES:
        return False
    types.add(str(profile.get("type") or ""))
    return True


def app_armor(metadata: Object, spec: Object) -> Violation | None:
    """appArmorProfile.type: RuntimeDefault or Localhost; the annotations of old likewise."""
    types: set[str] = set()
    setters = setters_of(spec, lambda holder: _is_bad_profile(holder, "appArmorProfile", types))
    notes = sorted(
        f"{key}={quote(value)}"
        for key, value in (metadata.get("annotations") or {}).items()
        if key.startswith(_APPARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    )
    values = sorted(types) + notes
    if not values:
        return None
    told = [setters] if setters else []
    told += [f"annotation{'' if len(notes) == 1 else 's'}"] if notes else []
    detail = f"{' and '.join(told)} must not set AppArmor profile type to {quoted(values)}"
    return Violation(f"forbidden AppArmor profile{'' if len(values) == 1 else 's'}", detail)


def proc_mount(metadata: Object, spec: Object) -> Violation | None:
    """securityContext.procMount of containers: Default or undefined."""
    bad = names_of(spec, lambda c: security(c).get("procMount") not in (None, "", "Default"))
    if not bad:
        return None
    kinds = sorted({security(c)["procMount"] for c in containers(spec) if security(c).get("procMount")} - {"Default"})
    return Violation("procMount", f"{named(bad)} must not set securityContext.procMount to {quoted(kinds)}")


def selinux(metadata: Object, spec: Object, allowed: frozenset[str] = _SELINUX_TYPES_31) -> Violation | None:
    """seLinuxOptions.type: one of `allowed`; user and role: undefined."""
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

    setters = setters_of(spec, is_bad)
    if not setters:
        return None
    data = [f"{'type' if len(types) == 1 else 'types'} {quoted(sorted(types))}"] if types else []
    data += [f"{field} may not be set" for field in ("user", "role") if field in said]
    return Violation("seLinuxOptions", f"{setters} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}")


def seccomp_baseline(metadata: Object, spec: Object) -> Violation | None:
    """seccompProfile.type: anything but Unconfined."""
    types: set[str] = set()
    setters = setters_of(spec, lambda holder: _is_bad_profile(holder, "seccompProfile", types))
    if not setters:
        return None
    detail = f"{setters} must not set securityContext.seccompProfile.type to {quoted(sorted(types))}"
    return Violation("seccompProfile", detail)


def seccomp_by_annotation(metadata: Object, spec: Object) -> Violation | None:
    """Before v1.19, when seccomp profiles were annotations: those of the runtime and of the node's folder."""
    given = metadata.get("annotations") or {}
    notes = sorted(
        f"{key}={quote(given[key])}"
        for key in given.keys() & seccomp_annotations(spec)
        if given[key] not in ("runtime/default", "docker/default") and not given[key].startswith("localhost/")
    )
    if not notes:
        return None
    noun = "annotation" if len(notes) == 1 else "annotations"
    return Violation("seccompProfile", f"forbidden {noun} {', '.join(notes)}")


def sysctls(metadata: Object, spec: Object, allowed: frozenset[str] = _SYSCTLS_32) -> Violation | None:
    """securityContext.sysctls[*].name: one of `allowed`, those that stay within the Pod."""
    bad = [s["name"] for s in security(spec).get("sysctls") or () if s.get("name") not in allowed]
    return Violation("forbidden sysctls", ", ".join(bad)) if bad else None


def windows_host_process(metadata: Object, spec: Object) -> Violation | None:
    """windowsOptions.hostProcess: false or undefined."""
    setters = setters_of(spec, lambda holder: bool((security(holder).get("windowsOptions") or {}).get("hostProcess")))
    if not setters:
        return None
    return Violation("hostProcess", f"{setters} must not set securityContext.windowsOptions.hostProcess=true")


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
    Rule("seccompProfile_baseline", ((19, seccomp_baseline), (0, seccomp_by_annotation))),
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
