"""Validation of apps/v1 but for StatefulSets. Pure, on wire dicts after defaulting; texts are upstream's.

May import: api.checks, api.core.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.pod_validation import pod_template
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required

SPEC = Path("spec")


def _template(spec: Object, kind: str, claims: Sequence[str] = ()) -> Errors:
    """The Pods of a workload, which are always started again and have no deadline."""
    at = SPEC.child("template")
    errors = pod_template(at, spec.get("template"), claims)
    return errors + _always(at.child("spec"), (spec.get("template") or {}).get("spec") or {}, kind)


def _always(at: Path, pod: Object, kind: str) -> Errors:
    policy, errors = pod.get("restartPolicy") or "", []
    if policy != "Always":
        errors.append(not_supported(at.child("restartPolicy"), policy, ["Always"]))
    if pod.get("activeDeadlineSeconds") is not None:
        why = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.append(forbidden(at.child("activeDeadlineSeconds"), why))
    return errors


def _selected_template(spec: Object, kind_text: str) -> Errors:
    """Selector and template; of a selector that is none, the template goes unread."""
    errors = checks.workload_selector(spec, SPEC, kind_text=kind_text)
    if checks.label_selector(SPEC, spec.get("selector")):
        return errors
    return errors + _template(spec, "ReplicaSet")


def _selector_unchanged(obj: Object, old: Object) -> Errors:
    new, before = (obj.get("spec") or {}).get("selector"), (old.get("spec") or {}).get("selector")
    return checks.unchanged(SPEC.child("selector"), new, before)


def deployment(obj: Object) -> Errors:
    """The deadline for progress must leave room for a Pod to become available."""
    spec = obj.get("spec") or {}
    errors = checks.non_negative(SPEC.child("replicas"), spec.get("replicas"))
    errors += _selected_template(spec, "deployment")
    errors += _strategy(SPEC.child("strategy"), spec.get("strategy") or {})
    for field in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        errors += checks.non_negative(SPEC.child(field), spec.get(field))
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds") or 0
    if deadline is not None and deadline <= ready:
        why = "must be greater than minReadySeconds"
        errors.append(invalid(SPEC.child("progressDeadlineSeconds"), deadline, why))
    return errors


def _strategy(at: Path, strategy: Object) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            message = "may not be specified when strategy `type` is 'Recreate'"
            return [forbidden(at.child("rollingUpdate"), message)]
        return []
    if kind != "RollingUpdate":
        return [not_supported(at, _shown(strategy, "MaxUnavailable", "MaxSurge"), ["Recreate", "RollingUpdate"])]
    return _rolling(at.child("rollingUpdate"), rolling or {})


def _shown(strategy: Object, *fields: str) -> dict[str, Any]:
    """A strategy as upstream prints its own type, with the names of Go."""
    rolling = strategy.get("rollingUpdate")
    inner = None if rolling is None else {name: rolling.get(name[0].lower() + name[1:]) for name in fields}
    return {"Type": strategy.get("type") or "", "RollingUpdate": inner}


def _rolling(at: Path, rolling: Object) -> Errors:
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    errors = checks.percent_or_count(at.child("maxUnavailable"), unavailable)
    errors += checks.percent_or_count(at.child("maxSurge"), surge)
    if _zero(unavailable) and _zero(surge):
        message = "may not be 0 when `maxSurge` is 0"
        errors.append(invalid(at.child("maxUnavailable"), unavailable, message))
    return errors + checks.at_most_100_percent(at.child("maxUnavailable"), unavailable)


def _zero(value: Any) -> bool:
    return value in (0, None, "0%", "")


def deployment_update(obj: Object, old: Object) -> Errors:
    """The selector never changes."""
    return _selector_unchanged(obj, old)


def replica_set(obj: Object) -> Errors:
    """Upstream words a selector that does not fit the template as a Deployment's."""
    spec = obj.get("spec") or {}
    errors = checks.non_negative(SPEC.child("replicas"), spec.get("replicas"))
    errors += checks.non_negative(SPEC.child("minReadySeconds"), spec.get("minReadySeconds"))
    return errors + _selected_template(spec, "deployment")


def replica_set_update(obj: Object, old: Object) -> Errors:
    """The selector never changes."""
    return _selector_unchanged(obj, old)


def daemon_set(obj: Object) -> Errors:
    """Of a rolling update's maxUnavailable and maxSurge exactly one is above zero."""
    spec = obj.get("spec") or {}
    errors = checks.workload_selector(spec, SPEC, kind_text="daemonset") + _template(spec, "DaemonSet")
    errors += checks.non_negative(SPEC.child("minReadySeconds"), spec.get("minReadySeconds"))
    strategy, at = spec.get("updateStrategy") or {}, SPEC.child("updateStrategy")
    if strategy.get("type") not in ("OnDelete", "RollingUpdate"):
        shown = _shown(strategy, "MaxUnavailable", "MaxSurge")
        errors.append(not_supported(at, shown, ["RollingUpdate", "OnDelete"]))
    elif strategy["type"] == "RollingUpdate":
        errors += _daemon_rolling(at.child("rollingUpdate"), strategy.get("rollingUpdate") or {})
    return errors + checks.non_negative(SPEC.child("revisionHistoryLimit"), spec.get("revisionHistoryLimit"))


def _daemon_rolling(at: Path, rolling: Object) -> Errors:
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    errors: Errors = []
    for field, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        errors += checks.percent_or_count(at.child(field), value)
        errors += checks.at_most_100_percent(at.child(field), value)
    if not _zero(unavailable) and not _zero(surge):
        errors.append(invalid(at.child("maxSurge"), surge, "may not be set when maxUnavailable is non-zero"))
    if _zero(unavailable) and _zero(surge):
        errors.append(required(at.child("maxUnavailable"), "cannot be 0 when maxSurge is 0"))
    return errors


def daemon_set_update(obj: Object, old: Object) -> Errors:
    """The selector never changes."""
    return _selector_unchanged(obj, old)


def revision(obj: Object) -> Errors:
    """A ControllerRevision has data, of whatever form."""
    errors: Errors = [] if obj.get("data") is not None else [required(Path("data"), "data is mandatory")]
    return errors + checks.non_negative(Path("revision"), obj.get("revision"))


def revision_update(obj: Object, old: Object) -> Errors:
    """The data never changes; the number may."""
    return checks.unchanged(Path("data"), obj.get("data"), old.get("data"))
