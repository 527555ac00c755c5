"""Which requests rules, match policies and selectors choose."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.admission.matching.equivalents import convert, equivalents, shown
from kajitori.apiserver.admission.matching.rules import is_exempt, read_rules
from kajitori.apiserver.admission.matching.target import Index, read_target
from kajitori.apiserver.admission_types import CREATE, DELETE, UPDATE, AdmissionRequest
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import NotFound

Object = dict[str, Any]
SCHEME = builtin()


def resource(plural: str, group: str = "", version: str = "v1") -> Any:
    found = SCHEME.by_plural(group, version, plural)
    assert found is not None
    return found


def rule(**over: Any) -> Object:
    return {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], **over}


def request(plural: str, operation: str = CREATE, *, namespace: str = "ns", name: str = "x", **over: Any) -> Any:
    obj = over.pop("obj", {"metadata": {"name": name}})
    return AdmissionRequest(
        operation, resource(plural), over.pop("subresource", ""), namespace, name, obj, None, UserInfo("u"), **over
    )


@pytest.mark.parametrize(
    ("given", "plural", "subresource", "covered"),
    [
        (rule(), "pods", "", True),
        (rule(), "pods", "status", False),
        (rule(resources=["*/*"]), "pods", "status", True),
        (rule(resources=["*/*"]), "pods", "", True),
        (rule(resources=["pods/*"]), "pods", "", True),
        (rule(resources=["pods/status"]), "pods", "", False),
        (rule(resources=["*/status"]), "nodes", "status", True),
        (rule(operations=["UPDATE"]), "pods", "", False),
        (rule(apiGroups=["apps"]), "pods", "", False),
        (rule(scope="Namespaced"), "pods", "", True),
        (rule(scope="Namespaced"), "namespaces", "", False),
        (rule(scope="Cluster"), "namespaces", "", True),
        (rule(scope="Cluster"), "pods", "", False),
    ],
)
def test_a_rule_covers(given: Object, plural: str, subresource: str, covered: bool) -> None:
    (made,) = read_rules([given])
    assert made.covers(resource(plural), subresource, CREATE) is covered


class TestEquivalents:
    def test_versions_and_groups_that_show_the_same_objects(self) -> None:
        v2 = resource("horizontalpodautoscalers", "autoscaling", "v2")
        assert [r.group_version for r in equivalents(SCHEME, v2)] == ["autoscaling/v1"]
        assert [r.group_version for r in equivalents(SCHEME, resource("events"))] == ["events.k8s.io/v1"]
        assert list(equivalents(SCHEME, resource("pods"))) == []

    def test_there_and_back(self) -> None:
        v1, v2 = (resource("horizontalpodautoscalers", "autoscaling", version) for version in ("v1", "v2"))
        spec = {"maxReplicas": 3, "targetCPUUtilizationPercentage": 50, "scaleTargetRef": {"kind": "D", "name": "d"}}
        given = {"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {}, "spec": spec}
        there = convert(given, v1, v2)
        assert there["apiVersion"] == "autoscaling/v2"
        assert there["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 50
        assert convert(there, v2, v1)["spec"]["targetCPUUtilizationPercentage"] == 50

    def test_a_scale_without_replicas_says_nothing_of_them(self) -> None:
        paths = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
        made = dataclasses.replace(resource("configmaps"), scale_paths=paths)
        obj = {"metadata": {"name": "x"}, "spec": {}}
        request = AdmissionRequest(
            operation=UPDATE,
            resource=made,
            subresource="scale",
            namespace="ns",
            name="x",
            object=obj,
            old_object=obj,
            user=UserInfo("u"),
        )
        seen = shown(request, obj, made)
        assert seen is not None
        assert (seen["kind"], seen["spec"]) == ("Scale", {})


class TestIndex:
    def find(self, world: Any, spec: Object, made: Any) -> list[Any]:
        index: Index[str] = Index(SCHEME, [(read_target(spec, rules="rules", excluded="excluded"), "it")])
        return [found.group_version for _, found in index.matching(made, world)]

    def test_namespace_labels(self, world: Any) -> None:
        world.put("", "namespaces", {"metadata": {"name": "ns", "labels": {"env": "prod"}}})
        spec = {"rules": [rule()], "namespaceSelector": {"matchLabels": {"env": "prod"}}}
        assert self.find(world, spec, request("pods")) == ["v1"]
        world.put("", "namespaces", {"metadata": {"name": "ns", "labels": {"env": "dev"}}})
        assert self.find(world, spec, request("pods")) == []
        assert self.find(world, spec, request("nodes", namespace="")) == ["v1"]  # in no namespace: not left out
        with pytest.raises(NotFound):
            self.find(world, spec, request("pods", namespace="gone"))

    def test_a_namespace_is_judged_by_its_own_labels(self, world: Any) -> None:
        spec = {"rules": [rule()], "namespaceSelector": {"matchLabels": {"env": "prod"}}}
        new = {"metadata": {"name": "ns", "labels": {"env": "prod"}}}
        assert self.find(world, spec, request("namespaces", name="ns", namespace="", obj=new)) == ["v1"]
        world.put("", "namespaces", {"metadata": {"name": "ns", "labels": {"env": "dev"}}})
        assert self.find(world, spec, request("namespaces", DELETE, name="ns", namespace="", obj=None)) == []

    def test_either_object_suffices(self, world: Any) -> None:
        spec = {"rules": [rule()], "objectSelector": {"matchLabels": {"app": "a"}}}
        old = {"metadata": {"labels": {"app": "a"}}}
        made = request("pods", UPDATE)
        assert self.find(world, spec, made) == []
        made.old_object = old
        assert self.find(world, spec, made) == ["v1"]

    def test_names_and_exclusions(self, world: Any) -> None:
        named = {"rules": [rule(resourceNames=["x"])]}
        assert self.find(world, named, request("pods", name="x")) == ["v1"]
        assert self.find(world, named, request("pods", name="y")) == []
        excluding = {"rules": [rule()], "excluded": [rule(resources=["secrets"]), rule(resourceNames=["free"])]}
        assert self.find(world, excluding, request("secrets")) == []
        assert self.find(world, excluding, request("pods", name="free")) == []
        assert self.find(world, excluding, request("pods", name="bound")) == ["v1"]

    def test_exact_means_exact(self, world: Any) -> None:
        made = request("events")
        only = [rule(apiGroups=["events.k8s.io"], resources=["events"])]
        assert self.find(world, {"rules": only}, made) == ["events.k8s.io/v1"]
        assert self.find(world, {"rules": only, "matchPolicy": "Exact"}, made) == []


def test_configurations_are_exempt() -> None:
    group = "admissionregistration.k8s.io"
    assert is_exempt(resource("validatingwebhookconfigurations", group))
    assert is_exempt(resource("validatingadmissionpolicybindings", group))
    assert not is_exempt(resource("configmaps"))
