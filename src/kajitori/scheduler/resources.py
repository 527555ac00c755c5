"""Amounts of resources as integers: what Pods request, what nodes have.

CPU counts in thousandths, memory and ephemeral storage in bytes, extended resources and huge pages in units.
May import: machinery.quantity.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from kajitori.machinery.quantity import Quantity

CPU, MEMORY, PODS = "cpu", "memory", "pods"
Amounts = dict[str, int]
DEFAULT_CPU = 100
"""What scoring assumes of a container that requests no CPU: 0.1 core."""
DEFAULT_MEMORY = 200 * 1024 * 1024


@lru_cache(maxsize=4096)
def amount(resource: str, quantity: str) -> int:
    """A quantity as this module counts it, rounded up."""
    parsed = Quantity.parse(quantity)
    return parsed.milli_value() if resource == CPU else parsed.value()


def amounts(quantities: Mapping[str, str]) -> Amounts:
    """Quantities as this module counts them."""
    return {name: amount(name, str(text)) for name, text in quantities.items()}


def add(total: Amounts, more: Mapping[str, int]) -> None:
    """Adds `more` to `total`, in place."""
    for name, value in more.items():
        total[name] = total.get(name, 0) + value


def _highest(total: Amounts, other: Mapping[str, int]) -> None:
    for name, value in other.items():
        if value > total.get(name, 0):
            total[name] = value


def allocated(pod: Any) -> Mapping[str, Mapping[str, str]]:
    """Container → what it has on its node, for a Pod that asks for more than that node can ever give."""
    if not any(c.type == "PodResizePending" and c.reason == "Infeasible" for c in pod.status.conditions):
        return {}
    statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    return {status.name: status.allocated_resources for status in statuses}


def pod_requests(
    spec: Any, *, non_zero: bool = False, allocated: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> Amounts:
    """What a Pod needs at once: its containers and sidecars, or an init container if that needs more, and overhead.

    With `non_zero`, containers without CPU or memory requests count as small ones, so that scoring spreads them. What
    is `allocated` to a container counts instead of what it asks for.
    """
    total: Amounts = {}
    for container in spec.containers:
        add(total, _container(container, non_zero, allocated))
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in spec.init_containers:
        wants = _container(container, non_zero, allocated)
        if container.restart_policy == "Always":
            add(total, wants)
            add(sidecars, wants)
            _highest(peak, sidecars)
        else:
            during = dict(sidecars)
            add(during, wants)
            _highest(peak, during)
    _highest(total, peak)
    pod_level = spec.resources
    if pod_level is not None:
        # Requests of the Pod as a whole stand for those of its containers.
        total |= amounts(pod_level.requests)
    if spec.overhead:
        add(total, amounts(spec.overhead))
    return total


def _container(container: Any, non_zero: bool, allocated: Mapping[str, Mapping[str, str]]) -> Amounts:
    resources = container.resources
    wants = amounts(resources.requests) if resources is not None else {}
    if allocated:
        wants |= amounts(allocated.get(container.name, {}))
    if non_zero:
        wants.setdefault(CPU, DEFAULT_CPU)
        wants.setdefault(MEMORY, DEFAULT_MEMORY)
    return wants
