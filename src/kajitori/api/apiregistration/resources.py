"""apiregistration.k8s.io/v1: APIServices. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.cells import age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery.fieldpath import Path, invalid

Object = dict[str, Any]


def _row(obj: Object, now: datetime) -> list[Any]:
    service = dig(obj, "spec.service")
    where = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"
    return [name(obj), where, _available(obj), age(obj, now)]


def _available(obj: Object) -> str:
    condition = next((c for c in dig(obj, "status.conditions", ()) if c.get("type") == "Available"), None)
    if condition is None:
        return "Unknown"
    if condition.get("status") == "True" or not condition.get("reason"):
        return str(condition.get("status", ""))
    return f"{condition['status']} ({condition['reason']})"


def _defaults(obj: Object) -> None:
    service = (obj.get("spec") or {}).get("service")
    if service is not None:
        service.setdefault("port", 443)


def _validate(obj: Object) -> Errors:
    spec, path = obj.get("spec") or {}, Path("spec")
    given = (obj.get("metadata") or {}).get("name") or ""
    expected = f"{spec.get('version', '')}.{spec.get('group', '')}"
    errors: Errors = []
    if given not in (expected, f"{spec.get('version', '')}."):
        message = f'must be `spec.version+"."+spec.group`: "{expected}"'
        errors.append(invalid(Path("metadata", "name"), given, message))
    for field, limit in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        value = spec.get(field) or 0
        if not 0 < value <= limit:
            errors.append(invalid(path.child(field), value, f"must be positive and less than {limit}"))
    return errors


RULES = Rules(
    defaults=_defaults,
    validate=_validate,
    status=True,
    status_keeps=("labels", "annotations", "ownerReferences"),
    table=table("Name, Service, Available, Age", _row),
)

RESOURCES: list[Resource] = [
    resource(
        "apiregistration.k8s.io/v1",
        "apiservices",
        "APIService",
        RULES,
        namespaced=False,
        categories=("api-extensions",),
    )
]
