"""How autoscalers print: what is measured beside what is wanted. Pure. May import: api.cells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kajitori.api.cells import UNKNOWN, UNSET, age, dig, name, table

Object = dict[str, Any]
MAX_METRICS = 2


def _reference(obj: Object) -> str:
    target = dig(obj, "spec.scaleTargetRef", {})
    return f"{target.get('kind', '')}/{target.get('name', '')}"


def _tail(obj: Object, now: datetime) -> list[Any]:
    low = dig(obj, "spec.minReplicas")
    replicas = dig(obj, "status.currentReplicas", 0)
    return [UNSET if low is None else str(low), dig(obj, "spec.maxReplicas", 0), replicas, age(obj, now)]


def _v1(obj: Object, now: datetime) -> list[Any]:
    current, target = (
        dig(obj, "status.currentCPUUtilizationPercentage"),
        dig(obj, "spec.targetCPUUtilizationPercentage"),
    )
    text = f"cpu: {UNKNOWN if current is None else f'{current}%'}/{target}%" if target is not None else UNKNOWN
    return [name(obj), _reference(obj), text, *_tail(obj, now)]


def _v2(obj: Object, now: datetime) -> list[Any]:
    specs, statuses = dig(obj, "spec.metrics", ()), dig(obj, "status.currentMetrics", ())
    texts = []
    for position, spec in enumerate(specs):
        status = statuses[position] if position < len(statuses) else {}
        texts.append(metric_text(spec, status))
    shown = ", ".join(texts[:MAX_METRICS])
    if len(texts) > MAX_METRICS:
        shown += f" + {len(texts) - MAX_METRICS} more..."
    return [name(obj), _reference(obj), shown or "<none>", *_tail(obj, now)]


def metric_text(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    """``cpu: 20%/80%`` for one metric; unknown where nothing was measured."""
    kind = spec.get("type", "")
    field = kind[:1].lower() + kind[1:]
    source, current = spec.get(field) or {}, (status.get(field) or {}).get("current") or {}
    target = source.get("target") or {}
    label = f"{source['name']}: " if field in ("resource", "containerResource") and source.get("name") else ""
    if target.get("averageUtilization") is not None:
        value = current.get("averageUtilization")
        return f"{label}{UNKNOWN if value is None else f'{value}%'}/{target['averageUtilization']}%"
    suffix = " (avg)" if target.get("averageValue") is not None and field in ("external", "object") else ""
    key = "averageValue" if target.get("averageValue") is not None else "value"
    return f"{label}{current.get(key) or UNKNOWN}/{target.get(key, '')}{suffix}"


COLUMNS = "Name, Reference, Targets, MinPods, MaxPods, Replicas, Age"
V1_TABLE = table(COLUMNS, _v1)
V2_TABLE = table(COLUMNS, _v2)
