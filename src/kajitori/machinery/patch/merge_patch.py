"""JSON merge patch (RFC 7386): what is named replaces, null removes, objects merge. May import: nothing."""

from __future__ import annotations

from typing import Any


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


def create(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The smallest patch that makes `new` of `old`."""
    patch: dict[str, Any] = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            child = create(before, value)
            if child:
                patch[key] = child
        elif key not in old or before != value or isinstance(before, bool) != isinstance(value, bool):
            patch[key] = value
    return patch


def create_three_way(original: dict[str, Any], modified: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    """What `kubectl apply` sends for custom resources: changes against `current`, removals against `original`."""
    patch = _changes(current, modified)
    return _with_removals(patch, _removals(original, modified))


def _changes(current: dict[str, Any], modified: dict[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, value in modified.items():
        before = current.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            child = _changes(before, value)
            if child:
                patch[key] = child
        elif key not in current or before != value:
            patch[key] = value
    return patch


def _removals(original: dict[str, Any], modified: dict[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {key: None for key in original if key not in modified}
    for key, value in modified.items():
        before = original.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            child = _removals(before, value)
            if child:
                patch[key] = child
    return patch


def _with_removals(patch: dict[str, Any], removals: dict[str, Any]) -> dict[str, Any]:
    result = dict(patch)
    for key, value in removals.items():
        mine = result.get(key)
        result[key] = _with_removals(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return result
