"""`kajitori controller-manager` as a process, with upstream's flags, against a real API server."""

import asyncio
import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest
from tests.waiting import eventually

from kajitori.client.rest import Client
from kajitori.testing.controlplane import ControlPlane
from kajitori.testing.ports import free_port

pytestmark = pytest.mark.integration

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "x"}]},
        },
    },
}


def call(cp: ControlPlane, method: str, path: str, body: Any = None) -> Any:
    async def main() -> Any:
        async with Client(cp.rest_config) as client:
            return json.loads((await client.raw(method, path, body=body)).body)

    return asyncio.run(main())


def status_of(port: int, path: str) -> int:
    trusting = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(f"https://127.0.0.1:{port}{path}", context=trusting, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_a_leading_manager_makes_accounts_and_pods_and_tells_its_health_to_everybody() -> None:
    port = free_port()
    with ControlPlane() as cp:
        argv = [sys.executable, "-m", "kajitori", "controller-manager", "--kubeconfig", str(cp.kubeconfig)]
        flags = [f"--secure-port={port}", "--bind-address=127.0.0.1", "--leader-elect=true", "--v=1"]
        process = subprocess.Popen([*argv, *flags, "--use-service-account-credentials=false"])
        try:
            eventually(lambda: status_of(port, "/healthz") == 200, "it is healthy")
            assert status_of(port, "/metrics") in (401, 403)  # authenticated and authorized, as upstream's
            accounts = "/api/v1/namespaces/default/serviceaccounts"
            eventually(lambda: call(cp, "GET", accounts)["items"], "the default ServiceAccount is made")
            call(cp, "POST", "/apis/apps/v1/namespaces/default/deployments", DEPLOYMENT)
            eventually(lambda: len(call(cp, "GET", "/api/v1/namespaces/default/pods")["items"]) == 2, "two Pods")
            lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager"
            assert call(cp, "GET", lease)["spec"]["holderIdentity"]
        finally:
            process.terminate()
            assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("component", "argv", "told"),
    [
        ("controller-manager", ["--kubeconfig=/nonexistent"], "stat /nonexistent: no such file or directory"),
        ("scheduler", ["--config=/nonexistent"], "No such file or directory"),
        ("kubelet", ["--kubeconfig=/nonexistent"], "stat /nonexistent: no such file or directory"),
        ("proxy", ["--config=/nonexistent"], "No such file or directory"),
        ("dns", ["--kubeconfig=/nonexistent"], "stat /nonexistent: no such file or directory"),
        ("provisioner", ["--no-such-flag"], "unknown flag: --no-such-flag"),
        ("cni", ["word"], "does not take any arguments"),
        ("apiserver", ["--no-such-flag"], "unknown flag: --no-such-flag"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isidentifier() else "",
)
def test_a_component_that_cannot_start_says_why_in_one_message(component: str, argv: list[str], told: str) -> None:
    command = [sys.executable, "-m", "kajitori", component, *argv]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "component", ["apiserver", "controller-manager", "scheduler", "kubelet", "proxy", "dns", "provisioner", "cni"]
)
def test_every_component_explains_its_flags(component: str) -> None:
    command = [sys.executable, "-m", "kajitori", component, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "\nUsage:\n" in done.stdout
    assert "-v, --v=0:" in done.stdout
