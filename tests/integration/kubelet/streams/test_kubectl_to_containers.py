"""The whole way: a real kubectl, our API server, our kubelet, a real containerd."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import socket
import struct
import subprocess
import sys
import termios

import pytest
from tests.integration.kubelet.onenodecluster import KUBECTLS, Cluster, pod
from tests.integration.kubelet.staticnode import SCRIPT, WEB_SERVER
from tests.waiting import eventually

from kajitori.testing.ports import free_port

pytestmark = pytest.mark.integration


@pytest.fixture(params=list(KUBECTLS))
def cluster(whole: Cluster, request: pytest.FixtureRequest) -> Cluster:
    return whole.spoken_to_by(request.param)


def test_exec_streams_and_exit_code(cluster: Cluster) -> None:
    code, out, err = cluster.run("exec", "bed", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (code, out) == (3, "out\n")
    assert err == "err\ncommand terminated with exit code 3\n"


def test_exec_with_stdin_ends_when_stdin_ends(cluster: Cluster) -> None:
    data = "".join(f"line {i}\n" for i in range(20000))
    code, out, err = cluster.run("exec", "-i", "bed", "--", "cat", data=data)
    assert (code, out == data, err) == (0, True, "")


def test_exec_over_spdy_as_older_clients_do(cluster: Cluster) -> None:
    command = cluster.command("exec", "-i", "bed", "--", "cat")
    environment = {**os.environ, "KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false"}
    done = subprocess.run(command, input="hi", capture_output=True, text=True, timeout=30, env=environment)
    assert (done.returncode, done.stdout) == (0, "hi"), done.stderr


def test_environment_and_volumes_are_there(cluster: Cluster) -> None:
    script = (
        "echo $BOTH; cat /settings/color; echo; cd /var/run/secrets/kubernetes.io/serviceaccount; cat ca.crt namespace"
    )
    assert cluster.run("exec", "bed", "--", "sh", "-c", script)[1] == "red-node-a\nred\nCAdefault"


def test_logs_follow_to_the_end(cluster: Cluster) -> None:
    name = f"talker-{len(cluster.kubectl)}"
    cluster.apply(pod(name, "for i in 1 2 3; do echo $i; sleep 0.3; done", restartPolicy="Never"))
    text = eventually(lambda: cluster.run("logs", "-f", name)[1], "it talks")
    assert text == "1\n2\n3\n"
    assert cluster.run("logs", "--tail=1", name)[1] == "3\n"
    code, _, err = cluster.run("logs", "-p", name)
    assert code == 1
    assert err.endswith(f'previous terminated container "c" in pod "{name}" not found\n')


@pytest.mark.parametrize("websockets", ["true", "false"])
def test_port_forward(cluster: Cluster, websockets: str) -> None:
    cluster.apply(pod("web", WEB_SERVER))
    eventually(lambda: cluster.run("logs", "web")[1], "it listens")
    port = free_port()
    environment = {**os.environ, "KUBECTL_PORT_FORWARD_WEBSOCKETS": websockets}
    command = cluster.command("port-forward", "pod/web", f"{port}:8080")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == f"Forwarding from 127.0.0.1:{port} -> 8080\n"
            for _ in range(3):
                assert fetch(port).endswith(b"\r\n\r\nhello\n")
        finally:
            run.terminate()


def fetch(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        data = b""
        while chunk := sock.recv(1000):
            data += chunk
    return data


def test_a_changed_config_map_reaches_the_running_container(cluster: Cluster) -> None:
    color = f"blue-{len(cluster.kubectl)}"
    patch = json.dumps({"data": {"color": color}})
    assert cluster.run("patch", "configmap", "settings", "--type=merge", "-p", patch)[0] == 0
    eventually(lambda: cluster.run("exec", "bed", "--", "cat", "/settings/color")[1] == color, "it is seen", 10)
    cluster.run("patch", "configmap", "settings", "--type=merge", "-p", json.dumps({"data": {"color": "red"}}))
    eventually(lambda: cluster.run("exec", "bed", "--", "cat", "/settings/color")[1] == "red", "and back", 10)


def test_attach_feeds_a_waiting_container(cluster: Cluster) -> None:
    name = f"reader-{len(cluster.kubectl)}"
    container = {"stdin": True, "stdinOnce": True}
    cluster.apply(pod(name, "read line; echo got $line", container=container, restartPolicy="Never"))
    eventually(lambda: cluster.is_ready(name), "it waits")
    code, out, err = cluster.run("attach", "-i", name, data="hello\n")
    assert (code, out) == (0, "got hello\n"), err


def test_exec_with_a_terminal(cluster: Cluster) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 37, 101, 0, 0))
    script = 'until size=$(busybox stty size 2>/dev/null) && test -n "$size"; do sleep 0.1; done; echo $size; exit 5'
    command = cluster.command("exec", "-it", "bed", "--", "sh", "-c", script)
    try:
        done = subprocess.run(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, timeout=30)
        assert done.returncode == 5, done.stderr
        assert b"37 101" in os.read(ours, 1000)
    finally:
        os.close(ours)
        os.close(theirs)


def test_refusals_read_as_upstream(cluster: Cluster) -> None:
    name = f"absent-{len(cluster.kubectl)}"
    missing = {"image": "docker.io/library/busybox:1.36", "envFrom": [{"configMapRef": {"name": "no-such-map"}}]}
    cluster.apply(pod(name, "true", container=missing))
    expected = f'container "c" in pod "{name}" is waiting to start: CreateContainerConfigError'
    eventually(lambda: expected in cluster.run("logs", name)[2], "its log is refused with the reason")
    waiting = "{.status.containerStatuses[0].state.waiting.message}"
    assert cluster.run("get", "pod", name, "-o", f"jsonpath={waiting}")[1] == 'configmap "no-such-map" not found'
    code, _, err = cluster.run("exec", name, "--", "true")
    assert code == 1
    assert err.endswith('container not found ("c")\n')


def test_a_missing_volume_source_is_told_by_an_event(cluster: Cluster) -> None:
    name = f"unmounted-{len(cluster.kubectl)}"
    volumes = [{"name": "x", "configMap": {"name": "y"}}]
    cluster.apply(pod(name, "true", volumes=volumes, container={"volumeMounts": [{"name": "x", "mountPath": "/x"}]}))
    selector = f"--field-selector=involvedObject.name={name},reason=FailedMount"

    def message() -> str:
        return cluster.run("get", "events", selector, "-o", "jsonpath={.items[0].message}")[1]

    assert eventually(message, "an event tells") == 'MountVolume.SetUp failed for volume "x" : configmap "y" not found'


PYTHON_CLIENT = """
import sys
from kubernetes import client, config
from kubernetes.stream import portforward, stream

