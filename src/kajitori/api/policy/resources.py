"""policy/v1: PodDisruptionBudgets (an Eviction is a subresource of Pods). May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.conditions import conditions
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery.fieldpath import Path, invalid

Object = dict[str, Any]
SPEC = Path("spec")


def _row(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    low, high = spec.get("minAvailable"), spec.get("maxUnavailable")
    allowed = dig(obj, "status.disruptionsAllowed", 0)
    return [name(obj), "N/A" if low is None else str(low), "N/A" if high is None else str(high), allowed, age(obj, now)]


def _validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    low, high = spec.get("minAvailable"), spec.get("maxUnavailable")
    errors: Errors = []
    if low is not None and high is not None:
        errors.append(invalid(SPEC, spec, "minAvailable and maxUnavailable cannot be both set"))
    for field, value in (("minAvailable", low), ("maxUnavailable", high)):
        if value is not None:
            errors += checks.percent_or_count(SPEC.child(field), value)
            errors += checks.at_most_100_percent(SPEC.child(field), value)
    errors += checks.label_selector(SPEC.child("selector"), spec.get("selector"))
    policies = ("AlwaysAllow", "IfHealthyBudget")
    at = SPEC.child("unhealthyPodEvictionPolicy")
    return errors + checks.choice(at, spec.get("unhealthyPodEvictionPolicy"), policies)


def _status(obj: Object, old: Object) -> Errors:
    status, at = obj.get("status") or {}, Path("status")
    counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    errors = conditions(at.child("conditions"), status.get("conditions") or ())
    return errors + [error for field in counts for error in checks.non_negative(at.child(field), status.get(field))]


BUDGETS = Rules(
    validate=_validate,
    validate_status=_status,
    status=True,
    generation=True,
    table=table("Name, Min Available, Max Unavailable, Allowed Disruptions:integer, Age", _row),
)

RESOURCES: list[Resource] = [
    resource("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", BUDGETS, short_names=("pdb",))
]
