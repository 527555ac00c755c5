"""autoscaling/v1 as a view of the stored autoscaling/v2: one CPU target out, every other metric kept in an annotation.

The rules are upstream's. Pure, on wire dicts. May import: api.autoscaling.old_metrics.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from kajitori.api.autoscaling import old_metrics

Object = dict[str, Any]
DEFAULT_CPU_TARGET = 80
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
    behavior, conditions = spec.pop("behavior", None), status.pop("conditions", None)
    if behavior is not None:
        annotations[BEHAVIOR] = _text(old_metrics.behavior_to_v1(behavior))
    if conditions:
        annotations[CONDITIONS] = _text(conditions)
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
    rest = [metric for metric in metrics if not _is_cpu(metric)]
    for key, values, part in ((METRICS, rest, "target"), (CURRENT_METRICS, current, "current")):
        if values:
            annotations[key] = _text([old_metrics.to_v1(value, part) for value in values])


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _kept(annotations: dict[str, str], key: str, part: str) -> list[Object]:
    """The metrics that an annotation keeps for v2; anyone may write one, so what is no metric is dropped."""
    value = _parsed(annotations.pop(key, ""))
    kept = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return [old_metrics.to_v2(item, part) for item in kept]


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
    metrics = _kept(annotations, METRICS, "target")
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None or not metrics:
        amount = DEFAULT_CPU_TARGET if target is None else target
        cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": amount}}
        metrics.append({"type": "Resource", "resource": cpu})
    spec["metrics"] = metrics
    current = _kept(annotations, CURRENT_METRICS, "current")
    measured = status.pop("currentCPUUtilizationPercentage", None)
    if measured is not None and not any(_is_cpu(metric) for metric in current):
        resource = {"name": "cpu", "current": {"averageUtilization": measured}}
        current.insert(0, {"type": "Resource", "resource": resource})
    if current:
        status["currentMetrics"] = current
    behavior, conditions = (_parsed(annotations.pop(key, "")) for key in (BEHAVIOR, CONDITIONS))
    if isinstance(behavior, dict) and (found := old_metrics.behavior_to_v2(behavior)):
        spec["behavior"] = found
    if isinstance(conditions, list):
        status["conditions"] = conditions
    out["metadata"].pop("annotations", None)
    if annotations:
        out["metadata"]["annotations"] = annotations
    return out
