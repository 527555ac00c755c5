"""Programs: compiled expressions. May import: cel.*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.cel.budget import Budget
from kajitori.cel.errors import CompileError, Issue
from kajitori.cel.types import Type


class Program:
    """An expression that compiled. `result` is its type."""

    expression: str
    result: Type

    def evaluate(self, bindings: Mapping[str, Any], budget: Budget | None = None) -> Any:
        """The value for these bindings. Raises EvaluationError, BudgetExceeded."""
        raise NotImplementedError


def compile(expression: str, variables: Mapping[str, Type], *, result: Type | None = None) -> Program:  # noqa: A001
    """Parse and check. Raises CompileError; also when the expression's type is not `result`."""
    raise CompileError(expression, [Issue(0, "not there yet")])
