"""From a checked object to an acknowledged write: its stored version, its bytes, the watch cache that will hear of it.

Errors of the store become the API's; a write that lost a race raises Stale, and whoever called begins anew from the
current object. A dry run stops before the store. May import: api, metrics, apiserver.cache, storage,
machinery.
"""

from collections.abc import Awaitable
from time import perf_counter
from typing import Any

import orjson

from kajitori.api.registration import Resource
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.entry import Entry, encode_for_storage, with_version
from kajitori.apiserver.cache.versions import converted, converts
from kajitori.apiserver.metrics import Metrics
from kajitori.machinery.errors import AlreadyExists, ServiceUnavailable, StatusError
from kajitori.storage.interface import KeyExists, RevisionMismatch, Store, StoreError, StoreFull

Object = dict[str, Any]


class Stale(Exception):
    """The object changed while we worked on it; `revision` is where it stands."""

    def __init__(self, revision: int) -> None:
        super().__init__(revision)
        self.revision = revision


class Persistence:
    """The store behind its watch cache: when a write returns, the cache shows it."""

    def __init__(self, store: Store, cacher: Cacher, metrics: Metrics | None = None) -> None:
        self._store = store
        self._cacher = cacher
        self._metrics = metrics or Metrics()

    async def _stored(self, operation: str, resource: Resource, write: Awaitable[int]) -> int:
        """The write's revision; how long it took is counted."""
        began = perf_counter()
        try:
            return await write
        except StoreError:
            self._metrics.store_errors.inc(operation, resource.group, resource.plural)
            raise
        finally:
            self._metrics.stored(operation, resource.group, resource.plural, perf_counter() - began)

    async def create(self, resource: Resource, obj: Object, *, dry_run: bool) -> bytes:
        """What the client gets. Raises AlreadyExists, ServiceUnavailable."""
        meta = obj["metadata"]
        key = resource.key(meta.get("namespace"), meta["name"])
        stored = obj if not converts(resource) else await _stored_form(resource, obj)
        value = encode_for_storage(stored)
        if dry_run:
            await self._cacher.fresh_if_shared()
            if self._cacher.partition(resource).get(key) is not None:
                raise AlreadyExists.of(resource.group, resource.plural, meta["name"])
            return value if not converts(resource) else await _shown(resource, value, keep=False)
        self._cacher.expect(key, value, stored)
        try:
            revision = await self._stored("create", resource, self._store.create(key, value))
        except KeyExists:
            raise AlreadyExists.of(resource.group, resource.plural, meta["name"]) from None
        except StoreError as error:
            raise _unavailable(error) from error
        await self._cacher.reach(revision)
        data = with_version(value, revision)
        return data if not converts(resource) else await _shown(resource, data, keep=True)

    async def replace(
        self, resource: Resource, entry: Entry, obj: Object, *, dry_run: bool, unless_same: bool = False
    ) -> bytes:
        """What the client gets; `unless_same`: without a write, if it is stored so already.

        Raises Stale, ServiceUnavailable.
        """
        stored = obj if not converts(resource) else await _stored_form(resource, obj)
        value = encode_for_storage(stored)
        if dry_run:
            data = with_version(value, entry.revision)
            return data if not converts(resource) else await _shown(resource, data, keep=False)
        if unless_same and orjson.loads(with_version(value, entry.revision)) == entry.shared():
            return await _shown(resource, entry.data, keep=True)
        self._cacher.expect(entry.key, value, stored)
        try:
            write = self._store.update(entry.key, value, entry.revision)
            revision = await self._stored("update", resource, write)
        except RevisionMismatch as mismatch:
            raise Stale(mismatch.current) from None
        except StoreError as error:
            raise _unavailable(error) from error
        await self._cacher.reach(revision)
        data = with_version(value, revision)
        return data if not converts(resource) else await _shown(resource, data, keep=True)

    async def remove(self, resource: Resource, entry: Entry) -> None:
        """Takes the entry out. Raises Stale, ServiceUnavailable."""
        try:
            write = self._store.delete(entry.key, entry.revision)
            await self._cacher.reach(await self._stored("delete", resource, write))
        except RevisionMismatch as mismatch:
            raise Stale(mismatch.current) from None
        except StoreError as error:
            raise _unavailable(error) from error


async def _stored_form(resource: Resource, obj: Object) -> Object:
    """The object in the version that is stored."""
    if (strategy := converted(resource)) is not None:
        return await strategy.to_stored(obj)
    return resource.strategy.to_storage(obj)


async def _shown(resource: Resource, data: bytes, *, keep: bool) -> bytes:
    """What was stored as this version shows it, as a read would; `keep`: it is in the store."""
    stored = orjson.loads(data)
    if (strategy := converted(resource)) is not None:
        return orjson.dumps(await strategy.from_stored(stored, keep=keep))
    return orjson.dumps(resource.strategy.from_storage(stored))


def _unavailable(error: StoreError) -> StatusError:
    if isinstance(error, StoreFull):  # 500 with the engine's words and no hint to retry, as upstream passes on etcd's
        return StatusError(str(error))
    return ServiceUnavailable.of(f"storage is unavailable: {error}", 1)
