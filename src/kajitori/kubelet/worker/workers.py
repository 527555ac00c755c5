"""All pod workers of the node: which there are, who wakes them, and what happens to Pods that nobody wants.

Answers `interfaces.PodProvider`. Every worker's task belongs to the group that `run` opens. May import: of the kubelet
anything but `node`, `server`, the command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from kajitori.aiokit.logs import describe, get_logger
from kajitori.aiokit.services import Background

from ..cri.channel import Channel
from ..cri.events import containerd_events
from ..interfaces import CRIError, ProbeResult, RunningContainer
from ..pods import key_of
from ..runtime.records import ContainerRecord, PodRecord
from . import files
from .admission import is_settled, misplacement, rejection, unsupported
from .context import Context
from .kill import kill_pod, remove_pod
from .resize import allocated_pod
from .worker import PodWorker

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

log = get_logger(__name__)
RELIST_S, RELIST_WITHOUT_EVENTS_S = 45.0, 1.0
RECHECKS_S = (0.1, 1.0)
ORPHAN_GRACE_S = 1.0


class PodWorkers:
    """UID → worker. `set_pod` and `remove_pod` are called by the sources of Pods."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        ctx.note_ids = self._note_ids
        ctx.pods_beside = self._pods_beside
        self._workers: dict[str, PodWorker] = {}
        self._owner_of: dict[str, str] = {}
        self._tasks = Background("pod workers")
        self._sources_ready = asyncio.Event()
        self._has_events = False
        self._orphans: set[str] = set()

    # Sources

    def set_pod(self, pod: Pod) -> None:
        """A Pod to run, or a newer object of it."""
        uid = pod.metadata.uid or ""
        worker = self._workers.get(uid)
        if worker is None or worker.finished.is_set():
            worker = self._workers[uid] = PodWorker(self.ctx, pod)
            if pod.metadata.deletion_timestamp is not None:
                worker.update(pod)
            if pod.status is not None and pod.status.phase in ("Succeeded", "Failed"):
                worker.settle()
            refused = rejection(pod, self._pods_beside(uid), self.ctx.facts.allocatable)
            if refused is not None:
                worker.reject(*refused)
            before = [w for w in self._workers.values() if w is not worker and key_of(w.state.pod) == key_of(pod)]
            self._tasks.start(self._drive(worker, before), name=f"pod {key_of(pod)}")
            return
        worker.update(pod)

    def remove_pod(self, uid: str) -> None:
        """The Pod is not wanted any more."""
        worker = self._workers.get(uid)
        if worker is not None:
            worker.remove()

    def sources_are_complete(self) -> None:
        """Every source has said what there is: whatever else the runtime has is an orphan."""
        if not self._sources_ready.is_set():
            self._sources_ready.set()
            self._tasks.start(self._relist(), name="first relist")

    async def _drive(self, worker: PodWorker, before: Sequence[PodWorker]) -> None:
        """A Pod of the same name that still ends (a changed static pod) goes first."""
        for predecessor in before:
            await predecessor.finished.wait()
        try:
            await self._check_place(worker)
            await worker.run()
        finally:
            if self._workers.get(worker.state.uid) is worker and worker.finished.is_set():
                del self._workers[worker.state.uid]
                self._owner_of = {id_: uid for id_, uid in self._owner_of.items() if uid != worker.state.uid}

    async def _check_place(self, worker: PodWorker) -> None:
        """Refuse a Pod that the node does not suit. The node as we saw it last may be older than the Pod: then ask."""
        facts = self.ctx.facts
        wrong = unsupported(worker.state.pod, self.ctx.features(), facts.allowed_unsafe_sysctls)
        if wrong is not None:
            worker.reject(*wrong)
            return
        seen = self.ctx.node()
        if is_settled(worker.state.pod) or (seen is not None and misplacement(worker.state.pod, seen) is None):
            return
        node = await self.ctx.fresh_node()
        refused = misplacement(worker.state.pod, node) if node is not None else None
        if refused is not None:
            worker.reject(*refused)

    # What happens outside

    def probed(self, result: ProbeResult) -> None:
        """Pass a probe's verdict on."""
        worker = self._workers.get(result.pod_uid)
        if worker is not None:
            worker.probed(result)

    def _note_ids(self, uid: str, ids: Sequence[str]) -> None:
        for id_ in ids:
            self._owner_of[id_] = uid

    def _pods_beside(self, uid: str) -> list[Pod]:
        """With what is allocated to them, whatever they ask for."""
        workers = [w for w in self._workers.values() if w.state.uid != uid and not w.is_terminated]
        return [allocated_pod(w.state) for w in workers]

    def wake_all(self) -> None:
        """After something that concerns every Pod (the network came up)."""
        for worker in self._workers.values():
            worker.wake()

    async def run(self, events: Channel) -> None:
        """Follow the runtime until cancelled; running containers stay."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow(events), name="runtime events")
                group.create_task(self._relist_forever(), name="relist")
        finally:
            await self._tasks.stop()

    async def _follow(self, channel: Channel) -> None:
        while True:
            try:
                self._has_events = True
                self._tasks.start(self._recheck(), name="relist after subscribing")
                async with aclosing(containerd_events(channel)) as events:
                    async for event in events:
                        self._ended(event.container_id)
            except CRIError as error:
                self._has_events = error.code != "Unimplemented"
                if not self._has_events:
                    log.info("the runtime has no event stream, asking it every second instead")
                    return
                log.v(1).info("event stream of the runtime broke", err=describe(error))
            await self.ctx.clock.sleep(1.0)
            self.wake_all()

    def _ended(self, runtime_id: str) -> None:
        uid = self._owner_of.get(runtime_id)
        worker = self._workers.get(uid) if uid is not None else None
        if worker is not None:
            worker.ended(runtime_id)

    async def _recheck(self) -> None:
        """The runtime does not say when a subscription stands: what ended just before it would go unseen."""
        for delay in RECHECKS_S:
            await self.ctx.clock.sleep(delay)
            await self._relist()

    async def _relist_forever(self) -> None:
        while True:
            await self.ctx.clock.sleep(RELIST_S if self._has_events else RELIST_WITHOUT_EVENTS_S)
            await self._relist()

    async def _relist(self) -> None:
        try:
            await self.relist()
        except CRIError as error:
            log.info("cannot list what the runtime has", err=describe(error))

    async def relist(self) -> None:
        """Compare what the runtime has with what the workers know; end orphans."""
        records = await self.ctx.runtime.pods()
        for uid, worker in self._workers.items():
            if records.get(uid, PodRecord(uid)) != worker.state.record:
                worker.wake()
        if self._sources_ready.is_set():
            for uid, record in records.items():
                if uid not in self._workers and uid not in self._orphans:
                    self._orphans.add(uid)
                    self._tasks.start(self._end_orphan(record), name=f"orphan {record.namespace}/{record.name}")
            self._sweep(set(records))

    async def _end_orphan(self, record: PodRecord) -> None:
        log.info("ending a pod that nobody wants", pod=f"{record.namespace}/{record.name}", uid=record.uid)
        try:
            await kill_pod(self.ctx, None, record, grace_s=ORPHAN_GRACE_S)
            await self.ctx.volumes.unmount(record.uid)
            await remove_pod(self.ctx, await self.ctx.runtime.pod(record.uid))
            self.ctx.cgroups.remove_pod(record.uid)
            files.remove_pod_dirs(record.uid, self.ctx.facts)
            files.remove_logs(record.namespace, record.name, record.uid, self.ctx.facts)
        except CRIError as error:
            log.info("cannot end orphan yet", uid=record.uid, err=describe(error))
        finally:
            self._orphans.discard(record.uid)

    def _sweep(self, in_runtime: set[str]) -> None:
        """Volumes and cgroups of Pods that are neither wanted nor running."""
        wanted = set(self._workers) | in_runtime | self._orphans
        for uid in self.ctx.volumes.orphans(wanted):
            self._tasks.start(self._unmount_orphan(uid), name=f"orphan volumes {uid}")
        for uid in self.ctx.cgroups.pod_uids() - wanted:
            self.ctx.cgroups.remove_pod(uid)

    async def _unmount_orphan(self, uid: str) -> None:
        await self.ctx.volumes.unmount(uid)
        files.remove_pod_dirs(uid, self.ctx.facts)

    # PodProvider

    def workers(self) -> list[PodWorker]:
        """All of them."""
        return list(self._workers.values())

    def worker(self, uid: str) -> PodWorker | None:
        """One of them."""
        return self._workers.get(uid)

    def records(self) -> list[ContainerRecord]:
        """Every container of every Pod."""
        return [c for w in self._workers.values() for c in w.state.record.containers]

    def owner_of(self, runtime_id: str) -> str:
        """The UID of the Pod that a container or sandbox belongs to."""
        return self._owner_of.get(runtime_id, "")

    def images_in_use(self) -> set[str]:
        """IDs and names of images that Pods of this node run or want."""
        found = {name for c in self.records() for name in (c.image, c.image_id)}
        return found | {c.image or "" for w in self._workers.values() for c in w.state.pod.spec.containers}

    def evict(self, pod: Pod, message: str) -> None:
        """End a Pod for good because the node needs room."""
        worker = self._workers.get(pod.metadata.uid or "")
        if worker is not None:
            worker.evict(message)

    def evictable(self) -> list[Pod]:
        """Pods that run."""
        return [w.state.pod for w in self._workers.values() if not w.state.is_terminating]

    def pods(self) -> list[Pod]:
        return [w.state.pod for w in self._workers.values()]

    def pod(self, namespace: str, name: str) -> Pod | None:
        """Of several with this name (one may still be ending) the youngest."""
        found = None
        for worker in self._workers.values():
            meta = worker.state.pod.metadata
            if meta.name == name and meta.namespace == namespace:
                found = worker.state.pod
        return found

    def container(self, pod_uid: str, container_name: str) -> RunningContainer | None:
        return next((c for c in self.containers(pod_uid) if c.name == container_name), None)

    def containers(self, pod_uid: str) -> list[RunningContainer]:
        worker = self._workers.get(pod_uid)
        if worker is None:
            return []
        found: dict[str, list[ContainerRecord]] = {}
        for record in worker.state.record.containers:
            found.setdefault(record.name, []).append(record)
        return [_running(items) for items in found.values()]

    def sandbox_id(self, pod_uid: str) -> str | None:
        worker = self._workers.get(pod_uid)
        sandbox = worker.state.record.sandbox if worker is not None else None
        return sandbox.id if sandbox is not None else None


def _running(items: Sequence[ContainerRecord]) -> RunningContainer:
    newest = items[0]
    return RunningContainer(
        name=newest.name,
        id=newest.id,
        state=newest.state,
        restart_count=newest.restart_count,
        log_path=newest.log_path,
        previous_log_path=items[1].log_path if len(items) > 1 else "",
    )
