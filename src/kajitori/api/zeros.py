"""Zeros: which of them an object of a built-in kind has, as upstream's types print it.

A Deployment has `status: {}` before any controller has seen it, a container `resources: {}`, a Role without rules
`rules: null`. Conversely `hostNetwork: false`, `minReadySeconds: 0` and `data: {}` say nothing where a type holds them
by value, and are gone when the server has read them; where it points to what it holds (`replicas: 0`, `immutable:
false`, `emptyDir: {}`) a zero is a value. `zerofacts` tells one from the other.

    settler_of   what brings an object of a type into that form, as deep as it goes
    blank_of     one that nobody has set anything of

A type is looked at when the first object has something of it. May import: api.definitions, api.zerofacts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from kajitori.api import definitions, zerofacts
from kajitori.api.definitions import Node

Object = dict[str, Any]
Settle = Callable[[Any], None]
_OWNERS = "managedFields"
"""Left alone: an empty list asks to forget all owners, which those who keep them have to see."""


@functools.cache
def settler_of(definition: str) -> Settle:
    """Changes an object of the type with this full name, and all within it, in place."""
    facts, node = zerofacts.of(definition), definitions.node(definition)
    parts: dict[str, Settle] = {}
    silent = {name for name, child in node.properties.items() if _is_silent(facts, node, name, child)} - {_OWNERS}
    for name, child in node.properties.items():
        if name != _OWNERS and (inner := _holds(child)):
            parts[name] = _later(parts, name, child, inner)
    structs = tuple(name for name, zero in facts.shown.items() if zero == {})
    scalars = tuple((name, zero) for name, zero in facts.shown.items() if zero != {})
    nulls = {name for name, zero in scalars if zero is None}
    part_of = parts.get

    def settle(obj: Object) -> None:
        for name in structs:
            if name not in obj:
                obj[name] = {}
        for name, zero in scalars:
            if name not in obj:
                obj[name] = zero
        gone: tuple[str, ...] = ()
        for name, value in obj.items():
            if value:
                if (part := part_of(name)) is not None:
                    part(value)
            elif name in nulls:
                if value == []:
                    obj[name] = None
            elif value is None or name in silent:
                gone = (*gone, name)
            elif value == {} and (part := part_of(name)) is not None:
                part(value)
        for name in gone:
            del obj[name]

    return settle


def blank_of(definition: str) -> Object:
    """An object of this type that nobody has set anything of, with all that is there nevertheless."""
    facts, node = zerofacts.of(definition), definitions.node(definition)
    blank = {name: _zero(node.properties[name], name) for name in node.required} | facts.shown
    for name, zero in blank.items():
        if zero == {}:
            target = node.properties[name].target
            blank[name] = blank_of(target) if target else {}
    return blank


_ZEROS = {"string": "", "integer": 0, "number": 0, "boolean": False}


def _zero(node: Node, name: str) -> Any:
    if not node.target:
        return _ZEROS.get(node.plain_type)
    is_struct = bool(definitions.node(node.target).properties) and name not in zerofacts.POINTED_STRUCTS
    return {} if is_struct else None


def _is_silent(facts: zerofacts.Facts, node: Node, name: str, child: Node) -> bool:
    """Whether a field of a type says nothing when it is zero or empty."""
    if name in node.required or name in facts.shown or child.target:
        return False
    if child.plain_type in ("array", "object"):
        return name not in facts.otherwise
    return facts.is_plain(name, child.plain_type)


def _holds(node: Node) -> str:
    """The type of the objects in a field, if it has any."""
    inner = node.items or node.additional or node
    return zerofacts.SCHEMAS_OR.get(inner.target, inner.target)


def _later(parts: dict[str, Settle], name: str, node: Node, type_name: str) -> Settle:
    """Settles what is in a field; how, is found out when there is something, and kept."""

    def first(value: Any) -> None:
        if not definitions.node(type_name).properties:  # a time, a quantity, anything: no object of ours
            del parts[name]
            return
        settle = settler_of(type_name)
        if (node.items or node.additional or node).target in zerofacts.SCHEMAS_OR:
            settle = functools.partial(_either, settle)
        if node.items:
            settle = functools.partial(_each, settle)
        elif node.additional:
            settle = functools.partial(_values, settle)
        parts[name] = settle
        settle(value)

    return first


def _each(settle: Settle, items: list[Object]) -> None:
    for item in items:
        settle(item)


def _values(settle: Settle, items: dict[str, Object]) -> None:
    for item in items.values():
        settle(item)


def _either(settle: Settle, value: Any) -> None:
    """A schema, several, or what may stand in their place."""
    if isinstance(value, dict):
        settle(value)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                settle(item)
