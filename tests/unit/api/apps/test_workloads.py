"""Workloads and their status: what v1.34 refuses, in its words."""

from typing import Any

import pytest
from tests.unit.api.rulebook import changed, made, merged, read, status

POD = "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {%scontainers: [{name: c, image: i}]}}"
KIND = "{apiVersion: apps/v1, kind: %s, spec: {%s"
DEPLOYMENT, DAEMONS, STATEFUL = (
    KIND % (kind, "%s") + POD + "}}" for kind in ("Deployment", "DaemonSet", "StatefulSet")
)
REPLICAS = KIND % ("ReplicaSet", "%s") + POD + "}}"


@pytest.mark.parametrize("text", [DEPLOYMENT, DAEMONS, STATEFUL, REPLICAS])
def test_plain_ones(text: str) -> None:
    assert made(text % ("", "")) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [(DEPLOYMENT, "ReplicaSet"), (REPLICAS, "ReplicaSet"), (DAEMONS, "DaemonSet"), (STATEFUL, "StatefulSet")],
)
def test_their_pods_have_no_deadline(text: str, words: str) -> None:
    assert made(text % ("", "activeDeadlineSeconds: 5, ")) == [
        f"spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in {words} is not Supported"
    ]


@pytest.mark.parametrize(
    ("rolling", "expected"),
    [
        ("{maxUnavailable: 0, maxSurge: 0}", "maxUnavailable: Required value: cannot be 0 when maxSurge is 0"),
        ("{maxUnavailable: 0, maxSurge: 101%}", 'maxSurge: Invalid value: "101%": must not be greater than 100%'),
    ],
)
def test_rolling_updates_of_daemons(rolling: str, expected: str) -> None:
    found = made(DAEMONS % (f"updateStrategy: {{type: RollingUpdate, rollingUpdate: {rolling}}}, ", ""))
    assert found == [f"spec.updateStrategy.rollingUpdate.{expected}"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            "persistentVolumeClaimRetentionPolicy: {whenDeleted: Keep}, ",
            [
                'persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": '
                'supported values: "Retain", "Delete"'
            ],
        ),
        ("ordinals: {start: -1}, ", ["ordinals.start: Invalid value: -1: must be greater than or equal to 0"]),
        (
            "volumeClaimTemplates: [{metadata: {name: d}, spec: {resources: {requests: {storage: 1}}}}], ",
            ["volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required"],
        ),
    ],
)
def test_stateful_sets(spec: str, expected: list[str]) -> None:
    assert made(STATEFUL % (spec, "")) == [f"spec.{error}" for error in expected]


def test_a_stateful_set_may_keep_what_was_wrong_in_its_template() -> None:
    old = STATEFUL % ("serviceName: Not_A_Label, ", "dnsPolicy: Never, ")
    assert len(made(old)) == 2
    assert changed(old, spec__replicas=3) == []
    assert changed(old, spec__serviceName="other")[0].startswith("spec: Forbidden: updates to statefulset spec for")
    sound = STATEFUL % ("", "")
    assert changed(sound, spec__template__spec__dnsPolicy="Never")[0].startswith("spec.template.spec.dnsPolicy: ")


def test_fields_behind_gates_are_dropped() -> None:
    found, obj = read(STATEFUL % ("updateStrategy: {rollingUpdate: {maxUnavailable: 2}}, ", ""))
    found.strategy.prepare_for_create(obj)
    assert obj["spec"]["updateStrategy"]["rollingUpdate"] == {"partition": 0}
    found, old = read(DEPLOYMENT % ("", ""))
    new = merged(old, {"status": {"replicas": 1, "terminatingReplicas": 1}})
    found.strategy.prepare_for_status_update(new, old)
    assert new["status"] == {"replicas": 1}


def test_templates_of_daemon_sets_are_numbered() -> None:
    found, old = read(DAEMONS % ("", ""))
    found.strategy.prepare_for_create(old)
    key = "deprecated.daemonset.template.generation"
    assert old["metadata"]["annotations"] == {key: "1"}
    for change, number in (({"metadata__annotations": None}, "1"), ({"spec__template__metadata__labels": {}}, "2")):
        new = merged(old, change)
        found.strategy.prepare_for_update(new, old)
        assert new["metadata"]["annotations"][key] == number


def test_a_deployments_annotations_make_a_generation() -> None:
    found, old = read(DEPLOYMENT % ("", ""))
    found.strategy.prepare_for_create(old)
    new = merged(old, {"metadata__annotations": {"a": "b"}})
    found.strategy.prepare_for_update(new, old)
    assert new["metadata"]["generation"] == 2


@pytest.mark.parametrize(
    ("kind", "new", "expected"),
    [
        ("Deployment", {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1}, []),
        (
            "Deployment",
            {"updatedReplicas": 1},
            ["updatedReplicas: Invalid value: 1: cannot be greater than status.replicas"],
        ),
        (
            "ReplicaSet",
            {"replicas": 2, "availableReplicas": 1},
            ["availableReplicas: Invalid value: 1: cannot be greater than readyReplicas"],
        ),
        (
            "StatefulSet",
            {"currentReplicas": 1},
            ["currentReplicas: Invalid value: 1: cannot be greater than status.replicas"],
        ),
        ("DaemonSet", {"numberReady": -1}, ["numberReady: Invalid value: -1: must be greater than or equal to 0"]),
        ("Deployment", {"collisionCount": 1}, ["collisionCount: Invalid value: 1: cannot be decremented"]),
    ],
)
def test_status(kind: str, new: dict[str, Any], expected: list[str]) -> None:
    old = f"{{apiVersion: apps/v1, kind: {kind}, status: {{collisionCount: 2}}}}"
    given = {"collisionCount": 2} | new if kind != "ReplicaSet" else new
    assert status(old, status=given) == [f"status.{error}" for error in expected]


AUTOSCALER = (
    "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, "
    "spec: {minReplicas: %s, maxReplicas: 3, scaleTargetRef: {kind: A, name: a}}}"
)
EXTERNAL = [{"type": "External", "external": {"metric": {"name": "m"}, "target": {"type": "Value", "value": "1"}}}]
NEEDS_A_METRIC = (
    "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas"
)


def test_an_autoscaler_may_keep_its_zero() -> None:
    too_few = "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"
    assert made(AUTOSCALER % 0) == [too_few, NEEDS_A_METRIC]
    assert changed(AUTOSCALER % 0, spec__maxReplicas=4) == [NEEDS_A_METRIC]
    assert changed(AUTOSCALER % 0, spec__maxReplicas=4, spec__metrics=EXTERNAL) == []
    assert changed(AUTOSCALER % 1, spec__minReplicas=0, spec__metrics=EXTERNAL) == [too_few]


def test_the_old_autoscaler_is_told_of_the_new_ones_fields() -> None:
    text = (
        (AUTOSCALER % 1).replace("v2", "v1").replace("maxReplicas", "targetCPUUtilizationPercentage: -1, maxReplicas")
    )
    assert made(text) == [
        "spec.metrics[0].resource.target.averageUtilization: Invalid value: -1: must be greater than 0"
    ]


def test_tolerances_of_autoscalers_are_dropped() -> None:
    found, obj = read(AUTOSCALER % 1)
    obj["spec"]["behavior"] = {"scaleUp": {"tolerance": "0.1", "selectPolicy": "Max"}}
    found.strategy.prepare_for_create(obj)
    assert obj["spec"]["behavior"] == {"scaleUp": {"selectPolicy": "Max"}}
