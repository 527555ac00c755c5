"""The fields of an object, and the difference of two, as field sets.

Lists of type `map` and `set` are walked item by item, everything atomic is one field. Where the schema knows nothing,
maps are walked and lists are atomic. May import: orjson, machinery.managedfields.fieldset, machinery.typeschema.
"""

from __future__ import annotations

from typing import Any

import orjson

from kajitori.machinery.managedfields.fieldset import SELF, FieldSet
from kajitori.machinery.typeschema import UNKNOWN, Schema


def item_key(schema: Schema, item: Any) -> str:
    """The path element of an item in a list of type `map`."""
    keys = schema.list_map_keys
    if len(keys) == 1:
        name = keys[0]
        value = item.get(name, schema.key_defaults.get(name))
        if type(value) is str and value.isalnum() and value.isascii():
            return f'k:{{"{name}":"{value}"}}'
        return f'k:{{"{name}":{orjson.dumps(value).decode()}}}'
    found = {}
    for name in sorted(keys):
        value = item.get(name, schema.key_defaults.get(name))
        if value is not None:
            found[name] = value
    return "k:" + orjson.dumps(found).decode()


def item_value(item: Any) -> str:
    """The path element of an item in a list of type `set`."""
    return "v:" + orjson.dumps(item).decode()


def keyed(schema: Schema, items: list[Any]) -> dict[str, Any]:
    """The items of a granular list by path element; of duplicates the first counts."""
    result: dict[str, Any] = {}
    if schema.list_type == "map":
        for item in items:
            if isinstance(item, dict):
                result.setdefault(item_key(schema, item), item)
    else:
        for item in items:
            result.setdefault(item_value(item), item)
    return result


def is_granular_list(schema: Schema) -> bool:
    """Whether items have owners of their own (`map`, `set`), or the list is one field (`atomic`)."""
    return schema.list_type in ("map", "set")


def added(schema: Schema, obj: dict[str, Any], blank: dict[str, Any]) -> FieldSet:
    """Everything that whoever creates this object sets: what one has that nobody has set is `blank`."""
    result: FieldSet = {}
    _compare_map(schema, blank, obj, result, {})
    return result


def _added_map(schema: Schema, obj: dict[str, Any]) -> FieldSet:
    result: FieldSet = {}
    properties, additional = schema.properties, schema.additional
    for name, value in obj.items():
        kind = type(value)
        if kind is not dict and kind is not list:
            result["f:" + name] = {}
            continue
        node = _added_value(properties.get(name) or additional or UNKNOWN, value)
        if node:
            node[SELF] = {}
        result["f:" + name] = node
    return result


def _added_value(schema: Schema, value: Any) -> FieldSet:
    if type(value) is dict:
        return {} if schema.map_type == "atomic" else _added_map(schema, value)
    list_type = schema.list_type
    if list_type == "map":
        items = schema.items or UNKNOWN
        result: FieldSet = {}
        for item in value:
            if type(item) is dict:
                element = item_key(schema, item)
                result[element] = _whole_item(items, item) if element not in result else {}
        return result
    if list_type == "set":
        return {item_value(item): {} for item in value}
    return {}


def mentioned(schema: Schema, obj: dict[str, Any]) -> FieldSet:
    """The fields that an apply configuration names: leaves, list items and map entries, but no structs."""
    result: FieldSet = {}
    properties, additional = schema.properties, schema.additional
    for name, value in obj.items():
        if not isinstance(value, dict | list):
            result["f:" + name] = {}
            continue
        known = properties.get(name)
        node = _mentioned_value(known or additional or UNKNOWN, value)
        if known is None and node is None:
            node = {}  # an entry of a map is there though it holds nothing
        if node is not None:
            if known is None and node:
                node[SELF] = {}
            result["f:" + name] = node
    return result


def _mentioned_value(schema: Schema, value: Any) -> FieldSet | None:
    """None for what names nothing: an empty granular list, a struct of such."""
    if isinstance(value, dict):
        if not value or schema.map_type == "atomic":
            return {}
        return mentioned(schema, value) or None
    if not is_granular_list(schema):
        return {}
    if schema.list_type == "set":
        return {item_value(item): {} for item in value} or None
    items = schema.items or UNKNOWN
    result: FieldSet = {}
    for item in value:
        node = mentioned(items, item) if isinstance(item, dict) and items.map_type != "atomic" else {}
        result[item_key(schema, item)] = {SELF: {}, **node} if node else {}
    return result or None


def compare(schema: Schema, old: dict[str, Any], new: dict[str, Any]) -> tuple[FieldSet, FieldSet]:
    """The fields that are new or different in `new`, and those that only `old` has."""
    changed: FieldSet = {}
    removed: FieldSet = {}
    _compare_map(schema, old, new, changed, removed)
    return changed, removed


def _compare_map(
    schema: Schema, old: dict[str, Any], new: dict[str, Any], changed: FieldSet, removed: FieldSet
) -> None:
    only_new = {}
    for name, value in new.items():
        if name not in old:
            only_new[name] = value
        elif old[name] != value:
            child = schema.child(name) or UNKNOWN
            _compare_value(child, old[name], value, "f:" + name, changed, removed)
    if only_new:
        changed.update(_added_map(schema, only_new))
    if len(new) - len(only_new) < len(old):
        removed.update(_added_map(schema, {name: value for name, value in old.items() if name not in new}))


def _compare_value(schema: Schema, old: Any, new: Any, element: str, changed: FieldSet, removed: FieldSet) -> None:
    if old is None and isinstance(new, dict | list):  # there, but with nothing in it
        old = type(new)()
    if isinstance(old, dict) and isinstance(new, dict) and schema.map_type != "atomic":
        below = (schema, old, new)
        walk = _compare_map
    elif isinstance(old, list) and isinstance(new, list) and is_granular_list(schema):
        below = (schema, keyed(schema, old), keyed(schema, new))
        walk = _compare_items
    else:
        changed[element] = {}
        return
    child_changed: FieldSet = {}
    child_removed: FieldSet = {}
    walk(*below, child_changed, child_removed)
    if child_changed:
        changed[element] = child_changed
    if child_removed:
        removed[element] = child_removed


def _compare_items(
    schema: Schema, old: dict[str, Any], new: dict[str, Any], changed: FieldSet, removed: FieldSet
) -> None:
    items = schema.items or UNKNOWN
    for element, item in new.items():
        if element not in old:
            changed[element] = _whole_item(items, item)
        elif old[element] != item:
            _compare_value(items, old[element], item, element, changed, removed)
    for element, item in old.items():
        if element not in new:
            removed[element] = _whole_item(items, item)


def _whole_item(schema: Schema, item: Any) -> FieldSet:
    node = _added_map(schema, item) if isinstance(item, dict) and schema.map_type != "atomic" else {}
    return {SELF: {}, **node} if node else {}
