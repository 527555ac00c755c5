"""Typed objects: one `msgspec` struct per definition, built when it is first asked for.

Two families share one builder. The readable one has snake_case attributes, empty lists, maps and standard parts as
defaults, and drops what it does not know; clients of the API use it. The strict one exists to check a request at C
speed: it refuses unknown fields, nulls, integers out of range and broken base64, and nobody reads its objects.

`managedFields` is not part of the readable family: nothing outside the API server reads it, and the server keeps it
when an update leaves it out. May import: msgspec, api.definitions, api.naming, machinery.times.
"""

from __future__ import annotations

import functools
import sys
from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any

import msgspec

from kajitori.api import definitions, naming
from kajitori.api.definitions import Node
from kajitori.machinery import times

EMPTY_BY_DEFAULT = frozenset({"metadata", "spec", "status", "template"})
_NOT_READ = frozenset({naming.META + "ObjectMeta.managedFields"})

_INT32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_INT64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]

_READABLE_SCALARS: dict[str, Any] = {
    naming.META + "Time": str,
    naming.META + "MicroTime": str,
    naming.META + "FieldsV1": Any,
    naming.META + "Patch": Any,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": str,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": int | str,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": Any,
}
_MOMENT = Annotated[datetime, msgspec.Meta(tz=True)]
_MICRO_MOMENT = Annotated[str, msgspec.Meta(pattern=times.CANONICAL_MICRO_TIME)]
_STRICT_SCALARS: dict[str, Any] = {
    **_READABLE_SCALARS,
    naming.META + "Time": _MOMENT,
    naming.META + "MicroTime": _MICRO_MOMENT,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": str | int | float,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": dict[str, Any],
}


class APIStruct(msgspec.Struct):
    """The base of every typed object."""


def is_scalar(name: str) -> bool:
    """True for definitions that are no struct: times, quantities, raw JSON."""
    return name in _READABLE_SCALARS or definitions.node(name).plain_type != "object"


@functools.cache
def struct(name: str) -> Any:
    """The readable type of a definition."""
    return _build(name, strict=False)


@functools.cache
def strict_struct(name: str) -> Any:
    """The checking type of a definition."""
    return _build(name, strict=True)


_in_progress: set[tuple[str, bool]] = set()


def _build(name: str, *, strict: bool) -> Any:
    scalars = _STRICT_SCALARS if strict else _READABLE_SCALARS
    if name in scalars:
        return scalars[name]
    node = definitions.node(name)
    if node.plain_type != "object":
        return Any
    if (name, strict) in _in_progress:
        return dict[str, Any]  # a type within itself (JSON schemas of CRDs) stays plain JSON from the second level on
    _in_progress.add((name, strict))
    try:
        return _define(name, node, strict=strict)
    finally:
        _in_progress.discard((name, strict))


def _define(name: str, node: Node, *, strict: bool) -> Any:
    fields: list[tuple[str, Any, Any]] = []
    rename: dict[str, str] = {}
    namespace: dict[str, Any] = {}
    kind = node.kinds[0] if len(node.kinds) == 1 else None
    for wire_name in _ordered(node.properties):
        if not strict and f"{name}.{wire_name}" in _NOT_READ:
            continue
        child = node.properties[wire_name]
        attribute = naming.attribute(wire_name)
        rename[attribute] = sys.intern(wire_name)
        type_ = _type(child, strict=strict)
        if strict:
            fields.append((attribute, type_, msgspec.UNSET))
        elif kind and wire_name in ("apiVersion", "kind"):
            # A factory, because a default that is a plain value would not be encoded.
            fields.append(
                (attribute, str, msgspec.field(default_factory=functools.partial(str, _own(kind, wire_name))))
            )
        else:
            fields.append((attribute, *_with_default(wire_name, type_)))
    if kind:
        namespace = {"API_VERSION": _own(kind, "apiVersion"), "KIND": kind["kind"]}
    return msgspec.defstruct(
        name.rpartition(".")[2],
        fields,
        bases=(APIStruct,),
        rename=rename,
        omit_defaults=True,
        forbid_unknown_fields=strict,
        kw_only=True,
        gc=False,
        namespace=namespace,
        module=naming.module_name(name),
    )


def _ordered(properties: dict[str, Node]) -> list[str]:
    first = [name for name in ("apiVersion", "kind", "metadata") if name in properties]
    return first + [name for name in properties if name not in first]


def _own(kind: dict[str, str], wire_name: str) -> str:
    if wire_name == "kind":
        return kind["kind"]
    return f"{kind['group']}/{kind['version']}" if kind["group"] else kind["version"]


def _type(node: Node, *, strict: bool) -> Any:
    if node.target:
        return strict_struct(node.target) if strict else struct(node.target)
    kind = node.plain_type
    if kind == "array":
        return GenericAlias(list, (_type(node.items, strict=strict) if node.items else Any,))
    if kind == "object":
        return GenericAlias(dict, (str, _type(node.additional, strict=strict) if node.additional else Any))
    if kind == "string":
        return bytes if strict and node.format == "byte" else str
    if kind == "integer":
        return (_INT32 if node.format == "int32" else _INT64) if strict else int
    return {"number": float, "boolean": bool}.get(kind, Any)


def _with_default(wire_name: str, type_: Any) -> tuple[Any, Any]:
    origin = getattr(type_, "__origin__", None)
    if origin in (list, dict):
        return type_, msgspec.field(default_factory=origin)
    if wire_name in EMPTY_BY_DEFAULT and isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_, msgspec.field(default_factory=type_)
    return (type_ if type_ is Any else type_ | None), None
