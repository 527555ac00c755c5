"""Validation of one version of a CustomResourceDefinition: schema, defaults, subresources, columns, selectable fields.

In upstream's words and order. Pure. May import: api.apiextensions, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kajitori.api.apiextensions import paths, schemas, structural, values
from kajitori.machinery.fieldpath import (
    FieldError,
    Path,
    duplicate,
    invalid,
    required,
    too_many,
)

Object = dict[str, Any]
Errors = list[FieldError]
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")

_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password", "name")

_MAX_SELECTABLE = 8


def check(version: Object, at: Path, old: Object | None) -> Errors:
    """`old`: the version as it was, whose schema is not judged again; None on create."""
    errors = [
        invalid(at.child("deprecationWarning"), version.get("deprecationWarning"), why) for why in _deprecation(version)
    ]
    raw = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    wanted = version.get("subresources") or {}
    if raw:
        unchanged = (
            old is not None
            and old.get("schema") == version.get("schema")
            and bool((old.get("subresources") or {}).get("status") is None) == bool(wanted.get("status") is None)
        )
        if not unchanged:
            errors += _schema(raw, at.child("schema", "openAPIV3Schema"), status=wanted.get("status") is not None)
    if wanted.get("scale") is not None:
        errors += _scale(wanted["scale"], at.child("subresources"))
    for index, column in enumerate(version.get("additionalPrinterColumns") or ()):
        errors += _column(column, at.child("additionalPrinterColumns").index(index))
    return errors + _selectable(version.get("selectableFields") or (), raw, at.child("selectableFields"))


def _deprecation(version: Object) -> list[str]:
    text = version.get("deprecationWarning")
    if text is None:
        return []
    if not version.get("deprecated"):
        return ["can only be set for deprecated versions"]
    errors = []
    if len(text.encode()) > 256:
        errors.append("must be <= 256 characters long")
    if not text:
        errors.append("must not be an empty string")
    bad = next((index for index, char in enumerate(text) if not char.isprintable()), None)
    if bad is not None:
        errors.append(f"must only contain printable UTF-8 characters; non-printable character found at index {bad}")
    return errors


def _schema(raw: Object, at: Path, *, status: bool) -> Errors:
    errors = schemas.check_root(raw, at, status=status)
    shape = structural.check(raw, at)
    plain = schemas.check(raw, at)
    errors += shape
    if not shape:
        errors += _defaults(raw, at)
    errors += plain
    if not errors and values.has_rules(raw):
        from kajitori.api.apiextensions import rules

        errors += rules.check(raw, at)
    return errors


def _defaults(raw: Mapping[str, Any], at: Path) -> Errors:
    """Defaults must themselves be valid, and hold nothing that would be pruned."""
    errors: Errors = []
    default = raw.get("default")
    if default is not None:
        here = at.child("default")
        if _unknown(raw, default):
            errors.append(invalid(here, default, "must not have unknown fields"))
        for error in values.check(raw, default):
            path = str(here) if error.path in ("", "<nil>") else f"{here}.{error.path}"
            errors.append(FieldError(error.type, path, error.bad_value, error.detail))
    for name, child in (raw.get("properties") or {}).items():
        errors += _defaults(child, at.child("properties").key(name))
    for name in ("items", "additionalProperties"):
        if isinstance(raw.get(name), Mapping):
            errors += _defaults(raw[name], at.child(name))
    return errors


def _unknown(raw: Mapping[str, Any], value: Any) -> bool:
    """Whether pruning would change a value."""
    if isinstance(value, list):
        items = raw.get("items")
        return isinstance(items, Mapping) and any(_unknown(items, item) for item in value)
    if not isinstance(value, dict) or raw.get("x-kubernetes-preserve-unknown-fields"):
        return False
    properties, additional = raw.get("properties") or {}, raw.get("additionalProperties")
    implicit = ("apiVersion", "kind", "metadata") if raw.get("x-kubernetes-embedded-resource") else ()
    for name, item in value.items():
        child = properties.get(name, additional)
        if child is None and name not in implicit:
            return True
        if isinstance(child, Mapping) and _unknown(child, item):
            return True
    return False


def _scale(scale: Object, at: Path) -> Errors:
    errors: Errors = []
    for field, prefix in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        here, path = at.child(f"scale.{field}"), scale.get(field) or ""
        if not path:
            errors.append(required(here))
            continue
        wrong = _simple_path(path, here)
        errors += wrong
        if not wrong and not path.startswith(prefix):
            errors.append(invalid(here, path, f"should be a json path under {prefix[:-1]}"))
    path = scale.get("labelSelectorPath") or ""
    if path:
        here = at.child("scale.labelSelectorPath")
        wrong = _simple_path(path, here)
        errors += wrong
        if not wrong and not path.startswith((".spec.", ".status.")):
            errors.append(invalid(here, path, "should be a json path under either .spec or .status"))
    return errors


def _simple_path(path: str, at: Path) -> Errors:
    return [] if path.startswith(".") else [invalid(at, path, "must be a simple json path starting with .")]


def _column(column: Object, at: Path) -> Errors:
    errors: Errors = []
    if not column.get("name"):
        errors.append(required(at.child("name")))
    kind, shape, path = column.get("type") or "", column.get("format") or "", column.get("jsonPath") or ""
    allowed = f"must be one of {','.join(_COLUMN_TYPES)}"
    if not kind:
        errors.append(required(at.child("type"), allowed))
    elif kind not in _COLUMN_TYPES:
        errors.append(invalid(at.child("type"), kind, allowed))
    if shape and shape not in _COLUMN_FORMATS:
        message = f"must be one of {','.join(sorted(_COLUMN_FORMATS))}"
        errors.append(invalid(at.child("format"), shape, message))
    if not path:
        errors.append(required(at.child("JSONPath")))
    else:
        errors += _simple_path(path, at.child("JSONPath"))
    return errors


def _selectable(fields: Sequence[Object], raw: Object, at: Path) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, field in enumerate(fields):
        here, path = at.index(index).child("jsonPath"), field.get("jsonPath") or ""
        if not path:
            errors.append(required(here))
            continue
        try:
            steps, found = paths.find(path, raw, brackets=False)
        except paths.PathFault as fault:
            errors.append(invalid(here, path, f"is an invalid path: {fault}"))
            continue
        if steps and steps[0] == "metadata":
            errors.append(invalid(here, path, "must not point to fields in metadata"))
        if found.get("type") not in ("string", "boolean", "integer"):
            message = (
                "must point to a field of type string, boolean or integer. Enum string fields and strings with formats "
                "are allowed."
            )
            errors.append(invalid(here, path, message))
        if ".".join(steps) in seen:
            errors.append(duplicate(here, path))
        seen.add(".".join(steps))
    if len(seen) > _MAX_SELECTABLE:
        errors.append(too_many(at, len(seen), _MAX_SELECTABLE))
    return errors
