from datetime import UTC, datetime, timedelta

import pytest

from kajitori.controllers import deployment_status as statuses
from kajitori.controllers.deployment_revisions import (
    annotations_for,
    find_new,
    forgettable,
    is_scaling,
    new_replicaset,
    next_revision,
)

NOW = datetime(2026, 1, 1, 1, 0, 0, tzinfo=UTC)
REVISION = "deployment.kubernetes.io/revision"


def _progressing(status):
    return next((c for c in status.conditions if c.type == "Progressing"), None)


def test_a_finished_rollout_says_so(deployment, replicaset) -> None:
    new = replicaset("web-1", 3)
    status = statuses.rollout_status(deployment(3), [new], new, NOW)
    found = _progressing(status)
    assert (found.status, found.reason) == ("True", "NewReplicaSetAvailable")
    assert found.message == 'ReplicaSet "web-1" has successfully progressed.'
    assert (status.replicas, status.updated_replicas, status.unavailable_replicas) == (3, 3, None)


def test_any_improvement_is_progress_and_renews_its_time(deployment, replicaset) -> None:
    d = deployment(3)
    d.status.conditions = [statuses.make_condition("Progressing", "True", "ReplicaSetUpdated", "", NOW)]
    new, later = replicaset("web-1", 3, available=1), NOW + timedelta(minutes=9)
    found = _progressing(statuses.rollout_status(d, [new], new, later))
    assert found.reason == "ReplicaSetUpdated"
    assert (found.last_transition_time, found.last_update_time) == ("2026-01-01T01:00:00Z", "2026-01-01T01:09:00Z")


@pytest.mark.parametrize("minutes,reason", [(9, "ReplicaSetUpdated"), (11, "ProgressDeadlineExceeded")])
def test_without_improvement_the_deadline_decides(deployment, replicaset, minutes, reason) -> None:
    d, new = deployment(3), replicaset("web-1", 3, available=1)
    d.status = statuses.rollout_status(d, [new], new, NOW)
    later = NOW + timedelta(minutes=minutes)
    status = statuses.rollout_status(d, [new], new, later)
    assert _progressing(status).reason == reason
    if reason == "ReplicaSetUpdated":
        assert statuses.check_again_s(d, status, later) == 61
    else:
        assert _progressing(status).message == 'ReplicaSet "web-1" has timed out progressing.'
        assert statuses.check_again_s(d, status, later) is None


def test_availability_allows_for_what_may_be_unavailable(deployment, replicaset) -> None:
    d = deployment(4, 1, 1)
    able = statuses.counts(d, [replicaset("a", 4, 3)], None, NOW).conditions[0]
    unable = statuses.counts(d, [replicaset("a", 4, 2)], None, NOW).conditions[0]
    assert (able.status, able.reason) == ("True", "MinimumReplicasAvailable")
    assert (unable.status, unable.message) == ("False", "Deployment does not have minimum availability.")


def test_a_failure_of_a_replicaset_becomes_the_deployments(deployment, replicaset) -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "no quota"}
    new = replicaset("web-1", 3, available=0, conditions=[condition])
    status = statuses.rollout_status(deployment(3), [new], new, NOW)
    assert [(c.reason, c.message) for c in status.conditions if c.type == "ReplicaFailure"] == [
        ("FailedCreate", "no quota")
    ]


def test_a_condition_that_says_the_same_keeps_its_times() -> None:
    old = statuses.make_condition("Available", "True", "R", "m", NOW)
    later = statuses.make_condition("Available", "True", "R", "m2", NOW + timedelta(hours=1))
    assert statuses.with_condition([old], later) == [old]


def test_the_new_set_is_found_by_template_whatever_its_hash_label(deployment, replicaset) -> None:
    d = deployment(image="v2")
    old, new = replicaset("old", image="v1"), replicaset("new", image="v2")
    new.spec.template.metadata.labels["pod-template-hash"] = "abc"
    assert find_new(d, [old, new]) is new
    assert find_new(deployment(image="v3"), [old, new]) is None


def test_equal_templates_get_equal_names_and_a_collision_another(deployment) -> None:
    one, two = new_replicaset(deployment(), 1, 3), new_replicaset(deployment(), 2, 0)
    assert one["metadata"]["name"] == two["metadata"]["name"]
    other = new_replicaset(deployment(status={"collisionCount": 1}), 1, 3)
    assert other["metadata"]["name"] != one["metadata"]["name"]
    code = one["metadata"]["labels"]["pod-template-hash"]
    assert one["metadata"]["name"] == f"web-{code}"
    assert one["spec"]["selector"]["matchLabels"] == {"app": "web", "pod-template-hash": code}


def test_revisions_count_up_and_a_rollback_keeps_its_history(deployment, replicaset) -> None:
    old = [replicaset("a", annotations={REVISION: "1"}), replicaset("b", annotations={REVISION: "4"})]
    assert next_revision(old) == 5
    d = deployment(annotations={"note": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}"})
    annotations = annotations_for(d, old[0], 5)
    assert annotations == {"note": "x", REVISION: "5", "deployment.kubernetes.io/revision-history": "1"}


def test_scaling_shows_in_the_size_that_sets_were_made_for(deployment, replicaset) -> None:
    sized = replicaset(annotations={"deployment.kubernetes.io/desired-replicas": "3"})
    assert not is_scaling(deployment(3), [sized])
    assert is_scaling(deployment(4), [sized])


def test_only_empty_settled_sets_beyond_the_limit_are_forgotten(deployment, replicaset) -> None:
    sets = [
        replicaset("busy", 1, annotations={REVISION: "1"}),
        replicaset("first", 0, annotations={REVISION: "2"}),
        replicaset("unsettled", 0, annotations={REVISION: "3"}, generation=2),
        replicaset("kept", 0, annotations={REVISION: "9"}),
    ]
    assert [rs.metadata.name for rs in forgettable(deployment(revisionHistoryLimit=1), sets)] == ["first"]
    assert forgettable(deployment(revisionHistoryLimit=None), sets) == []
