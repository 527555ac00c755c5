"""The Pod Security Standards, rule by rule, and what a namespace's labels do with them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.admission.podsecurity import PodSecurity, policy_of
from kajitori.apiserver.admission.podsecurity_checks import violations
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionRequest
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Forbidden, Invalid

Object = dict[str, Any]
GOOD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(name: str = "a", **security: Any) -> Object:
    return {"name": name, "securityContext": security}


def spec(*containers: Object, **rest: Any) -> Object:
    return {"containers": list(containers) or [container(**GOOD)], **rest}


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (spec(), ""),
        (spec(hostNetwork=True, hostPID=True), "host namespaces (hostNetwork=true, hostPID=true)"),
        (spec(container(privileged=True)), 'privileged (container "a" must not set securityContext.privileged=true)'),
        (
            spec(container(privileged=True), container("b", privileged=True)),
            'privileged (containers "a", "b" must not set securityContext.privileged=true)',
        ),
        (
            spec(container(capabilities={"add": ["NET_ADMIN", "CHOWN"]})),
            'non-default capabilities (container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)',
        ),
        (spec(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), 'hostPath volumes (volume "v")'),
        (
            spec({"name": "a", "ports": [{"hostPort": 80}, {"hostPort": 8080}]}),
            'hostPort (container "a" uses hostPorts 80, 8080)',
        ),
        (
            spec(container(procMount="Unmasked")),
            'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
        ),
        (
            spec(securityContext={"seLinuxOptions": {"type": "spc_t", "user": "u"}}),
            'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
        ),
        (
            spec(container(seccompProfile={"type": "Unconfined"})),
            'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        (spec(securityContext={"sysctls": [{"name": "kernel.msgmax"}]}), "forbidden sysctls (kernel.msgmax)"),
        (
            spec(securityContext={"windowsOptions": {"hostProcess": True}}),
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
        ),
    ],
)
def test_baseline(made: Object, message: str) -> None:
    assert ", ".join(str(v) for v in violations("baseline", {}, made)) == message


def test_an_ordinary_pod_under_restricted_reads_as_upstream() -> None:
    assert ", ".join(str(v) for v in violations("restricted", {}, spec({"name": "nginx"}))) == (
        'allowPrivilegeEscalation != false (container "nginx" must set securityContext.allowPrivilegeEscalation=false), '
        'unrestricted capabilities (container "nginx" must set securityContext.capabilities.drop=["ALL"]), '
        'runAsNonRoot != true (pod or container "nginx" must set securityContext.runAsNonRoot=true), '
        'seccompProfile (pod or container "nginx" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
        '"Localhost")'
    )


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (spec(), ""),
        (spec(container(**{**GOOD, "runAsUser": 0})), 'runAsUser=0 (container "a" must not set runAsUser=0)'),
        (
            spec(volumes=[{"name": "v", "nfs": {}}, {"name": "w", "hostPath": {"path": "/"}}]),
            'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
        ),
        (
            spec(container(**{**GOOD, "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}})),
            'unrestricted capabilities (container "a" must not include "CHOWN" in securityContext.capabilities.add)',
        ),
        (
            spec(container(**{**GOOD, "runAsNonRoot": False})),
            'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
        ),
        (
            spec(
                container(**{k: v for k, v in GOOD.items() if k not in ("runAsNonRoot", "seccompProfile")}),
                securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}},
            ),
            "",
        ),
        (spec({"name": "w", "securityContext": {"runAsNonRoot": True}}, os={"name": "windows"}), ""),
    ],
)
def test_restricted(made: Object, message: str) -> None:
    assert ", ".join(str(v) for v in violations("restricted", {}, made)) == message


def ask(world: Any, make_deps: Any, plural: str, obj: Object, *, group: str = "", **over: Any) -> list[str]:
    resource = builtin().by_plural(group, "v1", plural)
    assert resource is not None
    metadata = obj["metadata"]
    options: dict[str, Any] = {
        "operation": CREATE,
        "resource": resource,
        "subresource": "",
        "namespace": metadata.get("namespace", ""),
        "name": metadata["name"],
        "object": obj,
        "old_object": None,
        "user": UserInfo("u"),
        **over,
    }
    request = AdmissionRequest(**options)
    asyncio.run(PodSecurity(make_deps()).validate(request))
    return request.warnings


def namespace(world: Any, **labels: str) -> Object:
    metadata = {
        "name": "ns",
        "labels": {f"pod-security.kubernetes.io/{k.replace('_', '-')}": v for k, v in labels.items()},
    }
    return dict(world.put("", "namespaces", {"metadata": metadata}))


POD: Object = {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"containers": [{"name": "c"}], "hostPID": True}}


class TestLabels:
    def test_enforce_refuses_the_pod(self, world: Any, make_deps: Any) -> None:
        namespace(world, enforce="baseline")
        with pytest.raises(Forbidden) as e:
            ask(world, make_deps, "pods", POD)
        assert e.value.message == (
            'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)'
        )

    def test_warn_tells_about_pods_and_workloads(self, world: Any, make_deps: Any) -> None:
        namespace(world, warn="baseline", warn_version="v1.34")
        expected = ['would violate PodSecurity "baseline:v1.34": host namespaces (hostPID=true)']
        assert ask(world, make_deps, "pods", POD) == expected
        deployment = {"metadata": {"name": "d", "namespace": "ns"}, "spec": {"template": {"spec": POD["spec"]}}}
        assert ask(world, make_deps, "deployments", deployment, group="apps") == expected

    def test_without_labels_everything_goes(self, world: Any, make_deps: Any) -> None:
        namespace(world)
        assert ask(world, make_deps, "pods", POD) == []

    def test_a_level_nobody_knows_is_the_strictest_and_cannot_be_set(self, world: Any, make_deps: Any) -> None:
        made = namespace(world, enforce="lax")
        assert policy_of(made["metadata"]["labels"], "enforce").level == "restricted"
        with pytest.raises(Invalid, match="must be one of privileged, baseline, restricted"):
            ask(world, make_deps, "namespaces", made)

    def test_a_stricter_namespace_names_the_pods_that_are_in_it(self, world: Any, make_deps: Any) -> None:
        world.put("", "pods", POD)
        old = {"metadata": {"name": "ns"}}
        warnings = ask(
            world, make_deps, "namespaces", namespace(world, enforce="baseline"), operation=UPDATE, old_object=old
        )
        assert warnings == [
            'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
            "p: host namespaces",
        ]
