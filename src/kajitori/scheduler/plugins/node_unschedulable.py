"""NodeUnschedulable: no new Pods on a cordoned node, unless they tolerate just that."""

from types import SimpleNamespace
from typing import Any

from kajitori.machinery.placement import NO_SCHEDULE, tolerates
from kajitori.scheduler.framework import (
    SUCCESS,
    Action,
    ClusterEvent,
    CycleState,
    FilterPlugin,
    Verdict,
    unresolvable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo

TAINT = SimpleNamespace(key="node.kubernetes.io/unschedulable", value="", effect=NO_SCHEDULE)
_CORDONED = unresolvable("node(s) were unschedulable")


def _opened(pod: PodInfo, old: Any, new: Any) -> bool:
    return not new.spec.unschedulable and (old is None or bool(old.spec.unschedulable))


class NodeUnschedulable(FilterPlugin):
    name = "NodeUnschedulable"
    retry_on = (
        ClusterEvent("Node", Action.ADD | Action.UPDATE_TAINT, _opened),
        ClusterEvent("UnscheduledPod", Action.UPDATE_TOLERATION),
    )

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        """A toleration of node.kubernetes.io/unschedulable:NoSchedule lets a Pod onto a cordoned node."""
        if not node.node.spec.unschedulable:
            return SUCCESS
        return SUCCESS if any(tolerates(t, TAINT) for t in pod.spec.tolerations) else _CORDONED
