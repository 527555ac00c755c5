"""Each rule of the Pod Security Standards in each version, v1.0 to v1.34: a Pod that breaks it, and what is said of it.

A case holds from the first version given up to the second (None: to the last); in all others the Pod does not break that
rule. Restricted says the same of baseline's rules, but for the three that it has stricter ones for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from kajitori.apiserver.admission.podsecurity.policy import Standard
from kajitori.apiserver.admission.podsecurity.standards import LATEST, violations

Object = dict[str, Any]
VERSIONS = range(LATEST + 1)
GOOD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = "seccomp.security.alpha.kubernetes.io/"


def holder(name: str = "a", **security: Any) -> Object:
    """A container that restricted takes, but for what is said."""
    kept = GOOD | security
    return {"name": name, "securityContext": {key: value for key, value in kept.items() if value is not None}}


def pod(*containers: Object, notes: Object | None = None, **spec: Any) -> Object:
    return {
        "metadata": {"annotations": notes or {}},
        "spec": {"containers": list(containers) or [holder()], **spec},
    }


class Case(NamedTuple):
    name: str
    made: Object
    text: str
    since: int = 0
    until: int | None = None

    def forbidden_in(self, minor: int) -> bool:
        return self.since <= minor and (self.until is None or minor < self.until)


def of_pod(**security: Any) -> Object:
    return pod(securityContext=security)


def sysctl(name: str) -> Object:
    return of_pod(sysctls=[{"name": name, "value": "1"}])


def probing(field: str, handler: str, host: str = "10.0.0.1") -> Object:
    return pod(holder() | {field: {handler: {"host": host, "port": 80}}})


def hooking(field: str, handler: str) -> Object:
    return pod(holder() | {"lifecycle": {field: {handler: {"host": "node", "port": 80}}}})


def until(minor: int | None, *names: str) -> list[Case]:
    return [Case(f"sysctl-{name}", sysctl(name), f"forbidden sysctls ({name})", 0, minor) for name in names]


PROBE = 'probe or lifecycle host (container "a" uses probe or lifecycle host "{}")'
SEVERAL = [holder("a", privileged=True), holder("b", privileged=True)]

BASELINE = [
    Case("host-network", pod(hostNetwork=True), "host namespaces (hostNetwork=true)"),
    Case(
        "host-namespaces",
        pod(hostIPC=True, hostPID=True, hostNetwork=True),
        "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
    ),
    Case(
        "privileged",
        pod(holder(privileged=True)),
        'privileged (container "a" must not set securityContext.privileged=true)',
    ),
    Case(
        "privileged-of-every-sort",
        pod(
            *SEVERAL, initContainers=[holder("i", privileged=True)], ephemeralContainers=[holder("e", privileged=True)]
        ),
        'privileged (containers "i", "a", "b", "e" must not set securityContext.privileged=true)',
    ),
    Case(
        "host-port",
        pod(holder() | {"ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 0}]}),
        'hostPort (container "a" uses hostPort 80)',
    ),
    Case(
        "host-ports-in-the-order-of-text",
        pod(holder() | {"ports": [{"hostPort": 9}, {"hostPort": 80}]}, holder("b") | {"ports": [{"hostPort": 443}]}),
        'hostPort (containers "a", "b" use hostPorts 443, 80, 9)',
    ),
    Case(
        "apparmor-of-pod",
        of_pod(appArmorProfile={"type": "Unconfined"}),
        'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
    ),
    Case(
        "apparmor-of-containers",
        pod(holder(appArmorProfile={"type": "Unconfined"}), holder("b", appArmorProfile={"type": "Unconfined"})),
        'forbidden AppArmor profile (containers "a", "b" must not set AppArmor profile type to "Unconfined")',
    ),
    Case(
        "apparmor-annotation",
        pod(notes={APPARMOR + "a": "unconfined"}),
        f'forbidden AppArmor profile (annotation must not set AppArmor profile type to "{APPARMOR}a="unconfined"")',
    ),
    Case(
        "apparmor-in-both-ways",
        pod(
            holder(appArmorProfile={"type": "Unconfined"}),
            notes={APPARMOR + "b": "bogus", APPARMOR + "a": "unconfined", APPARMOR + "c": "runtime/default"},
            securityContext={"appArmorProfile": {"type": "Unconfined"}},
        ),
        'forbidden AppArmor profiles (pod and container "a" and annotations must not set AppArmor profile type to '
        f'"Unconfined", "{APPARMOR}a="unconfined"", "{APPARMOR}b="bogus"")',
    ),
    Case(
        "proc-mount",
        pod(holder(procMount="Unmasked"), hostUsers=False),
        'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ),
    Case(
        "selinux-type",
        of_pod(seLinuxOptions={"type": "spc_t"}),
        'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t")',
    ),
    Case(
        "selinux-engine",
        pod(holder(seLinuxOptions={"type": "container_engine_t"})),
        'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
        0,
        31,
    ),
    Case(
        "selinux-all",
        pod(
            holder("b", seLinuxOptions={"type": "y", "role": "r"}),
            securityContext={"seLinuxOptions": {"type": "x", "user": "u"}},
        ),
        'seLinuxOptions (pod and container "b" set forbidden securityContext.seLinuxOptions: types "x", "y"; '
        "user may not be set; role may not be set)",
    ),
    Case(
        "windows-host-process",
        pod(
            holder(windowsOptions={"hostProcess": True}),
            securityContext={"windowsOptions": {"hostProcess": True}},
        ),
        'hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)',
    ),
    *until(None, "kernel.msgmax", "net.ipv4.tcp_slow_start_after_idle"),
    *until(27, "net.ipv4.ip_local_reserved_ports"),
    *until(
        29,
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
    ),
    *until(32, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    *(
        Case(f"host-of-{field}-{handler}", probing(field, handler), PROBE.format("10.0.0.1"), 34)
        for field in ("livenessProbe", "readinessProbe", "startupProbe")
        for handler in ("httpGet", "tcpSocket")
    ),
    *(
        Case(f"host-of-{field}-{handler}", hooking(field, handler), PROBE.format("node"), 34)
        for field in ("postStart", "preStop")
        for handler in ("httpGet", "tcpSocket")
    ),
    Case(
        "hosts-of-probes",
        pod(
            holder("b") | {"livenessProbe": {"httpGet": {"host": "y"}}},
            holder("a") | {"livenessProbe": {"tcpSocket": {"host": "x"}}, "readinessProbe": {"httpGet": {"host": "y"}}},
        ),
        'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "x", "y")',
        34,
    ),
]

REPLACED = [
    (
        Case(
            "capabilities",
            pod(holder(capabilities={"drop": ["ALL"], "add": ["SYS_TIME", "NET_RAW", "CHOWN"]}), hostUsers=False),
            'non-default capabilities (container "a" must not include "NET_RAW", "SYS_TIME" in '
            "securityContext.capabilities.add)",
        ),
        22,
    ),
    (Case("host-path", pod(volumes=[{"name": "v", "hostPath": {}}]), 'hostPath volumes (volume "v")'), 0),
    (
        Case(
            "host-paths",
            pod(volumes=[{"name": "v", "hostPath": {}}, {"name": "w", "hostPath": {}}]),
            'hostPath volumes (volumes "v", "w")',
        ),
        0,
    ),
    (
        Case(
            "seccomp-annotations",
            pod(
                holder("b"),
                notes={
                    SECCOMP + "pod": "unconfined",
                    f"container.{SECCOMP}b": "bogus",
                    f"container.{SECCOMP}nobody": "unconfined",
                },
            ),
            f'seccompProfile (forbidden annotations container.{SECCOMP}b="bogus", {SECCOMP}pod="unconfined")',
            0,
            19,
        ),
        19,
    ),
]
"""With the version from which on restricted has a rule of its own instead."""

UNCONFINED = Case(
    "seccomp",
    pod(holder(seccompProfile={"type": "Unconfined"}), securityContext={"seccompProfile": {"type": "Unconfined"}}),
    'seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    19,
)


def volumes(*kinds: str) -> Object:
    return pod(volumes=[{"name": f"v{position}", kind: {}} for position, kind in enumerate(kinds)])


NODES_OWN = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
    "photonPersistentDisk",
]

WINDOWS = {"os": {"name": "windows"}}
ESCALATION = 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)'
DROP = 'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])'
PROFILE = (
    'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
    '"Localhost")'
)

RESTRICTED = [
    Case("escalation", pod(holder(allowPrivilegeEscalation=True)), ESCALATION, 8),
    Case("escalation-unsaid", pod(holder(allowPrivilegeEscalation=None)), ESCALATION, 8),
    Case("escalation-on-windows", pod(holder(allowPrivilegeEscalation=None), **WINDOWS), ESCALATION, 8, 25),
    Case("capabilities-kept", pod(holder(capabilities=None)), DROP, 22),
    Case("capabilities-dropped-by-name", pod(holder(capabilities={"drop": ["NET_RAW"]})), DROP, 22),
    Case("capabilities-kept-on-windows", pod(holder(capabilities=None), **WINDOWS), DROP, 22, 25),
    Case(
        "capabilities-added",
        pod(holder(capabilities={"add": ["CHOWN", "NET_BIND_SERVICE"]})),
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; '
        'container "a" must not include "CHOWN" in securityContext.capabilities.add)',
        22,
    ),
    *(
        Case(kind, volumes(kind), f'restricted volume types (volume "v0" uses restricted volume type "{kind}")')
        for kind in NODES_OWN
    ),
    Case(
        "volumes",
        volumes("nfs", "secret", "hostPath", "nfs"),
        'restricted volume types (volumes "v0", "v2", "v3" use restricted volume types "hostPath", "nfs")',
    ),
    Case(
        "root",
        pod(holder(runAsNonRoot=False), holder("b", runAsNonRoot=None), hostUsers=False),
        'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
    ),
    Case(
        "root-of-pod",
        of_pod(runAsNonRoot=False),
        "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)",
    ),
    Case(
        "root-unsaid",
        pod(holder(runAsNonRoot=None), holder("b", runAsNonRoot=None)),
        'runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true)',
    ),
    Case(
        "root-on-windows",
        pod(holder(runAsNonRoot=False), **WINDOWS),
        'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
    ),
    Case(
        "user-0",
        pod(holder(runAsUser=0), securityContext={"runAsUser": 0}, hostUsers=False),
        'runAsUser=0 (pod and container "a" must not set runAsUser=0)',
        23,
    ),
    Case("seccomp-unsaid", pod(holder(seccompProfile=None)), PROFILE, 19),
    Case("seccomp-unsaid-on-windows", pod(holder(seccompProfile=None), **WINDOWS), PROFILE, 19, 25),
]

ALLOWED = [
    pod(),
    pod(securityContext=GOOD, containers=[{"name": "a", "securityContext": {
        key: GOOD[key] for key in ("allowPrivilegeEscalation", "capabilities")
    }}]),
    pod(holder(capabilities={"drop": ["CHOWN", "ALL"], "add": ["NET_BIND_SERVICE"]})),
    pod(holder(seccompProfile={"type": "Localhost", "localhostProfile": "p"}, appArmorProfile={"type": "Localhost"})),
    pod(notes={APPARMOR + "a": "localhost/x", APPARMOR + "b": "", APPARMOR + "c": "runtime/default"}),
    pod(notes={SECCOMP + "pod": "docker/default", f"container.{SECCOMP}a": "localhost/x"}),
    volumes(
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"
    ),
    pod(holder(procMount="Default", runAsUser=1, seLinuxOptions={"type": "container_t", "level": "s0"})),
    pod(holder(windowsOptions={"hostProcess": False}), hostNetwork=False),
    pod(holder() | {"livenessProbe": {"httpGet": {"port": 80, "host": ""}, "tcpSocket": {"port": 80}}}),
    of_pod(
        sysctls=[
            {"name": name}
            for name in (
                "kernel.shm_rmid_forced",
                "net.ipv4.ip_local_port_range",
                "net.ipv4.ip_unprivileged_port_start",
                "net.ipv4.ping_group_range",
                "net.ipv4.tcp_syncookies",
            )
        ]
    ),
]  # fmt: skip


def said(level: str, made: Object, minor: int) -> list[str]:
    return [str(violation) for violation in violations(level, made["metadata"], made["spec"], minor)]


@pytest.mark.parametrize("case", [*BASELINE, UNCONFINED], ids=lambda case: case.name)
@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_baseline_forbids_it_in_its_versions_and_restricted_does_too(level: str, case: Case) -> None:
    for minor in VERSIONS:
        assert said(level, case.made, minor) == ([case.text] if case.forbidden_in(minor) else []), minor


@pytest.mark.parametrize(("case", "own_since"), REPLACED, ids=lambda value: getattr(value, "name", ""))
def test_restricted_has_some_of_baselines_rules_stricter(case: Case, own_since: int) -> None:
    for minor in VERSIONS:
        expected = [case.text] if case.forbidden_in(minor) else []
        assert said("baseline", case.made, minor) == expected, minor
        assert (case.text in said("restricted", case.made, minor)) is (bool(expected) and minor < own_since), minor


@pytest.mark.parametrize("case", RESTRICTED, ids=lambda case: case.name)
def test_restricted_forbids_it_in_its_versions(case: Case) -> None:
    for minor in VERSIONS:
        assert said("restricted", case.made, minor) == ([case.text] if case.forbidden_in(minor) else []), minor


@pytest.mark.parametrize("made", ALLOWED)
def test_what_restricted_allows_is_allowed_in_every_version(made: Object) -> None:
    for minor in VERSIONS:
        assert said("baseline", made, minor) == said("restricted", made, minor) == [], minor


def test_privileged_forbids_nothing() -> None:
    assert all(said("privileged", case.made, minor) == [] for case in (*BASELINE, *RESTRICTED) for minor in VERSIONS)


def test_the_latest_is_the_newest_that_is_known_and_so_is_every_later_one() -> None:
    assert {Standard("baseline", version).minor for version in ("latest", "v1.34", "v1.35", "v1.99")} == {34}


def test_what_is_broken_is_told_by_the_rules_names_baseline_first() -> None:
    made = pod(
        holder(privileged=True, procMount="Unmasked", seccompProfile={"type": "Unconfined"}, runAsUser=0)
        | {"ports": [{"hostPort": 1}], "livenessProbe": {"httpGet": {"host": "h"}}},
        holder("b", runAsNonRoot=None, allowPrivilegeEscalation=None, capabilities={"add": ["X"]}),
        notes={APPARMOR + "a": "unconfined"},
        hostPID=True,
        volumes=[{"name": "v", "hostPath": {}}],
        securityContext={
            "sysctls": [{"name": "x"}],
            "windowsOptions": {"hostProcess": True},
            "seLinuxOptions": {"user": "u"},
        },
    )
    first = ["forbidden AppArmor profile", "host namespaces", "hostPort", "probe or lifecycle host", "privileged"]
    first += ["procMount", "seLinuxOptions", "forbidden sysctls", "hostProcess"]
    assert [v.reason for v in violations("restricted", made["metadata"], made["spec"])] == [
        *first,
        "allowPrivilegeEscalation != false",
        "unrestricted capabilities",
        "restricted volume types",
        "runAsNonRoot != true",
        "runAsUser=0",
        "seccompProfile",
    ]
