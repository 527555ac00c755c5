"""Validation of an openAPIV3Schema: what OpenAPI v3 offers and custom resources may not use, list and map types, rules.

May import: api.apiextensions.rules, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kajitori.api.apiextensions import shown
from kajitori.machinery.fieldpath import FieldError, Path, forbidden, invalid, not_supported, required

Raw = Mapping[str, Any]
Errors = list[FieldError]
TYPES = ("array", "boolean", "integer", "number", "object", "string")
_UNSUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")
_META = frozenset({"metadata", "kind", "apiVersion"})
_ROOT_ALLOWED_WORDS = (
    "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern "
    "MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields "
    "XValidations]"
)
_EXTENSIONS = {
    "XPreserveUnknownFields": "x-kubernetes-preserve-unknown-fields",
    "XValidations": "x-kubernetes-validations",
}
_ROOT_ALLOWED = frozenset(
    _EXTENSIONS.get(word, word[0].lower() + word[1:]) for word in _ROOT_ALLOWED_WORDS.strip("[]").split()
)


@dataclass(frozen=True)
class Where:
    """What the surroundings of a schema forbid in it."""

    defaults_reason: str | None = None
    in_meta: bool = False
    uncorrelatable: Path | None = None
    """The outermost place below which old and new values cannot be told apart."""


def check_root(raw: Raw, path: Path, *, status: bool) -> Errors:
    """The rules for the root alone."""
    errors: Errors = []
    if status:
        if raw.get("type") and raw["type"] != "object":
            message = (
                'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
            )
            errors.append(invalid(path.child("type"), raw["type"], message))
        elif any(_is_set(name, value) and name not in _ROOT_ALLOWED for name, value in raw.items()):
            message = (
                f"only {_ROOT_ALLOWED_WORDS} fields are allowed at the root of the schema if the status subresource is "
                "enabled"
            )
            errors.append(invalid(path, shown.schema(raw), message))
    if raw.get("nullable"):
        errors.append(forbidden(path.child("nullable"), "nullable cannot be true at the root"))
    return errors


def _is_set(name: str, value: Any) -> bool:
    return bool(value) or (value is not None and name in ("default", "additionalProperties", "minProperties"))


def check(raw: Raw, path: Path, where: Where = Where(), *, root: bool = True) -> Errors:
    """Everything wrong with a schema but its rules' expressions."""
    errors = _plain(raw, path, where)
    errors += _children(raw, path, where, root)
    if raw.get("x-kubernetes-preserve-unknown-fields") is False:
        errors.append(invalid(path.child("x-kubernetes-preserve-unknown-fields"), False, "must be true or undefined"))
    return errors + _map_type(raw, path) + _list_type(raw, path) + _map_keys(raw, path) + _rule_texts(raw, path)


def _plain(raw: Raw, path: Path, where: Where) -> Errors:
    errors: Errors = []
    kind = raw.get("type") or ""
    if kind == "null":
        message = "type cannot be set to null, use nullable as an alternative"
        errors += [not_supported(path.child("type"), kind, TYPES), forbidden(path.child("type"), message)]
    elif kind and kind not in TYPES:
        errors.append(not_supported(path.child("type"), kind, TYPES))
    if raw.get("default") is not None and where.defaults_reason is not None:
        errors.append(forbidden(path.child("default"), f"must not be set {where.defaults_reason}".rstrip()))
    unsupported = [name for name in _UNSUPPORTED if raw.get(name) is not None]
    errors += [forbidden(path.child(name), f"{name} is not supported") for name in unsupported]
    if isinstance(raw.get("items"), list):
        errors.append(forbidden(path.child("items"), "items must be a schema object and not an array"))
    if where.in_meta and raw.get("x-kubernetes-embedded-resource"):
        at = path.child("x-kubernetes-embedded-resource")
        errors.append(forbidden(at, "must not be used inside of resource meta"))
    if raw.get("uniqueItems"):
        message = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        errors.append(forbidden(path.child("uniqueItems"), message))
    return errors


