"""Validation of security contexts."""

from typing import Any

import pytest

from kajitori.api.core.pod_security import SYSCTL, container_security, pod_security
from kajitori.machinery.fieldpath import Path


def texts(**spec: Any) -> list[str]:
    return [str(error) for error in pod_security(Path("spec"), spec)]


def sysctls(*names: str) -> dict[str, Any]:
    return {"sysctls": [{"name": name, "value": "0"} for name in names]}


def test_sysctl_names_are_checked_one_by_one():
    rule = f"must have at most 253 characters and match regex {SYSCTL}"
    assert texts(
        securityContext=sysctls("foo-", "kernel.shmmax", "safe-and-unsafe", "bar..", "a/b.c", "a/b.c", "")
    ) == [
        f'spec.securityContext.sysctls[0].name: Invalid value: "foo-": {rule}',
        f'spec.securityContext.sysctls[3].name: Invalid value: "bar..": {rule}',
        'spec.securityContext.sysctls[5].name: Duplicate value: "a/b.c"',
        "spec.securityContext.sysctls[6].name: Required value",
    ]


def test_sysctls_of_a_namespace_that_is_the_nodes_are_refused():
    assert texts(hostNetwork=True, hostIPC=True, securityContext=sysctls("net.core.x", "kernel/sem")) == [
        "spec.securityContext.sysctls[0].name: Invalid value: \"net.core.x\": may not be specified when 'hostNetwork' is true",
        "spec.securityContext.sysctls[1].name: Invalid value: \"kernel/sem\": may not be specified when 'hostIPC' is true",
    ]


@pytest.mark.parametrize(
    ("spec", "errors"),
    [
        ({"hostUsers": False, "hostPID": True}, ["spec.HostPID: Forbidden: when `pod.Spec.HostUsers` is false"]),
        ({"shareProcessNamespace": True, "hostPID": True},
         ["spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both "
          "be enabled"]),
        ({"securityContext": {"supplementalGroups": [1, -1], "fsGroup": 2**31}},
         ["spec.securityContext.fsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive",
          "spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and 2147483647, inclusive"]),
        ({"securityContext": {"supplementalGroupsPolicy": "Some"}},
         ['spec.securityContext.supplementalGroupsPolicy: Unsupported value: "Some": supported values: "Merge", "Strict"']),
        ({"securityContext": {"seccompProfile": {"type": "Localhost"}}},
         ["spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost"]),
    ],
    ids=["users", "processes", "ids", "policy", "seccomp"],
)  # fmt: skip
def test_pod_security_contexts(spec, errors):
    assert texts(**spec) == errors


def test_a_container_cannot_gain_what_it_may_not_gain():
    context = {"allowPrivilegeEscalation": False, "privileged": True, "runAsUser": -1}
    found = [error.detail for error in container_security(Path("c"), context)]
    assert found == [
        "must be between 0 and 2147483647, inclusive",
        "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    ]


def test_all_of_proc_is_seen_only_by_users_of_ones_own():
    at, context = Path("securityContext"), {"procMount": "Unmasked"}
    why = 'securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`'
    assert [str(error) for error in container_security(at, context)] == [why]
    assert container_security(at, context, own_users=True) == []
