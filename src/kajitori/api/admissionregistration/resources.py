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
    if ref:
        where = f"{ref['namespace']}/" if ref.get("namespace") else "*/"
        text = where + (ref.get("name") or "*")
    return [name(obj), dig(obj, "spec.policyName", ""), text, age(obj, now)]


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
