"""Which of several fitting nodes wins, and what is said when none fits."""

from typing import Any

import pytest

from kajitori.scheduler.diagnosis import FitError
from kajitori.scheduler.plugins.node_resources_balanced_allocation import deviation
from kajitori.scheduler.plugins.node_resources_fit import least_requested, most_requested, requested_to_capacity
from kajitori.scheduler.plugins.registry import BY_NAME
from kajitori.scheduler.scheduling import nodes_to_find

ZONE = "topology.kubernetes.io/zone"


def message(world: Any, pod: Any) -> str:
    with pytest.raises(FitError) as caught:
        world.decide(pod)
    return str(caught.value)


def test_no_nodes_has_its_own_message(world: Any, pod: Any) -> None:
    assert message(world, pod()) == "no nodes available to schedule pods"


def test_reasons_are_counted_and_sorted(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(node("n1", cpu="1"), node("n2", cpu="1"), node("n3", spec={"unschedulable": True}))
    expected = "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu."
    assert message(world, pod(cpu="2")) == expected


def test_several_reasons_of_one_node_all_count(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(node("n1", cpu="1", memory="1Gi"))
    expected = "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory."
    assert message(world, pod(cpu="2", memory="2Gi")) == expected


def test_a_daemon_pod_looks_only_at_its_node(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(node("n1", cpu="1"), node("n2"), node("n3"))
    fields = [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]
    terms = {"nodeSelectorTerms": [{"matchFields": fields}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    assert world.decide(pod(affinity=affinity)) == "n1"
    expected = "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]."
    assert message(world, pod(cpu="2", affinity=affinity)) == expected


def test_the_emptier_node_wins(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(node("n1"), node("n2"))
    world.run_on("n1", pod("a", cpu="1", memory="1Gi"))
    assert world.decide(pod("b", cpu="1")) == "n2"


def test_pods_without_requests_spread_too(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(node("n1"), node("n2"))
    world.run_on("n1", pod("a"))
    assert world.decide(pod("b")) == "n2"


def test_most_allocated_packs(new_world: Any, node: Any, pod: Any) -> None:
    world = new_world(args={"NodeResourcesFit": {"scoringStrategy": {"type": "MostAllocated"}}})
    world.add_nodes(node("n1"), node("n2"))
    world.run_on("n1", pod("a", cpu="1", memory="1Gi"))
    scores = {"n1": 0, "n2": 0}
    plugin = next(p for p in world.profile.plugins if p.name == "NodeResourcesFit")
    from kajitori.scheduler.framework import CycleState
    from kajitori.scheduler.podinfo import PodInfo

    for name in scores:
        scores[name] = plugin.score(CycleState(), PodInfo(pod("b", cpu="1")), world.cache.nodes[name])
    assert scores["n1"] > scores["n2"]


def test_preferred_affinity_taints_and_images_weigh_in(world: Any, node: Any, pod: Any) -> None:
    images = [{"names": ["docker.io/library/big:latest"], "sizeBytes": 900_000_000}]
    soft = {"taints": [{"key": "old", "effect": "PreferNoSchedule"}]}
    world.add_nodes(node("n1", spec=soft), node("n2", images=images), node("n3", labels={"disk": "ssd"}))
    assert world.decide(pod("a", containers=[{"name": "c", "image": "docker.io/library/big"}])) == "n2"
    expression = {"key": "disk", "operator": "In", "values": ["ssd"]}
    term = {"weight": 100, "preference": {"matchExpressions": [expression]}}
    preferred = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [term]}}
    assert world.decide(pod("b", affinity=preferred)) == "n3"
    assert world.scores(pod("c"))["n1"] < world.scores(pod("c"))["n3"]


def test_preferred_pod_affinity_attracts_and_repels(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(node("a1", labels={ZONE: "a"}), node("b1", labels={ZONE: "b"}))
    world.run_on("a1", pod("db", labels={"app": "db"}))
    selector = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": ZONE}
    terms = [{"weight": 100, "podAffinityTerm": selector}]
    field = "preferredDuringSchedulingIgnoredDuringExecution"
    assert world.decide(pod("x", affinity={"podAffinity": {field: terms}})) == "a1"
    assert world.decide(pod("y", affinity={"podAntiAffinity": {field: terms}})) == "b1"


def test_pods_of_a_service_spread_over_zones_by_default(world: Any, node: Any, pod: Any) -> None:
    from kajitori.scheduler import views as v

    world.add_nodes(*(node(f"{z}{i}", labels={ZONE: z}) for z in "ab" for i in "12"))
    service = v.Service(metadata=v.Meta(name="s", namespace="default"), spec=v.ServiceSpec(selector={"app": "web"}))
    world.objects["Service"] = [service]
    for number in range(3):
        world.run_on("a1", pod(f"w{number}", labels={"app": "web"}))
        world.run_on("a2", pod(f"o{number}", labels={"app": "other"}))
    scores = {p.name: p for p in world.profile.plugins}
    assert "PodTopologySpread" in scores
    assert world.decide(pod("new", labels={"app": "web"})).startswith("b")


@pytest.mark.parametrize(("used", "expected"), [(0, 100), (50, 50), (100, 0), (101, 0)])
def test_least_requested(used: int, expected: int) -> None:
    assert least_requested(used, 100) == expected
    assert most_requested(min(used, 100), 100) == 100 - expected


def test_a_shape_is_a_broken_line() -> None:
    rate = requested_to_capacity(
        [{"utilization": 0, "score": 0}, {"utilization": 50, "score": 10}, {"utilization": 100, "score": 2}]
    )
    assert [rate(u, 100) for u in (0, 25, 50, 75, 100, 120)] == [0, 50, 100, 60, 20, 20]


def test_deviation_of_fractions() -> None:
    assert deviation([0.5]) == 0
    assert deviation([0.2, 0.6]) == pytest.approx(0.2)
    assert deviation([0.0, 0.5, 1.0]) == pytest.approx(0.408, abs=0.001)


def test_large_clusters_are_looked_at_in_part() -> None:
    assert nodes_to_find(99) == 99
    assert nodes_to_find(1000) == 420
    assert nodes_to_find(6000) == 300
    assert nodes_to_find(1000, 100) == 1000
    assert nodes_to_find(500, 10) == 100


def test_every_default_plugin_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == 15
