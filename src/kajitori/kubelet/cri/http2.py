"""An HTTP/2 client connection (RFC 9113), as far as gRPC needs it: many streams, flow control, clean cancellation.

Frames come in through an asyncio protocol and are handed to their stream at once. What is buffered is bounded by the
reader (`channel` limits a message's size); sending waits for the peer's windows. May import: of the kubelet
`cri.hpack`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from .hpack import Decoder, Header, HeaderError, encode

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, HAS_PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
ENABLE_PUSH, INITIAL_WINDOW, MAX_FRAME = 2, 4, 5
PROTOCOL_ERROR, CANCEL = 0x1, 0x8
FRAME_HEAD = 9
DEFAULT_WINDOW, DEFAULT_FRAME = 65535, 16384
STREAM_WINDOW = 4 * 1024 * 1024
CONNECTION_WINDOW = 16 * 1024 * 1024


class ConnectionLost(ConnectionError):
    """The connection ended while a stream was open."""


@dataclass
class Stream:
    """One exchange. ``incoming`` holds data until its reader takes it."""

    id: int
    send_window: int
    headers: list[Header] = field(default_factory=list)
    incoming: bytearray = field(default_factory=bytearray)
    is_ended: bool = False
    reset: int | None = None
    error: Exception | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def touch(self) -> None:
        self.changed.set()


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame on the wire."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def setting(identifier: int, value: int) -> bytes:
    """One entry of a SETTINGS frame."""
    return identifier.to_bytes(2, "big") + value.to_bytes(4, "big")


class Connection(asyncio.Protocol):
    """Made by `connect`; dead once `is_usable` is False."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._decoder = Decoder()
        self._streams: dict[int, Stream] = {}
        self._next_id = 1
        self._send_window = DEFAULT_WINDOW
        self._peer_stream_window = DEFAULT_WINDOW
        self._peer_frame = DEFAULT_FRAME
        self._unacknowledged = 0
        self._block: tuple[int, int, bytearray] | None = None
        self._window_open = asyncio.Event()
        self.is_usable = True

    # Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of asyncio's
        settings = setting(ENABLE_PUSH, 0) + setting(INITIAL_WINDOW, STREAM_WINDOW)
        grow = (CONNECTION_WINDOW - DEFAULT_WINDOW).to_bytes(4, "big")
        self._transport.write(PREFACE + frame(SETTINGS, 0, 0, settings) + frame(WINDOW_UPDATE, 0, 0, grow))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(ConnectionLost(str(exc) if exc else "connection closed by the peer"))

    def close(self) -> None:
        """End it; open streams fail."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            while len(self._buffer) >= FRAME_HEAD:
                size = int.from_bytes(self._buffer[:3], "big")
                if len(self._buffer) < FRAME_HEAD + size:
                    break
                kind, flags = self._buffer[3], self._buffer[4]
                stream = int.from_bytes(self._buffer[5:9], "big") & 0x7FFFFFFF
                payload = bytes(self._buffer[FRAME_HEAD : FRAME_HEAD + size])
                del self._buffer[: FRAME_HEAD + size]
                self._frame(kind, flags, stream, payload)
        except (HeaderError, IndexError, ValueError) as error:
            self._transport.write(frame(GOAWAY, 0, 0, bytes(4) + PROTOCOL_ERROR.to_bytes(4, "big")))
            self._fail(ConnectionLost(f"protocol error: {error}"))
            self._transport.close()

    def _fail(self, error: Exception) -> None:
        self.is_usable = False
        for stream in self._streams.values():
            if not stream.is_ended:
                stream.error, stream.is_ended = error, True
                stream.touch()
        self._window_open.set()

    # Frames

    def _frame(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        handlers: dict[int, Callable[[int, int, bytes], None]] = {
            DATA: self._data,
            HEADERS: self._headers,
            CONTINUATION: self._continuation,
            RST_STREAM: self._reset,
            SETTINGS: self._settings,
            PING: self._ping,
            GOAWAY: self._goaway,
            WINDOW_UPDATE: self._window,
        }
        handler = handlers.get(kind)
        if handler is not None:
            handler(flags, stream_id, payload)

    def _data(self, flags: int, stream_id: int, payload: bytes) -> None:
        size = len(payload)
        if flags & PADDED:
            payload = payload[1 : size - payload[0]]
        self._unacknowledged += size
        if self._unacknowledged >= CONNECTION_WINDOW // 2:
            self._grant(0, self._unacknowledged)
            self._unacknowledged = 0
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        stream.incoming += payload
        if flags & END_STREAM:
            stream.is_ended = True
        elif size:
            self._grant(stream_id, size)
        stream.touch()

    def _grant(self, stream_id: int, size: int) -> None:
        self._transport.write(frame(WINDOW_UPDATE, 0, stream_id, size.to_bytes(4, "big")))

    def _headers(self, flags: int, stream_id: int, payload: bytes) -> None:
        if flags & PADDED:
            payload = payload[1 : len(payload) - payload[0]]
        if flags & HAS_PRIORITY:
            payload = payload[5:]
        self._block = (stream_id, flags, bytearray(payload))
        if flags & END_HEADERS:
            self._end_headers()

    def _continuation(self, flags: int, stream_id: int, payload: bytes) -> None:
        if self._block is None or self._block[0] != stream_id:
            raise ValueError("CONTINUATION without HEADERS")
        self._block[2].extend(payload)
        if flags & END_HEADERS:
            self._end_headers()

    def _end_headers(self) -> None:
        assert self._block is not None
        stream_id, flags, block = self._block
        self._block = None
        headers = self._decoder.decode(bytes(block))
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        stream.headers += headers
        if flags & END_STREAM:
            stream.is_ended = True
        stream.touch()

    def _reset(self, flags: int, stream_id: int, payload: bytes) -> None:
        del flags
        stream = self._streams.get(stream_id)
        if stream is not None:
            stream.reset, stream.is_ended = int.from_bytes(payload[:4], "big"), True
            stream.touch()
            self._window_open.set()

    def _settings(self, flags: int, stream_id: int, payload: bytes) -> None:
        del stream_id
        if flags & ACK:
            return
        for offset in range(0, len(payload), 6):
            identifier = int.from_bytes(payload[offset : offset + 2], "big")
            value = int.from_bytes(payload[offset + 2 : offset + 6], "big")
            if identifier == INITIAL_WINDOW:
                for stream in self._streams.values():
                    stream.send_window += value - self._peer_stream_window
                self._peer_stream_window = value
            elif identifier == MAX_FRAME:
                self._peer_frame = value
        self._transport.write(frame(SETTINGS, ACK, 0))
        self._window_open.set()

    def _ping(self, flags: int, stream_id: int, payload: bytes) -> None:
        del stream_id
        if not flags & ACK:
            self._transport.write(frame(PING, ACK, 0, payload))

    def _goaway(self, flags: int, stream_id: int, payload: bytes) -> None:
        del flags, stream_id
        self.is_usable = False
        last = int.from_bytes(payload[:4], "big")
        for stream in self._streams.values():
            if stream.id > last and not stream.is_ended:
                stream.error, stream.is_ended = ConnectionLost("the peer is going away"), True
                stream.touch()

    def _window(self, flags: int, stream_id: int, payload: bytes) -> None:
        del flags
        size = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        if stream_id == 0:
            self._send_window += size
        elif (stream := self._streams.get(stream_id)) is not None:
            stream.send_window += size
        self._window_open.set()

    # Streams

    async def open(self, headers: Iterable[Header], body: bytes) -> Stream:
        """Send a whole request; the stream on which its answer comes."""
        stream = Stream(self._next_id, self._peer_stream_window)
        self._next_id += 2
        self._streams[stream.id] = stream
        try:
            self._transport.write(frame(HEADERS, END_HEADERS, stream.id, encode(headers)))
            await self._send(stream, body)
        except BaseException:
            self.release(stream)
            raise
        return stream

    async def _send(self, stream: Stream, body: bytes) -> None:
        while not stream.is_ended:
            room = min(self._send_window, stream.send_window, self._peer_frame)
            if body and room <= 0:
                self._window_open.clear()
                await self._window_open.wait()
                continue
            part, body = body[:room], body[room:]
            self._send_window -= len(part)
            stream.send_window -= len(part)
            self._transport.write(frame(DATA, 0 if body else END_STREAM, stream.id, part))
            if not body:
                return

    def release(self, stream: Stream) -> None:
        """Done with a stream; if its answer is not complete, the peer is told to stop."""
        self._streams.pop(stream.id, None)
        if not stream.is_ended and not self._transport.is_closing():
            self._transport.write(frame(RST_STREAM, 0, stream.id, CANCEL.to_bytes(4, "big")))


async def connect(path: str) -> Connection:
    """To a unix socket; raises OSError."""
    _, connection = await asyncio.get_running_loop().create_unix_connection(Connection, path)
    return connection
