"""Whether a Pod that was bound to this node fits: the last check, against races between schedulers and for Pods that
name their node themselves. Pods that run already, and critical ones, are never refused.

Pure. May import: machinery; of the kubelet `pods`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kajitori.machinery.quantity import Quantity

from ..pods import is_critical, is_sidecar, request_of

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

CHECKED = ("cpu", "memory", "ephemeral-storage")


def requested(pod: Pod, resource: str) -> int:
    """What a Pod asks for in all (cpu in thousandths): its containers together, or a bigger init container."""

    def amount(quantity: Quantity | None) -> int:
        if quantity is None:
            return 0
        return quantity.milli_value() if resource == "cpu" else quantity.value()

    regular = sum(amount(request_of(c, resource)) for c in pod.spec.containers)
    sidecars = peak = 0
    for container in pod.spec.init_containers:
        asked = amount(request_of(container, resource))
        if is_sidecar(container):
            sidecars += asked
        peak = max(peak, sidecars + (0 if is_sidecar(container) else asked))
    overhead = (pod.spec.overhead or {}).get(resource)
    return max(regular + sidecars, peak) + amount(Quantity.parse(overhead) if overhead is not None else None)


def is_new(pod: Pod) -> bool:
    """Never worked on by a kubelet."""
    status = pod.status
    return status.phase in (None, "Pending") and not status.start_time and not status.container_statuses


def rejection(pod: Pod, others: Iterable[Pod], allocatable: Mapping[str, str]) -> tuple[str, str] | None:
    """(reason, message) if the Pod does not fit beside the others."""
    if is_critical(pod) or not is_new(pod):
        return None
    running = list(others)
    room = Quantity.parse(allocatable.get("pods", "110")).value()
    if len(running) + 1 > room:
        return _refused("pods", 1, len(running), room)
    for resource in CHECKED:
        wanted = requested(pod, resource)
        if not wanted or resource not in allocatable:
            continue
        quantity = Quantity.parse(allocatable[resource])
        capacity = quantity.milli_value() if resource == "cpu" else quantity.value()
        used = sum(requested(other, resource) for other in running)
        if used + wanted > capacity:
            return _refused(resource, wanted, used, capacity)
    return None


def _refused(resource: str, wanted: int, used: int, capacity: int) -> tuple[str, str]:
    text = f"Node didn't have enough resource: {resource}, requested: {wanted}, used: {used}, capacity: {capacity}"
    return f"OutOf{resource}", text
