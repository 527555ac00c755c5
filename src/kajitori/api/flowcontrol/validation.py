"""Validation of FlowSchemas and priority levels. Pure, on wire dicts after defaulting; texts are upstream's.

May import: api.checks, api.flowcontrol.standard, machinery.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.flowcontrol import standard
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required

SPEC = Path("spec")
MAX_PRECEDENCE = 10000
MAX_QUEUES = 10_000_000
HASH_BITS = 60
METHODS = ("ByNamespace", "ByUser")
SUBJECTS = {"Group": "group", "ServiceAccount": "serviceAccount", "User": "user"}
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
NOT_A_NAMESPACE = "each member of this list must be '*' or a DNS-1123 label; "


def flow_schema(obj: Object) -> Errors:
    """Rules, precedence and level; of the level only the name is looked at."""
    spec = obj.get("spec") or {}
    errors = _precedence(spec.get("matchingPrecedence") or 0, (obj.get("metadata") or {}).get("name"))
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type") not in METHODS:
        errors.append(not_supported(SPEC.child("distinguisherMethod", "type"), method, METHODS))
    level = (spec.get("priorityLevelConfiguration") or {}).get("name") or ""
    at = SPEC.child("priorityLevelConfiguration", "name")
    missing = [required(at, "must reference a priority level")]
    errors += checks.by(at, level, names.is_dns1123_subdomain) if level else missing
    for position, rule in enumerate(spec.get("rules") or ()):
        errors += _rule(SPEC.child("rules").index(position), rule)
    return errors + _mandatory(obj, "FlowSchema")


def _mandatory(obj: Object, kind: str) -> Errors:
    """Some objects are as they are; of the level `exempt` the numbers may be changed."""
    name = (obj.get("metadata") or {}).get("name") or ""
    wanted = standard.MANDATORY.get((kind, name))
    if wanted is None or standard.same_spec({**obj, "kind": kind}, wanted):
        return []
    free = " except the 'spec.exempt' field" if (kind, name) == ("PriorityLevelConfiguration", standard.EXEMPT) else ""
    return [invalid(SPEC, obj.get("spec"), f"spec of '{name}'{free} must equal the fixed value")]


def conditions(obj: Object, old: Object) -> Errors:
    """Of a status: each of a type, none of it twice."""
    errors: Errors = []
    seen = set()
    for position, condition in enumerate((obj.get("status") or {}).get("conditions") or ()):
        at, kind = Path("status", "conditions").index(position).child("type"), condition.get("type") or ""
        if kind in seen:
            errors.append(duplicate(at, kind))
        seen.add(kind)
        if not kind:
            errors.append(required(at, "must not be empty"))
    return errors


def priority_level(obj: Object) -> Errors:
    """Type, seats and queues."""
    spec, name = obj.get("spec") or {}, (obj.get("metadata") or {}).get("name") or ""
    kind, at = spec.get("type") or "", SPEC.child("type")
    errors: Errors = []
    if (name == standard.EXEMPT) != (kind == "Exempt"):
        errors.append(invalid(at, kind, "type must be 'Exempt' if and only if name is 'exempt'"))
    exempt, limited = spec.get("exempt"), spec.get("limited")
    if kind == "Exempt":
        errors += _seats(SPEC.child("exempt"), exempt or {})
        if limited is not None:
            errors.append(forbidden(SPEC.child("limited"), "must be nil if the type is not Limited"))
    elif kind == "Limited":
        if exempt is not None:
            errors.append(forbidden(SPEC.child("exempt"), "must be nil if the type is Limited"))
        missing = required(SPEC.child("limited"), "must not be empty when type is Limited")
        errors += [missing] if limited is None else _limited(SPEC.child("limited"), limited)
    else:
        errors.append(not_supported(at, kind, ("Exempt", "Limited")))
    return errors + _mandatory(obj, "PriorityLevelConfiguration")


def _number(at: Path, value: int | None, detail: str, most: int | None = None) -> Errors:
    wrong = value is not None and (value < 0 or (most is not None and value > most))
    return [invalid(at, value, detail)] if wrong else []


def _seats(at: Path, part: Object) -> Errors:
    shares, lendable = part.get("nominalConcurrencyShares"), part.get("lendablePercent")
    errors = _number(at.child("nominalConcurrencyShares"), shares, "must be a non-negative integer")
    return errors + _number(at.child("lendablePercent"), lendable, "must be between 0 and 100, inclusive", 100)


def _limited(at: Path, limited: Object) -> Errors:
    shares, response = limited.get("nominalConcurrencyShares"), limited.get("limitResponse") or {}
    errors = _number(at.child("nominalConcurrencyShares"), shares, "must be a non-negative integer")
    errors += _limit_response(at.child("limitResponse"), response)
    lendable, borrowing = limited.get("lendablePercent"), limited.get("borrowingLimitPercent")
    errors += _number(at.child("lendablePercent"), lendable, "must be between 0 and 100, inclusive", 100)
    where = at.child("borrowingLimitPercent")
    return errors + _number(where, borrowing, "if specified, must be a non-negative integer")


def _limit_response(at: Path, response: Object) -> Errors:
    kind, queuing, where = response.get("type") or "", response.get("queuing"), at.child("queuing")
    if kind == "Reject":
        detail = "must be nil if limited.limitResponse.type is not Limited"
        return [] if queuing is None else [forbidden(where, detail)]
    if kind == "Queue":
        if queuing is None:
            return [required(where, "must not be empty if limited.limitResponse.type is Limited")]
        return _queuing(where, queuing)
    return [not_supported(at.child("type"), kind, ("Queue", "Reject"))]


def _queuing(at: Path, queuing: Object) -> Errors:
    length, queues, hand = (queuing.get(field) or 0 for field in ("queueLengthLimit", "queues", "handSize"))
    errors: Errors = []
    for field, value in (("queueLengthLimit", length), ("queues", queues)):
        errors += [] if value > 0 else [invalid(at.child(field), value, "must be positive")]
    if queues > MAX_QUEUES:
        errors.append(invalid(at.child("queues"), queues, f"must not be greater than {MAX_QUEUES}"))
    where = at.child("handSize")
    if hand <= 0:
        errors.append(invalid(where, hand, "must be positive"))
    elif hand > queues:
        errors.append(invalid(where, hand, f"should not be greater than queues ({queues})"))
    elif math.ceil(math.log2(queues) * hand) > HASH_BITS:
        bits = f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {HASH_BITS}"
        errors.append(invalid(where, hand, bits))
    return errors


def _precedence(value: int, name: str | None) -> Errors:
    at = SPEC.child("matchingPrecedence")
    if value <= 0:
        return [invalid(at, value, "must be a positive value")]
    if value > MAX_PRECEDENCE:
        return [invalid(at, value, f"must not be greater than {MAX_PRECEDENCE}")]
    if value == 1 and name != "exempt":
        return [invalid(at, value, "only the schema named 'exempt' may have matchingPrecedence 1")]
    return []


def _rule(at: Path, rule: Object) -> Errors:
    errors: Errors = []
    for position, subject in enumerate(rule.get("subjects") or ()):
        errors += _subject(at.child("subjects").index(position), subject)
    if not rule.get("subjects"):
        errors.append(required(at.child("subjects"), "subjects must contain at least one value"))
    if not rule.get("resourceRules") and not rule.get("nonResourceRules"):
        errors.append(required(at, "at least one of resourceRules and nonResourceRules has to be non-empty"))
    for position, part in enumerate(rule.get("resourceRules") or ()):
        errors += _resource_rule(at.child("resourceRules").index(position), part)
    for position, part in enumerate(rule.get("nonResourceRules") or ()):
        errors += _url_rule(at.child("nonResourceRules").index(position), part)
    return errors


def _subject(at: Path, subject: Object) -> Errors:
    kind = subject.get("kind") or ""
    field = SUBJECTS.get(kind)
    if field is None:
        return [not_supported(at.child("kind"), kind, sorted(SUBJECTS))]
    one, where = subject.get(field), at.child(field)
    errors: Errors = []
    if one is None:
        errors.append(required(where, f"{field} is required when subject kind is '{kind}'"))
    else:
        errors += _subject_names(where, one, kind)
    for other, name in SUBJECTS.items():
        if other != kind and subject.get(name) is not None:
            errors.append(forbidden(at.child(name), f"{name} is forbidden when subject kind is not '{other}'"))
    return errors


def _subject_names(at: Path, one: Object, kind: str) -> Errors:
    name, namespace = one.get("name"), one.get("namespace")
    errors: Errors = [] if name else [required(at.child("name"))]
    if kind != "ServiceAccount":
        return errors
    if name and name != "*":
        errors += checks.by(at.child("name"), name, names.is_dns1123_subdomain)
    where = at.child("namespace")
    missing = [required(where, "must specify namespace for service account")]
    return errors + (checks.by(where, namespace, names.is_dns1123_label) if namespace else missing)


def _verbs(at: Path, verbs: Sequence[str]) -> Errors:
    if not verbs:
        return [required(at, "verbs must contain at least one value")]
    if "*" in verbs:
        return [invalid(at, verbs, "if '*' is present, must not specify other verbs")] if len(verbs) > 1 else []
    return [] if set(verbs) <= set(VERBS) else [not_supported(at, verbs, VERBS)]


def _resource_rule(at: Path, rule: Object) -> Errors:
    errors = _verbs(at.child("verbs"), rule.get("verbs") or ())
    for field, words, what in (("apiGroups", "api groups", "api group"), ("resources", "resources", "resource")):
        values = rule.get(field) or ()
        if not values:
            errors.append(required(at.child(field), f"resource rules must supply at least one {what}"))
        elif len(values) > 1 and "*" in values:
            errors.append(invalid(at.child(field), values, f"if '*' is present, must not specify other {words}"))
    namespaces, where = rule.get("namespaces") or (), at.child("namespaces")
    if not namespaces and not rule.get("clusterScope"):
        message = "resource rules that are not cluster scoped must supply at least one namespace"
        errors.append(required(where, message))
    elif "*" in namespaces:
        if len(namespaces) > 1:
            errors.append(invalid(where, namespaces, "if '*' is present, must not specify other namespaces"))
    else:
        for position, namespace in enumerate(namespaces):
            for why in names.is_dns1123_label(namespace):
                errors.append(invalid(where.index(position), namespace, NOT_A_NAMESPACE + why))
    return errors


def _url_rule(at: Path, rule: Object) -> Errors:
    errors = _verbs(at.child("verbs"), rule.get("verbs") or ())
    urls, where = rule.get("nonResourceURLs") or (), at.child("nonResourceURLs")
    if not urls:
        errors.append(required(where, "nonResourceURLs must contain at least one value"))
    elif "*" in urls:
        if len(urls) > 1:
            errors.append(invalid(where, urls, "if '*' is present, must not specify other non-resource URLs"))
    else:
        for position, url in enumerate(urls):
            why = _url_problem(url)
            errors += [invalid(where.index(position), url, why)] if why else []
    return errors


def _url_problem(url: str) -> str:
    if not url:
        return "must not be empty"
    if not url.startswith("/"):
        return "must start with slash"
    if " " in url:
        return "must not contain white-space"
    if "//" in url:
        return "must not contain double slash"
    stars = url.count("*")
    wild = stars > 1 or (stars == 1 and not url.endswith("/*"))
    return "wildcard can only do suffix matching" if wild else ""
