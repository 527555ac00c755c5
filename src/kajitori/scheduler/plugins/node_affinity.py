"""NodeAffinity: nodeSelector and node affinity, required and preferred, over labels and metadata.name."""

from collections.abc import Mapping, Sequence
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
    PreScorePlugin,
    ScorePlugin,
    Verdict,
    default_normalize,
    unresolvable,
)
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo

_NO_MATCH = unresolvable("node(s) didn't match Pod's node affinity/selector")


def matches_expression(expression: Any, labels: Mapping[str, str]) -> bool:
    """One requirement: In, NotIn, Exists, DoesNotExist, Gt, Lt. A malformed one matches nothing."""
    value = labels.get(expression.key)
    match expression.operator:
        case "In":
            return value is not None and value in expression.values
        case "NotIn":
            return value is None or value not in expression.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            try:
                left, right = int(value or ""), int(expression.values[0])
            except (ValueError, IndexError):
                return False
            return left > right if expression.operator == "Gt" else left < right
    return False


def matches_term(term: Any, labels: Mapping[str, str], name: str) -> bool:
    """All requirements of a term; an empty term matches no node."""
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": name}
    return all(matches_expression(e, labels) for e in term.match_expressions) and all(
        matches_expression(e, fields) for e in term.match_fields
    )


def _required_terms(spec: Any) -> Sequence[Any] | None:
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity is not None else None
    return None if required is None else required.node_selector_terms


def _preferred_terms(spec: Any) -> Sequence[Any]:
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    return () if affinity is None else affinity.preferred_during_scheduling_ignored_during_execution


def required_matches(spec: Any, labels: Mapping[str, str], name: str) -> bool:
    """Whether a node satisfies nodeSelector and required affinity (terms are alternatives)."""
    if any(labels.get(key) != value for key, value in spec.node_selector.items()):
        return False
    terms = _required_terms(spec)
    return terms is None or any(matches_term(term, labels, name) for term in terms)


def _matches_now(pod: PodInfo, old: Any, new: Any) -> bool:
    if not required_matches(pod.spec, new.metadata.labels, new.metadata.name):
        return False
    return old is None or not required_matches(pod.spec, old.metadata.labels, old.metadata.name)


class NodeAffinity(PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin):
    name = "NodeAffinity"
    default_weight = 2
    retry_on = (ClusterEvent("Node", Action.ADD | Action.UPDATE_LABEL, _matches_now),)

    def pre_filter(self, cycle: CycleState, pod: PodInfo, nodes: Mapping[str, NodeInfo]) -> PreFilterResult:
        terms = _required_terms(pod.spec)
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
