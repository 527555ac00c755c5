"""One HTTP/2 connection to an etcd server for gRPC: a few frames by hand, where a library takes 0.2 ms for a call.

What makes it small: a call's headers are the same bytes every time (literals, nothing indexed), and the server is asked
to index nothing either (SETTINGS_HEADER_TABLE_SIZE 0), so that a block of headers means the same whenever it comes and
is decoded once.

    call → HEADERS, DATA (as far as the windows allow) … → HEADERS, DATA, HEADERS with grpc-status → the answer's bytes
    open → HEADERS, DATA with the one message that we send; then messages come until either side ends the stream

Bounds: of a stream's messages at most `WINDOW` bytes wait for their reader, then the server stops. A peer that says
nothing for `SILENCE_S` is asked (PING), and given up when it stays silent.

A lost connection fails the calls that are under way with ConnectionError, and is not made again: see channel.Cluster.
May import: etcdapi.{frames,stream}, grpclib (its errors).
"""

import asyncio
from collections import deque
from typing import cast

from grpclib.exceptions import GRPCError

from kajitori.storage.etcdapi.frames import (
    ACK,
    CANCEL,
    CONTINUATION,
    DATA,
    DEFAULT_WINDOW,
    END_HEADERS,
    END_STREAM,
    FRAME_SIZE,
    GOAWAY,
    HEADERS,
    INITIAL_WINDOW,
    MAX_FRAME,
    MAX_STREAMS,
    PING,
    PREFACE,
    PRIORITY,
    PUSH,
    REFILL,
    RST,
    SETTINGS,
    TABLE_SIZE,
    WINDOW,
    WINDOW_UPDATE,
    Blocks,
    frame,
    message_of,
    request_head,
    status,
    unpadded,
)
from kajitori.storage.etcdapi.stream import Stream

MOST_STREAMS = 100  # until the server has said how many it takes
SILENCE_S, PATIENCE_S = 30.0, 10.0
LAST_STREAM = 0x7FFF_FFF0


class _Call:
    __slots__ = ("data", "done", "unreported", "window")

    def __init__(self, done: asyncio.Future[bytes], window: int) -> None:
        self.done, self.window = done, window
        self.data = bytearray()
        self.unreported = 0  # bytes that came, and of which the server does not know that there is room again


