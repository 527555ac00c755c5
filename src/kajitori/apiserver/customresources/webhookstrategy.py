"""Versions that a webhook converts. What is shown has been converted beforehand (`prepare`); see conversion.

May import: customresources.{conversion, strategy}.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson

from kajitori.api.strategy import Object
from kajitori.apiserver.customresources.conversion import ConversionFailed, WebhookConverter
from kajitori.apiserver.customresources.strategy import SingleStrategy
from kajitori.apiserver.customresources.typeview import CustomSchema, prune

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
            obj = self.converter.shown(obj, self._version)
        return self._tidied(obj)

    def _tidied(self, obj: Object) -> Object:
        prune(self.schema, obj, "", [])
        self.default(obj)
        return obj

    async def to_stored(self, obj: Object) -> Object:
        """The object in the stored version. Raises ConversionFailed."""
        if obj.get("apiVersion") == self._stored_as:
            return obj
        return (await self.converter.convert([obj], self._stored_as))[0]

    async def events(
        self, chunks: AsyncIterator[bytes], shape: Callable[[bytes], bytes] | None
    ) -> AsyncIterator[bytes]:
        """A watch stream of stored objects as this version shows it; it ends where an object cannot be converted."""
        try:
            async for chunk in chunks:
                events = [orjson.loads(line) for line in chunk.splitlines() if line]
                try:
                    await self._convert(events)
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
        missing: list[Object] = []
        for event in events:
            obj = event["object"]
            if event["type"] in _OURS or obj.get("apiVersion") == self._shown_as:
                continue
            found = self.converter.known(obj, self._version)
            if found is None:
                missing.append(event)
            else:
                event["object"] = found
        if missing:
            made = await self.converter.convert([event["object"] for event in missing], self._shown_as)
            for event, obj in zip(missing, made, strict=True):
                event["object"] = obj

    def _frame(self, event: Object, shape: Callable[[bytes], bytes] | None) -> bytes:
        if event["type"] in _OURS:
            return orjson.dumps(event) + b"\n"
        data = orjson.dumps(self._tidied(event["object"]))
        return b'{"type":"%b","object":%b}\n' % (event["type"].encode(), shape(data) if shape else data)
