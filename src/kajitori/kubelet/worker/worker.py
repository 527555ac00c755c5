"""One Pod's life on this node.

    syncing ──(deleted, evicted, deadline, refused)──▶ terminating ──▶ terminated ──(object gone)──▶ finished
       │                                                    ▲
       └──(all containers ended for good)───────────────────┘

While syncing, each turn reads the runtime, publishes the status, plans one step and carries it out; events, new specs,
probe results and timers wake it. A turn is cancelled when the Pod has to end: every step may be cut anywhere and is
planned again from what the runtime says. May import: of the kubelet anything but `node`, `server`, the command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from kajitori.aiokit.logs import describe, get_logger
from kajitori.api.core import v1
from kajitori.machinery.errors import StatusError
from kajitori.machinery.times import format_time, parse_time

from ..interfaces import CRIError, ProbeResult, VolumeError
from ..pods import grace_period_s, key_of
from . import files
from .acting import RETRY_S, act, prune
from .context import Context
from .kill import kill_pod, remove_pod
from .plan import plan
from .publishing import merged, publish
from .resize import resize
from .state import PodState

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

log = get_logger(__name__)
FIRST_RETRY_S = 0.5
"""After a failed turn, doubled each time: what is missing (a volume's ConfigMap) is often just being made."""
MAX_RETRY_S = 60.0
SETTLE_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""How long to look for an end that an event announced."""


class PodWorker:
    """Drives one Pod (one UID)."""

    def __init__(self, ctx: Context, pod: Pod) -> None:
        self.ctx = ctx
        self.state = PodState(ctx, pod, self.wake)
        self.is_terminated = False
        self.finished = asyncio.Event()
        self._gone = asyncio.Event()
        self._wake = asyncio.Event()
        self._turn: asyncio.Task[float | None] | None = None
        self._kill: asyncio.Task[None] | None = None
        self._grace_s: float | None = None
        self._ended: set[str] = set()
        self._failures = 0

    # What others tell it

    def update(self, pod: Pod) -> None:
        """A newer object of the same Pod."""
        pod.status = merged(self.state.pod.status, pod.status)
        self.state.pod = pod
        self.ctx.volumes.update(pod)
        if pod.metadata.deletion_timestamp is not None:
            self.terminate(grace_s=grace_period_s(pod))
        self.wake()

    def wake(self) -> None:
        """Something may have changed."""
        self._wake.set()

    def ended(self, runtime_id: str) -> None:
        """A container's or the sandbox's own process has ended; the runtime's listing may not show it yet."""
        self._ended.add(runtime_id)
        self.wake()

    def probed(self, result: ProbeResult) -> None:
        """A probe crossed its threshold."""
        if result.kind != "readiness" and not result.ok:
            self.state.note_failure(result.container_id, result.kind)
        self.wake()

    def reject(self, reason: str, message: str) -> None:
        """It does not fit on this node: fail it before anything is started."""
        self.ctx.recorder.event(self.state.pod, "Warning", reason, message)
        self.state.is_rejected = True
        self.terminate(failed=(reason, f"Pod was rejected: {message}"))

    def settle(self) -> None:
        """It has ended before this kubelet began."""
        status = self.state.pod.status
        if status.phase == "Failed" and not status.container_statuses:
            self.state.is_rejected, self.state.failed = True, (status.reason or "", status.message or "")
        self.terminate()

    def evict(self, message: str) -> None:
        """The node is short of something and this Pod has to make room."""
        self.ctx.recorder.event(self.state.pod, "Warning", "Evicted", message)
        now = format_time(self.ctx.clock.now())
        condition = v1.PodCondition(
            type="DisruptionTarget",
            status="True",
            reason="TerminationByKubelet",
            message=message,
            last_transition_time=now,
            observed_generation=self.state.pod.metadata.generation,
        )
        others = [c for c in self.state.pod.status.conditions if c.type != "DisruptionTarget"]
        self.state.pod.status.conditions = [*others, condition]
        self.terminate(grace_s=1, failed=("Evicted", message))

    def terminate(self, *, grace_s: float | None = None, failed: tuple[str, str] | None = None) -> None:
        """End it. A shorter grace period than before takes effect at once."""
        if failed is not None and self.state.failed is None:
            self.state.failed = failed
        shorter = grace_s is not None and (self._grace_s is None or grace_s < self._grace_s)
        if shorter:
            self._grace_s = grace_s
        if self.state.is_terminating:
            if shorter and self._kill is not None:
                self._kill.cancel()
            return
        self.state.is_terminating = True
        if self._turn is not None:
            self._turn.cancel()
        self.wake()

    def remove(self) -> None:
        """The object is gone from its source: end, and forget everything."""
        self._gone.set()
        self.terminate(grace_s=grace_period_s(self.state.pod))
        self.wake()

    # The life

    async def run(self) -> None:
        """From the first turn to the end."""
        try:
            await self._sync_until_terminating()
            self.state.missing.forget()
            await self._terminate()
            await self._clean_up()
        finally:
            self.finished.set()

    async def _sync_until_terminating(self) -> None:
        while not self.state.is_terminating:
            self._wake.clear()
            next_s = await self._guarded_turn()
            if self.state.is_terminating:
                return
            try:
                async with asyncio.timeout(next_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _guarded_turn(self) -> float | None:
        """One turn, in a task of its own so that termination can cut it short; seconds until the next, if any."""
        self._turn = asyncio.ensure_future(self._sync())
        try:
            await asyncio.wait([self._turn])
        except asyncio.CancelledError:
            self._turn.cancel()
            raise
        turn, self._turn = self._turn, None
        if turn.cancelled():
            return None
        error = turn.exception()
        if error is None:
            self._failures = 0
            next_s: float | None = turn.result()
            return next_s
        self._failures += 1
        if not isinstance(error, (CRIError, StatusError, OSError, VolumeError)):
            log.error("pod sync failed", error, pod=key_of(self.state.pod))
        else:
            log.info("pod sync will be retried", pod=key_of(self.state.pod), err=describe(error))
        return min(FIRST_RETRY_S * 2.0 ** (self._failures - 1), MAX_RETRY_S)

    async def _sync(self) -> float | None:
        next_s = self._deadline_left()
        for _ in range(20):
            await self._refresh_past_ends()
            actions = plan(self.state.pod, self.state.record, self.state)
            if actions.is_finished:
                publish(self.state)
                self.terminate()
                return None
            publish(self.state)
            if actions.is_idle:
                self.state.missing.forget()
                again_s = await self._resized()
                await prune(self.state)
                return again_s if next_s is None else min(again_s or next_s, next_s)
            wait = await act(self.state, actions)
            if wait is not None:
                await self.state.refresh()
                publish(self.state)
                return wait if next_s is None else min(wait, next_s)
        return next_s

    async def _resized(self) -> float | None:
        """Let resources follow the spec and tell; seconds until the next try."""
        before = self.state.resize_pending, dict(self.state.allocated)
        try:
            return await resize(self.state)
        finally:
            if (self.state.resize_pending, self.state.allocated) != before or self.state.resize_error:
                publish(self.state)

    def _deadline_left(self) -> float | None:
        seconds = self.state.pod.spec.active_deadline_seconds
        start = self.state.pod.status.start_time or self.state.started_at
        if seconds is None or not start:
            return None
        left = float(seconds) - (self.ctx.clock.now() - parse_time(start)).total_seconds()
        if left <= 0:
            message = "Pod was active on the node longer than the specified deadline"
            self.ctx.recorder.event(self.state.pod, "Normal", "DeadlineExceeded", message)
            self.terminate(failed=("DeadlineExceeded", message))
            return None
        return left

    async def _refresh_past_ends(self) -> None:
        """Read the runtime until it shows the ends that were announced: its listing follows its events a bit later."""
        ended, self._ended = self._ended, set()
        for delay in SETTLE_S:
            await self.state.refresh()
            alive = {c.id for c in self.state.record.running} | {s.id for s in self.state.record.sandboxes if s.ready}
            if not ended & alive:
                return
            await self.ctx.clock.sleep(delay)
        await self.state.refresh()

    # Ending

    async def _terminate(self) -> None:
        self.state.is_terminating = True
        self.ctx.probes.stop_liveness_and_startup(self.state.uid)
        failures = 0
        while True:
            self._kill = asyncio.ensure_future(self._kill_once())
            try:
                await asyncio.wait([self._kill])
            except asyncio.CancelledError:
                self._kill.cancel()
                raise
            if self._kill.cancelled():
                continue  # a shorter grace period came in
            error = self._kill.exception()
            if error is None:
                break
            failures += 1
            log.info("cannot end pod yet", pod=key_of(self.state.pod), err=describe(error))
            self.ctx.recorder.event(self.state.pod, "Warning", "FailedKillPod", f"error killing pod: {error}")
            await self.ctx.clock.sleep(min(RETRY_S * failures, MAX_RETRY_S))
        self.ctx.probes.remove_pod(self.state.uid)
        self.state.is_killed = True
        publish(self.state)

    async def _kill_once(self) -> None:
        await self.state.refresh()
        publish(self.state)
        grace = grace_period_s(self.state.pod) if self._grace_s is None else self._grace_s
        await kill_pod(self.ctx, self.state.pod, self.state.record, grace_s=max(1.0, grace))
        await self.state.refresh()
        if self.state.record.running:
            raise CRIError("FailedPrecondition", "containers are still running")

    async def _clean_up(self) -> None:
        """Give back volumes and cgroups; when the object is deleted, containers, logs and directories too."""
        await self._retrying(lambda: self.ctx.volumes.unmount(self.state.uid))
        self.ctx.cgroups.remove_pod(self.state.uid)
        self.is_terminated = True
        publish(self.state)
        while self.state.pod.metadata.deletion_timestamp is None and not self._gone.is_set():
            self._wake.clear()
            await self._wake.wait()
        self.ctx.status.terminated(self.state.pod)
        await self._retrying(self._remove)
        for crashes in (self.ctx.crashes, self.ctx.critical_crashes):
            crashes.forget(f"{self.state.uid}/")
        self.ctx.images.forget(self.state.uid)
        files.remove_pod_dirs(self.state.uid, self.ctx.facts)
        meta = self.state.pod.metadata
        files.remove_logs(meta.namespace or "", meta.name or "", self.state.uid, self.ctx.facts)
        await self._gone.wait()

    async def _remove(self) -> None:
        await self.state.refresh()
        await remove_pod(self.ctx, self.state.record)

    async def _retrying(self, call: Callable[[], Awaitable[None]]) -> None:
        for attempt in range(1, 1000):
            try:
                await call()
                return
            except (VolumeError, CRIError, OSError) as error:
                log.info("clean-up will be retried", pod=key_of(self.state.pod), err=describe(error))
                await self.ctx.clock.sleep(min(RETRY_S * attempt, MAX_RETRY_S))
