"""`kajitori kubelet` as a process on a private containerd; a node without an API server unless a test gives it one."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.integration.kubelet.privatecontainerd import Containerd, unmount_under
from tests.waiting import eventually

from kajitori.testing.ports import free_port

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
        unmount_under(self.folder)
        for hierarchy in Path("/sys/fs/cgroup").glob(f"*{self.cgroup}"):
            for folder in sorted(hierarchy.rglob("*/"), reverse=True):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            with contextlib.suppress(OSError):
                hierarchy.rmdir()
