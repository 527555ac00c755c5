"""The functions of Go templates (text/template's, and kubectl's own two), and how Go prints values. Pure."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote_plus

from kajitori.kubectl.templates.golex import TemplateError


class _Missing:
    """The zero value of a key that a map does not have."""

    def __repr__(self) -> str:
        return "<no value>"


MISSING: Final = _Missing()


def truth(value: Any) -> bool:
    """Go's idea of a non-empty value."""
    return value is not MISSING and bool(value)


def show(value: Any) -> str:
    """A value as ``{{.}}`` prints it."""
    return "<no value>" if value is MISSING or value is None else plain(value)


def plain(value: Any) -> str:
    """A value as ``%v`` prints it."""
    if value is MISSING or value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, list):
        return "[" + " ".join(plain(item) for item in value) + "]"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{plain(value[key])}" for key in sorted(value)) + "]"
    return str(value)


def _float(value: float) -> str:
    """The shortest form, with an exponent from 1e+21 on, as Go's %v."""
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    return re.sub(r"e([+-])(\d)$", r"e\g<1>0\2", text)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if value is MISSING or value is None:
            raise _index_error("index of untyped nil")
        if isinstance(value, dict):
            value = value.get(key, MISSING)
        elif isinstance(value, list | str):
            if not isinstance(key, int) or isinstance(key, bool):
                raise TemplateError(
                    f"template: output:1: error calling index: cannot index slice/array with type {_type(key)}"
                )
            if not 0 <= key < len(value):
                raise TemplateError(
                    f"template: output:1: error calling index: reflect: slice index out of range: {key}"
                )
            value = value[key] if isinstance(value, list) else ord(value[key])
        else:
            raise _index_error(f"can't index item of type {_type(value)}")
    return value


def _index_error(why: str) -> TemplateError:
    return TemplateError(f"template: output:1: error calling index: {why}")


def _type(value: Any) -> str:
    return {str: "string", int: "int64", float: "float64", bool: "bool"}.get(type(value), "interface {}")


def _slice(value: Any, *bounds: int) -> Any:
    low, high = (*bounds, None, None)[:2]
    return value[low or 0 : len(value) if high is None else high]


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, list | dict):
        return len(value)
    raise TemplateError(f"template: output:1: error calling len: len of type {_type(value)}")


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise TemplateError("template: output:1: error calling eq: missing argument for comparison")
    first = None if first is MISSING else first
    return any(first == (None if other is MISSING else other) and _comparable(first, other) for other in others)


def _comparable(a: Any, b: Any) -> bool:
    if isinstance(a, bool) != isinstance(b, bool):
        raise TemplateError("template: output:1: error calling eq: incompatible types for comparison")
    return True


def _less(a: Any, b: Any) -> bool:
    numbers = isinstance(a, int | float) and isinstance(b, int | float)
    if not numbers and not (isinstance(a, str) and isinstance(b, str)):
        raise TemplateError("template: output:1: error calling lt: incompatible types for comparison")
    return bool(a < b)


_VERB = re.compile(r"%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*))?([a-zA-Z%])")


def printf(form: str, *arguments: Any) -> str:
    """Go's Sprintf for the verbs that JSON data needs."""
    rest = list(arguments)

    def replace(match: re.Match[str]) -> str:
        flags, width, precision, verb = match.groups()
        if verb == "%":
            return "%"
        if width == "*":
            width = str(rest.pop(0))
        if not rest:
            return f"%!{verb}(MISSING)"
        text = _verb(verb, rest.pop(0), flags, precision)
        if width:
            pad = int(width)
            text = text.ljust(pad) if "-" in flags else text.rjust(pad, "0" if "0" in flags else " ")
        return text

    text = _VERB.sub(replace, form)
    return text + "".join(f"%!(EXTRA {_type(extra)}={plain(extra)})" for extra in rest)


def _verb(verb: str, value: Any, flags: str, precision: str | None) -> str:
    match verb:
        case "v" | "s":
            text = plain(value)
            return text[: int(precision)] if precision and verb == "s" else text
        case "q":
            return json.dumps(plain(value), ensure_ascii=False)
        case "d" if isinstance(value, int):
            return f"{value:+d}" if "+" in flags else str(value)
        case "t" if isinstance(value, bool):
            return plain(value)
        case "f" | "F" | "e" | "g" if isinstance(value, float):
            return format(value, f".{precision if precision is not None else 6}{verb}")
        case "x" | "X" if isinstance(value, int):
            return format(value, verb)
        case "x" | "X" if isinstance(value, str):
            digits = value.encode().hex()
            return digits.upper() if verb == "X" else digits
        case "c" if isinstance(value, int):
            return chr(value)
        case "T":
            return _type(value)
    return f"%!{verb}({_type(value)}={plain(value)})"


def _print(*values: Any) -> str:
    """Sprint: a space between neighbours when neither is a string."""
    text = ""
    for position, value in enumerate(values):
        if position and not isinstance(value, str) and not isinstance(values[position - 1], str):
            text += " "
        text += plain(value)
    return text


def _exists(value: Any, *keys: Any) -> bool:
    """kubectl's own: whether a path leads anywhere."""
    for key in keys:
        inside = isinstance(value, dict) and key in value
        if not inside and not (isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value)):
            return False
        value = value[key]
    return value is not MISSING


def _base64decode(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except ValueError as error:
        raise TemplateError(f"template: output:1: error calling base64decode: base64 decode failed: {error}") from error


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "index": _index,
    "slice": _slice,
    "len": _length,
    "not": lambda value: not truth(value),
    "eq": _equal,
    "ne": lambda a, b: not _equal(a, b),
    "lt": _less,
    "le": lambda a, b: not _less(b, a),
    "gt": lambda a, b: _less(b, a),
    "ge": lambda a, b: not _less(a, b),
    "print": _print,
    "println": lambda *values: " ".join(plain(value) for value in values) + "\n",
    "printf": printf,
    "html": lambda *values: html.escape(_print(*values)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    "js": lambda *values: json.dumps(_print(*values))[1:-1].replace("'", "\\'"),
    "urlquery": lambda *values: quote_plus(_print(*values)),
    "exists": _exists,
    "base64decode": _base64decode,
}
