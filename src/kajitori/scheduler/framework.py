"""What a scheduling plugin is: the extension points, the verdicts, and what plugins may know.

A plugin implements the points it needs by deriving from their classes. PreFilter, Filter, PreScore and Score are
plain functions: they see nodes as they are and never await, so that one decision is one atomic step of the event
loop (that is also why no copy of the cluster is made for it). Reserve … PostBind surround the binding.
May import: scheduler.{podinfo,nodeinfo}.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo

MAX_NODE_SCORE = 100


class Code(enum.Enum):
    """How a plugin decides; upstream's names, which events and metrics show."""

    SUCCESS = "Success"
    UNSCHEDULABLE = "Unschedulable"  # removing other Pods might help
    UNRESOLVABLE = "UnschedulableAndUnresolvable"  # it would not
    SKIP = "Skip"
    WAIT = "Wait"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a plugin says; reasons are for the user, worded as upstream."""

    code: Code = Code.SUCCESS
    reasons: tuple[str, ...] = ()
    plugin: str = ""

    @property
    def is_rejected(self) -> bool:
        return self.code in (Code.UNSCHEDULABLE, Code.UNRESOLVABLE)

    @property
    def message(self) -> str:
        return ", ".join(self.reasons)


SUCCESS = Verdict()
SKIP = Verdict(Code.SKIP)


def unschedulable(*reasons: str) -> Verdict:
    """No, but removing other Pods might help."""
    return Verdict(Code.UNSCHEDULABLE, reasons)


def unresolvable(*reasons: str) -> Verdict:
    """No, whoever is removed."""
    return Verdict(Code.UNRESOLVABLE, reasons)


class Action(enum.Flag):
    """What can happen to an object, as far as it may make a Pod schedulable."""

    ADD = enum.auto()
    DELETE = enum.auto()
    UPDATE_ALLOCATABLE = enum.auto()
    UPDATE_LABEL = enum.auto()
    UPDATE_TAINT = enum.auto()
    UPDATE_CONDITION = enum.auto()
    UPDATE_ANNOTATION = enum.auto()
    UPDATE_SCALE_DOWN = enum.auto()
    UPDATE_TOLERATION = enum.auto()
    UPDATE_GATES = enum.auto()
    UPDATE_OTHER = enum.auto()


Hint = Callable[[PodInfo, Any, Any], bool]
"""(waiting Pod, old object, new object) → whether this event may make it schedulable."""


@dataclass(frozen=True)
class ClusterEvent:
    """A kind of change that a plugin wants its rejected Pods to be tried again after."""

    resource: str  # "Node", "Pod" (one that is bound), "UnscheduledPod" (the Pod itself) …
    action: Action
    hint: Hint | None = None


class CycleState(dict[str, Any]):
    """What plugins tell each other (and themselves) during one attempt for one Pod; keys are plugin names."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.skip_filter: set[str] = set()
        self.skip_score: set[str] = set()

    def copy(self) -> CycleState:
        """For trying things out: states that plugins change must offer `clone`."""
        new = CycleState({k: v.clone() if hasattr(v, "clone") else v for k, v in self.items()})
        new.skip_filter, new.skip_score = set(self.skip_filter), set(self.skip_score)
        return new


@dataclass(kw_only=True)
class Handle:
    """What a plugin may use of the scheduler: the nodes, other objects from informers, nominated Pods, the binding."""

    nodes: Mapping[str, NodeInfo]
    namespace_labels: Callable[[str], dict[str, str]]
    total_nodes: Callable[[], int]
    image_nodes: Callable[[str], int]
    list_objects: Callable[[str, str], Sequence[Any]]  # (kind, namespace or "" for all)
    get_object: Callable[[str, str, str], Any]  # (kind, namespace, name) → object or None
    profile_of: Callable[[PodInfo], Any]
    bind: Callable[[PodInfo, dict[str, Any]], Awaitable[object]]


class Plugin:
    """Base of all. `retry_on`: events after which a Pod that this plugin rejected is worth another try."""

    name: str = ""
    retry_on: tuple[ClusterEvent, ...] = ()

    def __init__(self, args: Mapping[str, Any], handle: Handle) -> None:
        self.handle = handle


class QueueSortPlugin(Plugin):
    """Orders the active queue; a profile has exactly one."""

    def sort_key(self, info: PodInfo, queued_at: float) -> tuple[Any, ...]:
        """Smaller comes first."""
        raise NotImplementedError


