"""Limits on local disk space that Pods set themselves: emptyDir's sizeLimit, containers' ephemeral-storage. Who exceeds
one is evicted. Only Pods with such limits are measured. May import: machinery; of the kubelet `interfaces`.
"""

from __future__ import annotations

import asyncio
import functools
import operator
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.machinery.quantity import Quantity

from ..interfaces import ContainerUsage

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

STORAGE = "ephemeral-storage"
BLOCK = 512


def disk_usage(folder: Path) -> int:
    """Bytes that the files below take on the disk; what vanishes meanwhile counts for nothing."""
    total, seen = 0, set()
    for where, _, files in os.walk(folder):
        for name in files:
            try:
                found = os.lstat(os.path.join(where, name))  # noqa: PTH118 - thousands of files
            except OSError:
                continue
            if (found.st_dev, found.st_ino) not in seen:
                seen.add((found.st_dev, found.st_ino))
                total += found.st_blocks * BLOCK
    return total


def has_limits(pod: Pod) -> bool:
    """Whether there is anything to check."""
    sized = any(v.empty_dir is not None and v.empty_dir.size_limit for v in pod.spec.volumes)
    return sized or any(_limit(pod, name) is not None for name in _names(pod))


def exceeded(pod: Pod, volumes: Mapping[str, int], writable: Mapping[str, int], logs: Mapping[str, int]) -> str:
    """Why the Pod has to go, as upstream words it; empty if it may stay. Usage in bytes: of emptyDirs by volume, of
    writable layers and of logs by container."""
    for volume in pod.spec.volumes:
        size = volume.empty_dir.size_limit if volume.empty_dir is not None else None
        if size and volumes.get(volume.name or "", 0) > Quantity.parse(size).value():
            return f'Usage of EmptyDir volume "{volume.name}" exceeds the limit "{size}". '
    limits = {name: limit for name in _names(pod) if (limit := _limit(pod, name)) is not None}
    if limits and len(limits) == len(pod.spec.containers):
        total = functools.reduce(operator.add, limits.values())
        if sum(volumes.values()) + sum(writable.values()) + sum(logs.values()) > total.value():
            return f"Pod ephemeral local storage usage exceeds the total limit of containers {total}. "
    for name, limit in limits.items():
        if writable.get(name, 0) + logs.get(name, 0) > limit.value():
            return f'Container {name} exceeded its local ephemeral storage limit "{limit}". '
    return ""


def _names(pod: Pod) -> list[str]:
    return [container.name or "" for container in pod.spec.containers]


def _limit(pod: Pod, name: str) -> Quantity | None:
    container = next(c for c in pod.spec.containers if c.name == name)
    text = (container.resources.limits or {}).get(STORAGE) if container.resources is not None else None
    return Quantity.parse(text) if text is not None else None


class LocalStorage:
    """Measures the Pods that limit themselves."""

    def __init__(
        self,
        *,
        pods: Callable[[], list[Pod]],
        usage: Callable[[], Awaitable[Mapping[str, ContainerUsage]]],
        owner_of: Callable[[str], str],
        pod_dir: Callable[[str], str],
        log_dir: Callable[[Pod], str],
    ) -> None:
        self._pods, self._usage, self._owner_of = pods, usage, owner_of
        self._pod_dir, self._log_dir = pod_dir, log_dir

    async def greedy(self) -> list[tuple[Pod, str]]:
        """Those that exceed a limit, and why."""
        pods = [pod for pod in self._pods() if has_limits(pod)]
        if not pods:
            return []
        layers: dict[str, dict[str, int]] = {}
        for id_, use in (await self._usage()).items():
            layers.setdefault(self._owner_of(id_), {})[use.name] = use.rootfs_used_bytes
        found = []
        for pod in pods:
            volumes, logs = await asyncio.to_thread(self._measure, pod)
            if why := exceeded(pod, volumes, layers.get(pod.metadata.uid or "", {}), logs):
                found.append((pod, why))
        return found

    def _measure(self, pod: Pod) -> tuple[dict[str, int], dict[str, int]]:
        empty_dirs = Path(self._pod_dir(pod.metadata.uid or ""), "volumes", "kubernetes.io~empty-dir")
        names = [v.name or "" for v in pod.spec.volumes if v.empty_dir is not None and v.empty_dir.medium != "Memory"]
        volumes = {name: disk_usage(empty_dirs / name) for name in names}
        logs = {name: disk_usage(Path(self._log_dir(pod), name)) for name in _names(pod)}
        return volumes, logs
