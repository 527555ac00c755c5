"""Which resources a server has, and how people name them: `po`, `deploy`, `deployments.apps`, `pods.v1.`, `all`.

One request (or two: the core group is separate) asks for aggregated discovery; the answer is kept for six hours in
`~/.kube/cache/discovery/<server>/`, so that most command lines need none. A name that is not found makes the mapper
ask the server once more before it gives up: a custom resource may be new.
May import: client.{raw,kinds}, machinery.errors, orjson.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from kajitori.client.kinds import ResourcePath
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import StatusError

CACHE_TTL_S = 6 * 3600.0
AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)


@dataclass(frozen=True, slots=True)
class APISubresource:
    """`kind` and `group_version` are of what it shows (`Scale` of autoscaling/v1)."""

    name: str
    kind: str
    group_version: str
    verbs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class APIResource:
    """One resource in one version, as discovery describes it."""

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool
    verbs: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[APISubresource, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> str:
        """`deployments.apps`, or `pods` for the core group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def path(self) -> ResourcePath:
        return ResourcePath(self.api_version, self.plural, self.namespaced)

    def url(self, namespace: str | None = None, name: str = "", subresource: str = "") -> str:
        """The path on the server; the namespace is left out where there is none."""
        return self.path.url(namespace, name, subresource)

    def subresource(self, name: str) -> APISubresource | None:
        return next((sub for sub in self.subresources if sub.name == name), None)


class NoMatch(Exception):
    """No resource of this name: `the server doesn't have a resource type "x"`."""

    def __init__(self, name: str) -> None:
        super().__init__(f'the server doesn\'t have a resource type "{name}"')
        self.name = name


class NoKindMatch(NoMatch):
    """No resource of this kind in this version; `NoMatch` is about names that people type."""

    def __init__(self, kind: str, api_version: str) -> None:
        super().__init__(kind)
        self.args = (f'no matches for kind "{kind}" in version "{api_version}"',)


@dataclass
class Discovered:
    """All resources, groups and versions in the server's order of preference."""

    resources: list[APIResource] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)  # group/versions whose server did not answer
    fetched_at: float = 0.0

    def preferred(self) -> list[APIResource]:
        """Each resource once, in its preferred version."""
        first: dict[tuple[str, str], APIResource] = {}
        for resource in self.resources:
            first.setdefault((resource.group, resource.plural), resource)
        return list(first.values())

    def group_versions(self) -> list[str]:
        """In the server's order, each once."""
        return list(dict.fromkeys(resource.api_version for resource in self.resources))


