"""The runtime as the rest of the kubelet uses it: records of Pods instead of protocol messages.

Implements `interfaces.ContainerRuntime`. Exited containers never change, so their status is asked for once; a
container that runs is asked again each time its Pod is refreshed. May import: of the kubelet, `cri`, `interfaces`,
`labels`, `runtime.*`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from .. import labels
from ..cri import cri_pb2 as pb
from ..cri.client import ImageClient, RuntimeClient
from ..interfaces import ContainerUsage, ExecResult
from .records import ContainerRecord, PodRecord, SandboxRecord, container_record, sandbox_record


class Runtime:
    """Sandboxes, containers, their records and their use of resources."""

    def __init__(self, runtime: RuntimeClient, images: ImageClient) -> None:
        self.cri, self.images = runtime, images
        self._ended: dict[str, ContainerRecord] = {}
        self._sandboxes: dict[str, SandboxRecord] = {}

    async def pod(self, uid: str) -> PodRecord:
        """One Pod as it is now."""
        selector = {labels.POD_UID: uid}
        sandboxes, containers = await asyncio.gather(
            self.cri.list_pod_sandboxes(selector), self.cri.list_containers(selector)
        )
        return (await self._records(sandboxes, containers)).get(uid) or PodRecord(uid)

    async def pods(self) -> dict[str, PodRecord]:
        """Every Pod the runtime has, by UID."""
        sandboxes, containers = await asyncio.gather(self.cri.list_pod_sandboxes(), self.cri.list_containers())
        records = await self._records(sandboxes, containers)
        alive = {c.id for c in containers}
        self._ended = {id_: record for id_, record in self._ended.items() if id_ in alive}
        alive = {s.id for s in sandboxes}
        self._sandboxes = {id_: record for id_, record in self._sandboxes.items() if id_ in alive}
        return records

    async def _records(
        self, sandboxes: Iterable[pb.PodSandbox], containers: Iterable[pb.Container]
    ) -> dict[str, PodRecord]:
        found: defaultdict[str, PodRecord] = defaultdict(lambda: PodRecord(""))

        def of(item_labels: Mapping[str, str]) -> PodRecord | None:
            uid = item_labels.get(labels.POD_UID)
            if uid is None:
                return None
            record = found[uid]
            if not record.uid:
                record.uid = uid
                record.namespace = item_labels.get(labels.POD_NAMESPACE, "")
                record.name = item_labels.get(labels.POD_NAME, "")
            return record

        sandbox_list = [(of(s.labels), s) for s in sandboxes]
        container_list = [(of(c.labels), c) for c in containers]
        sandbox_records, container_records = await asyncio.gather(
            asyncio.gather(*(self._sandbox(s) for _, s in sandbox_list)),
            asyncio.gather(*(self._container(c) for _, c in container_list)),
        )
        for (pod, _), sandbox in zip(sandbox_list, sandbox_records, strict=True):
            if pod is not None and sandbox is not None:
                pod.sandboxes.append(sandbox)
        for (pod, _), container in zip(container_list, container_records, strict=True):
            if pod is not None and container is not None:
                pod.containers.append(container)
        for pod in found.values():
            pod.sandboxes.sort(key=lambda s: s.created_at, reverse=True)
            pod.containers.sort(key=lambda c: c.created_at, reverse=True)
        return dict(found)

    async def _sandbox(self, item: pb.PodSandbox) -> SandboxRecord | None:
        known = self._sandboxes.get(item.id)
        if known is not None and known.ready == (item.state == pb.SANDBOX_READY):
            return known
        status = await self.cri.pod_sandbox_status(item.id)
        if status is None:
            return None
        record = self._sandboxes[item.id] = sandbox_record(status)
        return record

    async def _container(self, item: pb.Container) -> ContainerRecord | None:
        if (known := self._ended.get(item.id)) is not None:
            return known
        status = await self.cri.container_status(item.id)
        if status is None:
            return None
        record = container_record(status, item.pod_sandbox_id)
        if record.has_ended:
            self._ended[item.id] = record
        return record

    async def container(self, container_id: str, sandbox_id: str) -> ContainerRecord | None:
        """One container as it is now; None if it is gone."""
        status = await self.cri.container_status(container_id)
        return container_record(status, sandbox_id) if status is not None else None

    # What the edges use

    async def exec_sync(self, container_id: str, command: Sequence[str], timeout_s: float) -> ExecResult:
        return await self.cri.exec_sync(container_id, command, timeout_s)

    async def exec_url(
        self, container_id: str, command: Sequence[str], *, stdin: bool, stdout: bool, stderr: bool, tty: bool
    ) -> str:
        return await self.cri.exec_url(container_id, command, stdin=stdin, stdout=stdout, stderr=stderr, tty=tty)

    async def attach_url(self, container_id: str, *, stdin: bool, stdout: bool, stderr: bool, tty: bool) -> str:
        return await self.cri.attach_url(container_id, stdin=stdin, stdout=stdout, stderr=stderr, tty=tty)

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        return await self.cri.port_forward_url(sandbox_id, ports)

    async def container_usage(self) -> Mapping[str, ContainerUsage]:
        return {s.attributes.id: usage_of(s) for s in await self.cri.list_container_stats()}

    async def image_fs_usage(self) -> tuple[str, int, int]:
        for fs in await self.images.image_fs_info():
            return fs.fs_id.mountpoint, fs.used_bytes.value, fs.inodes_used.value
        return "", 0, 0


def usage_of(stats: pb.ContainerStats) -> ContainerUsage:
    """From the runtime's statistics."""
    memory, disk = stats.memory, stats.writable_layer
    return ContainerUsage(
        name=stats.attributes.metadata.name,
        timestamp_ns=stats.cpu.timestamp or memory.timestamp,
        cpu_ns=stats.cpu.usage_core_nano_seconds.value,
        working_set_bytes=memory.working_set_bytes.value,
        usage_bytes=memory.usage_bytes.value,
        rss_bytes=memory.rss_bytes.value,
        page_faults=memory.page_faults.value,
        major_page_faults=memory.major_page_faults.value,
        rootfs_used_bytes=disk.used_bytes.value,
        rootfs_inodes_used=disk.inodes_used.value,
    )
