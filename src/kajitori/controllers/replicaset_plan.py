"""ReplicaSet, the rules: how many Pods to make, which to delete first, what the status says. Pure.

May import: controllers.pods, api (types), machinery.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kajitori.controllers import pods as facts
from kajitori.machinery.times import format_time, parse_time

if TYPE_CHECKING:
    from kajitori.api.apps.v1 import ReplicaSet, ReplicaSetStatus
    from kajitori.api.core.v1 import Pod, ReplicationController, ReplicationControllerStatus

    Replicated = ReplicaSet | ReplicationController

BURST = 500  # Pods made or deleted for one ReplicaSet at once
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Steps:
    """How many Pods to create, or which to delete; never both."""

    create: int = 0
    delete: Sequence[Pod] = ()


def plan(rs: Replicated, active: Sequence[Pod], related: Sequence[Pod], now: datetime) -> Steps:
    """What is missing or too many. `related` are the active Pods of all ReplicaSets with the same owner."""
    wanted = 1 if rs.spec.replicas is None else rs.spec.replicas
    difference = len(active) - wanted
    if difference < 0:
        return Steps(create=min(-difference, BURST))
    if difference > 0:
        return Steps(delete=victims(active, min(difference, BURST), related, now))
    return Steps()


def victims(active: Sequence[Pod], count: int, related: Sequence[Pod], now: datetime) -> list[Pod]:
    """The Pods to lose first: those that are the least use and would be missed least."""
    if count >= len(active):
        return list(active)
    crowd: dict[str, int] = {}
    for pod in related:
        if pod.spec.node_name:
            crowd[pod.spec.node_name] = crowd.get(pod.spec.node_name, 0) + 1
    return sorted(active, key=lambda pod: _worth(pod, crowd, now))[:count]


def _worth(pod: Pod, crowd: dict[str, int], now: datetime) -> tuple[Any, ...]:
    """Sorts ascending; the comments name what goes first."""
    ready = facts.is_ready(pod)
    created = parse_time(pod.metadata.creation_timestamp) if pod.metadata.creation_timestamp else _NEVER
    return (
        bool(pod.spec.node_name),  # unassigned
        _PHASES.get(pod.status.phase or "Pending", 2),  # pending, then unknown
        ready,  # not ready
        facts.deletion_cost(pod),  # cheaper by its own word
        -crowd.get(pod.spec.node_name or "", 0),  # on the more crowded node
        _magnitude(now, facts.ready_since(pod)) if ready else 0,  # ready for a shorter time, by powers of two
        -facts.restarts(pod),  # restarted more often
        _magnitude(now, created),  # younger, by powers of two
        pod.metadata.uid or "",
    )


def _magnitude(now: datetime, since: datetime | None) -> int:
    if since is None or since == _NEVER:
        return -1
    seconds = (now - since).total_seconds()
    return int(math.log2(seconds)) if seconds >= 1 else 0


def status_of(
    rs: Replicated, active: Sequence[Pod], failure: tuple[str, str] | None, now: datetime
) -> ReplicaSetStatus | ReplicationControllerStatus:
    """`failure` is what went wrong when making or deleting Pods."""
    status_type, condition_type = _status_types(rs)
    template = rs.spec.template.metadata.labels.items()
    min_ready_s = rs.spec.min_ready_seconds or 0
    conditions = [c for c in rs.status.conditions if c.type != "ReplicaFailure"]
    old = next((c for c in rs.status.conditions if c.type == "ReplicaFailure"), None)
    if failure is not None and old is not None:
        conditions = list(rs.status.conditions)
    elif failure is not None:
        conditions.append(
            condition_type(
                type="ReplicaFailure",
                status="True",
                reason=failure[0],
                message=failure[1],
                last_transition_time=format_time(now),
            )
        )
    made: ReplicaSetStatus | ReplicationControllerStatus = status_type(
        replicas=len(active),
        fully_labeled_replicas=sum(template <= pod.metadata.labels.items() for pod in active) or None,
        ready_replicas=sum(facts.is_ready(pod) for pod in active) or None,
        available_replicas=sum(facts.is_available(pod, min_ready_s, now) for pod in active) or None,
        observed_generation=rs.metadata.generation,
        conditions=conditions,
    )
    return made


def _status_types(rs: Replicated) -> tuple[Any, Any]:
    """A status and its condition: the same fields under two names."""
    from kajitori.api.apps import v1 as apps
    from kajitori.api.core import v1 as core

    if rs.KIND == "ReplicaSet":
        return apps.ReplicaSetStatus, apps.ReplicaSetCondition
    return core.ReplicationControllerStatus, core.ReplicationControllerCondition


def next_check_s(rs: Replicated, active: Sequence[Pod], now: datetime) -> float | None:
    """When the next Pod will have been ready for long enough to count as available."""
    waits = (facts.available_in_s(pod, rs.spec.min_ready_seconds or 0, now) for pod in active)
    return min((wait for wait in waits if wait is not None), default=None)
