"""Tables: the cells that users read every day."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kajitori.api.core.columns import external_ip, node_roles, node_status, service_ports
from kajitori.api.core.pod_columns import PODS, summarize

NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
MIDNIGHT = "2026-01-01T00:00:00Z"


def container(**state: Any) -> dict[str, Any]:
    return {"name": "c", "restartCount": 0, "ready": "running" in state, "state": state}


@pytest.mark.parametrize(
    ("status", "metadata", "expected"),
    [
        ({"phase": "Pending"}, {}, ("Pending", 0)),
        (
            {"phase": "Pending", "containerStatuses": [container(waiting={"reason": "ContainerCreating"})]},
            {},
            ("ContainerCreating", 0),
        ),
        ({"phase": "Running", "containerStatuses": [container(running={})]}, {}, ("Running", 1)),
        (
            {"phase": "Succeeded", "containerStatuses": [container(terminated={"reason": "Completed", "exitCode": 0})]},
            {},
            ("Completed", 0),
        ),
        ({"phase": "Failed", "containerStatuses": [container(terminated={"exitCode": 3})]}, {}, ("ExitCode:3", 0)),
        ({"phase": "Pending", "initContainerStatuses": [container(running={})]}, {}, ("Init:0/1", 0)),
        (
            {"phase": "Running", "containerStatuses": [container(running={})]},
            {"deletionTimestamp": MIDNIGHT},
            ("Terminating", 1),
        ),
        ({"phase": "Failed", "reason": "Evicted"}, {}, ("Evicted", 0)),
    ],
)
def test_the_status_of_a_pod_is_the_last_word_of_its_containers(
    status: dict[str, Any], metadata: dict[str, Any], expected: tuple[str, int]
) -> None:
    spec = {"containers": [{"name": "c"}], "initContainers": [{"name": "c"}]}
    summary = summarize({"metadata": metadata, "spec": spec, "status": status})
    assert (summary.reason, summary.ready) == expected


def test_restarts_tell_when_the_last_one_was() -> None:
    status = container(running={}) | {
        "restartCount": 2,
        "lastState": {"terminated": {"finishedAt": "2026-01-01T00:05:00Z"}},
    }
    row = PODS.row(
        {
            "metadata": {"name": "p", "creationTimestamp": MIDNIGHT},
            "spec": {"containers": [{}]},
            "status": {"phase": "Running", "containerStatuses": [status]},
        },
        NOW,
    )
    assert row[:5] == ["p", "1/1", "Running", "2 (5m ago)", "10m"]


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ({"type": "ClusterIP"}, {}, "<none>"),
        ({"type": "LoadBalancer"}, {}, "<pending>"),
        ({"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, "1.2.3.4"),
        ({"type": "NodePort", "externalIPs": ["1.1.1.1"]}, {}, "1.1.1.1"),
        ({"type": "ExternalName", "externalName": "example.com"}, {}, "example.com"),
    ],
)
def test_the_external_ip_depends_on_the_type(spec: dict[str, Any], status: dict[str, Any], expected: str) -> None:
    assert external_ip({"spec": spec, "status": status}) == expected


def test_ports_show_their_node_port() -> None:
    spec = {"ports": [{"port": 8080, "nodePort": 30369, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}
    assert service_ports(spec) == "8080:30369/TCP,53/UDP"


def test_a_cordoned_node_says_so_and_roles_come_from_labels() -> None:
    node = {
        "metadata": {"labels": {"node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "x"}},
        "spec": {"unschedulable": True},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }
    assert node_status(node) == "Ready,SchedulingDisabled"
    assert node_roles(node) == ["control-plane", "x"]
