"""Discovery and OpenAPI documents with the parts that other servers serve. Pure; documents are wire dicts.

May import: aggregation.services.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kajitori.apiserver.aggregation import services

Object = dict[str, Any]


@dataclass(slots=True)
class RemoteVersion:
    """What is known of one group version that another server serves."""

    group: str
    version: str
    group_priority: int
    is_current: bool = False
    resources: list[Object] = field(default_factory=list)
    """As aggregated discovery shows them."""
    openapi_v3: str = ""
    """Its document's URL, as the server's index gives it."""
    openapi_v2: Object | None = None
    converted: bytes = b""
    """Its OpenAPI v3, made of v2 where the server has no such document."""


def group_list(document: Object, remotes: Iterable[RemoteVersion]) -> Object:
    """APIGroupList: `/apis` in its old form, in the order of the groups' priorities."""
    remotes = list(remotes)
    groups = {group["name"]: dict(group, versions=list(group["versions"])) for group in document["groups"]}
    for remote in remotes:
        found = groups.setdefault(remote.group, {"name": remote.group, "versions": []})
        add_version(found, remote)
    return {**document, "groups": _ordered(groups, {g["name"] for g in document["groups"]}, remotes)}


def _ordered(groups: dict[str, Object], local: Collection[str], remotes: Iterable[RemoteVersion]) -> list[Object]:
    """By priority; groups of the same by name."""
    ranks = {name: services.local_priority(name) for name in local}
    for remote in remotes:
        ranks[remote.group] = max(remote.group_priority, ranks.get(remote.group, 0))
    return [groups[name] for name in sorted(groups, key=lambda name: (-ranks[name], name))]


def add_version(group: Object, remote: RemoteVersion) -> None:
    """One more version of an APIGroup."""
    version = {"groupVersion": f"{remote.group}/{remote.version}", "version": remote.version}
    if version not in group["versions"]:
        group["versions"].append(version)
    group.setdefault("preferredVersion", version)


def aggregated_list(document: Object, remotes: Iterable[RemoteVersion]) -> Object:
    """APIGroupDiscoveryList. A version whose server has not answered is there, and stale."""
    remotes = list(remotes)
    items = {
        item["metadata"].get("name", ""): dict(item, versions=list(item["versions"])) for item in document["items"]
    }
    for remote in remotes:
        metadata = {"name": remote.group}
        item = items.setdefault(remote.group, {"metadata": metadata, "versions": []})
        known = [v for v in item["versions"] if v["version"] != remote.version]
        entry: Object = {"version": remote.version, "freshness": "Current" if remote.is_current else "Stale"}
        if remote.resources:
            entry["resources"] = remote.resources
        item["versions"] = [*known, entry]
    local = {item["metadata"].get("name", "") for item in document["items"]}
    return {**document, "items": _ordered(items, local, remotes)}


def v3_index(document: Object, remotes: Iterable[RemoteVersion]) -> Object:
    """`/openapi/v3` with the group versions of extension servers that have such documents."""
    paths = dict(document["paths"])
    for remote in remotes:
        if remote.openapi_v3:
            paths[f"apis/{remote.group}/{remote.version}"] = {"serverRelativeURL": remote.openapi_v3}
    return {**document, "paths": dict(sorted(paths.items()))}


def v2(document: Object, remotes: Iterable[RemoteVersion]) -> Object:
    """Swagger: the paths of each server's group versions, and the definitions that nobody has yet."""
    paths, definitions = dict(document["paths"]), dict(document["definitions"])
    for remote in remotes:
        theirs = remote.openapi_v2 or {}
        prefix = f"/apis/{remote.group}/{remote.version}"
        own = {p: item for p, item in (theirs.get("paths") or {}).items() if p == prefix or p.startswith(f"{prefix}/")}
        paths.update(own)
        if own:
            for name, definition in (theirs.get("definitions") or {}).items():
                definitions.setdefault(name, definition)
    return {**document, "paths": paths, "definitions": definitions}


def resources_of(listing: Mapping[str, Any], group: str, version: str) -> list[Object]:
    """An APIResourceList's rows as aggregated discovery shows them."""
    found: dict[str, Object] = {}
    for row in listing.get("resources") or ():
        name, _, subresource = row.get("name", "").partition("/")
        kind = {
            "group": row.get("group") or group,
            "version": row.get("version") or version,
            "kind": row.get("kind", ""),
        }
        if subresource:
            if name in found:
                entry = {"subresource": subresource, "responseKind": kind, "verbs": row.get("verbs") or []}
                found[name].setdefault("subresources", []).append(entry)
            continue
        found[name] = {
            "resource": name,
            "responseKind": kind,
            "scope": "Namespaced" if row.get("namespaced") else "Cluster",
            "singularResource": row.get("singularName") or "",
            "verbs": row.get("verbs") or [],
        }
        for field_name in ("shortNames", "categories"):
            if row.get(field_name):
                found[name][field_name] = row[field_name]
    return list(found.values())


def version_in(listing: Mapping[str, Any], group: str, version: str) -> list[Object] | None:
    """A group version's resources in a server's own APIGroupDiscoveryList; None when it is not there."""
    for item in listing.get("items") or ():
        if (item.get("metadata") or {}).get("name") == group:
            for entry in item.get("versions") or ():
                if entry.get("version") == version:
                    return list(entry.get("resources") or ())
    return None
