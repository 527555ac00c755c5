"""Pods, volumes, nodes and namespaces: what v1.34 refuses beyond what older versions did, in its words."""

from typing import Any

import pytest
from tests.unit.api.rulebook import changed, made

from kajitori.api.core import pod_status

POD = "{apiVersion: v1, kind: Pod, spec: {%s}}"
ONE = "containers: [{name: c, image: i}]"
WITH = "volumes: [{name: v}], containers: [{name: c, image: i, %s}]"


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ("lifecycle: {preStop: {sleep: {seconds: 0}}}", []),
        ("env: [{name: '1 a'}]", []),
        (
            "env: [{name: 'a=b'}]",
            [
                'env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable '
                "ASCII characters other than '='"
            ],
        ),
        (
            "resources: {claims: [{name: x}]}",
            ['resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty'],
        ),
        (
            "readinessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 3}",
            ["readinessProbe.terminationGracePeriodSeconds: Invalid value: 3: must not be set for readinessProbes"],
        ),
        (
            "startupProbe: {exec: {command: [a]}, successThreshold: 2}",
            ["startupProbe.successThreshold: Invalid value: 2: must be 1"],
        ),
        (
            "lifecycle: {preStop: {sleep: {seconds: -1}}}",
            [
                "lifecycle.preStop.sleep: Invalid value: -1: must be non-negative and less than "
                "terminationGracePeriodSeconds (30)"
            ],
        ),
        (
            "volumeMounts: [{name: v, mountPath: /a, mountPropagation: ''}]",
            [
                'volumeMounts.mountPropagation: Unsupported value: "": supported values: '
                '"Bidirectional", "HostToContainer", "None"'
            ],
        ),
        (
            "volumeMounts: [{name: v, mountPath: /a, recursiveReadOnly: Enabled}]",
            ["volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true"],
        ),
        (
            "securityContext: {procMount: Unmasked}",
            ['securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`'],
        ),
    ],
)
def test_containers(container: str, expected: list[str]) -> None:
    assert made(POD % (WITH % container)) == [f"spec.containers[0].{error}" for error in expected]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("initContainers: [{name: a, image: i, restartPolicy: Always, livenessProbe: {exec: {command: [a]}}}]", []),
        (
            "initContainers: [{name: a, image: i, livenessProbe: {exec: {command: [a]}}}]",
            [
                "initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"
            ],
        ),
        (
            "schedulingGates: [{name: a/b}], nodeName: n",
            ["nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
        ),
        (
            "resourceClaims: [{name: x}]",
            [
                'resourceClaims[0]: Invalid value: {"name":"x"}: must specify one of: '
                "`resourceClaimName`, `resourceClaimTemplateName`"
            ],
        ),
        ("hostUsers: false, hostNetwork: true", ["hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false"]),
        (
            "securityContext: {fsGroupChangePolicy: ''}",
            [
                'securityContext.fsGroupChangePolicy: Unsupported value: "": supported values: "Always", "OnRootMismatch"'
            ],
        ),
        ("os: {name: beos}", ['os: Unsupported value: "beos": supported values: "linux", "windows"']),
    ],
)
def test_pods(spec: str, expected: list[str]) -> None:
    assert made(POD % f"{spec}, {ONE}") == [f"spec.{error}" for error in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "kind: PersistentVolume, spec: {capacity: {storage: 1}, accessModes: [ReadWriteOnce], hostPath: {path: /a}, "
            "volumeAttributesClassName: a}",
            ["spec.csi: Required value: has to be specified when using volumeAttributesClassName"],
        ),
        (
            "kind: PersistentVolumeClaim, spec: {accessModes: [ReadWriteOncePod, ReadWriteOnce], "
            "resources: {requests: {storage: 1}}, volumeMode: ''}",
            [
                "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
                'spec.volumeMode: Unsupported value: "": supported values: "Block", "Filesystem"',
            ],
        ),
        (
            "kind: Namespace, spec: {finalizers: [mine]}",
            [
                'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name '
                "nor is it fully qualified"
            ],
        ),
        (
            "kind: Node, spec: {podCIDRs: [a]}",
            ['spec.podCIDRs[0]: Invalid value: "a": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
        ),
    ],
)
def test_volumes_nodes_and_namespaces(text: str, expected: list[str]) -> None:
    assert made(f"{{apiVersion: v1, {text}}}") == expected


def test_a_refused_change_shows_what_would_change() -> None:
    (error,) = changed(POD % ONE, spec__restartPolicy="Never")
    assert error.startswith("spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,")
    assert '- \tRestartPolicy: "Always",\n+ \tRestartPolicy: "Never",' in error


def test_an_update_keeps_what_broke_newer_rules_before() -> None:
    old = POD % (
        "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z, "
        "labelSelector: {matchExpressions: [{key: a, operator: In, values: ['-x']}]}}]}}, " + ONE
    )
    assert len(made(old)) == 1
    assert changed(old, metadata__labels={"a": "b"}) == []


def test_what_a_status_leaves_out_stays() -> None:
    before = {
        "qosClass": "Burstable",
        "observedGeneration": 2,
        "conditions": [{"type": "Ready", "status": "True", "observedGeneration": 2}],
    }
    new: dict[str, Any] = {"podIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "False"}]}
    pod_status.settle({"status": new}, {"status": before})
    assert new == {
        "qosClass": "Burstable",
        "podIP": "10.0.0.1",
        "podIPs": [{"ip": "10.0.0.1"}],
        "observedGeneration": 2,
        "conditions": [{"type": "Ready", "status": "False", "observedGeneration": 2}],
    }
