"""apiextensions.k8s.io/v1: CustomResourceDefinitions. May import: api."""

from __future__ import annotations

from typing import Any

from kajitori.api.cells import NAME_AND_CREATED
from kajitori.api.checks import Errors
from kajitori.api.rules import Rules, resource
from kajitori.api.scheme import Resource
from kajitori.machinery.fieldpath import Path, invalid, required

Object = dict[str, Any]


def _defaults(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    names = spec.setdefault("names", {})
    names["singular"] = names.get("singular") or (names.get("kind") or "").lower()
    names["listKind"] = names.get("listKind") or f"{names.get('kind', '')}List"
    conversion = spec.setdefault("conversion", {})
    conversion["strategy"] = conversion.get("strategy") or "None"
    service = ((conversion.get("webhook") or {}).get("clientConfig") or {}).get("service")
    if service is not None:
        service.setdefault("port", 443)


def _validate(obj: Object) -> Errors:
    spec, path = obj.get("spec") or {}, Path("spec")
    names, group = spec.get("names") or {}, spec.get("group") or ""
    errors: Errors = []
    expected = f"{names.get('plural', '')}.{group}"
    given = (obj.get("metadata") or {}).get("name") or ""
    if given != expected:
        message = 'must be spec.names.plural+"."+spec.group'
        errors.append(invalid(Path("metadata", "name"), given, message))
    if not group:
        errors.append(required(path.child("group")))
    for field in ("plural", "kind"):
        if not names.get(field):
            errors.append(required(path.child("names", field)))
    versions = spec.get("versions") or []
    if sum(bool(version.get("storage")) for version in versions) != 1:
        message = "must have exactly one version marked as storage version"
        errors.append(invalid(path.child("versions"), versions, message))
    for position, version in enumerate(versions):
        if not (version.get("schema") or {}).get("openAPIV3Schema"):
            where = path.child("versions").index(position).child("schema", "openAPIV3Schema")
            errors.append(required(where, "schemas are required"))
    return errors


def _store_version(obj: Object, old: Object | None = None) -> None:
    """Notes the storage version among the versions in which objects may be stored."""
    stored = next((v.get("name") for v in (obj.get("spec") or {}).get("versions") or () if v.get("storage")), None)
    status = dict(obj.get("status") or {})
    known = list(status.get("storedVersions") or ())
    if stored and stored not in known:
        obj["status"] = status | {"storedVersions": [*known, stored]}


RULES = Rules(
    defaults=_defaults,
    validate=_validate,
    on_create=_store_version,
    on_update=_store_version,
    status=True,
    generation=True,
    table=NAME_AND_CREATED,
)

RESOURCES: list[Resource] = [
    resource(
        "apiextensions.k8s.io/v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        RULES,
        namespaced=False,
        short_names=("crd", "crds"),
        categories=("api-extensions",),
    )
]
