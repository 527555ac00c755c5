"""The life of a custom resource: defaults, generation, validation, as its version's schema says.

`SingleStrategy` is for definitions with one version, whose objects are shown as they are stored. `VersionedStrategy`
converts: the stored form has the fields that the stored version knows, and each version shows those of its own.
May import: customresources.*.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from kajitori.api.apiextensions import defaulting, embedded, scaling, values
from kajitori.api.registration import Resource
from kajitori.api.strategy import Object, Strategy
from kajitori.apiserver.customresources.columns import Row
from kajitori.apiserver.customresources.typeview import CustomSchema, prune
from kajitori.apiserver.customresources.versions import Versions
from kajitori.apiserver.objects.validation import finalizer_warnings
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import MethodNotSupported
from kajitori.machinery.fieldpath import FieldError, FieldErrorType, Path

_BLOCKING = frozenset(
    {
        FieldErrorType.NOT_SUPPORTED,
        FieldErrorType.REQUIRED,
        FieldErrorType.TOO_LONG,
        FieldErrorType.TOO_MANY,
        FieldErrorType.TYPE_INVALID,
    }
)
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)


class SingleStrategy(Strategy):
    """Rules of one version. `terminating`: its definition is being deleted, so nothing new may be created."""

    def __init__(self, schema: CustomSchema, version: Mapping[str, Any], *, terminating: bool = False) -> None:
        self.schema = schema
        self.raw: Mapping[str, Any] = schema.raw
        self._scale: Mapping[str, str] | None = (version.get("subresources") or {}).get("scale")
        self._has_status = "status" in (version.get("subresources") or {})
        self._has_defaults = defaulting.has_defaults(self.raw)
        self._terminating = terminating
        self._row = Row(version.get("additionalPrinterColumns") or ())
        self._rules: Any = None
        self._let_pass: list[str] = []
        self._has_rules = values.has_rules(self.raw)

    def default(self, obj: Object) -> None:
        if self._has_defaults:
            defaulting.apply(self.raw, obj)
        defaulting.drop_nulls(self.raw, obj)

    def prepare_for_create(self, obj: Object) -> None:
        if self._terminating:
            raise MethodNotSupported("create not allowed while custom resource definition is terminating")
        if self._has_status:
            obj.pop("status", None)
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        if self._has_status:
            if "status" in old:
                obj["status"] = old["status"]
            else:
                obj.pop("status", None)
        uncounted = ("metadata", "status") if self._has_status else ("metadata",)
        changed = any(obj.get(name) != old.get(name) for name in obj.keys() | old.keys() if name not in uncounted)
        generation = old["metadata"].get("generation") or 1
        obj["metadata"]["generation"] = generation + 1 if changed else generation

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        status, meta = obj.get("status"), obj.get("metadata") or {}
        kept: Object = orjson.loads(orjson.dumps(old))
        for name in ("managedFields", "resourceVersion"):
            if name in meta:
                kept["metadata"][name] = meta[name]
        kept.pop("status", None)
        if status is not None:
            kept["status"] = status
        obj.clear()
        obj.update(kept)

    def validate(self, obj: Object) -> list[FieldError]:
        errors = values.check(self.raw, obj) + self._scale_errors(obj)
        if self.schema.has_embedded:
            errors += embedded.errors(self.raw, obj, Path())
        errors += values.list_errors(self.raw, obj, Path())
        return errors + self._rule_errors(obj, None, errors)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        errors = values.check(self.raw, obj, old=old) + self._scale_errors(obj)
        if self.schema.has_embedded:
            errors += embedded.errors(self.raw, obj, Path())
        return self._checked_lists(obj, old, errors)

    def _scale_errors(self, obj: Object) -> list[FieldError]:
        if self._scale is None:
            return []
        return scaling.spec_errors(obj, self._scale) + scaling.status_errors(obj, self._scale)

    def _checked_lists(self, obj: Object, old: Object, errors: list[FieldError]) -> list[FieldError]:
        """Lists that held duplicates before may go on doing so; then come the rules."""
        lists = values.list_errors(self.raw, obj, Path())
        if lists and not values.list_errors(self.raw, old, Path()):
            errors += lists
        return errors + self._rule_errors(obj, old, errors)

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        errors: list[FieldError] = []
        raw = (self.raw.get("properties") or {}).get("status")
        if "status" in obj and raw is not None:
            errors += values.check_at(raw, obj["status"], Path("status"), old.get("status", values.MISSING))
        if self._scale is not None:
            errors += scaling.status_errors(obj, self._scale)
        return self._checked_lists(obj, old, errors)

    def _rule_errors(self, obj: Object, old: Object | None, errors: list[FieldError]) -> list[FieldError]:
        if not self._has_rules:
            return []
        if any(error.type in _BLOCKING for error in errors):
            return [fieldpath.invalid(Path("<nil>"), None, _UNCHECKED)]
        if self._rules is None:
            from kajitori.api.apiextensions.enforcement import Rules

            self._rules = Rules(self.raw)
        self._let_pass = []
        found: list[FieldError] = self._rules.check(obj, old, warnings=self._let_pass)
        return found

    def warnings(self, obj: Object, old: Object | None) -> list[str]:
        return finalizer_warnings(obj, old) + self.noted()

    def noted(self) -> list[str]:
        let_pass, self._let_pass = self._let_pass, []  # of the validation just before: nobody awaits between the two
        return let_pass

    def row(self, obj: Object, now: datetime) -> list[Any]:
        return self._row(obj, now)

    def tidy(self, stored: bytes) -> bytes:
        """A stored value as this version shows it: pruned, with today's defaults."""
        obj = orjson.loads(stored)
        if not isinstance(obj, dict):
            return stored
        before = orjson.dumps(obj)
        prune(self.schema, obj, "", [])
        self.default(obj)
        obj["apiVersion"] = f"{self.schema.group}/{self.schema.version}"
        return stored if orjson.dumps(obj) == before else _stored_form(obj)


