"""A SPDY/3.1 session over a byte stream, in either role, as the streaming servers of container runtimes speak it.

    open ──SYN_STREAM──► waiting ──SYN_REPLY──► open both ways ──FIN──► half closed ──FIN──► gone
                            └──────RST_STREAM at any time─────────────────────────────────► reset

The peers we must get on with (Go's spdystream) know no flow control: they send no WINDOW_UPDATE and never look at one.
So windows are obeyed only when both ends ask for it (`flow_control=True`); otherwise a stream whose reader is slow
holds at most BUFFER_LIMIT bytes and then stops the whole connection, which TCP passes on to the sender.
Those peers also drop data that comes before their SYN_REPLY, so `write` waits for it.
The owner runs `run()` in its task group; when it returns every stream has ended. May import: client.streams.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Self

from kajitori.client.streams.bytestream import CHUNK, ByteReader, ByteWriter
from kajitori.client.streams.frames import (
    SETTINGS_INITIAL_WINDOW_SIZE,
    Data,
    Frame,
    FrameDecoder,
    FrameEncoder,
    GoAway,
    HeadersFrame,
    Ping,
    ProtocolError,
    ResetStatus,
    RstStream,
    Settings,
    SynReply,
    SynStream,
    WindowUpdate,
)
from kajitori.client.streams.spdystream import Stream, StreamReset

INITIAL_WINDOW = 64 * 1024
MAX_STREAMS = 1024


class Session:
    """The connection: `run()` reads it, `open()` and `accept()` make streams, `close()` ends it."""

    def __init__(self, reader: ByteReader, writer: ByteWriter, *, server: bool, flow_control: bool = False) -> None:
        self.flow_control = flow_control
        self.peer_window = INITIAL_WINDOW
        self._reader, self._writer = reader, writer
        self._encoder, self._decoder = FrameEncoder(), FrameDecoder()
        self._next_id = 2 if server else 1
        self._last_peer_id = 0
        self._next_ping = 2 if server else 1
        self._pings: dict[int, asyncio.Event] = {}
        self._streams: dict[int, Stream] = {}
        self._incoming: asyncio.Queue[Stream | None] = asyncio.Queue(MAX_STREAMS + 1)
        self._sending = asyncio.Lock()
        self._closed = asyncio.Event()

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    async def run(self) -> None:
        """Read until the peer hangs up or `close` is called; afterwards no stream is left hanging."""
        try:
            while data := await self._reader.read(CHUNK):
                for frame in self._decoder.feed(data):
                    await self._handle(frame)
        except ProtocolError:
            await self._say_goodbye(1)
            raise
        except ConnectionError:
            return  # the streams learn of it below
        finally:
            self._end()

    async def open(self, headers: Mapping[str, str], *, fin: bool = False) -> Stream:
        """Open a stream without waiting for the peer's reply (`write` does; or call `replied`)."""
        if self.is_closed:
            raise StreamReset("the SPDY connection is closed")
        stream = Stream(self, self._next_id, headers, replied=False)
        self._next_id += 2
        stream.opened(finished=fin)
        self._streams[stream.id] = stream
        await self.send(SynStream(stream.id, dict(headers), fin))
        return stream

    async def accept(self) -> Stream | None:
        """The next stream that the peer opened; None once the session has ended."""
        if self.is_closed and self._incoming.empty():
            return None
        return await self._incoming.get()

    async def ping(self) -> None:
        """Return when the peer has answered; StreamReset if the connection ends first."""
        ping_id, answered = self._next_ping, asyncio.Event()
        self._next_ping += 2
        self._pings[ping_id] = answered
        await self.send(Ping(ping_id))
        await answered.wait()
        if self._pings.pop(ping_id, None) is None and self.is_closed:
            raise StreamReset("the SPDY connection is closed")

    async def close(self) -> None:
        """Say GOAWAY and hang up; open streams are cut off."""
        if not self.is_closed:
            await self._say_goodbye(0)
        self._end()

    async def closed(self) -> None:
        """Returns when the session has ended, for whatever reason."""
        await self._closed.wait()

    async def send(self, frame: Frame) -> None:
        """Encode and write in one step, so that header blocks leave in the order they were compressed."""
        if self.is_closed:
            raise StreamReset("the SPDY connection is closed")
        self._writer.write(self._encoder.encode(frame))
        async with self._sending:
            await self._writer.drain()

    async def consumed(self, stream: Stream, count: int) -> None:
        """Told by a stream: its reader has taken `count` bytes."""
        if self.flow_control and not stream.is_done and not self.is_closed:
            await self.send(WindowUpdate(stream.id, count))
            await self.send(WindowUpdate(0, count))

    def forget_if_done(self, stream: Stream) -> None:
        """Told by a stream that one of its sides has ended."""
        if stream.is_done:
            self.forget(stream)

    def forget(self, stream: Stream) -> None:
        """Told by a stream: frames for it are nobody's from now on."""
        self._streams.pop(stream.id, None)

    async def _handle(self, frame: Frame) -> None:
        match frame:
            case Data(stream_id, data, fin):
                await self._on_data(stream_id, data, fin)
            case SynStream():
                await self._on_syn_stream(frame)
            case SynReply(stream_id, headers, fin):
                if stream := self._streams.get(stream_id):
                    stream.accepted(headers, fin=fin)
                    self.forget_if_done(stream)
            case RstStream(stream_id, status):
                if stream := self._streams.pop(stream_id, None):
                    stream.cut(StreamReset(f"stream {stream_id} was reset by the peer (status {status})"))
            case HeadersFrame(stream_id, _, fin):
                await self._on_data(stream_id, b"", fin)
            case Ping(ping_id):
                await self._on_ping(ping_id)
            case Settings(values):
                self.peer_window = values.get(SETTINGS_INITIAL_WINDOW_SIZE, self.peer_window)
            case WindowUpdate(stream_id, delta):
                if stream := self._streams.get(stream_id):
                    stream.granted(delta)
            case GoAway():
                pass  # no new streams from us would be taken; the peer hangs up when the open ones are done

    async def _on_data(self, stream_id: int, data: bytes, fin: bool) -> None:
        stream = self._streams.get(stream_id)
        if stream is None:
            return  # it is gone already: the peer has not read our reset yet
        await stream.received(data, fin=fin)
        self.forget_if_done(stream)

    async def _on_syn_stream(self, frame: SynStream) -> None:
        if frame.stream_id % 2 == self._next_id % 2 or frame.stream_id <= self._last_peer_id:
            raise ProtocolError(f"invalid SPDY stream id {frame.stream_id}")
        self._last_peer_id = frame.stream_id
        if len(self._streams) >= MAX_STREAMS or self._incoming.full():
            await self.send(RstStream(frame.stream_id, ResetStatus.REFUSED_STREAM))
            return
        stream = Stream(self, frame.stream_id, frame.headers, replied=False)
        stream.opened(ended=frame.fin, finished=frame.unidirectional)
        self._streams[stream.id] = stream
        self._incoming.put_nowait(stream)

    async def _on_ping(self, ping_id: int) -> None:
        if ping_id % 2 != self._next_ping % 2:
            await self.send(Ping(ping_id))
        elif answered := self._pings.get(ping_id):
            answered.set()

    async def _say_goodbye(self, status: int) -> None:
        try:
            await self.send(GoAway(self._last_peer_id, status))
        except ConnectionError:
            return  # it has hung up first

    def _end(self) -> None:
        if self.is_closed:
            return
        self._closed.set()
        for stream in list(self._streams.values()):
            stream.cut(StreamReset(f"stream {stream.id}: the connection ended"))
        self._streams.clear()
        pings, self._pings = self._pings, {}
        for answered in pings.values():
            answered.set()
        if not self._incoming.full():
            self._incoming.put_nowait(None)
        self._writer.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
