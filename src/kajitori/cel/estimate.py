"""The most that an expression can cost: the tree walked with the largest sizes that types allow, as cel-go walks it.

What a variable's parts can hold is known by their path from the root's type; what a function gives, by `callcosts`.
A comprehension costs what its expansion into accumulator, condition and step would. May import: cel.*.
"""

from __future__ import annotations

from typing import NamedTuple

from kajitori.cel import ast
from kajitori.cel.callcosts import CALLS, Call
from kajitori.cel.interpreter import LIST_COST, MAP_COST
from kajitori.cel.sizes import CEILING, NOTHING, ONE, UNKNOWN, Size
from kajitori.cel.types import ObjectType, Type

Path = tuple[str, ...]
_SCALARS = frozenset({"bool", "double", "google.protobuf.Duration", "int", "google.protobuf.Timestamp", "uint"})
_EMPTY_LIST = LIST_COST
_CALL_ON_NAME = 2
"""`x.hasValue()`, `x.value()`."""
_INSERT = 3
"""`cel.@mapInsert(accumulator, key, …)`: a call and two names."""


class Entry(NamedTuple):
    """What the keys and the values of a list or a map can hold."""

    is_list: bool
    key: Size
    value: Size

    def or_else(self, other: Entry | None) -> Entry | None:
        """Either of two; None if one is not known."""
        if other is None:
            return None
        return Entry(self.is_list, self.key.or_else(other.key), self.value.or_else(other.value))


class Local(NamedTuple):
    """A variable of a comprehension."""

    path: Path
    size: Size | None
    entry: Entry | None = None


def estimate(node: ast.Node, root: Type | None = None) -> int:
    """The largest cost. `root`: the type of the variables that paths start at."""
    return min(Estimator(root).cost(node), CEILING)


