"""Validation of Events: of the old kind and, where they carry an event time, of the new. Pure, on core/v1's wire dicts.

Texts are upstream's. May import: api.checks, machinery.
"""

from __future__ import annotations

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, immutable, invalid, required

MAX_TEXT, MAX_NOTE = 128, 1024
MISMATCH = "does not match event.namespace"
UNSET = ("firstTimestamp", "lastTimestamp", "count")
IMMUTABLE = (
    "involvedObject",
    "reason",
    "message",
    "source",
    "firstTimestamp",
    "lastTimestamp",
    "count",
    "type",
    "eventTime",
    "action",
    "related",
    "reportingComponent",
    "reportingInstance",
)
NEW_NAMES = {"reportingComponent": "reportingController"}


def event(obj: Object) -> Errors:
    """An event lives in the namespace of what it is about; about cluster-scoped things, in default."""
    namespace = (obj.get("metadata") or {}).get("namespace")
    about = (obj.get("involvedObject") or {}).get("namespace") or ""
    at = Path("involvedObject", "namespace")
    if obj.get("eventTime"):
        errors: Errors = []
        if not about and namespace not in ("default", "kube-system"):
            errors.append(invalid(at, about, MISMATCH))
        return errors + _reported(obj)
    if about != namespace if about else namespace != "default":
        return [invalid(at, about, MISMATCH)]
    return []


def _reported(obj: Object) -> Errors:
    controller, at = obj.get("reportingComponent") or "", Path("reportingController")
    errors: Errors = [] if controller else [required(at)]
    errors += checks.by(at, controller, names.is_qualified_name)
    for field in ("reportingInstance", "action", "reason"):
        text = obj.get(field) or ""
        if not text:
            errors.append(required(Path(field)))
        if len(text) > MAX_TEXT:
            errors.append(invalid(Path(field), "", f"can have at most {MAX_TEXT} characters"))
    if len(obj.get("message") or "") > MAX_NOTE:
        errors.append(invalid(Path("message"), "", f"can have at most {MAX_NOTE} characters"))
    return errors


def new_event(obj: Object) -> Errors:
    """An event as events.k8s.io/v1 takes it."""
    errors = event(obj) + _series(obj.get("series"))
    kind = obj.get("type") or ""
    if not obj.get("eventTime"):
        errors.append(required(Path("eventTime")))
    if kind not in ("Normal", "Warning"):
        errors.append(invalid(Path("type"), "", f"has invalid value: {kind}"))
    errors += [invalid(Path(field), "", "needs to be unset") for field in UNSET if obj.get(field)]
    if any((obj.get("source") or {}).values()):
        errors.append(invalid(Path("source"), "", "needs to be unset"))
    return errors


def _series(series: Object | None) -> Errors:
    if series is None:
        return []
    errors: Errors = []
    if (series.get("count") or 0) < 2:
        errors.append(invalid(Path("series.count"), "", "should be at least 2"))
    if not series.get("lastObservedTime"):
        errors.append(required(Path("series.lastObservedTime")))
    return errors


def new_event_update(obj: Object, old: Object) -> Errors:
    """Of what an Event tells only the series may change."""
    errors = event(obj)
    if obj.get("series") != old.get("series"):
        errors += _series(obj.get("series"))
    for field in IMMUTABLE:
        if (obj.get(field) or None) != (old.get(field) or None):
            errors.append(immutable(Path(NEW_NAMES.get(field, field)), obj.get(field)))
    return errors
