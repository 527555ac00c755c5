"""The whole ``status`` of a Pod: phase, conditions, addresses, containers.

Pure. May import: api; of the kubelet `pods`, `runtime` (records), `status.*`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.api.core import v1

from ..pods import is_host_network, is_sidecar, qos_class, restart_policy
from ..runtime.records import PodRecord
from . import conditions
from .containers import StatusInputs, container_status, init_status

if TYPE_CHECKING:
    from kajitori.api.core.v1 import ContainerState, ContainerStatus, Pod, PodStatus


@dataclass(frozen=True)
class PodInputs:
    """What the status needs besides the Pod and its record."""

    containers: StatusInputs
    host_ips: Sequence[str]
    now: str
    start_time: str
    has_ended: bool = False
    """Nothing of it runs and nothing will: whatever its restart policy, its phase is final."""
    is_rejected: bool = False
    """It was refused before anything of it was started."""
    resize_pending: tuple[str, str] | None = None
    """(reason, message) of a resize that the node does not allow (yet)."""
    resize_error: str = ""
    failed: tuple[str, str] | None = None
    """(reason, message) if the kubelet itself ended or refused the Pod."""


def phase_of(pod: Pod, init: Sequence[ContainerStatus], regular: Sequence[ContainerStatus]) -> str:
    """Pending, Running, Succeeded or Failed."""
    policy = restart_policy(pod)
    sidecars = {c.name for c in pod.spec.init_containers if is_sidecar(c)}
    has_regular = any(_state(s).running or _state(s).terminated or _was(s) for s in regular)
    for status in init:
        if has_regular:
            break
        if status.name in sidecars:
            if not status.started:
                return "Pending"
            continue
        ended = _state(status).terminated
        if ended is not None and ended.exit_code == 0:
            continue
        if policy == "Never" and ended is not None:
            return "Failed"
        return "Pending"
    waiting = running = stopped = succeeded = 0
    for status in regular:
        if _state(status).running is not None:
            running += 1
        elif (ended := _state(status).terminated) is not None:
            stopped += 1
            succeeded += ended.exit_code == 0
        elif _was(status):
            stopped += 1
        else:
            waiting += 1
    if waiting or len(regular) < len(pod.spec.containers):
        return "Pending"
    if running:
        return "Running"
    if policy == "Always":
        return "Running"
    if stopped == succeeded:
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def _state(status: ContainerStatus) -> ContainerState:
    return status.state or v1.ContainerState()


def _was(status: ContainerStatus) -> bool:
    return status.last_state is not None and status.last_state.terminated is not None


def is_initialized(pod: Pod, record: PodRecord, init: Sequence[ContainerStatus]) -> bool:
    """Whether the init containers are through (then missing containers are merely being created)."""
    regular = {c.name for c in pod.spec.containers}
    if any(c.name in regular for c in record.containers):
        return True
    sidecars = {c.name for c in pod.spec.init_containers if is_sidecar(c)}
    return all(s.started if s.name in sidecars else s.ready for s in init)


def pod_status(pod: Pod, record: PodRecord, inputs: PodInputs) -> PodStatus:
    """All of it. ``pod.status`` is the status that was last written."""
    old = pod.status
    if inputs.is_rejected and inputs.failed is not None:
        return rejected(pod, inputs.failed, inputs.start_time)
    init = [
        init_status(pod, c, record, inputs.containers, default_reason="PodInitializing")
        for c in pod.spec.init_containers
    ]
    through = is_initialized(pod, record, init)
    reason = "ContainerCreating" if through or not init else "PodInitializing"
    regular = [container_status(pod, c, record, reason, inputs.containers) for c in pod.spec.containers]
    ephemeral = [_ephemeral(pod, _as_container(c), record, inputs.containers) for c in pod.spec.ephemeral_containers]
    phase = _phase(pod, init, regular, inputs)
    made = _conditions(pod, record, init, regular, phase, inputs)
    status = v1.PodStatus(
        observed_generation=pod.metadata.generation,
        phase=phase,
        conditions=conditions.with_times(made, old.conditions, inputs.now),
        host_ip=inputs.host_ips[0] if inputs.host_ips else None,
        host_ips=[v1.HostIP(ip=ip) for ip in inputs.host_ips],
        start_time=old.start_time or inputs.start_time,
        init_container_statuses=init,
        container_statuses=regular,
        ephemeral_container_statuses=ephemeral,
        qos_class=qos_class(pod),
        nominated_node_name=old.nominated_node_name,
        resource_claim_statuses=old.resource_claim_statuses,
    )
    if inputs.failed is not None:
        status.reason, status.message = inputs.failed
    elif phase == "Failed":
        status.reason, status.message = old.reason, old.message
    _addresses(pod, record, inputs, status)
    return status


def _phase(pod: Pod, init: Sequence[ContainerStatus], regular: Sequence[ContainerStatus], inputs: PodInputs) -> str:
    """Whatever has ended stays so, but for what the node has found out since."""
    if inputs.failed is not None:
        return "Failed"
    if pod.status.phase in ("Failed", "Succeeded"):
        return pod.status.phase
    phase = phase_of(pod, init, regular)
    if not inputs.has_ended or phase in ("Failed", "Succeeded"):
        return phase
    ends = [_state(s).terminated for s in regular]
    return "Succeeded" if ends and all(e is not None and e.exit_code == 0 for e in ends) else "Failed"


def _conditions(
    pod: Pod,
    record: PodRecord,
    init: Sequence[ContainerStatus],
    regular: Sequence[ContainerStatus],
    phase: str,
    inputs: PodInputs,
) -> list[v1.PodCondition]:
    """The node's own, then those of others as they are."""
    old = pod.status.conditions
    any_regular = any(_state(s).running or _state(s).terminated or _was(s) for s in regular)
    ready = conditions.containers_ready(pod, [*init, *regular], phase)
    others = [c for c in old if c.type not in conditions.OWNED]
    if not any(c.type == "PodScheduled" for c in others):
        others.append(v1.PodCondition(type="PodScheduled", status="True", observed_generation=pod.metadata.generation))
    return [
        conditions.ready_to_start(pod, has_sandbox=_has_network(pod, record)),
        conditions.initialized(pod, init, phase, any_regular=any_regular),
        conditions.ready(pod, ready, old),
        ready,
        *conditions.resizing(pod, inputs.resize_pending, inputs.resize_error),
        *others,
    ]


