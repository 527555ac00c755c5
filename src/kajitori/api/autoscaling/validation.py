"""Validation of an autoscaler's metrics and behaviour. Pure, on v2's wire dicts; texts are upstream's.

May import: api.checks, api.core.limit_validation, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.limit_validation import container_resource
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required
from kajitori.machinery.quantity import Quantity

SOURCES = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}
TARGETS = ("Utilization", "Value", "AverageValue")
SELECT_POLICIES = ("Disabled", "Max", "Min")
POLICY_TYPES = ("Percent", "Pods")
MAX_WINDOW_S, MAX_PERIOD_S = 3600, 1800


def reference(path: Path, ref: Object) -> Errors:
    """What is scaled, or what an Object metric is about."""
    errors: Errors = []
    for field in ("kind", "name"):
        value = ref.get(field)
        at = path.child(field)
        errors += checks.by(at, value, names.is_path_segment) if value else [required(at)]
    return errors


def metrics(path: Path, given: Any, least: int | None = None) -> Errors:
    """Every metric; and what may have no replicas at all has one that needs none."""
    errors = [error for position, metric in enumerate(given) for error in _metric(path.index(position), metric)]
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in given):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        errors.append(forbidden(path, why))
    return errors


def _metric(at: Path, metric: Object) -> Errors:
    kind = metric.get("type") or ""
    errors: Errors = []
    if not kind:
        errors.append(required(at.child("type"), "must specify a metric source type"))
    if kind not in SOURCES:
        errors.append(not_supported(at.child("type"), kind, sorted(SOURCES)))
    present = [field for field in SOURCES.values() if metric.get(field) is not None]
    if present:
        errors += _CHECKS[present[0]](at.child(present[0]), metric[present[0]])
    if kind not in SOURCES:
        errors.append(not_supported(at.child("type"), kind, sorted(SOURCES)))
    elif SOURCES[kind] not in present:
        errors.append(required(at.child(SOURCES[kind]), "must populate information for the given metric source"))
    if len(present) != 1:
        others = [field for field in present if field != SOURCES.get(kind)]
        errors += [forbidden(at.child(field), "must populate the given metric source only") for field in others]
    return errors


def _object(at: Path, source: Object) -> Errors:
    target = source.get("target") or {}
    errors = reference(at.child("describedObject"), source.get("describedObject") or {})
    errors += _identifier(at, source) + _target(at.child("target"), target)
    if target.get("value") is None and target.get("averageValue") is None:
        message = "must set either a target value or averageValue"
        errors.append(required(at.child("target", "averageValue"), message))
    return errors


def _external(at: Path, source: Object) -> Errors:
    target = source.get("target") or {}
    errors = _identifier(at, source) + _target(at.child("target"), target)
    fields = {"value": "a target value for metric", "averageValue": "a per-pod target"}
    return errors + _one_of_two(at.child("target"), target, fields)


def _pods(at: Path, source: Object) -> Errors:
    target = source.get("target") or {}
    errors = _identifier(at, source) + _target(at.child("target"), target)
    if target.get("averageValue") is None:
        errors.append(required(at.child("target", "averageValue"), "must specify a positive target averageValue"))
    return errors


def _container_resource(at: Path, source: Object) -> Errors:
    container, resource = source.get("container"), source.get("name")
    errors = container_resource(at.child("name"), resource) if resource else []
    if not container:
        errors.append(required(at.child("container"), "must specify a container"))
    else:
        errors += checks.by(at.child("container"), container, names.is_dns1123_label)
    return errors + _resource(at, source)


def _resource(at: Path, source: Object) -> Errors:
    target = source.get("target") or {}
    errors: Errors = [] if source.get("name") else [required(at.child("name"), "must specify a resource name")]
    errors += _target(at.child("target"), target)
    fields = {"averageValue": "a target raw value", "averageUtilization": "a target utilization"}
    return errors + _one_of_two(at.child("target"), target, fields)


_CHECKS = {
    "object": _object,
    "external": _external,
    "pods": _pods,
    "resource": _resource,
    "containerResource": _container_resource,
}


def _identifier(at: Path, source: Object) -> Errors:
    name = (source.get("metric") or {}).get("name")
    where = at.child("metric", "name")
    return checks.by(where, name, names.is_path_segment) if name else [required(where, "must specify a metric name")]


def _target(at: Path, target: Object) -> Errors:
    kind = target.get("type") or ""
    errors: Errors = [] if kind else [required(at.child("type"), "must specify a metric target type")]
    if kind not in TARGETS:
        errors.append(invalid(at.child("type"), kind, "must be either Utilization, Value, or AverageValue"))
    for field in ("value", "averageValue"):
        amount = target.get(field)
        if amount is not None and Quantity.parse(amount) <= Quantity.parse("0"):
            errors.append(invalid(at.child(field), str(Quantity.parse(amount)), "must be positive"))
    return errors + checks.positive(at.child("averageUtilization"), target.get("averageUtilization"))


def _one_of_two(at: Path, target: Object, fields: Mapping[str, str]) -> Errors:
    """Two fields and what each is, in words: one of them is required."""
    (first, this), (second, that) = fields.items()
    given = [field for field in fields if target.get(field) is not None]
    if not given:
        return [required(at.child(second), f"must set either {this} or {that}")]
    return [forbidden(at.child(first), f"may not set both {this} and {that}")] if len(given) > 1 else []


def behavior(path: Path, given: Object) -> Errors:
    """The scaling rules of both directions, where given."""
    errors: Errors = []
    for direction in ("scaleUp", "scaleDown"):
        if given.get(direction) is not None:
            errors += _rules(path.child(direction), given[direction])
    return errors


def _rules(at: Path, rules: Object) -> Errors:
    errors: Errors = []
    window, select = rules.get("stabilizationWindowSeconds"), rules.get("selectPolicy")
    where = at.child("stabilizationWindowSeconds")
    if window is not None and window < 0:
        errors.append(invalid(where, window, "must be greater than or equal to zero"))
    if window is not None and window > MAX_WINDOW_S:
        errors.append(invalid(where, window, f"must be less than or equal to {MAX_WINDOW_S}"))
    if select is not None and select not in SELECT_POLICIES:
        errors.append(not_supported(at.child("selectPolicy"), select, SELECT_POLICIES))
    policies = rules.get("policies") or ()
    if not policies:
        errors.append(required(at.child("policies"), "must specify at least one Policy"))
    for position, policy in enumerate(policies):
        errors += _policy(at.child("policies").index(position), policy)
    return errors


def _policy(at: Path, policy: Object) -> Errors:
    errors: Errors = []
    kind, period = policy.get("type") or "", policy.get("periodSeconds") or 0
    if kind not in POLICY_TYPES:
        errors.append(not_supported(at.child("type"), kind, POLICY_TYPES))
    for field, value in (("value", policy.get("value") or 0), ("periodSeconds", period)):
        if value <= 0:
            errors.append(invalid(at.child(field), value, "must be greater than zero"))
    if period > MAX_PERIOD_S:
        errors.append(invalid(at.child("periodSeconds"), period, f"must be less than or equal to {MAX_PERIOD_S}"))
    return errors