def _children(raw: Raw, path: Path, where: Where, root: bool) -> Errors:
    errors: Errors = []
    additional = raw.get("additionalProperties")
    if additional is not None:
        if raw.get("properties") and additional is not True:
            message = "additionalProperties and properties are mutual exclusive"
            errors.append(forbidden(path.child("additionalProperties"), message))
        if isinstance(additional, Mapping):
            inner = where
            if where.in_meta:
                inner = replace(where, defaults_reason="inside additionalProperties applying to object metadata")
            errors += check(additional, path.child("additionalProperties"), inner, root=False)
    for name, child in (raw.get("properties") or {}).items():
        errors += check(child, path.child("properties").key(name), below(raw, where, name, root=root), root=False)
    for name in ("allOf", "oneOf", "anyOf"):
        for index, part in enumerate(raw.get(name) or ()):
            errors += check(part, path.child(name).index(index), where, root=False)
    if isinstance(raw.get("not"), Mapping):
        errors += check(raw["not"], path.child("not"), where, root=False)
    if isinstance(raw.get("items"), Mapping):
        errors += check(raw["items"], path.child("items"), in_items(raw, where, path), root=False)
    return errors


def below(raw: Raw, where: Where, name: str, *, root: bool) -> Where:
    """The surroundings of a property."""
    if (root or raw.get("x-kubernetes-embedded-resource")) and name in _META:
        where = replace(where, in_meta=True)
        if root:
            where = replace(where, defaults_reason=f"in top-level {name}")
    return where


def in_items(raw: Raw, where: Where, path: Path) -> Where:
    """The surroundings of a list's items: only those of maps have a counterpart in the old list."""
    if raw.get("x-kubernetes-list-type") == "map" or where.uncorrelatable is not None:
        return where
    return replace(where, uncorrelatable=path)


def _map_type(raw: Raw, path: Path) -> Errors:
    kind = raw.get("x-kubernetes-map-type")
    if kind is None:
        return []
    errors = _needs_type(raw, path, "object", "x-kubernetes-map-type")
    if kind not in ("atomic", "granular"):
        errors.append(not_supported(path.child("x-kubernetes-map-type"), kind, ["atomic", "granular"]))
    return errors


def _needs_type(raw: Raw, path: Path, wanted: str, because: str) -> Errors:
    given = raw.get("type") or ""
    if given == wanted:
        return []
    message = f"must be {wanted} if {because} is specified"
    return [invalid(path.child("type"), given, message) if given else required(path.child("type"), message)]


def _list_type(raw: Raw, path: Path) -> Errors:
    kind, items = raw.get("x-kubernetes-list-type"), raw.get("items")
    if kind is None:
        return []
    errors = _needs_type(raw, path, "array", "x-kubernetes-list-type")
    if not errors and kind == "set" and isinstance(items, Mapping):
        message = "must be atomic as item of a list with x-kubernetes-list-type=set"
        at = path.child("items")
        if items.get("type") == "array" and items.get("x-kubernetes-list-type") not in (None, "atomic"):
            errors.append(invalid(at.child("x-kubernetes-list-type"), items["x-kubernetes-list-type"], message))
        if items.get("type") == "object" and items.get("x-kubernetes-map-type") != "atomic":
            errors.append(invalid(at.child("x-kubernetes-map-type"), items.get("x-kubernetes-list-type"), message))
    if kind not in ("atomic", "set", "map"):
        errors.append(not_supported(path.child("x-kubernetes-list-type"), kind, ["atomic", "set", "map"]))
    if kind in ("set", "map") and isinstance(items, Mapping) and items.get("nullable"):
        message = f"cannot be nullable when x-kubernetes-list-type is {kind}"
        errors.append(forbidden(path.child("items").child("nullable"), message))
    return errors


