"""What a pod asks of a node: containers together, init containers one by one, sidecars beside both."""

from __future__ import annotations

from typing import Any

import pytest

from kajitori.kubectl.describers.noderesources import pod_amounts, write_usage
from kajitori.kubectl.describers.page import Page


def container(cpu: str, limit: str = "", restart: str = "") -> dict[str, Any]:
    resources = {"requests": {"cpu": cpu}, "limits": {"cpu": limit} if limit else {}}
    return {"resources": resources, **({"restartPolicy": restart} if restart else {})}


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        ({"containers": [container("100m"), container("200m")]}, "300m"),
        ({"containers": [container("100m")], "initContainers": [container("1"), container("2")]}, "2"),
        ({"containers": [container("1")], "initContainers": [container("500m", restart="Always")]}, "1500m"),
        (
            {"containers": [container("1")], "initContainers": [container("1", restart="Always"), container("2")]},
            "3",
        ),
        ({"containers": [container("1")], "resources": {"requests": {"cpu": "4"}}}, "4"),
        ({"containers": [container("1")], "overhead": {"cpu": "250m"}}, "1250m"),
    ],
    ids=["sum", "largest init", "sidecar", "init beside a sidecar", "pod level", "overhead"],
)
def test_requests_of_a_pod(spec: dict[str, Any], cpu: str) -> None:
    assert str(pod_amounts({"spec": spec}, "requests")["cpu"]) == cpu


def test_overhead_counts_for_limits_only_where_there_is_one() -> None:
    spec = {"containers": [container("1")], "overhead": {"cpu": "1"}}
    assert pod_amounts({"spec": spec}, "limits") == {}
    spec["containers"] = [container("1", limit="2")]
    assert str(pod_amounts({"spec": spec}, "limits")["cpu"]) == "3"


def test_shares_of_a_node_are_whole_per_cents() -> None:
    page = Page()
    pod = {"metadata": {"name": "p", "namespace": "d"}, "spec": {"containers": [container("1", limit="6")]}}
    write_usage(page, {"status": {"allocatable": {"cpu": "3", "memory": "1Gi"}}}, [pod])
    lines = page.text().splitlines()
    assert lines[0].split() == ["Non-terminated", "Pods:", "(1", "in", "total)"]
    assert lines[3].split() == ["d", "p", "1", "(33%)", "6", "(200%)", "0", "(0%)", "0", "(0%)", "<unknown>"]
    assert ["cpu", "1", "(33%)", "6", "(200%)"] in [line.split() for line in lines]
