"""The schema of a custom resource as the request path sees it: decoding checks it and drops unknown fields.

Unlike a built-in kind's, its wrong types are found by validation and not by decoding (except those of metadata).
May import: api.schema, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api import schema as api_schema
from kajitori.api.apiextensions import embedded
from kajitori.machinery import wirecheck
from kajitori.machinery.errors import BadRequest
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.typeschema import OBJECT, Fields, Schema, from_structural

Object = dict[str, Any]


class CustomSchema(Schema):
    """The root of a custom resource. `checker` is what `api.checking.check` calls instead of a typed decode."""

    __slots__ = ("group", "has_embedded", "kind", "raw", "version")

    def __init__(self, raw: Mapping[str, Any], group: str, version: str, kind: str) -> None:
        self.raw, self.group, self.version, self.kind = raw, group, version, kind
        self.has_embedded = embedded.present(raw)
        super().__init__(
            OBJECT,
            fields=self._read,
            preserve_unknown=bool(raw.get("x-kubernetes-preserve-unknown-fields")),
            nullable=False,
            by_value=False,
        )

    def _read(self) -> Fields:
        return from_structural({**self.raw, "type": OBJECT}, object_meta()).fields

    def checker(self, obj: Object) -> list[str]:
        """Drops unknown fields in place and returns their paths. Raises BadRequest for metadata of a wrong shape."""
        meta = obj.get("metadata")
        if meta is not None:
            self._check_metadata(meta)
        fault = embedded.fault(self.raw, obj, Path()) if self.has_embedded else None
        if fault is not None:
            raise BadRequest.of(wirecheck.cannot_handle(self.version, self.kind, str(fault)))
        unknown: list[str] = []
        prune(self, obj, "", unknown)
        return unknown

    def _check_metadata(self, meta: Any) -> None:
        schema = object_meta()
        wrong = wirecheck.type_error(schema, meta)
        if wrong:
            raise BadRequest.of(wirecheck.cannot_handle(self.version, self.kind, wrong))


def object_meta() -> Schema:
    """The schema of metadata."""
    return api_schema.type_schema("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")


_META_FIELDS = ("apiVersion", "kind", "metadata")


def prune(schema: Schema, obj: Object, path: str, unknown: list[str]) -> None:
    """Removes fields that the schema does not specify; nulls stay (defaulting and validation see to them)."""
    properties, additional = schema.properties, schema.additional
    for name in list(obj):
        here = f"{path}.{name}" if path else name
        child = properties.get(name) or additional
        if child is None:
            if schema.preserve_unknown or (schema.embedded and name in _META_FIELDS):
                continue
            unknown.append(here)
            del obj[name]
        elif name == "metadata" and child is properties.get(name) and child.go_type.endswith("ObjectMeta"):
            if isinstance(obj[name], dict):
                _prune_metadata(child, obj, here, unknown)
        else:
            _prune_value(child, obj[name], here, unknown)


def _prune_metadata(schema: Schema, holder: Object, path: str, unknown: list[str]) -> None:
    unknown += [f"{path}.{name}" for name in wirecheck.prune(schema, holder["metadata"])]


def _prune_value(schema: Schema, value: Any, path: str, unknown: list[str]) -> None:
    if isinstance(value, dict):
        prune(schema, value, path, unknown)
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            _prune_value(schema.items, item, f"{path}[{index}]", unknown)
