"""The scopes of a ResourceQuota: which Pods and claims it counts. Pure.

Objects are wire dicts. May import: api.core.quota, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api.core.quota import parse

Object = Mapping[str, Any]
Scope = tuple[str, str, tuple[str, ...]]
"""A scope, an operator, values."""


def scopes(quota: Object) -> list[Scope]:
    """A quota's `scopes` and `scopeSelector` in one form; an object must fall into all of them."""
    spec = quota.get("spec") or {}
    found: list[Scope] = [(scope, "Exists", ()) for scope in spec.get("scopes") or ()]
    for term in (spec.get("scopeSelector") or {}).get("matchExpressions") or ():
        found.append((term.get("scopeName", ""), term.get("operator", ""), tuple(term.get("values") or ())))
    return found


def in_scopes(quota: Object, group: str, plural: str, obj: Object) -> bool:
    """Whether the object falls into all scopes of the quota; those of Pods hold nothing else."""
    return all(falls_into(scope, group, plural, obj) for scope in scopes(quota))


def falls_into(scope: Scope, group: str, plural: str, obj: Object) -> bool:
    """Only Pods and claims fall into scopes."""
    if (group, plural) == ("", "pods"):
        return _pod_in(scope, obj)
    return (group, plural) == ("", "persistentvolumeclaims") and _claim_in(scope, obj)


def _pod_in(scope: Scope, pod: Object) -> bool:
    name, operator, values = scope
    spec = pod.get("spec") or {}
    match name:
        case "Terminating":
            return spec.get("activeDeadlineSeconds") is not None
        case "NotTerminating":
            return spec.get("activeDeadlineSeconds") is None
        case "BestEffort":
            return is_best_effort(spec)
        case "NotBestEffort":
            return not is_best_effort(spec)
        case "PriorityClass":
            return _matches(operator, values, spec.get("priorityClassName") or "")
        case "CrossNamespacePodAffinity":
            return reaches_other_namespaces(spec)
    return False


def _claim_in(scope: Scope, claim: Object) -> bool:
    name, operator, values = scope
    if name != "VolumeAttributesClass":
        return False
    classes = volume_attributes_classes(claim)
    return any(_matches(operator, values, given) for given in classes or {""})


def volume_attributes_classes(claim: Object) -> set[str]:
    """The class that a claim asks for, has, and is being given."""
    spec, status = claim.get("spec") or {}, claim.get("status") or {}
    target = (status.get("modifyVolumeStatus") or {}).get("targetVolumeAttributesClassName")
    return {
        name
        for name in (spec.get("volumeAttributesClassName"), status.get("currentVolumeAttributesClassName"), target)
        if name
    }


def _matches(operator: str, values: tuple[str, ...], given: str) -> bool:
    match operator:
        case "Exists":
            return bool(given)
        case "DoesNotExist":
            return not given
        case "In":
            return bool(given) and given in values
        case "NotIn":
            return given not in values
    return False


def is_best_effort(spec: Object) -> bool:
    """No container asks for, or is limited in, processor time or memory."""
    holders = [spec, *(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    for holder in holders:
        resources = holder.get("resources") or {}
        for field in ("requests", "limits"):
            amounts = parse(resources.get(field))
            if any(amounts.get(name) for name in ("cpu", "memory")):
                return False
    return True


def reaches_other_namespaces(spec: Object) -> bool:
    """Whether a pod spec's (anti-)affinity looks beyond its namespace: CrossNamespacePodAffinity."""
    affinity = spec.get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        terms = list(rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ())
        terms += [
            weighted.get("podAffinityTerm") or {}
            for weighted in rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        ]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False


# ---------------------------------------------------------------------------------------------------------------------
# arithmetic
