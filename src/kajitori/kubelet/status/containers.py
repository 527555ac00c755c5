"""``containerStatuses``: states, reasons, restarts, as upstream derives them from the runtime and the last failed
start.

Pure, except that termination messages are read through the function passed in. May import: api, machinery; of the
kubelet `pods`, `runtime` (records).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kajitori.api.core import v1
from kajitori.machinery.times import format_time

from ..pods import is_sidecar, name_of
from ..runtime.records import ContainerRecord, PodRecord

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, ContainerState, ContainerStatus, Pod, ResourceRequirements


@dataclass(frozen=True)
class Waiting:
    """Why a container does not run: kept from the last attempt to start it."""

    reason: str
    message: str = ""


def time_of(nanoseconds: int) -> str | None:
    """A wire time, seconds precise."""
    return format_time(datetime.fromtimestamp(nanoseconds / 1e9, UTC)) if nanoseconds else None


def terminated(record: ContainerRecord, message: str, runtime_name: str) -> ContainerState:
    """An ended incarnation."""
    reason = record.reason or ("Completed" if record.exit_code == 0 else "Error")
    return v1.ContainerState(
        terminated=v1.ContainerStateTerminated(
            exit_code=record.exit_code,
            reason=reason,
            message=message or record.message or None,
            started_at=time_of(record.started_at),
            finished_at=time_of(record.finished_at),
            container_id=f"{runtime_name}://{record.id}",
        )
    )


def running(record: ContainerRecord) -> ContainerState:
    """The running one."""
    return v1.ContainerState(running=v1.ContainerStateRunning(started_at=time_of(record.started_at)))


def waiting(reason: str, message: str = "") -> ContainerState:
    """Not running (yet)."""
    return v1.ContainerState(waiting=v1.ContainerStateWaiting(reason=reason, message=message or None))


@dataclass(frozen=True)
class StatusInputs:
    """What container statuses are made of besides the Pod and its record."""

    runtime_name: str
    waits: Mapping[str, Waiting]
    message_of: Callable[[ContainerRecord], str]
    is_ready: Callable[[str], bool]
    is_started: Callable[[str], bool]
    old: Mapping[str, ContainerStatus]
    allocated: Mapping[str, ResourceRequirements | None] = field(default_factory=dict)
    """What each container may use, by name, where that is not simply its spec."""
    is_terminating: bool = False
    is_terminal: bool = False


def _state(
    container: Container, newest: ContainerRecord | None, default_reason: str, inputs: StatusInputs
) -> tuple[ContainerState, ContainerState | None]:
    """(state, lastState if the state itself decides it)."""
    wait = inputs.waits.get(name_of(container))
    if newest is None:
        old = inputs.old.get(name_of(container))
        if old is not None and old.state is not None and old.state.terminated is not None and wait is None:
            return old.state, old.last_state
        if old is not None and old.state is not None and old.state.running is not None:
            # It ran, and the runtime knows nothing of it any more.
            lost = v1.ContainerStateTerminated(
                exit_code=137,
                reason="ContainerStatusUnknown",
                message="The container could not be located when the pod was terminated",
            )
            if inputs.is_terminating or inputs.is_terminal:
                return v1.ContainerState(terminated=lost), old.last_state
            lost.message = (
                "The container could not be located when the pod was deleted.  The container used to be Running"
            )
            return waiting(wait.reason if wait else default_reason), v1.ContainerState(terminated=lost)
        if wait is not None:
            return waiting(wait.reason, wait.message), None
        return waiting(default_reason), None
    if newest.is_running:
        return running(newest), None
    if newest.has_ended:
        ended = terminated(newest, inputs.message_of(newest), inputs.runtime_name)
        if wait is not None and not inputs.is_terminal and not inputs.is_terminating:
            return waiting(wait.reason, wait.message), ended
        return ended, None
    if wait is not None:
        return waiting(wait.reason, wait.message), None
    return waiting(default_reason), None


def container_status(
    pod: Pod, container: Container, record: PodRecord, default_reason: str, inputs: StatusInputs
) -> ContainerStatus:
    """One entry."""
    incarnations = record.incarnations(name_of(container))
    newest = incarnations[0] if incarnations else None
    state, last = _state(container, newest, default_reason, inputs)
    if last is None:
        previous = next((c for c in incarnations[1:] if c.has_ended), None)
        old = inputs.old.get(name_of(container))
        if previous is not None:
            last = terminated(previous, inputs.message_of(previous), inputs.runtime_name)
        elif old is not None and old.last_state is not None and old.last_state.terminated is not None:
            last = old.last_state
    is_running = state.running is not None
    started = is_running and inputs.is_started(name_of(container))
    old = inputs.old.get(name_of(container))
    image_id = newest.image_id if newest else (old.image_id if old is not None else "")
    container_id = f"{inputs.runtime_name}://{newest.id}" if newest else (old.container_id if old is not None else None)
    status = v1.ContainerStatus(
        name=name_of(container),
        state=state,
        last_state=last or v1.ContainerState(),
        ready=started and inputs.is_ready(name_of(container)),
        restart_count=max(newest.restart_count if newest else 0, (old.restart_count or 0) if old is not None else 0),
        image=(newest.image if newest and newest.image else container.image),
        image_id=image_id or "",
        container_id=container_id,
        started=started,
        volume_mounts=[_mount_status(m, newest) for m in container.volume_mounts],
    )
    _resources(inputs.allocated.get(name_of(container), container.resources), status)
    return status


def _mount_status(mount: v1.VolumeMount, record: ContainerRecord | None) -> v1.VolumeMountStatus:
    status = v1.VolumeMountStatus(name=mount.name, mount_path=mount.mount_path)
    if mount.read_only:
        status.read_only = True
        below = record is not None and mount.mount_path in record.read_only_below
        status.recursive_read_only = "Enabled" if below else "Disabled"
    return status


def _resources(resources: ResourceRequirements | None, status: ContainerStatus) -> None:
    if resources is None or not (resources.requests or resources.limits):
        status.resources = v1.ResourceRequirements()
        return
    status.resources = v1.ResourceRequirements(limits=dict(resources.limits), requests=dict(resources.requests))
    asked = {**resources.limits, **resources.requests}
    status.allocated_resources = {name: asked[name] for name in ("cpu", "memory") if name in asked}


def init_status(
    pod: Pod, container: Container, record: PodRecord, inputs: StatusInputs, *, default_reason: str
) -> ContainerStatus:
    """An init container: ready means it has done its work, or for a sidecar that it serves."""
    status = container_status(pod, container, record, default_reason, inputs)
    if not is_sidecar(container):
        done = status.state.terminated if status.state is not None else None
        status.ready = done is not None and done.exit_code == 0
        status.started = bool(status.state is not None and status.state.running is not None)
    return status
