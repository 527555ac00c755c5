"""What RBAC rules mean: which requests a PolicyRule covers, and which rules cover others. Pure; wire dicts.

May import: attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kajitori.apiserver.attributes import Attributes

Rule = dict[str, Any]


def allows(rule: Rule, a: Attributes) -> bool:
    """Whether this rule allows this request."""
    verbs = rule.get("verbs") or ()
    if a.verb not in verbs and "*" not in verbs:
        return False
    if not a.is_resource_request:
        return any(url_matches(pattern, a.path) for pattern in rule.get("nonResourceURLs") or ())
    groups = rule.get("apiGroups") or ()
    if a.group not in groups and "*" not in groups:
        return False
    if not resource_matches(rule.get("resources") or (), a.resource, a.subresource):
        return False
    names = rule.get("resourceNames")
    return not names or a.name in names


def resource_matches(resources: Sequence[str], resource: str, subresource: str) -> bool:
    """`*` is everything; `pods/log` just that; `*/scale` the scale of anything."""
    if "*" in resources:
        return True
    if not subresource:
        return resource in resources
    return f"{resource}/{subresource}" in resources or f"*/{subresource}" in resources


def url_matches(pattern: str, path: str) -> bool:
    """Exact, `*`, or a prefix that ends in `*`."""
    return pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern.rstrip("*")))


def breakdown(rule: Rule) -> Iterable[Rule]:
    """The rule as rules of one verb and one resource (and name) or URL each: what escalation is checked by."""
    verbs = rule.get("verbs") or ()
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in verbs:
                names = rule.get("resourceNames") or [None]
                for name in names:
                    one: Rule = {"verbs": [verb], "apiGroups": [group], "resources": [resource]}
                    if name is not None:
                        one["resourceNames"] = [name]
                    yield one
    for url in rule.get("nonResourceURLs") or ():
        for verb in verbs:
            yield {"verbs": [verb], "nonResourceURLs": [url]}


def uncovered(owned: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """What of `wanted` is not within `owned`, in the pieces of `breakdown`."""
    return [piece for rule in wanted for piece in breakdown(rule) if not any(_covers(have, piece) for have in owned)]


def _covers(owner: Rule, piece: Rule) -> bool:
    verbs = owner.get("verbs") or ()
    if "*" not in verbs and piece["verbs"][0] not in verbs:
        return False
    if "nonResourceURLs" in piece:
        return any(_url_covers(have, piece["nonResourceURLs"][0]) for have in owner.get("nonResourceURLs") or ())
    groups = owner.get("apiGroups") or ()
    if "*" not in groups and piece["apiGroups"][0] not in groups:
        return False
    if not _resource_covers(owner.get("resources") or (), piece["resources"][0]):
        return False
    names = owner.get("resourceNames") or ()
    return not names or ("resourceNames" in piece and piece["resourceNames"][0] in names)


def _resource_covers(owned: Sequence[str], resource: str) -> bool:
    if "*" in owned or resource in owned:
        return True
    _, slash, subresource = resource.partition("/")
    return bool(slash) and f"*/{subresource}" in owned


def _url_covers(owned: str, url: str) -> bool:
    return owned in ("*", url) or (owned.endswith("*") and url.startswith(owned.rstrip("*")))


def describe(rule: Rule) -> str:
    """The rule as upstream prints it in an escalation error: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`."""
    parts = []
    for label, field in _DESCRIBED:
        if rule.get(field):
            values = " ".join(f'"{value}"' for value in rule[field])
            parts.append(f"{label}:[{values}]")
    return "{" + ", ".join(parts) + "}"


_DESCRIBED = (
    ("APIGroups", "apiGroups"),
    ("Resources", "resources"),
    ("ResourceNames", "resourceNames"),
    ("NonResourceURLs", "nonResourceURLs"),
    ("Verbs", "verbs"),
)


def compact(rules: Sequence[Rule]) -> list[Rule]:
    """Rules about one resource without names are joined to one with all their verbs, keeping the order."""
    out: list[Rule] = []
    simple: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        groups: list[str] = rule.get("apiGroups") or []
        resources: list[str] = rule.get("resources") or []
        if rule.get("resourceNames") or rule.get("nonResourceURLs") or len(groups) != 1 or len(resources) != 1:
            out.append(rule)
            continue
        known = simple.get((groups[0], resources[0]))
        if known is None:
            known = simple[groups[0], resources[0]] = {**rule, "verbs": list(rule.get("verbs") or ())}
            out.append(known)
        else:
            known["verbs"] += [verb for verb in rule.get("verbs") or () if verb not in known["verbs"]]
    return out
