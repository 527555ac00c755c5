"""Storage, leases, priorities and budgets: what v1.34 refuses and drops."""

from typing import Any

import pytest
from tests.unit.api.rulebook import changed, made, read, status

V1 = "{apiVersion: storage.k8s.io/v1, kind: %s}"
CLASS, ATTRIBUTES = V1 % "StorageClass, %s", V1 % "VolumeAttributesClass, %s"
CAPACITY, DRIVER = V1 % "CSIStorageCapacity, %s", V1 % "CSIDriver, spec: {%s}"
NODE, ATTACHMENT = (
    V1 % "CSINode, spec: {drivers: [{%s}]}",
    V1 % "VolumeAttachment, spec: {attacher: a, nodeName: n, source: {%s}}",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CLASS % "provisioner: a/b, reclaimPolicy: ''", []),
        (
            CLASS % "provisioner: a/b, volumeBindingMode: ''",
            ['volumeBindingMode: Unsupported value: "": supported values: "Immediate", "WaitForFirstConsumer"'],
        ),
        (
            CLASS % "provisioner: a/b, allowedTopologies: [{}]",
            ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
        ),
        (ATTRIBUTES % "driverName: a", ["parameters: Required value: must contain at least one key/value pair"]),
        (
            CAPACITY % "storageClassName: a, capacity: '-1'",
            ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
        ),
        (
            DRIVER % "nodeAllocatableUpdatePeriodSeconds: 9",
            ["spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds"],
        ),
        (
            ATTACHMENT % "inlineVolumeSpec: {accessModes: [ReadWriteOnce], storageClassName: a}",
            [
                "spec.source.inlineVolumeSpec.storageClassName: Forbidden: "
                "may not be specified in the context of inline volumes",
                "spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes",
            ],
        ),
    ],
)
def test_new_ones(text: str, expected: list[str]) -> None:
    assert made(text) == expected


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        (
            CLASS % "provisioner: a/b",
            {"allowedTopologies": [{"matchLabelExpressions": [{"key": "k"}]}]},
            ["allowedTopologies[0].matchLabelExpressions[0].values: Required value"],
        ),
        (
            ATTRIBUTES % "driverName: a, parameters: {a: b}",
            {"parameters": {"a": "c"}},
            ["parameters: Forbidden: updates to parameters are forbidden."],
        ),
        (
            CAPACITY % "storageClassName: a",
            {"storageClassName": "b"},
            ['storageClassName: Invalid value: "b": field is immutable'],
        ),
        (
            NODE % "name: a, nodeID: b",
            {"spec__drivers": [{"name": "a", "nodeID": "b", "allocatable": {"count": 2}}]},
            [],
        ),
        (
            NODE % "name: a, nodeID: b",
            {"spec__drivers": [{"name": "a", "nodeID": "c"}]},
            ['spec.drivers: Invalid value: {"name":"a","nodeID":"c","topologyKeys":null}: field is immutable'],
        ),
    ],
)
def test_changes(text: str, change: dict[str, Any], expected: list[str]) -> None:
    assert changed(text, **change) == expected


def test_errors_of_attachments_are_short() -> None:
    found = status(ATTACHMENT % "persistentVolumeName: v", status={"attachError": {"message": "m" * 1025}})
    assert found == ["status.attachError.message: Too long: may not be more than 262144 bytes"]


def test_elections_by_the_server_are_behind_a_gate() -> None:
    lease = "{apiVersion: coordination.k8s.io/v1, kind: Lease, spec: {strategy: OldestEmulationVersion, preferredHolder: a}}"
    found, obj = read(lease)
    found.strategy.prepare_for_create(obj)
    assert obj["spec"] == {}


PRIORITY = "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: %s}, value: %s}"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("system-node-critical", 2_000_001_000, ""),
        ("system-mine", 1, "system-mine is not a known system priority class"),
        ("system-node-critical", 1, "value of system-node-critical PriorityClass must be 2000001000"),
    ],
)
def test_priorities_of_the_system(name: str, value: int, expected: str) -> None:
    found = made(PRIORITY % (name, value))
    assert [error.partition("error: ")[2] for error in found] == ([expected] if expected else [])


def test_budgets() -> None:
    budget = "{apiVersion: policy/v1, kind: PodDisruptionBudget, spec: {unhealthyPodEvictionPolicy: ''}}"
    assert made(budget) == [
        'spec.unhealthyPodEvictionPolicy: Unsupported value: "": supported values: "AlwaysAllow", "IfHealthyBudget"'
    ]
    condition = {"type": "A", "status": "Maybe", "reason": "-", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    found = status(budget, status={"conditions": [condition], "expectedPods": -1})
    assert [error.partition(": ")[0] for error in found] == [
        "status.conditions[0].status",
        "status.conditions[0].reason",
        "status.expectedPods",
    ]
