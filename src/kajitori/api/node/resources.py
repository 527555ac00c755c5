"""node.k8s.io/v1: RuntimeClasses. May import: api."""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, name, table
from kajitori.api.checks import Errors
from kajitori.api.core import node_labels
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery.fieldpath import Path


def _validate(obj: dict[str, Any]) -> Errors:
    return checks.dns_label(Path("handler"), obj.get("handler"))


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
