"""One two-way stream of a SPDY/3.1 session: reading, writing, half-closing, resetting.

A reader that is slow holds at most BUFFER_LIMIT bytes and then stops the session's reading (see spdy.py on windows).
What the session's reading loop has to tell a stream are the methods below `Told by the session`.
May import: client.streams.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Protocol

from kajitori.client.streams.bytestream import CHUNK
from kajitori.client.streams.frames import Data, Frame, ResetStatus, RstStream, SynReply

BUFFER_LIMIT = 256 * 1024


class StreamReset(ConnectionError):
    """The peer (or we) reset the stream, or the connection ended before the stream did."""


class Connection(Protocol):
    """What a stream needs of its session."""

    flow_control: bool
    peer_window: int

    async def send(self, frame: Frame) -> None:
        """Raises StreamReset when the session has ended."""

    async def consumed(self, stream: Stream, count: int) -> None:
        """The stream's reader has taken `count` bytes: the peer may send as many more."""

    def forget(self, stream: Stream) -> None:
        """Frames for the stream are nobody's from now on."""

    def forget_if_done(self, stream: Stream) -> None:
        """One side of the stream has ended."""


class Stream:
    """One two-way stream of a session; made by `Session.open` and `Session.accept` only."""

    def __init__(self, session: Connection, stream_id: int, headers: Mapping[str, str], *, replied: bool) -> None:
        self.id = stream_id
        self.headers = dict(headers)
        self.reply_headers: dict[str, str] = {}
        self._session = session
        self._chunks: deque[bytes] = deque()
        self._buffered = 0
        self._discarding = False
        self._ended = False  # the peer sends no more
        self._finished = False  # we send no more
        self._reset: StreamReset | None = None
        self._changed = asyncio.Event()  # something to read, or the end
        self._drained = asyncio.Event()
        self._replied = asyncio.Event()
        self._window_open = asyncio.Event()
        self._send_window = session.peer_window
        if replied:
            self._replied.set()

    async def read(self, n: int = -1, /) -> bytes:
        """Up to `n` bytes; `b""` after the peer's end of the stream; StreamReset if it was cut off."""
        while not self._chunks:
            if self._ended:
                return b""
            if self._reset:
                raise self._reset
            self._changed.clear()
            await self._changed.wait()
        chunk = self._chunks.popleft()
        if 0 <= n < len(chunk):
            self._chunks.appendleft(chunk[n:])
            chunk = chunk[:n]
        self._buffered -= len(chunk)
        if self._buffered < BUFFER_LIMIT:
            self._drained.set()
        await self._session.consumed(self, len(chunk))
        return chunk

    async def read_all(self, limit: int = 1 << 20) -> bytes:
        """What comes until the stream ends, by its end or a reset; no more than `limit` bytes."""
        parts = bytearray()
        try:
            while len(parts) < limit and (chunk := await self.read()):
                parts += chunk
        except StreamReset:
            pass  # Go's servers reset their streams when they are done with them
        return bytes(parts[:limit])

    async def write(self, data: bytes) -> None:
        """Waits for the reply, and for room where windows are obeyed.

        Raises StreamReset when the stream has ended, BrokenPipeError after `close_write`.
        """
        await self.replied()
        view = memoryview(data)
        while len(view):
            room = await self._room()
            piece = view[: min(room, CHUNK)]
            self._check_writable()
            if self._session.flow_control:
                self._send_window -= len(piece)
            await self._session.send(Data(self.id, bytes(piece)))
            view = view[len(piece) :]

    async def close_write(self) -> None:
        """Half-close: the peer reads to the end and may still send."""
        if self._finished or self._reset:
            return
        await self.replied()
        if self._finished or self._reset:
            return
        self._finished = True
        await self._session.send(Data(self.id, b"", fin=True))
        self._session.forget_if_done(self)

    async def reply(self, headers: Mapping[str, str] | None = None) -> None:
        """Accept a stream that the peer opened; nothing may be written before."""
        if self._replied.is_set():
            return
        await self._session.send(SynReply(self.id, dict(headers or {})))
        self._replied.set()
        self._session.forget_if_done(self)

    async def reset(self, status: ResetStatus = ResetStatus.CANCEL) -> None:
        """Give the stream up in both directions; what is still unread is thrown away."""
        if self._reset or (self._ended and self._finished):
            return
        self.cut(StreamReset(f"stream {self.id} was reset"))
        self._session.forget(self)
        await self._session.send(RstStream(self.id, status))

    def discard(self) -> None:
        """Throw away whatever the peer sends from now on, so that it cannot hold up other streams."""
        self._discarding = True
        self._chunks.clear()
        self._buffered = 0
        self._drained.set()

    async def replied(self) -> None:
        """Wait until the peer has accepted the stream; StreamReset if it refused."""
        await self._replied.wait()
        if self._reset:
            raise self._reset

    @property
    def is_done(self) -> bool:
        """Whether both sides have ended, or a reset ended them."""
        return self._reset is not None or (self._ended and self._finished)

    def _check_writable(self) -> None:
        if self._reset:
            raise self._reset
        if self._finished:
            raise BrokenPipeError(f"stream {self.id} is closed for writing")

    async def _room(self) -> int:
        if not self._session.flow_control:
            return CHUNK
        while self._send_window <= 0 and not self._reset:
            self._window_open.clear()
            await self._window_open.wait()
        return self._send_window

    # Told by the session

    def opened(self, *, ended: bool = False, finished: bool = False) -> None:
        """Opened half: the peer sends nothing (`ended`), or we do (`finished`)."""
        self._ended, self._finished = ended, finished

    async def received(self, data: bytes, *, fin: bool) -> None:
        """A piece of data; waits while the reader is too far behind, which stops the whole session."""
        if data and not self._discarding and not self._reset and not self._ended:
            while self._buffered >= BUFFER_LIMIT and not self._discarding and not self._reset:
                self._drained.clear()
                await self._drained.wait()
            if not self._discarding:
                self._chunks.append(data)
                self._buffered += len(data)
        if fin:
            self._ended = True
        self._changed.set()

    def accepted(self, headers: Mapping[str, str], *, fin: bool) -> None:
        """The SYN_REPLY."""
        self.reply_headers = dict(headers)
        self._ended = self._ended or fin
        self._replied.set()
        self._changed.set()

    def granted(self, delta: int) -> None:
        """A WINDOW_UPDATE: so many bytes more."""
        self._send_window += delta
        self._window_open.set()

    def cut(self, why: StreamReset) -> None:
        """It is over: everybody who waits is woken, and finds `why`."""
        if self._reset is None and not (self._ended and self._finished):
            self._reset = why
        for event in (self._changed, self._drained, self._replied, self._window_open):
            event.set()
