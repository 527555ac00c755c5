"""NodeAffinity: nodeSelector and node affinity, required and preferred, over labels and metadata.name."""

from collections.abc import Mapping, Sequence
from typing import Any

from kajitori.machinery.placement import matches_term, required_matches, required_terms
from kajitori.scheduler.framework import (
    SKIP,
    SUCCESS,
    Action,
    ClusterEvent,
    CycleState,
    FilterPlugin,
    PreFilterPlugin,
    PreFilterResult,
    PreScorePlugin,
    ScorePlugin,
    Verdict,
    default_normalize,
    unresolvable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo

_NO_MATCH = unresolvable("node(s) didn't match Pod's node affinity/selector")


def _preferred_terms(spec: Any) -> Sequence[Any]:
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    return () if affinity is None else affinity.preferred_during_scheduling_ignored_during_execution


def _matches_now(pod: PodInfo, old: Any, new: Any) -> bool:
    if not required_matches(pod.spec, new.metadata.labels, new.metadata.name):
        return False
    return old is None or not required_matches(pod.spec, old.metadata.labels, old.metadata.name)


class NodeAffinity(PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin):
    name = "NodeAffinity"
    default_weight = 2
    retry_on = (ClusterEvent("Node", Action.ADD | Action.UPDATE_LABEL, _matches_now),)

    def pre_filter(self, cycle: CycleState, pod: PodInfo, nodes: Mapping[str, NodeInfo]) -> PreFilterResult:
        terms = required_terms(pod.spec)
        if terms is None:
            return PreFilterResult(SUCCESS if pod.spec.node_selector else SKIP)
        names = _named_nodes(terms)
        if names is not None and not names:
            return PreFilterResult(unresolvable("pod affinity terms conflict"))
        return PreFilterResult(SUCCESS, names)

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        return SUCCESS if required_matches(pod.spec, node.labels, node.name) else _NO_MATCH

    def pre_score(self, cycle: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]) -> Verdict:
        return SUCCESS if _preferred_terms(pod.spec) else SKIP

    def score(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The sum of the weights of the preferred terms that match; `normalize` scales it."""
        return sum(
            term.weight or 0
            for term in _preferred_terms(pod.spec)
            if term.weight and matches_term(term.preference, node.labels, node.name)
        )

    def normalize(self, cycle: CycleState, pod: PodInfo, scores: dict[str, int]) -> None:
        default_normalize(scores)


def _named_nodes(terms: Sequence[Any]) -> frozenset[str] | None:
    """The nodes that terms name by metadata.name (DaemonSet Pods do); None as soon as one term leaves it open."""
    names: set[str] = set()
    for term in terms:
        named: set[str] | None = None
        for field in term.match_fields:
            if field.key == "metadata.name" and field.operator == "In":
                named = set(field.values) if named is None else named & set(field.values)
        if named is None:
            return None
        names |= named
    return frozenset(names)
