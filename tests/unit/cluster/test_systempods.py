"""System pods: upstream's shape, and the program that their images leave out."""

from typing import Any

import pytest

from kajitori.cluster import program, systempods
from kajitori.cluster.imagebuild import system
from kajitori.cluster.profile import Node, Profile

NODE = Node(name="minikube", ip="192.168.49.2")
PROFILE = Profile(name="minikube", subnet="192.168.49.0/24", nodes=(NODE,))
PODS = systempods.static_pods(PROFILE, NODE)


def container(name: str) -> dict[str, Any]:
    found: dict[str, Any] = PODS[f"{name}.yaml"]["spec"]["containers"][0]
    return found


@pytest.mark.parametrize("name", ["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
def test_control_plane_pods_look_as_kubeadm_makes_them(name: str) -> None:
    pod = PODS[f"{name}.yaml"]
    assert pod["metadata"]["labels"] == {"component": name, "tier": "control-plane"}
    assert pod["spec"]["hostNetwork"] is True
    assert pod["spec"]["priorityClassName"] == "system-node-critical"
    assert {"livenessProbe", "startupProbe"} <= set(container(name))


def test_every_mount_has_its_volume_and_every_volume_a_mount() -> None:
    for pod in PODS.values():
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        mounts = {mount["name"] for c in pod["spec"]["containers"] for mount in c["volumeMounts"]}
        assert volumes == mounts


def test_the_program_is_mounted_read_only() -> None:
    mounts = {m["mountPath"]: m for m in container("kube-scheduler")["volumeMounts"]}
    for path in ("/usr", *program.folders()):
        assert mounts[path]["readOnly"] is True


def test_a_system_container_runs_its_component_with_its_flags() -> None:
    command = container("kube-apiserver")["command"]
    assert command[1:4] == ["-m", "kajitori", "apiserver"]
    assert "--secure-port=8443" in command
    assert "args" not in container("kube-apiserver")


def test_a_foreign_container_is_left_alone() -> None:
    spec = {"containers": [{"name": "x", "image": "example.org/x:1", "args": ["a"]}]}
    assert systempods.with_program(spec)["containers"] == spec["containers"]


def test_a_worker_runs_the_proxy_only() -> None:
    worker = Node(name="m02", ip="192.168.49.3", control_plane=False, index=1)
    assert set(systempods.static_pods(PROFILE, worker)) == {"kube-proxy.yaml"}


def test_every_system_image_has_a_component() -> None:
    assert set(systempods.COMPONENT_OF_IMAGE) == set(system.SYSTEM_IMAGES)
