"""Text as Go prints it: quoted strings, JSON of values and lists of alternatives inside upstream's messages.

May import: orjson.
"""

import re
from collections.abc import Iterable
from typing import Any

import orjson

_ESCAPES = {
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    "\\": r"\\",
    '"': r"\"",
}


class Go(str):
    """Text that stands in a message as it is: a value that Go prints in a way of its own."""

    __slots__ = ()


def quote(text: str) -> str:
    """The string as Go's %q verb prints it."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escape(char) for char in text) + '"'


def quote_all(texts: Iterable[str], separator: str = ", ") -> str:
    return separator.join(quote(text) for text in texts)


def render(value: Any) -> str:
    """A value inside a field error: strings quoted, numbers and booleans plain, everything else as JSON."""
    if isinstance(value, Go):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return _MARKUP.sub(lambda found: f"\\u{ord(found[0]):04x}", orjson.dumps(value, default=str).decode())


_MARKUP = re.compile("[<>&\u2028\u2029]")
"""What Go's encoder escapes in strings, so that JSON can stand in a page."""


def plus_v(value: Any) -> str:
    """A decoded JSON value as Go's %+v verb prints it."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{name}:{plus_v(value[name])}" for name in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(plus_v, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else f"{value}"


def sharp_v(value: Any) -> str:
    """A decoded JSON value as Go's %#v verb prints it."""
    if isinstance(value, dict):
        return "map[string]interface {}{" + ", ".join(f"{quote(k)}:{sharp_v(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(map(sharp_v, value)) + "}"
    return quote(value) if isinstance(value, str) else "interface {}(nil)" if value is None else plus_v(value)


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
