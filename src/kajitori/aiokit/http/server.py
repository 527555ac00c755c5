"""The listening side: sockets, TLS, every open connection, an orderly end. May import: http.protocol, aiokit."""

import asyncio
import socket
import ssl
from typing import Any

from kajitori.aiokit.http.protocol import Handler, HttpProtocol
from kajitori.aiokit.http.writing import Date
from kajitori.aiokit.services import Background

IDLE_LIMIT_S = 300.0
SWEEP_S = 60.0
HANDSHAKE_TIMEOUT_S = 10.0
SHUTDOWN_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0


class HttpServer:
    """`await start(sock, tls)` or `await listen(host, port, tls)`, then `await stop(grace_s)`."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._date = Date()
        self._connections: set[HttpProtocol] = set()
        self._tasks = Background("http")
        self._servers: list[asyncio.Server] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self._emptied: asyncio.Future[None] | None = None
        self._greeting: dict[HttpProtocol, float] = {}  # accepted, and not yet open: TLS shakes hands
        self._unopened = 0

    @property
    def handshake_errors(self) -> int:
        """How many connections ended before they were open: told once TLS would have given up on them."""
        self._forget_unopened()
        return self._unopened

    def _forget_unopened(self) -> None:
        oldest = asyncio.get_running_loop().time() - HANDSHAKE_TIMEOUT_S - 1
        while self._greeting:
            connection = next(iter(self._greeting))
            if self._greeting[connection] > oldest:
                return
            del self._greeting[connection]
            self._unopened += 1

    async def start(self, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Serve a bound socket."""
        await self._listen(tls, sock=sock)

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Serve on an address (empty: on all of the host's); the bound port, for port 0."""
        return await self._listen(tls, host=host or None, port=port)

    async def _listen(self, tls: ssl.SSLContext | None, **where: Any) -> int:
        loop = asyncio.get_running_loop()

        def make() -> HttpProtocol:
            connection = HttpProtocol(self._handler, self._date, self._opened, self._lost)
            if tls is not None:
                self._forget_unopened()
                self._greeting[connection] = loop.time()
            return connection

        handshake_s, shutdown_s = (HANDSHAKE_TIMEOUT_S, SHUTDOWN_TIMEOUT_S) if tls else (None, None)
        server = await loop.create_server(
            make, ssl=tls, backlog=1024, ssl_handshake_timeout=handshake_s, ssl_shutdown_timeout=shutdown_s, **where
        )
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _opened(self, connection: HttpProtocol) -> None:
        self._greeting.pop(connection, None)
        self._connections.add(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)
        connection.task = self._tasks.start(self._serve(connection), "connection")

    async def _serve(self, connection: HttpProtocol) -> None:
        try:
            await connection.serve()
        except (ConnectionError, asyncio.CancelledError):
            connection.abort()  # the peer is gone, or a stream was cut off: there is nobody to tell

    def _lost(self, connection: HttpProtocol) -> None:
        self._connections.discard(connection)
        if self._emptied is not None and not self._connections and not self._emptied.done():
            self._emptied.set_result(None)

    def _sweep(self) -> None:
        """Close what has been idle for long."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - IDLE_LIMIT_S
        for connection in list(self._connections):
            if 0 < connection.idle_since < oldest:
                connection.shut_down()
        self._sweeper = loop.call_later(SWEEP_S, self._sweep) if self._connections else None

    def __len__(self) -> int:
        return len(self._connections)

    async def stop(self, grace_s: float = 10.0, linger_s: float = 0.0) -> None:
        """Accept nothing new, end streams, let requests under way finish within the grace, then cut.

        Idle connections stay open for `linger_s`, so that requests on their way are answered.
        """
        if self._sweeper is not None:
            self._sweeper.cancel()
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.shut_down(linger_s)
        tasks = [connection.task for connection in self._connections if connection.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=grace_s)
        for connection in list(self._connections):
            connection.abort()
        await self._tasks.stop()
        if self._connections:  # a loop that closes over a dying TLS transport may never come to an end
            self._emptied = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._emptied,), timeout=CLOSE_TIMEOUT_S)
