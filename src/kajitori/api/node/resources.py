"""node.k8s.io/v1: RuntimeClasses. May import: api."""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, name, table
from kajitori.api.checks import Errors
from kajitori.api.core import node_labels
from kajitori.api.core.limit_validation import container_resource
from kajitori.api.core.scheduling_validation import tolerations
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate


def _validate(obj: dict[str, Any]) -> Errors:
    errors = checks.by(Path("handler"), obj.get("handler") or "", names.is_dns1123_label)
    for key, value in ((obj.get("overhead") or {}).get("podFixed") or {}).items():
        at = Path("overhead", "limits").key(key)  # upstream's path
        errors += container_resource(at, key) + checks.quantity(at, value)
    scheduling = obj.get("scheduling") or {}
    errors += checks.labels(Path("scheduling", "nodeSelector"), scheduling.get("nodeSelector"))
    wanted = scheduling.get("tolerations") or []
    for position, one in enumerate(wanted):
        at = Path("scheduling", "tolerations")
        if one in wanted[:position]:
            errors.append(duplicate(at.index(position), one))
        errors += tolerations(at.child("tolerations"), [one])
    return errors


def _update(obj: dict[str, Any], old: dict[str, Any]) -> Errors:
    return checks.unchanged(Path("handler"), obj.get("handler"), old.get("handler"))


def _warnings(obj: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    selector = (obj.get("scheduling") or {}).get("nodeSelector") or {}
    return [f"{Path('scheduling', 'nodeSelector')}: {why}" for _, why in node_labels.deprecated(selector)]


RULES = Rules(
    warnings=_warnings,
    validate=_validate,
    validate_update=_update,
    table=table("Name, Handler, Age", lambda obj, now: [name(obj), obj.get("handler", ""), age(obj, now)]),
)

RESOURCES: list[Resource] = [resource("node.k8s.io/v1", "runtimeclasses", "RuntimeClass", RULES, namespaced=False)]
