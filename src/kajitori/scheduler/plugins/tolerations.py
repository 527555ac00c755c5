"""Taints and the tolerations that answer them, shared by two plugins and preemption. Pure."""

from collections.abc import Collection, Iterable
from typing import Any

NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "PreferNoSchedule", "NoExecute"


def tolerates(toleration: Any, taint: Any) -> bool:
    """Whether one toleration answers one taint."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    # An empty key with Equal tolerates nothing but an equally empty key, which taints cannot have.
    return bool(toleration.key) and (toleration.value or "") == (taint.value or "")


def first_untolerated(taints: Iterable[Any], tolerations: Collection[Any], effects: Collection[str]) -> Any | None:
    """The first taint with one of these effects that nothing answers."""
    for taint in taints:
        if taint.effect in effects and not any(tolerates(t, taint) for t in tolerations):
            return taint
    return None


def count_untolerated(taints: Iterable[Any], tolerations: Collection[Any], effects: Collection[str]) -> int:
    """How many there are."""
    return sum(1 for taint in taints if taint.effect in effects and not any(tolerates(t, taint) for t in tolerations))
