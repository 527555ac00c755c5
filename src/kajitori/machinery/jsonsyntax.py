"""Why something is not JSON, in the words of Go's decoder: what clients of upstream see and some of them look for.

    problem(data)    'unexpected end of JSON input', "invalid character 'x' after object key", …
    lenient(data)    the value of data that only Go's decoder takes: letters that are none become U+FFFD

Slow and only for data that a fast parser has refused. Pure. May import: nothing of Kajitori.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

_SPACE = b" \t\r\n"
_DIGITS = b"0123456789"
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_ESCAPED = b'bfnrt\\/"'
_HEX = b"0123456789abcdefABCDEF"
_END = "unexpected end of JSON input"
_LITERALS = {b"t": b"true", b"f": b"false", b"n": b"null"}
_SHOWN = {b"'": r"'\''", b'"': "'\"'", b"\\": r"'\\'", b"\n": r"'\n'", b"\t": r"'\t'", b"\r": r"'\r'"}
MAX_DEPTH = 10_000


class _Wrong(Exception):
    """The message."""


def problem(data: bytes) -> str:
    """What Go would say; nothing when it would take the data."""
    try:
        at = _value(data, _skip(data, 0))
        at = _skip(data, at)
        if at < len(data):
            raise _Wrong(_invalid(data, at, "after top-level value"))
    except _Wrong as wrong:
        return str(wrong)
    return ""


def lenient(data: bytes) -> Any:
    """The value of JSON without a `problem`. Raises ValueError for a number that no float holds, and for depth."""
    try:
        value = json.loads(data.decode(errors="replace"), parse_int=_integer, parse_float=_float)
    except RecursionError:
        raise ValueError("invalid character '[' exceeded max depth") from None
    return _letters(value)


def _integer(text: str) -> int | float:
    value = int(text) if len(text) < 25 else _float(text)
    return value if -(1 << 63) <= value < 1 << 64 else float(value)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _letters(value: Any) -> Any:
    """Without halves of surrogate pairs."""
    if isinstance(value, dict):
        return {_letters(name): _letters(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_letters(part) for part in value]
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _value(data: bytes, at: int) -> int:
    """Where the value that begins here has ended. Containers are kept on a stack, not by recursion."""
    stack: list[bytes] = []
    while True:
        at = _skip(data, at)
        first = data[at : at + 1]
        if first in (b"{", b"["):
            stack.append(first)
            if len(stack) > MAX_DEPTH:
                raise _Wrong(f"invalid character '{first.decode()}' exceeded max depth")
            at = _skip(data, at + 1)
            closing = b"}" if first == b"{" else b"]"
            if data[at : at + 1] == closing:
                stack.pop()
                at += 1
            elif first == b"{":
                at = _key(data, at)
                continue
            else:
                continue
        else:
            at = _scalar(data, at)
        while stack:
            at = _skip(data, at)
            is_object = stack[-1] == b"{"
            mark = _at(data, at)
            if mark == b",":
                at = _skip(data, at + 1)
                if is_object:
                    at = _key(data, at)
                break
            if mark != (b"}" if is_object else b"]"):
                raise _Wrong(_invalid(data, at, f"after {'object key:value pair' if is_object else 'array element'}"))
            stack.pop()
            at += 1
        else:
            return at


def _key(data: bytes, at: int) -> int:
    """After the colon of the key that begins here."""
    if _at(data, at) != b'"':
        raise _Wrong(_invalid(data, at, "looking for beginning of object key string"))
    at = _skip(data, _string(data, at))
    if _at(data, at) != b":":
        raise _Wrong(_invalid(data, at, "after object key"))
    return at + 1


def _scalar(data: bytes, at: int) -> int:
    first = _at(data, at)
    if first == b'"':
        return _string(data, at)
    if first in _LITERALS:
        return _literal(data, at, _LITERALS[first])
    if first == b"-" or first in [bytes((digit,)) for digit in _DIGITS]:
        return _number(data, at)
    raise _Wrong(_invalid(data, at, "looking for beginning of value"))


def _literal(data: bytes, at: int, word: bytes) -> int:
    for offset in range(1, len(word)):
        # a literal that is cut off is judged by the space that Go's scanner puts at the end
        given = data[at + offset : at + offset + 1]
        if given != word[offset : offset + 1]:
            shown = _shown(given or b" ")
            expected = word[offset : offset + 1].decode()
            raise _Wrong(f"invalid character {shown} in literal {word.decode()} (expecting '{expected}')")
    return at + len(word)


def _string(data: bytes, at: int) -> int:
    at += 1
    while True:
        letter = _at(data, at)
        if letter == b'"':
            return at + 1
        if letter < b" ":
            raise _Wrong(_invalid(data, at, "in string literal"))
        if letter == b"\\":
            at = _escape(data, at + 1)
        else:
            at += 1


def _escape(data: bytes, at: int) -> int:
    letter = _at(data, at)
    if letter == b"u":
        for offset in range(1, 5):
            if _at(data, at + offset) not in [bytes((digit,)) for digit in _HEX]:
                raise _Wrong(_invalid(data, at + offset, r"in \u hexadecimal character escape"))
        return at + 5
    if letter not in [bytes((one,)) for one in _ESCAPED]:
        raise _Wrong(_invalid(data, at, "in string escape code"))
    return at + 1


def _number(data: bytes, at: int) -> int:
    found = _NUMBER.match(data, at)
    if found is None:  # a sign without digits
        raise _Wrong(_invalid(data, at + 1, "in numeric literal"))
    end = found.end()
    after = data[end : end + 1]
    if after == b"." and b"." not in found[0] and b"e" not in found[0].lower():
        raise _Wrong(_invalid(data, end + 1, "after decimal point in numeric literal"))
    if after in (b"e", b"E") and b"e" not in found[0].lower():
        sign = data[end + 1 : end + 2] in (b"+", b"-")
        raise _Wrong(_invalid(data, end + 1 + sign, "in exponent of numeric literal"))
    return end


def _skip(data: bytes, at: int) -> int:
    while data[at : at + 1] and data[at] in _SPACE:
        at += 1
    return at


def _at(data: bytes, at: int) -> bytes:
    """The byte here. Raises where the input has ended."""
    if at >= len(data):
        raise _Wrong(_END)
    return data[at : at + 1]


def _invalid(data: bytes, at: int, where: str) -> str:
    return f"invalid character {_shown(_at(data, at))} {where}"


def _shown(letter: bytes) -> str:
    """A byte as Go quotes it."""
    known = _SHOWN.get(letter)
    if known:
        return known
    code = letter[0]
    return f"'\\x{code:02x}'" if code < 0x20 or 0x7F <= code < 0xA0 or code == 0xAD else f"'{chr(code)}'"
