"""From structural schemas to types, and from wire values to the values that expressions see.

Field names that are no identifiers, or are CEL's own words, are escaped as upstream escapes them. Sizes that a schema
leaves open are bounded by what fits into a request of 3 MiB, for cost estimates.

May import: cel.{types, values, times}, machinery.rawschema.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from kajitori.cel import times
from kajitori.cel.errors import EvaluationError
from kajitori.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    UNBOUNDED,
    ObjectType,
    Type,
    list_of,
    map_of,
)
from kajitori.cel.values import MapList, SetList
from kajitori.machinery import rawschema

Raw = Mapping[str, Any]
MAX_REQUEST = 3 * 1024 * 1024
RESERVED = frozenset(
    [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z0-9_./-]*$")
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
_ESCAPED = re.compile(r"__(underscores|dot|dash|slash)__")
_CHARS = {"underscores": "__", "dot": ".", "dash": "-", "slash": "/"}
_MIN_SIZES = {"string": 2, "integer": 1, "number": 1, "boolean": 4, "array": 2, "object": 2}
_ROOT_META = {"type": "object", "properties": {"name": {"type": "string"}, "generateName": {"type": "string"}}}


def escape(name: str) -> str | None:
    """A field's name in expressions; None if it cannot have one."""
    if not _IDENTIFIER.match(name):
        return None
    if name in RESERVED:
        return f"__{name}__"
    return re.sub(r"__|[./-]", lambda match: dict(_ESCAPES)[match.group()], name)


def unescape(name: str) -> str:
    """The field that an expression's name means."""
    if name.startswith("__") and name.endswith("__") and name[2:-2] in RESERVED:
        return name[2:-2]
    return _ESCAPED.sub(lambda match: _CHARS[match[1]], name)


def type_of_schema(raw: Raw, *, root: bool = False, name: str = "object") -> Type | None:
    """The type of values of a schema; None where expressions cannot see them."""
    if raw.get("x-kubernetes-int-or-string"):
        limit = raw.get("maxLength")
        return DYN.sized(MAX_REQUEST - 2 if limit is None else max(limit, 0) * 4)
    kind = raw.get("type")
    if kind == "array":
        return _list(raw, name)
    if kind == "object":
        return _object(raw, root or bool(raw.get("x-kubernetes-embedded-resource")), name)
    if kind == "string":
        return _string(raw)
    return {"integer": INT, "number": DOUBLE, "boolean": BOOL}.get(str(kind))


def _list(raw: Raw, name: str) -> Type | None:
    items = raw.get("items")
    element = type_of_schema(items, name=f"{name}.@idx") if isinstance(items, Mapping) else None
    if element is None or items is None:
        return None
    limit = raw.get("maxItems")
    return list_of(element, max(limit, 0) if limit is not None else (MAX_REQUEST - 2) // (min_size(items) + 1))


def _object(raw: Raw, embedded: bool, name: str) -> Type | None:
    additional = raw.get("additionalProperties")
    if isinstance(additional, Mapping) and not raw.get("properties"):
        value = type_of_schema(additional, name=f"{name}.@elem")
        if value is None:
            return None
        limit = raw.get("maxProperties")
        size = max(limit, 0) if limit is not None else (MAX_REQUEST - 2) // (min_size(additional) + 6)
        return map_of(STRING.sized(0), value, size)

    def fields() -> Mapping[str, Type]:
        found: dict[str, Type] = {}
        properties = dict(raw.get("properties") or {})
        if embedded:
            properties |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
            properties["metadata"] = _ROOT_META
        for field, child in properties.items():
            escaped, made = escape(field), type_of_schema(child, name=f"{name}.{field}")
            if escaped is not None and made is not None:
                found[escaped] = made
        return found

    return ObjectType(name, fields)


def _string(raw: Raw) -> Type:
    shape = raw.get("format")
    if shape == "byte":
        return BYTES.sized(_string_size(raw))
    if shape in ("date", "date-time"):
        return TIMESTAMP.sized(12 if shape == "date" else 32)
    if shape == "duration":
        return DURATION.sized(32)
    return STRING.sized(_string_size(raw))


def _string_size(raw: Raw) -> int:
    limit = raw.get("maxLength")
    if limit is not None:
        return int(max(limit, 0)) * (1 if raw.get("format") == "byte" else 4)
    if raw.get("enum"):
        return max((len(value.encode()) for value in raw["enum"] if isinstance(value, str)), default=0)
    return MAX_REQUEST - 2


def min_size(raw: Raw) -> int:
    """The least number of bytes that a value takes in JSON."""
    if raw.get("x-kubernetes-int-or-string"):
        return 1
    if raw.get("type") != "object" or not raw.get("properties"):
        if raw.get("type") == "string" and raw.get("format") in ("date", "date-time", "duration"):
            return {"date": 12, "date-time": 21, "duration": 3}[str(raw["format"])]
        return _MIN_SIZES.get(str(raw.get("type")), 1)
    total = 2
    for name in dict.fromkeys(raw.get("required") or ()):
        child = raw["properties"].get(name)
        if child is not None and "default" not in child and type_of_schema(child) is not None:
            total += len(name) + min_size(child) + 4
    return total


# values


def needs_conversion(raw: Any) -> bool:
    """Whether wire values of this schema differ from what expressions see."""
    return rawschema.anywhere(raw, _is_shown_otherwise)


def _is_shown_otherwise(raw: Raw) -> bool:
    if raw.get("nullable") or raw.get("type") == "number" or raw.get("x-kubernetes-list-type") in ("set", "map"):
        return True
    return raw.get("type") == "string" and raw.get("format") in ("byte", "date", "date-time", "duration")


def convert(raw: Raw, value: Any) -> Any:
    """A wire value as expressions see it. What does not fit the schema stays as it is."""
    if isinstance(value, str):
        return _convert_string(raw, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if raw.get("type") == "number" else value
    if isinstance(value, list) and isinstance(raw.get("items"), Mapping):
        items = [convert(raw["items"], item) for item in value]
        kind = raw.get("x-kubernetes-list-type")
        if kind == "set":
            return SetList(items)
        if kind == "map":
            made = MapList(items)
            made.keys = tuple(raw.get("x-kubernetes-list-map-keys") or ())
            return made
        return items
    if isinstance(value, dict):
        properties, additional = raw.get("properties") or {}, raw.get("additionalProperties")
        fallback = additional if isinstance(additional, Mapping) else {}
        return {
            name: convert(properties.get(name, fallback), item)
            for name, item in value.items()
            if item is not None or name not in properties  # a field that is null is absent
        }
    return value


def _convert_string(raw: Raw, value: str) -> Any:
    shape = raw.get("format")
    try:
        if shape == "byte":
            return base64.b64decode(value)
        if shape == "date-time":
            return times.parse_timestamp(value)
        if shape == "date":
            return times.parse_timestamp(f"{value}T00:00:00Z")
        if shape == "duration":
            return times.parse_duration(value)
    except (EvaluationError, binascii.Error):
        pass
    return value


__all__ = ["UNBOUNDED", "convert", "escape", "min_size", "needs_conversion", "type_of_schema", "unescape"]
