"""scheduling.k8s.io/v1: PriorityClasses. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource, unchecked
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


def _first_generation(obj: Object) -> None:
    """Changes make no other."""
    obj["metadata"]["generation"] = 1


def _validate(obj: Object) -> Errors:
    given, value = (obj.get("metadata") or {}).get("name") or "", obj.get("value") or 0
    if given.startswith("system-"):
        errors = _system(given, value, is_default=bool(obj.get("globalDefault")))
    elif value > HIGHEST_USER_PRIORITY:
        message = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
        errors = [forbidden(Path("value"), message)]
    else:
        errors = []
    policies = ("PreemptLowerPriority", "Never")
    return errors + checks.one_of_these(Path("preemptionPolicy"), obj.get("preemptionPolicy"), policies)


def _system(given: str, value: int, *, is_default: bool) -> Errors:
    """One of the classes that every cluster has, as it is everywhere."""
    if given not in SYSTEM_CLASSES:
        why = f"{given} is not a known system priority class"
    elif value != SYSTEM_CLASSES[given]:
        why = f"value of {given} PriorityClass must be {SYSTEM_CLASSES[given]}"
    elif is_default:
        why = f"globalDefault of {given} PriorityClass must be false"
    else:
        return []
    return [forbidden(Path("metadata", "name"), f"{RESERVED}. error: {why}")]


def _update(obj: Object, old: Object) -> Errors:
    errors: Errors = []
    if (obj.get("value") or 0) != (old.get("value") or 0):
        errors.append(forbidden(Path("value"), "may not be changed in an update."))
    at = Path("preemptionPolicy")
    return errors + checks.unchanged(at, obj.get("preemptionPolicy"), old.get("preemptionPolicy"))


RULES = Rules(
    defaults=_defaults,
    validate=_validate,
    revalidate=unchecked,
    validate_update=_update,
    on_create=_first_generation,
    table=table("Name, Value:integer, Global-Default:boolean, Age, PreemptionPolicy", _row),
)

RESOURCES: list[Resource] = [
    resource("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", RULES, namespaced=False, short_names=("pc",))
]
