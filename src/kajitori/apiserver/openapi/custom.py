"""Definitions of custom resources in the dialect of OpenAPI v2 or v3. Pure. May import: api.naming, api.definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api import definitions, naming
from kajitori.api.registration import Resource

Object = dict[str, Any]
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
OBJECT_META, LIST_META = _META + "ObjectMeta", _META + "ListMeta"
_V2_DROPPED = frozenset({"nullable", "oneOf", "anyOf", "allOf", "not", "default"})


def named(resource: Resource, *, v3: bool) -> dict[str, Object]:
    """The definitions of a custom resource and of its list."""
    name = naming.definition_name(resource.group, resource.version, resource.kind)
    list_name = naming.definition_name(resource.group, resource.version, resource.list_kind)
    return {name: _kind(resource, v3), list_name: _list(resource, name, v3)}


def _ref(name: str, description: str, v3: bool) -> Object:
    target = {"$ref": ("#/components/schemas/" if v3 else "#/definitions/") + name}
    return {"description": description, "allOf": [target]} if v3 else {"description": description, **target}


def _type_meta() -> tuple[Object, Object]:
    """apiVersion and kind, described as in every other kind."""
    properties = definitions.full("io.k8s.api.core.v1.ConfigMap")["properties"]
    api_version, kind = (
        {"description": properties[name]["description"], "type": "string"} for name in ("apiVersion", "kind")
    )
    return api_version, kind


def _gvk(resource: Resource, kind: str) -> list[Object]:
    return [{"group": resource.group, "kind": kind, "version": resource.version}]


def _kind(resource: Resource, v3: bool) -> Object:
    raw: Mapping[str, Any] = getattr(resource.schema, "raw", {})
    extensions: Object = {"x-kubernetes-group-version-kind": _gvk(resource, resource.kind)}
    if raw.get("x-kubernetes-preserve-unknown-fields") and not v3:
        return {"type": "object", **extensions}  # anything more, and old clients would refuse what is not listed
    extensions |= _selectable(resource)
    shown = _node(raw, v3)
    api_version, kind = _type_meta()
    description = (
        "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
        "api-conventions.md#metadata"
    )
    properties = shown.setdefault("properties", {})
    properties |= {"apiVersion": api_version, "kind": kind, "metadata": _ref(OBJECT_META, description, v3)}
    shown["properties"] = dict(sorted(properties.items()))
    return {**shown, "type": "object", **extensions}


def _selectable(resource: Resource) -> Object:
    paths = [path for path in resource.selectable_fields({"metadata": {}}) if not path.startswith("metadata.")]
    return {"x-kubernetes-selectable-fields": [{"fieldPath": path} for path in paths]} if paths else {}


def _list(resource: Resource, name: str, v3: bool) -> Object:
    api_version, kind = _type_meta()
    description = (
        "Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
        "api-conventions.md#types-kinds"
    )
    items_description = (
        f"List of {resource.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
        "api-conventions.md"
    )
    target = {"$ref": ("#/components/schemas/" if v3 else "#/definitions/") + name}
    return {
        "description": f"{resource.list_kind} is a list of {resource.kind}",
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": api_version,
            "items": {"description": items_description, "type": "array", "items": target},
            "kind": kind,
            "metadata": _ref(LIST_META, description, v3),
        },
        "x-kubernetes-group-version-kind": _gvk(resource, resource.list_kind),
        **_selectable(resource),
    }


def _node(raw: Any, v3: bool) -> Object:
    """A schema node; v2 cannot say some things, and leaves them out."""
    if not isinstance(raw, Mapping):
        return {}
    shown: Object = {}
    for key, value in raw.items():
        if key == "properties":
            shown[key] = {name: _node(child, v3) for name, child in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, Mapping):
            shown[key] = _node(value, v3)
        elif v3 or key not in _V2_DROPPED:
            shown[key] = value
    if not v3:
        _narrow(raw, shown)
    elif raw.get("x-kubernetes-int-or-string"):
        _unfold(shown)
    if raw.get("x-kubernetes-embedded-resource") and (v3 or not raw.get("x-kubernetes-preserve-unknown-fields")):
        _embed(shown, v3)
    return shown


def _narrow(raw: Mapping[str, Any], shown: Object) -> None:
    """Leaves out what clients of v2 do not understand: unknown and nullable values have no type."""
    keeps, nullable = raw.get("x-kubernetes-preserve-unknown-fields"), raw.get("nullable")
    if keeps or nullable:
        for key in ("items", "properties", "additionalProperties") if nullable else ("items", "properties"):
            shown.pop(key, None)
    if nullable or (keeps and raw.get("type") == "object") or (raw.get("type") == "array" and "items" not in shown):
        shown.pop("type", None)
    if raw.get("x-kubernetes-int-or-string"):
        shown.pop("type", None)
    properties = raw.get("properties") or {}
    required = [name for name in raw.get("required") or () if not (properties.get(name) or {}).get("nullable")]
    if "required" in shown:
        shown["required"] = required
        if not required:
            del shown["required"]


def _unfold(shown: Object) -> None:
    """Says of an int-or-string that it is one of the two, where the schema does not."""
    either = [{"type": "integer"}, {"type": "string"}]
    parts = shown.get("allOf") or []
    if shown.get("anyOf") == either or (parts and parts[0].get("anyOf") == either):
        return
    if not shown.get("anyOf"):
        shown["anyOf"] = either
    else:
        shown["allOf"] = [{"anyOf": either}, *parts]


_CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#"
_EMBEDDED = {
    "apiVersion": "apiVersion defines the versioned schema of this representation of an object. More info: "
    + f"{_CONVENTIONS}resources",
    "kind": "kind is a string value representing the type of this object. In CamelCase. More info: "
    + f"{_CONVENTIONS}types-kinds",
}


def _embed(shown: Object, v3: bool) -> None:
    """Adds what every object has."""
    required = list(shown.get("required") or ())
    shown["required"] = required + [name for name in ("kind", "apiVersion") if name not in required]
    properties = shown.setdefault("properties", {})
    for name, description in _EMBEDDED.items():
        properties[name] = {"description": description, "type": "string"}
    description = f"Standard object's metadata. More info: {_CONVENTIONS}metadata"
    properties["metadata"] = _ref(OBJECT_META, description, v3)
