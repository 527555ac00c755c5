"""ValidatingAdmissionPolicy status controller: says in a policy's status what its expressions get wrong about the kinds
that its rules name (`status.typeChecking`). CEL is loaded when there is a policy to look at.

May import: client, api, cel, machinery; never another controller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kajitori.api import schema
from kajitori.api.admissionregistration.v1 import ValidatingAdmissionPolicy
from kajitori.client.discovery import Discovered
from kajitori.client.objects import ObjectKey
from kajitori.controllers.controller import DONE, Context, Controller, Result

MAX_KINDS = 10
Kind = tuple[str, str, str]


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
        from kajitori.api.admissionregistration.typecheck import check_policy

        spec = schema.to_wire(policy).get("spec") or {}
        rules = (spec.get("matchConstraints") or {}).get("resourceRules") or ()
        warnings = check_policy(spec, kinds_of(rules, await self.context.discovery.load()))
        checked = {"expressionWarnings": warnings} if warnings else {}
        body = {"status": {"observedGeneration": generation, "typeChecking": checked}}
        await self.client.patch(ValidatingAdmissionPolicy, key.name, body, subresource="status", patch_type="merge")
        return DONE


def kinds_of(rules: Iterable[Mapping[str, Any]], found: Discovered) -> list[Kind]:
    """The kinds that rules name one by one; who says "*" is not checked."""
    known = {(r.group, r.version, r.plural): r.kind for r in found.resources}
    kinds: set[Kind] = set()
    for rule in rules:
        for group in _plain(rule.get("apiGroups")):
            for version in _plain(rule.get("apiVersions")):
                for plural in _plain(rule.get("resources")):
                    kind = known.get((group, version, plural))
                    if kind is not None:
                        kinds.add((group, version, kind))
    return sorted(kinds)[:MAX_KINDS]


def _plain(values: Iterable[str] | None) -> list[str]:
    given = list(values or ())
    return [] if "*" in given else [value for value in given if "*" not in value and "/" not in value]
