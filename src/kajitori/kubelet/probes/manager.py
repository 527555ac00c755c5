"""ProbeManager: the workers of all Pods of the node, what they know, and the events they cause.

Implements `interfaces.Probes`. A worker without a running container has no timer: an idle node costs nothing but the
checks that users asked for. May import: api, aiokit, kubelet.{interfaces,probes}.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.services import Background
from kajitori.kubelet.interfaces import ContainerRuntime, OnProbeResult, ProbeKind, ProbeResult
from kajitori.kubelet.probes import metrics
from kajitori.kubelet.probes.checks import CheckError, Outcome
from kajitori.kubelet.probes.worker import Incarnation, ProbeWorker, Reports

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, ContainerStatus, Pod, Probe

log = get_logger(__name__)
KINDS: tuple[ProbeKind, ...] = ("startup", "readiness", "liveness")


class Recorder(Protocol):
    """What is asked of the event recorder; `field_path` names the container within the Pod."""

    def event(self, obj: Any, type_: str, reason: str, message: str, *, field_path: str = "") -> None: ...


class ProbeManager:
    def __init__(
        self,
        *,
        runtime: ContainerRuntime,
        recorder: Recorder,
        on_result: OnProbeResult,
        clock: Clock | None = None,
    ) -> None:
        self._runtime, self._recorder, self._on_result = runtime, recorder, on_result
        self._clock = clock or RealClock()
        self._pods: dict[str, Pod] = {}
        self._workers: dict[tuple[str, str, ProbeKind], tuple[ProbeWorker, asyncio.Task[None]]] = {}
        self._running: set[tuple[str, str]] = set()
        self._tasks = Background("probes")
        self._reports = Reports(self._unhealthy, self._errored, self._changed, self._may_check, self._checked)

    def add_pod(self, pod: Pod) -> None:
        uid = pod.metadata.uid or ""
        self._pods[uid] = pod
        for container in probed_containers(pod):
            for kind in KINDS:
                probe: Probe | None = getattr(container, f"{kind}_probe")
                key = (uid, container.name or "", kind)
                if probe is not None and key not in self._workers:
                    worker = ProbeWorker(
                        kind, uid, container, probe,
                        runtime=self._runtime, clock=self._clock, reports=self._reports,
                    )  # fmt: skip
                    self._workers[key] = worker, self._tasks.start(worker.run(), name=f"probe {key}")

    def update_status(self, pod: Pod, statuses: Sequence[ContainerStatus], pod_ip: str) -> None:
        uid = pod.metadata.uid or ""
        if uid in self._pods:
            self._pods[uid] = pod
        for status in statuses:
            name = status.name or ""
            incarnation = self._incarnation(status, pod_ip)
            running = (uid, name)
            if incarnation is None:
                self._running.discard(running)
            else:
                self._running.add(running)
            for kind in KINDS:
                if entry := self._workers.get((uid, name, kind)):
                    entry[0].follow(incarnation)

    def stop_liveness_and_startup(self, pod_uid: str) -> None:
        for key in [key for key in self._workers if key[0] == pod_uid and key[2] != "readiness"]:
            self._drop(key)
        for worker in self._of(pod_uid):
            worker.nudge()

    def remove_pod(self, pod_uid: str) -> None:
        for key in [key for key in self._workers if key[0] == pod_uid]:
            self._drop(key)
        self._pods.pop(pod_uid, None)
        metrics.forget(pod_uid)
        self._running = {key for key in self._running if key[0] != pod_uid}

    def is_ready(self, pod_uid: str, container: str) -> bool:
        entry = self._workers.get((pod_uid, container, "readiness"))
        return entry is None or (entry[0].ok and self.is_started(pod_uid, container))

    def is_started(self, pod_uid: str, container: str) -> bool:
        entry = self._workers.get((pod_uid, container, "startup"))
        return entry is None or entry[0].ok

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await self._tasks.stop()

    def _incarnation(self, status: ContainerStatus, pod_ip: str) -> Incarnation | None:
        state = status.state
        if state is None or state.running is None or not status.container_id:
            return None
        return Incarnation(status.container_id.rpartition("//")[2], pod_ip, self._age_s(state.running.started_at))

    def _age_s(self, started_at: str | None) -> float:
        """How long it has been running for sure: the stamp has whole seconds."""
        if not started_at:
            return 0.0
        try:
            started = datetime.fromisoformat(started_at)
        except ValueError:
            return 0.0
        return max((self._clock.now() - started.astimezone(UTC)).total_seconds() - 1.0, 0.0)

    def _drop(self, key: tuple[str, str, ProbeKind]) -> None:
        _, task = self._workers.pop(key)
        task.cancel()

    def _of(self, pod_uid: str) -> Iterator[ProbeWorker]:
        return (worker for (uid, _, _), (worker, _) in self._workers.items() if uid == pod_uid)

    def _may_check(self, worker: ProbeWorker) -> bool:
        return worker.kind == "startup" or self.is_started(worker.pod_uid, worker.container.name or "")

    def _changed(self, worker: ProbeWorker, message: str) -> None:
        if worker.kind == "startup" and worker.ok:
            for sibling in self._of(worker.pod_uid):
                sibling.nudge()
        container_id = worker.incarnation.container_id if worker.incarnation else ""
        name = worker.container.name or ""
        self._on_result(ProbeResult(worker.pod_uid, name, container_id, worker.kind, worker.ok, message))

    def _checked(self, worker: ProbeWorker, result: str) -> None:
        pod = self._pods.get(worker.pod_uid)
        if pod is not None:
            meta, container = pod.metadata, worker.container.name or ""
            case = container, meta.name or "", meta.namespace or "", worker.pod_uid
            metrics.PROBES.inc(worker.kind.capitalize(), result, *case)

    def _unhealthy(self, worker: ProbeWorker, outcome: Outcome) -> None:
        if outcome.warning:
            self._event(worker, "ProbeWarning", f"{worker.kind.capitalize()} probe warning: {outcome.message}")
        else:
            log.v(1).info("probe failed", probe=worker.kind, container=worker.container.name, why=outcome.message)
            self._event(worker, "Unhealthy", f"{worker.kind.capitalize()} probe failed: {outcome.message}")

    def _errored(self, worker: ProbeWorker, err: CheckError) -> None:
        words = f"{worker.kind.capitalize()} probe errored and resulted in unknown state: {err}"
        self._event(worker, "Unhealthy", words)

    def _event(self, worker: ProbeWorker, reason: str, message: str) -> None:
        pod = self._pods.get(worker.pod_uid)
        if pod is not None:
            group = "initContainers" if worker.container.restart_policy == "Always" else "containers"
            path = f"spec.{group}{{{worker.container.name}}}"
            self._recorder.event(pod, "Warning", reason, message, field_path=path)


def probed_containers(pod: Pod) -> Iterator[Container]:
    """Regular containers and sidecars; other init containers have no probes."""
    yield from (container for container in pod.spec.init_containers if container.restart_policy == "Always")
    yield from pod.spec.containers
