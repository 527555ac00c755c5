"""NodeResourcesBalancedAllocation: prefers nodes whose CPU and memory would be used to a similar degree."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kajitori.scheduler.framework import (
    MAX_NODE_SCORE,
    SKIP,
    SUCCESS,
    CycleState,
    Handle,
    PreScorePlugin,
    ScorePlugin,
    Verdict,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.plugins.node_resources_fit import DEFAULT_RESOURCES
from kajitori.scheduler.podinfo import PodInfo


class NodeResourcesBalancedAllocation(PreScorePlugin, ScorePlugin):
    name = "NodeResourcesBalancedAllocation"

    def __init__(self, args: Mapping[str, Any], handle: Handle) -> None:
        super().__init__(args, handle)
        self._resources: list[str] = [r["name"] for r in args.get("resources") or DEFAULT_RESOURCES]

    def pre_score(self, cycle: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]) -> Verdict:
        # A Pod without requests changes no balance.
        return SUCCESS if any(pod.requests.get(name) for name in self._resources) else SKIP

    def score(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """100 where all resources would be used to the same fraction, less the more the fractions deviate."""
        fractions = []
        for name in self._resources:
            capacity = node.allocatable.get(name, 0)
            if capacity > 0:
                used = node.requested.get(name, 0) + pod.requests.get(name, 0)
                fractions.append(min(1.0, used / capacity))
        return int((1 - deviation(fractions)) * MAX_NODE_SCORE)


def deviation(fractions: Sequence[float]) -> float:
    """Standard deviation; of two values, half their difference."""
    if len(fractions) < 2:
        return 0.0
    if len(fractions) == 2:
        return abs(fractions[0] - fractions[1]) / 2
    mean = sum(fractions) / len(fractions)
    return math.sqrt(sum((f - mean) ** 2 for f in fractions) / len(fractions))
