"""A containerd for tests alone: own directories, socket and CNI network; afterwards nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.kubelet.busyboximages import PAUSE, busybox_image, pause_image
from tests.waiting import eventually

from kajitori.kubelet.cri.channel import Channel
from kajitori.kubelet.cri.client import RuntimeClient
from kajitori.kubelet.interfaces import CRIError

SUBNETS = "10.177"
"""Each containerd has a third byte of its own: two test runs on one machine must not meet."""

CONTAINERD_CONFIG = """
version = 2
root = "{root}/containerd-root"
state = "{root}/containerd-state"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
oom_score = 0
[grpc]
  address = "{root}/containerd.sock"
[ttrpc]
  address = "{root}/containerd.sock.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{root}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
"""


def needed_programs() -> None:
    """Skips the test where there is no root or no containerd."""
    missing = [name for name in ("containerd", "ctr", "runc", "catatonit") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing) or 'nothing else'}")


@dataclass
class Containerd:
    root: Path
    process: subprocess.Popen[bytes]

    @property
    def socket(self) -> str:
        return str(self.root / "containerd.sock")

    @property
    def endpoint(self) -> str:
        return f"unix://{self.socket}"

    def serves(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError((self.root / "containerd.log").read_text()[-2000:])
        return subprocess.run(["ctr", "--address", self.socket, "version"], capture_output=True).returncode == 0

    def ctr(self, *args: str, stdin: bytes | None = None) -> str:
        command = ["ctr", "--address", self.socket, "-n", "k8s.io", *args]
        return subprocess.run(command, input=stdin, check=True, capture_output=True).stdout.decode()

    def load(self, *archives: bytes) -> None:
        for archive in archives:
            self.ctr("images", "import", "--all-platforms", "-", stdin=archive)

    def running(self) -> Sequence[str]:
        return self.ctr("tasks", "ls", "-q").split()

    def wipe(self) -> None:
        """Stop and remove whatever tests left, networks included."""

        def is_empty() -> bool:
            try:
                asyncio.run(self._wipe())
            except CRIError:
                return False  # a container whose start was cut off takes a moment to settle
            return True

        eventually(is_empty, "the runtime is empty", 15)

    async def _wipe(self) -> None:
        async with Channel(self.endpoint) as channel:
            cri = RuntimeClient(channel)
            for sandbox in await cri.list_pod_sandboxes():
                await cri.stop_pod_sandbox(sandbox.id)
                await cri.remove_pod_sandbox(sandbox.id)


@contextlib.contextmanager
def containerd() -> Iterator[Containerd]:
    needed_programs()
    root = Path(tempfile.mkdtemp(prefix="kubelet-ctrd-"))
    (root / "cni").mkdir()
    network = {
        "cniVersion": "0.4.0",
        "name": root.name,
        "plugins": [
            {
                "type": "ptp",
                "mtu": 1500,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": free_subnet()}]],
                    "dataDir": str(root / "ipam"),
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }
    (root / "cni" / "10-test.conflist").write_text(json.dumps(network))
    (root / "config.toml").write_text(CONTAINERD_CONFIG.format(root=root, pause=PAUSE))
    with (root / "containerd.log").open("wb") as log:
        process = subprocess.Popen(
            ["containerd", "--config", str(root / "config.toml")], stdout=log, stderr=log, cwd=root
        )
    daemon = Containerd(root, process)
    try:
        eventually(daemon.serves, "containerd serves", 20)
        daemon.load(pause_image(), busybox_image())
        yield daemon
    finally:
        with contextlib.suppress(Exception):
            daemon.wipe()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        _end_shims(daemon.socket)
        unmount_under(root)
        shutil.rmtree(root, ignore_errors=True)


def _end_shims(address: str) -> None:
    """Containers that could not be ended in order: their shims outlive containerd, so they go with all they hold."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"containerd-shim-runc-v2") and address.encode() in words:
                children = (folder / "task" / folder.name / "children").read_text().split()
                for pid in (folder.name, *children):
                    os.kill(int(pid), signal.SIGKILL)


def unmount_under(root: Path) -> None:
    """Network namespaces are mounts too: with those of sandboxes whose start was cut off, their veths go."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in sorted((p for p in points if p.startswith(f"{root}/")), reverse=True):
        subprocess.run(["umount", "-l", point], capture_output=True)


def free_subnet() -> str:
    """One that no route of this machine leads to; the process ID makes it unlikely that two choose the same."""
    rows = [line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:]]
    taken = {int(row[1][2:4], 16) for row in rows if row[1].endswith("B10A")}  # 10.177, lowest byte first
    numbers = [(os.getpid() + step * 7) % 256 for step in range(256)]
    return f"{SUBNETS}.{next(number for number in numbers if number not in taken)}.0/24"
