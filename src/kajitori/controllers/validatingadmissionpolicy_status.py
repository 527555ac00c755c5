"""ValidatingAdmissionPolicy status controller: says in a policy's status what its expressions get wrong about the kinds
that its rules name (`status.typeChecking`). CEL is loaded when there is a policy to look at.

May import: client, api, cel, machinery, policykinds; never another controller.
"""

from __future__ import annotations

from kajitori.api import schema
from kajitori.api.admissionregistration.v1 import ValidatingAdmissionPolicy
from kajitori.client.objects import ObjectKey
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.controllers.policykinds import kinds_of_rules, published_types


class PolicyStatusController(Controller):
    """Its keys are policies."""

    name, workers = "validatingadmissionpolicy-status-controller", 1

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.policies = self.watch(context.informers.of(ValidatingAdmissionPolicy)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        policy = self.policies.get(key)
        if policy is None or policy.status is None or policy.metadata.deletion_timestamp is not None:
            return DONE
        generation = policy.metadata.generation
        if policy.status.observed_generation == generation:
            return DONE
        from kajitori.api.admissionregistration.typecheck import check_policy, kind_of_params, type_of_kind

        spec = schema.to_wire(policy).get("spec") or {}
        rules = (spec.get("matchConstraints") or {}).get("resourceRules") or ()
        kinds = await kinds_of_rules(rules, self.context.discovery)
        param = spec.get("paramKind")
        own = await published_types(self.client, {*kinds, *([kind_of_params(param)] if param else [])})
        warnings = check_policy(spec, kinds, lambda kind: type_of_kind(kind) or own.get(kind))
        checked = {"expressionWarnings": warnings} if warnings else {}
        body = {"status": {"observedGeneration": generation, "typeChecking": checked}}
        await self.client.patch(ValidatingAdmissionPolicy, key.name, body, subresource="status", patch_type="merge")
        return DONE
