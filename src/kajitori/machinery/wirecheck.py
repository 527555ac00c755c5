"""Walks over wire dicts by their schema: unknown fields, nulls, canonical quantities, and wrong types in words.

`prune` and `normalize` change the object in place. `type_error` is the slow half of decoding: it looks for the first
thing that Go's decoder would refuse, and says it as Go says it. May import: machinery.quantity, machinery.typeschema.
"""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Callable
from typing import Any

from kajitori.machinery import quantity, times
from kajitori.machinery.typeschema import (
    ANY,
    ARRAY,
    BOOLEAN,
    INT_OR_STRING,
    INTEGER,
    NUMBER,
    OBJECT,
    QUANTITY,
    STRING,
    Schema,
)

_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


MICRO_TIME = "v1.MicroTime"

_ZERO: dict[str, Any] = {OBJECT: {}, ARRAY: [], STRING: "", INTEGER: 0, NUMBER: 0, BOOLEAN: False, QUANTITY: "0"}
"""What a null in a list stands for: a list cannot do without an item as a mapping can without a key."""


def prune(schema: Schema, obj: dict[str, Any]) -> list[str]:
    """Removes what the schema does not know; returns the paths of the unknown fields, as `spec.containers[0].foo`.

    Nulls mean absent and are removed as well; MicroTimes are written as everywhere.
    """
    unknown: list[str] = []
    _prune_map(schema, obj, "", unknown)
    return unknown


def _prune_map(schema: Schema, obj: dict[str, Any], path: str, unknown: list[str]) -> None:
    properties, additional = schema.properties, schema.additional
    for name in list(obj):
        value = obj[name]
        child = properties.get(name)
        if child is None:
            child = additional
            if child is None:
                if not schema.preserve_unknown:
                    unknown.append(f"{path}.{name}" if path else name)
                    del obj[name]
                continue
        if value is None:
            if child.type == STRING and child is additional:
                obj[name] = ""  # Go's map has an entry for it, with a string's zero
            elif child.type != ANY:
                del obj[name]
        elif type(value) is dict or type(value) is list:
            _prune_value(child, value, f"{path}.{name}" if path else name, unknown)
        elif child.go_type == MICRO_TIME:
            obj[name] = times.format_micro_time(times.parse_micro_time(value))


def _prune_value(schema: Schema, value: Any, path: str, unknown: list[str]) -> None:
    if type(value) is dict:
        if schema.type == OBJECT and not (schema.preserve_unknown and not schema.properties):
            _prune_map(schema, value, path, unknown)
    elif schema.items is not None:
        for index, item in enumerate(value):
            if type(item) is dict or type(item) is list:
                _prune_value(schema.items, item, f"{path}[{index}]", unknown)
            elif item is None and schema.items.type in _ZERO:
                value[index] = copy.copy(_ZERO[schema.items.type])


def normalize(schema: Schema, obj: dict[str, Any]) -> None:
    """Writes every quantity in its canonical form. Only branches that can hold one are visited."""
    for name, child in quantity_fields(schema):
        if name == "*":
            for key, value in obj.items():
                _normalize_value(child, obj, key, value)
        elif name in obj:
            _normalize_value(child, obj, name, obj[name])


def _normalize_value(schema: Schema, holder: Any, key: Any, value: Any) -> None:
    if schema.type == QUANTITY:
        if value is not None:
            holder[key] = quantity.canonical(value)
    elif isinstance(value, dict):
        normalize(schema, value)
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            _normalize_value(schema.items, value, index, item)


def quantity_fields(schema: Schema) -> tuple[tuple[str, Schema], ...]:
    """The fields of an object type (`*`: the values of a map) under which quantities can stand."""
    fields = schema.fields
    if schema.is_map:
        assert schema.additional is not None
        return (("*", schema.additional),) if _holds_quantities(schema.additional, set()) else ()
    known = _quantity_cache.get(id(fields.properties))
    if known is None:
        found = tuple((name, child) for name, child in fields.properties.items() if _holds_quantities(child, set()))
        known = _quantity_cache[id(fields.properties)] = (fields.properties, found)
    return known[1]


