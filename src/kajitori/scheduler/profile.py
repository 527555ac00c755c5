"""A profile: one scheduler name with its plugins, arranged by extension point, and how to run them.

May import: scheduler.framework, scheduler.metrics, scheduler.plugins.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, ParamSpec, TypeVar

from kajitori.scheduler.framework import (
    SUCCESS,
    BindPlugin,
    ClusterEvent,
    Code,
    CycleState,
    FilterPlugin,
    Handle,
    PermitPlugin,
    Plugin,
    PostBindPlugin,
    PostFilterPlugin,
    PostFilterResult,
    PreBindPlugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    PreScorePlugin,
    QueueSortPlugin,
    ReservePlugin,
    ScorePlugin,
    Verdict,
)
from kajitori.scheduler.metrics import EXTENSION_POINT_SECONDS
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo

DEFAULT_NAME = "default-scheduler"
P = TypeVar("P")
R = TypeVar("R")
A = ParamSpec("A")


@dataclass(frozen=True)
class PluginChoice:
    """A plugin that a profile uses: its type, its weight (0: its own default) and arguments."""

    type: type[Plugin]
    weight: int = 0
    args: Mapping[str, Any] | None = None
    points: frozenset[str] | None = None  # None: all that it implements


def _timed(point: str, code_of: Callable[[Any], Code]) -> Callable[[Callable[A, R]], Callable[A, R]]:
    """Counts how long all plugins of an extension point take together."""

    def timed(run: Callable[A, R]) -> Callable[A, R]:
        @functools.wraps(run)
        def running(*args: A.args, **kwargs: A.kwargs) -> R:
            began = perf_counter()
            result = run(*args, **kwargs)
            profile = args[0]
            assert isinstance(profile, Profile)
            case = point, code_of(result).value, profile.name
            EXTENSION_POINT_SECONDS.observe(perf_counter() - began, *case)
            return result

        return running

    return timed


class Profile:
    """Plugins are made once and live as long as the scheduler."""

    def __init__(self, name: str, choices: Sequence[PluginChoice], handle: Handle) -> None:
        self.name = name
        made = [(choice, choice.type(choice.args or {}, handle)) for choice in choices]
        self.plugins: list[Plugin] = [plugin for _, plugin in made]

        def at(point: type[P], label: str) -> list[P]:
            return [p for c, p in made if isinstance(p, point) and (c.points is None or label in c.points)]

        self.queue_sort = at(QueueSortPlugin, "queueSort")[0]
        self.pre_enqueue_plugins = at(PreEnqueuePlugin, "preEnqueue")
        self.pre_filters = at(PreFilterPlugin, "preFilter")
        self.filters = at(FilterPlugin, "filter")
        self.post_filters = at(PostFilterPlugin, "postFilter")
        self.pre_scores = at(PreScorePlugin, "preScore")
        weights = {id(p): c.weight or p.default_weight for c, p in made if isinstance(p, ScorePlugin)}
        self.scores = [(plugin, weights[id(plugin)]) for plugin in at(ScorePlugin, "score")]
        self.reserves = at(ReservePlugin, "reserve")
        self.permits = at(PermitPlugin, "permit")
        self.pre_binds = at(PreBindPlugin, "preBind")
        self.binds = at(BindPlugin, "bind")
        self.post_binds = at(PostBindPlugin, "postBind")

    def retry_on(self) -> dict[str, Sequence[ClusterEvent]]:
        """What the queue must know: plugin → events."""
        return {plugin.name: plugin.retry_on for plugin in self.plugins if plugin.retry_on}

    # -- one decision

    def pre_enqueue(self, pod: PodInfo) -> Verdict:
        """The first rejection, with the plugin's name, or SUCCESS."""
        for plugin in self.pre_enqueue_plugins:
            verdict = plugin.pre_enqueue(pod)
            if verdict.is_rejected:
                return replace(verdict, plugin=plugin.name)
        return SUCCESS

    @_timed("PreFilter", lambda result: result[0].code)
    def pre_filter(
        self, cycle: CycleState, pod: PodInfo, nodes: Mapping[str, NodeInfo]
    ) -> tuple[Verdict, frozenset[str] | None, set[str]]:
        """(verdict, candidate names or None for all, the plugins that narrowed them)."""
        names: frozenset[str] | None = None
        narrowed: set[str] = set()
        for plugin in self.pre_filters:
            result = plugin.pre_filter(cycle, pod, nodes)
            verdict = result.verdict
            if verdict.code is Code.SKIP:
                cycle.skip_filter.add(plugin.name)
                continue
            if verdict.code is not Code.SUCCESS:
                return replace(verdict, plugin=plugin.name), None, narrowed
            if result.node_names is not None:
                narrowed.add(plugin.name)
                names = result.node_names if names is None else names & result.node_names
                if not names:
                    reason = f"node(s) didn't satisfy plugin(s) [{' '.join(sorted(narrowed))}] simultaneously"
                    if len(narrowed) == 1:
                        reason = f"node(s) didn't satisfy plugin {plugin.name}"
                    return Verdict(Code.UNRESOLVABLE, (reason,), plugin.name), None, narrowed
        return SUCCESS, names, narrowed

    def active_filters(self, cycle: CycleState) -> list[FilterPlugin]:
        """The filters that have something to say about this Pod."""
        return [plugin for plugin in self.filters if plugin.name not in cycle.skip_filter]

    def run_filters(
        self, cycle: CycleState, pod: PodInfo, node: NodeInfo, filters: Sequence[FilterPlugin] | None = None
    ) -> Verdict:
        """The first refusal, or SUCCESS."""
        for plugin in self.active_filters(cycle) if filters is None else filters:
            verdict = plugin.filter(cycle, pod, node)
            if verdict is not SUCCESS and verdict.code is not Code.SUCCESS:
                return verdict if verdict.plugin else replace(verdict, plugin=plugin.name)
        return SUCCESS

    @_timed("PostFilter", lambda result: result.verdict.code)
    def post_filter(self, cycle: CycleState, pod: PodInfo, statuses: Mapping[str, Verdict]) -> PostFilterResult:
        """The first plugin that made room decides; otherwise all their reasons together."""
        reasons: list[str] = []
        nominated: str | None = None
        for plugin in self.post_filters:
            result = plugin.post_filter(cycle, pod, statuses)
            if result.verdict.code in (Code.SUCCESS, Code.UNRESOLVABLE, Code.ERROR):
                return result
            reasons += result.verdict.reasons
            nominated = result.nominated_node if result.nominated_node is not None else nominated
        return PostFilterResult(Verdict(Code.UNSCHEDULABLE, tuple(reasons)), nominated)

    @_timed("Score", lambda totals: Code.SUCCESS)
    def score(self, cycle: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]) -> dict[str, int]:
        """Node name → weighted sum."""
        for pre in self.pre_scores:
            if pre.pre_score(cycle, pod, nodes).code is Code.SKIP:
                cycle.skip_score.add(pre.name)
        totals = dict.fromkeys((node.name for node in nodes), 0)
        for plugin, weight in self.scores:
            if plugin.name in cycle.skip_score:
                continue
            rate = plugin.score
            scores = {node.name: rate(cycle, pod, node) for node in nodes}
            plugin.normalize(cycle, pod, scores)
            for name, score in scores.items():
                totals[name] += score * weight
        return totals

    # -- around the binding

    @_timed("Reserve", lambda verdict: verdict.code)
    def reserve(self, cycle: CycleState, pod: PodInfo, node_name: str) -> Verdict:
        """The first failure, with the plugin's name, or SUCCESS; undoing is left to the caller."""
        for plugin in self.reserves:
            verdict = plugin.reserve(cycle, pod, node_name)
            if verdict.code is not Code.SUCCESS:
                return replace(verdict, plugin=plugin.name)
        return SUCCESS

    def unreserve(self, cycle: CycleState, pod: PodInfo, node_name: str) -> None:
        """In the opposite order; also plugins that were not asked to reserve."""
        for plugin in reversed(self.reserves):
            plugin.unreserve(cycle, pod, node_name)

    async def bind(self, cycle: CycleState, pod: PodInfo, node_name: str) -> Verdict:
        """Permit, PreBind, Bind, PostBind."""
        for permit in self.permits:
            verdict = await permit.permit(cycle, pod, node_name)
            if verdict.code is not Code.SUCCESS:
                return replace(verdict, plugin=permit.name)
        for before in self.pre_binds:
            verdict = await before.pre_bind(cycle, pod, node_name)
            if verdict.code is not Code.SUCCESS:
                return replace(verdict, plugin=before.name)
        for binder in self.binds:
            began = perf_counter()
            verdict = await binder.bind(cycle, pod, node_name)
            EXTENSION_POINT_SECONDS.observe(perf_counter() - began, "Bind", verdict.code.value, self.name)
            if verdict.code is Code.SKIP:
                continue
            if verdict.code is Code.SUCCESS:
                for after in self.post_binds:
                    after.post_bind(cycle, pod, node_name)
            return replace(verdict, plugin=binder.name)
        return Verdict(Code.ERROR, (f"no bind plugin took the Pod for node {node_name}",))
