"""A custom resource's schema as it was sent (openAPIV3Schema), searched whole. Pure.

May import: nothing of the house.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def anywhere(raw: Any, says: Callable[[Mapping[str, Any]], object], junctors: Sequence[str] = ()) -> bool:
    """Whether a schema, or one of those of what its values hold, says so; with `junctors` also those of its parts."""
    if not isinstance(raw, Mapping):
        return False
    if says(raw):
        return True
    below = [*(raw.get("properties") or {}).values(), raw.get("items"), raw.get("additionalProperties")]
    for name in junctors:
        below += raw.get(name) or ()
    return any(anywhere(child, says, junctors) for child in below)
