"""DynamicResources: Pods that ask for devices through ResourceClaims.

A known gap: claims are not allocated yet, so a Pod with claims is refused rather than put on a node without its
devices. For all other Pods the plugin is silent, but for its share of the message when nothing fits: v1.34 names it
before preemption.
"""

from collections.abc import Mapping

from kajitori.scheduler.framework import (
    SKIP,
    Action,
    ClusterEvent,
    CycleState,
    PostFilterPlugin,
    PostFilterResult,
    PreFilterPlugin,
    PreFilterResult,
    Verdict,
    unresolvable,
    unschedulable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo

_NOTHING_TO_FREE = PostFilterResult(unschedulable("no new claims to deallocate"))


class DynamicResources(PreFilterPlugin, PostFilterPlugin):
    name = "DynamicResources"
    retry_on = (ClusterEvent("UnscheduledPod", Action.UPDATE_GATES),)

    def pre_filter(self, cycle: CycleState, pod: PodInfo, nodes: Mapping[str, NodeInfo]) -> PreFilterResult:
        if pod.spec.resource_claims:
            return PreFilterResult(unresolvable("cannot allocate all claims"))
        return PreFilterResult(SKIP)

    def post_filter(self, cycle: CycleState, pod: PodInfo, statuses: Mapping[str, Verdict]) -> PostFilterResult:
        return _NOTHING_TO_FREE
