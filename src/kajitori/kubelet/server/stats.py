"""What the node and its containers use: `/stats/summary`, `/metrics/resource`, a little of `/metrics/cadvisor`.

Read when asked, never in between. Rates (usageNanoCores) come from the sample before, if there was one.
May import: kubelet.interfaces, machinery.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.kubelet.interfaces import ContainerRuntime, ContainerUsage, PodProvider

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class NodeUsage:
    """CPU time since boot in nanoseconds, memory in bytes, the boot in seconds since 1970."""

    cpu_ns: int
    memory_total: int
    memory_available: int
    boot_time_s: int

    @property
    def working_set(self) -> int:
        return self.memory_total - self.memory_available


def read_node() -> NodeUsage:
    """From /proc/stat and /proc/meminfo; neither idle nor waiting for a disk counts as use."""
    lines = Path("/proc/stat").read_text().splitlines()
    cpu = [int(number) for number in lines[0].split()[1:]]
    busy = sum(cpu[:3]) + sum(cpu[5:8])
    boot = next((int(line.split()[1]) for line in lines if line.startswith("btime")), 0)
    memory = {}
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, value = line.partition(":")
        memory[name] = int(value.split()[0]) * 1024
    return NodeUsage(busy * 1_000_000_000 // TICKS_PER_S, memory["MemTotal"], memory["MemAvailable"], boot)


class Stats:
    def __init__(self, runtime: ContainerRuntime, pods: PodProvider, node_name: str) -> None:
        self._runtime, self._pods, self._node_name = runtime, pods, node_name
        self._before: dict[str, tuple[int, int]] = {}  # container ID → (timestamp, CPU)

    async def summary(self) -> dict[str, Any]:
        """The Summary of stats/v1alpha1 as wire dicts: the node and every Pod that the kubelet works on."""
        usage = await self._runtime.container_usage()
        now, node = _stamp(time.time_ns()), read_node()
        rate = self._rate("", time.time_ns(), node.cpu_ns)
        image_mount, image_used, image_inodes = await self._runtime.image_fs_usage()
        image_fs = _filesystem(image_mount, now) | {"usedBytes": image_used, "inodesUsed": image_inodes}
        pods = [self._pod(pod, usage) for pod in self._pods.pods()]
        self._before = {key: value for key, value in self._before.items() if not key or key in usage}
        return {
            "node": {
                "nodeName": self._node_name,
                "startTime": _stamp(node.boot_time_s * 1_000_000_000),
                "cpu": {"time": now, "usageCoreNanoSeconds": node.cpu_ns} | rate,
                "memory": {
                    "time": now,
                    "availableBytes": node.memory_available,
                    "usageBytes": node.working_set,
                    "workingSetBytes": node.working_set,
                },
                "fs": _filesystem("/", now),
                "runtime": {"imageFs": image_fs, "containerFs": image_fs},
                "rlimit": {"time": now, "maxpid": _number("/proc/sys/kernel/pid_max"), "curproc": _processes()},
            },
            "pods": pods,
        }

    def _pod(self, pod: Pod, usage: Mapping[str, ContainerUsage]) -> dict[str, Any]:
        meta = pod.metadata
        containers = [self._container(name, key, use) for name, key, use in self._of(pod, usage)]
        uses = [use for _, _, use in self._of(pod, usage)]
        answer: dict[str, Any] = {
            "podRef": {"name": meta.name, "namespace": meta.namespace, "uid": meta.uid},
            "startTime": pod.status.start_time or meta.creation_timestamp,
            "containers": containers,
        }
        if uses:
            stamp = _stamp(max(use.timestamp_ns for use in uses))
            rates = [c["cpu"]["usageNanoCores"] for c in containers if "usageNanoCores" in c["cpu"]]
            answer["cpu"] = {"time": stamp, "usageCoreNanoSeconds": sum(use.cpu_ns for use in uses)}
            if rates:
                answer["cpu"]["usageNanoCores"] = sum(rates)
            answer["memory"] = {
                "time": stamp,
                "usageBytes": sum(use.usage_bytes for use in uses),
                "workingSetBytes": sum(use.working_set_bytes for use in uses),
                "rssBytes": sum(use.rss_bytes for use in uses),
            }
        return answer

    def _container(self, name: str, container_id: str, use: ContainerUsage) -> dict[str, Any]:
        stamp = _stamp(use.timestamp_ns)
        rate = self._rate(container_id, use.timestamp_ns, use.cpu_ns)
        return {
            "name": name,
            "startTime": _stamp(use.started_at_ns),
            "cpu": {"time": stamp, "usageCoreNanoSeconds": use.cpu_ns} | rate,
            "memory": {
                "time": stamp,
                "usageBytes": use.usage_bytes,
                "workingSetBytes": use.working_set_bytes,
                "rssBytes": use.rss_bytes,
                "pageFaults": use.page_faults,
                "majorPageFaults": use.major_page_faults,
            },
            "rootfs": {"time": stamp, "usedBytes": use.rootfs_used_bytes, "inodesUsed": use.rootfs_inodes_used},
        }

    async def resource_metrics(self) -> str:
        """What metrics-server scrapes."""
        usage, node, now_ms = await self._runtime.container_usage(), read_node(), time.time_ns() // 1_000_000
        cpu, memory, started, pod_cpu, pod_memory = [], [], [], [], []
        for pod in self._pods.pods():
            where = f'namespace="{pod.metadata.namespace}",pod="{pod.metadata.name}"'
            uses = list(self._of(pod, usage))
            for name, _, use in uses:
                labels, at = f'{{container="{name}",{where}}}', use.timestamp_ns // 1_000_000
                cpu.append(f"{labels} {use.cpu_ns / 1e9} {at}")
                memory.append(f"{labels} {use.working_set_bytes} {at}")
                started.append(f"{labels} {use.started_at_ns / 1e9} {at}")
            if uses:
                at = max(use.timestamp_ns for _, _, use in uses) // 1_000_000
                pod_cpu.append(f"{{{where}}} {sum(use.cpu_ns for _, _, use in uses) / 1e9} {at}")
                pod_memory.append(f"{{{where}}} {sum(use.working_set_bytes for _, _, use in uses)} {at}")
        return "".join(
            (
                _family("container_cpu_usage_seconds_total", "counter", cpu),
                _family("container_memory_working_set_bytes", "gauge", memory),
                _family("container_start_time_seconds", "gauge", started),
                _family("node_cpu_usage_seconds_total", "counter", [f" {node.cpu_ns / 1e9} {now_ms}"]),
                _family("node_memory_working_set_bytes", "gauge", [f" {node.working_set} {now_ms}"]),
                _family("pod_cpu_usage_seconds_total", "counter", pod_cpu),
                _family("pod_memory_working_set_bytes", "gauge", pod_memory),
                _family("resource_scrape_error", "gauge", [" 0"]),
            )
        )

    async def cadvisor_metrics(self) -> str:
        """The few families of cadvisor's that dashboards ask for, as Prometheus' text."""
        usage, node = await self._runtime.container_usage(), read_node()
        cpu, memory, rss = [], [], []
        for pod in self._pods.pods():
            for name, key, use in self._of(pod, usage):
                labels = (
                    f'{{container="{name}",id="{key}",namespace="{pod.metadata.namespace}",pod="{pod.metadata.name}"}}'
                )
                cpu.append(f"{labels} {use.cpu_ns / 1e9}")
                memory.append(f"{labels} {use.working_set_bytes}")
                rss.append(f"{labels} {use.rss_bytes}")
        return "".join(
            (
                _family("container_cpu_usage_seconds_total", "counter", cpu),
                _family("container_memory_working_set_bytes", "gauge", memory),
                _family("container_memory_rss", "gauge", rss),
                _family("machine_cpu_cores", "gauge", [f" {os.cpu_count() or 1}"]),
                _family("machine_memory_bytes", "gauge", [f" {node.memory_total}"]),
            )
        )

    def _of(self, pod: Pod, usage: Mapping[str, ContainerUsage]) -> Iterator[tuple[str, str, ContainerUsage]]:
        for container in self._pods.containers(pod.metadata.uid or ""):
            if (use := usage.get(container.id)) is not None:
                yield container.name, container.id, use

    def _rate(self, key: str, timestamp_ns: int, cpu_ns: int) -> dict[str, int]:
        before = self._before.get(key)
        self._before[key] = (timestamp_ns, cpu_ns)
        if before is None or timestamp_ns <= before[0]:
            return {}
        return {"usageNanoCores": max(cpu_ns - before[1], 0) * 1_000_000_000 // (timestamp_ns - before[0])}


def _family(name: str, kind: str, samples: list[str]) -> str:
    lines = [f"# HELP {name} [STABLE] {name}", f"# TYPE {name} {kind}", *(f"{name}{sample}" for sample in samples)]
    return "\n".join(lines) + "\n" if samples else ""


def _filesystem(path: str, now: str) -> dict[str, Any]:
    try:
        stat = os.statvfs(path or "/")
    except OSError:
        return {"time": now}
    capacity = stat.f_blocks * stat.f_frsize
    return {
        "time": now,
        "availableBytes": stat.f_bavail * stat.f_frsize,
        "capacityBytes": capacity,
        "usedBytes": capacity - stat.f_bfree * stat.f_frsize,
        "inodesFree": stat.f_ffree,
        "inodes": stat.f_files,
        "inodesUsed": stat.f_files - stat.f_ffree,
    }


def _processes() -> int:
    return int(Path("/proc/loadavg").read_text().split()[3].split("/")[1])


def _number(path: str) -> int:
    return int(Path(path).read_text())


def _stamp(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
