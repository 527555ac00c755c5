"""Resources that may only be used where a quota covers them: `limitedResources` of ResourceQuota's configuration.

Pure. May import: admission.configuration, api.core.{quota, quota_scopes}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kajitori.api.core import quota_scopes
from kajitori.api.core.quota import Usage
from kajitori.api.core.quota_scopes import Scope
from kajitori.apiserver.admission.configuration import ConfigurationError, check_kind

Object = Mapping[str, Any]
PLUGIN, KIND = "ResourceQuota", "ResourceQuotaConfiguration"
GROUPS = ("apiserver.config.k8s.io", "resourcequota.admission.k8s.io")


class Limited(NamedTuple):
    """One entry: objects of a resource, when they use names that contain a text, or fall into scopes."""

    group: str
    plural: str
    contains: tuple[str, ...]
    scopes: tuple[Scope, ...]


def read_limited(configuration: Mapping[str, Any] | None) -> tuple[Limited, ...]:
    """Raises ConfigurationError."""
    if configuration is None:
        return ()
    given = dict(configuration)
    group = str(given.get("apiVersion") or "").partition("/")[0]
    check_kind(PLUGIN, given, group if group in GROUPS else GROUPS[0], KIND)
    out = []
    for entry in given.get("limitedResources") or ():
        if not entry.get("resource"):
            raise ConfigurationError("limitedResources[0].resource: Required value")
        terms = tuple(
            (str(t.get("scopeName")), str(t.get("operator")), tuple(t.get("values") or ()))
            for t in entry.get("matchScopes") or ()
        )
        contains = tuple(entry.get("matchContains") or ())
        out.append(Limited(entry.get("apiGroup") or "", entry["resource"], contains, terms))
    return tuple(out)


def uncovered(
    limited: Iterable[Limited], group: str, plural: str, obj: Object, wanted: Usage, quotas: Iterable[Object]
) -> str:
    """Why the object may not use what it wants; empty when it may. `quotas` are those it counts against."""
    entries = [entry for entry in limited if (entry.group, entry.plural) == (group, plural)]
    if not entries:
        return ""
    covering = list(quotas)
    names = {name for entry in entries for name in wanted if any(text in name for text in entry.contains)}
    hard = {name for quota in covering for name in (quota.get("status") or {}).get("hard") or {}}
    if missing := sorted(names - hard):
        return f"insufficient quota to consume: {','.join(missing)}"
    fallen = [s for entry in entries for s in entry.scopes if quota_scopes.falls_into(s, group, plural, obj)]
    known = {name for quota in covering for name, _, _ in quota_scopes.scopes(quota)}
    left = [scope for scope in fallen if scope[0] not in known]
    if not left:
        return ""
    shown = " ".join(f"{{{name} {operator} [{' '.join(values)}]}}" for name, operator, values in left)
    return f"insufficient quota to match these scopes: [{shown}]"
