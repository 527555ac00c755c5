"""Versions that a webhook converts. What is shown has been converted beforehand (`prepare`); see conversion.

May import: cache.{events, pairs}, customresources.{conversion, strategy}.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson

from kajitori.api.strategy import Object
from kajitori.apiserver.cache.events import ADDED, DELETED, MODIFIED
from kajitori.apiserver.cache.pairs import CHANGED
from kajitori.apiserver.customresources.conversion import ConversionFailed, WebhookConverter
from kajitori.apiserver.customresources.strategy import SingleStrategy
from kajitori.apiserver.customresources.typeview import CustomSchema

_OURS = frozenset({"ERROR", "BOOKMARK"})
"""Events whose object is the server's own."""


class WebhookStrategy(SingleStrategy):
    """One version among several."""

    def __init__(
        self,
        schema: CustomSchema,
        version: Mapping[str, Any],
        *,
        converter: WebhookConverter,
        storage_version: str,
        terminating: bool = False,
    ) -> None:
        super().__init__(schema, version, terminating=terminating)
        self.converter = converter
        self._version = schema.version
        self._shown_as = f"{schema.group}/{schema.version}"
        self._stored_as = f"{schema.group}/{storage_version}"

    def from_storage(self, obj: Object) -> Object:
        if obj.get("apiVersion") != self._shown_as:
            return self.converter.shown(obj, self._version)
        self.converter.versions.read(obj)
        return obj

    async def to_stored(self, obj: Object) -> Object:
        """The object in the stored version. Raises ConversionFailed."""
        if obj.get("apiVersion") == self._stored_as:
            return obj
        (made,) = await self.converter.convert([obj], self._stored_as)
        self.converter.versions.shape(made)
        return made

    async def from_stored(self, obj: Object, *, keep: bool) -> Object:
        """What has just been written as this version shows it; `keep`: it is in the store. Raises ConversionFailed."""
        if obj.get("apiVersion") == self._shown_as:
            self.converter.versions.read(obj)
            return obj
        if keep:
            return await self.converter.read_back(obj, self._version, self._shown_as)
        return (await self.converter.read([obj], self._shown_as))[0]

    async def events(
        self,
        chunks: AsyncIterator[bytes],
        shape: Callable[[bytes], bytes] | None,
        chosen: Callable[[Object], bool] | None,
    ) -> AsyncIterator[bytes]:
        """A watch stream of stored objects as this version shows it; it ends where an object cannot be converted."""
        try:
            async for chunk in chunks:
                events = [orjson.loads(line) for line in chunk.splitlines() if line]
                try:
                    await self._convert(events)
                    if chosen is not None:
                        events = [seen for event in events if (seen := self._seen(event, chosen)) is not None]
                    yield b"".join([self._frame(event, shape) for event in events])
                except ConversionFailed as error:
                    yield orjson.dumps({"type": "ERROR", "object": error.to_status()}) + b"\n"
                    return
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    async def _convert(self, events: list[Object]) -> None:
        """Puts converted objects into events: those not remembered are asked for in one call."""
        missing: list[tuple[Object, str]] = []
        for event in events:
            for side in ("object", "old"):
                obj = event.get(side)
                if obj is None or event["type"] in _OURS:
                    continue
                if obj.get("apiVersion") == self._shown_as:
                    self.converter.versions.read(obj)
                    continue
                found = self.converter.known(obj, self._version)
                if found is None:
                    missing.append((event, side))
                else:
                    event[side] = found
        if missing:
            made = await self.converter.read([event[side] for event, side in missing], self._shown_as)
            for (event, side), obj in zip(missing, made, strict=True):
                event[side] = obj

    def _seen(self, event: Object, chosen: Callable[[Object], bool]) -> Object | None:
        """What whoever chooses by this version's fields sees of an event."""
        if event["type"] in _OURS:
            return event
        now, before = event["object"], event.get("old")
        is_in = now is not None and chosen(now)
        if event["type"] != CHANGED:
            return event if is_in else None
        was_in = before is not None and chosen(before)
        if is_in:
            return {"type": MODIFIED if was_in else ADDED, "object": now}
        return {"type": DELETED, "object": before} if was_in else None

    def _frame(self, event: Object, shape: Callable[[bytes], bytes] | None) -> bytes:
        if event["type"] in _OURS:
            return orjson.dumps(event) + b"\n"
        data = orjson.dumps(event["object"])
        return b'{"type":"%b","object":%b}\n' % (event["type"].encode(), shape(data) if shape else data)