class Discovery:
    """RESTMapper and discovery client in one. Give a `cache_dir` to remember between processes."""

    def __init__(self, client: RawClient, *, cache_dir: Path | None = None) -> None:
        self._client = client
        self._file = (
            cache_dir / "discovery" / host_folder(client.config.server) / "kajitori.json" if cache_dir else None
        )
        self._found: Discovered | None = None
        self._fresh = False  # asked for in this process: asking again would not help

    async def load(self) -> Discovered:
        """What is known, from memory or the cache file; asks the server if that is missing or over six hours old."""
        if self._found is None:
            self._found = self._read_cache()
        return self._found if self._found is not None else await self.refresh()

    async def refresh(self) -> Discovered:
        """Asks the server, whatever is cached."""
        self._found = await fetch(self._client)
        self._fresh = True
        self._write_cache(self._found)
        return self._found

    def forget(self) -> None:
        """Throws the cache away, the file too."""
        self._found, self._fresh = None, False
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    async def resource(self, name: str) -> APIResource:
        """By plural, singular, short name or kind, with `.group` or `.version.group` behind it. Raises `NoMatch`."""
        found = self.find(await self.load(), name)
        if found is None and not self._fresh:
            found = self.find(await self.refresh(), name)
        if found is None:
            raise NoMatch(name)
        return found

    async def kind(self, api_version: str, kind: str) -> APIResource:
        """By what a manifest says. Raises `NoKindMatch`."""
        for attempt in range(2):
            if attempt and self._fresh:
                break
            found = await (self.refresh() if attempt else self.load())
            for resource in found.resources:
                if resource.kind == kind and resource.api_version == api_version:
                    return resource
        raise NoKindMatch(kind, api_version)

    async def category(self, name: str) -> list[APIResource]:
        """The resources of a category such as `all`, in discovery order; empty if there is none."""
        return [r for r in (await self.load()).preferred() if name in r.categories]

    @staticmethod
    def find(found: Discovered, name: str) -> APIResource | None:
        """The resource that people mean by a name, case aside; None if there is none.

        The server's order decides ties.
        """
        word, _, rest = name.lower().partition(".")
        candidates = [r for r in found.resources if _goes_by(r, word)]
        if rest:
            version, _, group = rest.partition(".")
            exact = [r for r in candidates if (r.version, r.group) == (version, group)]
            candidates = exact or [r for r in candidates if r.group == rest]
            if not candidates:  # the first part of a group is enough: `ingress.networking`
                candidates = [r for r in found.resources if _goes_by(r, word) and r.group.startswith(f"{rest}.")]
        # plurals and singulars win over short names, whatever the order of groups
        named = [r for r in candidates if word in (r.plural, r.singular, r.kind.lower())]
        return next(iter(named or candidates), None)

    def _read_cache(self) -> Discovered | None:
        if self._file is None:
            return None
        try:
            data = orjson.loads(self._file.read_bytes())
            if time.time() - data["fetchedAt"] > CACHE_TTL_S:
                return None
            return Discovered([_thaw(row) for row in data["resources"]], data["failed"], data["fetchedAt"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # no cache, or one that somebody else wrote: ask the server

    def _write_cache(self, found: Discovered) -> None:
        if self._file is None or found.failed:
            return
        data = {
            "fetchedAt": found.fetched_at,
            "failed": found.failed,
            "resources": [_freeze(r) for r in found.resources],
        }
        temporary = self._file.with_name(f".{os.getpid()}.tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            temporary.write_bytes(orjson.dumps(data))
            temporary.replace(self._file)
        except OSError:
            return  # a read-only home only costs us the next request


def host_folder(server: str) -> str:
    """`https://127.0.0.1:8443` → `127.0.0.1_8443`, as kubectl names the folder."""
    return re.sub(r"[^(\w/.)]", "_", re.sub(r"^https?://", "", server))


async def fetch(client: RawClient) -> Discovered:
    """Asks for aggregated discovery; falls back to one request per group version for servers without it."""
    core, groups = await asyncio.gather(
        client.raw("GET", "/api", accept=AGGREGATED), client.raw("GET", "/apis", accept=AGGREGATED)
    )
    found = Discovered(fetched_at=time.time())
    for answer in (orjson.loads(core.body), orjson.loads(groups.body)):
        if answer.get("kind") == "APIGroupDiscoveryList":
            for group in answer.get("items") or ():
                _add_group(found, group)
        else:
            await _add_legacy(client, found, answer)
    return found


def _add_group(found: Discovered, group: dict[str, Any]) -> None:
    name = (group.get("metadata") or {}).get("name") or ""
    for version in group.get("versions") or ():
        if version.get("freshness") == "Stale":
            found.failed.append(f"{name}/{version['version']}")
        for body in version.get("resources") or ():
            kind = body.get("responseKind") or {}
            found.resources.append(
                APIResource(
                    group=name,
                    version=version["version"],
                    plural=body["resource"],
                    singular=body.get("singularResource") or "",
                    kind=kind.get("kind") or "",
                    namespaced=body.get("scope") == "Namespaced",
                    verbs=tuple(body.get("verbs") or ()),
                    short_names=tuple(body.get("shortNames") or ()),
                    categories=tuple(body.get("categories") or ()),
                    subresources=tuple(_subresources(body.get("subresources") or ())),
                )
            )


def _subresources(bodies: Iterable[dict[str, Any]]) -> Iterable[APISubresource]:
    for body in bodies:
        kind = body.get("responseKind") or {}
        group, version = kind.get("group") or "", kind.get("version") or ""
        gv = f"{group}/{version}" if group else version
        yield APISubresource(body["subresource"], kind.get("kind") or "", gv, tuple(body.get("verbs") or ()))


async def _add_legacy(client: RawClient, found: Discovered, answer: dict[str, Any]) -> None:
    if answer.get("kind") == "APIVersions":
        paths = [(version, f"/api/{version}") for version in answer.get("versions") or ()]
    else:
        versions = [v["groupVersion"] for group in answer.get("groups") or () for v in _preferred_first(group)]
        paths = [(version, f"/apis/{version}") for version in versions]
    answers = await asyncio.gather(*(client.raw("GET", path) for _, path in paths), return_exceptions=True)
    for (group_version, _), response in zip(paths, answers, strict=True):
        if isinstance(response, StatusError):
            found.failed.append(group_version)
        elif isinstance(response, BaseException):
            raise response
        else:
            _add_resource_list(found, group_version, orjson.loads(response.body))


def _preferred_first(group: dict[str, Any]) -> list[dict[str, Any]]:
    preferred = (group.get("preferredVersion") or {}).get("groupVersion")
    return sorted(group.get("versions") or (), key=lambda v: v["groupVersion"] != preferred)


def _add_resource_list(found: Discovered, group_version: str, answer: dict[str, Any]) -> None:
    group, _, version = group_version.rpartition("/")
    bodies = answer.get("resources") or []
    children: dict[str, list[APISubresource]] = {}
    for body in bodies:
        parent, slash, child = body["name"].partition("/")
        if slash:
            gv = "/".join(part for part in (body.get("group") or group, body.get("version") or version) if part)
            children.setdefault(parent, []).append(APISubresource(child, body["kind"], gv, tuple(body["verbs"])))
    for body in bodies:
        if "/" in body["name"]:
            continue
        found.resources.append(
            APIResource(
                group=group,
                version=version,
                plural=body["name"],
                singular=body.get("singularName") or "",
                kind=body["kind"],
                namespaced=bool(body.get("namespaced")),
                verbs=tuple(body.get("verbs") or ()),
                short_names=tuple(body.get("shortNames") or ()),
                categories=tuple(body.get("categories") or ()),
                subresources=tuple(children.get(body["name"], ())),
            )
        )


def _goes_by(resource: APIResource, word: str) -> bool:
    return word in (resource.plural, resource.singular, resource.kind.lower()) or word in resource.short_names


def _freeze(r: APIResource) -> list[Any]:
    subs = [[s.name, s.kind, s.group_version, s.verbs] for s in r.subresources]
    return [
        r.group, r.version, r.plural, r.singular, r.kind, r.namespaced, r.verbs, r.short_names, r.categories, subs
    ]  # fmt: skip


def _thaw(row: list[Any]) -> APIResource:
    group, version, plural, singular, kind, namespaced, verbs, short, categories, subs = row
    subresources = tuple(APISubresource(name, k, gv, tuple(v)) for name, k, gv, v in subs)
    return APIResource(
        group, version, plural, singular, kind, namespaced, tuple(verbs), tuple(short), tuple(categories), subresources
    )
