import pytest

from kajitori.api import schema
from kajitori.api.core.v1 import Taint, Toleration
from kajitori.controllers.node_ipam import CidrRangeFull, allocate
from kajitori.controllers.node_lifecycle import taints_for, unknown_conditions
from kajitori.controllers.pod_gc import surplus
from kajitori.controllers.taints import eviction_delay_s

NOW = "2026-01-01T00:00:00Z"


def _pairs(taints):
    return {(t["key"].removeprefix("node.kubernetes.io/"), t["effect"]) for t in taints}


@pytest.mark.parametrize(
    "conditions,spec,evict,expected",
    [
        ({"Ready": "False"}, {}, True, {("not-ready", "NoSchedule"), ("not-ready", "NoExecute")}),
        ({"Ready": "Unknown"}, {}, True, {("unreachable", "NoSchedule"), ("unreachable", "NoExecute")}),
        ({"Ready": "Unknown"}, {}, False, {("unreachable", "NoSchedule")}),
        ({"Ready": "True", "DiskPressure": "True"}, {}, True, {("disk-pressure", "NoSchedule")}),
        ({"Ready": "True"}, {"unschedulable": True}, True, {("unschedulable", "NoSchedule")}),
    ],
)
def test_what_is_wrong_with_a_node_shows_in_its_taints(node, conditions, spec, evict, expected) -> None:
    assert _pairs(taints_for(node(conditions=conditions, **spec), NOW, evict=evict)) == expected


def test_a_healthy_node_loses_our_taints_and_keeps_others(node) -> None:
    own = {"key": "mine", "effect": "NoExecute"}
    ours = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    assert taints_for(node(conditions={"Ready": "True"}, taints=[own, ours]), NOW, evict=True) == [own]
    assert taints_for(node(conditions={"Ready": "True"}, taints=[own]), NOW, evict=True) is None


def test_a_node_that_has_not_reported_keeps_its_first_taint(node) -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    assert taints_for(node(taints=[taint]), NOW, evict=True) is None


def test_silence_turns_conditions_unknown_and_says_why(node) -> None:
    found = {c.type: c for c in unknown_conditions(node(conditions={"Ready": "True"}), NOW)}
    assert (found["Ready"].reason, found["Ready"].message) == (
        "NodeStatusUnknown",
        "Kubelet stopped posting node status.",
    )
    assert (found["DiskPressure"].reason, found["DiskPressure"].message) == (
        "NodeStatusNeverUpdated",
        "Kubelet never posted node status.",
    )


@pytest.mark.parametrize(
    "tolerations,expected",
    [
        ([], 0),
        ([{"operator": "Exists"}], None),
        ([{"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}], 300),
        ([{"key": "k", "operator": "Equal", "value": "v"}], None),
        ([{"key": "k", "operator": "Equal", "value": "w"}], 0),
        ([{"key": "k", "operator": "Exists", "tolerationSeconds": -1}], 0),
        ([{"key": "k", "operator": "Exists", "effect": "NoSchedule"}], 0),
    ],
)
def test_how_long_a_pod_may_stay(tolerations, expected) -> None:
    taint = schema.from_wire(Taint, {"key": "k", "value": "v", "effect": "NoExecute"})
    assert eviction_delay_s([taint], [schema.from_wire(Toleration, t) for t in tolerations]) == expected


@pytest.mark.parametrize(
    "cluster,taken,expected",
    [
        ("10.244.0.0/16", [], ["10.244.0.0/24"]),
        ("10.244.0.0/16", ["10.244.0.0/24", "10.244.2.0/24"], ["10.244.1.0/24"]),
        ("10.244.0.0/16,fd00::/48", [], ["10.244.0.0/24", "fd00::/64"]),
    ],
)
def test_the_first_free_range_is_given(cluster, taken, expected) -> None:
    assert allocate(cluster, taken, lambda network: 24 if network.version == 4 else 64) == expected


def test_service_addresses_are_not_given_and_a_full_cluster_says_so() -> None:
    assert allocate("10.96.0.0/11", [], lambda n: 24, "10.96.0.0/12") == ["10.112.0.0/24"]
    with pytest.raises(CidrRangeFull):
        allocate("10.0.0.0/24", ["10.0.0.0/24"], lambda n: 24)


def test_the_oldest_finished_pods_beyond_the_threshold_go(pod) -> None:
    pods = [pod(f"p{n}", phase="Succeeded", created=f"2026-01-01T00:0{n}:00Z") for n in range(4)]
    pods.append(pod("running"))
    assert [p.metadata.name for p in surplus(pods, 2)] == ["p0", "p1"]
    assert surplus(pods, 0) == []
