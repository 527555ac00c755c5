"""Which flow a request belongs to: precedence, subjects, resources and paths, and the hand of queues of each flow."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.apiserver.flowcontrol.flowfixtures import Bench, ask, level, schema

from kajitori.api.flowcontrol import standard
from kajitori.apiserver.flowcontrol.flow import Classifier, Schema, deal
from kajitori.apiserver.flowcontrol.level import Level
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

LEASES = {"resource": "leases", "group": "coordination.k8s.io", "namespace": "kube-system"}
NODE, USER = ("system:nodes", "system:authenticated"), ("system:authenticated",)
ACCOUNT = ("system:serviceaccounts", "system:authenticated")


def standard_bench() -> Bench:
    return Bench(600, standard.SUGGESTED_LEVELS, standard.SUGGESTED_SCHEMAS)


@pytest.mark.parametrize(
    ("name", "groups", "asks", "schema_name"),
    [
        ("admin", ("system:masters",), {}, "exempt"),
        ("system:node:a", NODE, {"resource": "nodes", "subresource": "status", "name": "a"}, "system-node-high"),
        ("system:node:a", NODE, {"verb": "update", **LEASES}, "system-node-high"),
        ("system:node:a", NODE, {"namespace": "x"}, "system-nodes"),
        ("system:kube-scheduler", USER, {"verb": "update", **LEASES}, "system-leader-election"),
        ("system:kube-scheduler", USER, {"verb": "patch", **LEASES}, "kube-scheduler"),
        ("system:kube-controller-manager", USER, {"verb": "list"}, "kube-controller-manager"),
        ("system:serviceaccount:kube-system:gc", ACCOUNT, {}, "kube-system-service-accounts"),
        ("system:serviceaccount:x:y", ACCOUNT, {}, "service-accounts"),
        ("jo", USER, {"verb": "list"}, "global-default"),
        ("nobody", (), {}, "catch-all"),
    ],
)
def test_the_standard_schemas_take_whom_they_are_for(
    name: str, groups: tuple[str, ...], asks: dict[str, Any], schema_name: str
) -> None:
    classifier = standard_bench().control.classifier
    assert classifier.flow(ask(**asks), UserInfo(name, groups=groups)).schema == schema_name


def test_probes_are_exempt_and_other_paths_are_not() -> None:
    classifier, user = standard_bench().control.classifier, UserInfo("jo", groups=USER)
    flows = [
        classifier.flow(RequestInfo(verb="get", path=path), user) for path in ("/livez", "/livez/ping", "/version")
    ]
    assert [flow.schema for flow in flows] == ["probes", "probes", "global-default"]


@pytest.mark.parametrize(
    ("rule", "user", "asks", "matches"),
    [
        ({"subjects": [{"kind": "User", "user": {"name": "*"}}]}, "jo", {}, True),
        ({"subjects": [{"kind": "User", "user": {"name": "ann"}}]}, "jo", {}, False),
        ({"resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["a"]}]},
         "jo", {"namespace": "a"}, True),
        ({"resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["a"]}]},
         "jo", {"namespace": "b"}, False),
        ({"resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["*"]}]},
         "jo", {}, False),
        ({"resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["pods"], "namespaces": ["*"]}]},
         "jo", {"namespace": "a", "subresource": "status"}, False),
    ],
)  # fmt: skip
def test_rules_match_as_upstreams(rule: dict[str, Any], user: str, asks: dict[str, Any], *, matches: bool) -> None:
    assert Schema(schema("x", "l", **rule)).matches(ask(**asks), UserInfo(user)) is matches


def test_the_lowest_precedence_comes_first_and_names_break_ties() -> None:
    schemas = [Schema(schema(name, "catch-all", number)) for name, number in (("c", 10), ("b", 10), ("a", 500))]
    levels: dict[str, Level] = {}
    assert [one.name for one in Classifier(schemas, levels).schemas] == ["b", "c", "a"]


def test_a_hand_has_no_card_twice_and_is_a_flows_own() -> None:
    hands = {user: deal("global-default", user, 128, 6) for user in ("jo", "ann", "bob")}
    assert all(len(set(hand)) == 6 and max(hand) < 128 for hand in hands.values())
    assert len(set(hands.values())) == 3
    assert deal("global-default", "jo", 128, 6) == hands["jo"]


def test_flows_are_told_apart_by_user_or_by_namespace() -> None:
    queues = level("l", queuing=(8, 2, 50))
    for method, apart in (("ByUser", {"jo", "ann"}), ("ByNamespace", {"a"})):
        classifier = Bench(100, (queues,), (schema("s", "l", method=method),)).control.classifier
        flows = {classifier.flow(ask(namespace="a"), UserInfo(user)).distinguisher for user in ("jo", "ann")}
        assert flows == apart
