"""Where a Pod may be: node selectors and affinity over labels, taints and the tolerations that answer them.

The scheduler filters by these rules, the kubelet checks them once more, controllers evict by them. Pure; objects are
structs of any shape that has the attributes. May import: the standard library.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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


def matches_expression(expression: Any, labels: Mapping[str, str]) -> bool:
    """One requirement: In, NotIn, Exists, DoesNotExist, Gt, Lt. A malformed one matches nothing."""
    value = labels.get(expression.key)
    match expression.operator:
        case "In":
            return value is not None and value in expression.values
        case "NotIn":
            return value is None or value not in expression.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            try:
                left, right = int(value or ""), int(expression.values[0])
            except (ValueError, IndexError):
                return False
            return left > right if expression.operator == "Gt" else left < right
    return False


def matches_term(term: Any, labels: Mapping[str, str], name: str) -> bool:
    """All requirements of a term; an empty term matches no node."""
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": name}
    return all(matches_expression(e, labels) for e in term.match_expressions) and all(
        matches_expression(e, fields) for e in term.match_fields
    )


def required_terms(spec: Any) -> Sequence[Any] | None:
    """The alternatives of required node affinity; None if there are none to meet."""
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity is not None else None
    return None if required is None else required.node_selector_terms


def required_matches(spec: Any, labels: Mapping[str, str], name: str) -> bool:
    """Whether a node satisfies nodeSelector and required affinity (terms are alternatives)."""
    if any(labels.get(key) != value for key, value in spec.node_selector.items()):
        return False
    terms = required_terms(spec)
    return terms is None or any(matches_term(term, labels, name) for term in terms)
