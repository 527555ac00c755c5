"""NodeName: a Pod that names its node fits nowhere else."""

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

_OTHER = unresolvable("node(s) didn't match the requested node name")


class NodeName(FilterPlugin):
    name = "NodeName"
    retry_on = (ClusterEvent("Node", Action.ADD),)

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        wanted = pod.spec.node_name
        return SUCCESS if not wanted or wanted == node.name else _OTHER
