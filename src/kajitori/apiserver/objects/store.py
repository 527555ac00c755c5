"""ObjectStore: create, update and delete of any resource, from a decoded object to an acknowledged write.

    create   defaults → field ownership → admission (mutate) → names → strategy → hooks → validate → admission
             (validate) → store
    update   the same on top of the current object; again from the current object when someone else was faster
    delete   see deletion.py for what becomes of finalizers and grace periods

A server-side apply (applying.py) is one of the first two. A dry run does everything but the store; that last step is
persisting.py's.

May import: cache, metrics, storage, hooks, admission_types, objects.*, machinery.
"""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kajitori.aiokit.clock import Clock
from kajitori.api.registration import Resource
from kajitori.apiserver.admission_types import CREATE, DELETE, UPDATE, AdmissionChain, AdmissionRequest
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.cache.versions import converts
from kajitori.apiserver.hooks import RegistryHooks, WriteContext
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.objects import deletion, metadata, subresources
from kajitori.apiserver.objects.options import Deleted, DeleteOptions, WriteOptions, Written
from kajitori.apiserver.objects.ownership import Ownership
from kajitori.apiserver.objects.persisting import Persistence, Stale
from kajitori.apiserver.objects.requests import admission_request, context
from kajitori.apiserver.objects.validation import validate_metadata
from kajitori.machinery.errors import AlreadyExists, Conflict, Invalid, NotFound
from kajitori.storage.interface import Store

Object = dict[str, Any]
Change = Callable[[Object], Object | Awaitable[Object]]
"""Makes the new object from (a copy of) the current one."""
MAX_TRIES = 5
MAX_GENERATED_TRIES = 8
_NO_HOOKS = RegistryHooks()


@dataclass(frozen=True, slots=True)
class _Update:
    """What an update addresses, and how it is meant."""

    resource: Resource
    namespace: str
    name: str
    subresource: str
    options: WriteOptions
    owned: bool


