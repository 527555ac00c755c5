"""Validation of what webhooks and policies are about: rules, match resources, match conditions. May import: api."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, invalid, not_supported, required, too_many

Object = dict[str, Any]
MATCH_POLICIES = ("Equivalent", "Exact")
MAX_CONDITIONS = 64
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")


def rule(at: Path, given: Object) -> Errors:
    """RuleWithOperations, NamedRuleWithOperations."""
    errors: Errors = []
    seen: set[str] = set()
    for index, name in enumerate(given.get("resourceNames") or ()):
        here = at.child("resourceNames").index(index)
        errors += [invalid(here, name, f"may not contain '{bad}'") for bad in ("/", "%") if bad in name]
        if name in seen:
            errors.append(duplicate(here, name))
        seen.add(name)
    operations = given.get("operations") or []
    errors += _list(at.child("operations"), operations, "operations")
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            errors.append(not_supported(at.child("operations").index(index), operation, _OPERATIONS))
    errors += _list(at.child("apiGroups"), given.get("apiGroups") or [], "API groups")
    versions = given.get("apiVersions") or []
    errors += _list(at.child("apiVersions"), versions, "API versions")
    errors += [required(at.child("apiVersions").index(i)) for i, version in enumerate(versions) if not version]
    errors += _resources(at.child("resources"), given.get("resources") or [])
    scope = given.get("scope")
    if scope is not None and scope not in _SCOPES:
        errors.append(not_supported(at.child("scope"), scope, _SCOPES))
    return errors


def _list(at: Path, values: Sequence[str], what: str) -> Errors:
    if not values:
        return [required(at)]
    if len(values) > 1 and "*" in values:
        return [invalid(at, list(values), f"if '*' is present, must not specify other {what}")]
    return []


def _resources(at: Path, resources: Sequence[str]) -> Errors:
    if not resources:
        return [required(at)]
    errors: Errors = []
    whole: set[str] = set()  # x of x/*
    everywhere: set[str] = set()  # y of */y
    has_plain = False
    for index, text in enumerate(resources):
        if not text:
            errors.append(required(at.index(index)))
            continue
        plural, slash, subresource = text.partition("/")
        if not slash:
            has_plain = has_plain or text != "*"
            continue
        if plural in whole:
            errors.append(invalid(at.index(index), text, f"if '{plural}/*' is present, must not specify {text}"))
        if subresource in everywhere:
            errors.append(invalid(at.index(index), text, f"if '*/{subresource}' is present, must not specify {text}"))
        if subresource == "*":
            whole.add(plural)
        if plural == "*":
            everywhere.add(subresource)
    if len(resources) > 1 and "*/*" in resources:
        errors.append(invalid(at, list(resources), "if '*/*' is present, must not specify other resources"))
    if "*" in resources and has_plain:
        why = "if '*' is present, must not specify other resources without subresources"
        errors.append(invalid(at, list(resources), why))
    return errors


def chosen(at: Path, value: str | None, allowed: Sequence[str]) -> Errors:
    """A pointer in upstream's types that must be there: an empty text is a value like others, and none of `allowed`."""
    return [required(at)] if value is None else checks.choice(at, value, allowed)


def match_resources(at: Path, match: Object) -> Errors:
    """matchConstraints of a policy, matchResources of a binding."""
    errors = chosen(at.child("matchPolicy"), match.get("matchPolicy"), MATCH_POLICIES)
    for field in ("namespaceSelector", "objectSelector"):
        if match.get(field) is None:
            errors.append(required(at.child(field)))
        else:
            errors += checks.label_selector(at.child(field), match[field])
    for field in ("resourceRules", "excludeResourceRules"):
        for index, given in enumerate(match.get(field) or ()):
            errors += rule(at.child(field).index(index), given)
    return errors


def conditions(at: Path, given: Sequence[Object], *, params: bool = False) -> Errors:
    """matchConditions: named CEL expressions."""
    errors: Errors = []
    if len(given) > MAX_CONDITIONS:
        errors.append(too_many(at, len(given), MAX_CONDITIONS))
    seen: set[str] = set()
    for index, condition in enumerate(given):
        here, name = at.index(index), condition.get("name") or ""
        expression = (condition.get("expression") or "").strip()
        if not expression:
            errors.append(required(here.child("expression")))
        else:
            from kajitori.api.admissionregistration import expressions

            errors += expressions.check(here.child("expression"), expression, expressions.CONDITION, params=params)[0]
        if not name:
            errors.append(required(here.child("name")))
            continue
        errors += checks.by(here.child("name"), name, names.is_qualified_name)
        if name in seen:
            errors.append(duplicate(here.child("name"), name))
        seen.add(name)
    return errors
