"""In-memory byte streams: two ends of one connection, without sockets."""

from __future__ import annotations

import asyncio


class PipeEnd:
    """Reader and writer of one end; what is written here is read at `peer`."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader()
        self.peer: PipeEnd
        self.closed = False

    async def read(self, n: int = -1, /) -> bytes:
        return await self.reader.read(n)

    def write(self, data: bytes, /) -> None:
        if self.closed or self.peer.closed:
            raise ConnectionResetError("pipe is closed")
        self.peer.reader.feed_data(data)

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            for end in (self, self.peer):
                if not end.reader.at_eof():
                    end.reader.feed_eof()


def pipe() -> tuple[PipeEnd, PipeEnd]:
    a, b = PipeEnd(), PipeEnd()
    a.peer, b.peer = b, a
    return a, b
