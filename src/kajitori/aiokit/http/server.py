"""The listening side: sockets, TLS, every open connection, an orderly end. May import: http.protocol, aiokit."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kajitori.aiokit.http.protocol import Handler, HttpProtocol
from kajitori.aiokit.http.writing import Date
from kajitori.aiokit.services import Background

IDLE_LIMIT_S = 300.0
SWEEP_S = 60.0
HANDSHAKE_TIMEOUT_S = 10.0
SHUTDOWN_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
POLL_S = 0.01  # only while stopping


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
        self._make: Callable[[], HttpProtocol]
        self._tls: ssl.SSLContext | None = None
        self._greeting: dict[HttpProtocol, float] = {}  # accepted, and not yet open: TLS shakes hands
        self._unopened = 0
        self._linger_until: float | None = None  # set when stopping

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

        self._make, self._tls = make, tls
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
        if self._linger_until is not None:
            connection.shut_down(max(self._linger_until - asyncio.get_running_loop().time(), 0.001))

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

    async def idle(self, timeout_s: float) -> None:
        """Returns when no request is under way but streams and upgraded connections, or when the time is up."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        await _until(lambda: not any(connection.is_answering for connection in self._connections), deadline)

    def _running(self) -> list[asyncio.Task[Any]]:
        tasks = [connection.task for connection in self._connections]
        return [task for task in tasks if task is not None and not task.done()]

    def _close_listeners(self) -> list[socket.socket]:
        """Stop listening; returns the connections that were waiting to be accepted, which would be reset else."""
        late = []
        for server in self._servers:
            listeners = [socket.socket(fileno=os.dup(sock.fileno())) for sock in server.sockets]
            server.close()
            for listener in listeners:
                listener.setblocking(False)
                with listener, suppress(OSError):
                    while True:
                        late.append(listener.accept()[0])
        return late

    async def _take_late(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            handshake_s = HANDSHAKE_TIMEOUT_S if self._tls else None
            await loop.connect_accepted_socket(self._make, sock, ssl=self._tls, ssl_handshake_timeout=handshake_s)

    async def stop(self, grace_s: float = 10.0, linger_s: float = 0.0) -> None:
        """Accept nothing new, end streams, let requests under way finish within the grace, then cut.

        Idle connections stay open for `linger_s`, so that requests on their way are answered; so are those of peers
        that have just connected: the kernel has told them already that they are.
        """
        if self._sweeper is not None:
            self._sweeper.cancel()
        now = asyncio.get_running_loop().time
        self._linger_until, deadline = now() + linger_s, now() + grace_s
        late = self._close_listeners()
        for connection in list(self._connections):
            connection.shut_down(linger_s)
        await asyncio.gather(*(self._take_late(sock) for sock in late))
        await _until(lambda: not self._greeting, min(self._linger_until, deadline))
        while (tasks := self._running()) and now() < deadline:
            await asyncio.wait(tasks, timeout=deadline - now())
        # a peer that reads slowly gets the whole of its answer
        await _until(lambda: not any(connection.unsent for connection in self._connections), deadline)
        for connection in list(self._connections):
            connection.abort()
        await self._tasks.stop()
        if self._connections:  # a loop that closes over a dying TLS transport may never come to an end
            self._emptied = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._emptied,), timeout=CLOSE_TIMEOUT_S)


async def _until(holds: Callable[[], bool], deadline: float) -> None:
    """Wait for something that nobody tells of; no longer than to a loop time."""
    loop = asyncio.get_running_loop()
    while not holds() and loop.time() < deadline:  # noqa: ASYNC110 - transports do not say when they are empty
        await asyncio.sleep(POLL_S)
