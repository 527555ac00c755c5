"""What a deletion does to an object: remove it, mark it as going, or nothing. Pure.

    no grace period, no finalizers       → REMOVE
    a grace period (Pods on a node)      → MARK: deletionTimestamp and deletionGracePeriodSeconds; a later deletion may
                                           only shorten it; with 0 (the kubelet's) the object is removed
    finalizers, or a propagation policy  → MARK: deletionTimestamp; whoever takes the last finalizer off removes it
    Foreground / Orphan policies become the finalizers `foregroundDeletion` / `orphan` for the garbage collector.

May import: objects.options, api.registration, machinery.
"""

import enum
from datetime import datetime, timedelta
from typing import Any

from kajitori.api.registration import Resource
from kajitori.apiserver.objects.options import DeleteOptions
from kajitori.machinery.errors import Conflict
from kajitori.machinery.times import format_time, parse_time

Object = dict[str, Any]
_JUDGED_BY_THEIR_STORAGE = frozenset({"namespaces", "customresourcedefinitions.apiextensions.k8s.io"})
ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"


class Step(enum.Enum):
    """What to do with the object now."""

    REMOVE = enum.auto()
    MARK = enum.auto()
    PENDING = enum.auto()


def check_preconditions(resource: Resource, obj: Object, options: DeleteOptions) -> None:
    """Raise Conflict when the object is not the one that the client meant."""
    meta = obj["metadata"]
    if options.uid is not None and options.uid != meta.get("uid"):
        field, wanted, found, happened = "UID", options.uid, meta.get("uid"), "deleted and then recreated"
    elif options.resource_version is not None and options.resource_version != meta.get("resourceVersion"):
        field, wanted, found = "ResourceVersion", options.resource_version, meta.get("resourceVersion")
        happened = "modified"
    else:
        return
    name = meta.get("name", "")
    if resource.group_resource in _JUDGED_BY_THEIR_STORAGE:
        why = f"Precondition failed: {field} in precondition: {wanted}, {field} in object meta: {found}"
        raise Conflict.of(resource.group, resource.plural, name, why)
    why = f"the {field} in the precondition ({wanted}) does not match the {field} in record ({found})."
    raise Conflict.of(resource.group, resource.kind, name, f"{why} The object might have been {happened}")


def pending_finalizers(resource: Resource, obj: Object) -> bool:
    """Whether something still holds the object."""
    if obj["metadata"].get("finalizers"):
        return True
    return not resource.group and resource.plural == "namespaces" and bool((obj.get("spec") or {}).get("finalizers"))


def is_finished(resource: Resource, obj: Object, old: Object) -> bool:
    """Whether this update takes the last thing away that kept a deleted object."""
    meta = obj["metadata"]
    if not meta.get("deletionTimestamp") or meta.get("deletionGracePeriodSeconds"):
        return False
    return pending_finalizers(resource, old) and not pending_finalizers(resource, obj)


def plan(resource: Resource, obj: Object, options: DeleteOptions, now: datetime) -> Step:
    """Decide, and for MARK change the object so."""
    meta = obj["metadata"]
    graceful = _shorten(obj, options) if meta.get("deletionTimestamp") else _begin(resource, obj, options, now)
    if graceful is Step.PENDING:
        return Step.PENDING
    changed = _set_collector_finalizers(resource, meta, options)
    if graceful is Step.MARK:
        return Step.MARK
    if not pending_finalizers(resource, obj):
        return Step.REMOVE
    if not meta.get("deletionTimestamp"):
        _mark(resource, obj, now, 0)
        return Step.MARK
    if meta.get("deletionGracePeriodSeconds"):
        meta["deletionGracePeriodSeconds"] = 0
        return Step.MARK
    return Step.MARK if changed else Step.PENDING


def _begin(resource: Resource, obj: Object, options: DeleteOptions, now: datetime) -> Step:
    grace = resource.strategy.grace_period_s(obj, options.grace_period_s)
    if not grace:
        return Step.REMOVE
    _mark(resource, obj, now, grace)
    return Step.MARK


def _mark(resource: Resource, obj: Object, now: datetime, grace_s: int) -> None:
    meta = obj["metadata"]
    meta["deletionTimestamp"] = format_time(now + timedelta(seconds=grace_s))
    meta["deletionGracePeriodSeconds"] = grace_s
    if meta.get("generation"):
        meta["generation"] += 1
    if not resource.group and resource.plural == "namespaces":
        meta.pop("deletionGracePeriodSeconds")
        obj.setdefault("status", {})["phase"] = "Terminating"


def _shorten(obj: Object, options: DeleteOptions) -> Step:
    """A deletion of an object that is already going: it may go sooner, never later."""
    meta = obj["metadata"]
    current = meta.get("deletionGracePeriodSeconds")
    if not current:
        return Step.REMOVE
    requested = options.grace_period_s
    if requested is None or requested >= current:
        return Step.PENDING
    if requested == 0:
        return Step.REMOVE
    moment = parse_time(meta["deletionTimestamp"]) - timedelta(seconds=current - requested)
    meta["deletionTimestamp"] = format_time(moment)
    meta["deletionGracePeriodSeconds"] = requested
    return Step.MARK


def leaves_it_open(options: DeleteOptions) -> bool:
    """Whether the client says nothing about dependents."""
    return not options.propagation_policy and options.orphan_dependents is None


def _set_collector_finalizers(resource: Resource, meta: Object, options: DeleteOptions) -> bool:
    """Write the propagation policy down for the garbage collector; whether that changed anything."""
    before = list(meta.get("finalizers") or ())
    policy = options.propagation_policy
    if options.orphan_dependents is not None:
        policy = "Orphan" if options.orphan_dependents else "Background"
    elif not policy and resource.orphans and not {ORPHAN, FOREGROUND}.intersection(before):
        policy = "Orphan"
    if not policy:
        return False
    after = [name for name in before if name not in (ORPHAN, FOREGROUND)]
    if policy == "Orphan":
        after.append(ORPHAN)
    elif policy == "Foreground":
        after.append(FOREGROUND)
    if sorted(after) == sorted(before):
        return False
    if after:
        meta["finalizers"] = after
    else:
        meta.pop("finalizers", None)
    return True
