"""Parts of a definition as upstream's errors show them: whole Go structs, every field by its Go name, absent ones too.

Pure. May import: nothing of Kajitori.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Raw = Mapping[str, Any]
_PLAIN = (
    ("ID", "id", ""),
    ("Schema", "$schema", ""),
    ("Ref", "$ref", None),
    ("Description", "description", ""),
    ("Type", "type", ""),
    ("Nullable", "nullable", False),
    ("Format", "format", ""),
    ("Title", "title", ""),
    ("Default", "default", None),
    ("Maximum", "maximum", None),
    ("ExclusiveMaximum", "exclusiveMaximum", False),
    ("Minimum", "minimum", None),
    ("ExclusiveMinimum", "exclusiveMinimum", False),
    ("MaxLength", "maxLength", None),
    ("MinLength", "minLength", None),
    ("Pattern", "pattern", ""),
    ("MaxItems", "maxItems", None),
    ("MinItems", "minItems", None),
    ("UniqueItems", "uniqueItems", False),
    ("MultipleOf", "multipleOf", None),
    ("Enum", "enum", None),
    ("MaxProperties", "maxProperties", None),
    ("MinProperties", "minProperties", None),
    ("Required", "required", None),
)
_EXTENSIONS = (
    ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", None),
    ("XEmbeddedResource", "x-kubernetes-embedded-resource", False),
    ("XIntOrString", "x-kubernetes-int-or-string", False),
    ("XListMapKeys", "x-kubernetes-list-map-keys", None),
    ("XListType", "x-kubernetes-list-type", None),
    ("XMapType", "x-kubernetes-map-type", None),
)


def schema(raw: Raw) -> dict[str, Any]:
    """A JSONSchemaProps."""
    shown = {go: raw.get(name, zero) for go, name, zero in _PLAIN}
    items, additional, docs = raw.get("items"), raw.get("additionalProperties"), raw.get("externalDocs")
    shown["Items"] = _items(items) if items is not None else None
    shown |= {go: _each(raw.get(name)) for go, name in (("AllOf", "allOf"), ("OneOf", "oneOf"), ("AnyOf", "anyOf"))}
    shown["Not"] = schema(raw["not"]) if isinstance(raw.get("not"), Mapping) else None
    properties = raw.get("properties")
    shown["Properties"] = {name: schema(properties[name]) for name in sorted(properties)} if properties else None
    shown["AdditionalProperties"] = _or_bool(additional) if additional is not None else None
    shown |= dict.fromkeys(("PatternProperties", "Dependencies", "AdditionalItems", "Definitions"))
    shown["ExternalDocs"] = (
        {"Description": docs.get("description") or "", "URL": docs.get("url") or ""} if docs is not None else None
    )
    shown["Example"] = raw.get("example")
    shown |= {go: raw.get(name, zero) for go, name, zero in _EXTENSIONS}
    rules = raw.get("x-kubernetes-validations")
    shown["XValidations"] = [rule(one) for one in rules] if rules else None
    return shown


def _each(parts: Any) -> Any:
    return [schema(part) for part in parts] if parts else None


def _items(items: Any) -> dict[str, Any]:
    if isinstance(items, list):
        return {"Schema": None, "JSONSchemas": _each(items)}
    return {"Schema": schema(items), "JSONSchemas": None}


def _or_bool(additional: Any) -> dict[str, Any]:
    if isinstance(additional, Mapping):
        return {"Allows": True, "Schema": schema(additional)}
    return {"Allows": bool(additional), "Schema": None}


def rule(given: Raw) -> dict[str, Any]:
    """One of x-kubernetes-validations."""
    return {
        "Rule": given.get("rule") or "",
        "Message": given.get("message") or "",
        "MessageExpression": given.get("messageExpression") or "",
        "Reason": given.get("reason"),
        "FieldPath": given.get("fieldPath") or "",
        "OptionalOldSelf": given.get("optionalOldSelf"),
    }


def version(given: Raw, *, schema_apart: bool, subresources_apart: bool) -> dict[str, Any]:
    """A version; what all versions share stands apart and is not shown."""
    raw = (given.get("schema") or {}).get("openAPIV3Schema")
    shown_schema = None
    if given.get("schema") is not None and not schema_apart:
        shown_schema = {"OpenAPIV3Schema": schema(raw) if raw is not None else None}
    return {
        "Name": given.get("name") or "",
        "Served": bool(given.get("served")),
        "Storage": bool(given.get("storage")),
        "Deprecated": bool(given.get("deprecated")),
        "DeprecationWarning": given.get("deprecationWarning"),
        "Schema": shown_schema,
        "Subresources": None if subresources_apart else _subresources(given.get("subresources")),
        "AdditionalPrinterColumns": None,
        "SelectableFields": None,
    }


def _subresources(given: Raw | None) -> dict[str, Any] | None:
    if given is None:
        return None
    scale = given.get("scale")
    return {
        "Status": {} if given.get("status") is not None else None,
        "Scale": {
            "SpecReplicasPath": scale.get("specReplicasPath") or "",
            "StatusReplicasPath": scale.get("statusReplicasPath") or "",
            "LabelSelectorPath": scale.get("labelSelectorPath"),
        }
        if scale is not None
        else None,
    }
