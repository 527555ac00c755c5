"""From requests and limits to cgroup numbers: CPU shares and quota, memory limit, OOM score.

Pure arithmetic, upstream's constants. May import: of the kubelet, `cri` (messages), `pods`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cri import cri_pb2 as pb
from ..pods import is_critical, pod_quantity, qos_class, quantity_of, request_of, says_resources

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod

MIN_SHARES, MAX_SHARES = 2, 262144
SHARES_PER_CPU = 1024
QUOTA_PERIOD_US = 100_000
MIN_QUOTA_US = 1000
GUARANTEED_OOM_SCORE, BEST_EFFORT_OOM_SCORE = -997, 1000


def cpu_shares(milli_cpu: int) -> int:
    """Weight relative to other cgroups; nothing asked for is the least weight."""
    if milli_cpu <= 0:
        return MIN_SHARES
    return min(MAX_SHARES, max(MIN_SHARES, milli_cpu * SHARES_PER_CPU // 1000))


def cpu_quota_us(milli_cpu: int) -> int:
    """Microseconds of CPU per period; 0 is no limit."""
    if milli_cpu <= 0:
        return 0
    return max(MIN_QUOTA_US, milli_cpu * QUOTA_PERIOD_US // 1000)


def weight_of_shares(shares: int) -> int:
    """cgroup v2's ``cpu.weight`` (1..10000) for v1 shares (2..262144)."""
    return 1 + ((shares - 2) * 9999) // 262142


def oom_score_adj(pod: Pod, container: Container, memory_capacity: int) -> int:
    """Who dies first when the node runs out of memory: BestEffort, then Burstable by how little it asked for."""
    if is_critical(pod):
        return GUARANTEED_OOM_SCORE
    qos = qos_class(pod)
    if qos == "Guaranteed":
        return GUARANTEED_OOM_SCORE
    if qos == "BestEffort":
        return BEST_EFFORT_OOM_SCORE
    request = request_of(container, "memory")
    asked = request.value() if request is not None else 0
    if says_resources(pod):
        asked += _share_of_the_rest(pod)
    score = 1000 - (1000 * asked) // max(memory_capacity, 1)
    return min(max(score, 1000 + GUARANTEED_OOM_SCORE), BEST_EFFORT_OOM_SCORE - 1)


def _share_of_the_rest(pod: Pod) -> int:
    """What the Pod requests beyond its containers counts for each of them alike."""
    own = pod_quantity(pod, "requests", "memory")
    containers = [*pod.spec.containers, *(c for c in pod.spec.init_containers if c.restart_policy == "Always")]
    asked = [q.value() for c in containers if (q := request_of(c, "memory")) is not None]
    rest = own.value() - sum(asked) if own is not None else 0
    return max(rest, 0) // len(containers)


def container_resources(
    pod: Pod, container: Container, *, memory_capacity: int, cgroup_v2: bool, enforce_quota: bool = True
) -> pb.LinuxContainerResources:
    """All of it for one container."""
    request = request_of(container, "cpu")
    limit = quantity_of(container, "limits", "cpu")
    memory = quantity_of(container, "limits", "memory")
    result = pb.LinuxContainerResources(
        cpu_shares=cpu_shares(request.milli_value() if request is not None else 0),
        cpu_period=QUOTA_PERIOD_US,
        cpu_quota=cpu_quota_us(limit.milli_value()) if limit is not None and enforce_quota else 0,
        memory_limit_in_bytes=memory.value() if memory is not None else 0,
        oom_score_adj=oom_score_adj(pod, container, memory_capacity),
    )
    if cgroup_v2:
        # One process over the limit ends the whole container, as v1 runtimes and upstream have it.
        result.unified["memory.oom.group"] = "1"
    return result


def pod_limits(pod: Pod) -> tuple[int, int, int]:
    """(milli CPU asked for, milli CPU limit or 0, memory limit in bytes or 0) of the Pod's cgroup."""

    def total(kind: str, resource: str) -> int | None:
        own = pod_quantity(pod, kind, resource)
        if own is not None:
            return own.milli_value() if resource == "cpu" else own.value()
        milli = 0
        for container in pod.spec.containers:
            q = request_of(container, resource) if kind == "requests" else quantity_of(container, kind, resource)
            if q is None and kind == "limits":
                return None
            milli += 0 if q is None else (q.milli_value() if resource == "cpu" else q.value())
        sidecars = 0
        peak = 0
        for container in pod.spec.init_containers:
            q = request_of(container, resource) if kind == "requests" else quantity_of(container, kind, resource)
            if q is None and kind == "limits":
                return None
            value = 0 if q is None else (q.milli_value() if resource == "cpu" else q.value())
            if container.restart_policy == "Always":
                sidecars += value
                peak = max(peak, sidecars)
            else:
                peak = max(peak, sidecars + value)
        return max(milli + sidecars, peak)

    return total("requests", "cpu") or 0, total("limits", "cpu") or 0, total("limits", "memory") or 0
