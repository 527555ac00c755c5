"""An informer: a local copy of one resource, kept by list and watch, and handlers that hear of every change.

Guaranteed:
- Handlers are called one after the other, in the order of the object's changes, after the lister shows the change.
- `synced()` returns when the first list is in the lister and every handler has heard of it.
- An object that was deleted and created again under its name is heard of as a delete and an add.
- After a broken watch it goes on from the last revision seen; when the server no longer has that (410), it lists anew
  and tells handlers the difference.

Not guaranteed:
- Every intermediate state: changes during a gap are seen as one.
- The last state of an object deleted during a gap: `on_delete` then gets the last one known.
- That two informers agree with each other at any moment.

A handler is a plain function and should only put a key into a queue; if it raises, that is logged and no other suffers.
May import: client.*, machinery.errors, aiokit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any, Generic

import msgspec

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.client.lister import Indexer, Lister
from kajitori.client.objects import Item, ObjectKey, WatchEvent, key_of
from kajitori.client.sources import Source
from kajitori.machinery.errors import Gone, StatusError

log = get_logger(__name__)
SHORT_WATCH_S = 1.0
FAILURES = (StatusError, OSError, msgspec.DecodeError)


class Handler(Generic[Item]):
    """What somebody wants to hear of: each may be None."""

    __slots__ = ("on_add", "on_delete", "on_update")

    def __init__(
        self,
        on_add: Callable[[Item], object] | None,
        on_update: Callable[[Item, Item], object] | None,
        on_delete: Callable[[Item], object] | None,
    ) -> None:
        self.on_add, self.on_update, self.on_delete = on_add, on_update, on_delete


class Informer(Generic[Item]):
    """`run()` serves until cancelled."""

    def __init__(
        self,
        source: Source[Item],
        *,
        indexers: Mapping[str, Indexer] | None = None,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.name = source.name
        self.lister: Lister[Item] = Lister(indexers)
        self.resource_version = ""
        self._source = source
        self._clock = clock or RealClock()
        self._backoff = backoff or Backoff(0.1, max_s=2.0, jitter=0.5)
        self._handlers: list[Handler[Item]] = []
        self._synced = asyncio.Event()
        self._failing = False

    def add_handler(
        self,
        on_add: Callable[[Item], object] | None = None,
        on_update: Callable[[Item, Item], object] | None = None,
        on_delete: Callable[[Item], object] | None = None,
    ) -> Handler[Item]:
        """Adds a handler; one that comes late hears at once of every object already known."""
        handler = Handler(on_add, on_update, on_delete)
        self._handlers.append(handler)
        for obj in self.lister:
            self._call(handler.on_add, obj)
        return handler

    def remove_handler(self, handler: Handler[Item]) -> None:
        """It hears of nothing from now on."""
        self._handlers.remove(handler)

    def add_indexer(self, name: str, indexer: Indexer) -> None:
        """See `Lister.add_indexer`."""
        self.lister.add_indexer(name, indexer)

    @property
    def has_synced(self) -> bool:
        return self._synced.is_set()

    async def synced(self) -> None:
        """Returns once the first list is there and every handler has heard of it."""
        await self._synced.wait()

    async def run(self) -> None:
        """Lists and watches until cancelled; failures are logged and tried again, ever more slowly."""
        first = "0"  # any state will do to begin with: the server answers from its cache
        while True:
            try:
                if not self.resource_version:
                    await self._list(first)
                first = ""
                await self._watch()
            except Gone as error:
                log.v(2).info("watch fell behind, listing again", resource=self.name, err=str(error))
                self.resource_version = ""
            except FAILURES as error:
                self._failed(error)
                if isinstance(error, OSError) and await self._source.reachable():
                    self._backoff.reset()  # it was down and is back: no reason to wait any longer
                await self._clock.sleep(self._backoff.next())

    async def _list(self, resource_version: str) -> None:
        answer = await self._source.list(resource_version)
        self._recovered()
        self._replace(answer.items)
        self.resource_version = answer.resource_version
        self._synced.set()

    async def _watch(self) -> None:
        started = self._clock.monotonic()
        async with aclosing(self._source.watch(self.resource_version)) as events:
            async for event in events:
                self._recovered()
                self._take(event)
        if self._clock.monotonic() - started < SHORT_WATCH_S:
            await self._clock.sleep(self._backoff.next())  # a server that ends watches at once must not be hammered
        else:
            self._backoff.reset()

    def _take(self, event: WatchEvent[Item]) -> None:
        obj: Any = event.object
        if event.type == "DELETED":
            known = self.lister.remove(key_of(obj))
            if known is not None:
                self._deleted(obj)
        elif event.type != "BOOKMARK":
            self._put(obj)
        self.resource_version = obj.metadata.resource_version or self.resource_version

    def _replace(self, items: list[Item]) -> None:
        fresh = {key_of(obj) for obj in items}
        for key in [key for key in self.lister.keys() if key not in fresh]:  # noqa: SIM118 - a Lister is no dict
            gone = self.lister.remove(key)
            if gone is not None:
                self._deleted(gone)
        for obj in items:
            self._put(obj)

    def _put(self, obj: Item) -> None:
        key: ObjectKey = key_of(obj)
        old = self.lister.get(key)
        if old is not None and _meta(old).uid != _meta(obj).uid:
            self.lister.remove(key)
            self._deleted(old)
            old = None
        if old is not None and _meta(old).resource_version == _meta(obj).resource_version:
            return
        self.lister.put(key, obj)
        for handler in list(self._handlers):
            if old is None:
                self._call(handler.on_add, obj)
            else:
                self._call(handler.on_update, old, obj)

    def _deleted(self, obj: Item) -> None:
        for handler in list(self._handlers):
            self._call(handler.on_delete, obj)

    def _call(self, handler: Callable[..., object] | None, *objects: Any) -> None:
        if handler is None:
            return
        try:
            handler(*objects)
        except Exception as error:  # noqa: BLE001 - one handler's mistake must not blind the others
            log.error("handler of an informer failed", error, resource=self.name, object=str(key_of(objects[-1])))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, StatusError) and error.code < 500 and error.code != 429:
            self.resource_version = ""  # the watch itself was refused: start over
        level = 3 if self._failing else 0
        self._failing = True
        log.v(level).info("list or watch failed, will try again", resource=self.name, err=describe(error))

    def _recovered(self) -> None:
        if self._failing:
            self._failing = False
            self._backoff.reset()


def _meta(obj: Any) -> Any:
    return obj.metadata
