"""Watch streams as wire dicts. May import: client.{lines,objects}, machinery.errors, orjson."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import orjson

from kajitori.client.lines import lines
from kajitori.client.objects import WatchEvent
from kajitori.machinery.statuses import from_status


async def decode_dict_events(chunks: AsyncIterable[bytes]) -> AsyncIterator[WatchEvent[dict[str, Any]]]:
    """The events of a watch. An ERROR event is raised as the `StatusError` it carries."""
    async for line in lines(chunks):
        event = orjson.loads(line)
        if event["type"] == "ERROR":
            raise from_status(event["object"])
        yield WatchEvent(event["type"], event["object"])
