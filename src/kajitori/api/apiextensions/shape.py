"""The shape of openAPIV3Schemas: right types, no unknown fields, no nulls, also where a schema is one of several.

Decoding stops where a field may be a schema or a boolean; this goes on below. May import: api, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import schema as api_schema
from kajitori.api.checking import cannot_handle
from kajitori.machinery import wirecheck
from kajitori.machinery.errors import BadRequest
from kajitori.machinery.typeschema import Schema

Object = dict[str, Any]
_KIND = "CustomResourceDefinition"
_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_LISTS = ("allOf", "anyOf", "oneOf")


def tidy(spec: Object) -> None:
    """Brings all schemas of a definition into shape, in place. Raises BadRequest."""
    spec["versions"] = [version or {} for version in spec.get("versions") or ()]
    for version in spec["versions"]:
        for name in ("additionalPrinterColumns", "selectableFields"):
            if version.get(name):
                version[name] = [item or {} for item in version[name]]
        raw = (version.get("schema") or {}).get("openAPIV3Schema")
        if raw is not None:
            _node(raw, api_schema.type_schema(_PROPS))


def _node(raw: Any, schema: Schema) -> None:
    wrong = wirecheck.type_error(schema, raw)
    if wrong:
        raise BadRequest.of(cannot_handle("apiextensions.k8s.io", "v1", _KIND, wrong))
    wirecheck.prune(schema, raw)
    _below(raw, schema)


def _below(raw: Object, schema: Schema) -> None:
    for name in _LISTS:
        if raw.get(name):
            raw[name] = [part if part is not None else {} for part in raw[name]]
            for part in raw[name]:
                _below(part, schema)
    if raw.get("x-kubernetes-validations"):
        raw["x-kubernetes-validations"] = [rule or {} for rule in raw["x-kubernetes-validations"]]
    if raw.get("enum") == []:
        del raw["enum"]  # no choice is no restriction
    for child in (raw.get("properties") or {}).values():
        _below(child, schema)
    if isinstance(raw.get("not"), dict):
        _below(raw["not"], schema)
    if isinstance(raw.get("items"), dict):
        _node(raw["items"], schema)
    elif "items" in raw and not isinstance(raw["items"], list):
        _refuse("JSONSchemaPropsOrArray")
    additional = raw.get("additionalProperties")
    if isinstance(additional, dict):
        _node(additional, schema)
    elif additional is not None and not isinstance(additional, bool):
        _refuse("JSONSchemaPropsOrBool")


def _refuse(name: str) -> None:
    why = f"json: cannot unmarshal into Go value of type v1.{name}"
    raise BadRequest.of(cannot_handle("apiextensions.k8s.io", "v1", _KIND, why))
