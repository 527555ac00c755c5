"""Kubernetes' libraries of things written as strings: quantities, semantic versions, URLs, named formats.

May import: cel.{overloads, types, values}, machinery.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from kajitori.cel.errors import EvaluationError
from kajitori.cel.overloads import Library, holds, traversal
from kajitori.cel.times import parse_timestamp
from kajitori.cel.types import BOOL, DOUBLE, INT, STRING, Type, list_of, map_of, optional_of
from kajitori.cel.values import INT_MAX, INT_MIN, NONE, Optional
from kajitori.machinery import names, quantity

LIBRARY = Library()
function, method = LIBRARY.function, LIBRARY.method
QUANTITY, URL, SEMVER, FORMAT = (Type(f"kubernetes.{name}") for name in ("Quantity", "URL", "Semver", "NamedFormat"))
_READ = traversal(0)


# quantities


class QuantityValue:
    """A quantity, exact."""

    cel_type = "kubernetes.Quantity"
    __slots__ = ("exact",)

    def __init__(self, exact: Fraction) -> None:
        self.exact = exact

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QuantityValue) and self.exact == other.exact

    def __lt__(self, other: QuantityValue) -> bool:
        return self.exact < other.exact

    def __hash__(self) -> int:
        return hash(self.exact)


@function("quantity", STRING, result=QUANTITY, cost=_READ)
def parse_quantity(text: str) -> QuantityValue:
    """A quantity from its text."""
    try:
        return QuantityValue(Fraction(quantity.Quantity.parse(text).nanos, 1_000_000_000))
    except ValueError as error:
        raise EvaluationError(str(error)) from error


function("isQuantity", STRING, result=BOOL, cost=_READ)(holds(parse_quantity))


@function("sign", QUANTITY, result=INT)
def _sign(value: QuantityValue) -> int:
    return (value.exact > 0) - (value.exact < 0)


@method("isInteger", QUANTITY, result=BOOL)
def _is_integer(value: QuantityValue) -> bool:
    return value.exact.denominator == 1 and INT_MIN <= value.exact <= INT_MAX


@method("asInteger", QUANTITY, result=INT)
def _as_integer(value: QuantityValue) -> int:
    if not _is_integer(value):
        raise EvaluationError("cannot convert value to integer")
    return int(value.exact)


@method("asApproximateFloat", QUANTITY, result=DOUBLE)
def _as_float(value: QuantityValue) -> float:
    return float(value.exact)


def _amount(value: Any) -> Fraction:
    return value.exact if isinstance(value, QuantityValue) else Fraction(value)


for _other in (QUANTITY, INT):
    method("add", QUANTITY, _other, result=QUANTITY)(lambda a, b: QuantityValue(a.exact + _amount(b)))
    method("sub", QUANTITY, _other, result=QUANTITY)(lambda a, b: QuantityValue(a.exact - _amount(b)))


def _ordered(kind: Type) -> None:
    method("isLessThan", kind, kind, result=BOOL)(lambda a, b: a < b)
    method("isGreaterThan", kind, kind, result=BOOL)(lambda a, b: b < a)
    method("compareTo", kind, kind, result=INT)(lambda a, b: -1 if a < b else 1 if b < a else 0)


_ordered(QUANTITY)

# semantic versions

_SEMVER = re.compile(
    r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?"
    r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$"
)


@functools.total_ordering
class SemverValue:
    """A semantic version."""

    cel_type = "kubernetes.Semver"
    __slots__ = ("numbers", "pre")

    def __init__(self, numbers: tuple[int, ...], pre: tuple[tuple[int, int, str], ...]) -> None:
        self.numbers = numbers
        self.pre = pre

    def _key(self) -> tuple[Any, ...]:
        return (*self.numbers, not self.pre, self.pre)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SemverValue) and self._key() == other._key()

    def __lt__(self, other: SemverValue) -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())


@function("semver", STRING, result=SEMVER, cost=_READ)
@function("semver", STRING, BOOL, result=SEMVER, cost=_READ)
def parse_semver(text: str, normalize: bool = False) -> SemverValue:
    """A version from its text; `normalize` accepts `v1.02`."""
    if normalize:
        text = _normalized(text)
    match = _SEMVER.match(text)
    if match is None:
        raise EvaluationError(_semver_fault(text))
    pre = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in (match[4] or "").split(".") if p)
    return SemverValue(tuple(int(match[i]) for i in (1, 2, 3)), pre)


def _semver_fault(text: str) -> str:
    """Why a text is no semantic version."""
    if not text:
        return "Version string empty"
    parts = text.split(".", 2)
    if len(parts) != 3:
        return "No Major.Minor.Patch elements found"
    for name, part in zip(("major", "minor", "patch"), (*parts[:2], re.split("[-+]", parts[2])[0]), strict=True):
        if not re.fullmatch("[0-9]*", part):
            return f'Invalid character(s) found in {name} number "{part}"'
        if len(part) > 1 and part.startswith("0"):
            return f'{name.capitalize()} number must not contain leading zeroes "{part}"'
    core, _, build = parts[2].partition("+")
    for part in core.partition("-")[2].split("."):
        if part.isdigit() and len(part) > 1 and part.startswith("0"):
            return f'Numeric PreRelease version must not contain leading zeroes "{part}"'
        if not re.fullmatch("[0-9A-Za-z-]*", part):
            return f'Invalid character(s) found in prerelease "{part}"'
    wrong = next((part for part in build.split(".") if not re.fullmatch("[0-9A-Za-z-]*", part)), None)
    return "Build meta data is empty" if wrong is None else f'Invalid character(s) found in build meta data "{wrong}"'


_LOOSE_SEMVER = re.compile(r"v?([0-9.]*)([-+]?)(.*)$", re.S)


def _normalized(text: str) -> str:
    match = _LOOSE_SEMVER.match(text)
    assert match is not None, "it matches any text"
    core, mark, rest = match.groups()
    parts = [part.lstrip("0") or "0" for part in core.split(".") if part]
    return ".".join([*parts, "0", "0", "0"][: max(3, len(parts))]) + mark + rest


@function("isSemver", STRING, result=BOOL, cost=_READ)
@function("isSemver", STRING, BOOL, result=BOOL, cost=_READ)
def _is_semver(text: str, normalize: bool = False) -> bool:
    return holds(lambda value: parse_semver(value, normalize))(text)


for _index, _name in enumerate(("major", "minor", "patch")):
    method(_name, SEMVER, result=INT)(lambda value, index=_index: value.numbers[index])
_ordered(SEMVER)

# URLs


class UrlValue:
    """A parsed URL."""

    cel_type = "kubernetes.URL"
    __slots__ = ("parts", "text")

    def __init__(self, text: str, parts: SplitResult) -> None:
        self.text = text
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UrlValue) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@function("url", STRING, result=URL, cost=_READ)
def parse_url(text: str) -> UrlValue:
    """An absolute URL or path."""
    try:
        parts = urlsplit(text)
        _ = parts.port
        if any(ord(char) < 32 for char in text):
            raise ValueError("net/url: invalid control character in URL")
        if text.startswith(":"):
            raise ValueError("missing protocol scheme")
        if " " in parts.netloc:
            raise ValueError('invalid character " " in host name')
    except ValueError as error:
        raise EvaluationError(f'URL parse error during conversion from string: parse "{text}": {error}') from error
    if not parts.scheme and not text.startswith("/"):
        message = f'URL parse error during conversion from string: parse "{text}": invalid URI for request'
        raise EvaluationError(message)
    return UrlValue(text, parts)


function("isURL", STRING, result=BOOL, cost=_READ)(holds(parse_url))
method("getScheme", URL, result=STRING)(lambda value: value.parts.scheme)
method("getHost", URL, result=STRING)(lambda value: value.parts.netloc.rpartition("@")[2])
method("getHostname", URL, result=STRING)(lambda value: _hostname(value.parts))
method("getPort", URL, result=STRING)(lambda value: str(value.parts.port) if value.parts.port is not None else "")
method("getEscapedPath", URL, result=STRING)(lambda value: value.parts.path.replace(" ", "%20"))
method("getQuery", URL, result=map_of(STRING, list_of(STRING)))(
    lambda value: parse_qs(value.parts.query, keep_blank_values=True)
)


def _hostname(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    return host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.partition(":")[0]


# named formats


class FormatValue:
    """A format that strings can be checked against."""

    cel_type = "kubernetes.NamedFormat"
    __slots__ = ("check", "name")

    def __init__(self, name: str, check: Callable[[str], list[str]]) -> None:
        self.name = name
        self.check = check

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FormatValue) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


def _failing(parse: Callable[[str], Any], message: str) -> Callable[[str], list[str]]:
    def check(text: str) -> list[str]:
        try:
            parse(text)
        except (ValueError, EvaluationError):
            return [message]
        return []

    return check


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    return lambda text: check(text[:-1] + "a" if text.endswith("-") else text)


def _uri_faults(text: str) -> list[str]:
    if not text:
        return ['parse "": empty url']
    try:
        parse_url(text)
    except EvaluationError as error:
        return [str(error).removeprefix("URL parse error during conversion from string: ")]
    return []


_UUID = re.compile(r"(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$")
_FORMATS: dict[str, Callable[[str], list[str]]] = {
    "dns1123Label": names.is_dns1123_label,
    "dns1123Subdomain": names.is_dns1123_subdomain,
    "dns1035Label": names.is_dns1035_label,
    "qualifiedName": names.is_qualified_name,
    "labelValue": names.is_label_value,
    "dns1123LabelPrefix": _prefix(names.is_dns1123_label),
    "dns1123SubdomainPrefix": _prefix(names.is_dns1123_subdomain),
    "dns1035LabelPrefix": _prefix(names.is_dns1035_label),
    "uri": _uri_faults,
    "uuid": lambda text: [] if _UUID.match(text) else ["does not match the UUID format"],
    "byte": _failing(lambda text: base64.b64decode(text, validate=True), "invalid base64"),
    "date": _failing(date.fromisoformat, "invalid date"),
    "datetime": _failing(parse_timestamp, "invalid datetime"),
}
for _name, _check in _FORMATS.items():
    function(f"format.{_name}", result=FORMAT)(functools.partial(FormatValue, _name, _check))


@function("format.named", STRING, result=optional_of(FORMAT))
def _named(name: str) -> Optional:
    check = _FORMATS.get(name)
    return Optional(FormatValue(name, check)) if check is not None else NONE


@method("validate", FORMAT, STRING, result=optional_of(list_of(STRING)), cost=traversal(1))
def _validate(value: FormatValue, text: str) -> Optional:
    found = value.check(text)
    return Optional(found) if found else NONE
