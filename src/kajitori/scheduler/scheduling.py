"""One decision: which node does this Pod get? Plain functions over a profile and the nodes; nothing is changed.

May import: scheduler.{framework,profile,diagnosis,nodeinfo,podinfo}.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from kajitori.scheduler.diagnosis import FitError
from kajitori.scheduler.framework import SUCCESS, Code, CycleState, FilterPlugin, Verdict
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo
from kajitori.scheduler.profile import Profile

MIN_NODES_TO_FIND = 100
Nominated = Callable[[str], Sequence[PodInfo]]


@dataclass
class Decision:
    """Where to, and of how many nodes: those looked at, and those that passed."""

    node_name: str
    evaluated: int
    feasible: int


class Decider:
    """Keeps only where to start looking next time, so that all nodes get their turn."""

    def __init__(self, *, percentage: int = 0, rng: random.Random | None = None) -> None:
        self._percentage, self._rng = percentage, rng or random.Random()
        self._start = 0

    def decide(
        self,
        profile: Profile,
        cycle: CycleState,
        pod: PodInfo,
        nodes: Sequence[NodeInfo],
        by_name: Mapping[str, NodeInfo],
        nominated: Nominated = lambda _: (),
        nominated_node: str = "",
    ) -> Decision:
        """The best node; raises FitError if none will do."""
        if not nodes:
            raise FitError(0)
        verdict, names, narrowed = profile.pre_filter(cycle, pod, by_name)
        if verdict.code is not Code.SUCCESS:
            if verdict.code is Code.ERROR:
                raise RuntimeError(verdict.message)
            raise FitError(
                len(nodes),
                dict.fromkeys(by_name, verdict),
                pre_filter_message=verdict.message,
                rejected_by={verdict.plugin},
            )
        candidates = nodes if names is None else [by_name[n] for n in sorted(names) if n in by_name]
        filters = profile.active_filters(cycle)
        if nominated_node and nominated_node in by_name:
            node = by_name[nominated_node]
            if node_verdict(profile, cycle, pod, node, filters, nominated) is SUCCESS:
                return Decision(nominated_node, 1, 1)
        statuses: dict[str, Verdict] = {}
        feasible = self._feasible(profile, cycle, pod, candidates, filters, nominated, statuses)
        if not feasible:
            raise _unfit(statuses, by_name, len(nodes), narrowed if names is not None else None)
        if len(feasible) == 1:
            return Decision(feasible[0].name, len(statuses) + 1, 1)
        totals = profile.score(cycle, pod, feasible)
        return Decision(self._best(totals), len(statuses) + len(feasible), len(feasible))

    def _feasible(
        self,
        profile: Profile,
        cycle: CycleState,
        pod: PodInfo,
        nodes: Sequence[NodeInfo],
        filters: Sequence[FilterPlugin],
        nominated: Nominated,
        statuses: dict[str, Verdict],
    ) -> list[NodeInfo]:
        enough = nodes_to_find(len(nodes), self._percentage)
        found: list[NodeInfo] = []
        count = len(nodes)
        start = self._start % count if count else 0
        looked = 0
        for offset in range(count):
            node = nodes[(start + offset) % count]
            looked += 1
            verdict = node_verdict(profile, cycle, pod, node, filters, nominated)
            if verdict is SUCCESS:
                found.append(node)
                if len(found) >= enough:
                    break
            else:
                statuses[node.name] = verdict
        self._start = start + looked
        return found

    def _best(self, totals: Mapping[str, int]) -> str:
        highest = max(totals.values())
        best = [name for name, total in totals.items() if total == highest]
        return best[0] if len(best) == 1 else self._rng.choice(best)


def _unfit(statuses: Mapping[str, Verdict], by_name: Iterable[str], total: int, narrowed: Set[str] | None) -> FitError:
    """No node will do. Those that a PreFilter ruled out (`narrowed`: by whom) count as upstream counts them."""
    rejected_by = {verdict.plugin for verdict in statuses.values()}
    if narrowed is None:
        return FitError(total, dict(statuses), rejected_by=rejected_by)
    reason = Verdict(Code.UNRESOLVABLE, (f"node(s) didn't satisfy plugin(s) [{' '.join(sorted(narrowed))}]",))
    every = {name: statuses.get(name, reason) for name in by_name}
    return FitError(total, every, rejected_by=rejected_by | narrowed)


def nodes_to_find(total: int, percentage: int = 0) -> int:
    """How many fitting nodes are enough to choose from: all of up to 100, a falling share of more."""
    if total < MIN_NODES_TO_FIND or percentage >= 100:
        return total
    share = percentage or max(5, 50 - total // 125)
    return max(MIN_NODES_TO_FIND, total * share // 100)


def node_verdict(
    profile: Profile,
    cycle: CycleState,
    pod: PodInfo,
    node: NodeInfo,
    filters: Sequence[FilterPlugin],
    nominated: Nominated,
) -> Verdict:
    """Filters; where Pods of equal or higher priority are nominated to the node, it must also do with them on it."""
    others = [other for other in nominated(node.name) if other.priority >= pod.priority and other.uid != pod.uid]
    if others:
        crowded, state = node.clone(), cycle.copy()
        for other in others:
            crowded.add_pod(other)
            for plugin in profile.pre_filters:
                if plugin.name not in state.skip_filter:
                    plugin.add_pod(state, pod, other, crowded)
        verdict = profile.run_filters(state, pod, crowded, filters)
        if verdict is not SUCCESS:
            return verdict
    return profile.run_filters(cycle, pod, node, filters)
