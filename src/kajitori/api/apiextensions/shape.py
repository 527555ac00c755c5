"""The shape of openAPIV3Schemas: right types, no unknown fields, no nulls, also where a schema is one of several.

Decoding stops where a field may be a schema or a boolean; this goes on below. May import: api, machinery.
"""

from __future__ import annotations

import re
from typing import Any

from kajitori.api import schema as api_schema
from kajitori.machinery import wirecheck
from kajitori.machinery.errors import BadRequest
from kajitori.machinery.typeschema import Schema

Object = dict[str, Any]
_KIND = "CustomResourceDefinition"
_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_LISTS = ("allOf", "anyOf", "oneOf")


def tidy(spec: Object) -> list[str]:
    """Brings all schemas of a definition into shape, in place; returns the unknown fields. Raises BadRequest."""
    unknown: list[str] = []
    if spec.get("versions"):
        spec["versions"] = [version or {} for version in spec["versions"]]
    for index, version in enumerate(spec.get("versions") or ()):
        for name in ("additionalPrinterColumns", "selectableFields"):
            if version.get(name):
                version[name] = [item or {} for item in version[name]]
        raw = (version.get("schema") or {}).get("openAPIV3Schema")
        if raw is not None:
            path = f"spec.versions[{index}].schema.openAPIV3Schema"
            _node(raw, api_schema.type_schema(_PROPS), path, unknown)
    return unknown


def plain(value: Any) -> Any:
    """A JSON value as Go writes one that it has read as a float64: whole numbers have no point."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e21 else value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def _node(raw: Any, schema: Schema, path: str, unknown: list[str]) -> None:
    wrong = wirecheck.type_error(schema, raw, re.sub(r"\[\d+\]|(?<=\.properties)\.[^.]*", "", path))
    if wrong:
        raise BadRequest.of(wirecheck.cannot_handle("v1", _KIND, wrong))
    unknown += [f"{path}.{name}" for name in wirecheck.prune(schema, raw)]
    _below(raw, schema, path, unknown)


def _below(raw: Object, schema: Schema, path: str, unknown: list[str]) -> None:
    _clean(raw)
    for name in _LISTS:
        for index, part in enumerate(raw.get(name) or ()):
            _below(part, schema, f"{path}.{name}[{index}]", unknown)
    for name, child in (raw.get("properties") or {}).items():
        _below(child, schema, f"{path}.properties.{name}", unknown)
    if isinstance(raw.get("not"), dict):
        _below(raw["not"], schema, f"{path}.not", unknown)
    items, additional = raw.get("items"), raw.get("additionalProperties")
    if isinstance(items, dict):
        _node(items, schema, f"{path}.items", unknown)
    elif "items" in raw and not isinstance(items, list):
        del raw["items"]  # upstream reads a list or an object, and over anything else
    if isinstance(additional, dict):
        _node(additional, schema, f"{path}.additionalProperties", unknown)
    elif additional is not None and not isinstance(additional, bool):
        raise BadRequest.of(wirecheck.cannot_handle("v1", _KIND, "boolean or JSON schema expected"))


def _clean(raw: Object) -> None:
    """One node as a typed decode leaves it: no nulls in lists and maps, whole numbers without a point."""
    for name in ("default", "example", "maximum", "minimum", "multipleOf"):
        if name in raw:
            raw[name] = plain(raw[name])
            if raw[name] is None:
                del raw[name]
    for name in (*_LISTS, "x-kubernetes-validations"):
        if name in raw:
            raw[name] = [part or {} for part in raw[name]]
    if "properties" in raw:
        raw["properties"] = {name: child if child is not None else {} for name, child in raw["properties"].items()}
    if "enum" in raw:
        raw["enum"] = [plain(choice) for choice in raw["enum"]]
