"""A small HTTP/1.1 server for what every component answers: /healthz, /livez, /readyz, /metrics.

Routes map a path to a plain or async function of the request. Requests with more than 64 KiB of headers or body are
refused, idle connections are closed after a minute; there is no streaming and no upgrade: the API server and the
kubelet, which need those, use a full framework. About 1 MB of memory.
May import: the standard library, httptools, aiokit.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

import httptools

from kajitori.aiokit.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

log = get_logger(__name__)

MAX_BYTES = 64 * 1024
IDLE_S = 60.0
MAX_PIPELINED = 16


@dataclass(frozen=True)
class Request:
    """What a route sees. Header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def text(cls, body: str, status: int = 200) -> Response:
        return cls(status, body.encode())

    def encode(self, *, keep_alive: bool, with_body: bool) -> bytes:
        head = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            "X-Content-Type-Options: nosniff",
            f"Connection: {'keep-alive' if keep_alive else 'close'}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*head, "", ""]).encode() + (self.body if with_body else b"")


Handler = Callable[[Request], Response | Awaitable[Response]]
NOT_FOUND = Response.text("404 page not found\n", 404)


def ok(_request: Request) -> Response:
    """The route of a component that is healthy as long as it answers."""
    return Response.text("ok")


@asynccontextmanager
async def serve(
    routes: Mapping[str, Handler],
    *,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
    fallback: Handler | None = None,
) -> AsyncIterator[int]:
    """Serve while the block runs; gives the bound port (for port 0). `fallback` answers unknown paths."""
    loop = asyncio.get_running_loop()
    connections: set[_Connection] = set()
    server = await loop.create_server(
        lambda: _Connection(routes, fallback, connections), host or None, port, ssl=tls, reuse_address=True
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(connections):
            connection.close()


class _Connection(asyncio.Protocol):
    """One client. Requests are answered in the order in which they came, also pipelined ones."""

    def __init__(self, routes: Mapping[str, Handler], fallback: Handler | None, connections: set[_Connection]) -> None:
        self._routes, self._fallback, self._connections = routes, fallback, connections
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._idle: asyncio.TimerHandle | None = None
        self._work: asyncio.Task[None] | None = None
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._size = 0
        self._start_message()

    def _start_message(self) -> None:
        self._url, self._headers, self._body = b"", dict[str, str](), bytearray()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)
        self._transport = transport
        self._connections.add(self)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self._idle:
            self._idle.cancel()
        if self._work:
            self._work.cancel()

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MAX_BYTES:
            self._send(Response.text("request too large\n", 413), keep_alive=False, with_body=True)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._send(Response.text("bad request\n", 400), keep_alive=False, with_body=True)

    # -- httptools

    def on_message_begin(self) -> None:
        self._start_message()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode("latin-1").partition("?")
        method = self._parser.get_method().decode()
        request = Request(
            method, path, dict(parse_qsl(query, keep_blank_values=True)), self._headers, bytes(self._body)
        )
        self._size = 0
        if len(self._waiting) >= MAX_PIPELINED:
            self._send(Response.text("too many requests at once\n", 429), keep_alive=False, with_body=True)
            return
        self._waiting.append((request, self._parser.should_keep_alive()))
        if self._work is None:
            self._next()

    # -- answers

    def _next(self) -> None:
        """Answer what waits, in order; an async answer holds up those behind it."""
        while self._waiting and self._work is None:
            request, keep_alive = self._waiting.popleft()
            handler = self._routes.get(request.path) or self._fallback
            try:
                answer = handler(request) if handler else NOT_FOUND
            except Exception as error:  # noqa: BLE001 - one request may fail, the server goes on
                log.error("request failed", error, path=request.path)
                answer = Response.text("internal error\n", 500)
            with_body = request.method != "HEAD"
            if isinstance(answer, Response):
                self._send(answer, keep_alive=keep_alive, with_body=with_body)
            else:
                self._work = asyncio.ensure_future(self._later(answer, request.path, keep_alive, with_body))

    async def _later(self, answer: Awaitable[Response], path: str, keep_alive: bool, with_body: bool) -> None:
        try:
            response = await answer
        except Exception as error:  # noqa: BLE001 - as above
            log.error("request failed", error, path=path)
            response = Response.text("internal error\n", 500)
        self._send(response, keep_alive=keep_alive, with_body=with_body)
        self._work = None
        self._next()

    def _send(self, response: Response, *, keep_alive: bool, with_body: bool) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(response.encode(keep_alive=keep_alive, with_body=with_body))
        if keep_alive:
            self._wait()
        else:
            transport.close()

    def _wait(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self.close)

    def close(self) -> None:
        if self._transport:
            self._transport.close()
