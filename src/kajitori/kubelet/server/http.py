"""HTTP/1.1 for the kubelet's own few endpoints: requests in, whole or streamed answers out, upgrades handed over.

Not a framework: no routing, no chunked request bodies, bodies of at most MAX_BODY bytes. It is here because a kubelet
answers a handful of requests a minute and should not carry a web framework in memory for them.
A handler returns a `Response`, or streams by `request.stream(...)`, or takes the connection by `request.hijack(...)`.
May import: aiokit.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from kajitori.aiokit.services import Background

MAX_HEAD = 64 * 1024
MAX_BODY = 1 << 20
IDLE_TIMEOUT_S = 120.0


class BadRequest(Exception):
    """What arrived is no request that we take; `status` and `str()` are the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class HangUp(Exception):
    """The client went away while its answer was being made."""


@dataclass(frozen=True)
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def text(cls, text: str, status: int = 200) -> Response:
        return cls(status, text.encode())

    @classmethod
    def json(cls, body: bytes, status: int = 200) -> Response:
        return cls(status, body, "application/json")


class Request:
    """One request; header names are in lower case."""

    def __init__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, connection: Connection
    ) -> None:
        url = urlsplit(target)
        self.method, self.headers, self.body = method, headers, body
        self.path = unquote(url.path)
        self.query = parse_qsl(url.query, keep_blank_values=True)
        self._connection = connection
        self.taken = False

    def get(self, name: str, default: str = "") -> str:
        """The first query parameter of this name."""
        return next((value for key, value in self.query if key == name), default)

    def get_all(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def is_set(self, *names: str) -> bool:
        """Whether one of these boolean parameters is true (`1`, `true`)."""
        return any(self.get(name).lower() in ("1", "true") for name in names)

    @property
    def peer_certificate(self) -> Mapping[str, Any]:
        """The client's verified certificate as `ssl` shows it; empty if there is none."""
        ssl_object = self._connection.writer.get_extra_info("ssl_object")
        return (ssl_object.getpeercert() or {}) if ssl_object else {}

    async def stream(self, status: int = 200, content_type: str = "text/plain") -> ResponseStream:
        """Begin an answer of unknown length."""
        self.taken = True
        stream = ResponseStream(self._connection.writer)
        await stream.start(status, content_type)
        return stream

    async def hijack(self, headers: Mapping[str, str]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Answer 101 with `headers` and take the connection; it is closed when the handler returns."""
        self.taken = True
        connection = self._connection
        connection.writer.write(_head(101, headers))
        await connection.writer.drain()
        return connection.reader, connection.writer

    async def hung_up(self) -> None:
        """Return when the client has closed its connection (it sends nothing while it waits for an answer)."""
        while await self._connection.reader.read(4096):
            pass


class ResponseStream:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def start(self, status: int, content_type: str) -> None:
        headers = {"Content-Type": content_type, "Transfer-Encoding": "chunked", "Connection": "close"}
        await self._send(_head(status, headers))

    async def write(self, data: bytes) -> None:
        if data:
            await self._send(b"%x\r\n%b\r\n" % (len(data), data))

    async def end(self) -> None:
        await self._send(b"0\r\n\r\n")

    async def _send(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError as err:
            raise HangUp from err


Handler = Callable[[Request], Awaitable[Response | None]]


class Connection:
    """One client connection: its requests, one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
        self.reader, self.writer = reader, writer
        self._handler = handler

    async def serve(self) -> None:
        try:
            while await self._one():
                pass
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, HangUp, ssl.SSLError):
            return  # the client is gone
        finally:
            self.writer.close()

    async def _one(self) -> bool:
        """Answer one request; whether another may follow on this connection."""
        try:
            async with asyncio.timeout(IDLE_TIMEOUT_S):
                request = await self._read()
        except BadRequest as err:
            await self._answer(Response.text(f"{err}\n", err.status), keep_alive=False)
            return False
        if request is None:
            return False
        try:
            response = await self._handler(request)
        except BadRequest as err:
            response = Response.text(f"{err}\n", err.status)
        if request.taken or response is None:
            return False
        keep_alive = request.headers.get("connection", "").lower() != "close"
        await self._answer(response, keep_alive=keep_alive, head_only=request.method == "HEAD")
        return keep_alive

    async def _read(self) -> Request | None:
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as err:
            if err.partial:
                raise
            return None
        except asyncio.LimitOverrunError:
            raise BadRequest("request header fields too large", 431) from None
        method, target, headers = parse_head(head)
        if "transfer-encoding" in headers:
            raise BadRequest("chunked request bodies are not supported", 411)
        length = headers.get("content-length", "0")
        if not length.isdigit():
            raise BadRequest("invalid Content-Length")
        if int(length) > MAX_BODY:
            raise BadRequest("request body too large", 413)
        body = await self.reader.readexactly(int(length)) if int(length) else b""
        return Request(method, target, headers, body, self)

    async def _answer(self, response: Response, *, keep_alive: bool, head_only: bool = False) -> None:
        headers = {"Content-Type": response.content_type, "Content-Length": str(len(response.body))}
        headers |= response.headers
        if not keep_alive:
            headers["Connection"] = "close"
        self.writer.write(_head(response.status, headers) + (b"" if head_only else response.body))
        await self.writer.drain()


def parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    """(method, target, headers by lower-case names; repeated ones joined by a comma)."""
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1.") or not parts[0].isalpha():
        raise BadRequest("malformed HTTP request")
    headers: dict[str, str] = {}
    for line in lines:
        if not line:
            break
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest("malformed HTTP header")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return parts[0], parts[1], headers


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Listener:
    """A listening port and the connections it has taken; closing ends both."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections = Background("http connections")

    async def open(self, address: str, port: int, context: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._connected, address, port, ssl=context, limit=MAX_HEAD)

    @property
    def port(self) -> int:
        assert self._server is not None, "not open"
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._connections.stop()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.start(Connection(reader, writer, self._handler).serve())
