"""In-place resize (KEP-1287): a running container's CPU and memory follow the Pod's spec, with a restart only where its
`resizePolicy` asks for one.

    spec ──(fits the node?)──▶ allocated ──(cgroups, runtime)──▶ in effect
            │
            └── Infeasible: never on this node; Deferred: when others make room

What was allocated is kept in `PodState.allocated` and, for a kubelet that starts anew, in the published status.
May import: api, machinery; of the kubelet `interfaces`, `pods`, `runtime`, `worker.*`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.aiokit.logs import get_logger
from kajitori.api import schema
from kajitori.machinery.quantity import Quantity

from ..interfaces import CRIError
from ..pods import grace_period_s, is_static, key_of, name_of
from ..runtime.resources import container_resources
from .admission import requested, short_of
from .allocation import resizable
from .kill import kill_container

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod, ResourceRequirements

    from .state import PodState

log = get_logger(__name__)
RESIZED = ("cpu", "memory")
DEFERRED_RETRY_S = 30.0
"""How often to look again whether others have made room."""


def allocated_container(state: PodState, container: Container) -> Container:
    """The container as it may start now: with what is allocated to it."""
    name = name_of(container)
    if name not in state.allocated or not changed(container, state.allocated[name]):
        return container
    started = schema.clone(container)
    started.resources = state.allocated[name]
    return started


def allocated_pod(state: PodState) -> Pod:
    """The Pod with what is allocated to it instead of what it asks for."""
    if all(allocated_container(state, c) is c for c in resizable(state.pod)):
        return state.pod
    pod = schema.clone(state.pod)
    for container in resizable(pod):
        container.resources = state.allocated.get(name_of(container), container.resources)
    return pod


def changed(container: Container, allocated: ResourceRequirements | None) -> set[str]:
    """Which of CPU and memory the spec wants otherwise."""

    def amount(resources: ResourceRequirements | None, kind: str, name: str) -> Quantity:
        return Quantity.parse((getattr(resources, kind) or {}).get(name, "0") if resources is not None else "0")

    return {
        name
        for name in RESIZED
        for kind in ("requests", "limits")
        if amount(container.resources, kind, name) != amount(allocated, kind, name)
    }


async def resize(state: PodState) -> float | None:
    """Bring running containers to what the spec says; seconds until it is worth trying again, None if that is done.

    Raises CRIError if the runtime would not.
    """
    todo = [c for c in resizable(state.pod) if changed(c, state.allocated.get(name_of(c), c.resources))]
    state.resize_pending = refusal(state) if todo else None
    if not todo:
        state.resize_error = ""
        return None
    if state.resize_pending is not None:
        return DEFERRED_RETRY_S if state.resize_pending[0] == "Deferred" else None
    before = allocated_pod(state)
    state.ctx.cgroups.widen_pod(before, state.pod)  # first room for both, in the end what the spec says
    for container in todo:
        try:
            await _resize(state, container)
        except CRIError as error:
            state.resize_error = str(error)
            raise
        state.allocated[name_of(container)] = container.resources
    state.ctx.cgroups.prepare_pod(state.pod)
    state.resize_error = ""
    log.info("resized pod", pod=key_of(state.pod), containers=[name_of(c) for c in todo])
    return None


def refusal(state: PodState) -> tuple[str, str] | None:
    """(reason, message) if the node cannot give the Pod what it asks for, now or ever."""
    pod, room = state.pod, state.ctx.facts.allocatable
    if is_static(pod):
        return "Infeasible", "In-place resize of static-pods is not supported"
    for name in reversed(RESIZED):
        wanted, capacity = requested(pod, name), Quantity.parse(room.get(name, "0"))
        most = capacity.milli_value() if name == "cpu" else capacity.value()
        if name in room and wanted > most:
            return "Infeasible", f"Node didn't have enough capacity: {name}, requested: {wanted}, capacity: {most}"
    found = short_of(pod, state.ctx.pods_beside(state.uid), room)
    return ("Deferred", found[1]) if found is not None else None


async def _resize(state: PodState, container: Container) -> None:
    record = state.record.container(name_of(container))
    if record is None or not record.is_running:
        return  # its next start takes what is allocated then
    pod, ctx = state.pod, state.ctx
    which = changed(container, state.allocated.get(name_of(container)))
    if any(p.resource_name in which and p.restart_policy == "RestartContainer" for p in container.resize_policy):
        ip = state.record.ips[0] if state.record.ips else ""
        text = f"Container {container.name} resize requires restart"
        await kill_container(ctx, pod, record, grace_s=grace_period_s(pod), message=text, pod_ip=ip)
        state.wake()
        return
    facts = ctx.facts
    resources = container_resources(
        pod,
        container,
        memory_capacity=facts.memory_capacity,
        cgroup_v2=ctx.cgroups.is_v2,
        enforce_quota=facts.enforce_cpu_quota,
    )
    await ctx.runtime.cri.update_container_resources(record.id, resources)
