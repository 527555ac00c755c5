"""Optional values. `?.`, `[?]`, optMap and optFlatMap are syntax: see the parser.

May import: cel.{overloads, types, values}.
"""

from __future__ import annotations

from typing import Any

from kajitori.cel.errors import EvaluationError
from kajitori.cel.overloads import A, Library
from kajitori.cel.types import BOOL, DYN, list_of, optional_of
from kajitori.cel.values import NONE, Duration, Optional, Timestamp

LIBRARY = Library()
function, method = LIBRARY.function, LIBRARY.method
_OPTIONAL = optional_of(A)


@function("optional.of", A, result=_OPTIONAL)
def _of(value: Any) -> Optional:
    return Optional(value)


@function("optional.none", result=optional_of(DYN))
def _none() -> Optional:
    return NONE


@function("optional.ofNonZeroValue", A, result=_OPTIONAL)
def _of_non_zero(value: Any) -> Optional:
    zero = value is None or (
        value.nanos == 0
        if isinstance(value, Duration | Timestamp)
        else not value
        if isinstance(value, bool | int | float | str | bytes | list | dict)
        else False
    )
    return NONE if zero else Optional(value)


@function("optional.unwrap", list_of(_OPTIONAL), result=list_of(A))
@method("unwrapOpt", list_of(_OPTIONAL), result=list_of(A))
def _unwrap(items: list[Optional]) -> list[Any]:
    return [item.value for item in items if item.present]


@method("hasValue", _OPTIONAL, result=BOOL)
def _has_value(value: Optional) -> bool:
    return value.present


@method("first", list_of(A), result=_OPTIONAL)
def _first(items: list[Any]) -> Optional:
    return Optional(items[0]) if items else NONE


@method("last", list_of(A), result=_OPTIONAL)
def _last(items: list[Any]) -> Optional:
    return Optional(items[-1]) if items else NONE


@method("value", _OPTIONAL, result=A)
def _value(value: Optional) -> Any:
    if not value.present:
        raise EvaluationError("optional.none() dereference")
    return value.value


@method("orValue", _OPTIONAL, A, result=A)
def _or_value(value: Optional, default: Any) -> Any:
    return value.value if value.present else default


@method("or", _OPTIONAL, _OPTIONAL, result=_OPTIONAL)
def _or(value: Optional, other: Optional) -> Optional:
    return value if value.present else other
