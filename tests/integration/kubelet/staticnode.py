"""One private containerd and one kubelet beside it, with a busybox Pod that every test here uses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.kubelet.busyboximages import BUSYBOX
from tests.integration.kubelet.kubeletprocess import KubeletProcess
from tests.integration.kubelet.privatecontainerd import containerd
from tests.waiting import eventually

from kajitori.client.config import RestConfig
from kajitori.client.transport import Transport

SCRIPT = "trap 'exit 0' TERM; echo ready; while true; do sleep 0.2; done"

WEB_SERVER = f"echo hello > /tmp/index.html; busybox httpd -p 8080 -h /tmp; echo up; {SCRIPT}"


def manifest(
    name: str, script: str = SCRIPT, *, container: dict[str, Any] | None = None, **spec: Any
) -> dict[str, Any]:
    main = {"name": "c", "image": BUSYBOX, "command": ["sh", "-c", script], **(container or {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"terminationGracePeriodSeconds": 2, "containers": [main], **spec},
    }


def drain(process: KubeletProcess) -> None:
    """End all Pods with their networks, then the kubelet."""
    for file in process.manifests.iterdir():
        file.unlink()
    volumes = process.folder / "kubelet/pods"
    try:
        eventually(lambda: not process.runtime.running(), "all containers have ended", 20)
        eventually(lambda: not list(volumes.glob("*/volume*")), "all volumes are gone", 20)
    finally:
        process.clean_up()


class Node:
    """The running kubelet, and how to reach it."""

    def __init__(self, process: KubeletProcess, port: int) -> None:
        self.process, self.port = process, port
        self.config = RestConfig(server=f"https://127.0.0.1:{port}", insecure=True)

    def path(self, what: str, pod: str = "bed", container: str = "c") -> str:
        return f"/{what}/default/{pod}-node-a" + (f"/{container}" if container else "")

    def add(self, pod: dict[str, Any], *, runs: bool = True) -> str:
        """Start a static pod; its name once its container has started. One that does not end soon is known to run then."""
        name = pod["metadata"]["name"]
        self.process.write(name, pod)
        started = f'object="default/{name}-node-a" kind="Normal" reason="Started"'
        eventually(lambda: started in self.process.log, f"{name} starts")
        if runs:
            known = asyncio.run(self.get("/runningpods/"))
            assert f'"{name}-node-a"'.encode() in known, "whoever reads of the start may use the container at once"
        return str(name)

    async def get(self, path: str) -> bytes:
        transport = Transport(self.config)
        response = await transport.request("GET", path)
        await transport.close()
        return response.body


@pytest.fixture(scope="session")
def static_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with containerd() as daemon:
        process = KubeletProcess(daemon, Path(tmp_path_factory.mktemp("static-node")))
        try:
            process.start("--anonymous-auth=true", "--authorization-mode=AlwaysAllow")
            process.write("bed", manifest("bed"))
            eventually(lambda: "ready" in process.output_of("bed", "c"), "the pod runs", 30)
            eventually(lambda: '"serving"' in process.log, "the server listens", 30)
            node = Node(process, int(process_port(process)))
            eventually(lambda: b'"bed-node-a"' in asyncio.run(node.get("/runningpods/")), "it is known to run", 20)
            yield node
        finally:
            drain(process)


def process_port(process: KubeletProcess) -> int:
    import json

    return int(json.loads(process.config.read_text())["port"])