class VersionedStrategy(SingleStrategy):
    """One of several versions, without a webhook: only apiVersion differs between them, and what their schemas know."""

    def __init__(
        self,
        schema: CustomSchema,
        version: Mapping[str, Any],
        *,
        versions: Versions,
        storage_version: str,
        terminating: bool = False,
    ) -> None:
        super().__init__(schema, version, terminating=terminating)
        self._versions = versions
        self._stored_as = f"{schema.group}/{storage_version}"
        self._shown_as = f"{schema.group}/{schema.version}"

    def from_storage(self, obj: Object) -> Object:
        self._versions.read(obj)
        if obj.get("apiVersion") != self._shown_as:
            obj["apiVersion"] = self._shown_as
            self._versions.shape(obj)
        return obj

    def to_storage(self, obj: Object) -> Object:
        if obj.get("apiVersion") == self._stored_as:
            return obj
        stored: Object = orjson.loads(orjson.dumps(obj))
        stored["apiVersion"] = self._stored_as
        self._versions.shape(stored)
        return stored


def _stored_form(obj: Object) -> bytes:
    from kajitori.apiserver.cache.entry import encode_for_storage

    return encode_for_storage(obj)


def selectable(version: Mapping[str, Any]) -> Any:
    """The function that gives the fields by which objects of a version may be selected."""
    from kajitori.api.registration import metadata_fields

    paths = [item["jsonPath"].removeprefix(".") for item in version.get("selectableFields") or ()]
    if not paths:
        return metadata_fields

    def fields(obj: Object) -> dict[str, str]:
        found = metadata_fields(obj)
        for path in paths:
            value: Any = obj
            for step in path.split("."):
                value = value.get(step) if isinstance(value, dict) else None
            found[path] = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        return found

    return fields


__all__ = ["Resource", "SingleStrategy", "VersionedStrategy", "selectable"]
