"""Whether an applied configuration fits its schema, in the words of upstream's typed values.

Nothing that does not fit is dropped in silence: nobody could own it. Every fault is found, each with its path.
May import: orjson, machinery.managedfields.walk, machinery.typeschema, machinery.gotext.
"""

from __future__ import annotations

from typing import Any

import orjson

from kajitori.machinery.gotext import plus_v, sharp_v
from kajitori.machinery.managedfields.walk import is_granular_list, item_key, item_value
from kajitori.machinery.typeschema import (
    ARRAY,
    BOOLEAN,
    INT_OR_STRING,
    INTEGER,
    NUMBER,
    OBJECT,
    QUANTITY,
    STRING,
    UNKNOWN,
    Schema,
)

_NUMBERS = frozenset({INTEGER, NUMBER})
_UNTYPED = frozenset({INT_OR_STRING, QUANTITY})
_GO_TYPES = {str: "string", bool: "bool", dict: "map[string]interface {}", list: "[]interface {}"}


def faults(schema: Schema, config: dict[str, Any]) -> list[str]:
    """What is wrong with the configuration, `.spec.replicas: expected numeric (int or float), got string`."""
    found: list[str] = []
    _check(schema, config, "", found)
    return found


def _check(schema: Schema, value: Any, path: str, found: list[str]) -> None:
    if value is None:
        return
    wanted = schema.type
    if wanted == OBJECT:
        if type(value) is dict:
            _check_map(schema, value, path, found)
        else:
            found.append(f"{path}: expected map, got &{{{plus_v(value)}}}")
    elif wanted == ARRAY:
        if type(value) is list:
            _check_list(schema, value, path, found)
        else:
            found.append(f"{path}: expected list, got &{{{plus_v(value)}}}")
    else:
        wrong = _scalar_fault(schema, wanted, value)
        if wrong:
            found.append(f"{path}: {wrong}")


def _scalar_fault(schema: Schema, wanted: str, value: Any) -> str:
    kind = type(value)
    if wanted in _UNTYPED or (wanted == STRING and schema.format == "date-time"):
        return "" if kind is not dict and kind is not list else f"expected any scalar, got &{{{plus_v(value)}}}"
    if wanted == STRING and kind is not str:
        return f"expected string, got &value.valueUnstructured{{Value:{sharp_v(value)}}}"
    if wanted in _NUMBERS and kind is not int and kind is not float:
        return f"expected numeric (int or float), got {_GO_TYPES.get(kind, '<nil>')}"
    if wanted == BOOLEAN and kind is not bool:
        return f"expected boolean, got &{{{plus_v(value)}}}"
    return ""


def _check_map(schema: Schema, value: dict[str, Any], path: str, found: list[str]) -> None:
    properties, additional = schema.properties, schema.additional
    free = schema.preserve_unknown or not properties
    for name, part in value.items():
        child = properties.get(name) or additional
        if child is not None:
            _check(child, part, f"{path}.{name}", found)
        elif not free:
            found.append(f"{path}.{name}: field not declared in schema")


def _check_list(schema: Schema, value: list[Any], path: str, found: list[str]) -> None:
    items = schema.items or UNKNOWN
    if not is_granular_list(schema):
        for index, item in enumerate(value):
            _check(items, item, f"{path}[{index}]", found)
        return
    seen: set[str] = set()
    for index, item in enumerate(value):
        wrong = _unaddressable(schema, item)
        if wrong:
            found.append(f"{path}: element {index}: {wrong}")
            return
        element = item_key(schema, item) if schema.list_type == "map" else item_value(item)
        shown = _shown(element)
        if element in seen:
            found.append(f"{path}: duplicate entries for key {shown}")
        seen.add(element)
        _check(items, item, path + shown, found)


def _unaddressable(schema: Schema, item: Any) -> str:
    """Why an item of a granular list has no path."""
    if schema.list_type == "map":
        if item is None:
            return "associative list with keys may not have a null element"
        if type(item) is not dict:
            return "associative list with keys may not have non-map elements"
        keys = schema.list_map_keys
        if not any(key in item or key in schema.key_defaults for key in keys):
            listed = "[" + " ".join(f'"{key}"' for key in keys) + "]"
            return (
                f"associative list with keys has an element that omits all key fields {listed} (and doesn't have "
                "default values for any key fields)"
            )
        return ""
    if item is None:
        return "associative list without keys has an element that's an explicit null"
    if type(item) is dict:
        return "associative list without keys has an element that's a map type"
    return "not supported: associative list with lists as elements" if type(item) is list else ""


def _shown(element: str) -> str:
    value = orjson.loads(element[2:])
    if element.startswith("v:"):
        return f"[={orjson.dumps(value).decode()}]"
    return "[" + ",".join(f"{name}={orjson.dumps(part).decode()}" for name, part in sorted(value.items())) + "]"
