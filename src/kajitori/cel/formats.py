"""Formats of `format` that are written out: do they fit the arguments? Upstream's words. May import: cel.ast."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kajitori.cel import ast

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


def faults(text: str, values: Sequence[tuple[ast.Node, str]]) -> Iterator[tuple[ast.Node | None, str]]:
    """The first fault and where it is (None: the call itself). `values`: the arguments and the kinds of their types."""
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
        node, kind = values[used]
        used += 1
        kinds, message = _TAKES.get(clause, ((), ""))
        if kinds and kind not in kinds:
            yield node, f"error during formatting: {message}, was given {kind}"
            return
    if used < len(values):
        yield None, f"too many arguments supplied to string.format (expected {used}, got {len(values)})"