def _map_keys(raw: Raw, path: Path) -> Errors:
    keys, kind = raw.get("x-kubernetes-list-map-keys") or [], raw.get("x-kubernetes-list-type")
    errors: Errors = []
    if keys and kind != "map":
        message = "must be map if x-kubernetes-list-map-keys is non-empty"
        at = path.child("x-kubernetes-list-type")
        errors.append(required(at, message) if kind is None else invalid(at, kind, message))
    if kind != "map":
        return errors
    at_keys, at_items = path.child("x-kubernetes-list-map-keys"), path.child("items")
    items = raw.get("items")
    if not keys:
        errors.append(required(at_keys, "must not be empty if x-kubernetes-list-type is map"))
    if items is None:
        return [*errors, required(at_items, "must have a schema if x-kubernetes-list-type is map")]
    if not isinstance(items, Mapping):
        return [
            *errors,
            invalid(
                at_items,
                shown.schema({"items": items})["Items"],
                "must only have a single schema if x-kubernetes-list-type is map",
            ),
        ]
    if items.get("type") != "object":
        message = "must be object if parent array's x-kubernetes-list-type is map"
        return [*errors, invalid(at_items.child("type"), items.get("type") or "", message)]
    return errors + _each_key(keys, items, at_keys, at_items)


def _each_key(keys: list[str], items: Raw, at_keys: Path, at_items: Path) -> Errors:
    errors: Errors = []
    properties = items.get("properties") or {}
    for index, key in enumerate(keys):
        found, at = properties.get(key), at_items.child("properties").key(key)
        if found is None:
            errors.append(invalid(at_keys, keys, "entries must all be names of item properties"))
        elif found.get("type") in ("array", "object"):
            message = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            errors.append(invalid(at.child("type"), items.get("type"), message))
        if key in keys[:index]:
            errors.append(invalid(at_keys, keys, "must not contain duplicate entries"))
        if found is None:
            continue
        if key not in (items.get("required") or ()) and found.get("default") is None:
            message = (
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            )
            errors.append(required(at.child("default"), message))
        if found.get("nullable"):
            message = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
            errors.append(forbidden(at.child("nullable"), message))
    return errors


_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")


def _rule_texts(raw: Raw, path: Path) -> Errors:
    errors: Errors = []
    for index, rule in enumerate(raw.get("x-kubernetes-validations") or ()):
        at = path.child("x-kubernetes-validations").index(index)
        text, message = (rule.get("rule") or "").strip(), rule.get("message") or ""
        if not text:
            errors.append(required(at.child("rule"), "rule is not specified"))
        elif message and not message.strip():
            errors.append(invalid(at.child("message"), message, "message must be non-empty if specified"))
        elif _has_newlines(message.strip()):
            errors.append(invalid(at.child("message"), message, "message must not contain line breaks"))
        elif _has_newlines(text) and not message.strip():
            errors.append(required(at.child("message"), "message must be specified if rule contains line breaks"))
        expression = rule.get("messageExpression") or ""
        if expression and not expression.strip():
            at_expression = at.child("messageExpression")
            errors.append(required(at_expression, "messageExpression must be non-empty if specified"))
        if rule.get("reason") is not None and rule["reason"] not in _REASONS:
            errors.append(not_supported(at.child("reason"), rule["reason"], _REASONS))
        errors += _field_path(raw, rule.get("fieldPath") or "", at.child("fieldPath"))
    return errors


def _field_path(raw: Raw, text: str, at: Path) -> Errors:
    errors: Errors = []
    if text and not text.strip():
        errors.append(invalid(at, text, "fieldPath must be non-empty if specified"))
    if _has_newlines(text):
        errors.append(invalid(at, text, "fieldPath must not contain line breaks"))
    if text:
        from kajitori.api.apiextensions.paths import PathFault, find

        try:
            find(text, raw)
        except PathFault:
            errors.append(invalid(at, text, "fieldPath must be a valid path"))
    return errors


def _has_newlines(text: str) -> bool:
    return "\n" in text or "\r" in text
