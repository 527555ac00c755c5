"""How autoscalers print: what is measured beside what is wanted. Pure. May import: api.cells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kajitori.api.cells import UNKNOWN, UNSET, age, dig, name, table

Object = dict[str, Any]
MAX_METRICS = 2
_KINDS = ("External", "Pods", "Object", "Resource", "ContainerResource")
_NIL = "<nil>"
"""What upstream shows of an amount that should be there."""


def _reference(obj: Object) -> str:
    target = dig(obj, "spec.scaleTargetRef", {})
    return f"{target.get('kind', '')}/{target.get('name', '')}"


def _tail(obj: Object, now: datetime) -> list[Any]:
    low = dig(obj, "spec.minReplicas")
    replicas = dig(obj, "status.currentReplicas", 0)
    return [UNSET if low is None else str(low), dig(obj, "spec.maxReplicas", 0), replicas, age(obj, now)]


def _row(obj: Object, now: datetime) -> list[Any]:
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
    if kind not in _KINDS:
        return "<unknown type>"
    field = kind[:1].lower() + kind[1:]
    source, measured = spec.get(field) or {}, status.get(field)
    target, current = source.get("target") or {}, (measured or {}).get("current") or {}
    wanted = target.get("averageValue")
    if kind in ("Resource", "ContainerResource"):
        if wanted is None:
            parts = (_percent(current, UNKNOWN), _percent(target, "<auto>"))
        else:
            parts = (UNKNOWN if measured is None else current.get("averageValue", _NIL), wanted)
        return f"{source.get('name', '')}: {parts[0]}/{parts[1]}"
    if kind == "Pods":
        return f"{UNKNOWN if measured is None else current.get('averageValue', _NIL)}/{wanted or _NIL}"
    if wanted is not None:
        return f"{current.get('averageValue', UNKNOWN)}/{wanted} (avg)"
    return f"{UNKNOWN if measured is None else current.get('value', _NIL)}/{target.get('value', _NIL)}"


def _percent(values: Mapping[str, Any], missing: str) -> str:
    value = values.get("averageUtilization")
    return missing if value is None else f"{value}%"


def _scale(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), dig(obj, "spec.replicas", 0), dig(obj, "status.replicas", 0), age(obj, now)]


SCALE = table("Name, Desired:integer, Available:integer, Age", _scale)
TABLE = table("Name, Reference, Targets, MinPods, MaxPods, Replicas, Age", _row)
