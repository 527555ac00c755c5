"""Roles and role bindings. Rules are broken down to one resource each and joined again where only verbs differ.

May import: kubectl.describers.
"""

from __future__ import annotations

from itertools import product

from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.marks import identity, marks
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, dig, words

Rule = tuple[str, str, str, str, tuple[str, ...]]  # group, resource, name, URL, verbs


async def describe_role(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj, namespaced=False)
    marks(page, obj)
    page.row(0, "PolicyRule:")
    page.row(1, "Resources", "Non-Resource URLs", "Resource Names", "Verbs")
    page.row(1, "---------", "-----------------", "--------------", "-----")
    for group, resource, name, url, verbs in compact(obj.get("rules") or []):
        page.row(
            1, qualified(resource, group), words([url] if url else []), words([name] if name else []), words(verbs)
        )


def qualified(resource: str, group: str) -> str:
    """``deployments.apps/scale``."""
    plural, slash, subresource = resource.partition("/")
    whole = f"{plural}.{group}" if group and plural else plural
    return whole + slash + subresource


def broken_down(rule: Wire) -> list[Rule]:
    """One per combination of group, resource, name and verb, or of URL and verb."""
    verbs = rule.get("verbs") or []
    names = rule.get("resourceNames") or [""]
    found: list[Rule] = [
        (group, resource, name, "", (verb,))
        for group, resource, verb, name in product(
            rule.get("apiGroups") or (), rule.get("resources") or (), verbs, names
        )
    ]
    found += [("", "", "", url, (verb,)) for url, verb in product(rule.get("nonResourceURLs") or (), verbs)]
    return found


def compact(rules: list[Wire]) -> list[Rule]:
    """Rules that differ in verbs alone become one; sorted as upstream sorts them."""
    joined: dict[tuple[str, str, str, str], list[str]] = {}
    rest: list[Rule] = []
    for group, resource, name, url, verbs in (one for rule in rules for one in broken_down(rule)):
        if url:
            rest.append((group, resource, name, url, verbs))
            continue
        known = joined.setdefault((group, resource, name, url), [])
        known += verbs
    whole: list[Rule] = [(*key, tuple(verbs)) for key, verbs in joined.items()]
    return sorted(whole + rest, key=_order)


def _order(rule: Rule) -> str:
    """The rule as Go's protobuf text, which is what upstream compares."""
    group, resource, name, url, verbs = rule

    def texts(values: list[str]) -> str:
        return "[" + " ".join(values) + "]"

    resources = [] if url else [resource]
    groups = [] if url else [group]
    return (
        f"&PolicyRule{{Verbs:{texts(list(verbs))},APIGroups:{texts(groups)},Resources:{texts(resources)},"
        f"ResourceNames:{texts([name] if name else [])},NonResourceURLs:{texts([url] if url else [])},}}"
    )


async def describe_binding(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj, namespaced=False)
    marks(page, obj)
    page.row(0, "Role:")
    page.row(1, "Kind:", dig(obj, "roleRef", "kind", default=""))
    page.row(1, "Name:", dig(obj, "roleRef", "name", default=""))
    page.row(0, "Subjects:")
    page.rows(1, ("Kind", "Name", "Namespace"), ("----", "----", "---------"))
    for subject in obj.get("subjects") or ():
        page.row(1, subject.get("kind", ""), subject.get("name", ""), subject.get("namespace") or "")