class PreEnqueuePlugin(Plugin):
    """Keeps Pods out of the active queue."""

    def pre_enqueue(self, pod: PodInfo) -> Verdict:
        """Whether the Pod may enter the active queue at all."""
        raise NotImplementedError


class PreFilterPlugin(Plugin):
    """Looks once before any node is filtered, and may narrow the candidates."""

    def pre_filter(self, cycle: CycleState, pod: PodInfo, nodes: Mapping[str, NodeInfo]) -> PreFilterResult:
        """Look at the Pod and the cluster as a whole once; SKIP spares the plugin's filter."""
        raise NotImplementedError

    def add_pod(self, cycle: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo) -> None:
        """The state of `pre_filter` as if this Pod ran on the node too."""

    def remove_pod(self, cycle: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo) -> None:
        """… as if it did not."""


class PreFilterResult(NamedTuple):
    """What PreFilter answers."""

    verdict: Verdict = SUCCESS
    node_names: frozenset[str] | None = None  # None: all nodes are candidates


class FilterPlugin(Plugin):
    """Says of one node whether the Pod may go there."""

    def filter(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> Verdict:
        """SUCCESS, or why not; UNRESOLVABLE where removing other Pods would not help. Nothing is changed."""
        raise NotImplementedError


class PostFilterPlugin(Plugin):
    """Asked only when no node passed, one after the other until one has made room."""

    def post_filter(self, cycle: CycleState, pod: PodInfo, statuses: Mapping[str, Verdict]) -> PostFilterResult:
        """No node fits: can room be made? Decides only; victims are removed by the caller."""
        raise NotImplementedError


@dataclass(frozen=True)
class PostFilterResult:
    """What PostFilter answers: the node to wait for and who has to leave it."""

    verdict: Verdict
    nominated_node: str | None = None  # None: leave as it is, "": clear
    victims: Sequence[PodInfo] = field(default=())


class PreScorePlugin(Plugin):
    """Looks once at the nodes that passed, before they are scored."""

    def pre_score(self, cycle: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]) -> Verdict:
        """SKIP spares the plugin's score."""
        raise NotImplementedError


class ScorePlugin(Plugin):
    """Ranks the nodes that passed; the profile's weight (`default_weight` if it names none) multiplies the result."""

    default_weight = 1

    def score(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """More is better once `normalize` is through; any scale will do before."""
        raise NotImplementedError

    def normalize(self, cycle: CycleState, pod: PodInfo, scores: dict[str, int]) -> None:
        """Bring the scores of all nodes into 0..100, in place; the default leaves them."""


class ReservePlugin(Plugin):
    """Books something for the Pod on the chosen node, before the binding."""

    def reserve(self, cycle: CycleState, pod: PodInfo, node_name: str) -> Verdict:
        """Anything but SUCCESS undoes the reservations made so far and sends the Pod back to the queue."""
        raise NotImplementedError

    def unreserve(self, cycle: CycleState, pod: PodInfo, node_name: str) -> None:
        """Undo `reserve`; must also be harmless without it."""


class PermitPlugin(Plugin):
    """Holds back or refuses a binding."""

    async def permit(self, cycle: CycleState, pod: PodInfo, node_name: str) -> Verdict:
        """May wait; rejecting sends the Pod back to the queue."""
        raise NotImplementedError


class PreBindPlugin(Plugin):
    """Makes ready what the binding needs."""

    async def pre_bind(self, cycle: CycleState, pod: PodInfo, node_name: str) -> Verdict:
        """Anything but SUCCESS gives up this binding; may wait for the API server."""
        raise NotImplementedError


class BindPlugin(Plugin):
    """Tells the API server."""

    async def bind(self, cycle: CycleState, pod: PodInfo, node_name: str) -> Verdict:
        """SKIP leaves it to the next bind plugin; API errors may be raised."""
        raise NotImplementedError


class PostBindPlugin(Plugin):
    """Hears of bindings that were made."""

    def post_bind(self, cycle: CycleState, pod: PodInfo, node_name: str) -> None:
        raise NotImplementedError


def default_normalize(scores: dict[str, int], *, reverse: bool = False) -> None:
    """The highest score becomes 100, the others in proportion; `reverse` where little is good."""
    highest = max(scores.values(), default=0)
    for name, score in scores.items():
        if highest == 0:
            scores[name] = MAX_NODE_SCORE if reverse else 0
        else:
            scaled = score * MAX_NODE_SCORE // highest
            scores[name] = MAX_NODE_SCORE - scaled if reverse else scaled
