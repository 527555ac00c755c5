"""Whether a Pod that was bound to this node fits: the last check, against races between schedulers and for Pods that
name their node themselves. Pods that run already, and critical ones, are never refused.

Pure. May import: machinery; of the kubelet `pods`, `runtime.features`, `worker.sysctls`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from kajitori.machinery.placement import NO_EXECUTE, first_untolerated, required_matches
from kajitori.machinery.quantity import Quantity

from ..pods import is_critical, is_sidecar, pod_quantity, request_of
from ..runtime.features import RuntimeFeatures
from .sysctls import forbidden_sysctl

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Node, Pod

ANY = "0.0.0.0"
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
    own = pod_quantity(pod, "requests", resource)
    total = max(regular + sidecars, peak) if own is None else amount(own)
    return total + amount(Quantity.parse(overhead) if overhead is not None else None)


def is_new(pod: Pod) -> bool:
    """Never worked on by a kubelet."""
    status = pod.status
    return status.phase in (None, "Pending") and not status.start_time and not status.container_statuses


def is_settled(pod: Pod) -> bool:
    """Never refused, whatever its node is like."""
    return is_critical(pod) or not is_new(pod)


def rejection(pod: Pod, others: Iterable[Pod], allocatable: Mapping[str, str]) -> tuple[str, str] | None:
    """(reason, message) if the Pod does not fit beside the others."""
    if is_settled(pod):
        return None
    running = list(others)
    return short_of(pod, running, allocatable) or _taken_ports(pod, running)


def misplacement(pod: Pod, node: Node) -> tuple[str, str] | None:
    """(reason, message) if the Pod's wishes and the node's labels and taints do not go together."""
    if is_settled(pod):
        return None
    if not required_matches(pod.spec, node.metadata.labels or {}, node.metadata.name or ""):
        return _failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
    if first_untolerated(node.spec.taints, pod.spec.tolerations, (NO_EXECUTE,)) is not None:
        return _failed("TaintToleration", "node(s) had taints that the pod didn't tolerate")
    return None


def unsupported(pod: Pod, features: RuntimeFeatures, unsafe_sysctls: Sequence[str]) -> tuple[str, str] | None:
    """(reason, message) if a Pod that never ran wants what this node cannot or must not give."""
    if not is_new(pod):
        return None
    if pod.spec.os is not None and pod.spec.os.name != "linux":
        return "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"
    context = pod.spec.security_context
    strict = context is not None and context.supplemental_groups_policy == "Strict"
    if strict and not features.supplemental_groups_policy:
        text = "SupplementalGroupsPolicy=Strict is not supported in this node"
        return "SupplementalGroupsPolicyNotSupported", text
    return forbidden_sysctl(pod, unsafe_sysctls)


def short_of(pod: Pod, running: Sequence[Pod], allocatable: Mapping[str, str]) -> tuple[str, str] | None:
    """(reason, message) if there is not room enough for it beside the others."""
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


def _taken_ports(pod: Pod, running: Sequence[Pod]) -> tuple[str, str] | None:
    wanted = host_ports(pod)
    if wanted and any(clash(a, b) for other in running for a in host_ports(other) for b in wanted):
        return _failed("NodePorts", "node(s) didn't have free ports for the requested pod ports")
    return None


def host_ports(pod: Pod) -> list[tuple[str, str, int]]:
    """(address, protocol, port) of each port of the node that the Pod takes."""
    sidecars = [c for c in pod.spec.init_containers if is_sidecar(c)]
    return [
        (port.host_ip or ANY, port.protocol or "TCP", port.host_port)
        for container in (*pod.spec.containers, *sidecars)
        for port in container.ports
        if port.host_port
    ]


def clash(a: tuple[str, str, int], b: tuple[str, str, int]) -> bool:
    """Whether two cannot stand side by side: the same port on the same address, or on all of them."""
    return a[1:] == b[1:] and (a[0] == b[0] or ANY in (a[0], b[0]))


def _failed(predicate: str, why: str) -> tuple[str, str]:
    return predicate, f"Predicate {predicate} failed: {why}"


def _refused(resource: str, wanted: int, used: int, capacity: int) -> tuple[str, str]:
    text = f"Node didn't have enough resource: {resource}, requested: {wanted}, used: {used}, capacity: {capacity}"
    return f"OutOf{resource}", text
