"""A private containerd for tests: own directories, socket, CNI network; images made of Debian's static binaries."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kajitori.kubelet.cri.channel import Channel
from kajitori.kubelet.cri.client import RuntimeClient
from kajitori.kubelet.interfaces import RuntimeError_

T = TypeVar("T")

PAUSE = "registry.k8s.io/pause:3.10.1"
BUSYBOX = "docker.io/library/busybox:1.36"
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


def layer(files: Mapping[str, tuple[bytes, int]], links: Mapping[str, str]) -> bytes:
    """A file system layer: path → (content, mode), path → where it links to."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in sorted({str(p) for f in (*files, *links) for p in Path(f).parents if str(p) != "."}):
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(info)
        for name, (data, mode) in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            tar.addfile(info, io.BytesIO(data))
        for name, target in links.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return out.getvalue()


def oci_archive(ref: str, archive: bytes, config: Mapping[str, object]) -> bytes:
    """A one-layer OCI image as ``ctr images import`` reads it."""
    blobs: dict[str, bytes] = {}

    def put(data: bytes) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"digest": f"sha256:{digest}", "size": len(data)}

    diff = put(archive)
    image = {
        "architecture": "amd64",
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [diff["digest"]]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **put(json.dumps(image).encode())},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **diff}],
    }
    entry = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        **put(json.dumps(manifest).encode()),
        "annotations": {"io.containerd.image.name": ref, "org.opencontainers.image.ref.name": ref},
    }
    files = {name: (data, 0o644) for name, data in blobs.items()}
    files["oci-layout"] = (b'{"imageLayoutVersion":"1.0.0"}', 0o644)
    files["index.json"] = (json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode(), 0o644)
    return layer(files, {})


def pause_image() -> bytes:
    binary = Path("/usr/bin/catatonit").read_bytes()
    return oci_archive(PAUSE, layer({"pause": (binary, 0o755)}, {}), {"Entrypoint": ["/pause", "-P"], "User": "65535"})


def busybox_image() -> bytes:
    applets = [
        "sh",
        "sleep",
        "cat",
        "echo",
        "ls",
        "id",
        "env",
        "hostname",
        "wget",
        "nc",
        "kill",
        "ps",
        "touch",
        "rm",
        "true",
        "false",
        "test",
        "date",
        "mkdir",
        "grep",
        "head",
    ]
    files = layer(
        {
            "bin/busybox": (Path("/bin/busybox").read_bytes(), 0o755),
            "etc/passwd": (b"root:x:0:0:root:/root:/bin/sh\n", 0o644),
            "tmp/.keep": (b"", 0o644),
        },
        {f"bin/{a}": "busybox" for a in applets},
    )
    return oci_archive(BUSYBOX, files, {"Cmd": ["sh"], "Env": ["PATH=/bin"]})


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
            except RuntimeError_:
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
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            probe = subprocess.run(["ctr", "--address", daemon.socket, "version"], capture_output=True)
            if probe.returncode == 0:
                break
            if process.poll() is not None:
                raise RuntimeError((root / "containerd.log").read_text()[-2000:])
        daemon.load(pause_image(), busybox_image())
        yield daemon
    finally:
        with contextlib.suppress(Exception):
            daemon.wipe()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        _end_shims(daemon.socket)
        _unmount_under(root)
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


def _unmount_under(root: Path) -> None:
    """Network namespaces are mounts too: with those of sandboxes whose start was cut off, their veths go."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in sorted((p for p in points if p.startswith(f"{root}/")), reverse=True):
        subprocess.run(["umount", "-l", point], capture_output=True)


def eventually(condition: Callable[[], T], what: str, timeout_s: float = 30.0) -> T:
    """The first true answer; asks often, never longer than needed."""
    deadline = time.monotonic() + timeout_s
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        time.sleep(0.02)
    return answer


BEDS = itertools.count()
"""Tells the test beds of one run apart."""


class KubeletProcess:
    """A standalone kubelet (no API server) with directories of its own."""

    def __init__(self, runtime: Containerd, folder: Path) -> None:
        self.runtime, self.folder = runtime, folder
        self.manifests = folder / "manifests"
        self.manifests.mkdir()
        self.logs = folder / "logs"
        self.cgroup = f"/kubelet-test-{os.getpid()}-{next(BEDS)}"  # its own: a kubelet ends what it does not know there
        self.config = folder / "config.yaml"
        self.config.write_text(
            json.dumps(
                {
                    "apiVersion": "kubelet.config.k8s.io/v1beta1",
                    "kind": "KubeletConfiguration",
                    "staticPodPath": str(self.manifests),
                    "containerRuntimeEndpoint": runtime.endpoint,
                    "cgroupRoot": self.cgroup,
                    "podLogsDir": str(self.logs),
                    "port": free_port(),
                    "healthzPort": free_port(),
                }
            )
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *flags: str) -> None:
        argv = [sys.executable, "-m", "kajitori", "kubelet", "--v=4", "--hostname-override=node-a"]
        argv += [f"--config={self.config}", f"--root-dir={self.folder}/kubelet", *flags]
        with (self.folder / "kubelet.log").open("ab") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None

    @property
    def log(self) -> str:
        return (self.folder / "kubelet.log").read_text()

    def write(self, name: str, pod: Mapping[str, object]) -> None:
        """A manifest, put in place at once."""
        draft = self.folder / "draft"
        draft.write_text(json.dumps(pod))
        draft.rename(self.manifests / f"{name}.json")

    def remove(self, name: str) -> None:
        (self.manifests / f"{name}.json").unlink()

    def container_ids(self, name: str) -> list[str]:
        """Running containers (not sandboxes) of this container name."""
        found = self.runtime.ctr("containers", "ls", "-q", f'labels."io.kubernetes.container.name"=={name}').split()
        return [c for c in found if c in self.runtime.running()]

    def pid_of(self, container_id: str) -> int:
        rows = (line.split() for line in self.runtime.ctr("tasks", "ls").splitlines()[1:])
        return next(int(row[1]) for row in rows if row[0] == container_id)

    def output_of(self, pod: str, container: str, attempt: int = 0) -> str:
        files = list(self.logs.glob(f"*_{pod}-node-a_*/{container}/{attempt}.log"))
        return "".join(line.split(" ", 3)[3] for f in files for line in f.read_text().splitlines(keepends=True))

    def clean_up(self) -> None:
        for manifest in self.manifests.iterdir():
            manifest.unlink()
        if self.process is None:
            self.start()
        with contextlib.suppress(AssertionError):
            eventually(lambda: not self.runtime.running(), "all pods end", 15)
        self.stop()
        self.runtime.wipe()
        _unmount_under(self.folder)
        for hierarchy in Path("/sys/fs/cgroup").glob(f"*{self.cgroup}"):
            for folder in sorted(hierarchy.rglob("*/"), reverse=True):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            with contextlib.suppress(OSError):
                hierarchy.rmdir()


def free_subnet() -> str:
    """One that no route of this machine leads to; the process ID makes it unlikely that two choose the same."""
    rows = [line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:]]
    taken = {int(row[1][2:4], 16) for row in rows if row[1].endswith("B10A")}  # 10.177, lowest byte first
    numbers = [(os.getpid() + step * 7) % 256 for step in range(256)]
    return f"{SUBNETS}.{next(number for number in numbers if number not in taken)}.0/24"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
