"""The cgroup tree of Pods: ``kubepods[/burstable|/besteffort]/pod<uid>``, for cgroups version 1 and 2 (cgroupfs
driver).

Writes are tiny and local, so they are plain calls. The limits of a Pod are set before its first container; the
runtime makes the containers' cgroups beneath. May import: of the kubelet, `pods`, `runtime.resources`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.aiokit.logs import get_logger

from .pods import qos_class
from .runtime.resources import QUOTA_PERIOD_US, cpu_quota_us, cpu_shares, pod_limits, weight_of_shares

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

log = get_logger(__name__)
QOS_PARENT = {"Guaranteed": "", "Burstable": "/burstable", "BestEffort": "/besteffort"}
V1_CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "pids", "devices", "freezer", "blkio", "hugetlb", "systemd")


def mounted_hierarchies() -> dict[str, Path]:
    """cgroup v1 controller (or ``systemd``) → where it is mounted; ``unified`` for version 2."""
    found: dict[str, Path] = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        point = Path(left.split()[4])
        if kind == "cgroup2":
            found.setdefault("unified", point)
        elif kind == "cgroup":
            for option in options.split(","):
                name = option.removeprefix("name=")
                if name in V1_CONTROLLERS:
                    found.setdefault(name, point)
    return found


class Cgroups:
    """Makes, fills, and removes the cgroups of Pods below ``root`` (``/`` unless --cgroup-root says otherwise)."""

    def __init__(self, root: str = "/", hierarchies: dict[str, Path] | None = None) -> None:
        found = mounted_hierarchies() if hierarchies is None else hierarchies
        self.is_v2 = "memory" not in found and "unified" in found
        self._unified = found.get("unified")
        self._v1 = {name: path for name, path in found.items() if name != "unified"}
        self._root = f"/{root.strip('/')}" if root.strip("/") else ""

    @property
    def kubepods(self) -> str:
        return f"{self._root}/kubepods"

    def parent_of(self, pod: Pod) -> str:
        """The cgroup path to give to the runtime."""
        return f"{self.kubepods}{QOS_PARENT[qos_class(pod)]}/pod{pod.metadata.uid}"

    def _dirs(self, path: str) -> Iterator[tuple[str, Path]]:
        if self.is_v2:
            assert self._unified is not None
            yield "unified", self._unified / path.lstrip("/")
            return
        for name, mount in self._v1.items():
            yield name, mount / path.lstrip("/")

    def prepare_node(self) -> None:
        """The parents of all Pods; on version 2 the controllers are passed on."""
        for qos in ("", "/burstable", "/besteffort"):
            self._make(self.kubepods + qos)
        self._set(f"{self.kubepods}/besteffort", shares=2)

    def prepare_pod(self, pod: Pod) -> str:
        """The Pod's cgroup with its limits; its path."""
        path = self.parent_of(pod)
        self._make(path)
        request, limit, memory = pod_limits(pod)
        self._set(path, shares=cpu_shares(request), quota=cpu_quota_us(limit), memory=memory)
        return path

    def widen_pod(self, *versions: Pod) -> None:
        """Give the Pod's cgroup what any of several versions of the Pod needs: none of them hits a limit."""
        limits = [pod_limits(pod) for pod in versions]
        quotas, memories = [limit for _, limit, _ in limits], [memory for _, _, memory in limits]
        self._set(
            self.parent_of(versions[0]),
            shares=cpu_shares(max(request for request, _, _ in limits)),
            quota=cpu_quota_us(max(quotas)) if all(quotas) else 0,
            memory=max(memories) if all(memories) else 0,
        )

    def _make(self, path: str) -> None:
        for name, folder in self._dirs(path):
            if folder.exists():
                continue
            folder.mkdir(parents=True, exist_ok=True)
            if name == "cpuset":
                self._inherit_cpuset(folder)
            if name == "unified":
                self._delegate(folder)

    def _inherit_cpuset(self, folder: Path) -> None:
        """A v1 cpuset is born empty and takes no process until it has CPUs and memory nodes."""
        assert self._v1
        top = self._v1["cpuset"]
        chain = [folder, *[p for p in folder.parents if p != top and top in p.parents]]
        for level in reversed(chain):
            for file in ("cpuset.cpus", "cpuset.mems"):
                if (level / file).exists() and not (level / file).read_text().strip():
                    _write(level / file, (level.parent / file).read_text().strip())

    def _delegate(self, folder: Path) -> None:
        assert self._unified is not None
        wanted = ("cpu", "cpuset", "memory", "pids", "io", "hugetlb")
        chain = [p for p in folder.parents if p == self._unified or self._unified in p.parents]
        for level in reversed(chain):
            offered = (level / "cgroup.controllers").read_text().split()
            granted = (level / "cgroup.subtree_control").read_text().split()
            for name in wanted:
                if name in offered and name not in granted:
                    _write(level / "cgroup.subtree_control", f"+{name}")

    def _set(self, path: str, *, shares: int, quota: int | None = None, memory: int = 0) -> None:
        for name, folder in self._dirs(path):
            if name == "unified":
                _write(folder / "cpu.weight", str(weight_of_shares(shares)))
                if quota is not None:
                    _write(folder / "cpu.max", f"{quota or 'max'} {QUOTA_PERIOD_US}")
                if memory:
                    _write(folder / "memory.max", str(memory))
            elif name == "cpu":
                _write(folder / "cpu.shares", str(shares))
                if quota is not None:
                    _write(folder / "cpu.cfs_period_us", str(QUOTA_PERIOD_US))
                    _write(folder / "cpu.cfs_quota_us", str(quota or -1))
            elif name == "memory" and memory:
                _write(folder / "memory.limit_in_bytes", str(memory))

    def remove_pod(self, uid: str) -> None:
        """Kill what is left of a Pod and remove its cgroups, whatever its class was."""
        for parent in QOS_PARENT.values():
            for _, folder in self._dirs(f"{self.kubepods}{parent}/pod{uid}"):
                _remove_tree(folder)

    def pod_uids(self) -> set[str]:
        """Pods that have a cgroup."""
        found: set[str] = set()
        for parent in QOS_PARENT.values():
            for _, folder in self._dirs(self.kubepods + parent):
                if folder.is_dir():
                    found.update(p.name.removeprefix("pod") for p in folder.iterdir() if p.name.startswith("pod"))
        return found


def _remove_tree(folder: Path) -> None:
    if not folder.is_dir():
        return
    for base, names, _ in os.walk(folder, topdown=False):
        for name in names:
            _rmdir(Path(base, name))
    _rmdir(folder)


def _rmdir(folder: Path) -> None:
    try:
        for pid in (folder / "cgroup.procs").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        folder.rmdir()
    except OSError as error:
        log.v(4).info("cgroup stays for now", path=str(folder), err=str(error))


def _write(file: Path, value: str) -> None:
    try:
        file.write_text(value)
    except OSError as error:
        log.v(2).info("cannot set cgroup value", file=str(file), value=value, err=str(error))
