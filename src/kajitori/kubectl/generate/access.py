"""Roles and bindings made from flags. Pure; which resource a word means is asked of a callable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kajitori.kubectl.flags import UsageError

Wire = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"


def rules(verbs: Sequence[str], resources: Iterable[tuple[str, str]], names: Sequence[str]) -> list[Wire]:
    """One rule per API group, in the order in which groups appear; `resources` are (group, plural[/sub])."""
    by_group: dict[str, list[str]] = {}
    for group, resource in resources:
        by_group.setdefault(group, []).append(resource)
    made = []
    for group in by_group:
        rule: Wire = {"verbs": list(verbs), "apiGroups": [group], "resources": by_group[group]}
        made.append(rule | ({"resourceNames": list(names)} if names else {}))
    return made


def distinct_verbs(given: Sequence[str]) -> list[str]:
    """Without repetitions; a star makes the others needless."""
    return ["*"] if "*" in given else list(dict.fromkeys(given))


def subjects(users: Sequence[str], groups: Sequence[str], accounts: Sequence[str]) -> list[Wire]:
    """Users, groups, accounts (`namespace:name`), each once. Raises `UsageError` for an account of another form."""
    found: list[Wire] = []
    for kind, names in (("User", users), ("Group", groups)):
        found += [{"kind": kind, "apiGroup": GROUP, "name": name} for name in dict.fromkeys(names)]
    for account in dict.fromkeys(accounts):
        namespace, colon, name = account.partition(":")
        if not colon or not namespace or not name or ":" in name:
            raise UsageError("error: serviceaccount must be <namespace>:<name>")
        found.append({"kind": "ServiceAccount", "name": name, "namespace": namespace})
    return found


def binding(kind: str, name: str, role_kind: str, role: str, who: list[Wire]) -> Wire:
    """`kind` is RoleBinding or ClusterRoleBinding, `role_kind` what it refers to."""
    made: Wire = {"kind": kind, "apiVersion": f"{GROUP}/v1", "metadata": {"name": name}}
    if who:
        made["subjects"] = who
    return made | {"roleRef": {"apiGroup": GROUP, "kind": role_kind, "name": role}}
