"""A request's body as it arrives: unread bytes beyond `READ_AHEAD` pause the peer. May import: http.message."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from kajitori.aiokit.http.message import BodyTooLarge, Connection, Headers, Response

READ_AHEAD = 256 * 1024


class Owner(Protocol):
    """The connection that the body comes in by."""

    def send_continue(self) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def abandonable(self) -> AbstractContextManager[None]: ...

    def limit(self, deadline: float, late: Callable[[], Response]) -> None: ...

    def take_over(self) -> Connection: ...

    def peer_certificate(self) -> Mapping[str, Any]: ...


class IncomingBody:
    """A request's body as it arrives."""

    __slots__ = ("_chunks", "_expects", "_headers", "_protocol", "_size", "_waiter", "broken", "finished")

    def __init__(self, protocol: Owner, headers: Headers) -> None:
        self._protocol = protocol
        self._headers = headers
        self._chunks: list[bytes] = []
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None
        self._expects = "expect" in headers and headers["expect"].lower() == "100-continue"
        self.finished = False
        self.broken = False

    def feed(self, data: bytes) -> None:
        self._chunks.append(data)
        self._size += len(data)
        if self._size > READ_AHEAD and self._waiter is None:
            self._protocol.pause_reading()
        self._wake()

    def complete(self) -> None:
        self.finished = True
        self._wake()

    def fail(self) -> None:
        self.broken = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _more(self) -> None:
        if self.broken:
            raise ConnectionResetError("the peer closed the connection inside a request body")
        if self._expects:
            self._expects = False
            self._protocol.send_continue()
        self._waiter = asyncio.get_running_loop().create_future()
        self._protocol.resume_reading()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def read_all(self, limit: int) -> bytes:
        length = self._headers.get("content-length")
        if length.isdigit() and int(length) > limit:
            raise BodyTooLarge(limit)
        while not self.finished:
            if self._size > limit:
                raise BodyTooLarge(limit)
            await self._more()
        if self._size > limit:
            raise BodyTooLarge(limit)
        if len(self._chunks) == 1:
            return self._chunks[0]
        self._chunks = [b"".join(self._chunks)]
        return self._chunks[0]

    async def read_chunk(self) -> bytes:
        while not self._chunks:
            if self.finished:
                return b""
            await self._more()
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        return data

    def limit(self, deadline: float, late: Callable[[], Response]) -> None:
        self._protocol.limit(deadline, late)

    def abandonable(self) -> AbstractContextManager[None]:
        return self._protocol.abandonable()

    def hijack(self) -> Connection:
        return self._protocol.take_over()

    @property
    def peer_certificate(self) -> Mapping[str, Any]:
        return self._protocol.peer_certificate()
