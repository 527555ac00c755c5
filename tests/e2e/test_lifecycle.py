"""A cluster's life: start, kill, stop, start, delete; and after it, nothing."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from tests.e2e import hoststate
from tests.e2e.conftest import BIN, Workspace
from tests.waiting import eventually

from kajitori.cluster import keeping, machine, network, plans
from kajitori.cluster.imagebuild.layer import Layer
from kajitori.cluster.imagebuild.oci import Image, archive
from kajitori.cluster.locks import locked
from kajitori.cluster.paths import RUNTIME_DIR
from kajitori.cluster.sandbox import cgroups, runc

CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")

STATUS = (
    "minikube\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured\n\n"
)


def container(workspace: Workspace) -> str:
    return machine.container_name(workspace.home.tag("minikube"), workspace.cluster().primary)


def processes(workspace: Workspace) -> dict[int, str]:
    """Every process of the node: the host's number and its command line."""
    found = {}
    for directory in cgroups.directories(container(workspace)):
        for pid in cgroups.processes(directory):
            try:
                found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
    return found


def pids_of(workspace: Workspace, words: str) -> list[int]:
    return [pid for pid, line in processes(workspace).items() if words in line]


def pods(workspace: Workspace) -> list[dict[str, Any]]:
    return list(workspace.api("/api/v1/namespaces/kube-system/pods")["items"])


