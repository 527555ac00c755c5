"""Static pods on a real containerd, without an API server."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from tests.integration.kubelet.busyboximages import BUSYBOX
from tests.integration.kubelet.kubeletprocess import KubeletProcess
from tests.waiting import eventually

pytestmark = pytest.mark.integration

LOOP = "trap 'exit 0' TERM; while true; do sleep 0.1; done"


def pod(name: str, script: str = LOOP, **spec: Any) -> dict[str, Any]:
    container = {"name": name, "image": BUSYBOX, "command": ["sh", "-c", script]}
    container.update(spec.pop("container", {}))
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"terminationGracePeriodSeconds": 3, "containers": [container], **spec},
    }


def running(node: KubeletProcess, name: str) -> str:
    eventually(lambda: f"Started container {name}" in node.log, f"container {name} starts")
    return eventually(lambda: node.container_ids(name), f"container {name} runs")[0]


def test_static_pod_runs_and_ends_with_its_manifest(node: KubeletProcess) -> None:
    node.write("one", pod("one", f"hostname; cat /etc/hosts; {LOOP}"))
    node.start()
    running(node, "one")
    eventually(lambda: "one-node-a" in node.output_of("one", "one"), "the hostname is the pod's name")
    assert "# Kubernetes-managed hosts file." in node.output_of("one", "one")
    node.remove("one")
    eventually(lambda: not node.runtime.running(), "the pod ends")
    eventually(lambda: not list(node.logs.iterdir()), "its logs go")
    eventually(lambda: not list((node.folder / "kubelet/pods").iterdir()), "its directory goes")


def test_manifest_written_later_starts_at_once(node: KubeletProcess) -> None:
    node.start()
    eventually(lambda: "Starting kubelet." in node.log, "kubelet runs")
    node.write("late", pod("late"))
    running(node, "late")


def test_killed_container_is_restarted(node: KubeletProcess) -> None:
    node.write("phoenix", pod("phoenix"))
    node.start()
    first = running(node, "phoenix")
    os.kill(node.pid_of(first), signal.SIGKILL)
    eventually(lambda: [c for c in node.container_ids("phoenix") if c != first], "it runs again", 10)
    assert [f.name for f in sorted(node.logs.glob("*/phoenix/*.log"))] == ["0.log", "1.log"]


def test_kubelet_restart_leaves_containers_running(node: KubeletProcess) -> None:
    node.write("steady", pod("steady"))
    node.start()
    first = running(node, "steady")
    node.stop(signal.SIGKILL)
    assert node.container_ids("steady") == [first]
    node.start()
    eventually(lambda: node.log.count("Starting kubelet.") == 2, "the new kubelet runs")
    os.kill(node.pid_of(first), signal.SIGKILL)  # only a kubelet that knows the container again restarts it
    eventually(lambda: [c for c in node.container_ids("steady") if c != first], "the new kubelet takes care of it", 10)
    assert node.output_of("steady", "steady", 1) == ""


def test_init_containers_run_first_and_sidecar_beside(node: KubeletProcess) -> None:
    manifest = pod("main", f"cat /work/*; {LOOP}", container={"volumeMounts": [{"name": "work", "mountPath": "/work"}]})
    mounts = {"image": BUSYBOX, "volumeMounts": [{"name": "work", "mountPath": "/work"}]}
    manifest["spec"]["volumes"] = [{"name": "work", "emptyDir": {}}]
    manifest["spec"]["initContainers"] = [
        {"name": "first", "command": ["sh", "-c", "echo first > /work/1"], **mounts},
        {"name": "side", "command": ["sh", "-c", f"echo side > /work/2; {LOOP}"], "restartPolicy": "Always", **mounts},
        {"name": "last", "command": ["sh", "-c", "while ! test -f /work/2; do sleep 0.1; done"], **mounts},
    ]
    node.write("main", manifest)
    node.start()
    running(node, "main")
    running(node, "side")
    eventually(lambda: node.output_of("main", "main") == "first\nside\n", "they came in order")
    assert not node.container_ids("first")
    assert not node.container_ids("last")


def test_failing_container_waits_in_crash_loop(node: KubeletProcess) -> None:
    node.write("crash", pod("crash", "echo hello; exit 3"))
    node.start()
    eventually(lambda: node.output_of("crash", "crash", 1), "it is restarted once at once")
    eventually(lambda: "Back-off restarting failed container crash in pod crash-node-a_default(" in node.log, "BackOff")
    assert not node.output_of("crash", "crash", 2)


def test_bad_image_and_bad_manifest_do_not_stop_others(node: KubeletProcess) -> None:
    (node.manifests / "broken.yaml").write_text("kind: [")
    node.write("bad", pod("bad", container={"image": "Bad Image"}))
    node.write("never", pod("never", container={"image": "no.such/image:1", "imagePullPolicy": "Never"}))
    node.write("good", pod("good"))
    node.start()
    running(node, "good")
    eventually(lambda: "couldn't parse image name" in node.log, "InvalidImageName")
    eventually(lambda: "is not present with pull policy of Never" in node.log, "ErrImageNeverPull")
    assert "cannot use static pod manifest" in node.log


def test_changed_manifest_replaces_the_pod(node: KubeletProcess) -> None:
    node.write("v", pod("v", f"echo one; {LOOP}"))
    node.start()
    first = running(node, "v")
    node.write("v", pod("v", f"echo two; {LOOP}"))
    eventually(lambda: "two" in node.output_of("v", "v"), "the new one runs")
    assert first not in node.container_ids("v")
    assert len(list(node.logs.iterdir())) == 1


def test_failed_liveness_probe_restarts_the_container(node: KubeletProcess) -> None:
    probe = {"exec": {"command": ["test", "-f", "/tmp/alive"]}, "periodSeconds": 1, "failureThreshold": 1}
    script = f"touch /tmp/alive; sleep 2; rm /tmp/alive; {LOOP}"
    node.write("sick", pod("sick", script, container={"livenessProbe": probe}))
    node.start()
    running(node, "sick")
    eventually(lambda: "Container sick failed liveness probe, will be restarted" in node.log, "it is killed")
    eventually(lambda: list(node.logs.glob("*/sick/1.log")), "it is restarted")


def test_pre_stop_hook_runs_before_the_end(node: KubeletProcess) -> None:
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "echo bye > /proc/1/fd/1; sleep 0.3"]}}}
    manifest = pod("hooked", container={"lifecycle": hook})
    node.write("hooked", manifest)
    node.start()
    running(node, "hooked")
    files = list(node.logs.glob("*/hooked/0.log"))
    handle = files[0].open()
    node.remove("hooked")
    eventually(lambda: not node.runtime.running(), "the pod ends")
    assert "bye" in handle.read()
    handle.close()
