"""GET of one object and LIST. Answers join bytes of the watch cache; objects are decoded only for tables and the like.

resourceVersion, as upstream: "" reads what is committed now; "0" whatever the cache has; N something not older, or with
resourceVersionMatch=Exact (or a limit) exactly that. `continue` goes on over the snapshot at which the list began; the
cache rebuilds it by undoing its recent history, and answers 410 once that is gone.

May import: cache, handlers.{call,listoptions,rendering}, hooks, metrics.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from kajitori.aiokit.http.message import Response
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.cache.partition import Partition, TooOld
from kajitori.apiserver.cache.selection import Selection
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.handlers.listoptions import Page, encode_continue, read_version, requested_version
from kajitori.apiserver.handlers.rendering import entry_bytes, listed, shown
from kajitori.apiserver.hooks import ComputedObjects
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.serving.negotiation import As
from kajitori.machinery.errors import Expired, NotFound, Timeout

FUTURE_WAIT_S = 3.0
_CONTINUE_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


class Reading:
    """get and list over the watch cache."""

    def __init__(self, cacher: Cacher, now: Callable[[], datetime], metrics: Metrics | None = None) -> None:
        self._cacher = cacher
        self._now = now
        self._metrics = metrics or Metrics()

    async def get(self, call: Call) -> Response:
        """One object."""
        resource, info = call.resource, call.info
        requested = requested_version(call.http.query) if call.http.raw_query else ""
        if requested and requested != "0":
            await self.reach(read_version(requested))
        else:
            await self._cacher.fresh()
        entry = self._cacher.partition(resource).get(resource.key(info.namespace, info.name))
        if entry is None:
            raise NotFound.of(resource.group, resource.plural, info.name)
        if resource.converter is not None:
            await resource.converter.prepare(resource, (entry,))
        return self.show(call, entry_bytes(resource, entry))

    def show(self, call: Call, data: bytes, status: int = 200) -> Response:
        """One object's bytes in the format that the client asked for."""
        return shown(call, call.resource, data, self._now, status)

    async def reach(self, revision: int, *, retry_after_s: int = 1) -> None:
        """Wait for the cache to get to a version that a client has seen elsewhere; Timeout when it does not."""
        if revision <= self._cacher.revision:
            return
        try:
            async with asyncio.timeout(FUTURE_WAIT_S):
                await self._cacher.reach(revision)
        except TimeoutError:
            message = f"Too large resource version: {revision}, current: {self._cacher.revision}"
            cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
            error = Timeout.of(message, retry_after_s)
            error.details = {"causes": [cause], **(error.details or {})}
            raise error from None

    async def list_(self, call: Call) -> Response:
        """A collection, or a part of it."""
        page = Page.of(call)
        partition = self._cacher.partition(call.resource)
        if page.revision > 0:
            await self.reach(page.revision, retry_after_s=0 if page.exact else 1)
        elif not page.any_version:
            await self._cacher.fresh()
        selection = call.selection()
        at = page.revision if page.exact else self._cacher.revision
        converter = call.resource.converter
        if converter is None:
            entries = self._entries(partition, selection, page, at)
        else:  # of these entries, at whatever version they are; what they are selected by is in their converted form
            entries = self._entries(partition, replace(selection, fields=None), page, at)
            await converter.prepare(call.resource, entries)
            entries = [entry for entry in entries if selection.matches(entry)]
        kind = call.resource.group, call.resource.plural
        self._metrics.lists.inc(*kind, "")
        self._metrics.listed.inc(*kind, "", by=partition.examined)
        meta: dict[str, Any] = {"resourceVersion": str(at)}
        if call.resource.custom and call.format.shape is As.OBJECT:  # there is no Go type that would leave it out
            meta["continue"] = ""
        if page.limit and len(entries) > page.limit:
            remaining = len(entries) - page.limit
            entries = entries[: page.limit]
            meta["continue"] = encode_continue(at, entries[-1].key.removeprefix(selection.prefix))
            if not selection.selective:
                meta["remainingItemCount"] = remaining
        self._metrics.list_returned.inc(*kind, by=len(entries))
        return await listed(call, entries, meta, self._now)

    def _entries(self, partition: Partition, selection: Selection, page: Page, at: int) -> list[Entry]:
        after = selection.prefix + page.start if page.start else ""
        if not page.exact or at >= self._cacher.revision:
            return partition.selected(selection, after)  # entries are shared, so this is a list of pointers
        if at < self._cacher.oldest:
            raise _expired(page)
        try:
            found = partition.entries_at(selection.prefix, after, at)
        except TooOld:
            raise _expired(page) from None
        return [entry for entry in found if selection.matches(entry)] if selection.selective else found

    async def compute(self, call: Call, objects: ComputedObjects) -> Response:
        """get or list of what is never stored: it has no versions and comes whole."""
        if call.info.verb == "get":
            return self.show(call, orjson.dumps(await objects.one(call.info.name)))
        selection, prefix = call.selection(), call.resource.storage_prefix
        found = [Entry(prefix + obj["metadata"]["name"], orjson.dumps(obj), 0) for obj in await objects.all()]
        return await listed(call, [entry for entry in found if selection.matches(entry)], {}, self._now)


def _expired(page: Page) -> Expired:
    if not page.start:
        return Expired("The resourceVersion for the provided list is too old.")
    expired = Expired(_CONTINUE_EXPIRED)
    expired.continue_token = encode_continue(-1, page.start)
    return expired
