"""Numbers against a schema: their range, their bounds, what they are multiples of. Upstream's words and quirks.

A number without a point counts as an integer and is compared with bounds as one. Pure. May import: machinery.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kajitori.machinery import fieldpath, gofloat
from kajitori.machinery.fieldpath import FieldError, Path
from kajitori.machinery.gotext import Go

Raw = Mapping[str, Any]
Errors = list[FieldError]
NIL = Path("<nil>")
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_LARGEST_SAFE = 2**53 - 1
_LARGEST_FLOAT = 3.4028234663852886e38


def is_whole(value: float) -> bool:
    """Whether a number with a point stands for an integer in JSON."""
    return abs(value) <= _LARGEST_SAFE and value.is_integer()


def shown(value: float) -> Any:
    """A number as errors show it."""
    return Go(gofloat.shown(value)) if isinstance(value, float) else value


def errors(raw: Raw, value: float, path: str) -> Errors:
    """Everything wrong with a number."""
    found = [] if _in_range(value, raw) else [_out_of_range(raw, path)]
    found += _multiple(raw, value, path)
    return found + _bounds(raw, value, path)


def _out_of_range(raw: Raw, path: str) -> FieldError:
    shape = f"with format {raw['format']}" if raw.get("format") else "(default format)"
    message = f"Checked value must be of type {raw.get('type') or ''} {shape} in {path}"
    return fieldpath.invalid(NIL, "", message)


def _in_range(value: float, raw: Raw) -> bool:
    kind, shape = raw.get("type"), raw.get("format") or ""
    if kind == "integer":
        low, high = _RANGES.get(shape, _RANGES["int64"])
        return math.isfinite(value) and value == int(value) and low <= int(value) <= high
    return shape != "float" or abs(value) <= _LARGEST_FLOAT


def _multiple(raw: Raw, value: float, path: str) -> Errors:
    factor = raw.get("multipleOf")
    if factor is None:
        return []
    at = Path(path)
    if isinstance(value, int):
        whole = int(factor)
        if whole <= 0:
            message = f"factor MultipleOf declared for {path} must be positive: {whole}"
            return [fieldpath.invalid(at, whole, message)]
        good, said = value % whole == 0, str(whole)
    else:
        if factor <= 0:
            message = f"factor MultipleOf declared for {path} must be positive: {gofloat.shown(factor)}"
            return [fieldpath.invalid(at, shown(float(factor)), message)]
        times = 1 / factor * value if factor < 1 else value / factor
        good, said = _nearly_whole(times), gofloat.shown(factor)
    return [] if good else [fieldpath.invalid(at, shown(value), f"{path} in body should be a multiple of {said}")]


def _nearly_whole(value: float) -> bool:
    if not math.isfinite(value) or abs(value) > _LARGEST_SAFE:
        return False
    difference = abs(value - int(value))
    if difference in (0, 1):
        return True
    return difference / max(abs(value), abs(int(value)), 1) < 1e-9 or abs(difference - 1) < 1e-9


def _bounds(raw: Raw, value: float, path: str) -> Errors:
    found: Errors = []
    at = Path(path)
    low, top = raw.get("minimum"), raw.get("maximum")
    if low is not None:
        exclusive = raw.get("exclusiveMinimum")
        if value <= low if exclusive else value < low:
            words = "greater than" if exclusive else "greater than or equal to"
            found.append(fieldpath.invalid(at, shown(value), f"{path} in body should be {words} {_bound(low, value)}"))
    if top is not None:
        exclusive = raw.get("exclusiveMaximum")
        if value >= top if exclusive else value > top:
            words = "less than" if exclusive else "less than or equal to"
            found.append(fieldpath.invalid(at, shown(value), f"{path} in body should be {words} {_bound(top, value)}"))
    return found


def _bound(bound: float, value: float) -> str:
    """A bound of an integer is shown as one."""
    return str(int(bound)) if isinstance(value, int) and float(bound).is_integer() else gofloat.shown(bound)