def rejected(pod: Pod, failed: tuple[str, str], start_time: str) -> PodStatus:
    """Of a Pod that the node refused: there is nothing to say about its containers."""
    return v1.PodStatus(
        observed_generation=pod.metadata.generation,
        phase="Failed",
        reason=failed[0],
        message=failed[1],
        start_time=pod.status.start_time or start_time,
        qos_class=qos_class(pod),
        conditions=[c for c in pod.status.conditions if c.type not in conditions.OWNED],
    )


def _ephemeral(pod: Pod, container: v1.Container, record: PodRecord, inputs: StatusInputs) -> ContainerStatus:
    """An ephemeral container is never ready: nothing probes it and no Service counts on it."""
    status = container_status(pod, container, record, "ContainerCreating", inputs)
    status.ready, status.started = False, None
    return status


def _as_container(ephemeral: object) -> v1.Container:
    return ephemeral  # type: ignore[return-value] # the same fields, but for targetContainerName


def _has_network(pod: Pod, record: PodRecord) -> bool:
    sandbox = record.ready_sandbox
    return sandbox is not None and (bool(sandbox.ips) or is_host_network(pod))


def _addresses(pod: Pod, record: PodRecord, inputs: PodInputs, status: PodStatus) -> None:
    ips: Sequence[str] = record.ips
    if is_host_network(pod) and record.sandbox is not None:
        ips = inputs.host_ips
    if not ips and pod.status.pod_ip and status.phase not in ("Pending",):
        ips = [p.ip or "" for p in pod.status.pod_ips] or [pod.status.pod_ip]
    if ips:
        status.pod_ip = ips[0]
        status.pod_ips = [v1.PodIP(ip=ip) for ip in ips]
