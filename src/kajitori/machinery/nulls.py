"""JSON without nulls. Pure. May import: the standard library."""

from __future__ import annotations

from typing import Any


def without_nulls(value: Any) -> Any:
    """A copy: other servers write null for empty lists and maps."""
    if isinstance(value, dict):
        return {key: without_nulls(child) for key, child in value.items() if child is not None}
    if isinstance(value, list):
        return [without_nulls(child) for child in value]
    return value
