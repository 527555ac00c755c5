"""autoscaling/v1 as a view of the stored autoscaling/v2: one CPU target out, every other metric kept in an annotation.

The rules are upstream's. Pure, on wire dicts.
"""

from __future__ import annotations

import copy
import json
from typing import Any

Object = dict[str, Any]
METRICS = "autoscaling.alpha.kubernetes.io/metrics"
BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
CURRENT_METRICS = "autoscaling.alpha.kubernetes.io/current-metrics"
CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"


def _is_cpu(metric: Object) -> bool:
    resource = metric.get("resource") or {}
    target = resource.get("target") or resource.get("current") or {}
    return metric.get("type") == "Resource" and resource.get("name") == "cpu" and "averageUtilization" in target


def to_v1(obj: Object) -> Object:
    """The v1 form of a v2 autoscaler."""
    out = copy.deepcopy(obj)
    out["apiVersion"] = "autoscaling/v1"
    annotations = dict(out["metadata"].get("annotations") or {})
    spec, status = out.setdefault("spec", {}), out.setdefault("status", {})
    status.setdefault("currentReplicas", 0)
    _metrics_to_v1(spec, status, annotations)
    for key, owner, field in ((BEHAVIOR, spec, "behavior"), (CONDITIONS, status, "conditions")):
        value = owner.pop(field, None)
        if value:
            annotations[key] = json.dumps(value, separators=(",", ":"))
    if annotations:
        out["metadata"]["annotations"] = annotations
    return out


def _metrics_to_v1(spec: Object, status: Object, annotations: dict[str, str]) -> None:
    metrics, current = spec.pop("metrics", None) or [], status.pop("currentMetrics", None) or []
    cpu = next((m for m in metrics if _is_cpu(m)), None)
    if cpu:
        spec["targetCPUUtilizationPercentage"] = cpu["resource"]["target"]["averageUtilization"]
    measured = next((m for m in current if _is_cpu(m)), None)
    if measured:
        status["currentCPUUtilizationPercentage"] = measured["resource"]["current"]["averageUtilization"]
    for key, values, shown in ((METRICS, metrics, cpu), (CURRENT_METRICS, current, measured)):
        rest = [value for value in values if value is not shown]
        if rest:
            annotations[key] = json.dumps(rest, separators=(",", ":"))


def _kept(annotations: dict[str, str], key: str) -> list[Object]:
    """The metrics that an annotation keeps for v2; anyone may write one, so what is no metric is dropped."""
    value = _parsed(annotations.pop(key, ""))
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def to_v2(obj: Object) -> Object:
    """The stored v2 form of a v1 autoscaler."""
    out = copy.deepcopy(obj)
    out["apiVersion"] = "autoscaling/v2"
    annotations = dict(out["metadata"].get("annotations") or {})
    spec, status = out.setdefault("spec", {}), out.setdefault("status", {})
    metrics = _kept(annotations, METRICS)
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": target}}
        metrics.insert(0, {"type": "Resource", "resource": cpu})
    if metrics:
        spec["metrics"] = metrics
    current = _kept(annotations, CURRENT_METRICS)
    measured = status.pop("currentCPUUtilizationPercentage", None)
    if measured is not None:
        resource = {"name": "cpu", "current": {"averageUtilization": measured}}
        current.insert(0, {"type": "Resource", "resource": resource})
    if current:
        status["currentMetrics"] = current
    for key, owner, field in ((BEHAVIOR, spec, "behavior"), (CONDITIONS, status, "conditions")):
        value = _parsed(annotations.pop(key, ""))
        if isinstance(value, dict if field == "behavior" else list):
            owner[field] = value
    out["metadata"].pop("annotations", None)
    if annotations:
        out["metadata"]["annotations"] = annotations
    return out
