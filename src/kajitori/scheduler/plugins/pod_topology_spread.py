"""PodTopologySpread: keeps the Pods that a constraint selects evenly over zones, nodes or any other topology.

Hard constraints (DoNotSchedule) are counted once per Pod in PreFilter; soft ones (ScheduleAnyway), and the cluster's
default constraints for Pods of a Service or workload, are scored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kajitori.machinery.labels import Selector
from kajitori.machinery.placement import NO_EXECUTE, NO_SCHEDULE, first_untolerated, required_matches
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
from kajitori.scheduler.podinfo import PodInfo, with_keys

HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
_SKEWED = unschedulable("node(s) didn't match pod topology spread constraints")
_NO_LABEL = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)")
SYSTEM_DEFAULTS = (
    {"maxSkew": 3, "topologyKey": HOSTNAME, "whenUnsatisfiable": "ScheduleAnyway"},
    {"maxSkew": 5, "topologyKey": ZONE, "whenUnsatisfiable": "ScheduleAnyway"},
)


@dataclass(frozen=True)
class Constraint:
    """One spread constraint, ready to count."""

    max_skew: int
    topology_key: str
    selector: Selector
    min_domains: int = 1
    honors_affinity: bool = True
    honors_taints: bool = False

    def includes(self, pod: PodInfo, node: NodeInfo) -> bool:
        """Whether a node takes part in the counting."""
        if self.honors_affinity and not required_matches(pod.spec, node.labels, node.name):
            return False
        return not (
            self.honors_taints
            and first_untolerated(node.taints, pod.spec.tolerations, (NO_SCHEDULE, NO_EXECUTE)) is not None
        )


@dataclass
class _State:
    constraints: tuple[Constraint, ...]
    counts: list[dict[str, int]] = field(default_factory=list)  # per constraint: topology value → Pods

    def clone(self) -> _State:
        return _State(self.constraints, [dict(c) for c in self.counts])


def constraints_of(pod: PodInfo, mode: str) -> tuple[Constraint, ...]:
    """The Pod's own constraints of this `whenUnsatisfiable`."""
    found = []
    for c in pod.spec.topology_spread_constraints:
        if c.when_unsatisfiable != mode:
            continue
        selector = with_keys(Selector.from_label_selector(c.label_selector), c.match_label_keys, [], pod.labels)
        found.append(
            Constraint(
                max_skew=c.max_skew or 1,
                topology_key=c.topology_key or "",
                selector=selector,
                min_domains=c.min_domains or 1,
                honors_affinity=c.node_affinity_policy != "Ignore",
                honors_taints=c.node_taints_policy == "Honor",
            )
        )
    return tuple(found)


def count_matching(node: NodeInfo, selector: Selector, namespace: str) -> int:
    """Pods of the namespace on the node that match and are not going away."""
    if selector.requirements is None:
        return 0
    return sum(
        1
        for other in node.pods.values()
        if other.namespace == namespace and not other.pod.metadata.deletion_timestamp and selector.matches(other.labels)
    )


def _worth(pod: PodInfo, old: Any, new: Any) -> bool:
    selectors = [c.selector for c in constraints_of(pod, "DoNotSchedule")]
    return any(
        selector.matches(obj.metadata.labels)
        for obj in (old, new)
        if obj is not None and obj.metadata.namespace == pod.namespace
        for selector in selectors
    )


