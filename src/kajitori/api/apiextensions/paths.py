"""Simple paths into a schema, as selectable fields and rules name places: `.spec.color`, `.spec['odd.name']`.

May import: nothing of Kajitori.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Raw = Mapping[str, Any]
_TOKEN = re.compile(r"'(?:\\.|[^'\\])*'|[.\[\]]|[^.\[\]']+")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "'": "'", "\\": "\\"}


class PathFault(ValueError):
    """Why a path leads nowhere."""


def find(text: str, raw: Raw, *, brackets: bool = True) -> tuple[list[str], Raw]:
    """The names of a path and the schema at its end. Raises PathFault."""
    tokens = _TOKEN.findall(text)
    names: list[str] = []
    position = 0
    while position < len(tokens):
        step = tokens[position]
        position += 1
        if step == ".":
            if position >= len(tokens):
                raise PathFault("unexpected end of JSON path")
            name = tokens[position]
            position += 1
        elif step == "[":
            if not brackets:
                raise PathFault("array notation is not allowed")
            name, position = _quoted(tokens, position)
        else:
            raise PathFault(f"expected [ or . but got: {step}")
        raw = _step(raw, name)
        names.append(name)
    return names, raw


def _quoted(tokens: list[str], position: int) -> tuple[str, int]:
    if position + 1 >= len(tokens):
        raise PathFault("unexpected end of JSON path")
    step = tokens[position]
    if len(step) < 2 or step[0] != "'" or step[-1] != "'":
        raise PathFault(f"expected single quoted string but got {step}")
    if tokens[position + 1] != "]":
        raise PathFault(f"expected ] but got {tokens[position + 1]}")

    def one(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise PathFault(f"invalid string literal: invalid escape char {match[0]}")
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", one, step[1:-1]), position + 2


def _step(raw: Raw, name: str) -> Raw:
    properties, additional = raw.get("properties"), raw.get("additionalProperties")
    if properties is not None:
        if name in properties:
            found: Raw = properties[name]
            return found
    elif isinstance(additional, Mapping):
        return additional
    raise PathFault("does not refer to a valid field")
