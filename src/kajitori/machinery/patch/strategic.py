"""Strategic merge patch: lists merge by key, and directives delete, replace, order and retain.

`apply` is the server's half. `create_two_way` and `create_three_way` (in `strategic_diff`) are the client's.
Where the schema knows nothing of a field, maps merge and lists are replaced.
May import: machinery.patch, machinery.typeschema.
"""

from __future__ import annotations

from typing import Any

from kajitori.machinery.patch import PatchError, PatchFormatError
from kajitori.machinery.patch.directives import (
    DELETE,
    DELETE_FROM_LIST,
    MERGE,
    PATCH,
    REPLACE,
    RETAIN_KEYS,
    SET_ORDER,
    go_map,
    key_of,
    keys_of,
    ordered,
    without_directives,
)
from kajitori.machinery.patch.strategic_diff import create_three_way, create_two_way
from kajitori.machinery.typeschema import UNKNOWN, Schema

_RETAIN = "invalid patch format of retainKeys"
__all__ = ["apply", "create_three_way", "create_two_way"]


def apply(document: dict[str, Any], patch: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """The document after the patch. Raises PatchError."""
    if not isinstance(patch, dict):
        raise PatchError("Invalid JSON document")
    return _merge_map(document, patch, schema)


def _merge_map(original: dict[str, Any], patch: dict[str, Any], schema: Schema) -> dict[str, Any]:
    directive = patch.get(PATCH)
    if directive == REPLACE:
        return {key: value for key, value in patch.items() if key != PATCH}
    if directive == DELETE:
        return {}
    if directive is not None and directive != MERGE:
        raise PatchError(f"unknown patch type: {directive} in map: {go_map(patch)}")
    result = _retained(original, patch)
    deletions = {key.removeprefix(DELETE_FROM_LIST): value for key, value in patch.items() if _deletes(key)}
    orders = {key.removeprefix(SET_ORDER): value for key, value in patch.items() if key.startswith(SET_ORDER)}
    for key, order in orders.items():
        _check_order(order, patch.get(key), schema.child(key) or UNKNOWN)
    for key, unwanted in deletions.items():
        if isinstance(result.get(key), list):
            result[key] = [item for item in result[key] if item not in unwanted]
    for key, value in patch.items():
        if key in (PATCH, RETAIN_KEYS) or key.startswith((DELETE_FROM_LIST, SET_ORDER)):
            continue
        if value is None:
            result.pop(key, None)
        elif key not in result:
            result[key] = without_directives(value)
        else:
            result[key] = _merge_value(result[key], value, schema.child(key) or UNKNOWN)
    for key, order in orders.items():
        if isinstance(result.get(key), list):
            result[key] = _in_order(result[key], order, original.get(key) or [], schema.child(key) or UNKNOWN)
    return result


def _check_order(order: Any, items: Any, schema: Schema) -> None:
    """What a patch names in a list stands in the list's order too, and in that order."""
    if not isinstance(order, list):
        raise PatchError(f"expected a []interface {{}}, but received a {'string' if isinstance(order, str) else 'map'}")
    if not isinstance(items, list):
        return
    key = schema.merge_key if any(isinstance(item, dict) for item in items) else ""
    named = [item.get(key) if key else item for item in items if not (isinstance(item, dict) and PATCH in item)]
    wanted = iter([item.get(key) if isinstance(item, dict) else item for item in order])
    if not all(any(name == other for other in wanted) for name in named):
        raise PatchError(
            f"The order in patch list:\n{go_map(items)}\n doesn't match $setElementOrder list:\n{go_map(order)}\n"
        )


def _deletes(key: str) -> bool:
    return key.startswith(DELETE_FROM_LIST)


def _retained(original: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    keep = patch.get(RETAIN_KEYS)
    if keep is None:
        return dict(original)
    if not isinstance(keep, list):
        raise PatchFormatError(_RETAIN)
    for key, value in patch.items():
        if value is not None and not key.startswith("$") and key not in keep:
            raise PatchFormatError(_RETAIN)
    return {key: value for key, value in original.items() if key in keep}


def _merge_value(original: Any, patch: Any, schema: Schema) -> Any:
    if isinstance(original, dict) and isinstance(patch, dict) and REPLACE not in schema.patch_strategies:
        return _merge_map(original, patch, schema)
    if isinstance(original, list) and isinstance(patch, list) and MERGE in schema.patch_strategies:
        return _merge_list(original, patch, schema)
    return without_directives(patch) if isinstance(patch, dict | list) else patch


def _merge_list(original: list[Any], patch: list[Any], schema: Schema) -> list[Any]:
    merge_key = schema.merge_key
    if not merge_key or not any(isinstance(item, dict) for item in (*original, *patch)):
        merged = list(original)
        merged.extend(item for item in patch if item not in merged)
        return ordered(merged, "", patch, original)
    original, patch = _special_items(original, patch, merge_key)
    items = schema.items or UNKNOWN
    merged = list(original)
    positions = {_hashable(key_of(item, merge_key)): index for index, item in enumerate(merged)}
    for item in patch:
        key = _hashable(key_of(item, merge_key))
        if key in positions:
            merged[positions[key]] = _merge_map(merged[positions[key]], item, items)
        else:
            positions[key] = len(merged)
            merged.append(without_directives(item))
    return ordered(merged, merge_key, keys_of(patch, merge_key), keys_of(original, merge_key))


def _special_items(original: list[Any], patch: list[Any], merge_key: str) -> tuple[list[Any], list[Any]]:
    """Carries out the items that are directives: what is left of the list and of the patch."""
    kept = []
    replacing = False
    for item in patch:
        directive = item.get(PATCH) if isinstance(item, dict) else None
        if directive == DELETE:
            if merge_key not in item:
                raise PatchError(f"delete patch type with no merge key defined: {merge_key}")
            original = [other for other in original if key_of(other, merge_key) != item[merge_key]]
        elif directive == REPLACE:
            replacing = True
            rest = {key: value for key, value in item.items() if key != PATCH}
            if rest:
                kept.append(rest)
        elif directive == MERGE or directive is None:
            kept.append(item)
        else:
            raise PatchError(f"unknown patch type: {directive} in map: {go_map(item)}")
    return ([] if replacing else original), kept


def _in_order(items: list[Any], order: list[Any], original: list[Any], schema: Schema) -> list[Any]:
    """`$setElementOrder` lists scalars, or objects that hold just the merge key."""
    maps = any(isinstance(item, dict) for item in items)
    merge_key = schema.merge_key if maps else ""
    wanted = [item.get(merge_key) if isinstance(item, dict) else item for item in order]
    return ordered(items, merge_key, wanted, keys_of(original, merge_key))


def _hashable(key: Any) -> Any:
    return repr(key) if isinstance(key, dict | list) else key
