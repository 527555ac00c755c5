"""ValidatingAdmissionPolicy: evaluates the policies whose case a request is, once for each binding and its parameters.

CEL is loaded when the first policy is in effect. May import: policies, matching, deps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.matching.equivalents import prepare
from kajitori.apiserver.admission.matching.rules import is_exempt, is_internal
from kajitori.apiserver.admission.policies.params import ParamsError, UnknownParamKind, collect, param_resource
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.attributes import Authorizer
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.user import LOOPBACK_USER
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.apiserver.admission.matching.target import Index
    from kajitori.apiserver.admission.policies.compiled import Binding, Policy
    from kajitori.apiserver.admission.policies.evaluate import Denial

GROUP = "admissionregistration.k8s.io"
POLICIES, BINDINGS = "validatingadmissionpolicies", "validatingadmissionpolicybindings"
MAX_ANNOTATION = 10 * 1024
_ASKED = frozenset(("authentication.k8s.io", "authorization.k8s.io"))
"""Groups of reviews: a policy that refused them could shut everybody out. Webhooks do see them, as upstream."""
_CODES = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413}
Object = dict[str, Any]


class ValidatingAdmissionPolicy(AdmissionPlugin):
    """Validates only (KEP-3488); policies and bindings are read anew when either has changed."""

    name: ClassVar[str] = "ValidatingAdmissionPolicy"

    def __init__(self, deps: ServerDeps, authorizer: Authorizer | None = None) -> None:
        self._deps, self._reader, self._authorizer = deps, deps.reader, authorizer
        self._revisions = (-1, -1)
        self._index: Index[Policy] | None = None

    def handles(self, resource: Resource, subresource: str) -> bool:
        return not is_exempt(resource) and resource.group not in _ASKED

    async def validate(self, request: AdmissionRequest) -> None:
        reader = self._reader
        revisions = (reader.revision(GROUP, POLICIES), reader.revision(GROUP, BINDINGS))
        if revisions != self._revisions:
            self._read(revisions)
        if self._index is None or request.user is LOOPBACK_USER:
            return
        if is_internal(request.resource, request.subresource, request.operation):
            return
        refusals: list[StatusError] = []
        for policy, target in self._index.matching(request, reader):
            await self._judge(request, policy, target, refusals)
        if refusals:
            raise refusals[0]

    def _read(self, revisions: tuple[int, int]) -> None:
        self._revisions, self._index = revisions, None
        bindings = list(self._reader.list(GROUP, BINDINGS))
        if not bindings:
            return
        from kajitori.apiserver.admission.matching.target import Index
        from kajitori.apiserver.admission.policies.compiled import read_policies

        policies = read_policies(self._reader.list(GROUP, POLICIES), bindings)
        items = [(policy.target, policy) for policy in policies]
        self._index = Index(self._deps.scheme, items) if items else None

    async def _judge(
        self, request: AdmissionRequest, policy: Policy, target: Resource, refusals: list[StatusError]
    ) -> None:
        """Evaluate one policy for all its bindings; adds the refusals that follow."""
        notes: dict[str, list[str]] = {}
        try:
            params = param_resource(self._deps.scheme, policy.param_kind) if policy.param_kind else None
            await prepare(request, target)
        except (UnknownParamKind, StatusError) as error:
            if not policy.fails_open:
                refusals.append(denied(request, policy, None, f"failed to configure policy: {error}"))
            return
        for binding in policy.bindings:
            if not self._concerns(binding, request):
                continue
            try:
                found = await collect(self._reader, params, binding.param_ref, _namespace(request))
            except (ParamsError, StatusError) as error:
                if not policy.fails_open:
                    refusals.append(denied(request, policy, binding, f"failed to configure binding: {error}"))
                continue
            for obj in found:
                refusals.extend(self._evaluate(request, policy, binding, target, obj, notes))
        for key, values in notes.items():
            request.annotate(f"{policy.name}/{key}", ", ".join(values))

    def _concerns(self, binding: Binding, request: AdmissionRequest) -> bool:
        target = binding.target
        if target is None:
            return True
        if target.rules:
            resource = target.shown_as(self._deps.scheme, request.resource, request.subresource, request.operation)
            if resource is None or not target.names(self._deps.scheme, request, resource):
                return False
        elif not target.names(self._deps.scheme, request, request.resource):
            return False
        return target.selects(request, self._reader)

    def _evaluate(
        self,
        request: AdmissionRequest,
        policy: Policy,
        binding: Binding,
        target: Resource,
        params: Object | None,
        notes: dict[str, list[str]],
    ) -> Iterator[StatusError]:
        from kajitori.apiserver.admission.policies.evaluate import evaluate
        from kajitori.apiserver.admission.variables import Scope

        verdict = evaluate(policy, Scope(request, target, self._reader, self._authorizer, params=params))
        for denial in verdict.ignored:
            self._count(policy, binding, denial, "allow")
        for denial in verdict.denials:
            for action in binding.actions:
                self._count(policy, binding, denial, action.lower())
            yield from _act(request, policy, binding, denial)
        for key, value in verdict.annotations:
            known = notes.setdefault(key, [])
            if value[:MAX_ANNOTATION] not in known:
                known.append(value[:MAX_ANNOTATION])
        for error in verdict.annotation_errors:
            yield denied(request, policy, binding, error)

    def _count(self, policy: Policy, binding: Binding, denial: Denial, action: str) -> None:
        case = (policy.name, binding.name, denial.error_type, action)
        metrics = self._deps.metrics
        metrics.policy_checks.inc(*case)
        metrics.policy_seconds.observe(denial.seconds, *case)


def _namespace(request: AdmissionRequest) -> str:
    return request.namespace if request.resource.namespaced else ""


def _act(request: AdmissionRequest, policy: Policy, binding: Binding, denial: Any) -> Iterator[StatusError]:
    """Do with a denial what the binding says: refuse, warn, write down."""
    for action in binding.actions:
        if action == "Deny":
            yield denied(request, policy, binding, denial.message, denial.reason)
        elif action == "Warn":
            say = f"Validation failed for ValidatingAdmissionPolicy '{policy.name}' with binding '{binding.name}'"
            request.warnings.append(f"{say}: {denial.message}")
        elif action == "Audit":
            failure = {
                "message": denial.message,
                "policy": policy.name,
                "binding": binding.name,
                "expressionIndex": denial.index,
                "validationActions": list(binding.actions),
            }
            request.annotate("validation.policy.admission.k8s.io/validation_failure", orjson.dumps([failure]).decode())


def denied(
    request: AdmissionRequest, policy: Policy, binding: Binding | None, message: str, reason: str = ""
) -> StatusError:
    """The refusal, with the reason that the validation asks for."""
    by = f"ValidatingAdmissionPolicy '{policy.name}'" + (f" with binding '{binding.name}'" if binding else "")
    text = f"{by} denied request: {message}"
    reason = reason or "Invalid"
    forbidden = refuse(request, text)
    details = {**(forbidden.details or {}), "causes": [{"message": text}]}
    return StatusError(forbidden.message, code=_CODES.get(reason, 422), reason=reason, details=details)
