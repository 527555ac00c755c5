"""DNS over UDP and TCP on one port.

UDP: an answer from memory is sent in the same call that received the question. TCP: up to 256 connections, each may
ask again and again and is closed after ten idle seconds. Tasks for slow answers are owned by the server and end with
it; more than 4096 at once are refused. May import: dns.handler, dns.wire, aiokit.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, cast

from kajitori.aiokit.services import Background
from kajitori.dns import wire

Pending = Coroutine[Any, Any, bytes]
Answer = Callable[..., bytes | Pending | None]
TCP_IDLE_S = 10.0
MAX_TCP = 256
MAX_TASKS = 4096


@asynccontextmanager
async def serve(answer: Answer, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port (the same for UDP and TCP, also when 0 was asked for)."""
    loop = asyncio.get_running_loop()
    tasks = Background("dns query")
    connections: set[_Stream] = set()
    server = await loop.create_server(lambda: _Stream(answer, tasks, connections), host, port, reuse_address=True)
    bound = server.sockets[0].getsockname()[1]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Datagrams(answer, tasks), local_addr=(host, bound), family=family
    )
    try:
        yield bound
    finally:
        transport.close()
        server.close()
        for connection in list(connections):
            connection.close()
        await tasks.stop()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, answer: Answer, tasks: Background) -> None:
        self._answer, self._tasks = answer, tasks
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.DatagramTransport, transport)
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        assert self._transport is not None
        found = self._answer(data, is_tcp=False)
        if isinstance(found, bytes):
            self._transport.sendto(found, addr)
        elif found is not None:
            if len(self._tasks) >= MAX_TASKS:
                refusal = wire.bare_error(data, wire.REFUSED)
                if refusal:
                    self._transport.sendto(refusal, addr)
                found.close()
                return
            self._tasks.start(self._later(found, addr), "dns query")

    async def _later(self, pending: Pending, addr: Any) -> None:
        reply = await pending
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(reply, addr)


class _Stream(asyncio.Protocol):
    """Length-prefixed messages, answered in the order in which answers are ready."""

    def __init__(self, answer: Answer, tasks: Background, connections: set["_Stream"]) -> None:
        self._answer, self._tasks, self._connections = answer, tasks, connections
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)
        self._transport = transport
        if len(self._connections) >= MAX_TCP:
            transport.close()
            return
        self._connections.add(self)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._wait()
        self._buffer += data
        while len(self._buffer) >= 2:
            (length,) = struct.unpack_from("!H", self._buffer)
            if len(self._buffer) < 2 + length:
                return
            message, self._buffer = self._buffer[2 : 2 + length], self._buffer[2 + length :]
            found = self._answer(message, is_tcp=True)
            if isinstance(found, bytes):
                self._send(found)
            elif found is not None and len(self._tasks) >= MAX_TASKS:
                found.close()
                self.close()
                return
            elif found is not None:
                self._tasks.start(self._later(found), "dns query")

    async def _later(self, pending: Pending) -> None:
        self._send(await pending)

    def _send(self, reply: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(struct.pack("!H", len(reply)) + reply)

    def _wait(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(TCP_IDLE_S, self.close)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
