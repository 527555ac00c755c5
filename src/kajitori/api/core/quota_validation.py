"""Validation of ResourceQuotas, in upstream's words.

May import: api.checks, api.core.{quota, resource_checks}, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors
from kajitori.api.core import quota as rules
from kajitori.api.core import resource_checks
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, required

Object = dict[str, Any]
SPEC = Path("spec")
SCOPES = (
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
)
_OPERATORS = ("DoesNotExist", "Exists", "In", "NotIn")
_ONLY_EXISTS = frozenset({"BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"})
_EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
    "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
    "ResourceQuotaScopeCrossNamespacePodAffinity"
)
_PAIRS = ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"})
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_STANDARD = resource_checks.WHOLE.union(
    _COMPUTE, (f"requests.{name}" for name in (*_COMPUTE, "storage")), (f"limits.{name}" for name in _COMPUTE)
)


def validate(obj: Object) -> Errors:
    """Names and amounts of `hard`, and scopes that fit them and each other."""
    spec = obj.get("spec") or {}
    hard = spec.get("hard") or {}
    errors: Errors = []
    for name, value in hard.items():
        errors += _hard(SPEC.child("hard").key(name), name, value)
    if spec.get("scopes"):
        errors += _scopes(SPEC.child("scopes"), spec["scopes"], spec["scopes"], hard)
        errors += _conflicts(SPEC.child("scopes"), spec["scopes"], spec["scopes"])
    return errors + _selector(spec, hard)


def _hard(at: Path, name: str, value: Any) -> Errors:
    errors = checks.by(at, name, names.is_qualified_name)
    if "/" not in name and not _is_standard(name):
        if not errors:
            errors.append(invalid(at, name, "must be a standard resource type or fully qualified"))
        errors.append(invalid(at, name, "must be a standard resource for quota"))
    return errors + resource_checks.amount(at, name, value)


def _is_standard(name: str) -> bool:
    return name in _STANDARD or name.startswith(("hugepages-", "requests.hugepages-"))


def _scopes(at: Path, shown: Any, scopes: list[str], hard: Object) -> Errors:
    errors: Errors = []
    for scope in scopes:
        errors += [] if scope in SCOPES else [invalid(at, shown, "unsupported scope")]
        errors += _misapplied(at, shown, scope, hard)
    return errors


def _misapplied(at: Path, shown: Any, scope: str, hard: Object) -> Errors:
    wrong = [name for name in hard if _is_standard(name) and not _applies(scope, name)]
    return [invalid(at, shown, "unsupported scope applied to resource") for _ in wrong]


def _applies(scope: str, name: str) -> bool:
    """Whether a scope can hold what uses this name."""
    match scope:
        case "BestEffort":
            return name == "pods"
        case "Terminating" | "NotTerminating" | "NotBestEffort" | "PriorityClass" | "CrossNamespacePodAffinity":
            return name == "pods" or name in rules.MUST_BE_SAID
        case "VolumeAttributesClass":
            return name in ("persistentvolumeclaims", "requests.storage")
    return True


def _conflicts(at: Path, shown: Any, scopes: list[str]) -> Errors:
    return [invalid(at, shown, "conflicting scopes") for pair in _PAIRS if pair <= set(scopes)]


def _selector(spec: Object, hard: Object) -> Errors:
    selector = spec.get("scopeSelector")
    if selector is None:
        return []
    at = SPEC.child("scopeSelector", "matchExpressions")
    errors: Errors = []
    names_given = []
    for term in selector.get("matchExpressions") or ():
        scope, operator, values = term.get("scopeName") or "", term.get("operator") or "", term.get("values") or []
        names_given.append(scope)
        errors += [] if scope in SCOPES else [invalid(at.child("scopeName"), scope, "unsupported scope")]
        errors += _misapplied(at, selector, scope, hard)
        if scope in _ONLY_EXISTS and operator != "Exists":
            errors.append(invalid(at.child("operator"), operator, _EXISTS))
        if operator in ("In", "NotIn") and not values:
            why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            errors.append(required(at.child("values"), why))
        elif operator in ("Exists", "DoesNotExist") and values:
            why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            errors.append(invalid(at.child("values"), values, why))
        elif operator not in _OPERATORS:
            errors.append(invalid(at.child("operator"), operator, "not a valid selector operator"))
    return errors + _conflicts(at, spec.get("scopes"), names_given)


def validate_update(obj: Object, old: Object) -> Errors:
    """Scopes stay what they are."""
    errors: Errors = []
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    if set(new.get("scopes") or ()) != set(before.get("scopes") or ()):
        errors.append(invalid(SPEC.child("scopes"), new.get("scopes") or [], "field is immutable"))
    return errors


def validate_status(obj: Object, old: Object) -> Errors:
    """Names and amounts of what is allowed and used."""
    status = obj.get("status") or {}
    return [
        error
        for field in ("hard", "used")
        for name, value in (status.get(field) or {}).items()
        for error in _hard(Path("status", field).key(name), name, value)
    ]
