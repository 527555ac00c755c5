"""Definitions of custom resources in the dialect of OpenAPI v2 or v3. Pure. May import: api.naming, api.definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api import definitions, naming
from kajitori.api.registration import Resource

Object = dict[str, Any]
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
OBJECT_META, LIST_META = _META + "ObjectMeta", _META + "ListMeta"
_V2_DROPPED = frozenset({"nullable", "oneOf", "anyOf", "allOf", "not", "default", "x-kubernetes-validations"})


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
    selectable = resource.selectable_fields({"metadata": {}}).keys() - {"metadata.name", "metadata.namespace"}
    if selectable:
        extensions["x-kubernetes-selectable-fields"] = [{"fieldPath": path} for path in sorted(selectable)]
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
        if raw.get("x-kubernetes-preserve-unknown-fields") or raw.get("nullable"):
            for key in ("items", "properties", "additionalProperties"):
                shown.pop(key, None)
            if raw.get("nullable"):
                shown.pop("type", None)
        if raw.get("x-kubernetes-int-or-string"):
            shown.pop("type", None)
    if raw.get("x-kubernetes-embedded-resource") and v3:
        api_version, kind = _type_meta()
        properties = shown.setdefault("properties", {})
        for name, node in (("apiVersion", api_version), ("kind", kind)):
            properties.setdefault(name, node)
        properties["metadata"] = _ref(OBJECT_META, "Standard object's metadata.", v3)
    return shown
