"""CustomResources: keeps what the server serves in step with the CustomResourceDefinitions in the store.

`settle` brings one definition to its end: names and conditions, then routes, cache, discovery; or, when it is being
deleted, away with its objects. The server that took a write settles it before it answers; the others, and this one
after a start, follow the cache. May import: cache, objects, customresources.*, api.{registration,scheme}.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from kajitori.aiokit.logs import get_logger
from kajitori.api.registration import Resource
from kajitori.api.scheme import Scheme
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.events import Change
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import RegistryHooks, WriteContext
from kajitori.machinery.errors import NotFound, StatusError
from kajitori.machinery.times import format_time

if TYPE_CHECKING:
    from kajitori.apiserver.objects.store import ObjectStore

Object = dict[str, Any]
log = get_logger("customresources")
GROUP, PLURAL = "apiextensions.k8s.io", "customresourcedefinitions"
RETRY_S = 1.0


class _Installed:
    """A definition that is served."""

    def __init__(self, mark: bytes, spec: Any, resources: list[Resource], stored: Resource, converter: Any) -> None:
        self.mark = mark
        self.spec = spec
        self.resources = resources
        self.stored = stored
        self.converter = converter


class CustomResources:
    """One per server."""

    def __init__(self, deps: ServerDeps, cacher: Cacher, objects: ObjectStore, crds: Resource) -> None:
        self._deps = deps
        self._scheme: Scheme = deps.scheme
        self._cacher = cacher
        self._objects = objects
        self._crds = crds
        self._installed: dict[str, _Installed] = {}
        self._lock = asyncio.Lock()
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._emptying: set[str] = set()

    async def start(self) -> None:
        """Serve what is established already. Before the server listens."""
        self._cacher.partition(self._crds).listeners.append(self._heard)
        for crd in list(self._deps.reader.list(GROUP, PLURAL)):
            await self._install_or_remove(crd)
            self._queue.put_nowait(crd["metadata"]["name"])

    async def run(self) -> None:
        """Follow the definitions until cancelled."""
        while True:
            name = await self._queue.get()
            try:
                await self.settle(name)
            except StatusError as error:
                log.warning("custom resource definition is not settled yet", name=name, error=str(error))
            except Exception as error:  # noqa: BLE001 - one bad definition must not stop the server
                log.error("custom resource definition cannot be settled", error, name=name)
            else:
                continue
            asyncio.get_running_loop().call_later(RETRY_S, self._queue.put_nowait, name)

    async def settle(self, name: str) -> None:
        """Bring one definition to its end. Safe to call at any time, any number of times."""
        async with self._lock:
            crd = self._deps.reader.get(GROUP, PLURAL, "", name)
            if crd is None:
                self._remove(name)
                return
            if not crd["metadata"].get("deletionTimestamp"):
                crd = await self._accept_names(crd)
            await self._install_or_remove(crd)
            if crd["metadata"].get("deletionTimestamp"):
                from kajitori.apiserver.customresources.cleanup import Cleanup

                await Cleanup(self._deps, self._cacher, self._objects).step(crd, self._stored(name), self._wait_empty)

    def _stored(self, name: str) -> Resource | None:
        installed = self._installed.get(name)
        return installed.stored if installed else None

    async def _accept_names(self, crd: Object) -> Object:
        from kajitori.apiserver.customresources.naming import next_status

        name, group = crd["metadata"]["name"], crd["spec"]["group"]
        others = [
            other
            for other in self._deps.reader.list(GROUP, PLURAL)
            if other["metadata"]["name"] != name and other["spec"]["group"] == group
        ]
        now = format_time(self._deps.clock.now())
        if next_status(crd, others, now) == (crd.get("status") or {}):
            return crd

        def change(current: Object) -> None:
            current["status"] = next_status(current, others, now)

        return await self._deps.writer.guaranteed_update(GROUP, PLURAL, "", name, change, subresource="status")

    async def _install_or_remove(self, crd: Object) -> None:
        from kajitori.apiserver.customresources.definition import ESTABLISHED, TERMINATING, is_true

        name = crd["metadata"]["name"]
        if not is_true(crd, ESTABLISHED):
            self._remove(name)
            return
        accepted = (crd.get("status") or {}).get("acceptedNames")
        told = orjson.dumps([crd["spec"], accepted, is_true(crd, TERMINATING), crd["metadata"].get("uid")])
        mark = hashlib.blake2b(told, digest_size=16).digest()
        known = self._installed.get(name)
        if known is None or known.mark != mark:
            await self._install(name, crd, mark, known)
        else:  # what the cache keeps decoded is a new version: the schemas in it are the ones in use
            crd["spec"] = known.spec

    async def _install(self, name: str, crd: Mapping[str, Any], mark: bytes, known: _Installed | None) -> None:
        """Serve a definition. Its schemas are used as they are, for as long as it is served: nobody may change them."""
        from kajitori.apiserver.customresources.build import resources_of, stored_resource
        from kajitori.apiserver.customresources.definition import uses_webhook
        from kajitori.apiserver.customresources.versions import Versions

        versions, converter = Versions(crd), None
        if uses_webhook(crd):
            from kajitori.apiserver.customresources.conversion import WebhookConverter

            converter = WebhookConverter(crd, versions, self._deps)
        stored = stored_resource(crd, versions, converter)
        if known is None:
            await self._cacher.add(stored)
        else:
            await self._cacher.rebuild(stored)
            self._forget(known)
        resources = resources_of(crd, versions, converter)
        for resource in resources:
            self._scheme.add(resource)
        self._order_versions(crd["spec"]["group"])
        self._installed[name] = _Installed(mark, crd["spec"], resources, stored, converter)
        log.info("serving custom resource", name=name, versions=",".join(r.version for r in resources))

    def _order_versions(self, group: str) -> None:
        from kajitori.apiserver.customresources.definition import version_rank

        self._scheme.set_versions(group, sorted(self._scheme.versions(group), key=version_rank))

    def _forget(self, known: _Installed) -> None:
        for resource in known.resources:
            self._scheme.remove(resource.group, resource.version, resource.plural)
        if known.converter is not None:
            known.converter.close()

    def _remove(self, name: str) -> None:
        known = self._installed.pop(name, None)
        if known is None:
            return
        self._forget(known)
        self._cacher.remove(known.stored)
        log.info("custom resource is served no more", name=name)
        for other in self._deps.reader.list(GROUP, PLURAL):  # names are free again
            if other["spec"]["group"] == known.stored.group:
                self._queue.put_nowait(other["metadata"]["name"])

    def _wait_empty(self, name: str, stored: Resource) -> None:
        """Look again at a definition that is being deleted when the last of its objects is gone."""
        if name in self._emptying:
            return
        self._emptying.add(name)
        partition = self._cacher.partition(stored)

        def heard(_: Change) -> None:
            if len(partition) == 0 and name in self._emptying:
                self._emptying.discard(name)
                self._queue.put_nowait(name)

        partition.listeners.append(heard)

    def _heard(self, change: Change) -> None:
        self._queue.put_nowait(change.key.rpartition("/")[2])


class DefinitionHooks(RegistryHooks):
    """Settles a definition before its writer gets the answer, so that it may be used at once."""

    def __init__(self, service: CustomResources, deps: ServerDeps) -> None:
        self._service = service
        self._deps = deps

    async def after_create(self, ctx: WriteContext, obj: Object) -> None:
        await self._settle(ctx.name or obj["metadata"]["name"])

    async def after_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        if obj.get("spec") != old.get("spec"):
            await self._settle(ctx.name or obj["metadata"]["name"])

    async def before_delete(self, ctx: WriteContext, obj: Object) -> None:
        """The first delete adds our finalizer, so that the objects go before their definition does."""
        from kajitori.apiserver.customresources.cleanup import mark

        if ctx.dry_run or obj["metadata"].get("deletionTimestamp"):
            return
        await mark(self._deps, obj)

    async def _settle(self, name: str) -> None:
        try:
            await self._service.settle(name)
        except (NotFound, StatusError) as error:
            log.warning("custom resource definition is not settled yet", name=name, error=str(error))
