"""From definitions to `machinery.typeschema.Schema` trees, each definition's fields loaded when first looked at.

May import: api.definitions, api.naming, machinery.typeschema.
"""

from __future__ import annotations

import functools

from kajitori.api import definitions, naming
from kajitori.api.definitions import Node
from kajitori.machinery import typeschema
from kajitori.machinery.typeschema import Fields, Schema

_KEY_DEFAULTS = {"protocol": "TCP"}
"""Defaults of list-map keys. The definitions carry no defaults; these keys are the only ones that have one."""

_NAMELESS = "io.k8s.api.core.v1.LocalObjectReference"
"""A name is empty by default in this one type."""

_SCALARS = {
    naming.META + "Time": Schema(typeschema.STRING, format="date-time", go_type="v1.Time"),
    naming.META + "MicroTime": Schema(typeschema.STRING, format="date-time", go_type="v1.MicroTime"),
    naming.META + "FieldsV1": Schema(
        typeschema.OBJECT, preserve_unknown=True, map_type="atomic", go_type="v1.FieldsV1"
    ),
    "io.k8s.apimachinery.pkg.api.resource.Quantity": Schema(typeschema.QUANTITY, go_type="resource.Quantity"),
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": Schema(typeschema.INT_OR_STRING, go_type="intstr.IntOrString"),
    "io.k8s.apimachinery.pkg.runtime.RawExtension": Schema(
        typeschema.OBJECT, preserve_unknown=True, map_type="atomic", go_type="runtime.RawExtension"
    ),
}


@functools.cache
def fields_of(name: str) -> Fields:
    """The fields of an object definition."""
    node = definitions.node(name)
    properties = {key: _property(child) for key, child in node.properties.items()}
    return Fields(properties, frozenset(node.required))


@functools.cache
def schema_of(name: str) -> Schema:
    """The schema of a definition; nothing is read before something looks into it."""
    known = _SCALARS.get(name)
    if known is not None:
        return known
    return Schema(typeschema.OBJECT, go_type=naming.go_name(name), fields=functools.partial(fields_of, name))


def _property(node: Node) -> Schema:
    if node.target:
        return _reference(node)
    kind = node.plain_type
    if kind == typeschema.ARRAY:
        return _list(node)
    if kind == typeschema.OBJECT:
        values = _property(node.additional) if node.additional else None
        return Schema(
            typeschema.OBJECT,
            go_type="map[string]" + (values.go_type if values else "interface {}"),
            additional=values,
            preserve_unknown=values is None,
            map_type=node.map_type or "granular",
        )
    return Schema(kind or typeschema.ANY, format=node.format, go_type=_go_scalar(kind, node.format))


def _reference(node: Node) -> Schema:
    name = node.target
    known = _SCALARS.get(name)
    if known is not None:
        return known
    target = definitions.node(name)
    if target.plain_type != typeschema.OBJECT:  # the JSON types of apiextensions, which have no shape
        return Schema(typeschema.ANY, preserve_unknown=True, map_type="atomic", go_type=naming.go_name(name))
    return Schema(
        typeschema.OBJECT,
        go_type=naming.go_name(name),
        fields=functools.partial(fields_of, name),
        map_type=node.map_type or target.map_type or "granular",
        patch_strategies=_strategies(node),
    )


def _list(node: Node) -> Schema:
    items = _property(node.items) if node.items else typeschema.UNKNOWN
    keys = tuple(node.list_map_keys)
    return Schema(
        typeschema.ARRAY,
        go_type="[]" + items.go_type,
        items=items,
        list_type=node.list_type or "atomic",
        list_map_keys=keys,
        key_defaults=_defaults_of(node, keys),
        merge_key=node.merge_key,
        patch_strategies=_strategies(node),
    )


def _defaults_of(node: Node, keys: tuple[str, ...]) -> dict[str, str]:
    if node.items and node.items.target == _NAMELESS:
        return {"name": ""}
    return {key: value for key, value in _KEY_DEFAULTS.items() if key in keys}


def _strategies(node: Node) -> tuple[str, ...]:
    return tuple(node.patch_strategy.split(",")) if node.patch_strategy else ()


def _go_scalar(kind: str, format_: str) -> str:
    if kind == typeschema.INTEGER:
        return format_ or "int64"
    if kind == typeschema.NUMBER:
        return "float64"
    if kind == typeschema.BOOLEAN:
        return "bool"
    if format_ == "byte":
        return "[]uint8"
    return kind or "interface {}"
