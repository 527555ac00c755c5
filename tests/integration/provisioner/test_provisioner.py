"""`kajitori provisioner` as a process, against a real API server."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.waiting import until

from kajitori.client.rest import Client
from kajitori.machinery.errors import NotFound
from kajitori.testing.controlplane import ControlPlane

pytestmark = pytest.mark.integration
CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "standard"},
    "provisioner": "k8s.io/minikube-hostpath",
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "Immediate",
}
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data"},
    "spec": {
        "storageClassName": "standard",
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    },
}


def test_a_claim_gets_a_directory_and_loses_it_when_its_volume_is_released(tmp_path: Path) -> None:
    async def scenario(client: Client) -> None:
        async def call(method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
            response = await client.raw(method, path, body=body, content_type=content_type)
            return orjson.loads(response.body)

        await call("POST", "/apis/storage.k8s.io/v1/storageclasses", CLASS)
        claim = await call("POST", "/api/v1/namespaces/default/persistentvolumeclaims", CLAIM)
        name = f"pvc-{claim['metadata']['uid']}"
        path = f"/api/v1/persistentvolumes/{name}"
        volume = await until(lambda: call("GET", path), "the claim has a volume", despite=NotFound)
        directory = tmp_path / "default" / "data"
        assert volume["spec"]["hostPath"]["path"] == str(directory)
        assert directory.stat().st_mode & 0o777 == 0o777
        events = (await call("GET", "/api/v1/namespaces/default/events"))["items"]
        assert "Provisioning" in {e["reason"] for e in events}
        (directory / "file").write_text("x")
        # What the binder does when the claim is gone.
        patch = {"status": {"phase": "Released"}}
        await call("PATCH", f"{path}/status", patch, "application/merge-patch+json")
        await until(lambda: not directory.exists(), "the directory is gone")

    async def run(config: Any) -> None:
        async with Client(config) as client:
            await scenario(client)

    with ControlPlane() as cp:
        argv = [sys.executable, "-m", "kajitori", "provisioner", "--kubeconfig", str(cp.kubeconfig)]
        process = subprocess.Popen([*argv, f"--hostpath-dir={tmp_path}"])
        try:
            asyncio.run(run(cp.rest_config))
        finally:
            process.terminate()
            assert process.wait(10) == 0
