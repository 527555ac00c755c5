"""Versions that a webhook converts. What is shown has been converted beforehand (`prepare`); see conversion.

May import: customresources.{conversion, strategy}.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson

from kajitori.api.scheme import Object, Resource
from kajitori.apiserver.customresources.conversion import ConversionFailed, WebhookConverter
from kajitori.apiserver.customresources.strategy import SingleStrategy
from kajitori.apiserver.customresources.typeview import CustomSchema, prune


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
        self, chunks: AsyncIterator[bytes], resource: Resource, shape: Callable[[bytes], bytes] | None
    ) -> AsyncIterator[bytes]:
        """A watch stream of stored objects as this version shows it; it ends where an object cannot be converted."""
        try:
            async for chunk in chunks:
                events = [orjson.loads(line) for line in chunk.splitlines() if line]
                try:
                    yield b"".join([await self._event(event, resource, shape) for event in events])
                except ConversionFailed as error:
                    yield orjson.dumps({"type": "ERROR", "object": error.to_status()}) + b"\n"
                    return
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    async def _event(self, event: Object, resource: Resource, shape: Callable[[bytes], bytes] | None) -> bytes:
        obj = event["object"]
        if event["type"] in ("ERROR", "BOOKMARK"):
            return orjson.dumps(event) + b"\n"
        if obj.get("apiVersion") != self._shown_as:
            found = self.converter.known(obj, self._version)
            obj = found if found is not None else (await self.converter.convert([obj], self._shown_as))[0]
        data = orjson.dumps(self._tidied(obj))
        return b'{"type":"%b","object":%b}\n' % (event["type"].encode(), shape(data) if shape else data)
