"""admissionregistration.k8s.io/v1: webhooks and policies that judge requests. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.admissionregistration import policies, webhooks
from kajitori.api.cells import UNSET, age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import CheckUpdate, Rules, RulesStrategy, resource

Object = dict[str, Any]
V1 = "admissionregistration.k8s.io/v1"


def _webhooks_row(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), len(obj.get("webhooks") or ()), age(obj, now)]


def _policy_row(obj: Object, now: datetime) -> list[Any]:
    kind = dig(obj, "spec.paramKind")
    text = f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else UNSET
    return [name(obj), len(dig(obj, "spec.validations", ())), text, age(obj, now)]


def _binding_row(obj: Object, now: datetime) -> list[Any]:
    ref = dig(obj, "spec.paramRef")
    text = UNSET
    if ref and ref.get("name"):
        text = f"{ref.get('namespace') or '*'}/{ref['name']}"
    elif ref and ref.get("selector") is not None:
        text = _selector_text(ref["selector"])
    return [name(obj), dig(obj, "spec.policyName", ""), text, age(obj, now)]


def _selector_text(selector: Object) -> str:
    """As Go prints the struct: upstream shows it so."""
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    terms = (
        f"LabelSelectorRequirement{{Key:{one.get('key', '')},Operator:{one.get('operator', '')},"
        f"Values:[{' '.join(one.get('values') or ())}],}},"
        for one in selector.get("matchExpressions") or ()
    )
    requirements = f"[]LabelSelectorRequirement{{{''.join(terms)}}}"
    return f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:{requirements},}}"


WEBHOOKS = Rules(
    defaults=webhooks.defaults,
    validate=webhooks.validate,
    generation=True,
    table=table("Name, Webhooks:integer, Age", _webhooks_row),
)
POLICIES = Rules(
    defaults=policies.defaults,
    validate=policies.validate,
    status=True,
    generation=True,
    table=table("Name, Validations:integer, ParamKind, Age", _policy_row),
)
BINDINGS = Rules(
    defaults=policies.binding_defaults,
    validate=policies.validate_binding,
    generation=True,
    table=table("Name, PolicyName, ParamRef, Age", _binding_row),
)


class UpdateAware(RulesStrategy):
    """Expressions that an update leaves alone are not compiled again."""

    def __init__(self, rules: Rules, check: CheckUpdate) -> None:
        super().__init__(rules)
        self._check = check

    def validate_update(self, obj: Object, old: Object) -> Errors:
        return self._check(obj, old)


RESOURCES: list[Resource] = [
    resource(
        V1,
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
        WEBHOOKS,
        strategy=UpdateAware(WEBHOOKS, webhooks.validate_update),
        namespaced=False,
        categories=("api-extensions",),
    ),
    resource(
        V1,
        "validatingadmissionpolicies",
        "ValidatingAdmissionPolicy",
        POLICIES,
        strategy=UpdateAware(POLICIES, policies.validate_update),
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
        strategy=UpdateAware(WEBHOOKS, webhooks.validate_update),
        namespaced=False,
        categories=("api-extensions",),
    ),
]
