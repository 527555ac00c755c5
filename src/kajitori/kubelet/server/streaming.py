"""exec, attach and port-forward: a client's connection joined to the runtime's streaming server.

    client                        kubelet                                   runtime (SPDY/3.1)
    SPDY/3.1          ─────────►  bytes both ways, unseen               ──► the same session
    WebSocket v5/v4   ─────────►  one SPDY stream per channel           ──► v4.channel.k8s.io
    WebSocket tunnel  ─────────►  messages unwrapped to bytes           ──► portforward.k8s.io

Translating channel by channel is what makes `close stdin` work: the runtime's own WebSocket has no half-close.
What the runtime says of the command's end passes unchanged. May import: client.streams, kubelet.server.requests.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from kajitori.aiokit.http.message import HIJACKED, Answer, Request, Response
from kajitori.client.streams import channels, websocket
from kajitori.client.streams.bytestream import CHUNK, relay
from kajitori.client.streams.channels import Channel
from kajitori.client.streams.spdy import Session
from kajitori.client.streams.spdystream import Stream, StreamReset
from kajitori.kubelet.server.requests import BadRequest, upgraded

CONNECT_TIMEOUT_S = 10.0


class RuntimeRefused(Exception):
    """The runtime's streaming server did not upgrade; `str()` tells what it said."""


async def connect_runtime(url: str, protocols: Sequence[str]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, str]:
    """A SPDY/3.1 connection to the runtime and the stream protocol that it chose."""
    parts = urlsplit(url)
    context = None
    if parts.scheme == "https":  # the runtime's own certificate, on the node itself: nobody to verify it against
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with asyncio.timeout(CONNECT_TIMEOUT_S):
        port = parts.port or (443 if context else 80)
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: Upgrade", "Upgrade: SPDY/3.1"]
            lines += [f"{channels.STREAM_PROTOCOL_HEADER}: {protocol}" for protocol in protocols]
            writer.write(("\r\n".join([*lines, "Content-Length: 0"]) + "\r\n\r\n").encode())
            return reader, writer, await _upgraded(reader)
        except BaseException:
            writer.close()
            raise


