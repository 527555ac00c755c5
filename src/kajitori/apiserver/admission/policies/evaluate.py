"""A policy's verdict on one request with one set of parameters: a decision for each validation, and audit annotations.

May import: cel, policies, admission.variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from kajitori import cel
from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.admission.conditions import ConditionError
from kajitori.apiserver.admission.policies.compiled import Policy, Programs, Validation
from kajitori.apiserver.admission.variables import Scope

log = get_logger("apiserver.policies")
MAX_MESSAGE = 5 * 1024
_INVALID = "invalid_error"
_SPENT = "validation failed due to running out of cost budget, no further validation rules will be run"


@dataclass(frozen=True, slots=True)
class Denial:
    """A validation that failed, or could not be evaluated under failurePolicy Fail; in `seconds`.

    `error_type` is what metrics call the error: no_error, compile_error, out_of_budget, invalid_error.
    """

    index: int
    message: str
    reason: str = ""
    error_type: str = "no_error"
    seconds: float = 0.0


@dataclass(slots=True)
class Verdict:
    """What one evaluation came to; annotations are pairs of key and value."""

    denials: list[Denial] = field(default_factory=list)
    ignored: list[Denial] = field(default_factory=list)
    """What could not be evaluated under failurePolicy Ignore."""
    annotations: list[tuple[str, str]] = field(default_factory=list)
    annotation_errors: list[str] = field(default_factory=list)


class Variables(dict[str, Any]):
    """The policy's own variables, each evaluated when an expression first needs it."""

    def __init__(self, programs: Mapping[str, cel.Program | cel.CompileError], scope: Scope) -> None:
        super().__init__(dict.fromkeys(programs))
        self._programs, self._scope = programs, scope
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            if name not in self._programs:
                raise KeyError(name)
            try:
                self._known[name] = run(self._scope, self._programs[name])
            except cel.BudgetExceeded:
                raise
            except cel.CelError as error:
                raise cel.EvaluationError(f'composited variable "{name}" fails to evaluate: {error}') from error
        return self._known[name]


def run(scope: Scope, program: cel.Program | cel.CompileError) -> Any:
    """The value. Raises CelError, also for what did not compile."""
    if isinstance(program, cel.CompileError):
        raise cel.EvaluationError(f"compilation failed: {program}")
    return scope.evaluate(program)


def evaluate(policy: Policy, scope: Scope) -> Verdict:
    """Judge the scope's request."""
    verdict = Verdict()
    try:
        if policy.conditions and not policy.conditions.hold(scope):
            return verdict
    except ConditionError as error:
        if not policy.fails_open:
            verdict.denials.append(Denial(0, str(error), error_type=_INVALID))
        return verdict
    programs = policy.programs
    scope.bindings["variables"] = Variables(programs.variables, scope)
    for denial in _denials(programs, scope):
        allowed = policy.fails_open and denial.error_type != "no_error"
        (verdict.ignored if allowed else verdict.denials).append(denial)
    _annotate(policy, programs, scope, verdict)
    return verdict


def _denials(programs: Programs, scope: Scope) -> Iterator[Denial]:
    """What failed and what could not be evaluated, until the budget is spent."""
    for index, validation in enumerate(programs.validations):
        began = perf_counter()
        try:
            passed = run(scope, validation.program)
        except cel.CelError as error:
            spent = isinstance(error, cel.BudgetExceeded) and scope.budget.left < 0
            kind = "out_of_budget" if spent else _error_type(validation)
            text = _SPENT if spent else _failed(validation.expression, error)
            yield Denial(index, text, "", kind, perf_counter() - began)
            if spent:
                return
            continue
        if passed is not True:
            message = message_of(validation, scope)
            yield Denial(index, message, validation.reason or "Invalid", "no_error", perf_counter() - began)


def _error_type(validation: Validation) -> str:
    return "compile_error" if isinstance(validation.program, cel.CompileError) else _INVALID


def _failed(expression: str, error: cel.CelError) -> str:
    return f"expression '{expression}' resulted in error: {error}"


def message_of(validation: Validation, scope: Scope) -> str:
    """What its messageExpression says, else its message, else the expression itself."""
    text = ""
    if validation.message_program is not None:
        try:
            value = run(scope, validation.message_program)
        except cel.CelError as error:
            log.v(2).info("messageExpression failed", expression=validation.expression, err=str(error))
        else:
            text = value.strip() if isinstance(value, str) else ""
            if len(text) > MAX_MESSAGE or "\n" in text:
                text = ""
    return text or validation.message.strip() or f"failed expression: {validation.expression.strip()}"


def _annotate(policy: Policy, programs: Programs, scope: Scope, verdict: Verdict) -> None:
    for annotation in programs.annotations:
        try:
            value = run(scope, annotation.program)
        except cel.CelError as error:
            if not policy.fails_open:
                verdict.annotation_errors.append(_failed(annotation.expression, error))
            continue
        if value is None:
            continue
        if isinstance(value, str):
            if value.strip():
                verdict.annotations.append((annotation.key, value.strip()))
            continue
        verdict.annotation_errors.append(
            f"valueExpression '{annotation.expression}' resulted in unsupported return type: {type(value).__name__}. "
            "Return type must be either string or null."
        )
