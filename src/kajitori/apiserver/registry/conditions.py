"""Setting a Pod's condition. Pure. May import: nothing of the server."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def set_condition(pod: Object, condition: Object, now: str) -> None:
    """Replace the condition of this type; the transition time moves only when the status does."""
    conditions = pod.setdefault("status", {}).setdefault("conditions", [])
    for position, existing in enumerate(conditions):
        if existing.get("type") == condition["type"]:
            stays = existing.get("status") == condition["status"]
            since = existing.get("lastTransitionTime") if stays else now
            conditions[position] = {"lastProbeTime": None, "lastTransitionTime": since, **condition}
            return
    conditions.append({"lastProbeTime": None, "lastTransitionTime": now, **condition})
