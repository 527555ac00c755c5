"""Validation of LimitRanges: their types, what they limit, and the order of their values. Pure; texts are upstream's.

May import: api.checks, machinery.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import FieldError, Path, duplicate, forbidden, invalid, required
from kajitori.machinery.quantity import Quantity

TYPES = ("Pod", "Container", "PersistentVolumeClaim")
FOR_CONTAINERS = ("cpu", "memory", "ephemeral-storage")
STANDARD = (*FOR_CONTAINERS, "storage", "pods", "services", "replicationcontrollers", "resourcequotas", "secrets",
            "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
            "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage",
            "limits.cpu", "limits.memory", "limits.ephemeral-storage")  # fmt: skip
OVERCOMMITTED = FOR_CONTAINERS
Amounts = dict[str, Quantity]


def limit_range(obj: Object) -> Errors:
    """Each type of limit stands once; the values of each must be in order (min, defaults, max)."""
    errors: Errors = []
    seen: set[str] = set()
    for position, item in enumerate((obj.get("spec") or {}).get("limits") or ()):
        at = Path("spec", "limits").index(position)
        kind = item.get("type") or ""
        errors += _type(at.child("type"), kind)
        if kind in seen:
            errors.append(duplicate(at.child("type"), kind))
        seen.add(kind)
        errors += _names(at, item, kind)
        errors += _values(at, item, kind)
    return errors


def _type(at: Path, kind: str) -> Errors:
    errors = checks.by(at, kind, names.is_qualified_name)
    if not errors and "/" not in kind and kind not in TYPES:
        errors.append(invalid(at, kind, "must be a standard limit type or fully qualified"))
    return errors


def _names(at: Path, item: Object, kind: str) -> Errors:
    errors: Errors = []
    for field in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
        amounts = item.get(field) or {}
        if kind == "Pod" and field.startswith("default"):
            if amounts:
                errors.append(forbidden(at.child(field), "may not be specified when `type` is 'Pod'"))
            continue
        for name in amounts:
            errors += _name(at.child(field).key(name), name, kind)
    if kind == "PersistentVolumeClaim" and not any("storage" in (item.get(field) or ()) for field in ("min", "max")):
        message = "either minimum or maximum storage value is required, but neither was provided"
        errors.append(required(at.child("limits"), message))
    return errors


def _name(at: Path, name: str, kind: str) -> Errors:
    return container_resource(at, name) if kind in ("Pod", "Container") else standard_resource(at, name)


def standard_resource(at: Path, name: str) -> Errors:
    """The name of any resource: Kubernetes' own or one with a domain."""
    errors = checks.by(at, name, names.is_qualified_name)
    if not errors and "/" not in name and name not in STANDARD and not name.startswith("hugepages-"):
        errors.append(invalid(at, name, "must be a standard resource type or fully qualified"))
    return errors


def container_resource(at: Path, name: str) -> Errors:
    """The name of a resource that a container may ask for."""
    if name in FOR_CONTAINERS:
        return []
    errors = standard_resource(at, name)
    if "/" not in name:
        if not name.startswith("hugepages-"):
            errors.append(invalid(at, name, "must be a standard resource for containers"))
    elif "kubernetes.io/" not in name and (name.startswith("requests.") or names.is_qualified_name(f"requests.{name}")):
        errors.append(invalid(at, name, "doesn't follow extended resource name standard"))
    return errors


def _amounts(values: Mapping[str, Any] | None) -> Amounts:
    return {name: Quantity.parse(value) for name, value in (values or {}).items()}


def _values(at: Path, item: Object, kind: str) -> Errors:
    low, high, ratio = (_amounts(item.get(field)) for field in ("min", "max", "maxLimitRequestRatio"))
    given, asked = (({} if kind == "Pod" else _amounts(item.get(field))) for field in ("default", "defaultRequest"))
    errors: Errors = []
    for name in dict.fromkeys([*high, *low, *given, *asked, *ratio]):
        errors += _order(at, name, low, high, given, asked)
        errors += _ratio(at.child("maxLimitRequestRatio").key(name), name, ratio, low, high)
        fixed = name not in OVERCOMMITTED and "/" in name
        if (fixed or name.startswith("hugepages-")) and name in given and name in asked and given[name] != asked[name]:
            message = f"default value {given[name]} must equal to defaultRequest value {asked[name]} in {name}"
            errors.append(invalid(at.child("defaultRequest").key(name), str(asked[name]), message))
    return errors


def _order(at: Path, name: str, low: Amounts, high: Amounts, given: Amounts, asked: Amounts) -> Iterator[FieldError]:
    """Each pair that upstream compares: the smaller, the greater, the field that is told, the value that is shown."""
    pairs = (
        ("min", low, "max", high, "min", low),
        ("min", low, "default request", asked, "defaultRequest", asked),
        ("default request", asked, "max", high, "defaultRequest", asked),
        ("default request", asked, "default limit", given, "defaultRequest", asked),
        ("min", low, "default", given, "default", low),
        ("default", given, "max", high, "default", high),
    )
    for less, smaller, more, greater, field, shown in pairs:
        if name in smaller and name in greater and smaller[name] > greater[name]:
            message = f"{less} value {smaller[name]} is greater than {more} value {greater[name]}"
            yield invalid(at.child(field).key(name), str(shown[name]), message)


def _ratio(at: Path, name: str, ratio: Amounts, low: Amounts, high: Amounts) -> Errors:
    if name not in ratio:
        return []
    errors: Errors = []
    one, text = Quantity.parse("1"), str(ratio[name])
    if ratio[name] < one:
        errors.append(invalid(at, text, f"ratio {text} is less than 1"))
    if name in low and name in high and _number(low[name]):
        limit = _number(high[name]) / _number(low[name])
        if _number(ratio[name]) > limit * _number(one):
            errors.append(invalid(at, text, f"ratio {text} is greater than max/min = {float(limit):f}"))
    return errors


def _number(amount: Quantity) -> Fraction:
    return Fraction(amount.nanos)
