"""CEL's standard functions and operators (those that are not part of the language's control flow).

May import: cel.{overloads, types, values}, machinery.
"""

from __future__ import annotations

import math
import re
from typing import Any

from kajitori.cel import times
from kajitori.cel.access import index_list, index_map
from kajitori.cel.errors import EvaluationError
from kajitori.cel.overloads import A, K, Library, Overload, V, product, regex_cost, scan, traversal
from kajitori.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    map_of,
    type_of,
)
from kajitori.cel.values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    Duration,
    MapList,
    SetList,
    Timestamp,
    TypeValue,
    Uint,
    compare,
    contains,
    equal,
    integer,
    type_name,
    unsigned,
)
from kajitori.machinery import goregex

LIBRARY = Library()
function, method = LIBRARY.function, LIBRARY.method
LIST, MAP = list_of(A), map_of(K, V)


def _operator(name: str, args: tuple[Type, ...], result: Type, impl: Any, **more: Any) -> None:
    LIBRARY.add(Overload(name, args, result, impl, **more))


# arithmetic


def _divide(a: int, b: int) -> int:
    if b == 0:
        raise EvaluationError("division by zero")
    quotient = abs(a) // abs(b)
    return integer(quotient if (a < 0) == (b < 0) else -quotient)


def _modulo(a: int, b: int) -> int:
    if b == 0:
        raise EvaluationError("modulus by zero")
    return integer(int(math.copysign(abs(a) % abs(b), a)) if abs(a) < 2**52 else a - b * _divide(a, b))


def _divide_double(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)
    return a / b


def _add_lists(a: list[Any], b: list[Any]) -> list[Any]:
    if isinstance(a, SetList):
        return SetList([*a, *(item for item in b if not contains(a, item))])
    if isinstance(a, MapList):
        merged = {a.key(item): item for item in a}
        for item in b:
            merged[a.key(item)] = item
        joined = MapList(merged.values())
        joined.keys = a.keys
        return joined
    return [*a, *b]


_operator("_+_", (INT, INT), INT, lambda a, b: integer(a + b))
_operator("_+_", (UINT, UINT), UINT, lambda a, b: unsigned(int(a) + int(b)))
_operator("_+_", (DOUBLE, DOUBLE), DOUBLE, lambda a, b: a + b)
_operator("_+_", (STRING, STRING), STRING, lambda a, b: a + b, cost=traversal(0, 1))
_operator("_+_", (BYTES, BYTES), BYTES, lambda a, b: a + b, cost=traversal(0, 1))
_operator("_+_", (LIST, LIST), LIST, _add_lists)
_operator("_+_", (TIMESTAMP, DURATION), TIMESTAMP, lambda a, b: a.later(b.nanos))
_operator("_+_", (DURATION, TIMESTAMP), TIMESTAMP, lambda a, b: b.later(a.nanos))
_operator("_+_", (DURATION, DURATION), DURATION, lambda a, b: Duration(a.nanos + b.nanos))
_operator("_-_", (INT, INT), INT, lambda a, b: integer(a - b))
_operator("_-_", (UINT, UINT), UINT, lambda a, b: unsigned(int(a) - int(b)))
_operator("_-_", (DOUBLE, DOUBLE), DOUBLE, lambda a, b: a - b)
_operator("_-_", (TIMESTAMP, TIMESTAMP), DURATION, lambda a, b: Duration(a.nanos - b.nanos))
_operator("_-_", (TIMESTAMP, DURATION), TIMESTAMP, lambda a, b: a.later(-b.nanos))
_operator("_-_", (DURATION, DURATION), DURATION, lambda a, b: Duration(a.nanos - b.nanos))
_operator("_*_", (INT, INT), INT, lambda a, b: integer(a * b))
_operator("_*_", (UINT, UINT), UINT, lambda a, b: unsigned(int(a) * int(b)))
_operator("_*_", (DOUBLE, DOUBLE), DOUBLE, lambda a, b: a * b)
_operator("_/_", (INT, INT), INT, _divide)
_operator("_/_", (UINT, UINT), UINT, lambda a, b: unsigned(_divide(int(a), int(b))))
_operator("_/_", (DOUBLE, DOUBLE), DOUBLE, _divide_double)
_operator("_%_", (INT, INT), INT, _modulo)
_operator("_%_", (UINT, UINT), UINT, lambda a, b: unsigned(_modulo(int(a), int(b))))
_operator("-_", (INT,), INT, lambda a: integer(-a))
_operator("-_", (DOUBLE,), DOUBLE, lambda a: -a)

# equality and order


def _equality(sizes: Any) -> int:
    least: int = min(sizes)
    return max(math.ceil(least * 0.1), 1)


_operator("_==_", (A, A), BOOL, equal, cost=_equality)
_operator("_!=_", (A, A), BOOL, lambda a, b: not equal(a, b), cost=_equality)


def _orders() -> None:
    tests = {
        "_<_": lambda a, b: compare(a, b) < 0,
        "_<=_": lambda a, b: compare(a, b) <= 0,
        "_>_": lambda a, b: compare(a, b) > 0,
        "_>=_": lambda a, b: compare(a, b) >= 0,
    }
    numbers = (INT, UINT, DOUBLE)
    for name, test in tests.items():
        for kind in (BOOL, STRING, BYTES, TIMESTAMP, DURATION):
            _operator(name, (kind, kind), BOOL, test, cost=_equality)
        for left in numbers:
            for right in numbers:
                _operator(name, (left, right), BOOL, test)


_orders()


def _in_map(key: Any, container: dict[Any, Any]) -> bool:
    try:
        return key in container
    except TypeError:
        return False


