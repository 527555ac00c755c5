"""Policies and bindings, read when they change and compiled when a request first is their case.

May import: cel, admission.{conditions, matching, variables}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kajitori.apiserver.admission.conditions import Conditions
from kajitori.apiserver.admission.matching.target import Target, read_target

if TYPE_CHECKING:
    from kajitori import cel

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Validation:
    """One of spec.validations; what does not compile fails when it is evaluated, as failurePolicy says."""

    expression: str
    program: cel.Program | cel.CompileError
    message: str
    message_program: cel.Program | cel.CompileError | None
    reason: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One of spec.auditAnnotations: its key and the expression for its value."""

    key: str
    expression: str
    program: cel.Program | cel.CompileError


@dataclass(frozen=True, slots=True)
class Programs:
    """All expressions of a policy but its match conditions."""

    variables: dict[str, cel.Program | cel.CompileError]
    validations: tuple[Validation, ...]
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a policy is in effect, with which parameters, and what a denial does (Deny, Warn, Audit)."""

    name: str
    target: Target | None
    param_ref: Mapping[str, Any] | None
    actions: tuple[str, ...]


@dataclass(slots=True)
class Policy:
    """A ValidatingAdmissionPolicy with its bindings."""

    name: str
    spec: Mapping[str, Any]
    target: Target
    fails_open: bool
    param_kind: Mapping[str, Any] | None
    conditions: Conditions
    bindings: list[Binding] = field(default_factory=list)
    _programs: Programs | None = None

    @property
    def programs(self) -> Programs:
        """Compiled at the first use."""
        if self._programs is None:
            self._programs = compile_spec(self.spec)
        return self._programs


def read_policies(policies: Iterable[Object], bindings: Iterable[Object]) -> list[Policy]:
    """The policies that some binding puts into effect, by name."""
    by_name = {policy["metadata"]["name"]: read_policy(policy) for policy in policies}
    for binding in sorted(bindings, key=lambda b: str(b["metadata"]["name"])):
        spec = binding.get("spec") or {}
        policy = by_name.get(spec.get("policyName"))
        if policy is None:
            continue
        match = spec.get("matchResources")
        target = _target(match) if match else None
        actions = tuple(spec.get("validationActions") or ())
        policy.bindings.append(Binding(binding["metadata"]["name"], target, spec.get("paramRef"), actions))
    return [by_name[name] for name in sorted(by_name) if by_name[name].bindings]


def read_policy(policy: Object) -> Policy:
    """Compiles the match conditions and selectors; the rest waits for the first request that matches."""
    spec = policy.get("spec") or {}
    return Policy(
        name=policy["metadata"]["name"],
        spec=spec,
        target=_target(spec.get("matchConstraints") or {}),
        fails_open=spec.get("failurePolicy") == "Ignore",
        param_kind=spec.get("paramKind"),
        conditions=Conditions(spec.get("matchConditions") or (), with_params=bool(spec.get("paramKind"))),
    )


def _target(match: Mapping[str, Any]) -> Target:
    return read_target(match, rules="resourceRules", excluded="excludeResourceRules")


def compile_spec(spec: Mapping[str, Any]) -> Programs:
    """All expressions of a policy; what does not compile stays as its error, for the failure policy to judge."""
    from kajitori import cel

    params = bool(spec.get("paramKind"))
    variables: dict[str, cel.Program | cel.CompileError] = {}

    def known() -> dict[str, cel.Type]:
        return {name: p.result if not isinstance(p, cel.CompileError) else cel.DYN for name, p in variables.items()}

    for variable in spec.get("variables") or ():
        variables[variable.get("name") or ""] = _program(variable, "expression", params, known())
    names = known()
    return Programs(
        variables,
        tuple(
            Validation(
                given.get("expression") or "",
                _program(given, "expression", params, names, result=cel.BOOL),
                given.get("message") or "",
                _program(given, "messageExpression", params, names, result=cel.STRING, authorizer=False)
                if given.get("messageExpression")
                else None,
                given.get("reason") or "",
            )
            for given in spec.get("validations") or ()
        ),
        tuple(
            Annotation(
                given.get("key") or "",
                given.get("valueExpression") or "",
                _program(given, "valueExpression", params, names),
            )
            for given in spec.get("auditAnnotations") or ()
        ),
    )


def _program(
    given: Mapping[str, Any],
    field_name: str,
    params: bool,
    variables: Mapping[str, cel.Type],
    *,
    result: cel.Type | None = None,
    authorizer: bool = True,
) -> cel.Program | cel.CompileError:
    from kajitori import cel
    from kajitori.api.admissionregistration.expressions import compile_in

    try:
        return compile_in(
            given.get(field_name) or "", result=result, params=params, authorizer=authorizer, variables=variables
        )
    except cel.CompileError as error:
        return error
