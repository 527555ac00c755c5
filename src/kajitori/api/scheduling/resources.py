"""scheduling.k8s.io/v1: PriorityClasses. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery.fieldpath import Path, forbidden

Object = dict[str, Any]
HIGHEST_USER_PRIORITY = 1_000_000_000
RESERVED = "priority class names with 'system-' prefix are reserved for system use only"
SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


def _row(obj: Object, now: datetime) -> list[Any]:
    policy = obj.get("preemptionPolicy") or ""
    return [name(obj), obj.get("value", 0), bool(obj.get("globalDefault")), age(obj, now), policy]


def _defaults(obj: Object) -> None:
    obj.setdefault("preemptionPolicy", "PreemptLowerPriority")


def _validate(obj: Object) -> Errors:
    given, value = (obj.get("metadata") or {}).get("name") or "", obj.get("value") or 0
    if given.startswith("system-"):
        if SYSTEM_CLASSES.get(given) != value:
            at = Path("metadata", "name")
            return [forbidden(at, f"{RESERVED}. error: {given} is not a known system priority class")]
        return []
    if value > HIGHEST_USER_PRIORITY:
        message = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
        return [forbidden(Path("value"), message)]
    policies = ("PreemptLowerPriority", "Never")
    return checks.one_of_these(Path("preemptionPolicy"), obj.get("preemptionPolicy"), policies)


def _update(obj: Object, old: Object) -> Errors:
    errors: Errors = []
    if (obj.get("value") or 0) != (old.get("value") or 0):
        errors.append(forbidden(Path("value"), "may not be changed in an update."))
    at = Path("preemptionPolicy")
    return errors + checks.unchanged(at, obj.get("preemptionPolicy"), old.get("preemptionPolicy"))


RULES = Rules(
    defaults=_defaults,
    validate=_validate,
    validate_update=_update,
    generation=True,
    table=table("Name, Value:integer, Global-Default:boolean, Age, PreemptionPolicy", _row),
)

RESOURCES: list[Resource] = [
    resource("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", RULES, namespaced=False, short_names=("pc",))
]
