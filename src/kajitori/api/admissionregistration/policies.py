"""Validation and defaults of ValidatingAdmissionPolicies and their bindings. May import: api; cel lazily."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kajitori.api import checks
from kajitori.api.admissionregistration import matching
from kajitori.api.admissionregistration.webhooks import FAILURE_POLICIES, rule_scopes
from kajitori.api.checks import Errors
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required

if TYPE_CHECKING:
    from kajitori.cel.types import Type

Object = dict[str, Any]
SPEC = Path("spec")
ACTIONS = ("Audit", "Deny", "Warn")
REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")
MAX_ANNOTATIONS, MAX_VALUE_EXPRESSION = 20, 5 * 1024
_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*\Z")
# fmt: off
_RESERVED = frozenset([
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
    "namespace", "null", "package", "return", "true", "var", "void", "while",
])
# fmt: on
_EMPTY = "validations or auditAnnotations must contain at least one item"


def defaults(obj: Object) -> None:
    """Of a policy: `failurePolicy` and what `matchConstraints` leaves open."""
    spec = obj.setdefault("spec", {})
    spec["failurePolicy"] = "Fail" if spec.get("failurePolicy") is None else spec["failurePolicy"]
    _match_defaults(spec.get("matchConstraints"))


def binding_defaults(obj: Object) -> None:
    """What a binding's `matchResources` leaves open."""
    _match_defaults((obj.get("spec") or {}).get("matchResources"))


def _match_defaults(match: Object | None) -> None:
    if match is not None:
        match["matchPolicy"] = "Equivalent" if match.get("matchPolicy") is None else match["matchPolicy"]
        match.setdefault("namespaceSelector", {})
        match.setdefault("objectSelector", {})
        rule_scopes(match.get("resourceRules"))
        rule_scopes(match.get("excludeResourceRules"))


def validate(obj: Object) -> Errors:
    """A policy. Its CEL is compiled with the variables that it will meet, types included as far as they are known."""
    spec = obj.get("spec") or {}
    params = spec.get("paramKind") is not None
    errors = matching.chosen(SPEC.child("failurePolicy"), spec.get("failurePolicy"), FAILURE_POLICIES)
    if params:
        errors += param_kind(SPEC.child("paramKind"), spec["paramKind"])
    constraints = spec.get("matchConstraints")
    if constraints is None:
        errors.append(required(SPEC.child("matchConstraints")))
    else:
        errors += matching.match_resources(SPEC.child("matchConstraints"), constraints)
        if not constraints.get("resourceRules"):
            errors.append(required(SPEC.child("matchConstraints", "resourceRules")))
    errors += matching.conditions(SPEC.child("matchConditions"), spec.get("matchConditions") or (), params=params)
    known: dict[str, Type] = {}
    errors += _variables(spec, known, params)
    if not spec.get("validations") and not spec.get("auditAnnotations"):
        return [*errors, required(SPEC.child("validations"), _EMPTY), required(SPEC.child("auditAnnotations"), _EMPTY)]
    for index, validation in enumerate(spec.get("validations") or ()):
        errors += _validation(SPEC.child("validations").index(index), validation, known, params)
    return errors + _annotations(obj, spec.get("auditAnnotations") or [], known, params)


def validate_update(obj: Object, old: Object) -> Errors:
    """What has not changed was good once."""
    return [] if obj.get("spec") == old.get("spec") else validate(obj)


def param_kind(at: Path, kind: Object) -> Errors:
    """`apiVersion` and `kind` must be well-formed; whether such a kind is served is asked when it is used."""
    errors: Errors = []
    api_version, name = kind.get("apiVersion") or "", kind.get("kind") or ""
    if not api_version:
        errors.append(required(at.child("apiVersion")))
    elif api_version.count("/") > 1:
        errors.append(invalid(at.child("apiVersion"), api_version, f"unexpected GroupVersion string: {api_version}"))
    else:
        group, _, version = api_version.rpartition("/")
        for text, faults in ((group, names.is_dns1123_subdomain), (version, names.is_dns1035_label)):
            if text and (why := faults(text)):
                errors.append(invalid(at.child("apiVersion"), text, ",".join(why)))
        if not version:
            errors.append(invalid(at.child("apiVersion"), api_version, "version must be specified"))
    if not name:
        errors.append(required(at.child("kind")))
    elif why := names.is_dns1035_label(name.lower()):
        say = "may have mixed case, but should otherwise match: "
        errors.append(invalid(at.child("kind"), name, say + ",".join(why)))
    return errors


def _variables(spec: Object, known: dict[str, Type], params: bool) -> Errors:
    """The errors; `known` gets the types of the variables, each of which may name those before it."""
    errors: Errors = []
    for index, variable in enumerate(spec.get("variables") or ()):
        at = SPEC.child("variables").index(index)
        name, expression = (variable.get("name") or "").strip(), variable.get("expression") or ""
        if not name:
            errors.append(required(at.child("name"), "name is not specified"))
        elif not _IDENTIFIER.match(name) or name in _RESERVED:
            errors.append(invalid(at.child("name"), name, "name is not a valid CEL identifier"))
        elif name in known:
            errors.append(duplicate(at, name))
        if not expression.strip():
            errors.append(required(at.child("expression"), "expression is not specified"))
            continue
        from kajitori.api.admissionregistration import expressions

        found, known[name] = expressions.check(at.child("expression"), expression, (), params=params, variables=known)
        errors += found
    return errors


