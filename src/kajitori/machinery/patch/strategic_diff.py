"""Making strategic merge patches: what changed, what an earlier manifest had and the new one has not.

`kubectl apply` sends the three-way patch, `kubectl edit`, `label` and their kin the two-way one.
May import: machinery.patch, machinery.typeschema.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kajitori.machinery.patch.directives import (
    DELETE,
    DELETE_FROM_LIST,
    MERGE,
    PATCH,
    REPLACE,
    RETAIN_KEYS,
    SET_ORDER,
    key_of,
    keys_of,
)
from kajitori.machinery.typeschema import UNKNOWN, Schema

Map = dict[str, Any]


@dataclass(frozen=True)
class _Options:
    changes: bool = True
    deletions: bool = True
    order: bool = False
    retain_keys: bool = False


def create_two_way(original: Map, modified: Map, schema: Schema) -> Map:
    """The patch that makes `modified` of `original`."""
    return _diff(original, modified, schema, _Options(order=True))


def create_three_way(original: Map, modified: Map, current: Map, schema: Schema) -> Map:
    """Changes from `current` to `modified`, and removal of what only `original` had.

    `original` is the manifest last applied, `modified` the new one, `current` the live object.
    """
    changes = _diff(current, modified, schema, _Options(deletions=False, order=True))
    removals = _diff(original, modified, schema, _Options(changes=False, order=True))
    return _combine(removals, changes, schema)


def _diff(old: Map, new: Map, schema: Schema, options: _Options) -> Map:
    patch: Map = {}
    here = replace(options, retain_keys=False)
    for key in sorted(old):
        if key not in new:
            if options.deletions:
                patch[key] = None
            continue
        before, after = old[key], new[key]
        child = schema.child(key) or UNKNOWN
        if isinstance(before, dict) and isinstance(after, dict) and REPLACE not in child.patch_strategies:
            retain = "retainKeys" in child.patch_strategies
            changed = _diff(before, after, child, replace(here, retain_keys=retain))
            if changed:
                patch[key] = changed
        elif isinstance(before, list) and isinstance(after, list) and MERGE in child.patch_strategies:
            _diff_list(patch, key, before, after, child, here)
        elif options.changes and (before != after or isinstance(before, bool) != isinstance(after, bool)):
            patch[key] = after
    if options.changes:
        patch.update({key: value for key, value in new.items() if key not in old})
    if options.retain_keys and (patch or any(key not in new for key, value in old.items() if value is not None)):
        patch[RETAIN_KEYS] = sorted(key for key, value in new.items() if value is not None)
    return patch


def _diff_list(patch: Map, key: str, old: list[Any], new: list[Any], schema: Schema, options: _Options) -> None:
    if not schema.merge_key or not any(isinstance(item, dict) for item in (*old, *new)):
        _diff_scalars(patch, key, old, new, options)
        return
    merge_key = schema.merge_key
    changed = _diff_items(old, new, schema, options)
    if changed:
        patch[key] = changed
    old_keys, new_keys = keys_of(old, merge_key), keys_of(new, merge_key)
    common_old = [k for k in old_keys if k in new_keys]
    common_new = [k for k in new_keys if k in old_keys]
    if options.order and (changed or common_old != common_new):
        patch[SET_ORDER + key] = [{merge_key: name} for name in new_keys]


def _diff_items(old: list[Any], new: list[Any], schema: Schema, options: _Options) -> list[Any]:
    merge_key, items = schema.merge_key, schema.items or UNKNOWN
    before = list(zip(keys_of(old, merge_key), old, strict=True))
    known = keys_of(new, merge_key)
    retain = replace(options, retain_keys="retainKeys" in schema.patch_strategies)
    changed: list[Any] = []
    for item in new:
        name = key_of(item, merge_key)
        match = next((other for other_name, other in before if other_name == name), None)
        if match is None:
            if options.changes:
                changed.append(item)
            continue
        difference = _diff(match, item, items, retain)
        if difference:
            changed.append({merge_key: name, **difference})
    if options.deletions:
        changed.extend({PATCH: DELETE, merge_key: name} for name, _ in before if name not in known)
    return changed


def _diff_scalars(patch: Map, key: str, old: list[Any], new: list[Any], options: _Options) -> None:
    added = [item for item in new if item not in old] if options.changes else []
    removed = [item for item in old if item not in new] if options.deletions else []
    if added:
        patch[key] = added
    if removed:
        patch[DELETE_FROM_LIST + key] = removed
    same_order = [item for item in old if item in new] == [item for item in new if item in old]
    if options.order and (added or removed or not same_order):
        patch[SET_ORDER + key] = new


def _combine(removals: Map, changes: Map, schema: Schema) -> Map:
    """Two patches as one; changes win where both speak."""
    result = dict(removals)
    for key, value in changes.items():
        mine = result.get(key)
        child = schema.child(key) or UNKNOWN
        if isinstance(mine, dict) and isinstance(value, dict):
            result[key] = _combine(mine, value, child)
        elif isinstance(mine, list) and isinstance(value, list) and not key.startswith("$"):
            result[key] = _combine_lists(mine, value, child)
        else:
            result[key] = value
    return result


def _combine_lists(removals: list[Any], changes: list[Any], schema: Schema) -> list[Any]:
    merge_key = schema.merge_key
    if not merge_key:
        return changes + [item for item in removals if item not in changes]
    items = schema.items or UNKNOWN
    rest = list(removals)
    result = []
    for item in changes:
        name = key_of(item, merge_key)
        match = next((other for other in rest if key_of(other, merge_key) == name), None)
        if match is not None:
            rest.remove(match)
        if match is None or match.get(PATCH) == DELETE:
            result.append(item)
        else:
            result.append(_combine(match, item, items))
    return result + rest
