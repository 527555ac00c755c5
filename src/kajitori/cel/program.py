"""Programs: compiled expressions, ready to run again and again. May import: cel.*."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from kajitori.cel import ast
from kajitori.cel.assignability import assignable
from kajitori.cel.budget import Budget
from kajitori.cel.checker import Checker
from kajitori.cel.errors import CompileError, EvaluationError, Issue
from kajitori.cel.frame import Frame
from kajitori.cel.interpreter import compile_node
from kajitori.cel.overloads import Library, Table
from kajitori.cel.parser import parse
from kajitori.cel.timing import COMPILATION, EVALUATION
from kajitori.cel.types import Type
from kajitori.machinery import goregex

MAX_LENGTH = 100_000
_COMPILATION, _EVALUATION = COMPILATION.series(), EVALUATION.series()


class Program:
    """An expression that compiled. `result` is its type, `used` the declared variables that it mentions."""

    def __init__(self, expression: str, node: Any, result: Type, used: frozenset[str]) -> None:
        self.expression = expression
        self.result = result
        self.used = used
        self._node = node
        self._code = compile_node(node)

    def evaluate(self, bindings: Mapping[str, Any], budget: Budget | None = None) -> Any:
        """The value for these bindings. Raises EvaluationError, BudgetExceeded."""
        budget = budget or Budget()
        frame = Frame(bindings, budget.per_call)
        began = perf_counter()
        try:
            value = self._code(frame)
        except RecursionError:
            raise EvaluationError("expression is nested too deeply") from None
        except EvaluationError:
            budget.spend(frame.cost)
            raise
        finally:
            _EVALUATION.observe(perf_counter() - began)
        budget.spend(frame.cost)
        return value

    @property
    def node(self) -> Any:
        """The checked expression, to be looked through (ast.Node)."""
        return self._node

    def constant_fault(self) -> str:
        """What conversions of literals fail with, which upstream finds out when it makes the program."""
        return _constant_fault(self._node)

    def max_cost(self, root: Type | None = None) -> int:
        """The most that an evaluation can cost, by the sizes that the type of the variables allows."""
        from kajitori.cel.estimate import estimate

        return estimate(self._node, root)


def _constant_fault(node: ast.Node) -> str:
    for child in ast.children(node):
        if found := _constant_fault(child):
            return found
    if isinstance(node, ast.Call) and node.function in _CONVERSIONS and isinstance(node.args[0], ast.Literal):
        try:
            compile_node(node)(Frame({}, Budget().per_call))
        except EvaluationError as error:
            return f"program instantiation failed: {error}"
    if isinstance(node, ast.Call) and node.function in ("find", "findAll") and isinstance(node.args[0], ast.Literal):
        try:
            goregex.compile(node.args[0].value)
        except ValueError as error:
            return f"program instantiation failed: {error}"
    return ""


_CONVERSIONS = frozenset({"bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"})


def compile(  # noqa: A001 (as in re.compile)
    expression: str, variables: Mapping[str, Type], *, result: Type | None = None, library: Library | None = None
) -> Program:
    """Parse and check. Raises CompileError; also when the expression's type is not `result`.

    `library` adds functions of the caller's own to Kubernetes' libraries.
    """
    if len(expression) > MAX_LENGTH:
        raise CompileError("", [Issue(0, f"expression code point size exceeds limit: {len(expression)}")])
    began = perf_counter()
    try:
        node = parse(expression)
        table = _merged(standard(), library.table) if library is not None else standard()
        checker = Checker(expression, variables, table)
        kind = checker.run(node)
        if result is not None and not assignable(result, kind, {}):
            raise CompileError(expression, [Issue(0, f"expected type '{result}' but found '{kind}'")])
        return Program(expression, node, kind, frozenset(checker.used))
    except RecursionError:
        raise CompileError(expression, [Issue(0, "expression recursion limit exceeded: 250")]) from None
    finally:
        _COMPILATION.observe(perf_counter() - began)


@functools.cache
def standard() -> Table:
    """CEL's and Kubernetes' functions."""
    from kajitori.cel import lists, netlib, optionals, semantics, stdlib, strings

    table: Table = {}
    for module in (stdlib, strings, lists, optionals, semantics, netlib):
        table = _merged(table, module.LIBRARY.table)
    return table


def _merged(one: Table, other: Table) -> Table:
    merged = {name: list(overloads) for name, overloads in one.items()}
    for name, overloads in other.items():
        merged[name] = [*merged.get(name, ()), *overloads]
    return merged