def _validation(at: Path, validation: Object, known: Mapping[str, Type], params: bool) -> Errors:
    from kajitori.api.admissionregistration import expressions

    errors: Errors = []
    expression, message = validation.get("expression") or "", validation.get("message") or ""
    if not expression.strip():
        errors.append(required(at.child("expression"), "expression is not specified"))
    else:
        here = at.child("expression")
        errors += expressions.check(here, expression, expressions.CONDITION, params=params, variables=known)[0]
    text = validation.get("messageExpression") or ""
    here = at.child("messageExpression")
    if text and not text.strip():
        errors.append(invalid(here, text, "must be non-empty if specified"))
    elif text:
        found, _ = expressions.check(here, text, expressions.MESSAGE, params=params, authorizer=False, variables=known)
        errors += found
    if message and not message.strip():
        errors.append(invalid(at.child("message"), message, "message must be non-empty if specified"))
    elif "\n" in message.strip():
        errors.append(invalid(at.child("message"), message, "message must not contain line breaks"))
    elif "\n" in expression.strip() and not message:
        errors.append(required(at.child("message"), "message must be specified if expression contains line breaks"))
    return errors + checks.choice(at.child("reason"), validation.get("reason"), REASONS)


def _annotations(obj: Object, annotations: list[Object], known: Mapping[str, Type], params: bool) -> Errors:
    errors: Errors = []
    at = SPEC.child("auditAnnotations")
    if len(annotations) > MAX_ANNOTATIONS:
        errors.append(invalid(at, annotations, f"must not have more than {MAX_ANNOTATIONS} auditAnnotations"))
    seen: set[str] = set()
    policy = (obj.get("metadata") or {}).get("name") or ""
    for index, annotation in enumerate(annotations):
        here, key = at.index(index), annotation.get("key") or ""
        errors += checks.by(here.child("key"), f"{policy}/{key}" if policy else key, names.is_qualified_name)
        errors += _value(here.child("valueExpression"), annotation.get("valueExpression") or "", known, params)
        if key in seen:
            errors.append(duplicate(here.child("key"), key))
        seen.add(key)
    return errors


def _value(at: Path, expression: str, known: Mapping[str, Type], params: bool) -> Errors:
    if not expression.strip():
        return [required(at, "valueExpression is not specified")]
    if len(expression.strip()) > MAX_VALUE_EXPRESSION:
        return [required(at, f"must not exceed {MAX_VALUE_EXPRESSION} bytes in length")]
    from kajitori.api.admissionregistration import expressions

    return expressions.check(at, expression, expressions.ANNOTATION, params=params, variables=known)[0]


def validate_binding(obj: Object) -> Errors:
    """A binding; its policy need not exist yet."""
    spec = obj.get("spec") or {}
    errors: Errors = []
    policy = spec.get("policyName") or ""
    if not policy:
        errors.append(required(SPEC.child("policyName")))
    else:
        errors += checks.by(SPEC.child("policyName"), policy, names.is_dns1123_subdomain)
    if spec.get("paramRef") is not None:
        errors += param_ref(SPEC.child("paramRef"), spec["paramRef"])
    if spec.get("matchResources") is not None:
        errors += matching.match_resources(SPEC.child("matchResources"), spec["matchResources"])
    return errors + _actions(SPEC.child("validationActions"), spec.get("validationActions") or [])


def param_ref(at: Path, ref: Object) -> Errors:
    """A name or a selector, never both, and what to do when nothing is found."""
    errors: Errors = []
    name, selector = ref.get("name") or "", ref.get("selector")
    both = "name and selector are mutually exclusive"
    if name:
        errors += [invalid(at.child("name"), name, f"may not contain '{bad}'") for bad in ("/", "%") if bad in name]
        if selector is not None:
            errors.append(forbidden(at.child("name"), both))
    if selector is not None:
        errors += checks.label_selector(at.child("selector"), selector)
        if name:
            errors.append(forbidden(at.child("selector"), both))
    if not name and selector is None:
        errors.append(required(at, "one of name or selector must be specified"))
    at = at.child("parameterNotFoundAction")
    return errors + matching.chosen(at, ref.get("parameterNotFoundAction"), ("Allow", "Deny"))


def _actions(at: Path, actions: list[str]) -> Errors:
    errors: Errors = []
    for index, action in enumerate(actions):
        if action not in ACTIONS:
            errors.append(not_supported(at.index(index), action, ACTIONS))
        if action in actions[:index]:
            errors.append(duplicate(at.index(index), action))
    if "Deny" in actions and "Warn" in actions:
        why = "repeating the same validation failure information in the API response and headers serves no purpose"
        errors.append(invalid(at, actions, f"must not contain both Deny and Warn ({why})"))
    if not actions:
        errors.append(required(at, "at least one validation action is required"))
    return errors
