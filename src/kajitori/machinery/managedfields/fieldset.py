"""Sets of field paths in the shape of `fieldsV1`, so that nothing is converted on the way in or out.

A set is a nested dict. Its keys are path elements: `f:name` (a field), `k:{"name":"x"}` (a list item by its keys),
`v:"x"` (a list item by its value), `i:0` (by position). An empty dict below a key says that this path is a member;
a member that has members below it also carries the key `.`. At the top an empty dict is the empty set.

Sets share structure: never change one in place. May import: orjson.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

FieldSet = dict[str, Any]

SELF = "."


def field(name: str) -> str:
    """The path element of a field."""
    return "f:" + name


def is_member(node: FieldSet) -> bool:
    """Whether the path of this node (not the root) is itself in the set."""
    return not node or SELF in node


def union(a: FieldSet, b: FieldSet) -> FieldSet:
    """What is in one or both. May be one of its arguments."""
    if not a:
        return b
    if not b or a is b:
        return a
    return _union(a, b)


def _union(a: FieldSet, b: FieldSet) -> FieldSet:
    if a == b:
        return a
    if not a or not b:
        other = b or a
        return other if SELF in other else {SELF: {}, **other}
    result = dict(a)
    for element, node in b.items():
        mine = result.get(element)
        result[element] = node if mine is None else _union(mine, node)
    return result


def union_all(sets: Iterable[FieldSet]) -> FieldSet:
    """The empty set of no sets."""
    result: FieldSet = {}
    for one in sets:
        result = union(result, one)
    return result


def difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """What is in `a` and not in `b`; members below a member of `b` stay."""
    return _children(a, b, _difference) if a and b else a


def _difference(a: FieldSet, b: FieldSet) -> FieldSet | None:
    children = _children(a, b, _difference) if b else {e: node for e, node in a.items() if e != SELF}
    return _node(is_member(a) and not is_member(b), children)


def _children(a: FieldSet, b: FieldSet, combine: Any) -> FieldSet:
    result: FieldSet = {}
    for element, node in a.items():
        if element == SELF:
            continue
        other = b.get(element)
        if other is None:
            result[element] = node
        else:
            rest = combine(node, other)
            if rest is not None:
                result[element] = rest
    return result


def _node(member: bool, children: FieldSet) -> FieldSet | None:
    if not children:
        return {} if member else None
    return {SELF: {}, **children} if member else children


def recursive_difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """Like `difference`, but a member of `b` takes everything below it along."""
    return _children(a, b, _recursive_difference) if a and b else a


def _recursive_difference(a: FieldSet, b: FieldSet) -> FieldSet | None:
    if is_member(b):
        return None
    return _node(is_member(a), _children(a, b, _recursive_difference))


def intersection(a: FieldSet, b: FieldSet) -> FieldSet:
    """What is in both."""
    result: FieldSet = {}
    for element in a.keys() & b.keys():
        if element != SELF:
            common = _intersection(a[element], b[element])
            if common is not None:
                result[element] = common
    return result


def _intersection(a: FieldSet, b: FieldSet) -> FieldSet | None:
    children = intersection(a, b) if a and b else {}
    return _node(is_member(a) and is_member(b), children)


def contains(fields: FieldSet, path: Iterable[str]) -> bool:
    """Whether the path itself is a member, not only something below it."""
    node = fields
    for element in path:
        if element not in node:
            return False
        node = node[element]
    return is_member(node)


def members(fields: FieldSet, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path in the set, in a stable order."""
    for element in sorted(fields):
        if element == SELF:
            continue
        path, node = (*prefix, element), fields[element]
        if is_member(node):
            yield path
        yield from members(node, path)


def format_path(path: Iterable[str]) -> str:
    """`.spec.containers[name="web"].image`, as conflicts name fields."""
    return "".join(_format_element(element) for element in path)


def _format_element(element: str) -> str:
    kind, text = element[0], element[2:]
    if kind == "f":
        return "." + text
    if kind == "k":
        keys = orjson.loads(text)
        return "[" + ",".join(f"{name}={orjson.dumps(value).decode()}" for name, value in keys.items()) + "]"
    return f"[={text}]" if kind == "v" else f"[{text}]"
