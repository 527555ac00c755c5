"""Values as Go programs read and print them on command lines and in files: durations, booleans, integers, lists.

Errors are ValueErrors in Go's words. Pure. May import: the standard library.
"""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {
    "ns": Decimal("0.000000001"),
    "us": Decimal("0.000001"),
    "µs": Decimal("0.000001"),
    "μs": Decimal("0.000001"),
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_INT = re.compile(r"[+-]?[0-9a-zA-Z_]+", re.ASCII)
_OCTAL = re.compile(r"([+-]?)0_?([0-9].*)")
_TRUE, _FALSE = (
    frozenset({"1", "t", "T", "true", "TRUE", "True"}),
    frozenset({"0", "f", "F", "false", "FALSE", "False"}),
)


def parse_bool(text: str) -> bool:
    """`true`, `T`, `1` and their like."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


def parse_int(text: str) -> int:
    """Decimal, or with a prefix such as `0x`; a leading `0` alone makes it octal."""
    try:
        if not _INT.fullmatch(text):
            raise ValueError(text)
        octal = _OCTAL.fullmatch(text)
        return int(octal[1] + octal[2], 8) if octal else int(text, 0)
    except ValueError:
        raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def parse_number(text: str) -> float:
    """A floating-point number."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax') from None


def parse_words(text: str) -> list[str]:
    """A comma-separated list without its empty entries."""
    return [word for word in text.split(",") if word]


def parse_duration(text: str) -> float:
    """Seconds in a text such as `1h2m`, `300ms` or `-1.5h`. Raises ValueError."""
    body = text[1:] if text[:1] in ("+", "-") else text
    if body == "0":
        return 0.0
    total, position = Decimal(0), 0
    while position < len(body):
        part = _PART.match(body, position)
        if part is None:
            break
        total += Decimal(part[1]) * _UNITS[part[2]]
        position = part.end()
    if not body or position < len(body):
        missing = bool(re.fullmatch(r"[\d.]*\d[\d.]*", body[position:]))
        what = "missing unit in" if missing else "invalid"
        raise ValueError(f'time: {what} duration "{text}"')
    return float(-total if text[0] == "-" else total)


def format_duration(seconds: float) -> str:
    """A duration as Go prints it: `1h2m0s`, `1.5s`, `300ms`, `0s`."""
    nanos = round(seconds * 1e9)
    sign, nanos = ("-", -nanos) if nanos < 0 else ("", nanos)
    if nanos == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if nanos < size * 1_000 and nanos < 1_000_000_000:
            return f"{sign}{_fraction(nanos, size)}{unit}"
    whole, rest = divmod(nanos, 60 * 1_000_000_000)
    text = f"{_fraction(rest, 1_000_000_000)}s"
    if whole:
        hours, minutes = divmod(whole, 60)
        text = (f"{hours}h" if hours else "") + f"{minutes}m" + text
    return sign + text


def _fraction(nanos: int, size: int) -> str:
    whole, rest = divmod(nanos, size)
    if not rest:
        return str(whole)
    digits = len(str(size)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0")
