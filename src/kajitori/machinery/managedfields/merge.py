"""The typed merge of an apply configuration into an object, and the removal of fields nobody claims any more.

May import: machinery.managedfields.fieldset, machinery.managedfields.walk, machinery.typeschema.
"""

from __future__ import annotations

from typing import Any

from kajitori.machinery.managedfields import walk
from kajitori.machinery.managedfields.fieldset import SELF, FieldSet
from kajitori.machinery.typeschema import UNKNOWN, Schema


def merge(schema: Schema, live: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The live object with the configuration over it. Neither argument changes; parts are shared."""
    result = dict(live)
    for name, value in config.items():
        result[name] = _merge_value(schema.child(name) or UNKNOWN, live[name], value) if name in live else value
    return result


def _merge_value(schema: Schema, live: Any, config: Any) -> Any:
    if isinstance(live, dict) and isinstance(config, dict) and schema.map_type != "atomic":
        return merge(schema, live, config)
    if isinstance(live, list) and isinstance(config, list) and walk.is_granular_list(schema):
        return _merge_list(schema, walk.keyed(schema, live), walk.keyed(schema, config))
    return config


def _merge_list(schema: Schema, live: dict[str, Any], config: dict[str, Any]) -> list[Any]:
    """In the configuration's order, with items only the live list has where they stood between the others."""
    items = schema.items or UNKNOWN
    left, right = list(live), list(config)
    shared = iter([element for element in right if element in live])
    next_shared = next(shared, None)
    result = []
    i = j = 0
    while i < len(left) or j < len(right):
        if i < len(left):
            element = left[i]
            if element not in config:
                result.append(live[element])
                i += 1
                continue
            if element != next_shared:
                i += 1
                continue
        element = right[j]
        if element in live:
            result.append(_merge_value(items, live[element], config[element]))
            next_shared = next(shared, None)
        else:
            result.append(config[element])
        j += 1
    return result


def prune(schema: Schema, obj: dict[str, Any], dropped: FieldSet, kept: FieldSet) -> dict[str, Any]:
    """Without the fields of `dropped` that nobody keeps. A part goes as a whole unless something in it is kept."""
    result = dict(obj)
    for element, below in dropped.items():
        name = element[2:]
        if element == SELF or element[0] != "f" or name not in result:
            continue
        if element not in kept:
            del result[name]
        elif below:
            result[name] = _prune_value(schema.child(name) or UNKNOWN, result[name], below, kept[element])
    return result


def _prune_value(schema: Schema, value: Any, dropped: FieldSet, kept: FieldSet) -> Any:
    if isinstance(value, dict):
        return prune(schema, value, dropped, kept)
    if not isinstance(value, list) or not walk.is_granular_list(schema):
        return value
    items = schema.items or UNKNOWN
    result = []
    for element, item in walk.keyed(schema, value).items():
        below = dropped.get(element)
        if below is None:
            result.append(item)
        elif element in kept:
            result.append(_prune_value(items, item, below, kept[element]) if below else item)
    return result
