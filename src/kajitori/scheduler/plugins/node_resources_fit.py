"""NodeResourcesFit: a node must have what a Pod requests; scoring prefers empty (or full) nodes, as configured."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kajitori.scheduler.framework import (
    MAX_NODE_SCORE,
    SUCCESS,
    Action,
    ClusterEvent,
    CycleState,
    FilterPlugin,
    Handle,
    ScorePlugin,
    Verdict,
    unresolvable,
    unschedulable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo
from kajitori.scheduler.resources import CPU, MEMORY, PODS, amounts, pod_requests

DEFAULT_RESOURCES: tuple[Mapping[str, Any], ...] = ({"name": CPU, "weight": 1}, {"name": MEMORY, "weight": 1})
_SCALAR = ("hugepages-", "attachable-volumes-")


def insufficient(pod: PodInfo, node: NodeInfo) -> list[tuple[str, bool]]:
    """What is missing: (resource, whether even an empty node would not do)."""
    missing = []
    if len(node.pods) + 1 > node.allowed_pods:
        missing.append((PODS, node.allowed_pods < 1))
    requested, allocatable = node.requested, node.allocatable
    for name, wanted in pod.requests.items():
        if wanted and wanted > allocatable.get(name, 0) - requested.get(name, 0):
            missing.append((name, wanted > allocatable.get(name, 0)))
    return missing


def _reason(resource: str) -> str:
    return "Too many pods" if resource == PODS else f"Insufficient {resource}"


def _node_has_room(pod: PodInfo, old: Any, new: Any) -> bool:
    """The node could hold the Pod if it were empty, and before this change it had less of something."""
    now = amounts(new.status.allocatable)
    if any(wanted > now.get(name, 0) for name, wanted in pod.requests.items() if wanted):
        return False
    if old is None:
        return True
    before = amounts(old.status.allocatable)
    return any(now.get(name, 0) > before.get(name, 0) for name in (*pod.requests, PODS))


def _pod_made_room(pod: PodInfo, old: Any, new: Any) -> bool:
    """A bound Pod went away (or shrank) that held something of what is wanted; every Pod holds one of the slots."""
    if old is None:
        return False
    if new is None:
        return True
    less = pod_requests(new.spec)
    return any(less.get(name, 0) < value for name, value in pod_requests(old.spec).items() if name in pod.requests)


class NodeResourcesFit(FilterPlugin, ScorePlugin):
    name = "NodeResourcesFit"
    retry_on = (
        ClusterEvent("Pod", Action.DELETE | Action.UPDATE_SCALE_DOWN, _pod_made_room),
        ClusterEvent("Node", Action.ADD | Action.UPDATE_ALLOCATABLE, _node_has_room),
        ClusterEvent("UnscheduledPod", Action.UPDATE_SCALE_DOWN),
    )

    def __init__(self, args: Mapping[str, Any], handle: Handle) -> None:
        super().__init__(args, handle)
        strategy = args.get("scoringStrategy") or {}
        resources = strategy.get("resources") or DEFAULT_RESOURCES
        self._resources = [(r["name"], r.get("weight") or 1) for r in resources]
        self._rate = _strategy(strategy)
        self._ignored = set(args.get("ignoredResources") or ())
        self._ignored_groups = tuple(f"{group}/" for group in args.get("ignoredResourceGroups") or ())

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        """Names every resource that is short; UNRESOLVABLE if one of them is more than it has in all."""
        missing = insufficient(pod, node)
        if not missing:
            return SUCCESS
        missing = [
            m for m in missing if m[0] not in self._ignored and not m[0].startswith(self._ignored_groups or "\0")
        ]
        if not missing:
            return SUCCESS
        reasons = [_reason(name) for name, _ in missing]
        never = any(is_never for _, is_never in missing)
        return unresolvable(*reasons) if never else unschedulable(*reasons)

    def score(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """0 to 100: the weighted mean of what the strategy gives each resource that the node has."""
        total = weights = 0
        for name, weight in self._resources:
            capacity, used = capacity_and_use(name, pod, node)
            if capacity <= 0:
                continue
            total += self._rate(used, capacity) * weight
            weights += weight
        return total // weights if weights else 0


def capacity_and_use(resource: str, pod: PodInfo, node: NodeInfo) -> tuple[int, int]:
    """What the node has, and what would be taken with this Pod on it (small defaults for those without requests)."""
    if resource == CPU:
        return node.cpu, node.non_zero_cpu + pod.non_zero_requests.get(CPU, 0)
    if resource == MEMORY:
        return node.memory, node.non_zero_memory + pod.non_zero_requests.get(MEMORY, 0)
    wanted = pod.requests.get(resource, 0)
    if not wanted and "/" in resource:
        return 0, 0  # an extended resource that the Pod does not ask for says nothing about it
    return node.allocatable.get(resource, 0), node.requested.get(resource, 0) + wanted


Rate = Callable[[int, int], int]


def least_requested(used: int, capacity: int) -> int:
    return 0 if used > capacity else (capacity - used) * MAX_NODE_SCORE // capacity


def most_requested(used: int, capacity: int) -> int:
    return min(used, capacity) * MAX_NODE_SCORE // capacity


def requested_to_capacity(shape: Sequence[Mapping[str, int]]) -> Rate:
    """A broken line through (utilization in percent, score 0..10)."""
    points = [(int(p["utilization"]), int(p["score"]) * (MAX_NODE_SCORE // 10)) for p in shape]

    def rate(used: int, capacity: int) -> int:
        percent = 100 if used > capacity else used * 100 // capacity
        before: tuple[int, int] | None = None
        for point in points:
            if percent <= point[0]:
                if before is None:
                    return point[1]
                return before[1] + (point[1] - before[1]) * (percent - before[0]) // (point[0] - before[0])
            before = point
        return points[-1][1]

    return rate


def _strategy(strategy: Mapping[str, Any]) -> Rate:
    match strategy.get("type") or "LeastAllocated":
        case "LeastAllocated":
            return least_requested
        case "MostAllocated":
            return most_requested
        case "RequestedToCapacityRatio":
            shape = (strategy.get("requestedToCapacityRatio") or {}).get("shape") or ()
            if not shape:
                raise ValueError("scoringStrategy.requestedToCapacityRatio.shape: at least one point is required")
            return requested_to_capacity(shape)
    raise ValueError(f'scoringStrategy.type: unsupported value "{strategy["type"]}"')
