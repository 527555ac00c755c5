"""``--overrides``: JSON put over a generated object, as merge, strategic or JSON patch. May import: machinery.patch."""

from __future__ import annotations

import json
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.machinery.patch import PatchError, merge_patch

Wire = dict[str, Any]


def overridden(obj: Wire, text: str, how: str) -> Wire:
    """A new object. Raises `UsageError` for no JSON, a patch that does not apply, and an unknown type."""
    try:
        patch = json.loads(text)
    except ValueError as error:
        raise UsageError(f"error: {error}") from error
    try:
        if how == "json":
            from kajitori.machinery.patch import json_patch

            made = json_patch.apply(obj, patch)
        elif how == "strategic":
            from kajitori.api import schema
            from kajitori.machinery.patch import strategic

            group, _, version = obj["apiVersion"].rpartition("/")
            made = strategic.apply(obj, patch, schema.for_kind(group, version, obj["kind"]))
        elif how == "merge":
            made = merge_patch.apply(obj, patch)
        else:
            raise UsageError(f"error: invalid override type: {how}")
    except PatchError as error:
        raise UsageError(f"error: {error}") from error
    assert isinstance(made, dict)
    return made
