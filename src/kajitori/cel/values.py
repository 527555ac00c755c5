"""Values that JSON has not: unsigned integers, times, optionals, types; equality and order of all values.

Pure. May import: cel.errors.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from kajitori.cel.errors import EvaluationError

INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
NANOS = 1_000_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Uint(int):
    """An unsigned integer."""

    __slots__ = ()


class Duration:
    """A length of time, in nanoseconds."""

    __slots__ = ("nanos",)

    def __init__(self, nanos: int) -> None:
        if not INT_MIN <= nanos <= INT_MAX:
            raise EvaluationError("range error converting to duration")
        self.nanos = nanos

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Duration) and self.nanos == other.nanos

    def __lt__(self, other: Duration) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)


class Timestamp:
    """A moment, in nanoseconds since the epoch, and how far east of UTC it was written down: it is shown there."""

    __slots__ = ("nanos", "offset_s")

    def __init__(self, nanos: int, offset_s: int = 0) -> None:
        if not -62135596800 * NANOS <= nanos < 253402300800 * NANOS:
            raise EvaluationError("range error converting to timestamp")
        self.nanos = nanos
        self.offset_s = offset_s

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.nanos == other.nanos

    def __lt__(self, other: Timestamp) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def datetime(self) -> datetime:
        """As Python's, to microseconds, in UTC."""
        seconds, nanos = divmod(self.nanos, NANOS)
        return EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)

    def later(self, nanos: int) -> Timestamp:
        """So much later, written down in the same place."""
        return Timestamp(self.nanos + nanos, self.offset_s)


class Optional:
    """A value that may be there."""

    __slots__ = ("present", "value")

    def __init__(self, value: Any = None, *, present: bool = True) -> None:
        self.value = value
        self.present = present

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Optional) or self.present != other.present:
            return False
        return not self.present or equal(self.value, other.value)

    def __hash__(self) -> int:
        return hash((self.present, repr(self.value)))


NONE: Final = Optional(present=False)


class TypeValue:
    """A type as a value."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeValue) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class SetList(list[Any]):
    """A list whose order says nothing (x-kubernetes-list-type: set)."""


class MapList(list[Any]):
    """A list that is a map by some fields of its items (x-kubernetes-list-type: map)."""

    keys: tuple[str, ...] = ()

    def key(self, item: Any) -> str:
        """The identity of an item."""
        return repr([item.get(name) if isinstance(item, dict) else None for name in self.keys])


def type_name(value: Any) -> str:
    """The name of a value's type."""
    if value is None:
        return "null_type"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Uint):
        return "uint"
    for kind, name in _NAMES:
        if isinstance(value, kind):
            return name
    return str(getattr(value, "cel_type", type(value).__name__))


_NAMES: tuple[tuple[type, str], ...] = (
    (int, "int"),
    (float, "double"),
    (str, "string"),
    (bytes, "bytes"),
    (list, "list"),
    (dict, "map"),
    (Timestamp, "google.protobuf.Timestamp"),
    (Duration, "google.protobuf.Duration"),
    (Optional, "optional_type"),
    (TypeValue, "type"),
)
_NUMBERS = (int, float)


def equal(a: Any, b: Any) -> bool:
    """CEL's ==: numbers compare across types, everything else only with its like."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, _NUMBERS):
        return isinstance(b, _NUMBERS) and a == b
    if isinstance(a, list):
        return isinstance(b, list) and _lists_equal(a, b)
    if isinstance(a, dict):
        if not isinstance(b, dict) or len(a) != len(b):
            return False
        return all(key in b and equal(value, b[key]) for key, value in a.items())
    return type(a) is type(b) and bool(a == b)


def _lists_equal(a: list[Any], b: list[Any]) -> bool:
    if len(a) != len(b):
        return False
    if isinstance(a, SetList):
        return all(contains(b, item) for item in a)
    if isinstance(a, MapList):
        known = {a.key(item): item for item in b}
        return all(a.key(item) in known and equal(item, known[a.key(item)]) for item in a)
    return all(map(equal, a, b))


def contains(items: list[Any], value: Any) -> bool:
    """`value in items`."""
    return any(equal(value, item) for item in items)


def compare(a: Any, b: Any) -> int:
    """-1, 0 or 1. Raises EvaluationError where there is no order."""
    both = isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS) and isinstance(a, bool) == isinstance(b, bool)
    if both or type(a) is type(b):
        try:
            return -1 if a < b else 1 if b < a else 0
        except TypeError:
            pass
    raise EvaluationError("no such overload")


def integer(value: int) -> int:
    """The value, if it is an int64."""
    if not INT_MIN <= value <= INT_MAX:
        raise EvaluationError("integer overflow")
    return value


def unsigned(value: int) -> Uint:
    """The value, if it is a uint64."""
    if not 0 <= value <= UINT_MAX:
        raise EvaluationError("unsigned integer overflow")
    return Uint(value)
