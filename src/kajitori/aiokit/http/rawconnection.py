"""What is left of an HTTP connection that a handler has taken over. May import: http.body."""

import asyncio
from typing import Protocol

from kajitori.aiokit.http.body import READ_AHEAD


class Owner(Protocol):
    """The connection as HTTP knew it."""

    async def drained(self) -> None:
        """Returns when the peer has taken enough of what was written."""

    def pause_reading(self) -> None:
        """Nothing more is read from the socket; the peer is held up by TCP."""

    def resume_reading(self) -> None: ...


class RawConnection:
    """See http.message.Connection. A reader that lags behind `READ_AHEAD` bytes pauses the peer."""

    def __init__(self, transport: asyncio.Transport, owner: Owner) -> None:
        self._transport = transport
        self._owner = owner
        self._chunks: list[bytes] = []
        self._size = 0
        self._eof = False
        self._waiter: asyncio.Future[None] | None = None

    def feed(self, data: bytes) -> None:
        """Bytes from the peer."""
        self._chunks.append(data)
        self._size += len(data)
        if self._size > READ_AHEAD:
            self._owner.pause_reading()
        self._wake()

    def feed_eof(self) -> None:
        """The peer has closed its side."""
        self._eof = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def read(self, n: int = -1, /) -> bytes:
        """See Connection."""
        while not self._chunks:
            if self._eof:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = b"".join(self._chunks)
        self._chunks.clear()
        if 0 <= n < len(data):
            self._chunks.append(data[n:])
            data = data[:n]
        was, self._size = self._size, self._size - len(data)
        if was > READ_AHEAD >= self._size:
            self._owner.resume_reading()
        return data

    def write(self, data: bytes, /) -> None:
        """See Connection."""
        if not self._transport.is_closing():
            self._transport.write(data)

    async def drain(self) -> None:
        """See Connection."""
        await self._owner.drained()

    def close(self) -> None:
        """See Connection."""
        self._transport.close()

    def abort(self) -> None:
        """See Connection."""
        self._transport.abort()
