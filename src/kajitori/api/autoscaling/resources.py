"""HorizontalPodAutoscalers in both versions; v2 is stored. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.autoscaling import columns, conversion, validation
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, RulesStrategy, resource
from kajitori.machinery.fieldpath import Path, invalid

Object = dict[str, Any]
SPEC = Path("spec")


def _v1_defaults(obj: Object) -> None:
    obj.setdefault("spec", {}).setdefault("minReplicas", 1)
    status = obj.setdefault("status", {})
    status.setdefault("currentReplicas", 0)
    status.setdefault("desiredReplicas", 0)


def _v2_defaults(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    obj.setdefault("status", {}).setdefault("desiredReplicas", 0)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": conversion.DEFAULT_CPU_TARGET}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    behavior = spec.get("behavior")
    if behavior:
        _scaling_rules(behavior, "scaleUp", [("Pods", 4), ("Percent", 100)], window=0)
        _scaling_rules(behavior, "scaleDown", [("Percent", 100)], window=None)


def _scaling_rules(behavior: Object, direction: str, policies: list[tuple[str, int]], window: int | None) -> None:
    rules = behavior[direction] = behavior.get(direction) or {}
    if window is not None:
        rules.setdefault("stabilizationWindowSeconds", window)
    rules.setdefault("selectPolicy", "Max")
    rules.setdefault("policies", [{"type": kind, "value": value, "periodSeconds": 15} for kind, value in policies])


def _validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    low, high = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    errors: Errors = []
    if low is not None and low < 1:
        found = [invalid(SPEC.child("minReplicas"), low, "must be greater than or equal to 1")]
        errors += checks.ratcheted(found, "no replicas") if low == 0 else found
    if high < 1:
        errors.append(invalid(SPEC.child("maxReplicas"), high, "must be greater than 0"))
    if low is not None and high < low:
        errors.append(invalid(SPEC.child("maxReplicas"), high, "must be greater than or equal to `minReplicas`"))
    errors += validation.reference(SPEC.child("scaleTargetRef"), spec.get("scaleTargetRef") or {})
    errors += validation.metrics(SPEC.child("metrics"), spec.get("metrics") or (), low)
    return errors + validation.behavior(SPEC.child("behavior"), spec.get("behavior") or {})


def _v1_validate(obj: Object) -> Errors:
    """By the rules of v2, whose fields errors name: upstream knows one form."""
    return _validate(conversion.to_v2(obj))


def _status(obj: Object, old: Object) -> Errors:
    """How many there are and should be; the API does not ask how the autoscaler came to that."""
    status, at = obj.get("status") or {}, Path("status")
    fields = ("currentReplicas", "desiredReplicas")
    return [error for field in fields for error in checks.non_negative(at.child(field), status.get(field))]


def _drop_disabled(obj: Object) -> None:
    """Tolerances stand behind a gate that is off in v1.34."""
    _drop_new(obj, {})


def _drop_new(obj: Object, old: Object) -> None:
    behavior, before = ((one.get("spec") or {}).get("behavior") or {} for one in (obj, old))
    in_use = any((before.get(way) or {}).get("tolerance") is not None for way in ("scaleUp", "scaleDown"))
    for way in () if in_use else ("scaleUp", "scaleDown"):
        (behavior.get(way) or {}).pop("tolerance", None)


class V1Strategy(RulesStrategy):
    """autoscaling/v1 is served from the stored v2 objects."""

    def to_storage(self, obj: Object) -> Object:
        return conversion.to_v2(obj)

    def from_storage(self, obj: Object) -> Object:
        return conversion.to_v1(obj)

    def row(self, obj: Object, now: datetime) -> list[Any]:
        return super().row(conversion.to_v2(obj), now)


V1_RULES = Rules(
    defaults=_v1_defaults, validate=_v1_validate, validate_status=_status, status=True, table=columns.TABLE
)
V2_RULES = Rules(
    defaults=_v2_defaults,
    validate=_validate,
    validate_status=_status,
    on_create=_drop_disabled,
    on_update=_drop_new,
    status=True,
    table=columns.TABLE,
)


def _autoscalers(version: str, rules: Rules) -> Resource:
    return resource(
        f"autoscaling/{version}",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        rules,
        short_names=("hpa",),
        categories=("all",),
        storage_version="v2",
        strategy=V1Strategy(rules) if version == "v1" else RulesStrategy(rules),
    )


SCALE = resource("autoscaling/v1", "scales", "Scale", Rules(table=columns.SCALE))
"""What `scale` subresources show; there is no such collection."""

RESOURCES: list[Resource] = [_autoscalers("v2", V2_RULES), _autoscalers("v1", V1_RULES)]
