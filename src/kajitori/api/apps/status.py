"""Validation of what controllers say of workloads: counts that fit each other. Pure; texts are upstream's.

May import: api.checks, machinery.
"""

from __future__ import annotations

from collections.abc import Sequence

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery.fieldpath import Path, invalid

STATUS = Path("status")
_ALL, _READY = "cannot be greater than status.replicas", "cannot be greater than readyReplicas"


def _counts(status: Object, fields: Sequence[str]) -> Errors:
    return [error for field in fields for error in checks.non_negative(STATUS.child(field), status.get(field))]


def _at_most(status: Object, fields: Sequence[str], limit: str, why: str) -> Errors:
    most = status.get(limit) or 0
    return [invalid(STATUS.child(field), status[field], why) for field in fields if (status.get(field) or 0) > most]


def _collisions(status: Object, old: Object) -> Errors:
    now, before = status.get("collisionCount"), (old.get("status") or {}).get("collisionCount")
    errors = checks.non_negative(STATUS.child("collisionCount"), now)
    if before is not None and (now is None or now < before):
        errors.append(invalid(STATUS.child("collisionCount"), now or 0, "cannot be decremented"))
    return errors


def deployment(obj: Object, old: Object) -> Errors:
    """Of a Deployment."""
    status, counts = obj.get("status") or {}, ("updatedReplicas", "readyReplicas", "availableReplicas")
    errors = _counts(status, ("observedGeneration", "replicas", *counts, "unavailableReplicas"))
    errors += _at_most(status, counts, "replicas", _ALL)
    errors += _at_most(status, ("availableReplicas",), "readyReplicas", _READY)
    return errors + _collisions(status, old)


def replicas(obj: Object, old: Object) -> Errors:
    """Of a ReplicaSet or ReplicationController."""
    status, counts = obj.get("status") or {}, ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    errors = _counts(status, ("replicas", *counts, "observedGeneration"))
    errors += _at_most(status, counts, "replicas", _ALL)
    return errors + _at_most(status, ("availableReplicas",), "readyReplicas", _READY)


def stateful_set(obj: Object, old: Object) -> Errors:
    """Of a StatefulSet."""
    status, counts = (
        obj.get("status") or {},
        ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"),
    )
    errors = _counts(status, ("replicas", *counts, "observedGeneration"))
    errors += _at_most(status, counts, "replicas", _ALL)
    errors += _at_most(status, ("availableReplicas",), "readyReplicas", "cannot be greater than status.readyReplicas")
    return errors + _collisions(status, old)


def daemon_set(obj: Object, old: Object) -> Errors:
    """Of a DaemonSet, whose counts are each their own."""
    status = obj.get("status") or {}
    counted = [
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
    ]
    return _counts(status, counted) + _collisions(status, old)


def drop_disabled(obj: dict[str, object], old: Object) -> None:
    """Replicas that are ending are counted behind a gate that is off in v1.34."""
    status = obj.get("status")
    if isinstance(status, dict) and (old.get("status") or {}).get("terminatingReplicas") is None:
        status.pop("terminatingReplicas", None)
