"""Bringing RBAC objects of the cluster to what files say: what is missing is added, extras go only when asked.

Roles are compared by what they allow, bindings by their subjects; a binding to another role is made anew. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kajitori.kubectl.describers.access import broken_down

Wire = dict[str, Any]
PROTECTED = "rbac.authorization.kubernetes.io/autoupdate"
NONE, CREATE, UPDATE, RECREATE = "", "create", "update", "recreate"


@dataclass
class Plan:
    """What is to be done, and the object as it will be."""

    operation: str
    object: Wire
    missing: list[Wire] = field(default_factory=list)
    extra: list[Wire] = field(default_factory=list)
    protected: bool = False


def covers(owner: Wire, rule: Wire) -> bool:
    """Whether one rule allows all that another does."""

    def has(key: str, all_sign: str = "*") -> bool:
        have, want = set(owner.get(key) or ()), set(rule.get(key) or ())
        return all_sign in have or want <= have

    names, wanted_names = set(owner.get("resourceNames") or ()), set(rule.get("resourceNames") or ())
    by_name = not names or (bool(wanted_names) and wanted_names <= names)
    return has("verbs") and has("apiGroups") and has("resources") and has("nonResourceURLs") and by_name


def uncovered(owners: list[Wire], rules: list[Wire]) -> list[Wire]:
    """The pieces of the rules that no owner allows."""
    return [piece for rule in rules for piece in _pieces(rule) if not any(covers(owner, piece) for owner in owners)]


def _pieces(rule: Wire) -> list[Wire]:
    found = []
    for group, resource, name, url, verbs in broken_down(rule):
        piece: Wire = {"verbs": list(verbs)}
        piece |= {"nonResourceURLs": [url]} if url else {"apiGroups": [group], "resources": [resource]}
        found.append(piece | ({"resourceNames": [name]} if name else {}))
    return found


def plan_role(existing: Wire | None, wanted: Wire, *, remove_extra: bool) -> Plan:
    """What to do with a Role or ClusterRole, and what it lacks and has too much."""
    if existing is None:
        return Plan(CREATE, wanted, missing=wanted.get("rules") or [])
    missing = uncovered(existing.get("rules") or [], wanted.get("rules") or [])
    extra = uncovered(wanted.get("rules") or [], existing.get("rules") or [])
    made, marked = _with_marks(existing, wanted)
    rules = (wanted.get("rules") or []) if remove_extra and extra else [*(existing.get("rules") or []), *missing]
    changed = bool(missing) or (remove_extra and bool(extra)) or marked
    return Plan(UPDATE if changed else NONE, {**made, "rules": rules}, missing, extra, _is_protected(existing))


def plan_binding(existing: Wire | None, wanted: Wire, *, remove_extra: bool) -> Plan:
    """What to do with a binding; one with another roleRef is made anew, for the API lets nobody change that."""
    subjects = wanted.get("subjects") or []
    if existing is None:
        return Plan(CREATE, wanted, missing=subjects)
    if existing.get("roleRef") != wanted.get("roleRef"):
        return Plan(RECREATE, wanted, protected=_is_protected(existing))
    current = existing.get("subjects") or []
    missing = [one for one in subjects if one not in current]
    extra = [one for one in current if one not in subjects]
    made, marked = _with_marks(existing, wanted)
    kept = [one for one in current if one in subjects] if remove_extra else current
    changed = bool(missing) or (remove_extra and bool(extra)) or marked
    whole = {**made, "subjects": [*kept, *missing]}
    return Plan(UPDATE if changed else NONE, whole, missing, extra, _is_protected(existing))


def _is_protected(existing: Wire) -> bool:
    return ((existing.get("metadata") or {}).get("annotations") or {}).get(PROTECTED) == "false"


def _with_marks(existing: Wire, wanted: Wire) -> tuple[Wire, bool]:
    """The existing object with the wanted labels and annotations added; whether any was."""
    meta = dict(existing["metadata"])
    for key in ("labels", "annotations"):
        merged = {**(wanted["metadata"].get(key) or {}), **(meta.get(key) or {})}
        if merged:
            meta[key] = merged
    return {**existing, "metadata": meta}, meta != existing["metadata"]
