"""Each filter's rule and its words."""

from typing import Any

import pytest

from kajitori.scheduler.framework import SUCCESS, Code

TAINT = {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}
ZONE = "topology.kubernetes.io/zone"


def affinity(*expressions: dict[str, Any], fields: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    term = {"matchExpressions": list(expressions), "matchFields": list(fields)}
    required = {"nodeSelectorTerms": [term]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("node_args", "pod_args", "reason"),
    [
        ({}, {"nodeName": "other"}, "node(s) didn't match the requested node name"),
        ({"spec": {"unschedulable": True}}, {}, "node(s) were unschedulable"),
        ({"spec": {"taints": [TAINT]}}, {}, "node(s) had untolerated taint {dedicated: gpu}"),
        ({}, {"nodeSelector": {"disk": "ssd"}}, "node(s) didn't match Pod's node affinity/selector"),
        ({}, {"affinity": affinity(expression("disk", "Exists"))}, "node(s) didn't match Pod's node affinity/selector"),
        ({"cpu": "1"}, {"cpu": "1100m"}, "Insufficient cpu"),
        ({"memory": "1Gi"}, {"memory": "2Gi"}, "Insufficient memory"),
        ({"pods": "0"}, {}, "Too many pods"),
    ],
)
def test_a_node_that_does_not_fit_says_why(
    world: Any, node: Any, pod: Any, node_args: Any, pod_args: Any, reason: str
) -> None:
    world.add_nodes(node("n1", **node_args))
    assert world.verdict(pod(**pod_args), "n1").reasons == (reason,)


@pytest.mark.parametrize(
    ("node_args", "pod_args"),
    [
        ({}, {"nodeName": "n1"}),
        (
            {"spec": {"unschedulable": True}},
            {"tolerations": [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]},
        ),
        (
            {"spec": {"taints": [TAINT]}},
            {"tolerations": [{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]},
        ),
        ({"spec": {"taints": [TAINT]}}, {"tolerations": [{"operator": "Exists"}]}),
        ({"spec": {"taints": [{**TAINT, "effect": "PreferNoSchedule"}]}}, {}),
        ({"labels": {"disk": "ssd"}}, {"nodeSelector": {"disk": "ssd"}}),
        ({"labels": {"disk": "ssd"}}, {"affinity": affinity(expression("disk", "In", "ssd", "nvme"))}),
        ({}, {"affinity": affinity(expression("disk", "NotIn", "hdd"), expression("disk", "DoesNotExist"))}),
        (
            {"labels": {"cores": "8"}},
            {"affinity": affinity(expression("cores", "Gt", "4"), expression("cores", "Lt", "9"))},
        ),
        ({}, {"affinity": affinity(fields=(expression("metadata.name", "In", "n1"),))}),
        ({"cpu": "1"}, {"cpu": "1"}),
    ],
)
def test_a_node_that_fits(world: Any, node: Any, pod: Any, node_args: Any, pod_args: Any) -> None:
    world.add_nodes(node("n1", **node_args))
    assert world.verdict(pod(**pod_args), "n1") is SUCCESS


def test_what_an_empty_node_lacks_cannot_be_resolved_by_preemption(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(node("n1", cpu="2"))
    world.run_on("n1", pod("a", cpu="1500m"))
    assert world.verdict(pod(cpu="1"), "n1").code is Code.UNSCHEDULABLE
    assert world.verdict(pod(cpu="3"), "n1").code is Code.UNRESOLVABLE


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        ({"hostPort": 80}, {"hostPort": 80}, True),
        ({"hostPort": 80}, {"hostPort": 81}, False),
        ({"hostPort": 80}, {"hostPort": 80, "protocol": "UDP"}, False),
        ({"hostPort": 80, "hostIP": "10.0.0.1"}, {"hostPort": 80, "hostIP": "10.0.0.2"}, False),
        ({"hostPort": 80, "hostIP": "10.0.0.1"}, {"hostPort": 80}, True),
    ],
)
def test_host_ports_collide(world: Any, node: Any, pod: Any, first: Any, second: Any, conflict: bool) -> None:
    world.add_nodes(node())

    def with_port(name: str, port: Any) -> Any:
        return pod(name, containers=[{"name": "c", "image": "x", "ports": [{"containerPort": 80, **port}]}])

    world.run_on("n1", with_port("a", first))
    verdict = world.verdict(with_port("b", second), "n1")
    assert verdict.is_rejected == conflict
    if conflict:
        assert verdict.reasons == ("node(s) didn't have free ports for the requested pod ports",)


def test_init_containers_sidecars_and_overhead_count_as_upstream_counts(pod: Any) -> None:
    from kajitori.scheduler.resources import pod_requests

    def container(cpu: str, **more: Any) -> dict[str, Any]:
        return {"name": f"c{cpu}", "resources": {"requests": {"cpu": cpu}}, **more}

    spec = pod(
        containers=[container("300m"), container("200m")],
        initContainers=[container("100m", restartPolicy="Always"), container("700m"), container("50m")],
        overhead={"cpu": "10m"},
    ).spec
    # The sidecar and 700m run together (800m) before the containers and the sidecar do (600m).
    assert pod_requests(spec) == {"cpu": 810}


@pytest.mark.parametrize(("reason", "cpu"), [("Infeasible", 500), ("Deferred", 9000)])
def test_what_a_node_can_never_give_does_not_count_as_taken(pod: Any, reason: str, cpu: int) -> None:
    from kajitori.scheduler.podinfo import PodInfo

    status = {
        "conditions": [{"type": "PodResizePending", "status": "True", "reason": reason}],
        "containerStatuses": [{"name": "c", "allocatedResources": {"cpu": "500m"}}],
    }
    container = {"name": "c", "resources": {"requests": {"cpu": "9"}}}
    assert PodInfo(pod(containers=[container], status=status)).requests == {"cpu": cpu}


# affinity between Pods, and spreading


def near(app: str, key: str = ZONE, kind: str = "podAffinity") -> dict[str, Any]:
    term = {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": key}
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def zones(node: Any) -> list[Any]:
    return [node("a1", labels={ZONE: "a"}), node("a2", labels={ZONE: "a"}), node("b1", labels={ZONE: "b"})]


def test_affinity_follows_the_zone_of_the_other_pod(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(*zones(node))
    world.run_on("a1", pod("db", labels={"app": "db"}))
    want = pod(affinity=near("db"))
    assert world.verdict(want, "a2") is SUCCESS
    assert world.verdict(want, "b1").reasons == ("node(s) didn't match pod affinity rules",)


def test_the_first_of_a_group_with_affinity_to_itself_may_go_anywhere(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(*zones(node))
    assert world.verdict(pod(labels={"app": "web"}, affinity=near("web")), "b1") is SUCCESS
    assert world.verdict(pod(labels={"app": "x"}, affinity=near("web")), "b1").code is Code.UNRESOLVABLE


def test_anti_affinity_works_in_both_directions(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(*zones(node))
    against = near("web", kind="podAntiAffinity")
    world.run_on("a1", pod("w0", labels={"app": "web"}, affinity=against))
    refused = ("node(s) didn't match pod anti-affinity rules",)
    assert world.verdict(pod("w1", labels={"app": "web"}, affinity=against), "a2").reasons == refused
    existing = ("node(s) didn't satisfy existing pods anti-affinity rules",)
    assert world.verdict(pod("w2", labels={"app": "web"}), "a2").reasons == existing
    assert world.verdict(pod("w3", labels={"app": "web"}), "b1") is SUCCESS
    assert world.verdict(pod("other", labels={"app": "x"}), "a1") is SUCCESS


def test_affinity_looks_into_other_namespaces_only_if_asked(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(*zones(node))
    world.namespaces = {"prod": {"team": "x"}}
    world.run_on("a1", pod("db", labels={"app": "db"}, meta={"namespace": "prod"}))
    assert world.verdict(pod(affinity=near("db")), "a1").is_rejected
    there = near("db")
    term = there["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0]
    term["namespaceSelector"] = {"matchLabels": {"team": "x"}}
    assert world.verdict(pod(affinity=there), "a1") is SUCCESS


def spread(skew: int = 1, key: str = ZONE, **more: Any) -> list[dict[str, Any]]:
    selector = {"matchLabels": {"app": "web"}}
    base = {"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}
    return [{**base, **more}]


def test_spreading_keeps_the_skew(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(*zones(node), node("nowhere"))
    world.run_on("a1", pod("w0", labels={"app": "web"}))
    want = pod(labels={"app": "web"}, topologySpreadConstraints=spread())
    assert world.verdict(want, "a2").reasons == ("node(s) didn't match pod topology spread constraints",)
    assert world.verdict(want, "b1") is SUCCESS
    missing = ("node(s) didn't match pod topology spread constraints (missing required label)",)
    assert world.verdict(want, "nowhere").reasons == missing
    assert world.verdict(pod(labels={"app": "web"}, topologySpreadConstraints=spread(2)), "a2") is SUCCESS
    assert world.verdict(pod(labels={"app": "web"}, topologySpreadConstraints=spread(minDomains=3)), "a1").is_rejected


def test_a_pod_with_claims_is_refused_rather_than_left_without_its_devices(world: Any, node: Any, pod: Any) -> None:
    world.add_nodes(node())
    verdict = world.verdict(pod(resourceClaims=[{"name": "gpu"}]), "n1")
    assert verdict.reasons == ("cannot allocate all claims",)
