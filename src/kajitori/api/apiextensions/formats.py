"""String formats of OpenAPI schemas, as upstream's validator knows them; an unknown format accepts everything.

Pure. May import: api.ips, machinery.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from kajitori.api import ips
from kajitori.machinery import times

_UUID = re.compile(r"(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$")
_UUID3 = re.compile(r"(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$")
_UUID4 = re.compile(r"(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$")
_UUID5 = re.compile(r"(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$")
_ATOM = r"[^\s()<>\[\]:;@\\,.\"\x00-\x1f\x7f]+"
_ADDRESS = rf'({_ATOM}(\.{_ATOM})*|"(\\.|[^"\\])*")@({_ATOM}(\.{_ATOM})*|\[[^\[\]\\]*\])'
_EMAIL = re.compile(rf'^\s*({_ADDRESS}|("(\\.|[^"\\])*"|{_ATOM}|\s|\.)*<{_ADDRESS}>)\s*$')
_MAC = re.compile(
    r"^[0-9A-Fa-f]{2}([:-])(([0-9A-Fa-f]{2}\1){4}|([0-9A-Fa-f]{2}\1){6}|([0-9A-Fa-f]{2}\1){18})[0-9A-Fa-f]{2}$"
    r"|^([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}$|^([0-9A-Fa-f]{4}\.){3}[0-9A-Fa-f]{4}$|^([0-9A-Fa-f]{4}\.){9}[0-9A-Fa-f]{4}$"
    r"|^([0-9A-Fa-f]{12}|[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40})$"
)
_HEX_COLOR = re.compile(r"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")
_RGB = re.compile(r"^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$")
_OBJECT_ID = re.compile(r"^[0-9a-fA-F]{24}$")
_SSN = re.compile(r"^\d{3}[- ]\d{2}[- ]\d{4}$")
_DATE_TIME = re.compile(
    r"^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
_WORD_DURATION = re.compile(
    r"^\s*(\d+(\.\d+)?\s*(nanoseconds?|nanos?|ns|microseconds?|micros?|us|µs|milliseconds?|millis?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)\s*)+$",
    re.I,
)


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except (ValueError, binascii.Error):
            return False
        return True

    return check


def _uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(text) and " " not in parts.netloc and (bool(parts.scheme) or text.startswith("/"))


_LABEL = re.compile(r"^[\w$+<=>^`|~-]+$")
_TOP_LABEL = re.compile(r"^[^\W\d_]{2,63}$")


def _hostname(text: str) -> bool:
    """Letters of any script; the last of several labels has only letters."""
    labels = text.split(".")
    if len(text.encode()) > 255 or any(not label or len(label) > 63 for label in labels):
        return False
    if any("_" in label or label[0] == "-" or label[-1] == "-" or not _LABEL.match(label) for label in labels):
        return False
    return len(labels) == 1 or _TOP_LABEL.match(labels[-1]) is not None


def _ipv4(text: str) -> bool:
    return "." in text and ips.parsed_ip(text) is not None


def _date_time(text: str) -> bool:
    match = _DATE_TIME.match(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return hour < 24 and minute < 60 and second < 60


def _duration(text: str) -> bool:
    return _WORD_DURATION.match(text) is not None or _parses(times.parse_go_duration)(text)


def _mac_or_rgb(text: str) -> bool:
    match = _RGB.match(text)
    return match is not None and all(int(part) <= 255 for part in match.groups())


def _luhn(text: str) -> bool:
    digits = re.sub(r"[^0-9]", "", text)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return 13 <= len(digits) <= 19 and total % 10 == 0


def _isbn10(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        return False
    return sum((place + 1) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(digits)) % 11 == 0


def _isbn13(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{13}", digits):
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0


_CHECKS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": lambda text: _OBJECT_ID.match(text) is not None,
    "uri": _uri,
    "email": lambda text: _EMAIL.match(text) is not None,
    "hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": lambda text: "%" not in text and _parses(ipaddress.IPv6Address)(text),
    "cidr": lambda text: ips.parsed_cidr(text) is not None,
    "mac": lambda text: _MAC.match(text) is not None,
    "uuid": lambda text: _UUID.match(text) is not None,
    "uuid3": lambda text: _UUID3.match(text) is not None,
    "uuid4": lambda text: _UUID4.match(text) is not None,
    "uuid5": lambda text: _UUID5.match(text) is not None,
    "creditcard": _luhn,
    "ssn": lambda text: _SSN.match(text) is not None,
    "hexcolor": lambda text: _HEX_COLOR.match(text) is not None,
    "rgbcolor": _mac_or_rgb,
    "byte": lambda text: bool(text) and _parses(lambda value: base64.b64decode(value, validate=True))(text),
    "date": _parses(date.fromisoformat),
    "datetime": _date_time,
    "duration": _duration,
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": lambda text: _isbn10(text),
    "isbn13": lambda text: _isbn13(text),
}
_NAMES = frozenset(_CHECKS) | {"password"}


def supported(name: str, kind: str) -> bool:
    """Whether a format is looked at; others are let be, as are the two that v1.34 knows but does not yet use."""
    if kind in ("", "string"):
        return name.replace("-", "") in _NAMES
    return name in _OF_NUMBERS.get(kind, ())


_OF_NUMBERS = {"integer": ("int32", "int64"), "number": ("float", "double")}


def unrecognized(spec: Mapping[str, Any]) -> list[str]:
    """The formats of strings in a definition's schemas that nothing will check, each once."""
    found: dict[str, None] = {}
    for version in spec.get("versions") or ():
        _gather((version.get("schema") or {}).get("openAPIV3Schema"), found)
    return list(found)


def _gather(raw: Any, found: dict[str, None]) -> None:
    if not isinstance(raw, Mapping):
        return
    name, kind = raw.get("format"), raw.get("type")
    if name and kind == "string" and not supported(name, kind):
        found[name] = None
    below = [raw.get("items"), *(part for junctor in _JUNCTORS for part in raw.get(junctor) or ())]
    for child in (*below, raw.get("not"), *(raw.get("properties") or {}).values(), raw.get("additionalProperties")):
        _gather(child, found)


_JUNCTORS = ("allOf", "anyOf", "oneOf")


def holds(name: str, text: str) -> bool:
    """Whether a string has a format."""
    check = _CHECKS.get(name.replace("-", ""))
    return check is None or check(text)
