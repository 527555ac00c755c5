"""Validation of one version of a CustomResourceDefinition: schema, defaults, subresources, columns, selectable fields.

In upstream's words and order. Pure. May import: api.apiextensions, machinery.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.api.apiextensions import defaults, paths, schemas, structural, values
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

_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")

_MAX_SELECTABLE = 8


def schema_errors(raw: Object, at: Path, *, status: bool) -> Errors:
    """What is wrong with an openAPIV3Schema; `status`: versions with it have the status subresource."""
    errors = schemas.check_root(raw, at, status=status)
    unreadable = structural.unreadable(raw)
    shape = structural.check(raw, at) if not unreadable else []
    plain = schemas.check(raw, at)
    errors += shape
    judged = not shape and not unreadable
    if judged:
        wrong = defaults.errors(raw, at)
        errors += wrong
        judged = not wrong
    errors += plain
    if unreadable and not errors:
        errors.append(invalid(at, "", unreadable))
    if judged and not plain and values.has_rules(raw):
        from kajitori.api.apiextensions import rules

        errors += rules.check(raw, at)
    return errors


def subresource_errors(subresources: Object | None, at: Path) -> Errors:
    """What is wrong with a version's subresources."""
    scale = (subresources or {}).get("scale")
    return _scale(scale, at) if scale is not None else []


def column_errors(columns: Sequence[Object], at: Path) -> Errors:
    """What is wrong with additionalPrinterColumns."""
    return [error for index, column in enumerate(columns) for error in _column(column, at.index(index))]


def deprecation_errors(version: Object, at: Path) -> Errors:
    """What is wrong with the warning that clients of a deprecated version see."""
    return [
        invalid(at.child("deprecationWarning"), version.get("deprecationWarning"), why) for why in _deprecation(version)
    ]


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


def selectable_errors(fields: Sequence[Object], raw: Object, at: Path) -> Errors:
    """What is wrong with selectableFields."""
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