class ObjectStore:
    """One per server. `hooks` is filled once registry/ has been built."""

    def __init__(
        self,
        store: Store,
        cacher: Cacher,
        clock: Clock,
        rng: random.Random | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._persistence = Persistence(store, cacher, metrics)
        self._cacher = cacher
        self._clock = clock
        self._rng = rng or random.SystemRandom()
        self.ownership = Ownership(clock)
        self.admission: AdmissionChain | None = None
        self.hooks: Mapping[str, RegistryHooks] = {}
        self.is_stale: Callable[[str], bool] = lambda key: False
        """Whether a stored value is to be written anew though nothing changes (encryption with an older key)."""

    def now(self) -> datetime:
        """The moment a write happens at."""
        return self._clock.now()

    # reading

    def entry(self, resource: Resource, namespace: str, name: str) -> Entry:
        """The current object; raises NotFound."""
        found = self._cacher.partition(resource).get(resource.key(namespace, name))
        if found is None:
            raise NotFound.of(resource.group, resource.plural, name)
        return found

    async def latest(self, resource: Resource, namespace: str, name: str) -> Entry | None:
        """The object as it is by now, also when another server wrote it; None if there is none."""
        await self._cacher.fresh_if_shared()
        return self._cacher.partition(resource).get(resource.key(namespace, name))

    def view(self, resource: Resource, entry: Entry) -> Object:
        """The object as this version shows it; the caller's own copy."""
        obj = entry.obj()
        return obj if not converts(resource) else resource.strategy.from_storage(obj)

    # creating

    async def create(
        self, resource: Resource, namespace: str, obj: Object, options: WriteOptions, *, owned: bool = False
    ) -> Written:
        """Store a new object. Raises AlreadyExists, Invalid, Forbidden, …"""
        metadata.settle_new(resource, obj, namespace, dry_run=options.dry_run)
        obj["kind"], obj["apiVersion"] = resource.kind, resource.group_version
        strategy = resource.strategy
        metadata.unique_owners(obj, options.warnings)
        strategy.default(obj)
        if not owned:
            self.ownership.created(resource, obj, options)
        request = admission_request(CREATE, resource, namespace, options, obj=obj)
        if self.admission is not None:
            await self.admission.admit(request)
            obj = request.object or obj
        metadata.prepare_new(resource, obj, namespace, self._clock.now(), dry_run=options.dry_run)
        meta = obj["metadata"]
        generated = metadata.generate_name(meta, self._rng)
        strategy.prepare_for_create(obj)
        strategy.default(obj)  # of what is there now, as reading it from the store would
        hooks = self.hooks.get(resource.group_resource, _NO_HOOKS)
        ctx = context(resource, namespace, meta.get("name", ""), options)
        for attempt in range(MAX_GENERATED_TRIES):
            try:
                return await self._create_once(resource, obj, options, request, hooks, ctx)
            except AlreadyExists:
                if not generated:
                    raise
                if attempt == MAX_GENERATED_TRIES - 1:
                    raise AlreadyExists.generated_name(resource.group, resource.plural, meta["name"]) from None
                meta.pop("name")
                metadata.generate_name(meta, self._rng)
        raise AssertionError("unreachable")

    async def _create_once(
        self,
        resource: Resource,
        obj: Object,
        options: WriteOptions,
        request: AdmissionRequest,
        hooks: RegistryHooks,
        ctx: WriteContext,
    ) -> Written:
        meta = obj["metadata"]
        request.name = ctx.name = meta.get("name", "")
        await hooks.before_create(ctx, obj)
        try:
            errors = validate_metadata(resource, obj, None) + resource.strategy.validate(obj)
            if errors:
                raise Invalid.of(resource.group, resource.kind, meta.get("name", ""), errors)
            options.warnings.extend(resource.strategy.warnings(obj, None))
            if self.admission is not None:
                await self.admission.validate(request)
            data = await self._persistence.create(resource, obj, dry_run=options.dry_run)
        except BaseException:
            await hooks.abort_create(ctx, obj)
            raise
        if options.dry_run:
            await hooks.abort_create(ctx, obj)
        else:
            await hooks.after_create(ctx, obj)
        return Written(data, created=True)

    # updating

    async def update(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        change: Change,
        options: WriteOptions,
        *,
        subresource: str = "",
        create_missing: bool = False,
        owned: bool = False,
    ) -> Written:
        """Replace an object by what `change` makes of it; `owned`: it has seen to managedFields itself."""
        await self._cacher.fresh_if_shared()
        partition = self._cacher.partition(resource)
        key = resource.key(namespace, name)
        update = _Update(resource, namespace, name, subresource, options, owned)
        for _ in range(MAX_TRIES):
            entry = partition.get(key)
            if entry is None:
                if not create_missing:
                    raise NotFound.of(resource.group, resource.plural, name)
                return await self._create_from(resource, namespace, name, change, options)
            if resource.converter is not None:
                await resource.converter.prepare(resource, (entry,))
            old = self.view(resource, entry)
            made = change(self.view(resource, entry))
            obj = await made if isinstance(made, Awaitable) else made
            try:
                return await self._replace(update, entry, old, obj)
            except Stale as stale:
                await self._cacher.reach(stale.revision)
        raise Conflict.modified(resource.group, resource.plural, name)

    async def _create_from(
        self, resource: Resource, namespace: str, name: str, change: Change, options: WriteOptions
    ) -> Written:
        made = change({"apiVersion": resource.group_version, "kind": resource.kind, "metadata": {}})
        obj = await made if isinstance(made, Awaitable) else made
        meta = metadata.metadata_of(obj)
        if meta.get("resourceVersion"):  # an update of something that is gone
            raise NotFound.of(resource.group, resource.plural, name)
        if meta.get("uid"):
            raise metadata.another_uid(resource, namespace, name, meta["uid"], "")
        meta.setdefault("name", name)
        return await self.create(resource, namespace, obj, options)

    async def _replace(self, update: _Update, entry: Entry, old: Object, obj: Object) -> Written:
        resource, namespace, name = update.resource, update.namespace, update.name
        options, subresource = update.options, update.subresource
        metadata.check_version(resource, obj, entry.revision)
        metadata.settle_changed(resource, obj, old)
        metadata.unique_owners(obj, options.warnings)
        obj["kind"], obj["apiVersion"] = resource.kind, resource.group_version
        strategy = resource.strategy
        lossy = _is_lossy(resource)
        if not lossy or subresource != "scale":
            strategy.default(obj)
        if not update.owned:
            self.ownership.updated(resource, obj, old, options, subresource)
        request = admission_request(UPDATE, resource, namespace, options, obj=obj, old=old, subresource=subresource)
        if self.admission is not None:
            await self.admission.admit(request)
            obj = request.object or obj
        metadata.prepare_changed(resource, obj, old)
        subresources.prepare(strategy, obj, old, subresource)
        if not lossy or not subresource:  # else the rest is as the stored version has it
            strategy.default(obj)  # of what is there now, as reading it from the store would
        hooks = self.hooks.get(resource.group_resource, _NO_HOOKS)
        ctx = context(resource, namespace, name, options, subresource)
        await hooks.before_update(ctx, obj, old)
        try:
            errors = validate_metadata(resource, obj, old) + subresources.validate(strategy, obj, old, subresource)
            if errors:
                options.warnings.extend(strategy.noted())
                raise Invalid.of(resource.group, resource.kind, name, errors)
            options.warnings.extend(strategy.warnings(obj, old))
            if self.admission is not None:
                await self.admission.validate(request)
            written = await self._store_changed(resource, entry, old, obj, options)
        except BaseException:
            await hooks.abort_update(ctx, obj, old)
            raise
        if options.dry_run:
            await hooks.abort_update(ctx, obj, old)
        else:
            await hooks.after_update(ctx, obj, old)
        return written

    async def _store_changed(
        self, resource: Resource, entry: Entry, old: Object, obj: Object, options: WriteOptions
    ) -> Written:
        obj["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        if deletion.is_finished(resource, obj, old):
            return Written((await self._remove(resource, entry, obj, options)).data)
        same, lossy = self.ownership.same(obj, old), _is_lossy(resource)
        if same and not lossy and not self.is_stale(entry.key):
            return Written(entry.data if not converts(resource) else orjson.dumps(old))
        keep = lossy and not self.is_stale(entry.key)  # the stored form alone tells what a write changes
        obj = old if same else obj
        data = await self._persistence.replace(resource, entry, obj, dry_run=options.dry_run, unless_same=keep)
        return Written(data)

    # deleting

    async def delete(
        self, resource: Resource, namespace: str, name: str, delete_options: DeleteOptions, options: WriteOptions
    ) -> Deleted:
        """Delete, or begin to. Raises NotFound, Conflict (preconditions), Forbidden."""
        warning = resource.orphan_warning
        if warning and warning not in options.warnings and deletion.leaves_it_open(delete_options):
            options.warnings.append(warning)
        await self._cacher.fresh_if_shared()
        partition = self._cacher.partition(resource)
        key = resource.key(namespace, name)
        for _ in range(MAX_TRIES):
            entry = partition.get(key)
            if entry is None:
                raise NotFound.of(resource.group, resource.plural, name)
            try:
                return await self._delete_once(resource, namespace, name, entry, delete_options, options)
            except Stale as stale:
                await self._cacher.reach(stale.revision)
        raise Conflict.modified(resource.group, resource.plural, name)

    async def _delete_once(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        entry: Entry,
        delete_options: DeleteOptions,
        options: WriteOptions,
    ) -> Deleted:
        if resource.converter is not None:
            await resource.converter.prepare(resource, (entry,))
        old = self.view(resource, entry)
        deletion.check_preconditions(resource, old, delete_options)
        request = admission_request(DELETE, resource, namespace, options, old=old)
        request.name = "" if delete_options.of_collection else name
        if self.admission is not None:
            await self.admission.admit(request)
            await self.admission.validate(request)
        hooks = self.hooks.get(resource.group_resource, _NO_HOOKS)
        ctx = context(resource, namespace, name, options)
        await hooks.before_delete(ctx, old)
        obj = self.view(resource, entry)
        step = deletion.plan(resource, obj, delete_options, self._clock.now())
        if step is deletion.Step.PENDING:
            return Deleted(entry.data if not converts(resource) else orjson.dumps(old), old, gone=False)
        if step is deletion.Step.REMOVE:
            return await self._remove(resource, entry, old, options)
        data = await self._persistence.replace(resource, entry, obj, dry_run=options.dry_run)
        return Deleted(data, obj, gone=False)

    async def _remove(self, resource: Resource, entry: Entry, obj: Object, options: WriteOptions) -> Deleted:
        """Take the object out of the store."""
        meta = obj["metadata"]
        changed = converts(resource) or obj.get("metadata", {}).get("deletionTimestamp")
        data = orjson.dumps(obj) if changed else entry.data
        if options.dry_run:
            return Deleted(data, obj, gone=True)
        await self._persistence.remove(resource, entry)
        hooks = self.hooks.get(resource.group_resource, _NO_HOOKS)
        ctx = context(resource, meta.get("namespace", ""), meta["name"], options)
        await hooks.after_delete(ctx, obj)
        return Deleted(data, obj, gone=True)


def _is_lossy(resource: Resource) -> bool:
    """Whether what is stored may lack fields that this version has, and their defaults: one of several custom ones."""
    return resource.custom and converts(resource)
