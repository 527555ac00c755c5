from datetime import UTC, datetime

import pytest

from kajitori.controllers.expectations import Expectations
from kajitori.controllers.replicaset import pod_from_template
from kajitori.controllers.replicaset_plan import next_check_s, plan, status_of, victims

NOW = datetime(2026, 1, 1, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "wanted,have,create,delete", [(3, 0, 3, 0), (3, 3, 0, 0), (1, 3, 0, 2), (0, 2, 0, 2), (1000, 0, 500, 0)]
)
def test_the_difference_is_made_up_in_bounded_steps(replicaset, pod, wanted, have, create, delete) -> None:
    pods = [pod(f"p{n}") for n in range(have)]
    steps = plan(replicaset(replicas=wanted), pods, pods, NOW)
    assert (steps.create, len(steps.delete)) == (create, delete)


@pytest.mark.parametrize(
    "first,other",
    [
        pytest.param({"node": None}, {"node": "n"}, id="unassigned"),
        pytest.param({"phase": "Pending"}, {"ready": False}, id="pending"),
        pytest.param({"phase": "Unknown"}, {}, id="unknown before running"),
        pytest.param({"ready": False}, {"ready": True}, id="not ready"),
        pytest.param(
            {"annotations": {"controller.kubernetes.io/pod-deletion-cost": "-5"}, "ready": True},
            {"ready": True},
            id="cheaper by its own word",
        ),
        pytest.param(
            {"ready": True, "ready_since": "2026-01-01T00:59:50Z"},
            {"ready": True, "ready_since": "2026-01-01T00:00:00Z"},
            id="ready for a shorter time",
        ),
        pytest.param({"ready": True, "restarts": 4}, {"ready": True, "restarts": 1}, id="restarted more often"),
        pytest.param(
            {"ready": True, "created": "2026-01-01T00:59:00Z"}, {"ready": True}, id="younger by powers of two"
        ),
    ],
)
def test_who_goes_first(pod, first, other) -> None:
    pods = [pod("other", **{"node": "n", **other}), pod("first", **{"node": "n", **first})]
    assert [p.metadata.name for p in victims(pods, 1, pods, NOW)] == ["first"]


def test_the_more_crowded_node_loses_first_counting_siblings_of_other_replicasets(pod) -> None:
    mine = [pod("a", node="empty", ready=True), pod("b", node="crowded", ready=True)]
    related = [*mine, pod("sibling", node="crowded", ready=True)]
    assert [p.metadata.name for p in victims(mine, 1, related, NOW)] == ["b"]


def test_status_counts_ready_and_available_and_keeps_a_failure_while_it_lasts(replicaset, pod) -> None:
    rs = replicaset(replicas=3, minReadySeconds=60)
    pods = [
        pod("a", ready=True),
        pod("b", ready=True, ready_since="2026-01-01T00:59:30Z"),
        pod("c", ready=False, labels={"other": "x"}),
    ]
    status = status_of(rs, pods, ("FailedCreate", "no quota"), NOW)
    assert (status.replicas, status.ready_replicas, status.available_replicas) == (3, 2, 1)
    assert status.fully_labeled_replicas == 2
    (failure,) = status.conditions
    assert (failure.type, failure.status, failure.reason, failure.message) == (
        "ReplicaFailure",
        "True",
        "FailedCreate",
        "no quota",
    )
    rs.status = status
    assert status_of(rs, pods, None, NOW).conditions == []
    assert next_check_s(rs, pods, NOW) == 30


def test_pods_from_the_template_are_named_owned_and_labelled(replicaset) -> None:
    made = pod_from_template(replicaset("web-abc"))
    assert made.metadata.generate_name == "web-abc-"
    assert made.metadata.labels == {"app": "web"}
    (ref,) = made.metadata.owner_references
    assert (ref.kind, ref.name, ref.controller, ref.block_owner_deletion) == ("ReplicaSet", "web-abc", True, True)


def test_expectations_hold_back_until_seen_or_five_minutes_old() -> None:
    now = [0.0]
    expectations = Expectations(lambda: now[0])
    assert expectations.satisfied("k")
    expectations.expect_creates("k", 2)
    expectations.observed_create("k")
    assert not expectations.satisfied("k")
    expectations.observed_create("k")
    assert expectations.satisfied("k")
    expectations.expect_deletes("k", ["a", "b"])
    expectations.observed_delete("k", "a")
    expectations.observed_delete("k", "a")
    assert not expectations.satisfied("k")
    now[0] = 301
    assert expectations.satisfied("k")