class Wire(asyncio.Protocol):
    """Made for `loop.create_connection`. `usable` until the server or the network has ended it."""

    def __init__(self, authority: str, scheme: str) -> None:
        self._authority, self._scheme = authority.encode(), scheme
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._calls: dict[int, _Call] = {}
        self._streams: dict[int, Stream] = {}
        self._next = 1
        self._heads: dict[str, bytes] = {}
        self._blocks = Blocks()
        self._block: tuple[int, int, bytearray] | None = None  # stream, flags and headers that go on in the next frame
        self._window = DEFAULT_WINDOW  # what we may send in all …
        self._initial_window = DEFAULT_WINDOW  # … and for each call
        self._frame_size = MAX_FRAME
        self._most = MOST_STREAMS
        self._turns: deque[asyncio.Future[None]] = deque()  # calls beyond what the server takes at a time
        self._unreported = 0
        self._waiting: deque[tuple[int, memoryview]] = deque()  # what does not fit into the windows yet, in order
        self.usable = True
        self.heard_at = self._loop.time()
        self._timer: asyncio.TimerHandle

    # calls

    async def call(self, path: str, message: bytes) -> bytes:
        """The answer's message. Raises GRPCError, ConnectionError."""
        while len(self._calls) >= self._most and self.usable:
            turn: asyncio.Future[None] = self._loop.create_future()
            self._turns.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._next_turn()  # it may have been ours already
                raise
        if not self.usable:
            raise ConnectionResetError("the connection to etcd was lost")
        stream, self._next = self._next, self._next + 2
        if stream >= LAST_STREAM:
            self.usable = False
        call = self._calls[stream] = _Call(self._loop.create_future(), self._initial_window)
        head = self._head(path)
        body = message_of(message)
        size = len(body)
        start = frame(HEADERS, END_HEADERS, stream, head)
        if not self._waiting and size <= self._window and size <= call.window and size <= self._frame_size:
            self._window -= size
            self._transport.write(start + frame(DATA, END_STREAM, stream, body))
        else:
            self._transport.write(start)
            self._waiting.append((stream, memoryview(body)))
            self._pump()
        try:
            return await call.done
        finally:
            if self._calls.pop(stream, None) is not None and self.usable:  # cancelled, or out of time
                self._transport.write(frame(RST, 0, stream, CANCEL))
            if self._turns:
                self._next_turn()

    def open(self, path: str, message: bytes) -> Stream:
        """A stream on which we say this one thing. Raises ConnectionError."""
        if not self.usable:
            raise ConnectionResetError("the connection to etcd was lost")
        stream, self._next = self._next, self._next + 2
        opened = self._streams[stream] = Stream(self, stream, self._initial_window)
        body = message_of(message)
        self._window -= len(body)  # too little to ask whether there is room
        head = self._head(path)
        self._transport.write(frame(HEADERS, END_HEADERS, stream, head) + frame(DATA, 0, stream, body))
        return opened

    def make_room(self, stream: int, size: int) -> None:
        """For streams: their reader has taken so many bytes."""
        if stream in self._streams and not self._transport.is_closing():
            self._transport.write(frame(WINDOW_UPDATE, 0, stream, size.to_bytes(4, "big")))

    def forget(self, stream: int) -> None:
        """For streams: nobody reads this one any more."""
        if self._streams.pop(stream, None) is not None and not self._transport.is_closing():
            self._transport.write(frame(RST, 0, stream, CANCEL))

    def close(self) -> None:
        """Drop the connection; calls that are under way fail, streams end."""
        self.usable = False
        self._transport.abort()

    def _listen(self) -> None:
        """Ask a silent peer whether it is there; give up one that did not say so."""
        silent_s = self._loop.time() - self.heard_at
        if silent_s >= SILENCE_S + PATIENCE_S:
            self.close()
            return
        if silent_s >= SILENCE_S:
            self._transport.write(frame(PING, 0, 0, bytes(8)))
        pause = PATIENCE_S if silent_s >= SILENCE_S else SILENCE_S - silent_s
        self._timer = self._loop.call_later(pause, self._listen)

    def _head(self, path: str) -> bytes:
        head = self._heads.get(path)
        if head is None:
            head = self._heads[path] = request_head(path, self._authority, self._scheme)
        return head

    def _next_turn(self) -> None:
        """Wake as many as there is room for; all of them when the connection has ended."""
        room = self._most - len(self._calls) if self.usable else len(self._turns)
        while self._turns and room > 0:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                room -= 1

    def _pump(self) -> None:
        """Send what fits into the windows now."""
        while self._waiting and self._window > 0:
            stream, rest = self._waiting[0]
            call = self._calls.get(stream)
            if call is None:  # nobody waits for it any more, and the server has been told
                self._waiting.popleft()
                continue
            room = min(self._window, call.window, self._frame_size)
            if room <= 0:
                return
            piece, rest = bytes(rest[:room]), rest[room:]
            self._window -= len(piece)
            call.window -= len(piece)
            self._transport.write(frame(DATA, 0 if rest else END_STREAM, stream, piece))
            if rest:
                self._waiting[0] = stream, rest
            else:
                self._waiting.popleft()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        settings = b"".join(
            name.to_bytes(2, "big") + value.to_bytes(4, "big")
            for name, value in ((TABLE_SIZE, 0), (PUSH, 0), (INITIAL_WINDOW, WINDOW))
        )
        self._timer = self._loop.call_later(SILENCE_S, self._listen)
        more = (WINDOW - DEFAULT_WINDOW).to_bytes(4, "big")
        self._transport.write(PREFACE + frame(SETTINGS, 0, 0, settings) + frame(WINDOW_UPDATE, 0, 0, more))

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        self._timer.cancel()
        self._fail(0)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        buffer = self._buffer
        buffer += data
        at, size = 0, len(buffer)
        while size - at >= 9:
            length = int.from_bytes(buffer[at : at + 3], "big")
            end = at + 9 + length
            if end > size:
                break
            kind, flags = buffer[at + 3], buffer[at + 4]
            stream = int.from_bytes(buffer[at + 5 : at + 9], "big") & 0x7FFF_FFFF
            self._take(kind, flags, stream, bytes(buffer[at + 9 : end]))
            at = end
        del buffer[:at]

    def _take(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        if kind == DATA:
            self._take_data(stream, unpadded(flags, body), len(body), ends=bool(flags & END_STREAM))
        elif kind == HEADERS:
            body = unpadded(flags, body)
            self._block = stream, flags, bytearray(body[5:] if flags & PRIORITY else body)
            self._take_headers(flags)
        elif kind == CONTINUATION and self._block is not None:
            self._block[2].extend(body)
            self._take_headers(flags)
        elif kind == WINDOW_UPDATE:
            self._widen(stream, int.from_bytes(body, "big") & 0x7FFF_FFFF)
        elif kind == SETTINGS and not flags & ACK:
            self._take_settings(body)
        elif kind == PING and not flags & ACK:
            self._transport.write(frame(PING, ACK, 0, body))
        elif kind == RST:
            self._end(stream, ConnectionResetError(f"etcd reset the stream ({int.from_bytes(body, 'big')})"))
        elif kind == GOAWAY:
            self.usable = False
            self._fail(int.from_bytes(body[:4], "big") & 0x7FFF_FFFF)

    def _take_data(self, stream: int, body: bytes, size: int, *, ends: bool) -> None:
        self._unreported += size
        if self._unreported >= REFILL:
            self._transport.write(frame(WINDOW_UPDATE, 0, 0, self._unreported.to_bytes(4, "big")))
            self._unreported = 0
        call = self._calls.get(stream)
        if call is None:
            if stream in self._streams:
                self._streams[stream].feed(body)
            return
        call.data += body
        call.unreported += size
        if ends:
            self._end(stream, ConnectionResetError("etcd ended the stream without a status"))
        elif call.unreported >= REFILL:
            self._transport.write(frame(WINDOW_UPDATE, 0, stream, call.unreported.to_bytes(4, "big")))
            call.unreported = 0

    def _take_headers(self, flags: int) -> None:
        if not flags & END_HEADERS or self._block is None:
            return
        (stream, first, block), self._block = self._block, None
        trailer = self._blocks.trailer(bytes(block))
        call = self._calls.get(stream)
        if not first & END_STREAM:
            return
        if trailer is None or (call is None and not trailer[0]):
            self._end(stream, ConnectionResetError("etcd ended the stream without a status"))
        elif trailer[0]:
            self._end(stream, GRPCError(status(trailer[0]), trailer[1]))
        elif call is not None:
            self._answer(stream, call)

    def _answer(self, stream: int, call: _Call) -> None:
        data = call.data
        if len(data) < 5 or data[0] or int.from_bytes(data[1:5], "big") != len(data) - 5:
            self._end(stream, ConnectionResetError("etcd sent no whole message"))
            return
        del self._calls[stream]
        if not call.done.done():
            call.done.set_result(bytes(memoryview(data)[5:]))

    def _take_settings(self, body: bytes) -> None:
        for at in range(0, len(body) - 5, 6):
            name, value = int.from_bytes(body[at : at + 2], "big"), int.from_bytes(body[at + 2 : at + 6], "big")
            if name == INITIAL_WINDOW:
                for call in self._calls.values():
                    call.window += value - self._initial_window
                self._initial_window = value
            elif name == MAX_STREAMS:
                self._most = max(value, 1)
            elif name == FRAME_SIZE:
                self._frame_size = value
        self._transport.write(frame(SETTINGS, ACK, 0, b""))
        self._pump()
        self._next_turn()

    def _widen(self, stream: int, by: int) -> None:
        if not stream:
            self._window += by
        elif (call := self._calls.get(stream)) is not None:
            call.window += by
        self._pump()

    # ends

    def _end(self, stream: int, why: Exception) -> None:
        call, opened = self._calls.pop(stream, None), self._streams.pop(stream, None)
        if call is not None and not call.done.done():
            call.done.set_exception(why)
        if opened is not None:
            opened.end(why)

    def _fail(self, last: int) -> None:
        """Calls after the last that the server will answer."""
        for stream in [stream for stream in (*self._calls, *self._streams) if stream > last]:
            self._end(stream, ConnectionResetError("the connection to etcd was lost"))
        self._next_turn()
