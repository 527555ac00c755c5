"""A one-line notation for RBAC rules, so that the bootstrap policy reads as a table.

`"get,list,watch  apps,extensions: deployments, replicasets"`: verbs, API groups, resources. The core group is written
`core`; `[a b]` after the resources limits the rule to those resource names; `"get  /healthz /livez/*"` is a rule for
non-resource URLs. A verb list may use the shorthands of `VERB_SETS`.

May import: nothing of the server.
"""

from __future__ import annotations

import re
from typing import Any

VERB_SETS = {
    "READ": ("get", "list", "watch"),
    "WRITE": ("create", "delete", "deletecollection", "patch", "update"),
    "ALL": ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"),
}
_NAMES = re.compile(r"\[([^\]]*)\]\s*$")


def rule(line: str) -> dict[str, Any]:
    """One PolicyRule from its line; lists come out sorted, as upstream prints them."""
    verbs_text, _, rest = line.strip().partition(" ")
    verbs: set[str] = set()
    for verb in verbs_text.split(","):
        verbs.update(VERB_SETS.get(verb, (verb,)))
    rest = rest.strip()
    if rest.startswith(("/", "* url")):
        urls = ["*"] if rest == "* url" else sorted(rest.split())
        return {"nonResourceURLs": urls, "verbs": sorted(verbs)}
    groups_text, _, resources_text = rest.partition(":")
    names = _NAMES.search(resources_text)
    if names:
        resources_text = resources_text[: names.start()]
    out: dict[str, Any] = {
        "apiGroups": sorted("" if g.strip() == "core" else g.strip() for g in groups_text.split(","))
    }
    if names:
        out["resourceNames"] = sorted(names.group(1).split())
    out["resources"] = sorted(r.strip() for r in resources_text.split(",") if r.strip())
    out["verbs"] = sorted(verbs)
    return out


def rules(*lines: str) -> list[dict[str, Any]]:
    """One rule for each line."""
    return [rule(line) for line in lines]
