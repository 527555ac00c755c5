"""Validation of the fields that say where a pod may run: selectors, affinity, tolerations, spread. Pure.

May import: api.checks, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, not_supported, required

NODE_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
EFFECTS = ("NoExecute", "NoSchedule", "PreferNoSchedule")
HARD, SOFT = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"


def scheduling(path: Path, spec: Object) -> Errors:
    errors = checks.labels(path.child("nodeSelector"), spec.get("nodeSelector"))
    errors += tolerations(path.child("tolerations"), spec.get("tolerations") or ())
    affinity = spec.get("affinity") or {}
    at = path.child("affinity")
    errors += _node_affinity(at.child("nodeAffinity"), affinity.get("nodeAffinity") or {})
    for field in ("podAffinity", "podAntiAffinity"):
        errors += _pod_affinity(at.child(field), affinity.get(field) or {})
    for position, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        errors += _spread(path.child("topologySpreadConstraints").index(position), constraint)
    return errors


def tolerations(path: Path, given: Any) -> Errors:
    errors: Errors = []
    for position, toleration in enumerate(given):
        at = path.index(position)
        key, operator, effect = (toleration.get(field) or "" for field in ("key", "operator", "effect"))
        if key:
            errors += checks.by(at.child("key"), key, names.is_qualified_name)
        elif operator != "Exists":
            message = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            errors.append(invalid(at.child("operator"), operator, message))
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            message = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            errors.append(invalid(at.child("effect"), effect, message))
        if operator in ("", "Equal"):
            errors += checks.by(at.child("value"), toleration.get("value") or "", names.is_label_value)
        elif operator != "Exists":
            errors.append(not_supported(at.child("operator"), operator, ("Equal", "Exists")))
        elif toleration.get("value"):
            errors.append(
                invalid(at.child("operator"), toleration["value"], "value must be empty when `operator` is 'Exists'")
            )
        if effect and effect not in EFFECTS:
            errors.append(not_supported(at.child("effect"), effect, EFFECTS))
    return errors


def _node_affinity(path: Path, affinity: Object) -> Errors:
    errors: Errors = []
    hard = affinity.get(HARD)
    if hard is not None:
        terms = hard.get("nodeSelectorTerms") or []
        at = path.child(HARD, "nodeSelectorTerms")
        if not terms:
            errors.append(required(at, "must have at least one node selector term"))
        for position, term in enumerate(terms):
            errors += _node_term(at.index(position), term)
    for position, preference in enumerate(affinity.get(SOFT) or ()):
        at = path.child(SOFT).index(position)
        errors += _weight(at, preference)
        errors += _node_term(at.child("preference"), preference.get("preference") or {})
    return errors


def _node_term(at: Path, term: Object) -> Errors:
    errors: Errors = []
    for position, expression in enumerate(term.get("matchExpressions") or ()):
        errors += checks.selector_requirement(at.child("matchExpressions").index(position), expression, NODE_OPERATORS)
    return errors


def _weight(at: Path, preference: Object) -> Errors:
    weight = preference.get("weight") or 0
    return [] if 1 <= weight <= 100 else [invalid(at.child("weight"), weight, "must be in the range 1-100")]


def _pod_affinity(path: Path, affinity: Object) -> Errors:
    errors: Errors = []
    for position, term in enumerate(affinity.get(HARD) or ()):
        errors += _pod_term(path.child(HARD).index(position), term)
    for position, preference in enumerate(affinity.get(SOFT) or ()):
        at = path.child(SOFT).index(position)
        errors += _weight(at, preference)
        errors += _pod_term(at.child("podAffinityTerm"), preference.get("podAffinityTerm") or {})
    return errors


def _pod_term(at: Path, term: Object) -> Errors:
    errors = checks.label_selector(at.child("labelSelector"), term.get("labelSelector"))
    key = term.get("topologyKey") or ""
    if not key:
        return [*errors, required(at.child("topologyKey"), "can not be empty")]
    return errors + checks.by(at.child("topologyKey"), key, names.is_qualified_name)


def _spread(at: Path, constraint: Object) -> Errors:
    errors: Errors = []
    skew = constraint.get("maxSkew") or 0
    if skew <= 0:
        errors.append(invalid(at.child("maxSkew"), skew, checks.POSITIVE))
    if not constraint.get("topologyKey"):
        errors.append(required(at.child("topologyKey"), "can not be empty"))
    action = constraint.get("whenUnsatisfiable") or ""
    if action not in ("DoNotSchedule", "ScheduleAnyway"):
        errors.append(not_supported(at.child("whenUnsatisfiable"), action, ("DoNotSchedule", "ScheduleAnyway")))
    return errors + checks.label_selector(at.child("labelSelector"), constraint.get("labelSelector"))
