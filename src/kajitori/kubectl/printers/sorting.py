"""``--sort-by``: orders objects or table rows by a JSONPath, as upstream compares values.

Quantities by size, texts with their numbers by value (``pod-9`` before ``pod-10``), missing values first.
May import: kubectl.templates, machinery.quantity.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.templates.golex import TemplateError
from kajitori.kubectl.templates.jsonpath import relaxed, values_at

T = TypeVar("T")
MISSING = object()
_CHUNK = re.compile(r"\d+|\D+")


class NoSuchField(UsageError):
    """No object has the field to sort by."""


def sort_by(items: list[T], expression: str, object_of: Callable[[T], Any]) -> list[T]:
    """The items in order. Raises UsageError when no object has such a field."""
    try:
        path = relaxed(expression)
        values = [(values_at(path, object_of(item)) or [MISSING])[0] for item in items]
    except TemplateError as error:
        raise UsageError(f"error: {error}") from error
    if items and all(value is MISSING for value in values):
        raise no_such_field(expression)
    pairs = sorted(zip(values, items, strict=True), key=lambda pair: Order(pair[0]))
    return [item for _, item in pairs]


def no_such_field(expression: str) -> NoSuchField:
    """Raises UsageError for what is no path."""
    try:
        path = relaxed(expression)
    except TemplateError as error:
        raise UsageError(f"error: {error}") from error
    return NoSuchField(f'error: couldn\'t find any field with path "{path}" in the list of objects')


@functools.total_ordering
class Order:
    """A value that can be compared with any other."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Order) and self.value is other.value

    def __lt__(self, other: Order) -> bool:
        a, b = self.value, other.value
        if a is MISSING or b is MISSING:
            return a is MISSING and b is not MISSING
        if isinstance(a, str) and isinstance(b, str):
            return _text_less(a, b)
        try:
            return bool(a < b)
        except TypeError as error:
            raise UsageError(f"error: unsortable type: {type(a).__name__}") from error


def _text_less(a: str, b: str) -> bool:
    from kajitori.machinery.quantity import Quantity, QuantityError

    if a[:1].isdigit() and b[:1].isdigit():
        try:
            return Quantity.parse(a) < Quantity.parse(b)
        except QuantityError:
            pass
    return _natural(a) < _natural(b)


def _natural(text: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), part) if part.isdigit() else (1, 0, part) for part in _CHUNK.findall(text)]
