"""Publishes a Pod's status: computed from its spec and the runtime's record, told to the probes and the status manager.

A plain function: nothing else runs between reading and telling. May import: of the kubelet `pods`, `status`, `worker`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kajitori.machinery.times import format_time

from ..pods import containers_of, is_sidecar, restart_policy
from ..status.conditions import OWNED
from ..status.containers import StatusInputs
from ..status.pod import PodInputs, pod_status
from . import files
from .state import PodState

if TYPE_CHECKING:
    from kajitori.api.core.v1 import PodStatus


def publish(state: PodState) -> None:
    """Compute the status from spec and record, tell probes and the status manager."""
    pod, ctx = state.pod, state.ctx
    if not state.is_terminating:
        ctx.probes.add_pod(pod)
    inputs = _inputs(state)
    pod.status = pod_status(pod, state.record, inputs)
    before = _probed_state(state)
    ips = state.record.ips or (ctx.facts.host_ips if pod.spec.host_network else ())
    probed = [*pod.status.init_container_statuses, *pod.status.container_statuses]
    ctx.probes.update_status(pod, probed, ips[0] if ips else "")
    if _probed_state(state) != before:
        pod.status = pod_status(pod, state.record, inputs)  # probes start afresh when a container does
    ctx.status.set(pod, pod.status)


def _inputs(state: PodState) -> PodInputs:
    """What a status is made of beside spec and record."""
    ctx, shown = state.ctx, state.pod.status
    statuses = (*shown.container_statuses, *shown.init_container_statuses, *shown.ephemeral_container_statuses)
    containers = StatusInputs(
        runtime_name=ctx.facts.runtime_name,
        waits=state.waits,
        message_of=files.termination_message,
        is_ready=lambda name: not state.is_down and ctx.probes.is_ready(state.uid, name),
        is_started=state.is_started,
        old={status.name: status for status in statuses if status.name},
        is_terminating=state.is_terminating,
        allocated=state.allocated,
        is_terminal=state.failed is not None or restart_policy(state.pod) == "Never",
    )
    return PodInputs(
        containers=containers,
        host_ips=ctx.facts.host_ips,
        now=format_time(ctx.clock.now()),
        start_time=state.started_at,
        failed=state.failed if not state.record.running else None,
        has_ended=state.is_killed and not state.record.running,
        is_rejected=state.is_rejected,
        resize_pending=state.resize_pending,
        resize_error=state.resize_error,
    )


def _probed_state(state: PodState) -> Sequence[tuple[bool, bool]]:
    names = [c.name or "" for c in containers_of(state.pod) if is_sidecar(c) or c in state.pod.spec.containers]
    return [(state.ctx.probes.is_started(state.uid, n), state.ctx.probes.is_ready(state.uid, n)) for n in names]


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