class Estimator:
    """One walk. Costs are upper bounds; what is learned of a node's size is kept by the node's identity."""

    def __init__(self, root: Type | None) -> None:
        self._root = root
        self._paths: dict[int, Path] = {}
        self._sizes: dict[int, Size] = {}
        self._entries: dict[int, Entry] = {}
        self._locals: dict[str, list[Local]] = {}
        self._made: list[ast.Node] = []

    def cost(self, node: ast.Node) -> int:
        """The most that a node can cost."""
        return min(int(getattr(self, "_" + type(node).__name__.lower())(node)), CEILING)

    # sizes

    def size(self, node: ast.Node) -> Size:
        """The size of a node's value; anything if that is not known."""
        return self._size(node) or UNKNOWN

    def element_size(self, node: ast.Node) -> Size | None:
        """The size of a list's elements, by its path; None if it is no list."""
        if node.type.kind != "list":
            return None
        path = self.path(node)
        return (self._by_path((*path, "@items")) if path else None) or UNKNOWN

    def _size(self, node: ast.Node) -> Size | None:
        known = self._sizes.get(id(node)) or _written(node) or self._by_path(self.path(node))
        if known is not None:
            return known
        if self._root is None and node.type.max_size >= 0:
            return Size(0, node.type.max_size)
        if _is_scalar(node.type):
            return ONE
        found = self._local(node)
        return found.size if found is not None else None

    def _local(self, node: ast.Node) -> Local | None:
        found = self._locals.get(node.name) if isinstance(node, ast.Ident) else None
        return found[-1] if found else None

    def _entry(self, node: ast.Node) -> Entry | None:
        if id(node) in self._entries:
            return self._entries[id(node)]
        found = self._local(node)
        return found.entry if found is not None else None

    def path(self, node: ast.Node) -> Path:
        """Where a value stands below the root; empty if it does not."""
        found = self._local(node)
        return found.path if found is not None else self._paths.get(id(node), ())

    def _by_path(self, path: Path) -> Size | None:
        kind = self._root
        if not path or kind is None:
            return None
        for step in path[1:]:
            if step in ("@items", "@values"):
                kind = kind.params[-1] if kind.kind in ("list", "map") else None
            elif step == "@keys":
                kind = kind.params[0] if kind.kind == "map" else None
            else:
                kind = kind.fields.get(step) if isinstance(kind, ObjectType) else None
            if kind is None:
                return None
        return Size(0, max(kind.max_size, 0))

    def keep(self, node: ast.Node, size: Size | None, entry: Entry | None = None) -> None:
        """Notes what is known of a node's value."""
        if size is not None:
            self._sizes[id(node)] = size
        if entry is not None:
            self._entries[id(node)] = entry

    # costs

    def _literal(self, node: ast.Literal) -> int:
        return 0

    def _ident(self, node: ast.Ident) -> int:
        found = self._local(node)
        self._paths[id(node)] = found.path if found is not None else (node.name,)
        return 1

    def _select(self, node: ast.Select) -> int:
        if node.optional:  # written as a call of an operator
            return self.cost(node.operand) + 1
        total = self.cost(node.operand)
        kind = node.operand.type
        self._paths[id(node)] = (*self.path(node.operand), node.field)
        return total + 1 if kind.kind == "map" or isinstance(kind, ObjectType) else total

    def _has(self, node: ast.Has) -> int:
        return self.cost(node.operand)

    def _call(self, node: ast.Call) -> int:
        args = ([node.target] if node.target is not None else []) + node.args
        costs = [self.cost(arg) for arg in args]
        total = sum(costs)
        if node.function in ("_&&_", "_||_"):
            return total
        if node.function == "_?_:_":
            self.keep(node, self.size(args[1]).or_else(self.size(args[2])))
            then, other = self._entry(args[1]), self._entry(args[2])
            self.keep(node, None, then.or_else(other) if then is not None else None)
            return costs[0] + max(costs[1:])
        if node.function == "dyn":
            self.keep(node, self._size(args[0]), self._entry(args[0]))
            return total + 1
        if node.function == "_[_]":
            return total + self._index(node)
        own, size = self._own(node, args)
        self.keep(node, size if size is not None else self._size(node))
        return total + own

    def _index(self, node: ast.Call) -> int:
        holder = node.args[0]
        entry = self._entry(holder)
        step = "@values" if holder.type.kind == "map" else "@items"
        self._paths[id(node)] = (*self.path(holder), step)
        self.keep(node, entry.value if entry is not None else self._size(node))
        return 1

    def _own(self, node: ast.Call, args: list[ast.Node]) -> tuple[int, Size | None]:
        known = CALLS.get(node.function)
        if known is None:
            return 1, None
        call = Call(node, args, [self.size(arg) for arg in args], self)
        found = known(call)
        if node.function == "_+_" and found[1] is not None:
            left, right = (self._entry(arg) for arg in args)
            self.keep(node, None, left.or_else(right) if left is not None else None)
        return found

    def _listnode(self, node: ast.ListNode) -> int:
        total = LIST_COST + sum(self.cost(item) for item in node.items)
        self.keep(node, None, Entry(True, ONE, self._all_of(node.items)))
        return total

    def _mapnode(self, node: ast.MapNode) -> int:
        total = MAP_COST + sum(self.cost(key) + self.cost(value) for key, value in node.entries)
        keys, values = [key for key, _ in node.entries], [value for _, value in node.entries]
        self.keep(node, None, Entry(False, self._all_of(keys), self._all_of(values)))
        return total

    def _all_of(self, nodes: list[ast.Node]) -> Size:
        if not nodes:
            return NOTHING
        sizes = [self.size(node) for node in nodes]
        return Size(min(size.least for size in sizes), max(size.most for size in sizes))

    def _structnode(self, node: ast.StructNode) -> int:
        return 40 + sum(self.cost(value) for _, value, _ in node.fields)

    def _bind(self, node: ast.Bind) -> int:
        """`x.optMap(v, body)` asks x for a value, and binds v to it around the body."""
        target = self.cost(node.value)
        local = Local(self.path(node.value), self._size(node.value), self._entry(node.value))
        if node.optional:
            local = Local((), ONE if _is_scalar(node.value.type) else None)
        self._locals.setdefault(node.name, []).append(local)
        body = self.cost(node.body)
        self._locals[node.name].pop()
        inner = _EMPTY_LIST + _CALL_ON_NAME + body
        found = inner if node.flat else inner + 1
        if isinstance(node.value, ast.Ident):
            return _CALL_ON_NAME + found
        return _EMPTY_LIST + target + _CALL_ON_NAME + found

    def _fold(self, node: ast.Fold) -> int:
        total = self.cost(node.range)
        names = self._iterate(node)
        condition = self.cost(node.condition) if node.condition is not None else 0
        result = self.cost(node.result) if node.result is not None else 0
        rounds = self.size(node.range)
        each, start = self._round(node, condition, result)
        element = self._element(node)
        for name in names:
            self._locals[name].pop()
        if node.kind in ("all", "exists", "exists_one"):
            self.keep(node, ONE)
        else:
            is_list = not node.kind.startswith("transformMap")
            entry = Entry(True, ONE, Size(0, element.most)) if is_list and element is not None else None
            self.keep(node, rounds, entry)
        return total + start + min(rounds.most * each, CEILING)

    def _iterate(self, node: ast.Fold) -> list[str]:
        """Binds the variables of a comprehension."""
        entry, path, kind = self._entry(node.range), self.path(node.range), node.range.type.kind
        is_list = entry.is_list if entry is not None else kind == "list"
        key = Local((*path, "@indices" if is_list else "@keys"), entry.key if entry is not None else None)
        value = Local((*path, "@items" if is_list else "@values"), entry.value if entry is not None else None)
        if node.variable2:
            bound = {node.variable: key, node.variable2: value}
        else:
            bound = {node.variable: value if is_list else key}
        for name, local in bound.items():
            self._locals.setdefault(name, []).append(local)
        return list(bound)

    def _element(self, node: ast.Fold) -> Size | None:
        """The size of what a comprehension gathers, while its variables are bound."""
        if node.kind == "filter":
            self._made.append(ast.Ident(0, node.variable).typed(_element_type(node.range.type)))
            return self.size(self._made[-1])
        return self.size(node.result) if node.result is not None else None

    def _round(self, node: ast.Fold, condition: int, result: int) -> tuple[int, int]:
        """What each round costs, and what the rest does."""
        kind = node.kind
        if kind in ("all", "exists"):
            return condition + (3 if kind == "all" else 4), 1
        if kind == "exists_one":
            return condition + 2, 2
        if kind == "filter":
            return condition + LIST_COST + 3, _EMPTY_LIST + 1
        if kind in ("map", "transformList"):
            return condition + LIST_COST + 2 + result, _EMPTY_LIST + 1
        inserted = _INSERT if kind == "transformMap" else _INSERT - 1
        return condition + inserted + result, MAP_COST + 1


def _element_type(kind: Type) -> Type:
    return kind.params[0] if kind.params else kind


def _written(node: ast.Node) -> Size | None:
    """The size of what is written out."""
    if isinstance(node, ast.Literal):
        size = len(node.value) if isinstance(node.value, str | bytes) else 1
    elif isinstance(node, ast.ListNode):
        size = len(node.items)
    elif isinstance(node, ast.MapNode):
        size = len(node.entries)
    else:
        return None
    return Size(size, size)


def _is_scalar(kind: Type) -> bool:
    if kind.kind == "optional_type":
        return _is_scalar(kind.params[0])
    return kind.kind in _SCALARS