class PodTopologySpread(PreFilterPlugin, FilterPlugin, PreScorePlugin, ScorePlugin):
    name = "PodTopologySpread"
    default_weight = 2
    retry_on = (
        ClusterEvent("Pod", Action.ADD | Action.UPDATE_LABEL | Action.DELETE, _worth),
        ClusterEvent("Node", Action.ADD | Action.DELETE | Action.UPDATE_LABEL | Action.UPDATE_TAINT),
        ClusterEvent("UnscheduledPod", Action.UPDATE_LABEL | Action.UPDATE_TOLERATION),
    )

    def __init__(self, args: Mapping[str, Any], handle: Handle) -> None:
        super().__init__(args, handle)
        is_list = args.get("defaultingType") == "List"
        self._is_system_default = not is_list
        self._defaults = tuple(args.get("defaultConstraints") or ()) if is_list else SYSTEM_DEFAULTS

    # -- hard constraints

    def pre_filter(self, cycle: CycleState, pod: PodInfo, nodes: Mapping[str, NodeInfo]) -> PreFilterResult:
        constraints = constraints_of(pod, "DoNotSchedule") or self._default_constraints(pod, "DoNotSchedule")
        if not constraints:
            return PreFilterResult(SKIP)
        state = _State(constraints, [{} for _ in constraints])
        for node in nodes.values():
            if any(c.topology_key not in node.labels for c in constraints):
                continue
            for constraint, counts in zip(constraints, state.counts, strict=True):
                if constraint.includes(pod, node):
                    value = node.labels[constraint.topology_key]
                    counts[value] = counts.get(value, 0) + count_matching(node, constraint.selector, pod.namespace)
        cycle[self.name] = state
        return PreFilterResult()

    def add_pod(self, cycle: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo) -> None:
        self._change(cycle, pod, added, node, 1)

    def remove_pod(self, cycle: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo) -> None:
        self._change(cycle, pod, removed, node, -1)

    def _change(self, cycle: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo, sign: int) -> None:
        state: _State | None = cycle.get(self.name)
        if state is None or other.namespace != pod.namespace or other.pod.metadata.deletion_timestamp:
            return
        for constraint, counts in zip(state.constraints, state.counts, strict=True):
            value = node.labels.get(constraint.topology_key)
            if value in counts and constraint.selector.matches(other.labels):
                counts[value] += sign

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        """For every hard constraint: the topology's count with this Pod may exceed the lowest by maxSkew at most."""
        state: _State = cycle[self.name]
        for constraint, counts in zip(state.constraints, state.counts, strict=True):
            value = node.labels.get(constraint.topology_key)
            if value is None:
                return _NO_LABEL
            # With fewer domains than asked for, the emptiest one is still to come: it counts as zero.
            lowest = min(counts.values(), default=0) if len(counts) >= constraint.min_domains else 0
            own = 1 if constraint.selector.matches(pod.labels) else 0
            if counts.get(value, 0) + own - lowest > constraint.max_skew:
                return _SKEWED
        return SUCCESS

    # -- soft constraints

    def pre_score(self, cycle: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]) -> Verdict:
        own = constraints_of(pod, "ScheduleAnyway")
        constraints = own or (
            () if pod.spec.topology_spread_constraints else self._default_constraints(pod, "ScheduleAnyway")
        )
        if not constraints:
            return SKIP
        needs_all = bool(own) or not self._is_system_default
        cycle[self.name + "/soft"] = _soft_state(pod, constraints, nodes, self.handle.nodes.values(), needs_all)
        return SUCCESS

    def score(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """Counts of matching Pods, rarer topologies weighing more: fewer is better, which `normalize` turns round."""
        soft: _Soft = cycle[self.name + "/soft"]
        if node.name in soft.ignored:
            return 0
        total = 0.0
        for constraint, counts, weight in zip(soft.constraints, soft.counts, soft.weights, strict=True):
            value = node.labels.get(constraint.topology_key)
            if value is None:
                continue
            if constraint.topology_key == HOSTNAME:
                count = count_matching(node, constraint.selector, pod.namespace)
            else:
                count = counts.get(value, 0)
            total += count * weight + (constraint.max_skew - 1)
        return round(total)

    def normalize(self, cycle: CycleState, pod: PodInfo, scores: dict[str, int]) -> None:
        soft: _Soft = cycle[self.name + "/soft"]
        counted = [score for name, score in scores.items() if name not in soft.ignored]
        low, high = min(counted, default=0), max(counted, default=0)
        for name, score in scores.items():
            if name in soft.ignored:
                scores[name] = 0
            elif high == 0:
                scores[name] = MAX_NODE_SCORE
            else:
                scores[name] = MAX_NODE_SCORE * (high + low - score) // high

    def _default_constraints(self, pod: PodInfo, mode: str) -> tuple[Constraint, ...]:
        """The cluster's defaults, for a Pod without constraints of its own that a Service or workload selects."""
        wanted = [c for c in self._defaults if c["whenUnsatisfiable"] == mode]
        if not wanted or pod.spec.topology_spread_constraints:
            return ()
        selector = self._workload_selector(pod)
        if selector is None:
            return ()
        return tuple(Constraint(int(c["maxSkew"]), str(c["topologyKey"]), selector) for c in wanted)

    def _workload_selector(self, pod: PodInfo) -> Selector | None:
        requirements: list[Any] = []
        for service in self.handle.list_objects("Service", pod.namespace):
            chosen = service.spec.selector
            if chosen and all(pod.labels.get(key) == value for key, value in chosen.items()):
                requirements += Selector.from_labels(chosen).requirements or ()
        owner = next((ref for ref in pod.pod.metadata.owner_references if ref.controller), None)
        if owner is not None:
            workload = self.handle.get_object(owner.kind, pod.namespace, owner.name)
            if workload is not None:
                chosen = workload.spec.selector
                plain = isinstance(chosen, dict)  # a ReplicationController's is a map
                selector = Selector.from_labels(chosen) if plain else Selector.from_label_selector(chosen)
                requirements += selector.requirements or ()
        return Selector(requirements) if requirements else None


@dataclass
class _Soft:
    constraints: tuple[Constraint, ...]
    counts: list[dict[str, int]]
    weights: list[float]
    ignored: set[str]


def _soft_state(
    pod: PodInfo,
    constraints: tuple[Constraint, ...],
    nodes: Sequence[NodeInfo],
    everywhere: Iterable[NodeInfo],
    needs_all: bool,
) -> _Soft:
    """Domains come from the nodes that may be chosen, counts from all nodes of those domains."""
    ignored = {n.name for n in nodes if needs_all and any(c.topology_key not in n.labels for c in constraints)}
    counts: list[dict[str, int]] = [
        {n.labels[c.topology_key]: 0 for n in nodes if n.name not in ignored and c.topology_key in n.labels}
        for c in constraints
    ]
    # log(size + 2): topologies with many domains are expected to hold fewer Pods per domain.
    weights = [
        math.log((len(nodes) - len(ignored) if c.topology_key == HOSTNAME else len(known)) + 2)
        for c, known in zip(constraints, counts, strict=True)
    ]
    for node in everywhere:
        for constraint, known in zip(constraints, counts, strict=True):
            if constraint.topology_key == HOSTNAME:
                continue  # counted when the node is scored
            value = node.labels.get(constraint.topology_key)
            if value in known and constraint.includes(pod, node):
                known[value] += count_matching(node, constraint.selector, pod.namespace)
    return _Soft(constraints, counts, weights, ignored)
