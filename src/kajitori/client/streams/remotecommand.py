"""exec and attach for clients: a command's streams over a channel WebSocket.

    exit_code = await RemoteCommand(transport, path, query).run(stdin=..., stdout=..., stderr=..., tty=...)

Version 5 of the protocol is asked for first (it can half-close standard input), then version 4. Errors before the
upgrade are the API's (`machinery.errors`), errors of the command itself `RemoteCommandError`.
May import: client.{streams,transport}, machinery.errors.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from kajitori.client.connection import Response
from kajitori.client.streams import channels, websocket
from kajitori.client.streams.bytestream import ByteReader
from kajitori.client.streams.channels import Channel, RemoteCommandError
from kajitori.client.transport import Transport, UpgradeRefused
from kajitori.machinery.errors import InternalError, StatusError
from kajitori.machinery.statuses import from_status

STDIN_CHUNK = 32 * 1024


async def open_websocket(
    transport: Transport, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]
) -> websocket.WebSocket:
    """Upgrade a request to a WebSocket; a refusal becomes the API's error that it carries."""
    asked = websocket.client_headers(protocols)
    try:
        reader, writer, answer = await transport.upgrade("GET", path, query=query, headers=asked)
    except UpgradeRefused as refused:
        raise _refusal(refused.response) from refused
    return websocket.WebSocket(reader, writer, client=True, protocol=websocket.check_answer(asked, answer))


def _refusal(response: Response) -> StatusError:
    try:
        status = json.loads(response.body)
    except ValueError:
        status = None
    if isinstance(status, dict) and status.get("kind") == "Status":
        return from_status(status)
    text = response.body.decode("utf-8", "replace").strip()
    return InternalError(f"unable to upgrade connection: {text or response.status}", code=response.status)


class Sink(Protocol):
    """Where output goes; `write` may be told b"" never."""

    async def write(self, data: bytes, /) -> None:
        """Takes it all before it returns: that is how a slow terminal slows the command."""


@dataclass(frozen=True, kw_only=True)
class Streams:
    """The local ends. `sizes` yields (width, height) of the terminal, first its current size."""

    stdin: ByteReader | None = None
    stdout: Sink | None = None
    stderr: Sink | None = None
    sizes: AsyncIterator[tuple[int, int]] | None = None


class RemoteCommand:
    """One exec or attach; `query` holds the options (command, container, stdin, stdout, stderr, tty)."""

    def __init__(self, transport: Transport, path: str, query: Sequence[tuple[str, str]]) -> None:
        self._transport, self._path, self._query = transport, path, query
        self._error = bytearray()

    async def run(self, streams: Streams) -> int:
        """Stream until the command is over; its exit code."""
        socket = await open_websocket(self._transport, self._path, self._query, (channels.V5, channels.V4))
        senders = [asyncio.ensure_future(work) for work in self._senders(socket, streams)]
        try:
            await self._receive(socket, streams)
            await socket.close()
        finally:
            for sender in senders:
                sender.cancel()
            await asyncio.gather(*senders, return_exceptions=True)
            socket.hang_up()
        if not self._error and socket.close_code != websocket.NORMAL_CLOSURE:
            raise RemoteCommandError(
                f"websocket: close {socket.close_code or 1006}: {socket.close_reason or 'unexpected EOF'}"
            )
        return channels.exit_code(bytes(self._error))

    def _senders(self, socket: websocket.WebSocket, streams: Streams) -> list[asyncio.Future[None]]:
        work = []
        if streams.stdin is not None:
            work.append(_send_stdin(socket, streams.stdin))
        if streams.sizes is not None:
            work.append(_send_sizes(socket, streams.sizes))
        return [asyncio.ensure_future(each) for each in work]

    async def _receive(self, socket: websocket.WebSocket, streams: Streams) -> None:
        while (message := await socket.receive()) is not None:
            if len(message) < 2:
                continue
            channel, data = message[0], message[1:]
            if channel == Channel.STDOUT and streams.stdout is not None:
                await streams.stdout.write(data)
            elif channel == Channel.STDERR and streams.stderr is not None:
                await streams.stderr.write(data)
            elif channel == Channel.ERROR:
                self._error += data


async def _send_stdin(socket: websocket.WebSocket, stdin: ByteReader) -> None:
    try:
        while data := await stdin.read(STDIN_CHUNK):
            await socket.send(bytes((Channel.STDIN,)) + data)
        if socket.protocol == channels.V5:
            await socket.send(bytes((Channel.CLOSE, Channel.STDIN)))
    except ConnectionError:
        return  # the command is over: the receiver tells how


async def _send_sizes(socket: websocket.WebSocket, sizes: AsyncIterator[tuple[int, int]]) -> None:
    try:
        async for width, height in sizes:
            await socket.send(bytes((Channel.RESIZE,)) + channels.terminal_size(width, height))
    except ConnectionError:
        return
