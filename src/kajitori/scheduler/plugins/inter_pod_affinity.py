"""InterPodAffinity: Pods that want to be near (or far from) other Pods, required and preferred, in both directions.

PreFilter counts, per topology value, the running Pods that match the incoming Pod's terms and the running Pods whose
own anti-affinity speaks of the incoming Pod; Filter then only compares numbers. Nodes without Pods that have terms
are passed over, so clusters that do not use affinity pay nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kajitori.scheduler.framework import (
    MAX_NODE_SCORE,
    SKIP,
    SUCCESS,
    Action,
    ClusterEvent,
    CycleState,
    FilterPlugin,
    Handle,
    PreFilterPlugin,
    PreFilterResult,
    PreScorePlugin,
    ScorePlugin,
    Verdict,
    unresolvable,
    unschedulable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import AffinityTerm, PodInfo

_AFFINITY = unresolvable("node(s) didn't match pod affinity rules")
_ANTI = unschedulable("node(s) didn't match pod anti-affinity rules")
_EXISTING_ANTI = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")
Pair = tuple[str, str]  # topology key, value


@dataclass
class _State:
    existing_anti: Counter[Pair] = field(default_factory=Counter)
    affinity: Counter[Pair] = field(default_factory=Counter)
    anti: Counter[Pair] = field(default_factory=Counter)

    def clone(self) -> _State:
        return _State(Counter(self.existing_anti), Counter(self.affinity), Counter(self.anti))


def _worth(pod: PodInfo, old: Any, new: Any) -> bool:
    """A Pod that came, went or changed labels matters if our terms or its own speak of the other."""
    for obj in (old, new):
        if obj is None:
            continue
        other = PodInfo(obj)
        if any(t.selector.matches(other.labels) for t in (*pod.affinity, *pod.anti_affinity)):
            return True
        if any(t.selector.matches(pod.labels) for t in other.anti_affinity):
            return True
    return False


class InterPodAffinity(PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin):
    name = "InterPodAffinity"
    default_weight = 2
    retry_on = (
        ClusterEvent("Pod", Action.ADD | Action.UPDATE_LABEL | Action.DELETE, _worth),
        ClusterEvent("Node", Action.ADD | Action.UPDATE_LABEL),
        ClusterEvent("UnscheduledPod", Action.UPDATE_LABEL),
    )

    def __init__(self, args: Mapping[str, Any], handle: Handle) -> None:
        super().__init__(args, handle)
        self._hard_weight = int(args.get("hardPodAffinityWeight", 1))
        self._ignore_existing = bool(args.get("ignorePreferredTermsOfExistingPods", False))

    # -- required terms

    def pre_filter(self, cycle: CycleState, pod: PodInfo, nodes: Mapping[str, NodeInfo]) -> PreFilterResult:
        state = _State()
        own = self.handle.namespace_labels(pod.namespace)
        for node in nodes.values():
            for other in node.with_anti_affinity.values():
                _count(state.existing_anti, (t for t in other.anti_affinity if t.matches(pod, own)), node, 1)
            if pod.affinity or pod.anti_affinity:
                for other in node.pods.values():
                    self._count_own(state, pod, other, node, 1)
        if not (pod.affinity or pod.anti_affinity or state.existing_anti):
            return PreFilterResult(SKIP)
        cycle[self.name] = state
        return PreFilterResult()

    def add_pod(self, cycle: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo) -> None:
        self._change(cycle, pod, added, node, 1)

    def remove_pod(self, cycle: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo) -> None:
        self._change(cycle, pod, removed, node, -1)

    def _change(self, cycle: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo, sign: int) -> None:
        state: _State | None = cycle.get(self.name)
        if state is None:
            return
        own = self.handle.namespace_labels(pod.namespace)
        _count(state.existing_anti, (t for t in other.anti_affinity if t.matches(pod, own)), node, sign)
        self._count_own(state, pod, other, node, sign)

    def _count_own(self, state: _State, pod: PodInfo, other: PodInfo, node: NodeInfo, sign: int) -> None:
        labels = self.handle.namespace_labels(other.namespace)
        # Affinity terms count together: a Pod must match all of them to be company.
        if pod.affinity and all(t.matches(other, labels) for t in pod.affinity):
            _count(state.affinity, pod.affinity, node, sign)
        _count(state.anti, (t for t in pod.anti_affinity if t.matches(other, labels)), node, sign)

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        """Own affinity, own anti-affinity, that of Pods already there: in this order, which decides the reason told."""
        state: _State = cycle[self.name]
        if not self._has_company(state, pod, node):
            return _AFFINITY
        for term in pod.anti_affinity:
            value = node.labels.get(term.topology_key)
            if value is not None and state.anti[(term.topology_key, value)] > 0:
                return _ANTI
        if state.existing_anti:
            for pair in node.labels.items():
                if state.existing_anti[pair] > 0:
                    return _EXISTING_ANTI
        return SUCCESS

    def _has_company(self, state: _State, pod: PodInfo, node: NodeInfo) -> bool:
        if not pod.affinity:
            return True
        satisfied = True
        for term in pod.affinity:
            value = node.labels.get(term.topology_key)
            if value is None:
                return False
            satisfied = satisfied and state.affinity[(term.topology_key, value)] > 0
        if satisfied:
            return True
        # The first of a group that wants its own company may go anywhere.
        labels = self.handle.namespace_labels(pod.namespace)
        return not any(n > 0 for n in state.affinity.values()) and all(t.matches(pod, labels) for t in pod.affinity)

    # -- preferred terms

    def pre_score(self, cycle: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]) -> Verdict:
        has_own = bool(pod.preferred_affinity or pod.preferred_anti_affinity)
        if self._ignore_existing and not has_own:
            return SKIP
        scores: Counter[Pair] = Counter()
        for node in self.handle.nodes.values():
            others = node.pods.values() if has_own else node.with_affinity.values()
            for other in others:
                self._rate(scores, pod, other, node)
        if not scores:
            return SKIP
        cycle[self.name + "/scores"] = scores
        return SUCCESS

    def _rate(self, scores: Counter[Pair], pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        theirs = self.handle.namespace_labels(other.namespace)
        own = self.handle.namespace_labels(pod.namespace)
        _weigh(scores, (t for t in pod.preferred_affinity if t.matches(other, theirs)), node, 1)
        _weigh(scores, (t for t in pod.preferred_anti_affinity if t.matches(other, theirs)), node, -1)
        if self._hard_weight:
            required = (t._replace(weight=self._hard_weight) for t in other.affinity if t.matches(pod, own))
            _weigh(scores, required, node, 1)
        if not self._ignore_existing:
            _weigh(scores, (t for t in other.preferred_affinity if t.matches(pod, own)), node, 1)
            _weigh(scores, (t for t in other.preferred_anti_affinity if t.matches(pod, own)), node, -1)

    def score(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        scores: Counter[Pair] = cycle[self.name + "/scores"]
        return sum(scores[pair] for pair in node.labels.items() if pair in scores)

    def normalize(self, cycle: CycleState, pod: PodInfo, scores: dict[str, int]) -> None:
        low, high = min(scores.values()), max(scores.values())
        spread = high - low
        for name, score in scores.items():
            scores[name] = MAX_NODE_SCORE * (score - low) // spread if spread else 0


def _count(counter: Counter[Pair], terms: Iterable[AffinityTerm], node: NodeInfo, sign: int) -> None:
    for term in terms:
        value = node.labels.get(term.topology_key)
        if value is not None:
            counter[(term.topology_key, value)] += sign


def _weigh(counter: Counter[Pair], terms: Iterable[AffinityTerm], node: NodeInfo, sign: int) -> None:
    for term in terms:
        value = node.labels.get(term.topology_key)
        if value is not None:
            counter[(term.topology_key, value)] += sign * term.weight
