"""Structural schemas: every value has one type, said once, outside of allOf, anyOf, oneOf and not. Upstream's words.

May import: machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.machinery import goregex
from kajitori.machinery.fieldpath import FieldError, Path, forbidden, invalid, required

Raw = Mapping[str, Any]
Errors = list[FieldError]
ROOT, ITEM, FIELD = "at the root", "for specified array items", "for specified object fields"
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_NESTED_FORBIDDEN = (
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
)
_UNREADABLE = (
    ("id", "id"),
    ("$schema", "schema"),
    ("$ref", "$ref"),
    ("patternProperties", "patternProperties"),
    ("dependencies", "dependencies"),
    ("additionalItems", "additionalItems"),
    ("definitions", "definitions"),
)
_META = (("kind", "string"), ("apiVersion", "string"), ("metadata", "object"))


def check(raw: Raw, path: Path) -> Errors:
    """Everything that keeps a schema from being structural."""
    return sorted(_node(raw, ROOT, path) + _complete(raw, path), key=str)


def unreadable(raw: Raw) -> str:
    """Why a schema cannot even be read as a structural one; empty if it can."""
    for name, words in _UNREADABLE:
        if raw.get(name) is not None:
            return f"OpenAPIV3Schema '{words}' is not supported"
    if raw.get("x-kubernetes-preserve-unknown-fields") is False:
        return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
    items = raw.get("items")
    if isinstance(items, list):
        return "OpenAPIV3Schema 'items' must be a schema, but is an array"
    below = [*(raw.get("properties") or {}).values(), items, raw.get("additionalProperties"), raw.get("not")]
    for name in ("allOf", "anyOf", "oneOf"):
        below += raw.get(name) or ()
    return next((why for child in below if isinstance(child, Mapping) and (why := unreadable(child))), "")


def _node(raw: Raw, level: str, path: Path) -> Errors:
    errors: Errors = []
    kind = raw.get("type") or ""
    items = raw.get("items")
    if kind == "array" and not isinstance(items, Mapping):
        errors.append(required(path.child("items"), "must be specified"))
    if isinstance(items, Mapping):
        errors += _node(items, ITEM, path.child("items"))
    for name, child in (raw.get("properties") or {}).items():
        errors += _node(child, FIELD, path.child("properties").key(name))
    additional = raw.get("additionalProperties")
    if additional is not None:
        if level == ROOT:
            errors.append(forbidden(path.child("additionalProperties"), "must not be used at the root"))
        if isinstance(additional, Mapping):
            errors += _node(additional, FIELD, path.child("additionalProperties"))
    errors += _extensions(raw, path)
    errors += _values(raw, path, raw.get("anyOf") == _INT_OR_STRING, _first_all_of(raw))
    errors += _type(raw, kind, level, path)
    if level == ROOT or raw.get("x-kubernetes-embedded-resource"):
        errors += _meta(raw, path)
    if level == ROOT:
        errors += _root_metadata(raw, path)
    return errors


def _first_all_of(raw: Raw) -> bool:
    parts: list[Any] = raw.get("allOf") or []
    return bool(parts) and isinstance(parts[0], Mapping) and parts[0].get("anyOf") == _INT_OR_STRING


def _extensions(raw: Raw, path: Path) -> Errors:
    errors: Errors = []
    if raw.get("x-kubernetes-int-or-string"):
        for name in ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"):
            if raw.get(name):
                errors.append(invalid(path.child(name), True, "must be false if x-kubernetes-int-or-string is true"))
    if raw.get("x-kubernetes-embedded-resource"):
        if raw.get("additionalProperties") is not None:
            at = path.child("additionalProperties")
            errors.append(forbidden(at, "must not be used if x-kubernetes-embedded-resource is set"))
        if not raw.get("x-kubernetes-preserve-unknown-fields") and not raw.get("properties"):
            message = (
                "must not be empty if x-kubernetes-embedded-resource is true without "
                "x-kubernetes-preserve-unknown-fields"
            )
            errors.append(required(path.child("properties"), message))
    return errors


def _type(raw: Raw, kind: str, level: str, path: Path) -> Errors:
    at = path.child("type")
    if raw.get("x-kubernetes-embedded-resource") and kind != "object":
        message = "must be object if x-kubernetes-embedded-resource is true"
        return [invalid(at, kind, message) if kind else required(at, message)]
    flexible = raw.get("x-kubernetes-int-or-string") or raw.get("x-kubernetes-preserve-unknown-fields")
    if not kind and not flexible:
        return [required(at, f"must not be empty {level}")]
    if level == ROOT and kind and kind != "object":
        return [invalid(at, kind, "must be object at the root")]
    return []


def _meta(raw: Raw, path: Path) -> Errors:
    errors: Errors = []
    properties = raw.get("properties") or {}
    for name, wanted in _META:
        child = properties.get(name)
        if child is not None and (child.get("type") or "") != wanted:
            at = path.child("properties").key(name).child("type")
            errors.append(invalid(at, child.get("type") or "", f"must be {wanted}"))
    return errors


def _root_metadata(raw: Raw, path: Path) -> Errors:
    meta = (raw.get("properties") or {}).get("metadata")
    if meta is None:
        return []
    rest = {key: value for key, value in meta.items() if key not in ("type", "default", "description")}
    properties = rest.pop("properties", None) or {}
    if rest or not properties.keys() <= {"name", "generateName"}:
        message = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        return [forbidden(path.child("properties").key("metadata"), message)]
    return []


def _values(raw: Raw, path: Path, skip_any_of: bool, skip_first: bool) -> Errors:
    errors: Errors = []
    if not skip_any_of:
        for index, part in enumerate(raw.get("anyOf") or ()):
            errors += _nested(part, path.child("anyOf").index(index))
    for index, part in enumerate(raw.get("allOf") or ()):
        errors += _nested(part, path.child("allOf").index(index), skip_any_of=skip_first and index == 0)
    for index, part in enumerate(raw.get("oneOf") or ()):
        errors += _nested(part, path.child("oneOf").index(index))
    if raw.get("not") is not None:
        errors += _nested(raw["not"], path.child("not"))
    if raw.get("pattern"):
        try:
            goregex.compile(raw["pattern"])
        except ValueError as error:
            message = f"must be a valid regular expression, but isn't: {error}"
            errors.append(invalid(path.child("pattern"), raw["pattern"], message))
    return errors


def _nested(raw: Raw, path: Path, *, skip_any_of: bool = False) -> Errors:
    errors = _values(raw, path, skip_any_of, False)
    if isinstance(raw.get("items"), Mapping):
        errors += _nested(raw["items"], path.child("items"))
    for name, child in (raw.get("properties") or {}).items():
        errors += _nested(child, path.child("properties").key(name))
    errors += [
        forbidden(path.child(name), message)
        for name, message in _NESTED_FORBIDDEN
        if raw.get(name) or (name == "default" and raw.get(name) is not None) or isinstance(raw.get(name), Mapping)
    ]
    if "metadata" in (raw.get("properties") or {}):
        at = path.child("properties").key("metadata")
        errors.append(forbidden(at, "must not be specified in a nested context"))
    return errors


def _complete(raw: Raw, path: Path) -> Errors:
    """What allOf and the like at the root speak of must also be specified outside; upstream looks no deeper."""
    errors: Errors = []
    if isinstance(raw.get("not"), Mapping):
        errors += _specified(raw["not"], raw, path, path.child("not"))
    for name in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(raw.get(name) or ()):
            errors += _specified(part, raw, path, path.child(name).index(index))
    return errors


def _specified(part: Raw, spine: Raw, path: Path, at: Path) -> Errors:
    errors: Errors = []
    for name, child in (part.get("properties") or {}).items():
        wanted = (spine.get("properties") or {}).get(name)
        where = path.child("properties").key(name)
        if wanted is None:
            message = f"because it is defined in {at.child('properties').key(name)}"
            errors.append(required(where, message))
        else:
            errors += _specified(child, wanted, where, at.child("properties").key(name))
    if isinstance(part.get("items"), Mapping):
        if not isinstance(spine.get("items"), Mapping):
            errors.append(required(path.child("items"), f"because it is defined in {at.child('items')}"))
        else:
            errors += _specified(part["items"], spine["items"], path.child("items"), at.child("items"))
    for name in ("anyOf", "allOf", "oneOf"):
        for index, inner in enumerate(part.get(name) or ()):
            errors += _specified(inner, spine, path, at.child(name).index(index))
    if isinstance(part.get("not"), Mapping):
        errors += _specified(part["not"], spine, path, at.child("not"))
    return errors
