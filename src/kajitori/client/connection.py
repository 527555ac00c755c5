"""One HTTP/1.1 connection to a server: opened, and one exchange after the other read as it comes.

Heads over 256 KiB and bodies over `MAX_BODY` are refused. May import: httptools.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httptools

from kajitori.machinery.gotext import quote

MAX_HEAD = 256 * 1024

MAX_BODY = 1 << 30

READ_SIZE = 128 * 1024


class ProtocolError(ConnectionError):
    """The peer does not speak HTTP as it should, or hung up in the middle of a response."""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer, whatever its status."""

    status: int
    headers: dict[str, str]  # names in lower case; repeated ones joined by ", "
    body: bytes


class StreamResponse:
    """A response whose body arrives over time: `async for chunk in response`."""

    def __init__(self, connection: Connection, parse: Parse) -> None:
        self._connection, self._parse = connection, parse
        self.status = parse.status
        self.headers = parse.headers

    async def read(self) -> bytes:
        """The whole body, for error answers."""
        return b"".join([chunk async for chunk in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parse = self._parse
        while True:
            if parse.chunks:
                data, parse.size = b"".join(parse.chunks), 0
                parse.chunks.clear()
                yield data
            if parse.complete:
                return
            await self._connection.feed(parse)


class Parse:
    """What httptools tells about one response."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.status = 0
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []
        self.size = 0
        self.headed = self.complete = self.keep_alive = False
        self.received = False  # any byte of an answer
        self.head_size = 0
        self.parser = httptools.HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: one header."""
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """httptools: the status is known, the body may come."""
        self.status = self.parser.get_status_code()
        self.headed = True

    def on_body(self, body: bytes) -> None:
        """httptools: a piece of the body; raises ProtocolError over the limit."""
        self.size += len(body)
        if self.size > MAX_BODY:
            raise ProtocolError("the response is too large")
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        """httptools: the answer is whole."""
        if 100 <= self.status < 200:  # an interim answer: the real one follows
            self.headers.clear()
            self.headed = False
        else:
            self.keep_alive = self.parser.should_keep_alive()
            self.complete = True

    @property
    def ends_with_connection(self) -> bool:
        """Whether only the end of the connection tells the end of the body."""
        return "content-length" not in self.headers and "chunked" not in self.headers.get("transfer-encoding", "")


class Connection:
    """Belongs to whoever holds it: one exchange at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.used = False
        self.idle_since = 0.0

    def idled_s(self, now: float) -> float:
        """How long nobody has used it (`now`: time.monotonic()); for ever, if the peer has hung up."""
        is_open = not self.reader.at_eof() and not self.writer.is_closing()
        return now - self.idle_since if is_open else float("inf")

    async def exchange(self, method: str, head: bytes, body: bytes, parse: Parse) -> None:
        """Sends a request and reads as far as the end of the response's head."""
        self.writer.write(head + body if len(body) < 65536 else head)
        if len(body) >= 65536:
            self.writer.write(body)
        try:
            await self.writer.drain()
        except ConnectionError:
            if self.reader.at_eof():
                raise
            # the server may have answered (413, say) before it hung up: try to read that
        while not parse.headed:
            await self.feed(parse)
        if method == "HEAD":
            parse.complete = True

    async def feed(self, parse: Parse) -> None:
        """Reads what has come, or waits for it. Raises ProtocolError."""
        data = await self.reader.read(READ_SIZE)
        if not data:
            if parse.headed and parse.ends_with_connection:
                parse.complete = True
                return
            raise ProtocolError("EOF" if not parse.received else "unexpected EOF")
        parse.received = True
        if not parse.headed:
            parse.head_size += len(data)
            if parse.head_size > MAX_HEAD + READ_SIZE:
                raise ProtocolError("the head of the response is too large")
        try:
            parse.parser.feed_data(data)
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, ProtocolError):
                raise cause from None
            text = data[:64].decode("latin-1")
            raise ProtocolError(f"malformed HTTP response {quote(text)}") from error
        except httptools.HttpParserUpgrade as error:
            raise ProtocolError("unexpected upgrade of the connection") from error

    def close(self) -> None:
        self.writer.close()


CONNECT_TIMEOUT_S = 20.0


async def connect(host: str, port: int, tls: ssl.SSLContext | None, server_name: str) -> Connection:
    """A new connection; with `tls`, to a server whose certificate is for `server_name`. Raises OSError."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=tls, server_hostname=server_name if tls else None, limit=MAX_HEAD
            )
    except OSError as error:
        raise _one_cause(error) from None
    _notice_dead_peer(writer)
    return Connection(reader, writer)


def parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers (names in lower case) of an answer to an upgrade. Raises ProtocolError."""
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
        raise ProtocolError(f"malformed HTTP response {quote(first[:64])}")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return int(parts[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}


def _one_cause(error: OSError) -> OSError:
    """A name with several addresses (localhost: ::1, 127.0.0.1) fails for several reasons; the first stands for all."""
    if error.errno is not None or isinstance(error, TimeoutError):
        return error
    reasons = re.findall(r"\[Errno (\d+)\]", str(error))
    return OSError(int(reasons[0]), os.strerror(int(reasons[0]))) if reasons else error


def _notice_dead_peer(writer: asyncio.StreamWriter) -> None:
    """Lets the kernel find out when the server's machine is gone, so that a quiet watch does not wait for ever."""
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