_quantity_cache: dict[int, tuple[Any, tuple[tuple[str, Schema], ...]]] = {}
"""By the identity of a field mapping, which the entry keeps alive; as many entries as object types in use."""


def forget(schema: Schema) -> None:
    """Drops what is remembered of a schema that goes away (a custom resource's)."""
    _quantity_cache.pop(id(schema.properties), None)


def _holds_quantities(schema: Schema, seen: set[int]) -> bool:
    if schema.type == QUANTITY:
        return True
    if schema.items is not None:
        return _holds_quantities(schema.items, seen)
    if schema.additional is not None and _holds_quantities(schema.additional, seen):
        return True
    if schema.type != OBJECT or id(schema.properties) in seen:
        return False
    seen.add(id(schema.properties))
    return any(_holds_quantities(child, seen) for child in schema.properties.values())


def type_error(schema: Schema, obj: Any, path: str = "") -> str | None:
    """What Go's decoder would say of the first wrong type, or None if there is none. `path`: where the object is."""
    if not isinstance(obj, dict):
        return f"json: cannot unmarshal {_json_type(obj)} into Go value of type {schema.go_type}"
    return _map_error(schema, obj, path, schema.go_type.rpartition(".")[2])


def _map_error(schema: Schema, obj: dict[str, Any], path: str, owner: str) -> str | None:
    properties, additional = schema.properties, schema.additional
    for name, value in obj.items():
        child = properties.get(name) or additional
        if child is None or value is None:
            continue
        error = _value_error(child, value, f"{path}.{name}" if path and name in properties else path or name, owner)
        if error:
            return error
    return None


def _value_error(schema: Schema, value: Any, path: str, owner: str) -> str | None:
    kind = schema.type
    if kind == QUANTITY:
        return _quantity_error(value)
    if not _fits(schema, value):
        shown = _json_type(value)
        if kind == INTEGER and isinstance(value, int | float) and not isinstance(value, bool):
            shown = f"number {value}"
        return f"json: cannot unmarshal {shown} into Go struct field {owner}.{path} of type {schema.go_type}"
    if kind == ARRAY and schema.items is not None:
        for item in value:
            error = None if item is None else _value_error(schema.items, item, path, owner)
            if error:
                return error
    elif kind == OBJECT and not (schema.preserve_unknown and not schema.properties):
        inner = owner if schema.is_map else schema.go_type.rpartition(".")[2]
        return _map_error(schema, value, path, inner)
    elif schema.format == "date-time":
        return _error_of(times.parse_micro_time if schema.go_type == MICRO_TIME else times.parse_time, value)
    elif schema.format == "byte":
        return _base64_error(value)
    return None


def _fits(schema: Schema, value: Any) -> bool:
    kind = schema.type
    if kind == ANY:
        return True
    if kind == OBJECT:
        return isinstance(value, dict)
    if kind == ARRAY:
        return isinstance(value, list)
    if kind == BOOLEAN:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == INTEGER:
        low, high = _RANGES.get(schema.format, _RANGES["int64"])
        return isinstance(value, int) and low <= value <= high
    if kind == NUMBER:
        return isinstance(value, int | float)
    if kind == INT_OR_STRING:
        return isinstance(value, int | str)
    return isinstance(value, str)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "string" if isinstance(value, str) else "null"


def _quantity_error(value: Any) -> str | None:
    if isinstance(value, dict | list | bool):
        return quantity.FORMAT_MESSAGE
    try:
        quantity.Quantity.parse(value)
    except quantity.QuantityError as error:
        return str(error)
    return None


def _error_of(parse: Callable[[str], Any], value: str) -> str | None:
    try:
        parse(value)
    except ValueError as error:
        return str(error)
    return None


def _base64_error(value: str) -> str | None:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        position = next((i for i, char in enumerate(value) if char not in alphabet), len(value))
        return f"illegal base64 data at input byte {position}"
    return None


def cannot_handle(version: str, kind: str, why: str) -> str:
    """Upstream's sentence around a decoding error; the version stands there without its group."""
    return f'{kind} in version "{version}" cannot be handled as a {kind}: {why}'
