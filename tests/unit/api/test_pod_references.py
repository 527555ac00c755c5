"""What a pod's variables, volumes and mounts refer to is checked in upstream's words."""

from typing import Any

import pytest

from kajitori.api.core import pod_validation


def errors(container: dict[str, Any], **spec: Any) -> list[str]:
    whole = {
        "containers": [
            {"name": "c", "image": "i", "imagePullPolicy": "Always", "terminationMessagePolicy": "File", **container}
        ],
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        **spec,
    }
    return [str(error) for error in pod_validation.pod({"metadata": {"name": "p"}, "spec": whole})]


ENV = "spec.containers[0].env[0].valueFrom"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}, []),
        ({"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels['app']"}}, []),
        ({"fieldRef": {"apiVersion": "v1"}}, [f"{ENV}.fieldRef.fieldPath: Required value"]),
        (
            {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.nme"}},
            [
                f'{ENV}.fieldRef.fieldPath: Invalid value: "metadata.nme": '
                "error converting fieldPath: field label not supported: metadata.nme"
            ],
        ),
        ({"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1"}}, []),
        (
            {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "2"}},
            [
                f'{ENV}.resourceFieldRef.divisor: Invalid value: "limits.cpu": '
                "only divisor's values 1m and 1 are supported with the cpu resource"
            ],
        ),
        ({"secretKeyRef": {"name": "s"}}, [f"{ENV}.secretKeyRef.key: Required value"]),
    ],
)
def test_a_variable_refers_to_what_there_is(source: dict[str, Any], expected: list[str]) -> None:
    assert errors({"env": [{"name": "V", "valueFrom": source}]}) == expected


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ({"nfs": {"server": "s", "path": "p"}}, ['spec.volumes[0].nfs.path: Invalid value: "p": must be an absolute path']),
        ({"csi": {}}, ["spec.volumes[0].csi.driver: Required value"]),
        (
            {"downwardAPI": {"items": [{"path": "a"}]}},
            ["spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"],
        ),
        (
            {"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]}}}},
            ["spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value"],
        ),
        (
            {"projected": {"sources": [{"secret": {"name": "s", "items": [{"key": "k", "path": "p"}] * 2}}]}},
            ['spec.volumes[0].projected: Invalid value: "s": conflicting duplicate paths'],
        ),
    ],
)  # fmt: skip
def test_a_volume_is_complete(volume: dict[str, Any], expected: list[str]) -> None:
    found = errors({}, volumes=[{"name": "v", **volume}])
    assert found[: len(expected)] == expected


def test_a_volume_that_is_wrong_is_none_to_mount() -> None:
    found = errors({"volumeMounts": [{"name": "v", "mountPath": "/v"}]}, volumes=[{"name": "v", "configMap": {}}])
    assert found == [
        "spec.volumes[0].configMap.name: Required value",
        'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ]


def test_only_claims_are_block_devices() -> None:
    found = errors({"volumeDevices": [{"name": "v", "devicePath": "/dev/x"}]}, volumes=[{"name": "v", "emptyDir": {}}])
    assert found == [
        'spec.containers[0].volumeDevices[0].name: Invalid value: "v": '
        "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
    ]


def test_mounts_go_both_ways_for_privileged_containers_only() -> None:
    mount = [{"name": "v", "mountPath": "/v", "mountPropagation": "Bidirectional"}]
    volumes = [{"name": "v", "emptyDir": {}}]
    assert errors({"volumeMounts": mount, "securityContext": {"privileged": True}}, volumes=volumes) == []
    assert errors({"volumeMounts": mount}, volumes=volumes) == [
        "spec.containers[0].volumeMounts.mountPropagation: Forbidden: "
        "Bidirectional mount propagation is available only to privileged containers"
    ]
