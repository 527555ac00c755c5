"""What can go wrong with an expression.

    CelError
    ├── CompileError        it is not valid here: syntax, unknown names, types; `.issues`, `str()` as cel-go prints it
    ├── EvaluationError     it failed on this value: no such key, division by zero, no such overload
    └── BudgetExceeded      the budget of all evaluations together is used up
        └── CallCostExceeded    this one evaluation costs more than any may

May import: nothing of Kajitori.
"""

from __future__ import annotations

from typing import NamedTuple


class CelError(Exception):
    """Base of all."""


class Issue(NamedTuple):
    """One thing wrong with an expression, at an offset (in characters) into it."""

    offset: int
    message: str


class CompileError(CelError):
    """The expression cannot be used."""

    def __init__(self, expression: str, issues: list[Issue]) -> None:
        self.expression = expression
        self.issues = issues
        super().__init__("\n".join(_shown(expression, issue) for issue in issues))


def _shown(expression: str, issue: Issue) -> str:
    """The issue with its line and a caret under its column."""
    before = expression[: issue.offset]
    line_number, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
    line = expression.split("\n")[line_number - 1]
    return f"ERROR: <input>:{line_number}:{column + 1}: {issue.message}\n | {line}\n | {'.' * column}^"


class EvaluationError(CelError):
    """The expression failed on a value."""


class BudgetExceeded(CelError):
    """The cost budget is used up; worded as upstream words it."""

    text = "validation failed due to running out of cost budget, no further validation rules will be run"

    def __init__(self) -> None:
        super().__init__(self.text)


class CallCostExceeded(BudgetExceeded):
    """A single evaluation was stopped."""

    text = "operation cancelled: actual cost limit exceeded"