_operator("@in", (A, list_of(A)), BOOL, lambda value, items: contains(items, value), cost=scan(1))
_operator("@in", (K, MAP), BOOL, _in_map)


_operator("_[_]", (list_of(A), INT), A, index_list)
_operator("_[_]", (MAP, K), V, index_map)

# sizes and strings

for _kind in (STRING, BYTES, LIST, MAP):
    LIBRARY.add(Overload("size", (_kind,), INT, len))
    LIBRARY.add(Overload("size", (_kind,), INT, len, member=True))


@method("contains", STRING, STRING, result=BOOL, cost=lambda s: product([math.ceil(x * 0.1) for x in s]))
def _contains(text: str, part: str) -> bool:
    return part in text


@method("startsWith", STRING, STRING, result=BOOL, cost=traversal(1))
def _starts_with(text: str, part: str) -> bool:
    return text.startswith(part)


@method("endsWith", STRING, STRING, result=BOOL, cost=traversal(1))
def _ends_with(text: str, part: str) -> bool:
    return text.endswith(part)


def regex(pattern: str) -> Any:
    """A pattern, or the error that an expression fails with."""
    try:
        return goregex.compile(pattern)
    except ValueError as error:
        raise EvaluationError(str(error)) from error


@function("matches", STRING, STRING, result=BOOL, cost=regex_cost)
@method("matches", STRING, STRING, result=BOOL, cost=regex_cost)
def _matches(text: str, pattern: str) -> bool:
    return regex(pattern).search(text) is not None


# conversions


def _no_conversion(kind: str) -> EvaluationError:
    return EvaluationError(f"type conversion error from 'string' to '{kind}'")


def _to_int(value: Any) -> int:
    if isinstance(value, str):
        if not re.fullmatch(r"[+-]?[0-9]+", value) or not INT_MIN <= int(value) <= INT_MAX:
            raise _no_conversion("int")
        return int(value)
    if isinstance(value, Timestamp):
        return value.nanos // 1_000_000_000
    if isinstance(value, float):
        if value != value or not INT_MIN <= value < INT_MAX:
            raise EvaluationError("integer overflow")
        return int(value)
    return integer(int(value))


def _to_uint(value: Any) -> Uint:
    if isinstance(value, str):
        if not re.fullmatch(r"\+?[0-9]+", value) or int(value) > UINT_MAX:
            raise _no_conversion("uint")
        return Uint(int(value))
    if isinstance(value, float) and (value != value or not 0 <= value < UINT_MAX):
        raise EvaluationError("unsigned integer overflow")
    return unsigned(int(value))


def _to_double(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        raise _no_conversion("double") from None


def _to_duration(text: str) -> Duration:
    try:
        return times.parse_duration(text)
    except EvaluationError:
        raise _no_conversion("google.protobuf.Duration") from None


def _to_bool(value: str) -> bool:
    if value in ("true", "True", "TRUE", "t", "1"):
        return True
    if value in ("false", "False", "FALSE", "f", "0"):
        return False
    raise _no_conversion("bool")


def _from_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise EvaluationError("invalid UTF-8 in bytes, cannot convert to string") from None


for _kind in (INT, UINT, DOUBLE, STRING, TIMESTAMP):
    LIBRARY.add(Overload("int", (_kind,), INT, _to_int))
for _kind in (INT, UINT, DOUBLE, STRING):
    LIBRARY.add(Overload("uint", (_kind,), UINT, _to_uint))
    LIBRARY.add(Overload("double", (_kind,), DOUBLE, _to_double))
for _kind in (BOOL, INT, UINT, DOUBLE, TIMESTAMP, DURATION):
    LIBRARY.add(Overload("string", (_kind,), STRING, times.shown))
LIBRARY.add(Overload("string", (STRING,), STRING, lambda value: value))
LIBRARY.add(Overload("string", (BYTES,), STRING, _from_bytes, cost=traversal(0)))
LIBRARY.add(Overload("bytes", (STRING,), BYTES, lambda value: value.encode(), cost=traversal(0)))
LIBRARY.add(Overload("bytes", (BYTES,), BYTES, lambda value: value))
LIBRARY.add(Overload("bool", (BOOL,), BOOL, lambda value: value))
LIBRARY.add(Overload("bool", (STRING,), BOOL, _to_bool))
LIBRARY.add(Overload("dyn", (A,), DYN, lambda value: value))
LIBRARY.add(Overload("type", (A,), type_of(A), lambda value: TypeValue(type_name(value))))
LIBRARY.add(Overload("timestamp", (STRING,), TIMESTAMP, times.parse_timestamp))
LIBRARY.add(Overload("timestamp", (INT,), TIMESTAMP, lambda value: Timestamp(value * 1_000_000_000)))
LIBRARY.add(Overload("timestamp", (TIMESTAMP,), TIMESTAMP, lambda value: value))
LIBRARY.add(Overload("duration", (STRING,), DURATION, _to_duration))
LIBRARY.add(Overload("duration", (INT,), DURATION, lambda value: Duration(value * 1_000_000_000)))
LIBRARY.add(Overload("duration", (DURATION,), DURATION, lambda value: value))

# times

for _name, _read in times.ACCESSORS.items():
    LIBRARY.add(Overload(_name, (TIMESTAMP,), INT, _read, member=True))
    LIBRARY.add(Overload(_name, (TIMESTAMP, STRING), INT, _read, member=True))
for _name, _unit in times.DURATION_UNITS.items():
    LIBRARY.add(
        Overload(_name, (DURATION,), INT, lambda value, unit=_unit: times.whole(value.nanos, unit), member=True)
    )
LIBRARY.add(Overload("getMilliseconds", (DURATION,), INT, lambda v: times.whole(v.nanos, 1_000_000), member=True))
