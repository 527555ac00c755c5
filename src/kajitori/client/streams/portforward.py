"""Port-forwarding for clients: SPDY streams inside one WebSocket tunnel, one pair of streams per connection.

    async with PortForwarder(transport, path) as forwarder:
        await forwarder.serve(reader, writer, port)      # for each accepted local connection

A connection is an `error` stream (read only: a message there is why it failed) and a `data` stream with the same
requestID. The session lives until the pod or the API server goes away: `closed()` tells.
May import: client.{streams,transport}.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Protocol, Self

from kajitori.client.streams import channels, websocket
from kajitori.client.streams.bytestream import CHUNK, ByteReader, ByteWriter
from kajitori.client.streams.remotecommand import open_websocket
from kajitori.client.streams.spdy import Session
from kajitori.client.streams.spdystream import Stream
from kajitori.client.transport import Transport


class PortForwardError(Exception):
    """The pod refused the connection, or forwarding broke; `str()` is what kubectl prints."""


class HalfClosingWriter(ByteWriter, Protocol):
    """A writer that can also end its direction: asyncio's StreamWriter."""

    def can_write_eof(self) -> bool:
        """Whether the transport knows half-closing at all (TLS does not)."""

    def write_eof(self) -> None:
        """Ends our side after what was queued; the peer may go on."""


class PortForwarder:
    """One session to one pod, for any number of connections."""

    def __init__(self, transport: Transport, path: str) -> None:
        self._transport, self._path = transport, path
        self._ids = itertools.count()
        self._session: Session | None = None
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        tunnel = websocket.Tunnel(
            await open_websocket(self._transport, self._path, (), (channels.PORT_FORWARD_TUNNEL,))
        )
        self._session = Session(tunnel, tunnel, server=False)
        self._running = asyncio.ensure_future(self._session.run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._session is not None and self._running is not None:
            await self._session.close()
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def closed(self) -> None:
        """Return when the connection to the pod is lost."""
        if self._session is not None:
            await self._session.closed()

    async def serve(self, reader: ByteReader, writer: HalfClosingWriter, port: int) -> None:
        """Carry one local connection to `port` of the pod until both sides are done; PortForwardError if it fails."""
        assert self._session is not None, "enter the forwarder first"
        headers = {"port": str(port), "requestID": str(next(self._ids))}
        try:
            error = await self._session.open({"streamType": "error", **headers}, fin=True)
            data = await self._session.open({"streamType": "data", **headers})
            await self._carry(error, data, reader, writer, port)
        except ConnectionError as err:
            raise PortForwardError(f"lost connection to pod: {err}") from err
        finally:
            writer.close()

    async def _carry(
        self, error: Stream, data: Stream, reader: ByteReader, writer: HalfClosingWriter, port: int
    ) -> None:
        inward = asyncio.ensure_future(_to_pod(reader, data))
        outward = asyncio.ensure_future(_from_pod(data, writer))
        failed = asyncio.ensure_future(error.read_all())
        try:
            await asyncio.wait({failed, outward}, return_when=asyncio.FIRST_COMPLETED)
            if not failed.done():
                await asyncio.wait({failed}, timeout=0.5)  # the reason may follow on the heels of the data's end
            if failed.done() and (message := failed.result()):
                text = message.decode("utf-8", "replace").strip()
                raise PortForwardError(f"an error occurred forwarding {port} -> {port}: {text}")
            await outward
        finally:
            for task in (inward, outward, failed):
                task.cancel()
            await asyncio.gather(inward, outward, failed, return_exceptions=True)
            await data.reset()
            await error.reset()


async def _to_pod(reader: ByteReader, data: Stream) -> None:
    try:
        while chunk := await reader.read(CHUNK):
            await data.write(chunk)
        await data.close_write()
    except ConnectionError:
        await data.reset()


async def _from_pod(data: Stream, writer: HalfClosingWriter) -> None:
    while chunk := await data.read(CHUNK):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
