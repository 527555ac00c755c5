"""Validation of the fields that say where a pod may run: selectors, affinity, tolerations, spread. Pure.

May import: api.checks, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required

NODE_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
NODE_VALUES = "values in required node affinity"
INCLUSION = ("Honor", "Ignore")
BOTH = "exists in both matchLabelKeys and "
NEEDS_SELECTOR = "must not be specified when labelSelector is not set"
HARD, SOFT = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"


def scheduling(path: Path, spec: Object) -> Errors:
    """Where a pod spec at `path` may run."""
    errors = checks.labels(path.child("nodeSelector"), spec.get("nodeSelector"))
    errors += tolerations(path.child("tolerations"), spec.get("tolerations") or ())
    affinity = spec.get("affinity") or {}
    if affinity:
        at = path.child("affinity")
        errors += _node_affinity(at.child("nodeAffinity"), affinity.get("nodeAffinity") or {})
        for field in ("podAffinity", "podAntiAffinity"):
            errors += _pod_affinity(at.child(field), affinity.get(field) or {})
    errors += _gates(path.child("schedulingGates"), spec.get("schedulingGates") or ())
    constraints = spec.get("topologySpreadConstraints") or ()
    pairs = [(one.get("topologyKey") or "", one.get("whenUnsatisfiable") or "") for one in constraints]
    for position, constraint in enumerate(constraints):
        at = path.child("topologySpreadConstraints").index(position)
        errors += _spread(at, constraint)
        if pairs[position] in pairs[position + 1 :]:
            text = f"{{{', '.join(pairs[position])}}}"
            errors.append(duplicate(at.child("{topologyKey, whenUnsatisfiable}"), text))
    return errors


def _gates(path: Path, given: Any) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for position, gate in enumerate(given):
        at, name = path.index(position), gate.get("name") or ""
        errors += checks.by(at, name, names.is_qualified_name)
        if name in seen:
            errors.append(duplicate(at, name))
        seen.add(name)
    return errors


def tolerations(path: Path, given: Any) -> Errors:
    """An empty key tolerates every taint, and so needs the operator Exists."""
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
            wrong = names.is_label_value(toleration.get("value") or "")
            errors += [invalid(at.child("operator"), toleration["value"], ";".join(wrong))] if wrong else []
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
        errors += node_selector(path.child(HARD), hard)
    for position, preference in enumerate(affinity.get(SOFT) or ()):
        at = path.child(SOFT).index(position)
        errors += _weight(at, preference)
        # values that are no labels' have always been taken here: there may be other nodes
        errors += node_term(at.child("preference"), preference.get("preference") or {}, values=False)
    return errors


def node_selector(at: Path, selector: Object) -> Errors:
    """Terms of which one must hold."""
    terms, where = selector.get("nodeSelectorTerms") or (), at.child("nodeSelectorTerms")
    if not terms:
        return [required(where, "must have at least one node selector term")]
    return [error for position, term in enumerate(terms) for error in node_term(where.index(position), term)]


def node_term(at: Path, term: Object, *, values: bool = True) -> Errors:
    """Labels of a node that a pod or a volume asks for, or the node's name."""
    errors: Errors = []
    for position, expression in enumerate(term.get("matchExpressions") or ()):
        where = at.child("matchExpressions").index(position)
        found = checks.selector_requirement(where, expression, NODE_OPERATORS, NODE_VALUES)
        errors += found if values else [error for error in found if error.ratchet != NODE_VALUES]
    for position, expression in enumerate(term.get("matchFields") or ()):
        errors += _node_field(at.child("matchFields").index(position), expression)
    return errors


def _node_field(at: Path, expression: Object) -> Errors:
    operator, key, values = (expression.get(field) for field in ("operator", "key", "values"))
    errors: Errors = []
    if operator not in ("In", "NotIn"):
        errors.append(invalid(at.child("operator"), operator or "", "not a valid selector operator"))
    elif len(values or ()) != 1:
        message = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.append(required(at.child("values"), message))
    if key != "metadata.name":
        return [*errors, invalid(at.child("key"), key or "", "not a valid field selector key")]
    for position, value in enumerate(values or ()):
        errors += checks.by(at.child("values").index(position), value, names.is_dns1123_subdomain)
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
    selector = term.get("labelSelector")
    errors = checks.label_selector(at.child("labelSelector"), selector)
    errors += checks.label_selector(at.child("namespaceSelector"), term.get("namespaceSelector"))
    for namespace in term.get("namespaces") or ():
        errors += checks.by(at.child("namespace"), namespace, names.is_dns1123_label)
    if term.get("matchLabelKeys") or term.get("mismatchLabelKeys"):
        errors += _label_keys(at, term, selector)
    key = term.get("topologyKey") or ""
    if not key:
        errors.append(required(at.child("topologyKey"), "can not be empty"))
    return errors + checks.by(at.child("topologyKey"), key, names.is_qualified_name)


def _label_keys(at: Path, term: Object, selector: Object | None) -> Errors:
    """Labels of the Pod itself that its neighbours must have alike, or otherwise.

    The API server adds an expression for each to the selector; a second one is the client's.
    """
    errors: Errors = []
    same, other = term.get("matchLabelKeys") or [], term.get("mismatchLabelKeys") or []
    for field, keys in (("matchLabelKeys", same), ("mismatchLabelKeys", other)):
        if keys and selector is None:
            errors.append(forbidden(at.child(field), NEEDS_SELECTOR))
        elif keys:
            where = at.child(field)
            errors += [e for i, key in enumerate(keys) for e in checks.by(where.index(i), key, names.is_qualified_name)]
    if selector is not None:
        seen = set(selector.get("matchLabels") or ())
        for expression in selector.get("matchExpressions") or ():
            key = expression.get("key") or ""
            if key in same and key in seen:
                errors.append(invalid(at.index(same.index(key)), key, f"{BOTH}labelSelector"))  # upstream's path
            seen.add(key)
    for position, key in enumerate(same):
        if key in other:
            errors.append(invalid(at.child("matchLabelKeys").index(position), key, f"{BOTH}mismatchLabelKeys"))
    return errors


def _spread(at: Path, constraint: Object) -> Errors:
    errors: Errors = []
    skew = constraint.get("maxSkew") or 0
    if skew <= 0:
        errors.append(invalid(at.child("maxSkew"), skew, "must be greater than zero"))
    if not constraint.get("topologyKey"):
        errors.append(required(at.child("topologyKey"), "can not be empty"))
    action = constraint.get("whenUnsatisfiable") or ""
    if action not in ("DoNotSchedule", "ScheduleAnyway"):
        errors.append(not_supported(at.child("whenUnsatisfiable"), action, ("DoNotSchedule", "ScheduleAnyway")))
    domains, where = constraint.get("minDomains"), at.child("minDomains")
    if domains is not None and domains <= 0:
        errors.append(invalid(where, domains, "must be greater than zero"))
    if domains is not None and action != "DoNotSchedule":
        why = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        errors.append(invalid(where, domains, why))
    for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        errors += checks.choice(at.child(field), constraint.get(field), INCLUSION)
    selector = constraint.get("labelSelector")
    if constraint.get("matchLabelKeys"):
        errors += _label_keys(at, {"matchLabelKeys": constraint["matchLabelKeys"]}, selector)
    return errors + checks.ratcheted(checks.label_selector(at.child("labelSelector"), selector), "spread selector")
