"""What a namespace's labels and the configuration do with the Pod Security Standards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.admission.configuration import ConfigurationError
from kajitori.apiserver.admission.podsecurity import plugin
from kajitori.apiserver.admission.podsecurity.plugin import PodSecurity
from kajitori.apiserver.admission.podsecurity.policy import Policy, policy_of
from kajitori.apiserver.admission.podsecurity.standards import violations
from kajitori.apiserver.admission_types import AUDIT_ANNOTATIONS, CREATE, UPDATE, AdmissionRequest
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Forbidden, Invalid

Object = dict[str, Any]


def test_an_ordinary_pod_under_restricted_reads_as_upstream() -> None:
    assert ", ".join(str(v) for v in violations("restricted", {}, {"containers": [{"name": "nginx"}]})) == (
        'allowPrivilegeEscalation != false (container "nginx" must set securityContext.allowPrivilegeEscalation=false), '
        'unrestricted capabilities (container "nginx" must set securityContext.capabilities.drop=["ALL"]), '
        'runAsNonRoot != true (pod or container "nginx" must set securityContext.runAsNonRoot=true), '
        'seccompProfile (pod or container "nginx" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
        '"Localhost")'
    )


def ask(
    world: Any,
    make_deps: Any,
    plural: str,
    obj: Object,
    *,
    group: str = "",
    configuration: Object | None = None,
    **over: Any,
) -> list[str]:
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
    asyncio.run(PodSecurity(make_deps(), configuration).validate(request))
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

    @pytest.mark.parametrize(
        ("group", "plural"),
        [
            ("", "replicationcontrollers"),
            ("", "podtemplates"),
            ("apps", "daemonsets"),
            ("apps", "deployments"),
            ("apps", "replicasets"),
            ("apps", "statefulsets"),
            ("batch", "cronjobs"),
            ("batch", "jobs"),
        ],
    )
    def test_whatever_makes_pods_is_warned_of_and_never_refused(
        self, world: Any, make_deps: Any, group: str, plural: str
    ) -> None:
        namespace(world, enforce="baseline", warn="baseline", warn_version="v1.0")
        template = {"template": {"spec": POD["spec"]}}
        spec = {"jobTemplate": {"spec": template}} if plural == "cronjobs" else template
        made = {
            "metadata": {"name": "w", "namespace": "ns"},
            **(template if plural == "podtemplates" else {"spec": spec}),
        }
        expected = ['would violate PodSecurity "baseline:v1.0": host namespaces (hostPID=true)']
        assert ask(world, make_deps, plural, made, group=group) == expected

    def test_without_labels_everything_goes(self, world: Any, make_deps: Any) -> None:
        namespace(world)
        assert ask(world, make_deps, "pods", POD) == []

    def test_a_level_nobody_knows_is_the_strictest_and_cannot_be_set(self, world: Any, make_deps: Any) -> None:
        made = namespace(world, enforce="lax")
        policy, errors = policy_of(made["metadata"]["labels"], Policy())
        assert policy.enforce.level == "restricted" and len(errors) == 1
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

    def test_only_so_many_pods_are_looked_at_and_none_that_is_exempt(
        self, world: Any, make_deps: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(plugin, "MAX_PODS", 2)
        for name in ("a", "b", "c", "d"):
            spec = POD["spec"] | ({"runtimeClassName": "vm"} if name == "a" else {})
            world.put("", "pods", {"metadata": {"name": name, "namespace": "ns"}, "spec": spec})
        made = namespace(world, enforce="baseline")
        old = {"metadata": {"name": "ns"}}
        given = configuration(runtimeClasses=["vm"])
        warnings = ask(world, make_deps, "namespaces", made, operation=UPDATE, old_object=old, configuration=given)
        assert warnings == [
            "new PodSecurity enforce level only checked against the first 2 of 3 existing pods",
            'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
            "b (and 1 other pod): host namespaces",
        ]


def configuration(defaults: Object | None = None, **exemptions: list[str]) -> Object:
    return {
        "apiVersion": "pod-security.admission.config.k8s.io/v1",
        "kind": "PodSecurityConfiguration",
        "defaults": defaults or {},
        "exemptions": exemptions,
    }


@pytest.fixture
def audited() -> Iterator[dict[str, str]]:
    notes: dict[str, str] = {}
    token = AUDIT_ANNOTATIONS.set(notes)
    yield notes
    AUDIT_ANNOTATIONS.reset(token)


class TestConfiguration:
    def test_defaults_hold_where_labels_say_nothing(self, world: Any, make_deps: Any) -> None:
        namespace(world)
        with pytest.raises(Forbidden, match='violates PodSecurity "baseline:v1'):
            given = configuration({"enforce": "baseline", "enforce-version": "v1.30"})
            ask(world, make_deps, "pods", POD, configuration=given)

    def test_labels_go_before_defaults(self, world: Any, make_deps: Any) -> None:
        namespace(world, enforce="privileged")
        assert ask(world, make_deps, "pods", POD, configuration=configuration({"enforce": "baseline"})) == []

    @pytest.mark.parametrize(
        ("exempt", "why"),
        [
            ({"namespaces": ["ns"]}, "namespace"),
            ({"usernames": ["u"]}, "user"),
            ({"runtimeClasses": ["vm"]}, "runtimeClass"),
        ],
    )
    def test_exemptions(
        self, world: Any, make_deps: Any, audited: dict[str, str], exempt: dict[str, list[str]], why: str
    ) -> None:
        namespace(world, enforce="restricted")
        pod = {**POD, "spec": {**POD["spec"], "runtimeClassName": "vm"}}
        assert ask(world, make_deps, "pods", pod, configuration=configuration(**exempt)) == []
        assert audited == {"pod-security.kubernetes.io/exempt": why}

    def test_labels_of_an_exempt_namespace_are_in_vain(self, world: Any, make_deps: Any) -> None:
        made = namespace(world, enforce="baseline", warn="restricted")
        assert ask(world, make_deps, "namespaces", made, configuration=configuration(namespaces=["ns"])) == [
            'namespace "ns" is exempt from Pod Security, and the policy (enforce=baseline:latest, '
            "warn=restricted:latest) will be ignored"
        ]

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (configuration({"enforce": "lax"}), 'defaults.enforce: Invalid value: "lax"'),
            (configuration({"warn-version": "1.2"}), 'must be "latest" or "v1.x"'),
            (configuration({"enforced": "baseline"}), 'unknown field "defaults.enforced"'),
            ({"kind": "Other"}, "no kind"),
        ],
    )
    def test_nonsense_is_refused(self, make_deps: Any, given: Object, message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            PodSecurity(make_deps(), given)


class TestAudit:
    def test_the_audit_log_hears_of_violations(self, world: Any, make_deps: Any, audited: dict[str, str]) -> None:
        namespace(world, enforce="privileged", audit="baseline")
        assert ask(world, make_deps, "pods", POD) == []
        assert audited == {
            "pod-security.kubernetes.io/enforce-policy": "privileged:latest",
            "pod-security.kubernetes.io/audit-violations": (
                'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'
            ),
        }

    def test_who_enforces_more_is_warned_of_more(self, world: Any, make_deps: Any) -> None:
        namespace(world, enforce="baseline")
        deployment = {"metadata": {"name": "d", "namespace": "ns"}, "spec": {"template": {"spec": POD["spec"]}}}
        expected = ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)']
        assert ask(world, make_deps, "deployments", deployment, group="apps") == expected


class TestUpdates:
    def test_only_what_matters_is_judged_again(self, world: Any, make_deps: Any) -> None:
        namespace(world, enforce="baseline")
        assert ask(world, make_deps, "pods", POD, operation=UPDATE, old_object=POD) == []
        before = {**POD, "spec": {**POD["spec"], "containers": [{"name": "c", "image": "old"}]}}
        with pytest.raises(Forbidden):
            ask(world, make_deps, "pods", POD, operation=UPDATE, old_object=before)

    def test_a_profile_in_an_annotation_matters(self, world: Any, make_deps: Any) -> None:
        namespace(world, enforce="baseline")
        noted = {"annotations": {"container.seccomp.security.alpha.kubernetes.io/c": "runtime/default"}}
        before = {**POD, "metadata": {**POD["metadata"], **noted}}
        with pytest.raises(Forbidden):
            ask(world, make_deps, "pods", POD, operation=UPDATE, old_object=before)


class TestMetrics:
    def test_decisions_and_exemptions_are_counted(self, world: Any, make_deps: Any) -> None:
        deps = make_deps()
        namespace(world, enforce="baseline")
        with pytest.raises(Forbidden):
            ask(world, lambda: deps, "pods", POD)
        ask(world, lambda: deps, "pods", POD, configuration=configuration(usernames=["u"]))
        namespace(world)
        ask(world, lambda: deps, "pods", POD)
        what = 'request_operation="create",resource="pod",subresource=""'
        lines = deps.metrics.render().decode().splitlines()
        told = 'mode="enforce",policy_level="{}",policy_version="latest",' + what
        deny = f'decision="deny",{told.format("baseline")}'
        allow = f'decision="allow",{told.format("privileged")}'
        counted = {line.partition("{")[0]: set() for line in lines if line.startswith("pod_security_")}
        assert set(counted) == {"pod_security_evaluations_total", "pod_security_exemptions_total"}
        for tags in (deny, allow, what):
            assert any(
                sorted(line.partition("{")[2].partition("}")[0].split(",")) == sorted(tags.split(",")) for line in lines
            )
