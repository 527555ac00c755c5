"""What a deletion does to an object: a table of upstream's rules."""

from datetime import UTC, datetime

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.objects.deletion import Step, check_preconditions, is_finished, plan
from kajitori.apiserver.objects.options import DeleteOptions
from kajitori.machinery.errors import Conflict

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SCHEME = builtin()
PODS, CONFIG_MAPS = SCHEME.by_plural("", "v1", "pods"), SCHEME.by_plural("", "v1", "configmaps")
NAMESPACES = SCHEME.by_plural("", "v1", "namespaces")


def pod(node="n1", **meta):
    return {
        "metadata": {"name": "p", "uid": "u", **meta},
        "spec": {"nodeName": node, "terminationGracePeriodSeconds": 30},
    }


def test_an_ordinary_object_goes_at_once():
    assert plan(CONFIG_MAPS, {"metadata": {"name": "x"}}, DeleteOptions(), NOW) is Step.REMOVE


def test_a_pod_on_a_node_is_given_its_grace():
    obj = pod()
    assert plan(PODS, obj, DeleteOptions(), NOW) is Step.MARK
    assert obj["metadata"]["deletionTimestamp"] == "2026-01-02T03:04:35Z"
    assert obj["metadata"]["deletionGracePeriodSeconds"] == 30


@pytest.mark.parametrize(
    "obj", [pod(node=""), {**pod(), "status": {"phase": "Succeeded"}}], ids=["unscheduled", "finished"]
)
def test_a_pod_that_runs_nowhere_goes_at_once(obj):
    assert plan(PODS, obj, DeleteOptions(), NOW) is Step.REMOVE


def test_the_kubelet_ends_a_graceful_deletion_with_0():
    obj = pod(deletionTimestamp="2026-01-02T03:04:35Z", deletionGracePeriodSeconds=30)
    assert plan(PODS, obj, DeleteOptions(grace_period_s=0), NOW) is Step.REMOVE


def test_a_pending_deletion_can_be_shortened_but_not_prolonged():
    going = {"deletionTimestamp": "2026-01-02T03:04:35Z", "deletionGracePeriodSeconds": 30}
    assert plan(PODS, pod(**going), DeleteOptions(), NOW) is Step.PENDING
    assert plan(PODS, pod(**going), DeleteOptions(grace_period_s=60), NOW) is Step.PENDING
    obj = pod(**going)
    assert plan(PODS, obj, DeleteOptions(grace_period_s=10), NOW) is Step.MARK
    assert obj["metadata"]["deletionTimestamp"] == "2026-01-02T03:04:15Z"


@pytest.mark.parametrize(
    ("options", "finalizers", "step", "after"),
    [
        (DeleteOptions(), [], Step.MARK, ["orphan"]),
        (DeleteOptions(propagation_policy="Background"), [], Step.REMOVE, []),
        (DeleteOptions(orphan_dependents=False), [], Step.REMOVE, []),
        (DeleteOptions(), ["foregroundDeletion"], Step.MARK, ["foregroundDeletion"]),
    ],
    ids=["unsaid", "background", "old word", "said by the object"],
)
def test_pods_outlive_a_job_or_replication_controller_unless_said_otherwise(options, finalizers, step, after):
    for resource in (SCHEME.by_plural("", "v1", "replicationcontrollers"), SCHEME.by_plural("batch", "v1", "jobs")):
        obj = {"metadata": {"name": "x", **({"finalizers": finalizers} if finalizers else {})}}
        assert plan(resource, obj, options, NOW) is step
        assert obj["metadata"].get("finalizers", []) == after


def test_finalizers_hold_and_the_last_one_lets_go():
    obj = {"metadata": {"name": "x", "finalizers": ["a/b"]}}
    assert plan(CONFIG_MAPS, obj, DeleteOptions(), NOW) is Step.MARK
    assert obj["metadata"]["deletionGracePeriodSeconds"] == 0
    freed = {"metadata": {**obj["metadata"], "finalizers": []}}
    assert is_finished(CONFIG_MAPS, freed, obj)
    assert not is_finished(CONFIG_MAPS, obj, obj)


@pytest.mark.parametrize(("policy", "finalizer"), [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")])
def test_propagation_policies_become_finalizers(policy, finalizer):
    obj = {"metadata": {"name": "x"}}
    assert plan(CONFIG_MAPS, obj, DeleteOptions(propagation_policy=policy), NOW) is Step.MARK
    assert obj["metadata"]["finalizers"] == [finalizer]


def test_a_namespace_waits_for_its_content():
    obj = {"metadata": {"name": "n"}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    assert plan(NAMESPACES, obj, DeleteOptions(), NOW) is Step.MARK
    assert obj["status"]["phase"] == "Terminating"
    emptied = {**obj, "spec": {"finalizers": []}}
    assert is_finished(NAMESPACES, emptied, obj)


def test_preconditions_name_both_sides():
    with pytest.raises(Conflict, match=r"the UID in the precondition .other. does not match the UID in record .u."):
        check_preconditions(PODS, pod(), DeleteOptions(uid="other"))
