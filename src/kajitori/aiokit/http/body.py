"""A request's body as it arrives: unread bytes beyond `READ_AHEAD` pause the peer. May import: http.message."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from kajitori.aiokit.http.message import BodyTooLarge, Connection, Headers, Response

READ_AHEAD = 256 * 1024


class Owner(Protocol):
    """The connection that the body comes in by."""

    def send_continue(self) -> None:
        """Answers `Expect: 100-continue`: the peer may send its body."""

    def pause_reading(self) -> None:
        """Nothing more is read from the socket; the peer is held up by TCP."""

    def resume_reading(self) -> None:
        """Ends `pause_reading`; harmless when nothing is paused."""

    def abandonable(self) -> AbstractContextManager[None]:
        """See `Request.abandonable`."""

    def limit(self, deadline: float, late: Callable[[], Response]) -> None:
        """See `Request.limit`."""

    def take_over(self) -> Connection:
        """See `Request.hijack`."""

    def peer_certificate(self) -> Mapping[str, Any]:
        """The client's verified certificate as `ssl` shows it; empty if there is none."""

    def peer_chain(self) -> tuple[bytes, ...]:
        """The client's certificate and those that it was verified by, up to the root; empty if there are none."""


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
        """Called by the connection: bytes have come; the peer is paused when nobody has read too many of them."""
        self._chunks.append(data)
        self._size += len(data)
        if self._size > READ_AHEAD and self._waiter is None:
            self._protocol.pause_reading()
        self._wake()

    def complete(self) -> None:
        """Called by the connection: this was all."""
        self.finished = True
        self._wake()

    def fail(self) -> None:
        """Called by the connection: the peer is gone and the rest will not come; whoever reads is told."""
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

    @property
    def peer_chain(self) -> tuple[bytes, ...]:
        return self._protocol.peer_chain()
