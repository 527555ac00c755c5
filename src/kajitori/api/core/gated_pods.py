"""What may become of a Pod's node selector and node affinity while scheduling gates hold it: they may ask for more.

Pure; texts are upstream's. May import: api.core, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api.checks import Errors, Object
from kajitori.api.core.pod_validation import SPEC
from kajitori.api.core.scheduling_validation import HARD
from kajitori.machinery.fieldpath import invalid


def gated_changes(new: Object, old: Object) -> Errors:
    """Of the spec of a Pod that had gates."""
    return _selector(new, old) + _affinity(new, old)


def _selector(new: Object, old: Object) -> Errors:
    wanted, before = new.get("nodeSelector") or {}, old.get("nodeSelector") or {}
    if all(wanted.get(key) == value for key, value in before.items()):
        return []
    why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
    return [invalid(SPEC.child("nodeSelector"), wanted, why)]


def _affinity(new: Object, old: Object) -> Errors:
    terms, before = _terms(new), _terms(old)
    at = SPEC.child("affinity", "nodeAffinity", HARD, "nodeSelectorTerms")
    if before and len(terms) != len(before):
        return [invalid(at, terms, "no additions/deletions to non-empty NodeSelectorTerms list are allowed")]
    why = "only additions are allowed (no mutations or deletions)"
    return [
        invalid(at.index(position), terms[position], why)
        for position, was in enumerate(before)
        if not _only_more(terms[position], was)
    ]


def _terms(spec: Object) -> list[dict[str, Any]]:
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    found: list[dict[str, Any]] = (affinity.get(HARD) or {}).get("nodeSelectorTerms") or []
    return found


def _only_more(new: Object, old: Object) -> bool:
    fields = ("matchExpressions", "matchFields")
    if not any(old.get(field) for field in fields):  # it matches nothing, and goes on so
        return not any(new.get(field) for field in fields)
    return all((new.get(field) or [])[: len(old.get(field) or ())] == (old.get(field) or []) for field in fields)