def is_ready(pod: dict[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", ()))


def all_ready(workspace: Workspace) -> bool:
    names = [pod["metadata"]["name"] for pod in pods(workspace) if is_ready(pod)]
    wanted = [*(f"{name}-minikube" for name in CONTROL_PLANE), "coredns", "kube-proxy", "storage-provisioner"]
    return all(any(name.startswith(prefix) for name in names) for prefix in wanted)


def config_map(workspace: Workspace, name: str, value: str) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": value}}
    workspace.api("/api/v1/namespaces/default/configmaps", method="POST", body=body)


def test_start_leaves_a_ready_node_with_everything_running(cluster: Workspace) -> None:
    node = cluster.api("/api/v1/nodes/minikube")
    ready = next(c for c in node["status"]["conditions"] if c["type"] == "Ready")
    assert ready["status"] == "True"
    assert node["metadata"]["labels"]["node-role.kubernetes.io/control-plane"] == ""
    eventually(
        lambda: "taints" not in cluster.api("/api/v1/nodes/minikube")["spec"],
        "the node has no taints",
        60,
        despite=Exception,
    )
    eventually(lambda: all_ready(cluster), "all Pods are ready", 60, despite=Exception)


def test_a_second_start_changes_nothing_and_ends_with_the_same_line(cluster: Workspace) -> None:
    first = runc.first_pid(container(cluster))
    out = cluster.ok("minikube", "start")
    assert out.splitlines()[-1] == (
        '* Done! kubectl is now configured to use "minikube" cluster and "default" namespace by default'
    )
    assert runc.first_pid(container(cluster)) == first


def test_status_is_the_tutorials(cluster: Workspace) -> None:
    assert cluster.ok("minikube", "status") == STATUS
    assert cluster.ok("minikube", "ip").strip() == cluster.cluster().primary.ip


def test_the_kubeconfig_is_written_as_minikube_writes_it(cluster: Workspace) -> None:
    text = Path(cluster.environ["KUBECONFIG"]).read_text()
    assert f"certificate-authority: {cluster.home.ca_cert}" in text
    assert "current-context: minikube" in text
    assert "cluster_info" in text


def test_a_node_has_a_shell_and_passes_a_failure_on(cluster: Workspace) -> None:
    assert cluster.ok("minikube", "ssh", "--", "hostname").strip() == "minikube"
    done = cluster.run("minikube", "ssh", "--", "exit 3")
    assert (done.code, done.err.strip()) == (1, "ssh: Process exited with status 3")


def test_a_pull_is_a_real_pull_and_what_is_missing_is_not_found(cluster: Workspace) -> None:
    name = "registry.k8s.io/e2e-test-images/agnhost:2.53"
    cluster.ok("minikube", "image", "pull", name)
    assert name in cluster.ok("minikube", "image", "ls").splitlines()
    done = cluster.run("minikube", "image", "pull", "gcr.io/google-samples/kubernetes-bootcamp:v10")
    assert done.code != 0
    assert "not found" in done.err


@pytest.mark.parametrize(
    "words",
    [
        "/usr/bin/containerd --config",
        "kajitori kubelet",
        "kajitori apiserver",
        "kajitori controller-manager",
        "kajitori scheduler",
        "kajitori proxy",
        "kajitori dns",
        "kajitori provisioner",
        "containerd-shim",
        "/pause",
    ],
)
def test_a_killed_process_comes_back_by_itself(cluster: Workspace, words: str) -> None:
    eventually(lambda: all_ready(cluster), "all Pods are ready", 60, despite=Exception)
    before = pids_of(cluster, words)
    os.kill(before[0], signal.SIGKILL)

    def is_back() -> bool:
        return before[0] not in (now := pids_of(cluster, words)) and len(now) >= len(before)

    eventually(is_back, "the process is back", despite=Exception)
    eventually(
        lambda: cluster.ok("minikube", "status") == STATUS and all_ready(cluster), "all is well", 60, despite=Exception
    )


def test_stop_ends_everything_and_start_brings_it_back_with_its_state(cluster: Workspace) -> None:
    config_map(cluster, "kept", "through the night")
    out = cluster.ok("minikube", "stop")
    assert out.splitlines() == [
        '* Stopping node "minikube"  ...',
        '* Powering off "minikube" via SSH ...',
        "* 1 node stopped.",
    ]
    assert list(hoststate.processes_of(cluster.home.tag("minikube"))) == []
    status = cluster.run("minikube", "status")
    assert status.code == 7
    assert "host: Stopped\nkubelet: Stopped\napiserver: Stopped\nkubeconfig: Stopped\n" in status.out
    assert "minikube" not in Path(cluster.environ["KUBECONFIG"]).read_text()
    cluster.ok("minikube", "start")
    kept = cluster.api("/api/v1/namespaces/default/configmaps/kept")
    assert kept["data"] == {"key": "through the night"}
    eventually(lambda: all_ready(cluster), "all Pods are ready", 60, despite=Exception)


def keeper(workspace: Workspace) -> int:
    """The process that waits for the node to end."""
    pid = keeping.pid(keeping.record_path(workspace.home.tag("minikube")))
    assert pid is not None
    return pid


def end_node(workspace: Workspace) -> int:
    """kill -9 of the node's first process, which ends all of the node; the number that it had."""
    pid = runc.first_pid(container(workspace))
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def container_ids(workspace: Workspace) -> set[str]:
    return {status["containerID"] for pod in pods(workspace) for status in pod["status"]["containerStatuses"]}


def test_a_node_that_was_killed_whole_comes_back_by_itself(cluster: Workspace) -> None:
    eventually(lambda: all_ready(cluster), "all Pods are ready", 60, despite=Exception)
    config_map(cluster, "kept-by-itself", "through the fall")
    before, watching = container_ids(cluster), keeper(cluster)
    first = end_node(cluster)
    eventually(
        lambda: all_ready(cluster) and not container_ids(cluster) & before, "all Pods run anew", 90, despite=Exception
    )
    assert cluster.ok("minikube", "status") == STATUS
    assert runc.first_pid(container(cluster)) not in (None, first)
    assert cluster.api("/api/v1/namespaces/default/configmaps/kept-by-itself")["data"] == {"key": "through the fall"}
    assert keeper(cluster) == watching


@pytest.mark.parametrize("moment", ["at once", "on its way"])
def test_a_stop_while_the_node_comes_back_is_a_stop(cluster: Workspace, moment: str) -> None:
    first = end_node(cluster)
    if moment == "on its way":
        eventually(lambda: runc.first_pid(container(cluster)) not in (None, first), "it is on its way back", 60)
    cluster.ok("minikube", "stop")
    assert list(hoststate.processes_of(cluster.home.tag("minikube"))) == []
    assert cluster.run("minikube", "status").code == 7
    cluster.ok("minikube", "start")
    assert cluster.ok("minikube", "status") == STATUS


def test_a_start_replaces_the_keeper_and_harms_nothing(cluster: Workspace) -> None:
    old, first = keeper(cluster), runc.first_pid(container(cluster))
    os.kill(old, signal.SIGKILL)
    assert cluster.ok("minikube", "status") == STATUS
    cluster.ok("minikube", "start")
    assert keeper(cluster) != old
    assert runc.first_pid(container(cluster)) == first


def test_a_node_that_was_killed_whole_with_its_keeper_starts_again(cluster: Workspace) -> None:
    os.kill(keeper(cluster), signal.SIGKILL)
    end_node(cluster)
    eventually(lambda: runc.first_pid(container(cluster)) is None, "the container is gone", 10, despite=Exception)
    assert cluster.run("minikube", "status").code == 7
    cluster.ok("minikube", "start")
    assert cluster.ok("minikube", "status") == STATUS


def test_a_rebooted_machine_starts_its_cluster_again(cluster: Workspace) -> None:
    config_map(cluster, "rebooted", "still here")
    plan = plans.network_plan(cluster.home, cluster.cluster())
    os.kill(keeper(cluster), signal.SIGKILL)
    end_node(cluster)
    eventually(lambda: not pids_of(cluster, ""), "no process of it is left", 10, despite=Exception)
    network.lower(plan, 1)  # what the kernel holds is gone after a boot
    shutil.rmtree(runc.ROOT / container(cluster))  # of /run, only what is this cluster's
    (plans.RANGES_DIR / plan.tag).unlink()
    cgroups.remove(container(cluster))
    assert cluster.run("minikube", "status").code == 7
    cluster.ok("minikube", "start")
    assert cluster.api("/api/v1/namespaces/default/configmaps/rebooted")["data"] == {"key": "still here"}
    assert cluster.ok("minikube", "status") == STATUS


def test_delete_leaves_nothing(workspace: Workspace) -> None:
    before = hoststate.state()
    workspace.ok("minikube", "start", "-p", "gone")
    tag = workspace.home.tag("gone")
    assert hoststate.added(before, hoststate.state())
    assert any("keeper.py" in line for line in hoststate.processes_of(tag))
    out = workspace.ok("minikube", "delete", "-p", "gone")
    assert out.splitlines()[-1] == '* Removed all traces of the "gone" cluster.'
    eventually(lambda: hoststate.is_as(before), "the host is as it was", 20)  # others on this machine come and go
    assert list(hoststate.processes_of(tag)) == []
    assert not workspace.home.machine("gone").root.exists()
    assert not workspace.home.profile("gone").exists()
    assert "gone" not in Path(workspace.environ["KUBECONFIG"]).read_text()


def test_a_cluster_whose_profile_broke_is_told_and_deleted_whole(workspace: Workspace) -> None:
    before = hoststate.state()
    workspace.ok("minikube", "start", "-p", "torn")
    (workspace.home.profile("torn") / "config.json").write_text("{")
    done = workspace.run("minikube", "start", "-p", "torn")
    assert done.code == 30
    assert "minikube delete -p torn" in done.err
    workspace.ok("minikube", "delete", "-p", "torn")
    eventually(lambda: hoststate.is_as(before), "the host is as it was", 20)  # others on this machine come and go
    assert list(hoststate.processes_of(workspace.home.tag("torn"))) == []


@pytest.mark.parametrize("after_s", [0.25, 0.4, 0.7, 1.2])
def test_an_interrupted_start_says_what_to_do_and_can_be_deleted(workspace: Workspace, after_s: float) -> None:
    before = hoststate.state()
    argv = [str(BIN / "minikube"), "start", "-p", "broken"]
    start = subprocess.Popen(
        argv, env=dict(workspace.environ), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    time.sleep(after_s)  # the moment is the point of this test
    start.send_signal(signal.SIGINT)
    _, err = start.communicate(timeout=30)
    assert start.returncode == 130
    assert "minikube delete" in err
    workspace.ok("minikube", "delete", "-p", "broken")
    eventually(lambda: hoststate.is_as(before), "the host is as it was", 20)  # others on this machine come and go
    assert list(hoststate.processes_of(workspace.home.tag("broken"))) == []


def test_a_full_disk_is_told_before_anything_is_made(workspace: Workspace) -> None:
    small = workspace.folder / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=50m", "tmpfs", str(small)], check=True)
    try:
        user = Workspace(workspace.folder, {**workspace.environ, "MINIKUBE_HOME": str(small)})
        done = user.run("minikube", "start")
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert done.code == 26
    assert "X Exiting due to RSRC_INSUFFICIENT_STORAGE" in done.err
    assert "* Suggestion: Free some space" in done.err


def test_two_clusters_start_at_once_and_do_not_meet(workspace: Workspace) -> None:
    argv = [str(BIN / "minikube"), "start", "--keep-context"]
    starts = [
        subprocess.Popen([*argv, "-p", name], env=dict(workspace.environ), stdout=subprocess.DEVNULL)
        for name in ("left", "right")
    ]
    assert [start.wait(120) for start in starts] == [0, 0]
    addresses = {name: workspace.ok("minikube", "ip", "-p", name).strip() for name in ("left", "right")}
    assert addresses["left"] != addresses["right"]
    assert workspace.api("/api/v1/nodes", name="left")["items"][0]["metadata"]["name"] == "left"
    table = workspace.ok("minikube", "profile", "list")
    assert all(f"│ {name} " in table for name in addresses)
    workspace.ok("minikube", "delete", "-p", "left")
    assert workspace.ok("minikube", "status", "-p", "right")
    workspace.ok("minikube", "delete", "-p", "right")


def test_an_image_archive_is_loaded_and_listed(cluster: Workspace, tmp_path: Path) -> None:
    layer = Layer()
    layer.file("hello", b"hello")
    file = tmp_path / "image.tar"
    file.write_bytes(archive({"docker.io/library/mine:1": Image.of(layers=[layer.finish()], cmd=["/hello"])}))
    cluster.ok("minikube", "image", "load", str(file))
    assert "docker.io/library/mine:1" in cluster.ok("minikube", "image", "ls").splitlines()
    cluster.ok("minikube", "image", "rm", "mine:1")
    assert "docker.io/library/mine:1" not in cluster.ok("minikube", "image", "ls").splitlines()


def test_an_addon_is_switched_off_and_on(cluster: Workspace) -> None:
    assert "The 'storage-provisioner' addon is disabled" in cluster.ok(
        "minikube", "addons", "disable", "storage-provisioner"
    )
    eventually(
        lambda: not any(pod["metadata"]["name"] == "storage-provisioner" for pod in pods(cluster)), "it is gone", 60
    )
    out = cluster.ok("minikube", "addons", "enable", "storage-provisioner")
    assert out.splitlines()[-1] == "* The 'storage-provisioner' addon is enabled"
    eventually(lambda: all_ready(cluster), "all Pods are ready", 60, despite=Exception)
    listed = cluster.ok("minikube", "addons", "list")
    assert "│ storage-provisioner         │ minikube │ enabled ✅" in listed


def test_a_busy_profile_is_told_so(workspace: Workspace) -> None:
    with locked(RUNTIME_DIR / f"{workspace.home.tag('busy')}.lock"):
        done = workspace.run("minikube", "start", "-p", "busy")
    assert done.code == 81
    assert "GUEST_PROFILE_LOCKED" in done.err
