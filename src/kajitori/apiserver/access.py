"""Reader and Writer of ServerDeps: how the server's own parts read and write objects.

A group and plural name the resource in its preferred version.
May import: cache, objects, deps, api.{registration,scheme}.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from kajitori.api.registration import Resource
from kajitori.api.scheme import Scheme
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.deps import Change
from kajitori.apiserver.handlers.call import read_delete_options
from kajitori.apiserver.objects.options import WriteOptions
from kajitori.apiserver.objects.store import ObjectStore
from kajitori.apiserver.user import LOOPBACK_USER, UserInfo
from kajitori.machinery.errors import NotFound

Object = dict[str, Any]
_BULKY = frozenset({"pods", "configmaps", "secrets", "events", "endpoints", "endpointslices", "leases", "replicasets"})
"""Resources of which there are many: decoded for each read instead of being kept decoded."""


class CacheReader:
    """See deps.Reader."""

    def __init__(self, scheme: Scheme, cacher: Cacher) -> None:
        self._scheme = scheme
        self._cacher = cacher
        self._resources: dict[tuple[str, str], Resource] = {}
        self._generation = scheme.generation

    def resource(self, group: str, plural: str) -> Resource | None:
        """The resource in its preferred version."""
        if self._generation != self._scheme.generation:
            self._generation = self._scheme.generation
            self._resources.clear()
        found = self._resources.get((group, plural))
        if found is None:
            for version in self._scheme.versions(group):
                found = self._scheme.by_plural(group, version, plural)
                if found is not None:
                    self._resources[group, plural] = found
                    break
        return found

    def get(self, group: str, plural: str, namespace: str, name: str) -> Object | None:
        resource = self.resource(group, plural)
        if resource is None:
            return None
        entry = self._cacher.partition(resource).get(resource.key(namespace, name))
        if entry is None:
            return None
        return entry.obj() if plural in _BULKY else entry.shared()

    def list(self, group: str, plural: str, namespace: str = "") -> Iterator[Object]:
        resource = self.resource(group, plural)
        if resource is None:
            return iter(())
        prefix = resource.key(namespace, "") if namespace else resource.storage_prefix
        entries = self._cacher.partition(resource).entries(prefix)
        # a list: the caller may await between two of them, and the cache goes on changing
        return iter([entry.obj() if plural in _BULKY else entry.shared() for entry in entries])

    def revision(self, group: str, plural: str) -> int:
        resource = self.resource(group, plural)
        return self._cacher.partition(resource).revision if resource is not None else 0


class ObjectWriter:
    """See deps.Writer."""

    def __init__(self, reader: CacheReader, objects: ObjectStore) -> None:
        self._reader = reader
        self._objects = objects

    def _resource(self, group: str, plural: str) -> Resource:
        resource = self._reader.resource(group, plural)
        if resource is None:
            raise NotFound.path()
        return resource

    async def create(self, group: str, plural: str, obj: Object, *, user: UserInfo = LOOPBACK_USER) -> Object:
        resource = self._resource(group, plural)
        copy: Object = orjson.loads(orjson.dumps(obj))
        namespace = copy.setdefault("metadata", {}).get("namespace") or ""
        written = await self._objects.create(resource, namespace, copy, _options(user))
        return _loads(written.data)

    async def update(
        self, group: str, plural: str, obj: Object, *, subresource: str = "", user: UserInfo = LOOPBACK_USER
    ) -> Object:
        resource, meta = self._resource(group, plural), obj["metadata"]
        body = orjson.dumps(obj)
        written = await self._objects.update(
            resource,
            meta.get("namespace") or "",
            meta["name"],
            lambda _: _loads(body),
            _options(user),
            subresource=subresource,
        )
        return _loads(written.data)

    async def delete(
        self,
        group: str,
        plural: str,
        namespace: str,
        name: str,
        *,
        options: Mapping[str, Any] | None = None,
        user: UserInfo = LOOPBACK_USER,
    ) -> Object:
        resource = self._resource(group, plural)
        raw = dict(options or {})
        write_options = _options(user, dry_run="All" in (raw.get("dryRun") or ()))
        done = await self._objects.delete(resource, namespace, name, read_delete_options(raw), write_options)
        return _loads(done.data)

    async def guaranteed_update(
        self,
        group: str,
        plural: str,
        namespace: str,
        name: str,
        change: Change,
        *,
        subresource: str = "",
        user: UserInfo = LOOPBACK_USER,
        dry_run: bool = False,
    ) -> Object:
        resource = self._resource(group, plural)

        def apply(current: Object) -> Object:
            change(current)
            return current

        options = _options(user, dry_run=dry_run)
        written = await self._objects.update(resource, namespace, name, apply, options, subresource=subresource)
        return _loads(written.data)


def _options(user: UserInfo, *, dry_run: bool = False) -> WriteOptions:
    return WriteOptions(user, dry_run=dry_run, field_manager="kube-apiserver")


def _loads(data: bytes) -> Object:
    value: Object = orjson.loads(data)
    return value
