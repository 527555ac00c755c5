"""The server's messages on one stream of a connection, for one reader. May import: etcdapi.frames."""

import asyncio
from collections import deque
from typing import Protocol

from kajitori.storage.etcdapi.frames import REFILL


class Owner(Protocol):
    """The connection, as its streams see it."""

    def make_room(self, stream: int, size: int) -> None:
        """So many bytes were read, so many more may come."""

    def forget(self, stream: int) -> None:
        """Nobody reads this one any more."""


class Stream:
    """Messages of the server, one after the other. Single reader; `close` it."""

    __slots__ = ("_data", "_ended", "_messages", "_owner", "_stream", "_unreported", "_waiter", "window")

    def __init__(self, owner: Owner, stream: int, window: int) -> None:
        self._owner, self._stream, self.window = owner, stream, window
        self._data = bytearray()
        self._messages: deque[bytes] = deque()
        self._unreported = 0
        self._ended: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def receive(self) -> bytes:
        """The next message. Raises GRPCError, ConnectionError when the stream has ended."""
        while not self._messages:
            if self._ended is not None:
                raise self._ended
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        message = self._messages.popleft()
        self._unreported += len(message) + 5
        if self._unreported >= REFILL:
            self._owner.make_room(self._stream, self._unreported)
            self._unreported = 0
        return message

    def feed(self, data: bytes) -> None:
        """For the connection."""
        self._data += data
        at, size = 0, len(self._data)
        while size - at >= 5:
            end = at + 5 + int.from_bytes(self._data[at + 1 : at + 5], "big")
            if end > size:
                break
            self._messages.append(bytes(self._data[at + 5 : end]))
            at = end
        if at:
            del self._data[:at]
            self._wake()

    def end(self, why: Exception) -> None:
        """For the connection: nothing more comes."""
        self._ended = self._ended or why
        self._wake()

    def close(self) -> None:
        """The reader is done."""
        self._owner.forget(self._stream)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
