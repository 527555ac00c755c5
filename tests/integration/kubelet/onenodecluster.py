"""A cluster of one node: our API server, our kubelet, a private containerd; and the kubectls that speak to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import peers
from tests.integration.kubelet.kubeletprocess import KubeletProcess
from tests.integration.kubelet.privatecontainerd import containerd
from tests.integration.kubelet.staticnode import drain, manifest
from tests.waiting import eventually

from kajitori.machinery.certificates import issue, new_ca
from kajitori.testing.controlplane import ControlPlane

KUBECTLS = {
    "1.34": str(peers.path("kubectl")),
    "newest": str(peers.path("kubectl-newest")),
    "ours": str(Path(sys.executable).with_name("kubectl")),
}


class Cluster:
    def __init__(self, plane: ControlPlane, process: KubeletProcess) -> None:
        self.plane, self.process, self.kubectl = plane, process, ""

    def spoken_to_by(self, kubectl: str) -> Cluster:
        """The same cluster, its commands given by one of KUBECTLS."""
        if not Path(KUBECTLS[kubectl]).exists():
            pytest.skip(f"no kubectl {kubectl} here")
        self.kubectl = KUBECTLS[kubectl]
        return self

    def command(self, *args: str) -> list[str]:
        return [self.kubectl, "--kubeconfig", str(self.plane.kubeconfig), *args]

    def run(self, *args: str, data: str = "") -> tuple[int, str, str]:
        done = subprocess.run(self.command(*args), input=data, capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout, done.stderr

    def apply(self, *objects: dict[str, Any]) -> None:
        code, _, err = self.run("apply", "-f", "-", data="\n---\n".join(json.dumps(o) for o in objects))
        assert code == 0, err

    def is_ready(self, name: str) -> bool:
        path = '{.status.conditions[?(@.type=="Ready")].status}'
        return self.run("get", "pod", name, "-o", f"jsonpath={path}")[1] == "True"


def pod(name: str, script: str, **spec: Any) -> dict[str, Any]:
    return manifest(name, script, nodeName="node-a", **spec)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    kubectl = next((path for path in KUBECTLS.values() if Path(path).exists()), "")
    if not kubectl:
        pytest.skip("needs a real kubectl")
    folder = Path(tmp_path_factory.mktemp("whole"))
    ca = new_ca("kubelet-client-ca")
    pair = issue(ca, "kube-apiserver-kubelet-client", organizations=("system:masters",))
    for name, data in (("ca.crt", ca.cert_pem), ("client.crt", pair.cert_pem), ("client.key", pair.key_pem)):
        (folder / name).write_bytes(data)
    options = {
        "kubelet_client_certificate": str(folder / "client.crt"),
        "kubelet_client_key": str(folder / "client.key"),
        "kubelet_preferred_address_types": ("InternalIP",),
    }
    with containerd() as daemon, ControlPlane(**options) as plane:
        process = KubeletProcess(daemon, folder)
        cluster = Cluster(plane, process)
        cluster.kubectl = kubectl
        try:
            process.start(
                f"--kubeconfig={plane.kubeconfig}", f"--client-ca-file={folder / 'ca.crt'}", "--node-ip=127.0.0.1",
                "--authorization-mode=Webhook", "--anonymous-auth=false",
            )  # fmt: skip
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
            bundle = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt"}}
            settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}
            cluster.apply(account, {**bundle, "data": {"ca.crt": "CA"}}, {**settings, "data": {"color": "red"}})
            cluster.apply(bed_pod())
            eventually(lambda: cluster.is_ready("bed"), "the pod is ready", 40)
            yield cluster
        finally:
            cluster.kubectl = kubectl  # tests may have chosen another
            try:
                cluster.run("delete", "pods", "--all", "--force", "--grace-period=0")
            finally:
                drain(process)


def bed_pod() -> dict[str, Any]:
    """It shows its environment, its volumes, and a readiness probe."""
    container = {
        "env": [
            {"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "color"}}},
            {"name": "WHERE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            {"name": "BOTH", "value": "$(COLOR)-$(WHERE)"},
        ],
        "volumeMounts": [{"name": "settings", "mountPath": "/settings"}],
        "readinessProbe": {"exec": {"command": ["cat", "/settings/color"]}},
    }
    return manifest(
        "bed", nodeName="node-a", container=container, volumes=[{"name": "settings", "configMap": {"name": "settings"}}]
    )
