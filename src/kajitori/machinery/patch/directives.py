"""The words of strategic merge patches and what lists need of them: keys, order. May import: machinery.patch."""

from __future__ import annotations

from typing import Any

from kajitori.machinery.patch import PatchError

PATCH, DELETE, REPLACE, MERGE = "$patch", "delete", "replace", "merge"
RETAIN_KEYS = "$retainKeys"
DELETE_FROM_LIST = "$deleteFromPrimitiveList/"
SET_ORDER = "$setElementOrder/"
_ABSENT = object()


def key_of(item: Any, merge_key: str) -> Any:
    """What identifies a list item: its merge key, or itself if it is no object."""
    if not merge_key:
        return item
    if not isinstance(item, dict) or merge_key not in item:
        raise PatchError(f"map: {go_map(item)} does not contain declared merge key: {merge_key}")
    return item[merge_key]


def keys_of(items: list[Any], merge_key: str) -> list[Any]:
    """The merge key's value of each item, in order."""
    return [key_of(item, merge_key) for item in items]


def go_map(value: Any) -> str:
    """A value as Go's %v prints it."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_map(child)}" for key, child in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(go_map(child) for child in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)


def ordered(items: list[Any], merge_key: str, wanted: list[Any], server: list[Any]) -> list[Any]:
    """The items in the order a patch wants, with items it does not know kept in place relative to the server's order.

    `wanted` and `server` are lists of keys.
    """
    mine = [item for item in items if _position(wanted, key_of(item, merge_key)) >= 0]
    mine.sort(key=lambda item: _position(wanted, key_of(item, merge_key)))
    theirs = [item for item in items if _position(wanted, key_of(item, merge_key)) < 0]
    theirs.sort(key=lambda item: _position(server, key_of(item, merge_key)))
    result: list[Any] = []
    i = j = 0
    while i < len(theirs) and j < len(mine):
        left = _position(server, key_of(theirs[i], merge_key))
        right = _position(server, key_of(mine[j], merge_key))
        if 0 <= left < right:
            result.append(theirs[i])
            i += 1
        else:
            result.append(mine[j])
            j += 1
    return result + theirs[i:] + mine[j:]


def _position(keys: list[Any], key: Any) -> int:
    try:
        return keys.index(key)
    except ValueError:
        return -1


def without_directives(value: Any) -> Any:
    """A patch value that meets nothing to merge with: only its data is left."""
    if isinstance(value, dict):
        return {
            key: without_directives(child)
            for key, child in value.items()
            if child is not None
            and key not in (PATCH, RETAIN_KEYS)
            and not key.startswith((DELETE_FROM_LIST, SET_ORDER))
        }
    if isinstance(value, list):
        kept = (item for item in value if not (isinstance(item, dict) and item.get(PATCH) == DELETE))
        return [without_directives(item) for item in kept if not (isinstance(item, dict) and item == {PATCH: REPLACE})]
    return value
