"""Carries out one planned step: kills, makes the sandbox, starts containers.

What cannot be done yet says when to try again. A step may be cut anywhere; the next plan starts from what the runtime
says. May import: of the kubelet anything but
`node`, `server`, the command.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kajitori.machinery.errors import StatusError

from ..cri import cri_pb2 as pb
from ..images.manager import ImageError
from ..interfaces import ConfigError, CRIError, VolumeError
from ..pods import full_name, grace_period_s, is_critical_static, is_static, spec_of
from ..runtime.dns import pod_dns
from ..runtime.features import user_namespace_error
from ..runtime.records import ContainerRecord, PodRecord
from ..runtime.sandbox import hostname_error, sandbox_config
from ..status.containers import Waiting
from . import files
from .kill import kill_container, kill_pod
from .plan import Actions
from .resize import allocated_container
from .start import StartInputs, field_path, pull_secrets_of, start_container
from .state import PodState

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container

RETRY_S = 2.0
"""After a step failed for a reason outside the Pod (a volume, the network, the runtime)."""
CONFIG_RETRY_S = 10.0
"""After something that is missing was not there, besides the watch for it."""
SERVICES_WAIT_S = 0.1


async def act(state: PodState, actions: Actions) -> float | None:
    """Carry out one step; seconds to wait if something has to be waited for, None to plan again at once.

    Raises CRIError, StatusError, VolumeError, OSError: the turn failed and is to be repeated.
    """
    if actions.create_sandbox and actions.attempt > 0:
        text = "Pod sandbox changed, it will be killed and re-created."
        state.ctx.recorder.event(state.pod, "Normal", "SandboxChanged", text)
    if actions.kill_pod:
        await kill_pod(state.ctx, state.pod, state.record, grace_s=grace_period_s(state.pod))
        if not actions.create_sandbox:
            return None
    for kill in actions.kill:
        await kill_container(
            state.ctx,
            state.pod,
            kill.record,
            grace_s=_probe_grace_s(state, kill.record, kill.probe),
            message=kill.message,
            pod_ip=state.record.ips[0] if state.record.ips else "",
        )
    if actions.kill:
        await state.refresh()
    if actions.create_sandbox:
        error = await _prepare(state, actions.attempt)
        if error is not None:
            return error
        await state.refresh()
    return await _start_all(state, actions)


def _probe_grace_s(state: PodState, record: ContainerRecord, kind: str) -> float:
    container = spec_of(state.pod, record.name)
    probe = getattr(container, f"{kind}_probe", None) if container is not None and kind else None
    if probe is not None and probe.termination_grace_period_seconds is not None:
        return float(probe.termination_grace_period_seconds)
    return grace_period_s(state.pod)


async def _prepare(state: PodState, attempt: int) -> float | None:
    """A new sandbox; seconds to wait if it cannot be made now."""
    pod, ctx = state.pod, state.ctx
    why = "" if pod.spec.host_network else ctx.network_error()
    if why:
        ctx.recorder.event(pod, "Warning", "NetworkNotReady", f"network is not ready: {why}")
        return RETRY_S
    files.make_pod_dirs(pod, ctx.facts)
    await _mounted(state)
    try:
        handler = await _handler(state)
        if why := _refusal(state, handler):
            ctx.recorder.event(pod, "Warning", "FailedCreatePodSandBox", f"Failed to create pod sandbox: {why}")
            return CONFIG_RETRY_S
        sandbox_id = await ctx.runtime.cri.run_pod_sandbox(_sandbox_config(state, attempt), handler)
    except (CRIError, StatusError) as error:
        ctx.recorder.event(pod, "Warning", "FailedCreatePodSandBox", f"Failed to create pod sandbox: {error}")
        raise
    ctx.note_ids(state.uid, [sandbox_id])
    return None


def _refusal(state: PodState, handler: str) -> str:
    """Why the node can make no such sandbox; empty if it can."""
    pod, ctx = state.pod, state.ctx
    if pod.spec.host_users is False:
        return user_namespace_error(ctx.features(), handler)
    return "" if pod.spec.host_network else hostname_error(pod, ctx.facts.cluster_domain)


async def _handler(state: PodState) -> str:
    """What the Pod's RuntimeClass means to the runtime."""
    name = state.pod.spec.runtime_class_name
    return await state.ctx.source.runtime_handler(name) if name else ""


