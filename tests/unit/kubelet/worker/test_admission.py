from __future__ import annotations

from typing import Any

import pytest
from tests.unit.kubelet.podrecords import make_pod

from kajitori.api import schema
from kajitori.api.core.v1 import Node
from kajitori.kubelet.worker.admission import misplacement, rejection, requested

ROOM = {"cpu": "2", "memory": "1Gi", "pods": "3"}


def sized(cpu: str = "0", memory: str = "0", **more: Any) -> Any:
    return make_pod([{"name": "a", "resources": {"requests": {"cpu": cpu, "memory": memory}}}], **more)


def test_pod_that_fits_is_let_in() -> None:
    assert rejection(sized("1", "512Mi"), [sized("1", "512Mi")], ROOM) is None


def test_pod_that_does_not_fit_is_told_by_how_much() -> None:
    assert rejection(sized("1500m"), [sized("1")], ROOM) == (
        "OutOfcpu",
        "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
    )
    assert rejection(sized(memory="2Gi"), [], ROOM)[0] == "OutOfmemory"  # type: ignore[index]
    assert rejection(sized(), [sized()] * 3, ROOM)[0] == "OutOfpods"  # type: ignore[index]


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(sized("9", priority=2_000_000_000), id="critical"),
        pytest.param(sized("9", meta={"annotations": {"kubernetes.io/config.source": "file"}}), id="static"),
        pytest.param(sized("9", status={"phase": "Running"}), id="running already"),
        pytest.param(sized("9", status={"phase": "Pending", "startTime": "2026-01-02T03:04:05Z"}), id="seen before"),
    ],
)
def test_running_and_critical_pods_are_never_refused(pod: Any) -> None:
    assert rejection(pod, [], ROOM) is None


def test_sidecars_count_with_the_containers_and_init_containers_as_a_peak() -> None:
    def one(name: str, cpu: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "resources": {"requests": {"cpu": cpu}}, **more}

    init = [one("s", "100m", restartPolicy="Always"), one("i", "500m")]
    assert requested(make_pod([one("a", "200m")], init=init), "cpu") == 600
    assert requested(make_pod([one("a", "900m")], init=init), "cpu") == 1000


def node(labels: dict[str, str] | None = None, taints: list[dict[str, str]] | None = None) -> Node:
    return schema.from_wire(Node, {"metadata": {"name": "n", "labels": labels or {}}, "spec": {"taints": taints or []}})


def with_ports(*ports: dict[str, Any]) -> Any:
    return make_pod([{"name": "a", "ports": list(ports)}])


def test_a_pod_that_the_node_does_not_suit_any_more_is_refused() -> None:
    picky = make_pod([{"name": "a"}], nodeSelector={"disk": "ssd"})
    assert misplacement(picky, node({"disk": "ssd"})) is None
    assert misplacement(picky, node({"disk": "hdd"})) == (
        "NodeAffinity",
        "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    )


def test_a_taint_that_evicts_keeps_out_and_one_that_only_stops_the_scheduler_does_not() -> None:
    plain = make_pod([{"name": "a"}])
    assert misplacement(plain, node(taints=[{"key": "k", "effect": "NoSchedule"}])) is None
    refused = misplacement(plain, node(taints=[{"key": "k", "effect": "NoExecute"}]))
    assert refused is not None
    assert refused[0] == "TaintToleration"


@pytest.mark.parametrize(
    ("taken", "wanted", "is_free"),
    [
        ({"hostPort": 80}, {"hostPort": 80}, False),
        ({"hostPort": 80}, {"hostPort": 81}, True),
        ({"hostPort": 53, "protocol": "UDP"}, {"hostPort": 53, "protocol": "TCP"}, True),
        ({"hostPort": 80, "hostIP": "127.0.0.1"}, {"hostPort": 80, "hostIP": "127.0.0.2"}, True),
        ({"hostPort": 80, "hostIP": "127.0.0.1"}, {"hostPort": 80}, False),
        ({"containerPort": 80}, {"hostPort": 80}, True),
    ],
)
def test_a_port_of_the_node_belongs_to_one_pod(taken: dict[str, Any], wanted: dict[str, Any], is_free: bool) -> None:
    refused = rejection(with_ports(wanted), [with_ports(taken)], ROOM)
    assert (refused is None) == is_free
    if refused is not None:
        why = "node(s) didn't have free ports for the requested pod ports"
        assert refused == ("NodePorts", f"Predicate NodePorts failed: {why}")
