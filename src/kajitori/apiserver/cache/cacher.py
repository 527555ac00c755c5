"""The whole cache: follows the store's one feed and hands each change to its resource's partition.

`obj` hints: a writer that still has the decoded object leaves it with `expect`, so that the feed need not decode it.

May import: cache.*, storage, api.registration, aiokit.
"""

import asyncio
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.api.registration import Resource
from kajitori.apiserver.cache.entry import encode_for_storage
from kajitori.apiserver.cache.partition import Partition
from kajitori.apiserver.cache.versions import converts
from kajitori.machinery.errors import NotFound
from kajitori.storage.interface import Compacted, Event, KeyValue, Store, StoreUnavailable

log = get_logger("watchcache")
ROOT = "/registry/"
RETRY_S = 1.0


class Cacher:
    """Call `load` once, then keep `run` running."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._partitions: dict[str, Partition] = {}
        self._hints: dict[str, tuple[bytes, dict[str, Any]]] = {}
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._changed: dict[str, set[str]] = {}
        self.revision = 0
        self.oldest = 0
        """Lists of an earlier revision are refused, though the past may still be here."""

    def forget(self, revision: int) -> None:
        """The store was compacted up to a revision."""
        self.oldest = max(self.oldest, revision)

    async def load(self, resources: list[Resource]) -> None:
        """Read the whole store."""
        found = await self._store.range(ROOT)
        self.revision = found.revision
        by_prefix: dict[str, list[KeyValue]] = {}
        for resource in resources:
            by_prefix.setdefault(resource.storage_prefix, [])
            known = self._partitions.get(resource.storage_prefix)
            if known is None or not converts(resource):
                self._partitions[resource.storage_prefix] = Partition(resource, found.revision)
        for item in found.items:
            prefix = self._prefix(item.key)
            if prefix:
                by_prefix[prefix].append(item)
        for prefix, items in by_prefix.items():
            self._partitions[prefix].load(items)

    async def add(self, resource: Resource) -> None:
        """Start to serve a resource at run time (custom resources)."""
        prefix = resource.storage_prefix
        if prefix in self._partitions:
            return
        touched = self._changed[prefix] = set()
        partition = self._partitions[prefix] = Partition(resource, self._store.revision())
        try:
            found = await self._store.range(prefix)
        finally:
            del self._changed[prefix]
        fresh = [item for item in found.items if item.key not in touched]
        current = [(entry.key, entry.data, entry.revision) for entry in partition.entries(prefix)]
        if not current:
            partition.load(fresh)
            return
        for item in fresh:  # something was written meanwhile: merge, without events for what was there before
            partition.adopt(item.key, item.value, item.revision)

    def remove(self, resource: Resource) -> None:
        """Stop to serve a resource; its watches end."""
        gone = self._partitions.pop(resource.storage_prefix, None)
        if gone is not None:
            gone.end()

    async def rebuild(self, resource: Resource) -> None:
        """Serve a resource in another form (its schema has changed): the cache is made anew, watches end.

        The old partition answers until the new one is complete; the exchange is one atomic step.
        """
        prefix = resource.storage_prefix
        found = await self._store.range(prefix)
        await self.reach(found.revision)
        old = self._partitions[prefix]
        raw = {item.key: item for item in found.items}
        partition = Partition(resource, self.revision)
        items: list[tuple[str, bytes, int]] = []
        for entry in old.entries(prefix):
            item = raw.get(entry.key)
            if item is not None and item.revision == entry.revision:
                items.append((entry.key, item.value, item.revision))
            else:  # written meanwhile: what the old partition has is as good as what is stored
                items.append((entry.key, encode_for_storage(entry.obj()), entry.revision))
        partition.load(items)
        partition.listeners = old.listeners
        self._partitions[prefix] = partition
        old.end()

    def partition(self, resource: Resource) -> Partition:
        """The cache of a resource that is served. Raises NotFound for one that no longer is."""
        try:
            return self._partitions[resource.storage_prefix]
        except KeyError:
            raise NotFound.path() from None

    def find(self, storage_prefix: str) -> Partition | None:
        """The cache behind a prefix, if that is served."""
        return self._partitions.get(storage_prefix)

    def _prefix(self, key: str) -> str:
        """The prefix of a key's partition: two or three path segments."""
        end = key.find("/", len(ROOT))
        prefix = key[: end + 1]
        if prefix in self._partitions:
            return prefix
        prefix = key[: key.find("/", end + 1) + 1]
        return prefix if prefix in self._partitions else ""

    def expect(self, key: str, value: bytes, obj: dict[str, Any]) -> None:
        """The object behind a value that is about to be written."""
        self._hints[key] = (value, obj)

    async def run(self) -> None:
        """Follow the store until cancelled. A shared store may lose us: then start over from what it holds."""
        while True:
            try:
                await self._follow()
            except (Compacted, StoreUnavailable) as error:
                if not self._store.shared:
                    raise
                log.warning("the watch cache starts over", reason=str(error))
            await self._again()

    async def _follow(self) -> None:
        watch = await self._store.watch(ROOT, self.revision)
        try:
            async for batch in watch:
                for event in batch:
                    self._apply(event)
                self.revision = max(self.revision, watch.revision)
                self._reached()
        finally:
            watch.close()

    async def _again(self) -> None:
        """Read everything anew, in place of what is here; watchers are ended, for they missed something."""
        while True:
            try:
                found = await self._store.range(ROOT)
                break
            except StoreUnavailable:
                await asyncio.sleep(RETRY_S)
        by_prefix: dict[str, list[KeyValue]] = {prefix: [] for prefix in self._partitions}
        for item in found.items:
            if prefix := self._prefix(item.key):
                by_prefix[prefix].append(item)
        for prefix, items in by_prefix.items():
            self._partitions[prefix].reload(items, found.revision)
        self.revision = found.revision
        self._reached()

    def _apply(self, event: Event) -> None:
        self.revision = event.revision
        hint = self._hints.pop(event.key, None)
        prefix = self._prefix(event.key)
        if not prefix:
            return
        obj = hint[1] if hint is not None and hint[0] == event.value else None
        if prefix in self._changed:
            self._changed[prefix].add(event.key)
        try:
            self._partitions[prefix].apply(event.key, event.value, event.revision, obj)
        except ValueError as error:  # not an object of ours: visible, and no reason to stop for all others
            log.error("stored value is not an object", error, key=event.key)

    def _reached(self) -> None:
        if not self._waiters:
            return
        for revision, waiter in self._waiters:
            if revision <= self.revision and not waiter.done():
                waiter.set_result(None)
        self._waiters = [(revision, waiter) for revision, waiter in self._waiters if not waiter.done()]

    async def fresh(self) -> None:
        """Return once the cache holds everything that is committed: a read after this is consistent."""
        store = self._store
        target = await store.current_revision() if store.shared else store.revision()
        if target > self.revision:
            await self.reach(target)

    async def fresh_if_shared(self) -> None:
        """`fresh`, where other servers write too; at no cost where they do not."""
        if self._store.shared:
            await self.fresh()

    async def reach(self, revision: int) -> None:
        """Return once the cache is at a revision or later."""
        if revision <= self.revision:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((revision, waiter))
        await waiter
