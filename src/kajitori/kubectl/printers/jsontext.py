"""JSON as kubectl prints it: four columns of indent, keys sorted, `<`, `>` and `&` escaped as Go does. Pure."""

from __future__ import annotations

import json
from typing import Any

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_TABLE = str.maketrans(_ESCAPES)


def dumps(value: Any, *, indent: int | None = 4, sort_keys: bool = True) -> str:
    """The text without a newline at its end. A compact text (indent None) has no spaces at all."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(
        _whole(value), indent=indent, sort_keys=sort_keys, ensure_ascii=False, separators=separators, allow_nan=False
    )
    return text.translate(_TABLE)


def _whole(value: Any) -> Any:
    """Floats without a fraction print as integers, as Go's float64 does."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return value