async def _mounted(state: PodState) -> Mapping[str, str]:
    try:
        return await state.ctx.volumes.mount(state.pod)
    except VolumeError as error:
        state.ctx.recorder.event(state.pod, "Warning", "FailedMount", str(error))
        state.missing.watch(state.pod)
        raise


def _sandbox_config(state: PodState, attempt: int) -> pb.PodSandboxConfig:
    facts = state.ctx.facts
    return sandbox_config(
        state.pod,
        attempt=attempt,
        dns=pod_dns(
            state.pod,
            cluster_dns=facts.cluster_dns,
            cluster_domain=facts.cluster_domain,
            host=facts.host_resolv,
        ),
        cluster_domain=facts.cluster_domain,
        logs_root=facts.logs_root,
        cgroup_parent=state.ctx.cgroups.prepare_pod(state.pod),
        seccomp_root=facts.seccomp_root,
    )


async def _start_all(state: PodState, actions: Actions) -> float | None:
    wanted = [*actions.start_init, *actions.start]
    sandbox = state.record.ready_sandbox
    if not wanted or sandbox is None:
        return None
    if not is_static(state.pod) and not state.ctx.source.services_synced():
        return SERVICES_WAIT_S  # at the kubelet's start: a moment, and the environment can be complete
    volumes, secrets = await asyncio.gather(_mounted(state), pull_secrets_of(state.pod, state.ctx))
    inputs = StartInputs(
        pod=state.pod,
        record=state.record,
        sandbox_id=sandbox.id,
        sandbox=_sandbox_config(state, sandbox.attempt),
        ips=state.record.ips or state.ctx.facts.host_ips,
        volumes=volumes,
        pull_secrets=secrets,
        handler=state.ctx.features().handler(await _handler(state)),
    )
    waits = [await _start(state, inputs, container) for container in wanted]
    pending = [w for w in waits if w is not None]
    return min(pending) if pending else None


async def _start(state: PodState, inputs: StartInputs, container: Container) -> float | None:
    name = container.name or ""
    wait = _crash_wait(state, inputs.record, container)
    if wait is not None:
        return wait
    try:
        await start_container(state.ctx, inputs, allocated_container(state, container))
    except ImageError as error:
        state.waits[name] = Waiting(error.reason, str(error))
        return max(error.retry_in_s, RETRY_S)
    except ConfigError as error:
        state.waits[name] = Waiting(error.reason, str(error))
        if error.reason != "CreateContainerConfigError":
            return RETRY_S
        state.missing.watch(state.pod)
        return CONFIG_RETRY_S
    state.waits.pop(name, None)
    return None


def _crash_wait(state: PodState, record: PodRecord, container: Container) -> float | None:
    """Seconds that a container which keeps ending has to wait; None if it may start now."""
    newest = record.container(container.name or "")
    if newest is None or not newest.has_ended:
        return None
    key = f"{state.uid}/{container.name}/{container.image}"
    now, ended = state.ctx.clock.now().timestamp(), newest.finished_at / 1e9
    crashes = state.ctx.critical_crashes if is_critical_static(state.pod) else state.ctx.crashes
    left, delay = crashes.waits(key, ended_s=ended, now_s=now)
    if left <= 0:
        crashes.next(key, ended_s=ended, now_s=now)
        return None
    where = full_name(state.pod)
    state.ctx.recorder.event(
        state.pod,
        "Warning",
        "BackOff",
        f"Back-off restarting failed container {container.name} in pod {where}",
        field_path=field_path(state.pod, container),
    )
    message = f"back-off {_go_seconds(delay)} restarting failed container={container.name} pod={where}"
    state.waits[container.name or ""] = Waiting("CrashLoopBackOff", message)
    return left


async def prune(state: PodState) -> None:
    """Forget what nobody can ask for any more: all but the last two incarnations, sandboxes before the newest."""
    seen: Counter[str] = Counter()
    for container in state.record.containers:
        seen[container.name] += 1
        if seen[container.name] > 2 and container.has_ended:
            await state.ctx.runtime.cri.remove_container(container.id)
            files.remove_log(container, state.pod, state.ctx.facts)
    for sandbox in state.record.sandboxes[1:]:
        if not sandbox.ready and not any(c.sandbox_id == sandbox.id for c in state.record.containers):
            await state.ctx.runtime.cri.remove_pod_sandbox(sandbox.id)


def _go_seconds(seconds: float) -> str:
    """``10s``, ``1m20s``: as Go prints a duration."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
