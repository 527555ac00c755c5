"""JSON merge patch (RFC 7386): what is named replaces, null removes, objects merge. May import: nothing."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def apply(document: Any, patch: Any) -> Any:
    """The document after the patch."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = apply(result.get(key), value)
    return result


def create(old: Document, new: Document) -> Document:
    """The smallest patch that makes `new` of `old`."""
    return _difference(old, new, changes=True, removals=True)


def create_three_way(original: Document, modified: Document, current: Document) -> Document:
    """What `kubectl apply` sends for custom resources: changes against `current`, removals against `original`."""
    patch = _difference(current, modified, changes=True, removals=False)
    return _with_removals(patch, _difference(original, modified, changes=False, removals=True))


def _difference(old: Document, new: Document, *, changes: bool, removals: bool) -> Document:
    patch: Document = {key: None for key in old if key not in new} if removals else {}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            child = _difference(before, value, changes=changes, removals=removals)
            if child:
                patch[key] = child
        elif changes and (key not in old or before != value or isinstance(before, bool) != isinstance(value, bool)):
            patch[key] = value
    return patch


def _with_removals(patch: Document, removals: Document) -> Document:
    result = dict(patch)
    for key, value in removals.items():
        mine = result.get(key)
        result[key] = _with_removals(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return result
