"""Taints and tolerations, as the node controllers need them. Pure. May import: api (types), machinery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kajitori.machinery.placement import tolerates

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
MEMORY_PRESSURE = "node.kubernetes.io/memory-pressure"
DISK_PRESSURE = "node.kubernetes.io/disk-pressure"
PID_PRESSURE = "node.kubernetes.io/pid-pressure"
NETWORK_UNAVAILABLE = "node.kubernetes.io/network-unavailable"
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"

# condition type → status → taint
CONDITION_TAINTS: dict[str, dict[str, str]] = {
    "Ready": {"False": NOT_READY, "Unknown": UNREACHABLE},
    "MemoryPressure": {"True": MEMORY_PRESSURE},
    "DiskPressure": {"True": DISK_PRESSURE},
    "NetworkUnavailable": {"True": NETWORK_UNAVAILABLE},
    "PIDPressure": {"True": PID_PRESSURE},
}
MANAGED_NO_SCHEDULE = frozenset(
    {NOT_READY, UNREACHABLE, UNSCHEDULABLE, MEMORY_PRESSURE, DISK_PRESSURE, PID_PRESSURE, NETWORK_UNAVAILABLE}
)
MANAGED_NO_EXECUTE = frozenset({NOT_READY, UNREACHABLE})


def eviction_delay_s(taints: Iterable[Any], tolerations: Sequence[Any]) -> float | None:
    """Seconds that a Pod may stay under these NoExecute taints: 0 is not at all, None is for ever."""
    delays: list[float] = []
    for taint in taints:
        matching = [toleration for toleration in tolerations if tolerates(toleration, taint)]
        if not matching:
            return 0.0
        limits = [t.toleration_seconds for t in matching if t.toleration_seconds is not None]
        delays += [max(0.0, float(limit)) for limit in limits]
    return min(delays, default=None)


def no_execute(node: Any) -> list[Any]:
    """The taints that evict."""
    return [taint for taint in node.spec.taints if taint.effect == "NoExecute"]
