"""The syntax tree of an expression. `offset` is where a node begins; `type` is set by the checker.

Macros are nodes of their own (`Fold`, `Has`, `Bind`), so that they cost and fail as cel-go's expansions do.
May import: cel.types.
"""

from __future__ import annotations

from typing import Any, Self

from kajitori.cel.types import DYN, Type


class Node:
    """What all nodes have; the offset counts characters of the expression's text."""

    __slots__ = ("offset", "type")

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.type: Type = DYN

    def typed(self, kind: Type) -> Self:
        """The node, with a type."""
        self.type = kind
        return self


class Literal(Node):
    """A value written out; its type is known at once."""

    __slots__ = ("value",)

    def __init__(self, offset: int, value: Any, kind: Type) -> None:
        super().__init__(offset)
        self.value = value
        self.type = kind


class Ident(Node):
    """A name: a variable, or the first part of a qualified one, which only the checker can tell."""

    __slots__ = ("name",)

    def __init__(self, offset: int, name: str) -> None:
        super().__init__(offset)
        self.name = name


class Select(Node):
    """`operand.field`, or `operand.?field`."""

    __slots__ = ("field", "operand", "optional")

    def __init__(self, offset: int, operand: Node, field: str, *, optional: bool = False) -> None:
        super().__init__(offset)
        self.operand = operand
        self.field = field
        self.optional = optional


class Has(Node):
    """`has(operand.field)`."""

    __slots__ = ("field", "operand")

    def __init__(self, offset: int, operand: Node, field: str) -> None:
        super().__init__(offset)
        self.operand = operand
        self.field = field


class Call(Node):
    """A function, method or operator (`_+_`, `_[_]`, `_&&_`, `_?_:_`). `overload` is set by the checker."""

    __slots__ = ("args", "function", "overloads", "target")

    def __init__(self, offset: int, function: str, args: list[Node], target: Node | None = None) -> None:
        super().__init__(offset)
        self.function = function
        self.target = target
        self.args = args
        self.overloads: list[Any] = []


class ListNode(Node):
    """A list; `optional` holds the positions of items written `?item`."""

    __slots__ = ("items", "optional")

    def __init__(self, offset: int, items: list[Node], optional: frozenset[int]) -> None:
        super().__init__(offset)
        self.items = items
        self.optional = optional


class MapNode(Node):
    """A map; `optional` holds the positions of entries written `?key: value`."""

    __slots__ = ("entries", "optional")

    def __init__(self, offset: int, entries: list[tuple[Node, Node]], optional: frozenset[int]) -> None:
        super().__init__(offset)
        self.entries = entries
        self.optional = optional


class StructNode(Node):
    """`Name{field: value}`: objects that an environment can make."""

    __slots__ = ("fields", "name")

    def __init__(self, offset: int, name: str, fields: list[tuple[str, Node, bool]]) -> None:
        super().__init__(offset)
        self.name = name
        self.fields = fields


class Fold(Node):
    """A comprehension: all, exists, exists_one, map, filter, transformList, transformMap."""

    __slots__ = ("condition", "kind", "range", "result", "variable", "variable2")

    def __init__(
        self,
        offset: int,
        kind: str,
        range_: Node,
        variable: str,
        variable2: str,
        condition: Node | None,
        result: Node | None,
    ) -> None:
        super().__init__(offset)
        self.kind = kind
        self.range = range_
        self.variable = variable
        self.variable2 = variable2
        self.condition = condition
        self.result = result


class Bind(Node):
    """`cel.bind(name, value, body)`; with `optional`, `value.optMap(name, body)` (`flat`: optFlatMap)."""

    __slots__ = ("body", "flat", "name", "optional", "value")

    def __init__(
        self, offset: int, name: str, value: Node, body: Node, *, optional: bool = False, flat: bool = False
    ) -> None:
        super().__init__(offset)
        self.name = name
        self.value = value
        self.body = body
        self.optional = optional
        self.flat = flat


def children(node: Node) -> list[Node]:
    """The nodes right below one."""
    found: list[Node] = []
    for name in type(node).__slots__:
        _gather(getattr(node, name), found)
    return found


def _gather(value: Any, found: list[Node]) -> None:
    if isinstance(value, Node):
        found.append(value)
    elif isinstance(value, list | tuple):
        for item in value:
            _gather(item, found)


def qualified(node: Node) -> str:
    """`a.b` as a dotted name, if the node is nothing else."""
    if isinstance(node, Ident):
        return node.name
    if isinstance(node, Select) and not node.optional:
        inner = qualified(node.operand)
        return f"{inner}.{node.field}" if inner else ""
    return ""
