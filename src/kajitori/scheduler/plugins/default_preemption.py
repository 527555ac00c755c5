"""DefaultPreemption: when nothing fits, find the node where the fewest, least important Pods would have to go.

Decides only (dry run on copies); the caller deletes the victims and nominates the node. Pods covered by a
PodDisruptionBudget that allows no more disruptions are spared where possible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kajitori.machinery.labels import Selector
from kajitori.scheduler.diagnosis import FitError
from kajitori.scheduler.framework import (
    SUCCESS,
    Code,
    CycleState,
    PostFilterPlugin,
    PostFilterResult,
    Verdict,
    unschedulable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo
from kajitori.scheduler.profile import Profile

_NOT_HELPFUL = Verdict(Code.UNRESOLVABLE, ("Preemption is not helpful for scheduling",))
_NO_VICTIMS = unschedulable("No preemption victims found for incoming pod")


@dataclass(frozen=True)
class Candidate:
    """A node, and who would have to leave it."""

    node_name: str
    victims: tuple[PodInfo, ...]
    violations: int  # of disruption budgets


class DefaultPreemption(PostFilterPlugin):
    name = "DefaultPreemption"

    def post_filter(self, cycle: CycleState, pod: PodInfo, statuses: Mapping[str, Verdict]) -> PostFilterResult:
        nodes = self.handle.nodes
        refusal = self._ineligible(pod, nodes, statuses)
        if refusal:
            return PostFilterResult(unschedulable(f"preemption: {refusal}"))
        candidates: list[Candidate] = []
        outcome: dict[str, Verdict] = {}
        budgets = self.handle.list_objects("PodDisruptionBudget", "")
        for name, node in nodes.items():
            status = statuses.get(name)
            if status is None or status.code is not Code.UNSCHEDULABLE:
                outcome[name] = _NOT_HELPFUL
                continue
            found = self._try(cycle, pod, node, budgets)
            if isinstance(found, Candidate):
                candidates.append(found)
            else:
                outcome[name] = found
        if not candidates:
            error = FitError(len(nodes), outcome)
            return PostFilterResult(unschedulable(f"preemption: {error}"), nominated_node="")
        best = best_candidate(candidates)
        return PostFilterResult(SUCCESS, nominated_node=best.node_name, victims=best.victims)

    def _ineligible(self, pod: PodInfo, nodes: Mapping[str, NodeInfo], statuses: Mapping[str, Verdict]) -> str:
        """Why this Pod may not preempt now; empty if it may."""
        if pod.spec.preemption_policy == "Never":
            return "not eligible due to preemptionPolicy=Never."
        nominated = pod.pod.status.nominated_node_name
        status = statuses.get(nominated or "")
        if nominated and nominated in nodes and not (status and status.code is Code.UNRESOLVABLE):
            # Its victims are still on their way out: wait for them rather than choose others.
            for other in nodes[nominated].pods.values():
                if other.priority < pod.priority and other.pod.metadata.deletion_timestamp:
                    return "not eligible due to a terminating pod on the nominated node."
        return ""

    def _try(self, cycle: CycleState, pod: PodInfo, node: NodeInfo, budgets: Sequence[Any]) -> Candidate | Verdict:
        """Take all lesser Pods off a copy of the node; if that helps, put back as many as possible."""
        profile: Profile = self.handle.profile_of(pod)
        lesser = [other for other in node.pods.values() if other.priority < pod.priority]
        if not lesser:
            return _NO_VICTIMS
        copy, state = node.clone(), cycle.copy()

        def change(other: PodInfo, *, remove: bool) -> None:
            if remove:
                copy.remove_pod(other.uid)
            else:
                copy.add_pod(other)
            for plugin in profile.pre_filters:
                if plugin.name not in state.skip_filter:
                    (plugin.remove_pod if remove else plugin.add_pod)(state, pod, other, copy)

        for other in lesser:
            change(other, remove=True)
        filters = profile.active_filters(state)
        verdict = profile.run_filters(state, pod, copy, filters)
        if verdict is not SUCCESS:
            return verdict
        violating, sparing = split_by_budgets(sorted(lesser, key=_importance), budgets)
        victims: list[PodInfo] = []
        violations = 0
        for group, counts in ((violating, True), (sparing, False)):
            for other in group:
                change(other, remove=False)
                if profile.run_filters(state, pod, copy, filters) is not SUCCESS:
                    change(other, remove=True)
                    victims.append(other)
                    violations += counts
        return Candidate(node.name, tuple(sorted(victims, key=_importance)), violations)


def _importance(pod: PodInfo) -> tuple[int, str]:
    """Most important first: higher priority, then started earlier."""
    return (-pod.priority, pod.pod.status.start_time or "9999")


def split_by_budgets(pods: Sequence[PodInfo], budgets: Sequence[Any]) -> tuple[list[PodInfo], list[PodInfo]]:
    """(those whose eviction a budget does not allow, the others); order is kept."""
    allowed = [budget.status.disruptions_allowed or 0 for budget in budgets]
    selectors = [Selector.from_label_selector(budget.spec.selector) for budget in budgets]
    violating: list[PodInfo] = []
    sparing: list[PodInfo] = []
    for pod in pods:
        violates = False
        for index, budget in enumerate(budgets):
            if budget.metadata.namespace != pod.namespace or not pod.labels or not selectors[index].requirements:
                continue
            if not selectors[index].matches(pod.labels) or pod.name in (budget.status.disrupted_pods or {}):
                continue
            allowed[index] -= 1
            violates = violates or allowed[index] < 0
        (violating if violates else sparing).append(pod)
    return violating, sparing


def best_candidate(candidates: Sequence[Candidate]) -> Candidate:
    """Fewest budget violations, lowest highest priority, lowest sum of priorities, fewest Pods, youngest victims."""

    def cost(candidate: Candidate) -> tuple[Any, ...]:
        victims = candidate.victims
        highest = max((v.priority for v in victims), default=-(2**31))
        earliest = min((v.pod.status.start_time or "9999" for v in victims if v.priority == highest), default="9999")
        total = sum(v.priority + 2**31 for v in victims)
        return candidate.violations, highest, total, len(victims), _Reversed(earliest)

    return min(candidates, key=cost)


class _Reversed(str):
    """Sorts the other way round: the later start time is the smaller cost."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str(self) > str(other)

    def __gt__(self, other: str) -> bool:
        return str(self) < str(other)
