"""Which of a workload's pods stands for it, and by which labels they are found."""

from __future__ import annotations

import random
from typing import Any

import pytest

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.sessions.pods import by_interest, by_liveliness, selector_of


def pod(
    name: str, *, phase: str = "Running", node: str = "n", ready: str = "", restarts: int = 0, made: str = "1"
) -> Any:
    conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": ready}] if ready else []
    return {
        "metadata": {"name": name, "creationTimestamp": made},
        "spec": {"nodeName": node},
        "status": {"phase": phase, "conditions": conditions, "containerStatuses": [{"restartCount": restarts}]},
    }


RANKED = [
    pod("ready for long", ready="2026-01-01T00:00:00Z"),
    pod("ready since today", ready="2026-02-01T00:00:00Z"),
    pod("steady"),
    pod("young", made="2"),
    pod("restarted", restarts=2),
    pod("pending", phase="Pending"),
    pod("on no node", node="", phase="Pending"),
]


@pytest.mark.parametrize("seed", range(5))
def test_the_liveliest_pod_comes_first(seed: int) -> None:
    shuffled = random.Random(seed).sample(RANKED, len(RANKED))
    assert [one["metadata"]["name"] for one in sorted(shuffled, key=by_liveliness)] == [
        one["metadata"]["name"] for one in RANKED
    ]


def test_for_logs_the_restarted_are_of_more_interest() -> None:
    steady, restarted = pod("steady"), pod("restarted", restarts=2)
    assert sorted([steady, restarted], key=by_interest) == [restarted, steady]


@pytest.mark.parametrize(
    ("obj", "selector"),
    [
        ({"kind": "Service", "spec": {"selector": {"b": "2", "a": "1"}}}, "a=1,b=2"),
        ({"kind": "ReplicationController", "spec": {"selector": {"a": "1"}}}, "a=1"),
        ({"kind": "Deployment", "spec": {"selector": {"matchLabels": {"a": "1"}}}}, "a=1"),
    ],
)
def test_selectors(obj: dict[str, Any], selector: str) -> None:
    assert selector_of(obj) == selector


@pytest.mark.parametrize(
    ("obj", "text"),
    [
        ({"kind": "ConfigMap"}, r"selector for \*v1.ConfigMap not implemented"),
        ({"kind": "Service", "metadata": {"name": "x"}}, "invalid service 'x': Service is defined without a selector"),
    ],
)
def test_objects_that_select_no_pods(obj: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        selector_of(obj)
