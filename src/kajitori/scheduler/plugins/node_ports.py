"""NodePorts: two Pods of one node cannot have the same host port."""

from collections.abc import Mapping
from typing import Any

from kajitori.scheduler.framework import (
    SKIP,
    SUCCESS,
    Action,
    ClusterEvent,
    CycleState,
    FilterPlugin,
    PreFilterPlugin,
    PreFilterResult,
    Verdict,
    unschedulable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo, host_ports_of

_TAKEN = unschedulable("node(s) didn't have free ports for the requested pod ports")


def _frees_port(pod: PodInfo, old: Any, new: Any) -> bool:
    """The Pod that went away had one of the wanted ports."""
    if old is None or not old.spec.node_name:
        return False
    freed = {(p.protocol, p.port) for p in host_ports_of(old.spec)}
    return any((p.protocol, p.port) in freed for p in pod.host_ports)


class NodePorts(PreFilterPlugin, FilterPlugin):
    name = "NodePorts"
    retry_on = (ClusterEvent("Pod", Action.DELETE, _frees_port), ClusterEvent("Node", Action.ADD))

    def pre_filter(self, cycle: CycleState, pod: PodInfo, nodes: Mapping[str, NodeInfo]) -> PreFilterResult:
        return PreFilterResult(SUCCESS if pod.host_ports else SKIP)

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        return _TAKEN if node.conflicts(pod.host_ports) else SUCCESS
