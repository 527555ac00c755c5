"""Deployment, the status: counts, the Available and Progressing conditions, the progress deadline. Pure.

    Progressing:  NewReplicaSetCreated / FoundNewReplicaSet → ReplicaSetUpdated (while anything improves)
                  → NewReplicaSetAvailable   or, when nothing improves for the deadline,   ProgressDeadlineExceeded

May import: controllers.{deployment_sizes,pods}, api, machinery.times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kajitori.api.apps.v1 import DeploymentCondition, DeploymentStatus
from kajitori.controllers.deployment_sizes import available, limits_of, total, wanted
from kajitori.controllers.pods import condition
from kajitori.machinery.times import format_time, parse_time

if TYPE_CHECKING:
    from kajitori.api.apps.v1 import Deployment, ReplicaSet

NO_DEADLINE = 2**31 - 1
Conditions = list[DeploymentCondition]


def has_deadline(d: Deployment) -> bool:
    """Whether progressDeadlineSeconds is set, and not to the int32 that means never."""
    return d.spec.progress_deadline_seconds is not None and d.spec.progress_deadline_seconds != NO_DEADLINE


def make_condition(type_: str, status: str, reason: str, message: str, now: datetime) -> DeploymentCondition:
    stamp = format_time(now)
    return DeploymentCondition(
        type=type_,
        status=status,
        reason=reason,
        message=message,
        last_update_time=stamp,
        last_transition_time=stamp,
    )


def with_condition(conditions: Sequence[DeploymentCondition], new: DeploymentCondition) -> Conditions:
    """Puts a condition in; one that says the same already stays as it is, times included."""
    old = next((c for c in conditions if c.type == new.type), None)
    if old is not None and (old.status, old.reason) == (new.status, new.reason):
        return list(conditions)
    if old is not None and old.status == new.status:
        new.last_transition_time = old.last_transition_time
    return [*without(conditions, new.type or ""), new]


def without(conditions: Sequence[DeploymentCondition], type_: str) -> Conditions:
    return [c for c in conditions if c.type != type_]


def counts(d: Deployment, sets: Sequence[ReplicaSet], new: ReplicaSet | None, now: datetime) -> DeploymentStatus:
    """The status by numbers, with the Available condition; other conditions as they are."""
    able = available(sets)
    if able >= limits_of(d).least_available:
        verdict = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        verdict = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    return DeploymentStatus(
        observed_generation=d.metadata.generation,
        replicas=sum(rs.status.replicas or 0 for rs in sets) or None,
        updated_replicas=(new.status.replicas or None) if new is not None else None,
        ready_replicas=sum(rs.status.ready_replicas or 0 for rs in sets) or None,
        available_replicas=able or None,
        unavailable_replicas=max(0, total(sets) - able) or None,
        collision_count=d.status.collision_count,
        conditions=with_condition(d.status.conditions, make_condition("Available", *verdict, now)),
    )


def rollout_status(
    d: Deployment, sets: Sequence[ReplicaSet], new: ReplicaSet | None, now: datetime
) -> DeploymentStatus:
    """`counts` and how the rollout is getting on."""
    status = counts(d, sets, new, now)
    if not has_deadline(d):
        status.conditions = without(status.conditions, "Progressing")
    current = condition(d, "Progressing")
    done = (status.replicas or 0) == (status.updated_replicas or 0) and (
        current is not None and current.reason == "NewReplicaSetAvailable"
    )
    if has_deadline(d) and not done:
        subject = f'ReplicaSet "{new.metadata.name}"' if new is not None else f'Deployment "{d.metadata.name}"'
        status.conditions = _progress(d, status, subject, now)
    failures = _failures(sets, new)
    status.conditions = without(status.conditions, "ReplicaFailure")
    if failures:
        status.conditions.append(failures[0])
    return status


def _progress(d: Deployment, status: DeploymentStatus, subject: str, now: datetime) -> Conditions:
    current = condition(d, "Progressing")
    if is_complete(d, status):
        message = f"{subject} has successfully progressed."
        new = make_condition("Progressing", "True", "NewReplicaSetAvailable", message, now)
        return with_condition(status.conditions, new)
    if is_progressing(d, status):
        new = make_condition("Progressing", "True", "ReplicaSetUpdated", f"{subject} is progressing.", now)
        if current is not None and current.status == "True":
            new.last_transition_time = current.last_transition_time
        return [*without(status.conditions, "Progressing"), new]  # always put in anew: its update time is the progress
    if has_timed_out(d, status, now):
        message = f"{subject} has timed out progressing."
        new = make_condition("Progressing", "False", "ProgressDeadlineExceeded", message, now)
        return with_condition(status.conditions, new)
    return list(status.conditions)


def is_complete(d: Deployment, status: DeploymentStatus) -> bool:
    """All wanted Pods are of the new template and available, none is left of the old, and this spec was seen."""
    numbers = (status.updated_replicas or 0, status.replicas or 0, status.available_replicas or 0)
    return numbers == (wanted(d),) * 3 and (status.observed_generation or 0) >= (d.metadata.generation or 0)


def is_progressing(d: Deployment, status: DeploymentStatus) -> bool:
    """More updated, fewer old, more ready or more available than the Deployment's status said before."""
    old = d.status
    old_rest = (old.replicas or 0) - (old.updated_replicas or 0)
    new_rest = (status.replicas or 0) - (status.updated_replicas or 0)
    return (
        (status.updated_replicas or 0) > (old.updated_replicas or 0)
        or new_rest < old_rest
        or (status.ready_replicas or 0) > (old.ready_replicas or 0)
        or (status.available_replicas or 0) > (old.available_replicas or 0)
    )


def has_timed_out(d: Deployment, status: DeploymentStatus, now: datetime) -> bool:
    """Whether progressDeadlineSeconds have passed without progress; never once a rollout is complete."""
    current = next((c for c in status.conditions if c.type == "Progressing"), None)
    if not has_deadline(d) or current is None or current.reason == "NewReplicaSetAvailable":
        return False
    return current.reason == "ProgressDeadlineExceeded" or deadline(d, current) < now


def deadline(d: Deployment, progressing: DeploymentCondition) -> datetime:
    """The moment from which the rollout counts as stuck, by the last update of the condition Progressing."""
    since = parse_time(progressing.last_update_time or progressing.last_transition_time or "1970-01-01T00:00:00Z")
    return since + timedelta(seconds=d.spec.progress_deadline_seconds or 0)


def check_again_s(d: Deployment, status: DeploymentStatus, now: datetime) -> float | None:
    """When to look whether the deadline has passed: nothing else would wake us for a rollout that is stuck."""
    current = next((c for c in status.conditions if c.type == "Progressing"), None)
    if not has_deadline(d) or current is None or is_complete(d, status):
        return None
    if current.reason == "ProgressDeadlineExceeded" or d.spec.paused:
        return None
    return max(0.0, (deadline(d, current) - now).total_seconds()) + 1.0


def _failures(sets: Sequence[ReplicaSet], new: ReplicaSet | None) -> Conditions:
    found = [c for rs in ([new] if new else []) for c in rs.status.conditions if c.type == "ReplicaFailure"]
    found = found or [c for rs in sets for c in rs.status.conditions if c.type == "ReplicaFailure"]
    return [
        DeploymentCondition(
            type="ReplicaFailure",
            status=c.status,
            reason=c.reason,
            message=c.message,
            last_transition_time=c.last_transition_time,
            last_update_time=c.last_transition_time,
        )
        for c in found
    ]
