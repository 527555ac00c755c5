"""Defaults of a structural schema, filled in as upstream does: also below objects that are there, nulls replaced where
null is not allowed. Works on the raw openAPIV3Schema. Pure. May import: machinery.rawschema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from kajitori.machinery import rawschema

Raw = Mapping[str, Any]


def has_defaults(raw: Raw) -> bool:
    """Whether any default stands anywhere in a schema, or a null may have to go."""
    return rawschema.anywhere(raw, lambda one: "default" in one)


def apply(raw: Raw, value: Any) -> None:
    """Fills in defaults in place."""
    if isinstance(value, dict):
        _object(raw, value)
    elif isinstance(value, list):
        items = raw.get("items")
        if isinstance(items, dict):
            for index, item in enumerate(value):
                if item is None and not items.get("nullable") and "default" in items:
                    value[index] = _copy(items["default"])
                apply(items, value[index])


def _object(raw: Raw, value: dict[str, Any]) -> None:
    properties = raw.get("properties") or {}
    for name, child in properties.items():
        if "default" not in child:
            continue
        if name not in value or (value[name] is None and not child.get("nullable")):
            value[name] = _copy(child["default"])
    additional = raw.get("additionalProperties")
    for name, item in value.items():
        child = properties.get(name)
        if child is None:
            if not isinstance(additional, dict):
                continue
            child = additional
            if item is None and not child.get("nullable") and "default" in child:
                value[name] = item = _copy(child["default"])
        if isinstance(item, dict | list):
            apply(child, item)


def drop_nulls(raw: Raw, value: Any) -> None:
    """Removes nulls of fields that are neither nullable nor defaulted: they read as absent."""
    if isinstance(value, dict):
        properties, additional = raw.get("properties") or {}, raw.get("additionalProperties")
        for name in list(value):
            child = properties.get(name)
            if child is None:
                child = additional if isinstance(additional, dict) else None
            if child is None:
                continue
            if value[name] is None:
                if not child.get("nullable") and "default" not in child:
                    del value[name]
            else:
                drop_nulls(child, value[name])
    elif isinstance(value, list) and isinstance(raw.get("items"), dict):
        for item in value:
            drop_nulls(raw["items"], item)


def _copy(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value)) if isinstance(value, dict | list) else value
