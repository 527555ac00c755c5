"""TaintToleration: keeps a Pod off nodes whose taints it does not tolerate; PreferNoSchedule counts in the score."""

from collections.abc import Sequence
from typing import Any

from kajitori.machinery.placement import (
    NO_EXECUTE,
    NO_SCHEDULE,
    PREFER_NO_SCHEDULE,
    count_untolerated,
    first_untolerated,
)
from kajitori.scheduler.framework import (
    SKIP,
    SUCCESS,
    Action,
    ClusterEvent,
    CycleState,
    FilterPlugin,
    PreScorePlugin,
    ScorePlugin,
    Verdict,
    default_normalize,
    unresolvable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo

_HARD, _SOFT = (NO_SCHEDULE, NO_EXECUTE), (PREFER_NO_SCHEDULE,)


def _tolerable(pod: PodInfo, old: Any, new: Any) -> bool:
    """The node's taints are tolerated now and were not before."""
    if first_untolerated(new.spec.taints, pod.spec.tolerations, _HARD) is not None:
        return False
    return old is None or first_untolerated(old.spec.taints, pod.spec.tolerations, _HARD) is not None


class TaintToleration(FilterPlugin, PreScorePlugin, ScorePlugin):
    name = "TaintToleration"
    default_weight = 3
    retry_on = (
        ClusterEvent("Node", Action.ADD | Action.UPDATE_TAINT, _tolerable),
        ClusterEvent("UnscheduledPod", Action.UPDATE_TOLERATION),
    )

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        """Told is the first taint, NoSchedule or NoExecute, that is not tolerated."""
        if not node.taints:
            return SUCCESS
        taint = first_untolerated(node.taints, pod.spec.tolerations, _HARD)
        if taint is None:
            return SUCCESS
        return unresolvable(f"node(s) had untolerated taint {{{taint.key}: {taint.value or ''}}}")

    def pre_score(self, cycle: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]) -> Verdict:
        soft = any(taint.effect == PREFER_NO_SCHEDULE for node in nodes for taint in node.taints)
        return SUCCESS if soft else SKIP

    def score(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        return count_untolerated(node.taints, pod.spec.tolerations, _SOFT)

    def normalize(self, cycle: CycleState, pod: PodInfo, scores: dict[str, int]) -> None:
        default_normalize(scores, reverse=True)
