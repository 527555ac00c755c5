"""The two halves of a byte stream, as protocols: what asyncio's StreamReader and StreamWriter offer, and no more.

A WebSocket tunnel and an in-memory pipe fulfil them too. `relay` copies one stream into another in both directions.
May import: nothing of ours.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

CHUNK = 64 * 1024


class ByteReader(Protocol):
    """asyncio.StreamReader, as far as it is used here."""

    async def read(self, n: int = -1, /) -> bytes:
        """At least one byte and at most `n`; `b""` once the peer has ended its side."""


class ByteWriter(Protocol):
    """asyncio.StreamWriter, as far as it is used here."""

    def write(self, data: bytes, /) -> None:
        """Queues bytes; whoever writes much awaits `drain`."""

    async def drain(self) -> None:
        """Returns when the peer has taken enough of what was queued."""

    def close(self) -> None:
        """Ends the stream after what was queued."""


async def copy(reader: ByteReader, writer: ByteWriter) -> None:
    """Everything `reader` yields goes to `writer`; a peer that vanished ends the copy as an end of stream does."""
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return


async def relay(a: tuple[ByteReader, ByteWriter], b: tuple[ByteReader, ByteWriter]) -> None:
    """Copy both ways until either side ends, then close both.

    For protocols that multiplex (SPDY, WebSocket): an end of the connection is the end of the conversation, so there
    is no half-close to keep.
    """
    tasks = {asyncio.ensure_future(copy(a[0], b[1])), asyncio.ensure_future(copy(b[0], a[1]))}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        a[1].close()
        b[1].close()
        await asyncio.gather(*tasks, return_exceptions=True)
