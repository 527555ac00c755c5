"""Validation of what containers and Pods ask for: names of resources, amounts, and requests against limits.

Pure, on wire dicts; texts are upstream's. May import: api.checks, api.core.limit_validation, machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.limit_validation import container_resource
from kajitori.machinery import names
from kajitori.machinery.fieldpath import (
    FieldError,
    FieldErrorType,
    Path,
    duplicate,
    forbidden,
    invalid,
    required,
)
from kajitori.machinery.quantity import Quantity

HUGE_PAGES = "hugepages-"
WHOLE = frozenset(
    [
        "pods",
        "services",
        "services.nodeports",
        "services.loadbalancers",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
    ]
)
"""Resources that are counted, so come in whole numbers; extended ones do too."""
NameCheck = Callable[[Path, str], Errors]


def is_native(name: str) -> bool:
    """Kubernetes' own: without a domain, or in its domain."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    """Somebody else's: `example.com/dongle`."""
    if is_native(name) or name.startswith("requests."):
        return False
    return not names.is_qualified_name(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    """Whether the limit may be above the request."""
    return is_native(name) and not name.startswith(HUGE_PAGES)


def amount(at: Path, name: str, value: Any) -> Errors:
    """An amount that is not negative, and whole where the resource comes in pieces."""
    errors = checks.quantity(at, value)
    counted = name in WHOLE or ("/" in name and is_extended(name))
    if counted and not errors and Quantity.parse(value).milli_value() % 1000:
        errors.append(invalid(at, str(Quantity.parse(value)), "must be an integer"))
    return errors


def requirements(
    path: Path, value: Object, claims: Collection[str] = (), name_check: NameCheck = container_resource
) -> Errors:
    """`resources` of a container or, with another `name_check`, of a Pod; `claims` are the Pod's resource claims."""
    limits, requests = value.get("limits") or {}, value.get("requests") or {}
    errors: Errors = []
    if limits or requests:
        errors += _amounts(path.child("limits"), limits, name_check)
        errors += _amounts(path.child("requests"), requests, name_check)
        errors += _within(path, requests, limits)
        asked = limits.keys() | requests.keys()
        if not asked & {"cpu", "memory"} and any(name.startswith(HUGE_PAGES) for name in asked):
            errors.append(forbidden(path, "HugePages require cpu or memory"))
    if value.get("claims"):
        errors += _claims(path.child("claims"), value["claims"], claims)
    return errors


def _amounts(path: Path, amounts: Mapping[str, Any], name_check: NameCheck) -> Errors:
    errors: Errors = []
    for name, value in amounts.items():
        at = path.key(name)
        errors += name_check(at, name) + amount(at, name, value)
        if name.startswith(HUGE_PAGES) and not _divisible(name, value):
            why = f"{value} is not positive integer multiple of {name}"
            errors += checks.ratcheted([invalid(at, str(value), why)], "huge pages")
    return errors


def _divisible(name: str, value: Any) -> bool:
    try:
        page, wanted = Quantity.parse(name.removeprefix(HUGE_PAGES)), Quantity.parse(value)
    except ValueError:
        return False
    return page.value() > 0 and wanted.value() % page.value() == 0


def _within(path: Path, requests: Mapping[str, Any], limits: Mapping[str, Any]) -> Errors:
    errors: Errors = []
    at = path.child("requests")
    for name, text in requests.items():
        if name in limits:
            try:
                request, limit = Quantity.parse(text), Quantity.parse(limits[name])
            except ValueError:
                continue  # told above
            if request != limit and not may_overcommit(name):
                errors.append(invalid(at, str(request), f"must be equal to {name} limit of {limit}"))
            elif request > limit:
                errors.append(invalid(at, str(request), f"must be less than or equal to {name} limit of {limit}"))
        elif not may_overcommit(name):
            errors.append(required(path.child("limits"), "Limit must be set for non overcommitable resources"))
    return errors


def _claims(path: Path, given: list[Object], known: Collection[str]) -> Errors:
    """Each names an entry of the Pod's `resourceClaims`, as a whole or one request of it."""
    errors: Errors = []
    seen: set[str] = set()
    for position, claim in enumerate(given):
        at, name, request = path.index(position), claim.get("name") or "", claim.get("request") or ""
        if not name:
            errors.append(required(at))
            continue
        key = f"{name}/{request}" if request else name
        if name in seen:
            errors.append(duplicate(at, name))
        else:
            errors += checks.by(at.child("request"), request, names.is_dns1123_label) if request else []
            if key in seen:
                errors.append(duplicate(at, key))
            elif not request:
                errors += [duplicate(at, name) for other in sorted(seen) if other.startswith(f"{name}/")]
            seen.add(key)
        if name not in known:
            there = ": " + ", ".join(sorted(known)) if known else " which is empty"
            why = f"must be one of the names in pod.spec.resourceClaims{there}"
            errors.append(FieldError(FieldErrorType.NOT_FOUND, str(at), name, why))
    return errors
