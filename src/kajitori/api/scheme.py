"""The registry of resources: found by plural or kind, in the order in which discovery lists them.

`builtin()` collects what the group subpackages contribute as `RESOURCES`; a CRD makes a `Resource` at run time and adds
it to a scheme. May import: api.registration.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable, Iterator
from typing import Final

from kajitori.api.registration import Resource
from kajitori.api.strategy import Object

GROUPS: Final = (
    "core",
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "rbac",
    "networking",
    "discovery",
    "storage",
    "scheduling",
    "coordination",
    "events",
    "authentication",
    "authorization",
    "certificates",
    "admissionregistration",
    "apiextensions",
    "apiregistration",
    "node",
    "flowcontrol",
    "resource",
)
"""The subpackages that contribute resources, in the order in which discovery lists their groups."""


class Scheme:
    """The resources that are served, found by plural or kind. The first version added of a group is its preferred."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self._by_plural: dict[tuple[str, str, str], Resource] = {}
        self._by_kind: dict[tuple[str, str, str], Resource] = {}
        self._versions: dict[str, list[str]] = {}
        self.generation = 0
        """Grows with every change: whoever keeps something made from the scheme compares it."""
        for resource in resources:
            self.add(resource)

    def add(self, resource: Resource) -> None:
        """Registers, or replaces what has the same group, version and plural."""
        self.generation += 1
        self._by_plural[resource.group, resource.version, resource.plural] = resource
        self._by_kind[resource.group, resource.version, resource.kind] = resource
        versions = self._versions.setdefault(resource.group, [])
        if resource.version not in versions:
            versions.append(resource.version)

    def remove(self, group: str, version: str, plural: str) -> None:
        """Takes one version of a resource away, and versions and groups that are empty then. Unknown is fine."""
        gone = self._by_plural.pop((group, version, plural), None)
        if gone is None:
            return
        self.generation += 1
        self._by_kind.pop((group, version, gone.kind), None)
        if not any(key[:2] == (group, version) for key in self._by_plural):
            self._versions[group].remove(version)
            if not self._versions[group]:
                del self._versions[group]

    def resources(self) -> Iterator[Resource]:
        """In the order of registration; the scheme may change meanwhile."""
        return iter(list(self._by_plural.values()))

    def __len__(self) -> int:
        return len(self._by_plural)

    def by_plural(self, group: str, version: str, plural: str) -> Resource | None:
        return self._by_plural.get((group, version, plural))

    def by_kind(self, group: str, version: str, kind: str) -> Resource | None:
        return self._by_kind.get((group, version, kind))

    def for_object(self, obj: Object) -> Resource | None:
        """By the apiVersion and kind that an object carries."""
        group, version = split_api_version(obj.get("apiVersion") or "")
        return self.by_kind(group, version, obj.get("kind") or "")

    def groups(self) -> list[str]:
        """In the order in which discovery lists them."""
        return list(self._versions)

    def versions(self, group: str) -> list[str]:
        """The preferred one first; none for an unknown group."""
        return list(self._versions.get(group, ()))

    def set_versions(self, group: str, versions: list[str]) -> None:
        """Orders the versions of a group, preferred first; custom resources sort theirs by maturity."""
        self.generation += 1
        self._versions[group] = [version for version in versions if version in self._versions.get(group, ())]

    def in_group_version(self, group: str, version: str) -> list[Resource]:
        """In the order of registration; none for an unknown version."""
        return [r for r in self._by_plural.values() if r.group == group and r.version == version]


def split_api_version(api_version: str) -> tuple[str, str]:
    """`apps/v1` → ("apps", "v1"); `v1` → ("", "v1")."""
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", group)


@functools.cache
def _builtin_resources() -> tuple[Resource, ...]:
    resources: list[Resource] = []
    for group in GROUPS:
        resources.extend(importlib.import_module(f"kajitori.api.{group}.resources").RESOURCES)
    return tuple(resources)


def builtin() -> Scheme:
    """A new scheme with everything built in; the caller may add to it."""
    return Scheme(_builtin_resources())
