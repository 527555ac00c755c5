"""String functions beyond the standard: cel-go's string extension and Kubernetes' regex library.

May import: cel.{overloads, types, values, times, stdlib}.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from kajitori.cel import times
from kajitori.cel.errors import EvaluationError
from kajitori.cel.overloads import DYN, TRAVERSE, Library, regex_cost, traversal
from kajitori.cel.stdlib import regex
from kajitori.cel.types import INT, STRING, list_of
from kajitori.cel.values import Duration, Timestamp, TypeValue
from kajitori.machinery.gotext import quote

LIBRARY = Library()
method = LIBRARY.method
_READ = traversal(0)
_READ_TWICE = traversal(0, factor=2 * TRAVERSE)


def _scan(sizes: Sequence[int]) -> int:
    return sizes[0] // 10


_STRINGS = list_of(STRING)


def _within(position: int, text: str) -> None:
    if not 0 <= position <= len(text):
        raise EvaluationError(f"index out of range: {position}")


@method("charAt", STRING, INT, result=STRING)
def _char_at(text: str, position: int) -> str:
    _within(position, text)
    return text[position : position + 1]


@method("indexOf", STRING, STRING, result=INT, cost=_scan)
@method("indexOf", STRING, STRING, INT, result=INT, cost=_scan)
def _index_of(text: str, part: str, start: int = 0) -> int:
    if part and start > len(text):
        return -1
    _within(start, text)
    return text.find(part, start)


@method("lastIndexOf", STRING, STRING, result=INT, cost=_scan)
@method("lastIndexOf", STRING, STRING, INT, result=INT, cost=_scan)
def _last_index_of(text: str, part: str, start: int | None = None) -> int:
    if start is None:
        return text.rfind(part)
    _within(start, text)
    return text.rfind(part, 0, start + len(part))


@method("lowerAscii", STRING, result=STRING, cost=_READ)
def _lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


@method("upperAscii", STRING, result=STRING, cost=_READ)
def _upper(text: str) -> str:
    return "".join(char.upper() if char.isascii() else char for char in text)


@method("replace", STRING, STRING, STRING, result=STRING, cost=_READ_TWICE)
@method("replace", STRING, STRING, STRING, INT, result=STRING, cost=_READ_TWICE)
def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    return text.replace(old, new, count)


@method("split", STRING, STRING, result=_STRINGS, cost=_READ_TWICE)
@method("split", STRING, STRING, INT, result=_STRINGS, cost=_READ_TWICE)
def _split(text: str, separator: str, limit: int = -1) -> list[str]:
    if limit == 0:
        return []
    if not separator:
        parts = list(text)
        return parts if limit < 0 or len(parts) <= limit else [*parts[: limit - 1], "".join(parts[limit - 1 :])]
    return text.split(separator, limit - 1 if limit > 0 else -1)


@method("substring", STRING, INT, result=STRING, cost=_READ)
@method("substring", STRING, INT, INT, result=STRING, cost=_READ)
def _substring(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    _within(start, text)
    _within(stop, text)
    if start > stop:
        raise EvaluationError(f"invalid substring range. start: {start}, end: {stop}")
    return text[start:stop]


@method("trim", STRING, result=STRING, cost=_READ)
def _trim(text: str) -> str:
    return text.strip()


@method("join", _STRINGS, result=STRING, cost=_READ)
@method("join", _STRINGS, STRING, result=STRING, cost=_READ)
def _join(items: list[str], separator: str = "") -> str:
    if not all(isinstance(item, str) for item in items):
        raise EvaluationError("no such overload")
    return separator.join(items)


@LIBRARY.function("strings.quote", STRING, result=STRING, cost=_READ)
def _quote(text: str) -> str:
    escapes = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
    return '"' + "".join(escapes.get(c, "\\" + c if c in '\\"' else c) for c in text) + '"'


# format


@method("format", STRING, list_of(DYN), result=STRING, cost=_READ)
def _format(text: str, args: list[Any]) -> str:
    out: list[str] = []
    position, used = 0, 0
    while position < len(text):
        char = text[position]
        position += 1
        if char != "%":
            out.append(char)
            continue
        if position < len(text) and text[position] == "%":
            out.append("%")
            position += 1
            continue
        digits = ""
        if position < len(text) and text[position] == ".":
            position += 1
            while position < len(text) and text[position].isdigit():
                digits += text[position]
                position += 1
        if position >= len(text):
            raise EvaluationError("could not parse formatting clause: unexpected end of string")
        clause = text[position]
        position += 1
        if used >= len(args):
            raise EvaluationError(f"index {used} out of range")
        out.append(_clause(clause, args[used], int(digits) if digits else 6))
        used += 1
    return "".join(out)


def _clause(clause: str, value: Any, precision: int) -> str:
    make = _CLAUSES.get(clause)
    if make is None:
        raise EvaluationError(f'could not parse formatting clause: unrecognized formatting clause "{clause}"')
    return make(value, precision)


def _number(value: Any, clause: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EvaluationError(f"error during formatting: {clause} clause can only be used on numbers")
    return value


def _hex(value: Any, _: int) -> str:
    if isinstance(value, str | bytes):
        return (value.encode() if isinstance(value, str) else value).hex()
    return f"{_number(value, 'hex'):x}"


_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


def _scientific(value: float) -> str:
    """Upstream writes powers of ten out, with six digits whatever was asked."""
    mantissa, _, exponent = f"{value:.6e}".partition("e")
    return f"{mantissa}×10{exponent.removeprefix('+').translate(_RAISED)}"


def _binary(value: Any, _: int) -> str:
    return f"{int(value) if isinstance(value, bool) else _number(value, 'binary'):b}"


_CLAUSES: dict[str, Callable[[Any, int], str]] = {
    "s": lambda value, _: format_value(value),
    "d": lambda value, _: times.shown(_number(value, "decimal")),
    "f": lambda value, precision: f"{float(_number(value, 'fixed-point')):.{precision}f}",
    "e": lambda value, precision: _scientific(float(_number(value, "scientific"))),
    "x": _hex,
    "X": lambda value, _: _hex(value, 0).upper(),
    "o": lambda value, _: f"{_number(value, 'octal'):o}",
    "b": _binary,
}


def format_value(value: Any) -> str:
    """A value as `%s` shows it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool | int | float | Timestamp | Duration):
        return times.shown(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise EvaluationError(str(error)) from error
    if isinstance(value, list):
        return "[" + ", ".join(map(_inner, value)) + "]"
    if isinstance(value, dict):
        pairs = sorted((_inner(key), _inner(item)) for key, item in value.items())
        return "{" + ", ".join(f"{key}:{item}" for key, item in pairs) + "}"
    if isinstance(value, TypeValue):
        return value.name
    raise EvaluationError("error during formatting: no formatting function for " + type(value).__name__)


def _inner(value: Any) -> str:
    """An element of a list or a map, as it would be written in an expression."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, float):
        return f"{value:.6f}" if math.isfinite(value) else quote(times.shown(value))
    if isinstance(value, Timestamp | Duration):
        return f"{'timestamp' if isinstance(value, Timestamp) else 'duration'}({quote(times.shown(value))})"
    if isinstance(value, bytes):
        return f"b{quote(format_value(value))}"
    return format_value(value)


# regex


@method("find", STRING, STRING, result=STRING, cost=regex_cost)
def _find(text: str, pattern: str) -> str:
    match = regex(pattern).search(text)
    return match.group() if match else ""


@method("findAll", STRING, STRING, result=_STRINGS, cost=regex_cost)
@method("findAll", STRING, STRING, INT, result=_STRINGS, cost=regex_cost)
def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    found = [match.group() for match in regex(pattern).finditer(text)]
    return found if limit < 0 else found[:limit]
