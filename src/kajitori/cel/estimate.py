"""The most that an expression can cost: the tree walked with the largest sizes that types allow.

May import: cel.{ast, folds, overloads, types}.
"""

from __future__ import annotations

from kajitori.cel import ast
from kajitori.cel.folds import END_COST, MATCH_COST, STEP_COST
from kajitori.cel.interpreter import LIST_COST, MAP_COST
from kajitori.cel.types import UNBOUNDED, Type

CEILING = 2**63 - 1
UNKNOWN_SIZE = 3 * 1024 * 1024
"""The size of what nothing is known about: a whole request."""
_SIZED = frozenset({"string", "bytes", "list", "map", "dyn"})


def estimate(node: ast.Node) -> int:
    """The largest cost."""
    return min(_Estimator().cost(node), CEILING)


class _Estimator:
    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}

    def cost(self, node: ast.Node) -> int:
        return min(int(getattr(self, "_" + type(node).__name__.lower())(node)), CEILING)

    # sizes

    def size(self, node: ast.Node) -> int:
        """The largest size of a node's value."""
        if isinstance(node, ast.Literal):
            return len(node.value) if isinstance(node.value, str | bytes) else 1
        if isinstance(node, ast.Ident) and node.name in self._sizes:
            return self._sizes[node.name]
        if isinstance(node, ast.ListNode):
            return len(node.items)
        if isinstance(node, ast.MapNode):
            return len(node.entries)
        if isinstance(node, ast.Fold):
            return self.size(node.range)
        if isinstance(node, ast.Call):
            return self._result_size(node)
        return type_size(node.type)

    def _result_size(self, node: ast.Call) -> int:
        if node.function == "_?_:_":
            return max(self.size(node.args[1]), self.size(node.args[2]))
        args = ([node.target] if node.target is not None else []) + node.args
        sizes = [self.size(arg) for arg in args]
        grown = [overload.grow(sizes) for overload in node.overloads if overload.grow is not None]
        return min(max(grown), CEILING) if grown else type_size(node.type)

    # costs

    def _literal(self, node: ast.Literal) -> int:
        return 0

    def _ident(self, node: ast.Ident) -> int:
        return 1

    def _select(self, node: ast.Select) -> int:
        return self.cost(node.operand) + 1

    def _has(self, node: ast.Has) -> int:
        return self.cost(node.operand) + 1

    def _call(self, node: ast.Call) -> int:
        args = ([node.target] if node.target is not None else []) + node.args
        total = sum(self.cost(arg) for arg in args)
        if node.function in ("_&&_", "_||_"):
            return total
        if node.function == "_?_:_":
            condition, then, other = (self.cost(arg) for arg in node.args)
            return condition + max(then, other)
        sizes = [self.size(arg) for arg in args]
        own = [overload.cost(sizes) if overload.cost is not None else 1 for overload in node.overloads]
        return total + max(own, default=1)

    def _listnode(self, node: ast.ListNode) -> int:
        return LIST_COST + sum(self.cost(item) for item in node.items)

    def _mapnode(self, node: ast.MapNode) -> int:
        return MAP_COST + sum(self.cost(key) + self.cost(value) for key, value in node.entries)

    def _bind(self, node: ast.Bind) -> int:
        before = self._sizes.get(node.name)
        self._sizes[node.name] = self.size(node.value)
        total = self.cost(node.value) + self.cost(node.body)
        self._restore(node.name, before)
        return total

    def _restore(self, name: str, size: int | None) -> None:
        if size is None:
            self._sizes.pop(name, None)
        else:
            self._sizes[name] = size

    def _fold(self, node: ast.Fold) -> int:
        rounds = self.size(node.range)
        kind = node.range.type
        elements = kind.params if kind.kind in ("list", "map") else ()
        bound = {node.variable: type_size(elements[0]) if elements else UNKNOWN_SIZE}
        if node.variable2:
            bound = {node.variable: 1, node.variable2: type_size(elements[-1]) if elements else UNKNOWN_SIZE}
        before = {name: self._sizes.get(name) for name in bound}
        self._sizes.update(bound)
        each = STEP_COST[node.kind] + MATCH_COST.get(node.kind, 0)
        each += sum(self.cost(part) for part in (node.condition, node.result) if part is not None)
        for name, size in before.items():
            self._restore(name, size)
        return self.cost(node.range) + rounds * each + END_COST.get(node.kind, 1)


def type_size(kind: Type) -> int:
    """The largest size of a value of a type."""
    if kind.kind not in _SIZED:
        return 1
    return kind.max_size if kind.max_size != UNBOUNDED else UNKNOWN_SIZE
