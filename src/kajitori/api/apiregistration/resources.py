"""apiregistration.k8s.io/v1: APIServices. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, required

Object = dict[str, Any]
MAX_PORT = 65535


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
    group, version = spec.get("group") or "", spec.get("version") or ""
    errors: Errors = []
    if given and given != f"{version}.{group}":
        message = f'must be `spec.version+"."+spec.group`: "{version}.{group}"'
        errors.append(invalid(Path("metadata", "name"), given, message))
    if group:
        errors += checks.by(path.child("group"), group, names.is_dns1123_subdomain)
    elif version != "v1":
        message = "only v1 may have an empty group and it better be legacy kube"
        errors.append(required(path.child("group"), message))
    errors += checks.by(path.child("version"), version, names.is_dns1035_label) + _service(path, spec)
    for field, limit in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        value = spec.get(field) or 0
        if not 0 < value <= limit:
            errors.append(invalid(path.child(field), value, f"must be positive and less than {limit}"))
    return errors


def _service(path: Path, spec: Object) -> Errors:
    service = spec.get("service")
    if service is None:
        given = (("caBundle", "caBundle"), ("insecureSkipTLSVerify", "insecureSkipTLSVerify"))
        message = "local APIServices may not have "
        return [invalid(path.child(field), spec[field], message + word) for field, word in given if spec.get(field)]
    errors: Errors = []
    at, port = path.child("service"), service.get("port")
    for field in ("namespace", "name"):
        if not service.get(field):
            errors.append(required(at.child(field)))
    if port is not None and not 1 <= port <= MAX_PORT:
        message = f"port is not valid: must be between 1 and {MAX_PORT}, inclusive"
        errors.append(invalid(at.child("port"), port, message))
    if spec.get("insecureSkipTLSVerify") and spec.get("caBundle"):
        message = "may not be true if caBundle is present"
        errors.append(invalid(path.child("insecureSkipTLSVerify"), True, message))
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
