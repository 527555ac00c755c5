"""Objects within objects (`x-kubernetes-embedded-resource`): their apiVersion, kind and metadata, in upstream's words.

Pure. May import: api.checks, api.schema, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api import checks
from kajitori.api import schema as api_schema
from kajitori.machinery import names, rawschema, wirecheck
from kajitori.machinery.fieldpath import FieldError, Path, invalid, required, too_long

Raw = Mapping[str, Any]
Errors = list[FieldError]
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_MAX_ANNOTATIONS = 256 * 1024


def present(raw: Any) -> bool:
    """Whether a schema has embedded objects anywhere."""
    return rawschema.anywhere(raw, lambda one: one.get("x-kubernetes-embedded-resource"))


def errors(raw: Raw, value: Any, path: Path, *, is_root: bool = False) -> Errors:
    """What is wrong with the embedded objects of a value; `is_root`: the value is one itself."""
    found: Errors = []
    if isinstance(value, dict):
        if is_root or raw.get("x-kubernetes-embedded-resource"):
            found += _resource(value, path)
        properties, additional = raw.get("properties") or {}, raw.get("additionalProperties")
        for name, item in value.items():
            if name in properties:
                found += errors(properties[name], item, path.child(name))
            elif isinstance(additional, Mapping):
                found += errors(additional, item, path.key(name))
    elif isinstance(value, list) and isinstance(raw.get("items"), Mapping):
        for index, item in enumerate(value):
            found += errors(raw["items"], item, path.index(index))
    return found


def fault(raw: Raw, value: Any, path: Path) -> FieldError | None:
    """The first embedded apiVersion, kind or metadata of a wrong type, which upstream finds when it decodes.

    Metadata that is null becomes empty on the way.
    """
    if isinstance(value, list) and isinstance(raw.get("items"), Mapping):
        found = (fault(raw["items"], item, path.index(index)) for index, item in enumerate(value))
        return next((one for one in found if one is not None), None)
    if not isinstance(value, dict):
        return None
    if raw.get("x-kubernetes-embedded-resource"):
        for name in ("apiVersion", "kind"):
            if name in value and not isinstance(value[name], str):
                return invalid(path.child(name), value[name], "must be a string")
        if "metadata" in value:
            value["metadata"] = value["metadata"] if value["metadata"] is not None else {}
            wrong = wirecheck.type_error(api_schema.type_schema(_META), value["metadata"])
            if wrong:
                return invalid(path.child("metadata"), value["metadata"], wrong)
    properties, additional = raw.get("properties") or {}, raw.get("additionalProperties")
    for name, item in value.items():
        child = properties.get(name, additional)
        if isinstance(child, Mapping) and isinstance(item, dict | list):
            at = path.child(name) if name in properties else path.key(name)
            if (one := fault(child, item, at)) is not None:
                return one
    return None


def _resource(value: Mapping[str, Any], path: Path) -> Errors:
    found = [required(path.child(name)) for name in ("apiVersion", "kind") if name not in value]
    for name, item in value.items():
        at = path.child(name)
        if name in ("apiVersion", "kind"):
            if not isinstance(item, str):
                found.append(invalid(at, item, "must be a string"))
            elif not item:
                found.append(invalid(at, item, "must not be empty"))
            elif name == "apiVersion" and item.count("/") > 1:
                found.append(invalid(at, item, f"unexpected GroupVersion string: {item}"))
            elif name == "kind" and (wrong := names.is_dns1035_label(item.lower())):
                found.append(invalid(at, item, "may have mixed case, but should otherwise match: " + ",".join(wrong)))
        elif name == "metadata":
            found += _metadata(item, at)
    return found


def _metadata(meta: Any, at: Path) -> Errors:
    if meta is None:
        return []
    wrong = wirecheck.type_error(api_schema.type_schema(_META), meta)
    if wrong:
        return [invalid(at, meta, wrong)]
    found: Errors = []
    base = meta.get("generateName") or ""
    if base:
        found += checks.by(at.child("generateName"), base, _no_separators)
    if meta.get("name"):
        found += checks.by(at.child("name"), meta["name"], names.is_path_segment)
    if meta.get("namespace"):
        found += checks.by(at.child("namespace"), meta["namespace"], names.is_dns1123_label)
    found += checks.non_negative(at.child("generation"), meta.get("generation"))
    found += checks.labels(at.child("labels"), meta.get("labels"))
    found += annotation_errors(at.child("annotations"), meta.get("annotations") or {})
    found += _owners(meta.get("ownerReferences") or (), at.child("ownerReferences"))
    return found + _finalizers(meta.get("finalizers") or [], at.child("finalizers"))


def _no_separators(text: str) -> list[str]:
    return [f"may not contain '{char}'" for char in ("/", "%") if char in text]


def annotation_errors(at: Path, annotations: Mapping[str, str]) -> Errors:
    """What is wrong with annotations."""
    found = [error for key in annotations for error in checks.by(at, key.lower(), names.is_qualified_name)]
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    return [*found, too_long(at, "", _MAX_ANNOTATIONS)] if size > _MAX_ANNOTATIONS else found


def _owners(owners: Any, at: Path) -> Errors:
    found: Errors = []
    for owner in owners:
        for name, message in _OWNER:
            if not owner.get(name):
                found.append(invalid(at.child(name), owner.get(name) or "", message))
    return found


_OWNER = (
    ("apiVersion", "version must not be empty"),
    ("kind", "must not be empty"),
    ("name", "must not be empty"),
    ("uid", "must not be empty"),
)


def _finalizers(finalizers: list[str], at: Path) -> Errors:
    found: Errors = []
    for finalizer in finalizers:
        found += checks.by(at, finalizer, names.is_qualified_name)
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        found.append(invalid(at, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"))
    return found
