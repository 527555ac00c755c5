"""admissionregistration.k8s.io/v1: webhooks and policies that judge requests. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import UNSET, age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.rules import Rules, resource
from kajitori.api.scheme import Resource
from kajitori.machinery.fieldpath import Path, duplicate, invalid, required

Object = dict[str, Any]
V1 = "admissionregistration.k8s.io/v1"
FAILURE_POLICIES, MATCH_POLICIES = ("Fail", "Ignore"), ("Equivalent", "Exact")
SIDE_EFFECTS = ("None", "NoneOnDryRun")


def _webhooks_row(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), len(obj.get("webhooks") or ()), age(obj, now)]


def _policy_row(obj: Object, now: datetime) -> list[Any]:
    kind = dig(obj, "spec.paramKind")
    text = f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else UNSET
    return [name(obj), len(dig(obj, "spec.validations", ())), text, age(obj, now)]


def _binding_row(obj: Object, now: datetime) -> list[Any]:
    ref = dig(obj, "spec.paramRef")
    text = UNSET
    if ref:
        where = f"{ref['namespace']}/" if ref.get("namespace") else "*/"
        text = where + (ref.get("name") or "*")
    return [name(obj), dig(obj, "spec.policyName", ""), text, age(obj, now)]


def _webhook_defaults(obj: Object) -> None:
    mutating = obj.get("kind") == "MutatingWebhookConfiguration"
    for hook in obj.get("webhooks") or ():
        hook["failurePolicy"] = hook.get("failurePolicy") or "Fail"
        hook["matchPolicy"] = hook.get("matchPolicy") or "Equivalent"
        hook.setdefault("namespaceSelector", {})
        hook.setdefault("objectSelector", {})
        hook.setdefault("timeoutSeconds", 10)
        if mutating:
            hook["reinvocationPolicy"] = hook.get("reinvocationPolicy") or "Never"
        service = (hook.get("clientConfig") or {}).get("service")
        if service is not None:
            service.setdefault("port", 443)
        _rule_scopes(hook.get("rules"))


def _rule_scopes(rules: list[Object] | None) -> None:
    for rule in rules or ():
        rule["scope"] = rule.get("scope") or "*"


def _policy_defaults(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec["failurePolicy"] = spec.get("failurePolicy") or "Fail"
    _match_defaults(spec.get("matchConstraints"))


def _binding_defaults(obj: Object) -> None:
    _match_defaults((obj.get("spec") or {}).get("matchResources"))


def _match_defaults(match: Object | None) -> None:
    if match is not None:
        match["matchPolicy"] = match.get("matchPolicy") or "Equivalent"
        match.setdefault("namespaceSelector", {})
        match.setdefault("objectSelector", {})
        _rule_scopes(match.get("resourceRules"))
        _rule_scopes(match.get("excludeResourceRules"))


def _validate_webhooks(obj: Object) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for position, hook in enumerate(obj.get("webhooks") or ()):
        at = Path("webhooks").index(position)
        given = hook.get("name") or ""
        errors += checks.dns_subdomain(at.child("name"), given)
        if given and given.count(".") < 2:
            errors.append(
                invalid(at.child("name"), given, "should be a domain with at least three segments separated by dots")
            )
        if given in seen:
            errors.append(duplicate(at.child("name"), given))
        seen.add(given)
        errors += _webhook(at, hook)
    return errors


def _webhook(at: Path, hook: Object) -> Errors:
    errors: Errors = []
    if not hook.get("admissionReviewVersions"):
        message = "must specify one of v1, v1beta1"
        errors.append(required(at.child("admissionReviewVersions"), message))
    errors += checks.one_of(at.child("sideEffects"), hook.get("sideEffects"), SIDE_EFFECTS)
    errors += checks.one_of(at.child("failurePolicy"), hook.get("failurePolicy"), FAILURE_POLICIES)
    errors += checks.one_of(at.child("matchPolicy"), hook.get("matchPolicy"), MATCH_POLICIES)
    timeout = hook.get("timeoutSeconds")
    if timeout is not None and not 1 <= timeout <= 30:
        message = "the timeout value must be between 1 and 30 seconds"
        errors.append(invalid(at.child("timeoutSeconds"), timeout, message))
    config = hook.get("clientConfig") or {}
    if (config.get("url") is None) == (config.get("service") is None):
        errors.append(required(at.child("clientConfig"), "exactly one of url or service is required"))
    for field in ("namespaceSelector", "objectSelector"):
        errors += checks.label_selector(at.child(field), hook.get(field))
    return errors


WEBHOOKS = Rules(
    defaults=_webhook_defaults,
    validate=_validate_webhooks,
    generation=True,
    table=table("Name, Webhooks:integer, Age", _webhooks_row),
)
POLICIES = Rules(
    defaults=_policy_defaults,
    status=True,
    generation=True,
    table=table("Name, Validations:integer, ParamKind, Age", _policy_row),
)
BINDINGS = Rules(
    defaults=_binding_defaults, generation=True, table=table("Name, PolicyName, ParamRef, Age", _binding_row)
)

RESOURCES: list[Resource] = [
    resource(
        V1,
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
        WEBHOOKS,
        namespaced=False,
        categories=("api-extensions",),
    ),
    resource(
        V1,
        "validatingadmissionpolicies",
        "ValidatingAdmissionPolicy",
        POLICIES,
        namespaced=False,
        categories=("api-extensions",),
    ),
    resource(
        V1,
        "validatingadmissionpolicybindings",
        "ValidatingAdmissionPolicyBinding",
        BINDINGS,
        namespaced=False,
        categories=("api-extensions",),
    ),
    resource(
        V1,
        "validatingwebhookconfigurations",
        "ValidatingWebhookConfiguration",
        WEBHOOKS,
        namespaced=False,
        categories=("api-extensions",),
    ),
]
