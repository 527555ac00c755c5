"""Facts about Pods that several controllers need. Pure. May import: api (types), machinery."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from kajitori.machinery.times import parse_time

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

TERMINAL = ("Succeeded", "Failed")
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


def condition(obj: Any, type_: str) -> Any | None:
    return next((c for c in obj.status.conditions if c.type == type_), None)


def is_ready(pod: Pod) -> bool:
    ready = condition(pod, "Ready")
    return ready is not None and ready.status == "True"


def is_active(pod: Pod) -> bool:
    """Not finished and not on its way out."""
    return pod.status.phase not in TERMINAL and pod.metadata.deletion_timestamp is None


def ready_since(pod: Pod) -> datetime | None:
    """When the Pod last became ready; None while it is not."""
    ready = condition(pod, "Ready")
    if ready is None or ready.status != "True" or not ready.last_transition_time:
        return None
    return parse_time(ready.last_transition_time)


def is_available(pod: Pod, min_ready_s: int, now: datetime) -> bool:
    """Ready for at least `min_ready_s`."""
    if not is_ready(pod):
        return False
    if min_ready_s == 0:
        return True
    since = ready_since(pod)
    return since is not None and (now - since).total_seconds() >= min_ready_s


def available_in_s(pod: Pod, min_ready_s: int, now: datetime) -> float | None:
    """Seconds until a ready Pod counts as available; None if it is not ready or is available already."""
    since = ready_since(pod)
    if since is None or min_ready_s == 0:
        return None
    left = min_ready_s - (now - since).total_seconds()
    return left if left > 0 else None


def restarts(pod: Pod) -> int:
    """Those of the container that restarted most."""
    return max((status.restart_count or 0 for status in pod.status.container_statuses), default=0)


def deletion_cost(pod: Pod) -> int:
    """The annotation controller.kubernetes.io/pod-deletion-cost (KEP-2255); 0 where it is missing or no number."""
    text = pod.metadata.annotations.get(DELETION_COST, "0")
    try:
        return int(text)
    except ValueError:
        return 0
