"""apiextensions.k8s.io/v1: CustomResourceDefinitions. May import: api."""

from __future__ import annotations

from typing import Any

from kajitori.api.cells import NAME_AND_CREATED
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, RulesStrategy, resource
from kajitori.machinery.gotext import quote

Object = dict[str, Any]


def _defaults(obj: Object) -> None:
    from kajitori.api.apiextensions import shape

    spec = obj.setdefault("spec", {})
    shape.tidy(spec)
    status = obj["status"] = _STATUS | (obj.get("status") or {})
    if not status.get("storedVersions"):
        stored = _storage_version(obj)
        status["storedVersions"] = [stored] if stored is not None else None
    names = spec.setdefault("names", {})
    names["singular"] = names.get("singular") or (names.get("kind") or "").lower()
    if not names.get("listKind") and names.get("kind"):
        names["listKind"] = names["kind"] + "List"
    if spec.get("conversion") is None:  # one that is given says its strategy itself
        spec["conversion"] = {"strategy": "None"}
    conversion = spec["conversion"]
    service = ((conversion.get("webhook") or {}).get("clientConfig") or {}).get("service")
    if service is not None:
        service.setdefault("port", 443)


def _validate_status(obj: Object, old: Object) -> Errors:
    from kajitori.api.apiextensions import validation

    return validation.status_errors(obj)


def _validate(obj: Object) -> Errors:
    from kajitori.api.apiextensions import validation

    return validation.validate(obj)


class Definitions(RulesStrategy):
    """An update is compared with what is there: unchanged schemas are not judged again, some fields may not change."""

    def validate_update(self, obj: Object, old: Object) -> Errors:
        from kajitori.api.apiextensions import validation

        return validation.validate_update(obj, old)


def _storage_version(obj: Object) -> str | None:
    versions = (obj.get("spec") or {}).get("versions") or ()
    return next((version.get("name") or "" for version in versions if version and version.get("storage")), None)


def _store_version(obj: Object, old: Object | None = None) -> None:
    """Notes the storage version among the versions in which objects may be stored."""
    stored, status = _storage_version(obj), _STATUS | (obj.get("status") or {})
    known = list(status.get("storedVersions") or ())
    if stored is not None and stored not in known:
        known.append(stored)
    obj["status"] = status | {"storedVersions": known or None}


_STATUS: Object = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}}


def _warnings(obj: Object, old: Object | None) -> list[str]:
    """Formats that nobody checks, but not those that were there before."""
    from kajitori.api.apiextensions import formats

    known = formats.unrecognized(old["spec"]) if old else []
    return [f"unrecognized format {quote(name)}" for name in formats.unrecognized(obj["spec"]) if name not in known]


RULES = Rules(
    defaults=_defaults,
    validate=_validate,
    validate_status=_validate_status,
    on_create=_store_version,
    on_update=_store_version,
    status=True,
    generation=True,
    warnings=_warnings,
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
        strategy=Definitions(RULES),
    )
]
