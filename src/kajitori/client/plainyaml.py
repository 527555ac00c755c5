"""The YAML that programs write into kubeconfig files, read without a YAML library, whose import is slow.

Only block mappings, lists of them, and plain words, one pair a line. `parse` gives up (None) at the first thing beyond
that: quotes, comments, anchors, flow collections, text of several lines, words that YAML takes for numbers, dates or
nulls. A real parser must look then. Pure. May import: the standard library.
"""

from __future__ import annotations

import re
from typing import Any

_LINE = re.compile(
    r"( *)((?:- )?)([A-Za-z][\w.-]*):(?: ([A-Za-z/][\w./:=+@-]*(?:,? [\w./=+@][\w./:=+@-]*)*|\{\}|\"\"))?", re.ASCII
)
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, '""': ""}
_OTHERWISE = frozenset(
    {"y", "n", "yes", "no", "on", "off", "null", "true", "false"}
)  # in any case: YAML 1.1's own words


class _BeyondPlain(Exception):
    """Something that only a whole parser understands."""


def parse(text: str) -> dict[str, Any] | None:
    """The document, or None where this is not plain enough to be sure."""
    lines = []
    for row in text.removesuffix("\n").split("\n"):
        found = _LINE.fullmatch(row)
        if found is None or found[3].lower() in _OTHERWISE:
            return None
        lines.append((len(found[1]), bool(found[2]), found[3], found[4]))
    if not lines:
        return None
    try:
        document, end = _mapping(lines, 0, 0)
    except _BeyondPlain:
        return None
    return document if end == len(lines) else None


_Lines = list[tuple[int, bool, str, str | None]]


def _mapping(lines: _Lines, at: int, indent: int) -> tuple[dict[str, Any], int]:
    """The pairs at this indent, the first of which may stand after a dash."""
    pairs: dict[str, Any] = {}
    first = at
    while at < len(lines):
        column, dash, key, word = lines[at]
        if dash and at == first:
            column, dash = column + 2, False
        if column < indent or (dash and column <= indent):
            break
        if column > indent or key in pairs:
            raise _BeyondPlain
        at += 1
        if word is not None:
            pairs[key] = _word(word)
        else:
            pairs[key], at = _nested(lines, at, indent)
    return pairs, at


def _nested(lines: _Lines, at: int, indent: int) -> tuple[Any, int]:
    """What stands under a key without a word: a list (also at the key's own indent), a mapping, or nothing."""
    if at == len(lines):
        return None, at
    column, dash = lines[at][0], lines[at][1]
    if dash and column >= indent:
        items = []
        while at < len(lines) and lines[at][1] and lines[at][0] == column:
            item, at = _mapping(lines, at, column + 2)
            items.append(item)
        return items, at
    return _mapping(lines, at, column) if column > indent else (None, at)


def _word(word: str) -> Any:
    if word == "{}":
        return {}
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if word.lower() in _OTHERWISE or word.endswith(":") or ": " in word:
        raise _BeyondPlain
    return word