config.load_kube_config(sys.argv[1])
core = client.CoreV1Api()
script = ["sh", "-c", "read line; echo got $line; echo err >&2; exit 3"]
session = stream(core.connect_get_namespaced_pod_exec, "bed", "default", command=script,
                 stdin=True, stdout=True, stderr=True, tty=False, _preload_content=False)
session.write_stdin("it\\n")
session.run_forever(timeout=20)
assert (session.read_stdout(), session.read_stderr(), session.returncode) == ("got it\\n", "err\\n", 3)
session.close()
forward = portforward(core.connect_get_namespaced_pod_portforward, "web", "default", ports="8080")
sock = forward.socket(8080)
sock.settimeout(10)
sock.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
data = b""
while chunk := sock.recv(1000):
    data += chunk
sock.close()
assert data.endswith(b"\\r\\n\\r\\nhello\\n"), data
assert forward.error(8080) is None
"""


def test_the_python_client_streams_too(whole: Cluster) -> None:
    whole.apply(pod("web", WEB_SERVER))
    eventually(lambda: whole.run("logs", "web")[1], "it listens")
    command = [sys.executable, "-c", PYTHON_CLIENT, str(whole.plane.kubeconfig)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=40)
    assert done.returncode == 0, done.stderr


def test_changed_labels_reach_a_downward_api_volume(cluster: Cluster) -> None:
    name = f"downward-{len(cluster.kubectl)}"
    items = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
    volumes = [{"name": "self", "downwardAPI": {"items": items}}]
    cluster.apply(
        pod(name, SCRIPT, volumes=volumes, container={"volumeMounts": [{"name": "self", "mountPath": "/self"}]})
    )
    eventually(lambda: cluster.is_ready(name), "it runs")
    assert cluster.run("label", "pod", name, "mood=good")[0] == 0
    eventually(lambda: cluster.run("exec", name, "--", "cat", "/self/labels")[1] == 'mood="good"', "it is seen", 10)


def test_probes_decide_over_readiness_and_life(cluster: Cluster) -> None:
    name = f"probed-{len(cluster.kubectl)}"
    http = {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1, "failureThreshold": 1}
    live = {"exec": {"command": ["test", "!", "-f", "/tmp/dead"]}, "periodSeconds": 1, "failureThreshold": 1}
    container = {"readinessProbe": http, "livenessProbe": live}
    cluster.apply(pod(name, WEB_SERVER, container=container))
    failed = "Readiness probe failed: HTTP probe failed with statuscode: 404"
    selector = f"--field-selector=involvedObject.name={name}"

    def events() -> str:
        return cluster.run("get", "events", selector, "-o", "jsonpath={.items[*].message}")[1]

    eventually(lambda: failed in events(), "the failure is told")
    assert not cluster.is_ready(name)
    cluster.run("exec", name, "--", "touch", "/tmp/ready")
    eventually(lambda: cluster.is_ready(name), "it becomes ready", 5)
    cluster.run("exec", name, "--", "touch", "/tmp/dead")
    eventually(lambda: "Container c failed liveness probe, will be restarted" in events(), "it is restarted", 10)
