"""Decoding what a client sent: types checked, unknown fields found, quantities canonical.

The common case (all well) costs one strict decode in C; only otherwise does a walk in Python find the words.
May import: msgspec, api.naming, api.structs, machinery.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kajitori.api import naming, structs
from kajitori.machinery import wirecheck
from kajitori.machinery.errors import BadRequest
from kajitori.machinery.typeschema import Schema

_checked: dict[tuple[str, str, str], Any] = {}


def _strict_type(group: str, version: str, kind: str) -> Any:
    key = (group, version, kind)
    found = _checked.get(key)
    if found is None:
        name = naming.definition_name(group, version, kind)
        found = _checked[key] = structs.strict_struct(name)
    return found


_HOLDS_SCHEMAS = "CustomResourceDefinition"
"""Its schemas nest without end, which a typed decode does not follow."""


def check(group: str, version: str, kind: str, schema: Schema, obj: dict[str, Any]) -> list[str]:
    """Checks and tidies a built-in kind's wire dict in place; returns the paths of unknown fields, which are dropped.

    Raises BadRequest, worded as a decoding error, for a value of the wrong type.
    """
    checker = getattr(schema, "checker", None)  # a custom resource's schema sees to itself
    if checker is not None:
        found: list[str] = checker(obj)
        return found
    unknown: list[str] = []
    try:
        msgspec.convert(obj, _strict_type(group, version, kind))
    except msgspec.ValidationError:
        wrong = wirecheck.type_error(schema, obj)
        if wrong:
            raise BadRequest.of(wirecheck.cannot_handle(version, kind, wrong)) from None
        unknown = wirecheck.prune(schema, obj)
    if kind == _HOLDS_SCHEMAS and obj.get("spec"):
        from kajitori.api.apiextensions import shape

        unknown += shape.tidy(obj["spec"])
    try:
        wirecheck.normalize(schema, obj)
    except ValueError as error:
        raise BadRequest.of(wirecheck.cannot_handle(version, kind, str(error))) from None
    return unknown
