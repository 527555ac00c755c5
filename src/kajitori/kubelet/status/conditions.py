"""A Pod's conditions, computed from its container statuses; reasons and messages are upstream's.

Pure. May import: api; of the kubelet `pods`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kajitori.api.core import v1

from ..pods import is_sidecar, name_of

if TYPE_CHECKING:
    from kajitori.api.core.v1 import ContainerStatus, Pod, PodCondition

RESIZE = ("PodResizePending", "PodResizeInProgress")
"""There only while they are true."""
OWNED = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", *RESIZE)
"""Conditions that only the kubelet writes; PodScheduled it writes for static Pods."""


def _condition(pod: Pod, kind: str, ok: bool, reason: str = "", message: str = "") -> PodCondition:
    return v1.PodCondition(
        type=kind,
        status="True" if ok else "False",
        reason=reason or None,
        message=message or None,
        observed_generation=pod.metadata.generation,
    )


def _names(names: Sequence[str]) -> str:
    return f"[{' '.join(names)}]"


def initialized(pod: Pod, statuses: Sequence[ContainerStatus], phase: str, *, any_regular: bool) -> PodCondition:
    """All init containers have done their work, or started if they are sidecars."""
    kind = "Initialized"
    by_name = {name_of(s): s for s in statuses}
    missing: list[str] = []
    pending: list[str] = []
    for container in pod.spec.init_containers:
        status = by_name.get(name_of(container))
        if status is None:
            missing.append(name_of(container))
        elif is_sidecar(container):
            if not status.started and not any_regular:
                pending.append(name_of(container))
        elif not status.ready:
            pending.append(name_of(container))
    if phase == "Succeeded" and not missing:
        return _condition(pod, kind, True, "PodCompleted")
    if any_regular and not missing:
        return _condition(pod, kind, True)
    return _not_ready(pod, kind, "ContainersNotInitialized", "incomplete", missing, pending)


def _not_ready(
    pod: Pod, kind: str, reason: str, word: str, missing: Sequence[str], pending: Sequence[str]
) -> PodCondition:
    parts = []
    if missing:
        parts.append(f"containers with unknown status: {_names(missing)}")
    if pending:
        parts.append(f"containers with {word} status: {_names(pending)}")
    return _condition(pod, kind, False, reason, ", ".join(parts)) if parts else _condition(pod, kind, True)


def containers_ready(pod: Pod, statuses: Sequence[ContainerStatus], phase: str) -> PodCondition:
    """All containers (sidecars too) are ready."""
    kind = "ContainersReady"
    by_name = {name_of(s): s for s in statuses}
    missing: list[str] = []
    unready: list[str] = []
    sidecars = [c for c in pod.spec.init_containers if is_sidecar(c)]
    for container in (*sidecars, *pod.spec.containers):
        status = by_name.get(name_of(container))
        if status is None:
            missing.append(name_of(container))
        elif not status.ready:
            unready.append(name_of(container))
    if phase == "Succeeded" and not missing:
        return _condition(pod, kind, False, "PodCompleted")
    if phase == "Failed":
        return _condition(pod, kind, False, "PodFailed")
    return _not_ready(pod, kind, "ContainersNotReady", "unready", missing, unready)


def ready(pod: Pod, containers: PodCondition, present: Sequence[PodCondition]) -> PodCondition:
    """ContainersReady and every readiness gate."""
    kind = "Ready"
    if containers.status != "True":
        return _condition(pod, kind, False, containers.reason or "", containers.message or "")
    states = {c.type: c.status for c in present}
    messages = []
    for gate in pod.spec.readiness_gates:
        if gate.condition_type not in states:
            messages.append(f'corresponding condition of pod readiness gate "{gate.condition_type}" does not exist.')
        elif states[gate.condition_type] != "True":
            state = states[gate.condition_type]
            messages.append(f'the status of pod readiness gate "{gate.condition_type}" is not "True", but {state}')
    if messages:
        return _condition(pod, kind, False, "ReadinessGatesNotReady", ", ".join(messages))
    return _condition(pod, kind, True)


def ready_to_start(pod: Pod, *, has_sandbox: bool) -> PodCondition:
    """The sandbox stands and has its network."""
    return _condition(pod, "PodReadyToStartContainers", has_sandbox)


def resizing(pod: Pod, pending: tuple[str, str] | None, error: str) -> list[PodCondition]:
    """Of a resize that waits, and of one that the runtime would not do."""
    found = []
    if pending is not None:
        found.append(_condition(pod, "PodResizePending", True, *pending))
    if error:
        found.append(_condition(pod, "PodResizeInProgress", True, "Error", error))
    return found


def with_times(new: Sequence[PodCondition], old: Sequence[PodCondition], now: str) -> list[PodCondition]:
    """Keep the transition times of conditions whose status did not change."""
    before = {c.type: c for c in old}
    for condition in new:
        previous = before.get(condition.type)
        same = previous is not None and previous.status == condition.status
        condition.last_transition_time = previous.last_transition_time if previous is not None and same else now
        condition.last_transition_time = condition.last_transition_time or now
    return list(new)
