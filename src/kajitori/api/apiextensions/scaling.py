"""Are the values that a custom resource's scale subresource reads good ones? Upstream's words.

May import: machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.machinery.fieldpath import FieldError, Path, invalid
from kajitori.machinery.gotext import plus_v

Object = Mapping[str, Any]
Errors = list[FieldError]
_LARGEST = 2**31 - 1


class _Wrong(ValueError):
    """A value on the way, or at the end, of a type that was not expected."""


def spec_errors(obj: Object, paths: Mapping[str, str]) -> Errors:
    """What is wrong with the replicas that are wanted."""
    return _replicas(obj, paths.get("specReplicasPath") or "")


def status_errors(obj: Object, paths: Mapping[str, str]) -> Errors:
    """What is wrong with the replicas that are there, and with the selector."""
    errors = _replicas(obj, paths.get("statusReplicasPath") or "")
    selector = paths.get("labelSelectorPath")
    if selector:
        try:
            _dig(obj, selector, str, "string")
        except _Wrong as wrong:
            errors.append(invalid(Path(selector), "", str(wrong)))
    return errors


def _replicas(obj: Object, path: str) -> Errors:
    at = Path(path)
    try:
        count = _dig(obj, path, int, "int64")
    except _Wrong as wrong:
        return [invalid(at, 0, str(wrong))]
    if count is None:
        return []
    if count < 0:
        return [invalid(at, count, "should be a non-negative integer")]
    return [invalid(at, count, f"should be less than or equal to {_LARGEST}")] if count > _LARGEST else []


def _dig(obj: Object, path: str, wanted: type, name: str) -> Any:
    """The value at a path, or None. Raises _Wrong."""
    steps = path.removeprefix(".").split(".")
    value: Any = obj
    for depth, step in enumerate(steps):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _Wrong(_text(steps[: depth + 1], value, "map[string]interface{}"))
        if step not in value:
            return None
        value = value[step]
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise _Wrong(_text(steps, value, name))
    return value


def _text(steps: list[str], value: Any, wanted: str) -> str:
    return f".{'.'.join(steps)} accessor error: {plus_v(value)} is of the type {go_type(value)}, expected {wanted}"


def go_type(value: Any) -> str:
    """The Go type that a JSON value is decoded into."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "int64" if isinstance(value, int) else "float64"
    if isinstance(value, str):
        return "string"
    return "[]interface {}" if isinstance(value, list) else "map[string]interface {}"
