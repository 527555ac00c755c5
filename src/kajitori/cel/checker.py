"""Types of a tree: every node gets its type, every call the overloads that can be meant. Faults are worded as cel-go's.

May import: cel.{assignability, ast, errors, formats, overloads, schema, times, types}, machinery.goregex.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kajitori.cel import ast, times
from kajitori.cel.assignability import Bindings, assignable, joined, resolve
from kajitori.cel.errors import CompileError, EvaluationError, Issue
from kajitori.cel.overloads import Overload, Table
from kajitori.cel.schema import RESERVED
from kajitori.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    ERROR,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    ObjectType,
    Type,
    list_of,
    map_of,
    optional_of,
    type_of,
)
from kajitori.machinery import goregex

_TYPE_NAMES = {
    "bool": BOOL,
    "int": INT,
    "uint": UINT,
    "double": DOUBLE,
    "string": STRING,
    "bytes": BYTES,
    "null_type": NULL,
    "list": list_of(DYN),
    "map": map_of(DYN, DYN),
    "type": type_of(DYN),
    "google.protobuf.Timestamp": TIMESTAMP,
    "google.protobuf.Duration": DURATION,
    "optional_type": optional_of(DYN),
}


class Checker:
    """Checks one expression."""

    def __init__(self, expression: str, variables: Mapping[str, Type], table: Table) -> None:
        self._text = expression
        self._scopes: list[Mapping[str, Type]] = [variables]
        self._table = table
        self.issues: list[Issue] = []
        self._mixed: dict[Issue, ast.Node] = {}
        self.used: set[str] = set()

    def run(self, node: ast.Node) -> Type:
        """The type of the whole. Raises CompileError."""
        kind = self.check(node)
        if not self.issues:
            self.issues += self._mixed
        if self.issues:
            raise CompileError(self._text, sorted(self.issues))
        return kind

    def _fail(self, node: ast.Node, message: str) -> Type:
        self.issues.append(Issue(node.offset, message))
        return ERROR

    def check(self, node: ast.Node) -> Type:
        """The type of a node, which is noted in it."""
        kind: Type = getattr(self, "_" + type(node).__name__.lower())(node)
        node.type = kind
        return kind

    def _literal(self, node: ast.Literal) -> Type:
        return node.type

    def _lookup(self, name: str) -> Type | None:
        for scope in reversed(self._scopes):
            if name in scope:
                if scope is self._scopes[0]:
                    self.used.add(name)
                return scope[name]
        return None

    def _ident(self, node: ast.Ident) -> Type:
        found = self._lookup(node.name)
        if found is not None:
            return found
        if node.name in _TYPE_NAMES:
            return type_of(_TYPE_NAMES[node.name])
        return self._fail(node, f"undeclared reference to '{node.name}' (in container '')")

    def _select(self, node: ast.Select) -> Type:
        name = ast.qualified(node)
        if name and name in _TYPE_NAMES and self._lookup(name.split(".")[0]) is None:
            return type_of(_TYPE_NAMES[name])
        kind = self._field(node, self.check(node.operand), node.field)
        wrapped = kind is ERROR or kind.kind == "optional_type"
        return optional_of(kind) if node.optional and not wrapped else kind

    def _has(self, node: ast.Has) -> Type:
        self._field(node, self.check(node.operand), node.field)
        return BOOL

    def _field(self, node: ast.Node, operand: Type, field: str) -> Type:
        if operand.kind == "optional_type":
            inner = self._field(node, operand.params[0], field)
            return inner if inner.kind == "optional_type" else optional_of(inner)
        if isinstance(operand, ObjectType):
            found = operand.fields.get(field) or operand.fields.get(f"__{field}__" if field in RESERVED else field)
            return found if found is not None else self._fail(node, f"undefined field '{field}'")
        if operand.kind == "map":
            return operand.params[1]
        if operand.kind in ("dyn", "!error!"):
            return DYN
        return self._fail(node, f"type '{operand}' does not support field selection")

    def _call(self, node: ast.Call) -> Type:
        if node.target is not None and (name := ast.qualified(node.target)):
            full = f"{name}.{node.function}"
            if full in self._table and self._lookup(name.split(".")[0]) is None:
                node.function, node.target = full, None
        if node.function == "_?_:_":
            return self._conditional(node)
        if node.function in ("_&&_", "_||_", "!_"):
            return self._logic(node)
        if node.function == "_[?_]" or (node.function == "_[_]" and self.check(node.args[0]).kind == "optional_type"):
            return self._optional_index(node)
        args = [self.check(arg) for arg in ([node.target] if node.target else []) + node.args]
        known = self._table.get(node.function, ())
        if not known:
            return self._fail(node, f"undeclared reference to '{node.function}' (in container '')")
        if any(arg is ERROR for arg in args):
            return ERROR
        self._literal_faults(node)
        candidates = [o for o in known if o.member == (node.target is not None)]
        return self._overload(node, candidates, args)

    def _optional_index(self, node: ast.Call) -> Type:
        operand, index = (self.check(arg) for arg in node.args)
        holder = operand.params[0] if operand.kind == "optional_type" else operand
        if holder.kind not in ("list", "map", "dyn", "!error!"):
            return self._fail(node, _no_overload(node, (operand, index)))
        return optional_of(holder.params[-1] if holder.params else DYN)

    def _overload(self, node: ast.Call, candidates: Sequence[Overload], args: Sequence[Type]) -> Type:
        found: list[Overload] = []
        results: list[Type] = []
        for overload in candidates:
            bound: Bindings = {}
            if len(overload.args) == len(args) and all(
                assignable(want, have, bound) for want, have in zip(overload.args, args, strict=True)
            ):
                found.append(overload)
                results.append(resolve(overload.result, bound))
        if not found:
            return self._fail(node, _no_overload(node, args))
        if node.function == "format":
            below = {id(found) for found in _literals_in(node.args[0])}
            self._mixed = {issue: of for issue, of in self._mixed.items() if id(of) not in below}
            self._format_faults(node)
        node.overloads = found
        result = results[0]
        return result if all(other == result for other in results) else DYN

    def _logic(self, node: ast.Call) -> Type:
        args = [self.check(arg) for arg in node.args]
        for arg, kind in zip(node.args, args, strict=True):
            if kind.kind not in ("bool", "dyn", "!error!"):
                if node.function == "!_":
                    return self._fail(node, _no_overload(node, args))
                self._fail(arg, f"expected type 'bool' but found '{kind}'")
        return BOOL

    def _format_faults(self, node: ast.Call) -> None:
        """A format that is written out must fit the arguments that are."""
        text, values = node.target, node.args[0]
        if not isinstance(text, ast.Literal) or not isinstance(values, ast.ListNode):
            return
        from kajitori.cel.formats import faults

        for at, message in faults(text.value, values.items):
            self._fail(at or node, message)

    def _literal_faults(self, node: ast.Call) -> None:
        """Patterns, durations and times that are written out must be good ones."""
        position, fault = _LITERALS.get(node.function, (0, None))
        args = node.args[position - (node.target is not None) :]
        if fault is None or not args or not isinstance(args[0], ast.Literal) or not isinstance(args[0].value, str):
            return
        try:
            fault(args[0].value)
        except (ValueError, EvaluationError):
            self._fail(args[0], f"invalid {node.function} argument")

    def _conditional(self, node: ast.Call) -> Type:
        condition, then, other = (self.check(arg) for arg in node.args)
        if condition.kind not in ("bool", "dyn", "!error!"):
            return self._fail(node, _no_overload(node, (condition, then, other)))
        bound: Bindings = {}
        if then.kind == "null_type" and other.kind != "null_type":
            then, other = other, then
        if not (assignable(then, other, bound) or assignable(other, then, bound)):
            return self._fail(node, _no_overload(node, (condition, then, other)))
        return other if then.kind == "dyn" and not isinstance(other, ObjectType) else then

    def _listnode(self, node: ast.ListNode) -> Type:
        kinds = []
        for index, item in enumerate(node.items):
            kind = self.check(item)
            if index in node.optional:
                kind = kind.params[0] if kind.kind == "optional_type" else kind
            kinds.append(kind)
        self._alike(node, node.items, kinds)
        return list_of(joined(kinds), len(kinds))

    def _alike(self, holder: ast.Node, nodes: Sequence[ast.Node], kinds: Sequence[Type]) -> None:
        """Elements that are written out are of one type, but for those that `format` gets."""
        first = next((kind for kind in kinds if kind.kind not in ("dyn", "!error!")), None)
        for node, kind in zip(nodes, kinds, strict=True):
            if first is None or kind.kind in ("dyn", "!error!") or kind == first:
                continue
            if not (assignable(first, kind, {}) or assignable(kind, first, {})):
                self._mixed[Issue(node.offset, f"expected type '{first}' but found '{kind}'")] = holder
                return

    def _mapnode(self, node: ast.MapNode) -> Type:
        keys, kinds = [], []
        for index, (key, value) in enumerate(node.entries):
            keys.append(self.check(key))
            kind = self.check(value)
            kinds.append(kind.params[0] if index in node.optional and kind.kind == "optional_type" else kind)
        self._alike(node, [key for key, _ in node.entries], keys)
        self._alike(node, [value for _, value in node.entries], kinds)
        return map_of(joined(keys), joined(kinds), len(kinds))

    def _structnode(self, node: ast.StructNode) -> Type:
        for _, value, _ in node.fields:
            self.check(value)
        return self._fail(node, f"undeclared reference to '{node.name}' (in container '')")

    def _fold(self, node: ast.Fold) -> Type:
        range_ = self.check(node.range)
        first, second = self._range(node, range_)
        scope = {node.variable: first}
        if node.variable2:
            scope = {node.variable: second[0], node.variable2: second[1]}
        self._scopes.append(scope)
        try:
            if node.condition is not None:
                condition = self.check(node.condition)
                if condition.kind not in ("bool", "dyn", "!error!"):
                    self._fail(node.condition, f"expected type 'bool' but found '{condition}'")
            result = self.check(node.result) if node.result is not None else DYN
        finally:
            self._scopes.pop()
        if node.kind == "filter":
            return range_ if range_.kind == "list" else list_of(first, range_.max_size)
        if node.kind in ("map", "transformList"):
            return list_of(result, range_.max_size)
        if node.kind == "transformMap":
            return map_of(second[0], result, range_.max_size)
        if node.kind == "transformMapEntry":
            return result
        return BOOL

    def _range(self, node: ast.Fold, range_: Type) -> tuple[Type, tuple[Type, Type]]:
        if range_.kind == "list":
            return range_.params[0], (INT, range_.params[0])
        if range_.kind == "map":
            return range_.params[0], (range_.params[0], range_.params[1])
        if range_.kind not in ("dyn", "!error!"):
            message = (
                f"expression of type '{range_}' cannot be range of a comprehension (must be list, map, or dynamic)"
            )
            self._fail(node.range, message)
        return DYN, (DYN, DYN)

    def _bind(self, node: ast.Bind) -> Type:
        kind = self.check(node.value)
        if node.optional:
            if kind.kind not in ("optional_type", "dyn", "!error!"):
                for name in ("hasValue", "value"):
                    self._fail(node, f"found no matching overload for '{name}' applied to '{_shown(kind)}.()'")
                return ERROR
            kind = kind.params[0] if kind.params else DYN
        self._scopes.append({node.name: kind})
        try:
            body = self.check(node.body)
        finally:
            self._scopes.pop()
        return optional_of(body) if node.optional and not node.flat else body


def _literals_in(node: ast.Node) -> list[ast.Node]:
    """A list or a map that is written out, and those within."""
    if not isinstance(node, ast.ListNode | ast.MapNode):
        return []
    return [node, *(found for child in ast.children(node) for found in _literals_in(child))]


def _duration(text: str) -> None:
    times.parse_duration(text)


_LITERALS: dict[str, tuple[int, Callable[[str], object]]] = {
    "matches": (1, goregex.compile),
    "duration": (0, _duration),
    "timestamp": (0, times.parse_timestamp),
}
"""Functions with an argument that is checked where it is a literal: its position, and what reads it."""


def _no_overload(node: ast.Call, args: Sequence[Type]) -> str:
    shown = [_shown(arg) for arg in args]
    where = f"{shown[0]}.({', '.join(shown[1:])})" if node.target is not None else f"({', '.join(shown)})"
    return f"found no matching overload for '{node.function}' applied to '{where}'"


def _shown(kind: Type) -> str:
    return "null" if kind.kind == "null_type" else str(kind)
