"""matchConditions of webhooks and policies: CEL expressions that all must be true for a request to be their case.

May import: cel, admission.variables, admission_types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.machinery.errors import Forbidden

if TYPE_CHECKING:
    from kajitori.apiserver.admission.variables import Scope

Object = dict[str, Any]


class ConditionError(Exception):
    """No condition was false and one could not be evaluated."""


class Conditions:
    """Compiled when first needed; most webhooks have none."""

    __slots__ = ("_compiled", "_given", "_with_params")

    def __init__(self, given: Iterable[Mapping[str, Any]], *, with_params: bool = False) -> None:
        self._given = [(str(c.get("name") or ""), str(c.get("expression") or "")) for c in given]
        self._with_params = with_params
        self._compiled: Any = None

    def __bool__(self) -> bool:
        return bool(self._given)

    def hold(self, scope: Scope) -> bool:
        """Whether all are true; the first false one decides, also when another fails. Raises ConditionError."""
        from kajitori import cel

        if self._compiled is None:
            self._compiled = [_compiled(expression, self._with_params) for _, expression in self._given]
        errors = []
        for (_, expression), program in zip(self._given, self._compiled, strict=True):
            try:
                if isinstance(program, cel.CompileError):
                    raise cel.EvaluationError(f"compilation failed: {program}")
                if scope.evaluate(program) is not True:
                    return False
            except cel.CelError as error:
                errors.append(f"expression '{expression}' resulted in error: {error}")
        if errors:
            raise ConditionError(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")
        return True


def _compiled(expression: str, params: bool) -> Any:
    """The program, or the CompileError."""
    from kajitori import cel
    from kajitori.api.admissionregistration.expressions import compile_in

    try:
        return compile_in(expression, result=cel.BOOL, params=params)
    except cel.CompileError as error:
        return error


def refused(request: AdmissionRequest, error: Exception) -> Forbidden:
    """A condition that fails under failurePolicy Fail refuses the request."""
    return Forbidden.of(request.resource.group, request.resource.plural, request.name, str(error))
