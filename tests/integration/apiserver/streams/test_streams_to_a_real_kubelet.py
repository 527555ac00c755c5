"""The real kubectl through the API server to our kubelet and a real container: logs, exec, cp, port-forward, proxy."""

from __future__ import annotations

import subprocess
import urllib.request
from typing import Any

import pytest
from tests.integration.commandline import Kubectl
from tests.integration.kubelet.staticnode import WEB_SERVER, Node, manifest

pytestmark = pytest.mark.integration
NAME, NODE = "bed-node-a", "node-a"


@pytest.fixture(scope="module")
def web(static_node: Node) -> str:
    """A second Pod that serves a page on port 8080."""
    static_node.add(manifest("page", WEB_SERVER))
    return "page-node-a"


@pytest.fixture(scope="module", autouse=True)
def registered(server: Any, admin: Any, static_node: Node, web: str) -> None:
    """The API server learns of the kubelet, and of its static Pods."""
    status = {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": static_node.port}},
    }
    merge = {"content-type": "application/merge-patch+json"}
    admin("POST", "/api/v1/nodes", {"metadata": {"name": NODE}})
    assert admin("PATCH", f"/api/v1/nodes/{NODE}/status", {"status": status}, headers=merge).status == 200
    admin("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    for name in (NAME, web):
        spec = {"nodeName": NODE, "containers": [{"name": "c", "image": "busybox"}]}
        made = admin("POST", "/api/v1/namespaces/default/pods", {"metadata": {"name": name}, "spec": spec})
        assert made.status == 201, made.body
        path = f"/api/v1/namespaces/default/pods/{name}/status"
        assert admin("PATCH", path, {"status": {"phase": "Running"}}, headers=merge).status == 200


def test_logs(kubectl: Kubectl) -> None:
    assert kubectl.ok("logs", NAME).startswith("ready\n")


@pytest.mark.parametrize("protocol", ["websocket", "spdy"])
def test_exec_passes_input_output_and_exit_code(kubectl: Kubectl, protocol: str) -> None:
    environ = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "true" if protocol == "websocket" else "false"}
    done = kubectl.run(
        "exec", "-i", NAME, "--", "sh", "-c", "cat; echo oops >&2; exit 3", stdin="hello", environ=environ
    )
    assert (done.stdout, done.returncode) == ("hello", 3)
    assert done.stderr == "oops\ncommand terminated with exit code 3\n"


def test_megabytes_pass_through_exec(kubectl: Kubectl) -> None:
    text = "0123456789abcdef" * (1 << 18)  # 4 MiB
    assert kubectl.ok("exec", "-i", NAME, "--", "cat", stdin=text) == text


def test_an_unknown_container_is_refused(kubectl: Kubectl) -> None:
    done = kubectl.run("exec", NAME, "-c", "nope", "--", "ls")
    assert done.returncode == 1 and f"container nope is not valid for pod {NAME}" in done.stderr


@pytest.mark.parametrize("protocol", ["websocket", "spdy"])
def test_port_forward(kubectl: Kubectl, web: str, protocol: str) -> None:
    environ = {**kubectl.environ, "KUBECTL_PORT_FORWARD_WEBSOCKETS": "true" if protocol == "websocket" else "false"}
    command = [*kubectl.words, "port-forward", web, ":8080"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as forwarding:
        try:
            assert forwarding.stdout is not None
            line = forwarding.stdout.readline()  # Forwarding from 127.0.0.1:41234 -> 8080
            port = int(line.split("127.0.0.1:")[1].split(" ")[0])
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
                assert answer.read() == b"hello\n"
        finally:
            forwarding.terminate()
            forwarding.wait(20)


def test_node_proxy_reaches_the_kubelets_own_pages(kubectl: Kubectl) -> None:
    assert NAME in kubectl.ok("get", "--raw", f"/api/v1/nodes/{NODE}/proxy/runningpods/")
