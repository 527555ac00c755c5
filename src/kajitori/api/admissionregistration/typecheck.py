"""What a policy's expressions get wrong about the kinds they are for: a field that does not exist, a type.

The policy works nevertheless, since expressions are evaluated on whatever an object holds; its status tells of this.
Pure. May import: api.definitions, cel.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kajitori import cel
from kajitori.api import definitions, naming
from kajitori.api.admissionregistration import expressions
from kajitori.api.definitions import Node
from kajitori.cel.authorizer import LIBRARY
from kajitori.cel.schema import escape, type_of_schema
from kajitori.cel.types import BOOL, BYTES, DOUBLE, DYN, INT, STRING, TIMESTAMP, ObjectType, Type, list_of, map_of

Kind = tuple[str, str, str]
"""Group, version, kind."""
Warnings = list[dict[str, str]]
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_DYNAMIC = (".IntOrString", ".JSON", ".RawExtension", ".FieldsV1", ".JSONSchemaPropsOrBool", ".JSONSchemaPropsOrArray")


@functools.lru_cache(maxsize=64)
def type_of_kind(kind: Kind) -> Type | None:
    """The type of a built-in kind's objects; None for others."""
    name = naming.definition_name(*kind)
    return _definition(name) if naming.is_builtin_group(kind[0]) and definitions.exists(name) else None


def _definition(name: str) -> Type:
    if name.endswith((".Time", ".MicroTime")):
        return TIMESTAMP
    if name.endswith(".Quantity"):
        return STRING
    if name.endswith(_DYNAMIC):
        return DYN
    return _type(definitions.node(name), name)


def _type(node: Node, name: str) -> Type:
    if node.target:
        return _definition(node.target)
    match node.plain_type:
        case "array":
            return list_of(_type(node.items, name) if node.items is not None else DYN)
        case "string":
            return {"date-time": TIMESTAMP, "byte": BYTES, "int-or-string": DYN}.get(node.format, STRING)
        case "integer":
            return INT
        case "number":
            return DOUBLE
        case "boolean":
            return BOOL
    if node.properties:
        return ObjectType(name, lambda: _fields(node, name))
    return map_of(STRING, _type(node.additional, name)) if node.additional is not None else DYN


def _fields(node: Node, name: str) -> Mapping[str, Type]:
    found: dict[str, Type] = {}
    for field, child in node.properties.items():
        escaped = escape(field)
        if escaped is not None:
            found[escaped] = _type(child, f"{name}.{field}")
    return found


def published_type(document: Mapping[str, Any], kind: Kind) -> Type | None:
    """The type of a custom resource, out of what the server publishes of its group and version as OpenAPI v3."""
    wanted = dict(zip(("group", "version", "kind"), kind, strict=True))
    for raw in ((document.get("components") or {}).get("schemas") or {}).values():
        if wanted in (raw.get("x-kubernetes-group-version-kind") or ()):
            made = type_of_schema(raw, root=True)
            if not isinstance(made, ObjectType):
                return made
            return ObjectType(".".join(kind), {**made.fields, "metadata": _definition(_META)})
    return None


def kind_of_params(param_kind: Mapping[str, Any]) -> Kind:
    """The kind of a policy's parameters."""
    group, _, version = str(param_kind.get("apiVersion") or "").rpartition("/")
    return group, version, str(param_kind.get("kind"))


def check_policy(
    spec: Mapping[str, Any], kinds: Iterable[Kind], type_of: Callable[[Kind], Type | None] = type_of_kind
) -> Warnings:
    """`expressionWarnings` of a policy's status, for the kinds that its rules name."""
    typed = [(kind, found) for kind in kinds if (found := type_of(kind)) is not None]
    param_kind = spec.get("paramKind")
    params = (type_of(kind_of_params(param_kind)) or DYN) if param_kind else None
    out: Warnings = []
    for index, validation in enumerate(spec.get("validations") or ()):
        for field in ("expression", "messageExpression"):
            text = validation.get(field)
            if text and (said := _check(spec, text, typed, params, authorizer=field == "expression")):
                out.append({"fieldRef": f"spec.validations[{index}].{field}", "warning": said})
    return out


def _check(
    spec: Mapping[str, Any],
    text: str,
    typed: Iterable[tuple[Kind, Type]],
    params: Type | None,
    *,
    authorizer: bool,
) -> str:
    said = []
    for (group, version, kind), found in typed:
        known = expressions.types(params=params is not None, authorizer=authorizer)
        known |= {"object": found, "oldObject": found}
        if params is not None:
            known["params"] = params
        known["variables"] = ObjectType("kubernetes.variables", _variables(spec, known))
        try:
            cel.compile(text, known, library=LIBRARY)
        except cel.CompileError as error:
            said.append(f"{group}/{version}, Kind={kind}: {error}\n")
    return "\n".join(said)


def _variables(spec: Mapping[str, Any], known: Mapping[str, Type]) -> dict[str, Type]:
    """The types of the policy's variables; those that do not fit are taken for anything."""
    out: dict[str, Type] = {}
    for variable in spec.get("variables") or ():
        scope = {**known, "variables": ObjectType("kubernetes.variables", dict(out))}
        try:
            out[variable["name"]] = cel.compile(variable["expression"], scope, library=LIBRARY).result
        except cel.CompileError:
            out[variable["name"]] = DYN
    return out
