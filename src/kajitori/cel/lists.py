"""List functions: Kubernetes' list and set libraries. May import: cel.{overloads, types, values}."""

from __future__ import annotations

import itertools
from typing import Any

from kajitori.cel.errors import EvaluationError
from kajitori.cel.overloads import A, Library, product, scan
from kajitori.cel.types import BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, UINT, list_of
from kajitori.cel.values import Duration, Uint, compare, contains, equal, integer, unsigned

LIBRARY = Library()
method, function = LIBRARY.method, LIBRARY.function
_LIST = list_of(A)
_SCAN = scan(0)


def _is_sorted(items: list[Any]) -> bool:
    return all(compare(a, b) <= 0 for a, b in itertools.pairwise(items))


def _extreme(name: str, sign: int) -> Any:
    def find(items: list[Any]) -> Any:
        if not items:
            raise EvaluationError(f"{name} called on empty list")
        best = items[0]
        for item in items[1:]:
            if compare(item, best) * sign > 0:
                best = item
        return best

    return find


for _kind in (INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES):
    method("isSorted", list_of(_kind), result=BOOL, cost=_SCAN)(_is_sorted)
    method("max", list_of(_kind), result=_kind, cost=_SCAN)(_extreme("max", 1))
    method("min", list_of(_kind), result=_kind, cost=_SCAN)(_extreme("min", -1))


def _all(kind: type, items: list[Any]) -> list[Any]:
    """Items of a list that nobody has checked before: they must be of one type to be added."""
    if any(type(item) is not kind for item in items):
        raise EvaluationError("no such overload")
    return items


@method("sum", list_of(INT), result=INT, cost=_SCAN)
def _sum(items: list[Any]) -> int:
    return integer(sum(_all(int, items)))


@method("sum", list_of(UINT), result=UINT, cost=_SCAN)
def _sum_unsigned(items: list[Any]) -> Any:
    return unsigned(sum(map(int, _all(Uint, items))))


@method("sum", list_of(DOUBLE), result=DOUBLE, cost=_SCAN)
def _sum_double(items: list[Any]) -> float:
    return float(sum(_all(float, items)))


@method("sum", list_of(DURATION), result=DURATION, cost=_SCAN)
def _sum_durations(items: list[Any]) -> Duration:
    return Duration(sum(item.nanos for item in _all(Duration, items)))


@method("indexOf", _LIST, A, result=INT, cost=_SCAN)
def _index_of(items: list[Any], value: Any) -> int:
    return next((index for index, item in enumerate(items) if equal(item, value)), -1)


@method("lastIndexOf", _LIST, A, result=INT, cost=_SCAN)
def _last_index_of(items: list[Any], value: Any) -> int:
    return next((index for index in range(len(items) - 1, -1, -1) if equal(items[index], value)), -1)


@function("sets.contains", _LIST, _LIST, result=BOOL, cost=product)
def _set_contains(items: list[Any], wanted: list[Any]) -> bool:
    return all(contains(items, item) for item in wanted)


@function("sets.equivalent", _LIST, _LIST, result=BOOL, cost=lambda s: 2 * product(s))
def _set_equivalent(one: list[Any], other: list[Any]) -> bool:
    return _set_contains(one, other) and _set_contains(other, one)


@function("sets.intersects", _LIST, _LIST, result=BOOL, cost=product)
def _set_intersects(one: list[Any], other: list[Any]) -> bool:
    return any(contains(one, item) for item in other)
