"""Deployment, the arithmetic: how many replicas each ReplicaSet may have during a rollout or a scaling. Pure.

Sizes travel as numbers: `Sizes` of a ReplicaSet is what a rule needs of it. May import: machinery.intstr.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.machinery.intstr import scaled_value

if TYPE_CHECKING:
    from kajitori.api.apps.v1 import Deployment, ReplicaSet


@dataclass(frozen=True)
class Limits:
    """What a Deployment's strategy allows, percentages resolved."""

    replicas: int
    surge: int
    unavailable: int

    @property
    def most(self) -> int:
        return self.replicas + self.surge

    @property
    def least_available(self) -> int:
        return self.replicas - self.unavailable


def is_rolling(d: Deployment) -> bool:
    """RollingUpdate, which is also what no type means; else Recreate."""
    return (d.spec.strategy.type if d.spec.strategy else None) in (None, "RollingUpdate")


def wanted(obj: Deployment | ReplicaSet) -> int:
    """spec.replicas, 1 where it says nothing."""
    return 1 if obj.spec.replicas is None else obj.spec.replicas


def total(sets: Sequence[ReplicaSet]) -> int:
    return sum(wanted(rs) for rs in sets)


def available(sets: Sequence[ReplicaSet]) -> int:
    return sum(rs.status.available_replicas or 0 for rs in sets)


def limits_of(d: Deployment) -> Limits:
    """Surge rounds up, unavailable rounds down; if both are nothing, one may be unavailable, or it would be stuck."""
    replicas = wanted(d)
    if not is_rolling(d):
        return Limits(replicas, 0, 0)
    rolling = d.spec.strategy.rolling_update if d.spec.strategy else None
    max_surge = rolling.max_surge if rolling and rolling.max_surge is not None else "25%"
    max_unavailable = rolling.max_unavailable if rolling and rolling.max_unavailable is not None else "25%"
    surge = scaled_value(max_surge, replicas, round_up=True)
    unavailable = scaled_value(max_unavailable, replicas, round_up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Limits(replicas, surge, min(unavailable, replicas))


def new_size(d: Deployment, everyone: Sequence[ReplicaSet], new: ReplicaSet | None) -> int:
    """How large the new ReplicaSet may be now. It never shrinks here, except to the Deployment's own size."""
    limits, size = limits_of(d), wanted(new) if new is not None else 0
    if not is_rolling(d):
        return limits.replicas
    if size > limits.replicas:
        return limits.replicas
    room = limits.most - total(everyone)
    return size if room <= 0 else size + min(room, limits.replicas - size)


def shrink_old(d: Deployment, old: Sequence[ReplicaSet], new: ReplicaSet | None) -> dict[str, int]:
    """New sizes, by name, of the old ReplicaSets that may shrink: unhealthy Pods first, then the oldest sets.

    The second step counts what is available now, before the first has taken effect: it only took what was unavailable.
    """
    limits = limits_of(d)
    everyone = [*old, *([new] if new is not None else [])]
    sizes = {rs.metadata.name or "": wanted(rs) for rs in old}
    new_unavailable = wanted(new) - (new.status.available_replicas or 0) if new is not None else 0
    may_go = total(everyone) - limits.least_available - new_unavailable
    if total(old) == 0 or may_go <= 0:
        return {}
    by_age = sorted(old, key=age)
    changed: dict[str, int] = {}
    for rs in by_age:
        name, size = rs.metadata.name or "", wanted(rs)
        unhealthy = min(size - (rs.status.available_replicas or 0), may_go)
        if size and unhealthy > 0:
            changed[name] = sizes[name] = size - unhealthy
            may_go -= unhealthy
    spare = available(everyone) - limits.least_available
    for rs in by_age:
        name = rs.metadata.name or ""
        fewer = min(sizes[name], spare)
        if fewer > 0:
            changed[name] = sizes[name] = sizes[name] - fewer
            spare -= fewer
    return changed


def proportional(d: Deployment, active: Sequence[ReplicaSet], most_before: dict[str, int]) -> dict[str, int]:
    """Sizes after a scaling in the middle of a rollout: each set keeps its share, the largest takes the rest.

    `most_before` is the Deployment's largest total that each set was last sized for (its max-replicas annotation).
    """
    limits = limits_of(d)
    allowed = limits.most if limits.replicas > 0 else 0
    to_add = allowed - total(active)
    newer_first = sorted(active, key=age, reverse=True)
    ordered = sorted(newer_first if to_add > 0 else newer_first[::-1], key=wanted, reverse=True)
    sizes: dict[str, int] = {}
    added = 0
    for rs in ordered:
        name, size = rs.metadata.name or "", wanted(rs)
        share = _share(rs, limits, to_add - added, most_before.get(name, 0), d.status.replicas or 0) if to_add else 0
        sizes[name] = size + share
        added += share
    if ordered and to_add:
        first = ordered[0].metadata.name or ""
        sizes[first] = max(0, sizes[first] + to_add - added)
    return sizes


def _share(rs: ReplicaSet, limits: Limits, left: int, most_before: int, status_replicas: int) -> int:
    size = wanted(rs)
    if size == 0 or left == 0:
        return 0
    if limits.replicas == 0:
        wish = -size
    else:
        before = most_before or status_replicas
        if before == 0:
            return 0
        wish = _round(size * limits.most / before) - size
    return min(wish, left) if left > 0 else max(wish, left)


def _round(value: float) -> int:
    return int(value - 0.5) if value < 0 else int(value + 0.5)


def age(rs: ReplicaSet) -> tuple[str, str]:
    """Sorts the oldest first."""
    return rs.metadata.creation_timestamp or "", rs.metadata.name or ""
