"""Lists and watch streams from JSON: decoded in C by msgspec, one decoder per kind, built once.

May import: client.objects, machinery.errors, msgspec, orjson.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, cast

import msgspec
import orjson

from kajitori.client.lines import lines
from kajitori.client.objects import EventType, Item, ObjectList, WatchEvent
from kajitori.machinery.nulls import without_nulls
from kajitori.machinery.statuses import from_status


class _ListMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")
    remaining_item_count: int | None = None


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


_list_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_object_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def _list_decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    found = _list_decoders.get(kind)
    if found is None:
        fields: list[Any] = [("metadata", _ListMeta), ("items", list[kind] | None, None)]
        found = msgspec.json.Decoder(msgspec.defstruct(f"{kind.__name__}List", fields))
        _list_decoders[kind] = found
    return found


def object_decoder(kind: type[Item]) -> msgspec.json.Decoder[Item]:
    """Made once for each kind."""
    found = _object_decoders.get(kind)
    if found is None:
        found = _object_decoders[kind] = msgspec.json.Decoder(kind)
    return found


_event_decoder = msgspec.json.Decoder(_Event)


def decode_list(kind: type[Item], data: bytes) -> ObjectList[Item]:
    """Nulls where lists belong are read as empty."""
    try:
        answer = _list_decoder(kind).decode(data)
    except msgspec.ValidationError:  # a null where we know a list: slower, and more forgiving
        answer = msgspec.convert(without_nulls(orjson.loads(data)), _list_decoder(kind).type)
    meta = answer.metadata
    return ObjectList(answer.items or [], meta.resource_version, meta.continue_, meta.remaining_item_count)


def decode_event(kind: type[Item], line: bytes) -> WatchEvent[Item]:
    """One line of a watch. An ERROR event is raised as the `StatusError` it carries."""
    event = _event_decoder.decode(line)
    if event.type == "ERROR":
        raise from_status(orjson.loads(bytes(event.object)))
    try:
        obj = object_decoder(kind).decode(event.object)
    except msgspec.ValidationError:
        obj = msgspec.convert(without_nulls(orjson.loads(bytes(event.object))), kind)
    return WatchEvent(cast("EventType", event.type), obj)


async def decode_events(kind: type[Item], chunks: AsyncIterable[bytes]) -> AsyncIterator[WatchEvent[Item]]:
    """One event per line, as they come; raises the StatusError that an ERROR event carries."""
    async for line in lines(chunks):
        yield decode_event(kind, line)
