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
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kajitori.aiokit.logs import describe, get_logger
from kajitori.api.core import v1
from kajitori.machinery.errors import StatusError
from kajitori.machinery.times import format_time, parse_time

from ..cri import cri_pb2 as pb
from ..images.manager import ImageError
from ..interfaces import ConfigError, ProbeResult, RuntimeError_, VolumeError
from ..pods import containers_of, full_name, grace_period_s, is_sidecar, is_static, key_of, restart_policy
from ..runtime.dns import pod_dns
from ..runtime.records import ContainerRecord, PodRecord
from ..runtime.sandbox import sandbox_config
from ..status.conditions import OWNED
from ..status.containers import StatusInputs, Waiting
from ..status.pod import PodInputs, pod_status
from . import files
from .context import Context
from .kill import kill_container, kill_pod, remove_pod, spec_of
from .missing import MissingObjects
from .plan import Actions, plan
from .start import StartInputs, field_path, pull_secrets_of, start_container

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod, PodStatus

log = get_logger(__name__)
FIRST_RETRY_S = 0.5
"""After a failed turn, doubled each time: what is missing (a volume's ConfigMap) is often just being made."""
RETRY_S = 2.0
"""After a step failed for a reason outside the Pod (a volume, the network, the runtime)."""
MAX_RETRY_S = 60.0
CONFIG_RETRY_S = 10.0
"""After something that is missing was not there, besides the watch for it."""
SERVICES_WAIT_S = 0.1
SETTLE_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""How long to look for an end that an event announced."""


class PodWorker:
    """Drives one Pod (one UID)."""

    def __init__(self, ctx: Context, pod: Pod) -> None:
        self.ctx = ctx
        self.pod = pod
        self.uid = pod.metadata.uid or ""
        self.record = PodRecord(self.uid)
        self.failed: tuple[str, str] | None = None
        self.is_terminating = False
        self.is_terminated = False
        self.finished = asyncio.Event()
        self._gone = asyncio.Event()
        self._wake = asyncio.Event()
        self._turn: asyncio.Task[float | None] | None = None
        self._kill: asyncio.Task[None] | None = None
        self._grace_s: float | None = None
        self._waits: dict[str, Waiting] = {}
        self._unhealthy: dict[str, str] = {}
        self._ended: set[str] = set()
        self._killed = False
        self._started_at = format_time(ctx.clock.now())
        self._failures = 0
        self._missing = MissingObjects(ctx.source, self.wake)

    # What others tell it

    def update(self, pod: Pod) -> None:
        """A newer object of the same Pod."""
        pod.status = merged(self.pod.status, pod.status)
        self.pod = pod
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
            self._unhealthy[result.container_id] = result.kind
        self.wake()

    def reject(self, reason: str, message: str) -> None:
        """It does not fit on this node: fail it before anything is started."""
        self.ctx.recorder.event(self.pod, "Warning", reason, message)
        self.terminate(failed=(reason, f"Pod was rejected: {message}"))

    def evict(self, message: str) -> None:
        """The node is short of something and this Pod has to make room."""
        self.ctx.recorder.event(self.pod, "Warning", "Evicted", message)
        now = format_time(self.ctx.clock.now())
        condition = v1.PodCondition(
            type="DisruptionTarget",
            status="True",
            reason="TerminationByKubelet",
            message=message,
            last_transition_time=now,
            observed_generation=self.pod.metadata.generation,
        )
        others = [c for c in self.pod.status.conditions if c.type != "DisruptionTarget"]
        self.pod.status.conditions = [*others, condition]
        self.terminate(grace_s=1, failed=("Evicted", message))

    def terminate(self, *, grace_s: float | None = None, failed: tuple[str, str] | None = None) -> None:
        """End it. A shorter grace period than before takes effect at once."""
        if failed is not None and self.failed is None:
            self.failed = failed
        shorter = grace_s is not None and (self._grace_s is None or grace_s < self._grace_s)
        if shorter:
            self._grace_s = grace_s
        if self.is_terminating:
            if shorter and self._kill is not None:
                self._kill.cancel()
            return
        self.is_terminating = True
        if self._turn is not None:
            self._turn.cancel()
        self.wake()

    def remove(self) -> None:
        """The object is gone from its source: end, and forget everything."""
        self._gone.set()
        self.terminate(grace_s=grace_period_s(self.pod))
        self.wake()

    # Probes' view, for `plan`

    def is_started(self, container: str) -> bool:
        return self.ctx.probes.is_started(self.uid, container)

    def failure(self, container_id: str) -> str:
        return self._unhealthy.get(container_id, "")

    # The life

    async def run(self) -> None:
        """From the first turn to the end."""
        try:
            await self._sync_until_terminating()
            self._missing.forget()
            await self._terminate()
            await self._clean_up()
        finally:
            self.finished.set()

    async def _sync_until_terminating(self) -> None:
        while not self.is_terminating:
            self._wake.clear()
            next_s = await self._guarded_turn()
            if self.is_terminating:
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
        if not isinstance(error, (RuntimeError_, StatusError, OSError, VolumeError)):
            log.error("pod sync failed", error, pod=key_of(self.pod))
        else:
            log.info("pod sync will be retried", pod=key_of(self.pod), err=describe(error))
        return min(FIRST_RETRY_S * 2.0 ** (self._failures - 1), MAX_RETRY_S)

    async def _sync(self) -> float | None:
        next_s = self._deadline_left()
        for _ in range(20):
            await self._refresh_past_ends()
            actions = plan(self.pod, self.record, self)
            if actions.is_finished:
                self._publish()
                self.terminate()
                return None
            self._publish()
            if actions.is_idle:
                self._missing.forget()
                await self._prune()
                break
            wait = await self._act(actions)
            if wait is not None:
                await self.refresh()
                self._publish()
                return wait if next_s is None else min(wait, next_s)
        return next_s

    def _deadline_left(self) -> float | None:
        seconds = self.pod.spec.active_deadline_seconds
        start = self.pod.status.start_time or self._started_at
        if seconds is None or not start:
            return None
        left = float(seconds) - (self.ctx.clock.now() - parse_time(start)).total_seconds()
        if left <= 0:
            message = "Pod was active on the node longer than the specified deadline"
            self.ctx.recorder.event(self.pod, "Normal", "DeadlineExceeded", message)
            self.terminate(failed=("DeadlineExceeded", message))
            return None
        return left

    async def _refresh_past_ends(self) -> None:
        """Read the runtime until it shows the ends that were announced: its listing follows its events a bit later."""
        ended, self._ended = self._ended, set()
        for delay in SETTLE_S:
            await self.refresh()
            alive = {c.id for c in self.record.running} | {s.id for s in self.record.sandboxes if s.ready}
            if not ended & alive:
                return
            await self.ctx.clock.sleep(delay)
        await self.refresh()

    async def refresh(self) -> None:
        """Read the runtime again."""
        self.record = await self.ctx.runtime.pod(self.uid)
        ids = [s.id for s in self.record.sandboxes] + [c.id for c in self.record.containers]
        self.ctx.note_ids(self.uid, ids)
        live = {c.id for c in self.record.running}
        self._unhealthy = {id_: kind for id_, kind in self._unhealthy.items() if id_ in live}
        for container in self.record.running:
            self._waits.pop(container.name, None)

    async def _prune(self) -> None:
        """Forget what nobody can ask for any more: all but the last two incarnations, sandboxes before the newest."""
        seen: Counter[str] = Counter()
        for container in self.record.containers:
            seen[container.name] += 1
            if seen[container.name] > 2 and container.has_ended:
                await self.ctx.runtime.cri.remove_container(container.id)
                files.remove_log(container, self.pod, self.ctx.facts)
        for sandbox in self.record.sandboxes[1:]:
            if not sandbox.ready and not any(c.sandbox_id == sandbox.id for c in self.record.containers):
                await self.ctx.runtime.cri.remove_pod_sandbox(sandbox.id)

    # Acting

    async def _act(self, actions: Actions) -> float | None:
        """Carry out one step; seconds to wait if something has to be waited for, None to plan again at once."""
        if actions.create_sandbox and actions.attempt > 0:
            text = "Pod sandbox changed, it will be killed and re-created."
            self.ctx.recorder.event(self.pod, "Normal", "SandboxChanged", text)
        if actions.kill_pod:
            await kill_pod(self.ctx, self.pod, self.record, grace_s=grace_period_s(self.pod))
            if not actions.create_sandbox:
                return None
        for kill in actions.kill:
            await kill_container(
                self.ctx,
                self.pod,
                kill.record,
                grace_s=self._probe_grace_s(kill.record, kill.probe),
                message=kill.message,
                pod_ip=self.record.ips[0] if self.record.ips else "",
            )
        if actions.kill:
            await self.refresh()
        if actions.create_sandbox:
            error = await self._prepare(actions.attempt)
            if error is not None:
                return error
            await self.refresh()
        return await self._start_all(actions)

    def _probe_grace_s(self, record: ContainerRecord, kind: str) -> float:
        container = spec_of(self.pod, record.name)
        probe = getattr(container, f"{kind}_probe", None) if container is not None and kind else None
        if probe is not None and probe.termination_grace_period_seconds is not None:
            return float(probe.termination_grace_period_seconds)
        return grace_period_s(self.pod)

    async def _prepare(self, attempt: int) -> float | None:
        """A new sandbox; seconds to wait if it cannot be made now."""
        pod, ctx = self.pod, self.ctx
        why = "" if pod.spec.host_network else ctx.network_error()
        if why:
            ctx.recorder.event(pod, "Warning", "NetworkNotReady", f"network is not ready: {why}")
            return RETRY_S
        files.make_pod_dirs(pod, ctx.facts)
        await self._mounted()
        name = pod.spec.runtime_class_name
        try:
            handler = await ctx.source.runtime_handler(name) if name else ""
            sandbox_id = await ctx.runtime.cri.run_pod_sandbox(self._sandbox_config(attempt), handler)
        except (RuntimeError_, StatusError) as error:
            ctx.recorder.event(pod, "Warning", "FailedCreatePodSandBox", f"Failed to create pod sandbox: {error}")
            raise
        ctx.note_ids(self.uid, [sandbox_id])
        return None

    async def _mounted(self) -> Mapping[str, str]:
        try:
            return await self.ctx.volumes.mount(self.pod)
        except VolumeError as error:
            self.ctx.recorder.event(self.pod, "Warning", "FailedMount", str(error))
            self._missing.watch(self.pod)
            raise

    def _sandbox_config(self, attempt: int) -> pb.PodSandboxConfig:
        facts = self.ctx.facts
        return sandbox_config(
            self.pod,
            attempt=attempt,
            dns=pod_dns(
                self.pod,
                cluster_dns=facts.cluster_dns,
                cluster_domain=facts.cluster_domain,
                host=facts.host_resolv,
            ),
            logs_root=facts.logs_root,
            cgroup_parent=self.ctx.cgroups.prepare_pod(self.pod),
            seccomp_root=facts.seccomp_root,
            seccomp_default=facts.seccomp_default,
        )

    async def _start_all(self, actions: Actions) -> float | None:
        wanted = [*actions.start_init, *actions.start]
        sandbox = self.record.ready_sandbox
        if not wanted or sandbox is None:
            return None
        if not is_static(self.pod) and not self.ctx.source.services_synced():
            return SERVICES_WAIT_S  # at the kubelet's start: a moment, and the environment can be complete
        volumes, secrets = await asyncio.gather(self._mounted(), pull_secrets_of(self.pod, self.ctx))
        inputs = StartInputs(
            pod=self.pod,
            record=self.record,
            sandbox_id=sandbox.id,
            sandbox=self._sandbox_config(sandbox.attempt),
            ips=self.record.ips or self.ctx.facts.host_ips,
            volumes=volumes,
            pull_secrets=secrets,
        )
        waits = [await self._start(inputs, container) for container in wanted]
        pending = [w for w in waits if w is not None]
        return min(pending) if pending else None

    async def _start(self, inputs: StartInputs, container: Container) -> float | None:
        name = container.name or ""
        wait = self._crash_wait(inputs.record, container)
        if wait is not None:
            return wait
        try:
            await start_container(self.ctx, inputs, container)
        except ImageError as error:
            self._waits[name] = Waiting(error.reason, str(error))
            return max(error.retry_in_s, RETRY_S)
        except ConfigError as error:
            self._waits[name] = Waiting(error.reason, str(error))
            if error.reason != "CreateContainerConfigError":
                return RETRY_S
            self._missing.watch(self.pod)
            return CONFIG_RETRY_S
        self._waits.pop(name, None)
        return None

    def _crash_wait(self, record: PodRecord, container: Container) -> float | None:
        """Seconds that a container which keeps ending has to wait; None if it may start now."""
        newest = record.container(container.name or "")
        if newest is None or not newest.has_ended:
            return None
        key = f"{self.uid}/{container.name}/{container.image}"
        now, ended = self.ctx.clock.now().timestamp(), newest.finished_at / 1e9
        left, delay = self.ctx.crashes.waits(key, ended_s=ended, now_s=now)
        if left <= 0:
            self.ctx.crashes.next(key, ended_s=ended, now_s=now)
            return None
        where = full_name(self.pod)
        self.ctx.recorder.event(
            self.pod,
            "Warning",
            "BackOff",
            f"Back-off restarting failed container {container.name} in pod {where}",
            field_path=field_path(self.pod, container),
        )
        message = f"back-off {_go_seconds(delay)} restarting failed container={container.name} pod={where}"
        self._waits[container.name or ""] = Waiting("CrashLoopBackOff", message)
        return left

    # Ending

    async def _terminate(self) -> None:
        self.is_terminating = True
        self.ctx.probes.stop_liveness_and_startup(self.uid)
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
            log.info("cannot end pod yet", pod=key_of(self.pod), err=describe(error))
            self.ctx.recorder.event(self.pod, "Warning", "FailedKillPod", f"error killing pod: {error}")
            await self.ctx.clock.sleep(min(RETRY_S * failures, MAX_RETRY_S))
        self.ctx.probes.remove_pod(self.uid)
        self._killed = True
        self._publish()

    async def _kill_once(self) -> None:
        await self.refresh()
        self._publish()
        grace = grace_period_s(self.pod) if self._grace_s is None else self._grace_s
        await kill_pod(self.ctx, self.pod, self.record, grace_s=max(1.0, grace))
        await self.refresh()
        if self.record.running:
            raise RuntimeError_("FailedPrecondition", "containers are still running")

    async def _clean_up(self) -> None:
        """Give back volumes and cgroups; when the object is deleted, containers, logs and directories too."""
        await self._retrying(self.ctx.volumes.unmount, self.uid)
        self.ctx.cgroups.remove_pod(self.uid)
        self.is_terminated = True
        self._publish()
        while self.pod.metadata.deletion_timestamp is None and not self._gone.is_set():
            self._wake.clear()
            await self._wake.wait()
        self.ctx.status.terminated(self.pod)
        await self._retrying(self._remove)
        self.ctx.crashes.forget(f"{self.uid}/")
        self.ctx.images.forget(self.uid)
        files.remove_pod_dirs(self.uid, self.ctx.facts)
        meta = self.pod.metadata
        files.remove_logs(meta.namespace or "", meta.name or "", self.uid, self.ctx.facts)
        await self._gone.wait()

    async def _remove(self) -> None:
        await self.refresh()
        await remove_pod(self.ctx, self.record)

    async def _retrying(self, call: object, *args: object) -> None:
        for attempt in range(1, 1000):
            try:
                await call(*args)  # type: ignore[operator]
                return
            except (VolumeError, RuntimeError_, OSError) as error:
                log.info("clean-up will be retried", pod=key_of(self.pod), err=describe(error))
                await self.ctx.clock.sleep(min(RETRY_S * attempt, MAX_RETRY_S))

    # Status

    def _publish(self) -> None:
        """Compute the status from spec and record, tell probes and the status manager."""
        pod, ctx = self.pod, self.ctx
        if not self.is_terminating:
            ctx.probes.add_pod(pod)
        old = {s.name: s for s in (*pod.status.container_statuses, *pod.status.init_container_statuses)}
        inputs = StatusInputs(
            runtime_name=ctx.facts.runtime_name,
            waits=self._waits,
            message_of=files.termination_message,
            is_ready=lambda name: not self.is_terminating_done and ctx.probes.is_ready(self.uid, name),
            is_started=self.is_started,
            old={name: status for name, status in old.items() if name},
            is_terminating=self.is_terminating,
            is_terminal=self.failed is not None or restart_policy(pod) == "Never",
        )
        now = format_time(ctx.clock.now())

        def compute() -> None:
            status = pod_status(
                pod,
                self.record,
                PodInputs(
                    containers=inputs,
                    host_ips=ctx.facts.host_ips,
                    now=now,
                    start_time=self._started_at,
                    failed=self.failed if not self.record.running else None,
                    has_ended=self._killed and not self.record.running,
                ),
            )
            pod.status = status

        compute()
        before = self._probed_state()
        ips = self.record.ips or (ctx.facts.host_ips if pod.spec.host_network else ())
        statuses = [*pod.status.init_container_statuses, *pod.status.container_statuses]
        ctx.probes.update_status(pod, statuses, ips[0] if ips else "")
        if self._probed_state() != before:
            compute()  # probes start afresh when a container does
        ctx.status.set(pod, pod.status)

    def _probed_state(self) -> Sequence[tuple[bool, bool]]:
        names = [c.name or "" for c in containers_of(self.pod) if is_sidecar(c) or c in self.pod.spec.containers]
        return [(self.ctx.probes.is_started(self.uid, n), self.ctx.probes.is_ready(self.uid, n)) for n in names]

    @property
    def is_terminating_done(self) -> bool:
        """Whether nothing of it runs any more after termination."""
        return self.is_terminating and not self.record.running


def merged(own: PodStatus, theirs: PodStatus) -> PodStatus:
    """Our latest status (the object may lag behind it), with what others have written into theirs."""
    if not own.conditions:
        return theirs
    foreign = [c for c in theirs.conditions if c.type not in OWNED]
    named = {c.type for c in foreign}
    own.conditions = [c for c in own.conditions if c.type not in named] + foreign
    own.nominated_node_name = theirs.nominated_node_name
    own.resource_claim_statuses = theirs.resource_claim_statuses
    return own


def _go_seconds(seconds: float) -> str:
    """``10s``, ``1m20s``: as Go prints a duration."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