async def _upgraded(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if " 101 " not in f"{status} ":
        length = headers.get("content-length", "0")
        body = await reader.readexactly(min(int(length), 65536)) if length.isdigit() else b""
        raise RuntimeRefused(body.decode("utf-8", "replace").strip() or status)
    return headers.get(channels.STREAM_PROTOCOL_HEADER.lower(), "")


def wants_spdy(request: Request) -> bool:
    return request.headers.get("upgrade").lower() == channels.SPDY_UPGRADE.lower()


async def relay_spdy(request: Request, url: str) -> Answer:
    """A SPDY client: the runtime negotiates the stream protocol with it, we only carry bytes."""
    asked = [p.strip() for p in request.headers.get("x-stream-protocol-version").split(",") if p.strip()]
    try:
        reader, writer, chosen = await connect_runtime(url, asked)
    except (OSError, RuntimeRefused) as err:
        return Response.text(f"error dialing backend: {err}\n", 502)
    headers = {"Connection": "Upgrade", "Upgrade": channels.SPDY_UPGRADE}
    if chosen:
        headers[channels.STREAM_PROTOCOL_HEADER] = chosen
    client = upgraded(request, headers)
    await relay((client, client), (reader, writer))
    return HIJACKED


async def accept_websocket(request: Request, supported: Sequence[str]) -> websocket.WebSocket:
    """Answer a WebSocket handshake with the first protocol of ours that the client offers."""
    offered = [p.strip() for p in request.headers.get("sec-websocket-protocol").split(",") if p.strip()] or [""]
    chosen = next((protocol for protocol in supported if protocol in offered), None)
    if chosen is None:
        raise BadRequest(
            f"unable to upgrade: requested protocols {offered} are not supported, server supports "
            f"{[p for p in supported if p]}",
            403,
        )
    try:
        headers = websocket.server_headers(request.headers, chosen)
    except websocket.WebSocketError as err:
        raise BadRequest(str(err)) from err
    client = upgraded(request, headers)
    return websocket.WebSocket(client, client, client=False, protocol=chosen)


async def relay_command(request: Request, url: str, wanted: Mapping[Channel, bool]) -> None:
    """A WebSocket client of exec or attach; `wanted` says which of its channels the command has."""
    socket = await accept_websocket(request, channels.WEBSOCKET_PROTOCOLS)
    try:
        reader, writer, _ = await connect_runtime(url, (channels.V4,))
    except (OSError, RuntimeRefused) as err:
        status = channels.failure_status(f"Internal error occurred: error dialing backend: {err}")
        await _send_status(socket, json.dumps(status).encode())
        await socket.close()
        return
    async with Session(reader, writer, server=False) as session:
        running = asyncio.ensure_future(session.run())
        try:
            await CommandRelay(socket, session, wanted).run()
        except ConnectionError:
            return  # one of the two has gone: there is nobody left to tell, or nothing
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await running


class CommandRelay:
    """The channels of one command, each a WebSocket channel on one side and a SPDY stream on the other."""

    def __init__(self, socket: websocket.WebSocket, session: Session, wanted: Mapping[Channel, bool]) -> None:
        self._socket, self._session, self._wanted = socket, session, wanted
        self._streams: dict[Channel, Stream] = {}

    async def run(self) -> None:
        names = {
            Channel.ERROR: "error",
            Channel.STDIN: "stdin",
            Channel.STDOUT: "stdout",
            Channel.STDERR: "stderr",
            Channel.RESIZE: "resize",
        }
        for channel, name in names.items():
            if channel == Channel.ERROR or self._wanted.get(channel):
                self._streams[channel] = await self._session.open({"streamType": name})
        outputs: list[Channel] = [c for c in (Channel.STDOUT, Channel.STDERR) if c in self._streams]
        await _send(self._socket, (outputs or [Channel.ERROR])[0], b"")  # tells the client that all is connected
        inward = asyncio.ensure_future(self._from_client())
        outward = asyncio.ensure_future(self._from_runtime(outputs))
        try:
            await asyncio.wait({inward, outward}, return_when=asyncio.FIRST_COMPLETED)
            if outward.done():
                await _send_status(self._socket, outward.result())
                await self._socket.close()
        finally:
            for task in (inward, outward):
                task.cancel()
            await asyncio.gather(inward, outward, return_exceptions=True)

    async def _from_runtime(self, outputs: Sequence[Channel]) -> bytes:
        """Pass output on until all of it has ended; then what the error stream says."""
        error = asyncio.ensure_future(self._read_error())
        try:
            async with asyncio.TaskGroup() as group:
                for channel in outputs:
                    group.create_task(self._output(channel))
            return await error
        finally:
            error.cancel()

    async def _output(self, channel: Channel) -> None:
        stream = self._streams[channel]
        try:
            while data := await stream.read(CHUNK):
                await _send(self._socket, channel, data)
        except StreamReset:
            return  # the error stream tells why, if there is a why

    async def _read_error(self) -> bytes:
        status = await self._streams[Channel.ERROR].read_all()
        return status or json.dumps(channels.failure_status("error reading from error stream: EOF")).encode()

    async def _from_client(self) -> None:
        while (message := await self._socket.receive()) is not None:
            try:
                number, data = channels.decode_message(message, self._socket.protocol)
            except ValueError:
                continue
            with suppress(StreamReset, BrokenPipeError):  # the command closed its end: its result is on the way
                await self._input(number, data)

    async def _input(self, number: int, data: bytes) -> None:
        if number == Channel.CLOSE:
            if self._socket.protocol == channels.V5 and data[:1] == bytes((Channel.STDIN,)):
                await self._close_stdin()
        elif number in (Channel.STDIN, Channel.RESIZE) and data:
            stream = self._streams.get(Channel(number))
            if stream is not None:
                await stream.write(data)

    async def _close_stdin(self) -> None:
        stream = self._streams.get(Channel.STDIN)
        if stream is not None:
            await stream.close_write()


async def _send(socket: websocket.WebSocket, channel: int, data: bytes) -> None:
    message, text = channels.encode_message(channel, data, socket.protocol)
    await socket.send(message, text=text)


async def _send_status(socket: websocket.WebSocket, status: bytes) -> None:
    """How the command ended: before version 4 nothing for a success, and a failure's message alone."""
    if socket.protocol in channels.WITHOUT_STATUS:
        found = json.loads(status)
        status = b"" if found.get("status") == "Success" else str(found.get("message", "")).encode()
    if status:
        await _send(socket, Channel.ERROR, status)


async def relay_port_forward(request: Request, url: str, ports: Sequence[int]) -> None:
    """A WebSocket client of port-forward: kubectl's SPDY tunnel, or the older protocol with two channels per port."""
    socket = await accept_websocket(request, (channels.PORT_FORWARD_TUNNEL, channels.V4, ""))
    try:
        reader, writer, _ = await connect_runtime(url, (channels.PORT_FORWARD,))
    except (OSError, RuntimeRefused) as err:
        await socket.close(websocket.INTERNAL_ERROR, f"error dialing backend: {err}")
        return
    if socket.protocol == channels.PORT_FORWARD_TUNNEL:
        tunnel = websocket.Tunnel(socket)
        await relay((tunnel, tunnel), (reader, writer))
        return
    async with Session(reader, writer, server=False) as session:
        running = asyncio.ensure_future(session.run())
        try:
            await PortChannels(socket, session, ports).run()
        except ConnectionError:
            return
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await running


class PortChannels:
    """Port-forward by WebSocket channels: port number `i` has data on channel 2i and errors on 2i+1; the first message
    of each channel is its port, two bytes, little-endian."""

    def __init__(self, socket: websocket.WebSocket, session: Session, ports: Sequence[int]) -> None:
        self._socket, self._session, self._ports = socket, session, ports
        self._data: dict[int, Stream] = {}
        self._ids = itertools.count()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            outward = []
            for index, port in enumerate(self._ports):
                headers = {"port": str(port), "requestID": str(next(self._ids))}
                error = await self._session.open({"streamType": "error", **headers})
                data = await self._session.open({"streamType": "data", **headers})
                self._data[2 * index] = data
                for channel, stream in ((2 * index, data), (2 * index + 1, error)):
                    await _send(self._socket, channel, port.to_bytes(2, "little"))
                    outward.append(group.create_task(self._output(channel, stream)))
            inward = group.create_task(self._from_client())
            await asyncio.wait({inward, group.create_task(_all(outward))}, return_when=asyncio.FIRST_COMPLETED)
            await self._socket.close()
            for task in (inward, *outward):
                task.cancel()

    async def _output(self, channel: int, stream: Stream) -> None:
        with suppress(StreamReset):
            while data := await stream.read(CHUNK):
                await _send(self._socket, channel, data)

    async def _from_client(self) -> None:
        while (message := await self._socket.receive()) is not None:
            stream = self._data.get(message[0]) if len(message) > 1 else None
            if stream is not None:
                with suppress(StreamReset):
                    await stream.write(message[1:])


async def _all(tasks: Sequence[asyncio.Task[None]]) -> None:
    if tasks:
        await asyncio.wait(tasks)
