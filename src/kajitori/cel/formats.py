"""Formats of `format` that are written out: do they fit the arguments? Upstream's words.

May import: cel.{ast, types}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kajitori.cel import ast
from kajitori.cel.types import ObjectType

_CLAUSE = re.compile(r"%(%|(?:\.[0-9]+)?(.)?)", re.S)
_INTEGERS, _DOUBLES = ("int", "uint", "dyn"), ("double", "dyn")
_TAKES = {
    "d": (_INTEGERS, "decimal clause can only be used on integers"),
    "o": (_INTEGERS, "octal clause can only be used on integers"),
    "f": (_DOUBLES, "fixed-point clause can only be used on doubles"),
    "e": (_DOUBLES, "scientific clause can only be used on doubles"),
    "b": ((*_INTEGERS, "bool"), "only integers and bools can be formatted as binary"),
    "x": ((*_INTEGERS, "string", "bytes"), "only integers, byte buffers, and strings can be formatted as hex"),
    "X": ((*_INTEGERS, "string", "bytes"), "only integers, byte buffers, and strings can be formatted as hex"),
}


_TYPES = """
    list map int uint double bool string bytes google.protobuf.Timestamp google.protobuf.Duration type null_type
    dyn !error!
"""
_WITH_TEXT = frozenset(_TYPES.split())
_TEXT = (
    "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
    "and timestamps"
)


def faults(text: str, values: Sequence[ast.Node]) -> Iterator[tuple[ast.Node | None, str]]:
    """The first fault and where it is (None: the call itself)."""
    used = 0
    for match in _CLAUSE.finditer(text):
        if match[1] == "%":
            continue
        clause = match[2]
        if clause is None:
            yield None, "unexpected end of string"
            return
        if clause not in _TAKES and clause != "s":
            yield None, f'could not parse formatting clause: unrecognized formatting clause "{clause}"'
            return
        if used >= len(values):
            yield None, f"index {used} out of range"
            return
        node = values[used]
        used += 1
        kinds, message = _TAKES.get(clause, ((), _TEXT))
        bad = node if kinds and node.type.kind not in kinds else next(_without_text(node), None) if not kinds else None
        if bad is not None:
            given = bad.type.name if isinstance(bad.type, ObjectType) else bad.type.kind
            yield bad, f"error during formatting: {message}, was given {given}"
            return
    if used < len(values):
        yield None, f"too many arguments supplied to string.format (expected {used}, got {len(values)})"


def _without_text(node: ast.Node) -> Iterator[ast.Node]:
    """Objects, addresses, optionals, …: the argument itself, or what stands in a list or a map that is written out."""
    if isinstance(node.type, ObjectType) or node.type.kind not in _WITH_TEXT:
        yield node
    elif isinstance(node, ast.ListNode):
        for item in node.items:
            yield from _without_text(item)
    elif isinstance(node, ast.MapNode):
        for entry in node.entries:
            for part in entry:
                yield from _without_text(part)
