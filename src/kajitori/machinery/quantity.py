"""Quantities of resources: `100m`, `1.5Gi`, `3e2`. Exact to a billionth, as the API defines them.

A quantity remembers in which family of suffixes it was written, and prints the canonical form in that family.
May import: the standard library.
"""

from __future__ import annotations

import functools
import re
from fractions import Fraction

BINARY, DECIMAL, EXPONENT = "BinarySI", "DecimalSI", "DecimalExponent"

FORMAT_MESSAGE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
NUMERIC_MESSAGE = "unable to parse quantity's numeric part"
SUFFIX_MESSAGE = "unable to parse quantity's suffix"

_SHAPE = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)", re.ASCII)
_EXPONENT = re.compile(r"[eE]([-+]?[0-9]+)", re.ASCII)
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIX = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_NANO = 10**9
_LARGEST = (2**63 - 1) * _NANO


class QuantityError(ValueError):
    """The text is no quantity; the message is upstream's."""


@functools.total_ordering
class Quantity:
    """Immutable and hashable; equality is of amounts, whatever the notation."""

    __slots__ = ("format", "nanos")

    def __init__(self, nanos: int = 0, format: str = DECIMAL) -> None:  # noqa: A002 (upstream's word)
        self.nanos = nanos
        self.format = format

    @classmethod
    def parse(cls, text: str | int | float) -> Quantity:
        """A text as users write it, or a JSON number. Raises for what is no quantity."""
        if not isinstance(text, str):
            text = str(text) if isinstance(text, int) else repr(text)
        return _parse(text)

    @classmethod
    def of(cls, value: int, format: str = DECIMAL) -> Quantity:  # noqa: A002 (upstream's word)
        """So many whole units, in this family of suffixes."""
        return cls(value * _NANO, format)

    def value(self) -> int:
        """Whole units, rounded up."""
        return -(-self.nanos // _NANO)

    def milli_value(self) -> int:
        """Thousandths, rounded up."""
        return -(-self.nanos // (_NANO // 1000))

    @property
    def is_zero(self) -> bool:
        return self.nanos == 0

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.nanos + other.nanos, self.format if self.nanos else other.format)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.nanos - other.nanos, self.format if self.nanos else other.format)

    def __neg__(self) -> Quantity:
        return Quantity(-self.nanos, self.format)

    def __float__(self) -> float:
        return self.nanos / _NANO

    def __bool__(self) -> bool:
        return self.nanos != 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.nanos == other.nanos

    def __lt__(self, other: Quantity) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __str__(self) -> str:
        if self.format == BINARY and abs(self.nanos) >= 1024 * _NANO and self.nanos % _NANO == 0:
            return _binary(self.nanos // _NANO)
        return _decimal(self.nanos, self.format)

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"


ZERO = Quantity()


def canonical(text: str | int | float) -> str:
    """The form in which the API server stores a quantity: `1024Mi` → `1Gi`, `0.5` → `500m`."""
    return str(Quantity.parse(text))


@functools.lru_cache(maxsize=1024)
def _parse(text: str) -> Quantity:
    found = _SHAPE.fullmatch(text)
    if not text or found is None:
        raise QuantityError(FORMAT_MESSAGE)
    sign, whole, fraction, suffix = found.groups()
    if not whole and not fraction:
        raise QuantityError(NUMERIC_MESSAGE if fraction == "" else FORMAT_MESSAGE)
    multiplier, format_ = _suffix(suffix)
    digits = int((whole or "") + (fraction or ""))
    exact = Fraction(digits, 10 ** len(fraction or "")) * multiplier * _NANO
    nanos = min(-(-exact.numerator // exact.denominator), _LARGEST)  # rounds away from zero: the sign comes after
    return Quantity(-nanos if sign == "-" else nanos, format_)


def _suffix(suffix: str) -> tuple[Fraction, str]:
    if suffix in _DECIMAL:
        return Fraction(10) ** _DECIMAL[suffix], DECIMAL
    if suffix in _BINARY:
        return Fraction(2 ** _BINARY[suffix]), BINARY
    power = _EXPONENT.fullmatch(suffix)
    if power is None or abs(int(power[1])) > 1000:
        raise QuantityError(SUFFIX_MESSAGE)
    return Fraction(10) ** int(power[1]), EXPONENT


def _binary(value: int) -> str:
    power = 0
    while value % 1024 == 0 and power < len(_BINARY_SUFFIX) - 1:
        value //= 1024
        power += 1
    return f"{value}{_BINARY_SUFFIX[power]}"


def _decimal(nanos: int, format_: str) -> str:
    if nanos == 0:
        return "0"
    power = -9
    while nanos % 1000 == 0 and power < 18:
        nanos //= 1000
        power += 3
    if format_ == EXPONENT:
        return f"{nanos}e{power}" if power else str(nanos)
    return f"{nanos}{_DECIMAL_SUFFIX[power]}"
