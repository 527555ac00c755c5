"""An IPAddress for every cluster IP, as v1.34 keeps them: whose an address is can be looked up, and held by hand.

The allocator decides; this book is written behind it, for each Service that changes. An IPAddress that somebody else
has made keeps its address from Services (`bookentries.held`). Several servers on one store may all write it: who is
second finds it done. The default ServiceCIDR is told to be ready, and made again when it is gone; ranges beside it are
nobody's. May import: bootstrap.kubernetes_service, cache, deps, registry.{bookentries, services}, aiokit, machinery.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.bootstrap.kubernetes_service import service_cidr
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.events import Change
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.registry.bookentries import GROUP, PLURAL, Key, entry, is_managed, owner
from kajitori.apiserver.registry.services import addresses
from kajitori.machinery.errors import AlreadyExists, NotFound, StatusError
from kajitori.machinery.times import format_time

Object = dict[str, Any]
CIDRS, DEFAULT_CIDR = "servicecidrs", "kubernetes"
READY_TEXT = "Kubernetes default Service CIDR is ready"
RETRY_S = 5.0
log = get_logger("address-book")


class AddressBook:
    """`run()` until cancelled."""

    def __init__(self, deps: ServerDeps, cacher: Cacher) -> None:
        self._deps, self._reader = deps, deps.reader
        self._cacher = cacher
        self._due: dict[Key, None] = {}
        self._held: dict[Key, set[str]] = {}
        self._wake = asyncio.Event()

    def _begin(self) -> None:
        """Hear of changes; everything there is wants to be looked at once."""
        for group, plural, heard in (
            ("", "services", self._service_changed),
            (GROUP, PLURAL, self._address_changed),
            (GROUP, CIDRS, self._range_changed),
        ):
            resource = self._deps.scheme.by_plural(group, "v1", plural)
            if resource is not None:
                self._cacher.partition(resource).listeners.append(heard)
        for address in self._reader.list(GROUP, PLURAL):
            if is_managed(address):
                self._held.setdefault(owner(address), set()).add(address["metadata"]["name"])
        self._due |= dict.fromkeys(self._held)
        self._due |= {
            (s["metadata"]["namespace"], s["metadata"]["name"]): None for s in self._reader.list("", "services")
        }
        self._wake.set()

    def _service_changed(self, change: Change) -> None:
        *_, namespace, name = change.key.split("/")
        self._look_at((namespace, name))

    def _address_changed(self, change: Change) -> None:
        if change.old is not None and is_managed(obj := change.old.obj()):  # taken away, or changed
            self._look_at(owner(obj))

    def _range_changed(self, change: Change) -> None:
        if change.new is None or change.old is None:
            self._wake.set()

    def _look_at(self, key: Key) -> None:
        self._due[key] = None
        self._wake.set()

    async def run(self) -> None:
        """One Service after the other; what fails is tried again."""
        self._begin()
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._tell_ready()
                while self._due:
                    await self._reconcile_one(next(iter(self._due)))
            except StatusError as error:
                log.error("an IPAddress could not be written", error)
                self._deps.clock.call_later(RETRY_S, self._wake.set)

    async def _reconcile_one(self, key: Key) -> None:
        del self._due[key]
        try:
            await self._reconcile(key)
        except BaseException:
            self._due[key] = None
            raise

    async def _reconcile(self, key: Key) -> None:
        service = self._reader.get("", "services", *key)
        wanted = set(addresses(service)) if service is not None else set()
        for address in self._held.pop(key, set()) - wanted:
            await self._erase(address, key)
        for address in sorted(wanted):
            await self._enter(address, key)
        if wanted:
            self._held[key] = wanted

    async def _enter(self, address: str, key: Key) -> None:
        there = self._reader.get(GROUP, PLURAL, "", address)
        if there is not None and is_managed(there) and owner(there) != key:
            await _unless(NotFound, self._deps.writer.delete(GROUP, PLURAL, "", address))
            there = None
        if there is None:
            await _unless(AlreadyExists, self._deps.writer.create(GROUP, PLURAL, entry(address, key)))

    async def _erase(self, address: str, key: Key) -> None:
        there = self._reader.get(GROUP, PLURAL, "", address)
        if there is not None and is_managed(there) and owner(there) == key:
            await _unless(NotFound, self._deps.writer.delete(GROUP, PLURAL, "", address))

    async def _tell_ready(self) -> None:
        cidr = self._reader.get(GROUP, CIDRS, "", DEFAULT_CIDR)
        if cidr is None:
            made = service_cidr([text.strip() for text in self._deps.config.service_cluster_ip_range.split(",")])
            await _unless(AlreadyExists, self._deps.writer.create(GROUP, CIDRS, made))
            return
        if (cidr.get("status") or {}).get("conditions"):
            return
        now = format_time(self._deps.clock.now())
        ready = {"type": "Ready", "status": "True", "reason": "", "message": READY_TEXT, "lastTransitionTime": now}

        def change(obj: Object) -> None:
            obj["status"] = {**(obj.get("status") or {}), "conditions": [ready]}

        update = self._deps.writer.guaranteed_update(GROUP, CIDRS, "", DEFAULT_CIDR, change, subresource="status")
        await _unless(NotFound, update)


async def _unless(harmless: type[StatusError], writing: Awaitable[object]) -> None:
    """What another server, or the user, was faster with is done."""
    try:
        await writing
    except harmless:
        return
