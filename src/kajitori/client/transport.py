"""HTTP/1.1 to one API server: pooled connections over asyncio streams, TLS, chunked bodies, streams, upgrades.

Promises:
- `request` gives a whole response or raises `OSError` (refused, reset, TLS, `TimeoutError`); HTTP status codes are
  not errors here.
- A connection that turned out dead while it idled in the pool is replaced once, unseen, for requests that may be
  repeated (GET, PUT, DELETE …); a POST or PATCH is only repeated when nothing of it can have reached the server.
- Cancelling a request closes its connection; nothing is left half read in the pool.
- At most `MAX_BUSY` requests are under way at once; idle connections are closed after a minute.
- Heads over 256 KiB and bodies over `MAX_BODY` are refused.

Why not aiohttp: docs/adr/0001-client-transport.md.
May import: client.{config,auth,tls}, aiokit, the standard library, httptools.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

import httptools

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.services import Background
from kajitori.client.auth import Credentials
from kajitori.client.config import ConfigError, RestConfig
from kajitori.client.tls import TlsContexts

Query = Sequence[tuple[str, str]]
Headers = Mapping[str, str] | Sequence[tuple[str, str]]

MAX_HEAD = 256 * 1024
MAX_BODY = 1 << 30
READ_SIZE = 128 * 1024
CONNECT_TIMEOUT_S = 20.0
MAX_IDLE = 16
MAX_BUSY = 16  # requests at a time; more wait their turn rather than pay for another handshake (streams are extra)
IDLE_S = 60.0  # below the usual 75-90 s of servers, so that we rarely meet their closing
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


class ProtocolError(ConnectionError):
    """The peer does not speak HTTP as it should, or hung up in the middle of a response."""


class UpgradeRefused(Exception):
    """The server answered an upgrade with an ordinary response, which is here."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"unable to upgrade connection: {response.status}")
        self.response = response


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: dict[str, str]  # names in lower case; repeated ones joined by ", "
    body: bytes


class StreamResponse:
    """A response whose body arrives over time: `async for chunk in response`."""

    def __init__(self, connection: _Connection, parse: _Parse) -> None:
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


class _Parse:
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
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        self.status = self.parser.get_status_code()
        self.headed = True

    def on_body(self, body: bytes) -> None:
        self.size += len(body)
        if self.size > MAX_BODY:
            raise ProtocolError("the response is too large")
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        if 100 <= self.status < 200:  # an interim answer: the real one follows
            self.headers.clear()
            self.headed = False
        else:
            self.keep_alive = self.parser.should_keep_alive()
            self.complete = True

    @property
    def ends_with_connection(self) -> bool:
        return "content-length" not in self.headers and "chunked" not in self.headers.get("transfer-encoding", "")


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.used = False
        self.idle_since = 0.0

    def usable(self, now: float) -> bool:
        return not self.reader.at_eof() and not self.writer.is_closing() and now - self.idle_since < IDLE_S

    async def exchange(self, method: str, head: bytes, body: bytes, parse: _Parse) -> None:
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

    async def feed(self, parse: _Parse) -> None:
        data = await self.reader.read(READ_SIZE)
        if not data:
            if parse.headed and parse.ends_with_connection:
                parse.complete = True
                return
            raise ProtocolError("the server closed the connection" if not parse.received else "unexpected EOF")
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
            raise ProtocolError(f"malformed HTTP response {text!r}") from error
        except httptools.HttpParserUpgrade as error:
            raise ProtocolError("unexpected upgrade of the connection") from error

    def close(self) -> None:
        self.writer.close()


class Transport:
    """Connections to the server of one `RestConfig`. Belongs to one event loop; `close()` it in the end.

    `dial` finds the address for each new connection where that is not what the URL says (the name in the URL is still
    what the certificate must be for); `repeats_all`: POST and PATCH may be repeated like the others.
    """

    def __init__(
        self,
        config: RestConfig,
        *,
        credentials: Credentials | None = None,
        dial: Callable[[], tuple[str, int]] | None = None,
        repeats_all: bool = False,
    ) -> None:
        self.config = config
        self._dial, self._repeats_all = dial, repeats_all
        self.credentials = credentials or Credentials(config)
        url = urlsplit(config.server if "://" in config.server else f"https://{config.server}")
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ConfigError(f"host must be a URL or a host:port pair: {config.server!r}")
        self._tls = TlsContexts(config) if url.scheme == "https" else None
        self.host, self.port = url.hostname, url.port or (443 if self._tls else 80)
        self._prefix = url.path.rstrip("/")
        self._idle: list[_Connection] = []
        self._slots = asyncio.Semaphore(MAX_BUSY)
        self._background = Background(f"transport to {config.server}")
        self._probe: asyncio.Task[None] | None = None
        self._reaper: asyncio.TimerHandle | None = None
        host = f"[{self.host}]" if ":" in self.host else self.host
        self._fixed_head = f"Host: {host}:{self.port}\r\nUser-Agent: {config.user_agent}\r\n"

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: bytes = b"",
        headers: Headers = (),
        timeout_s: float | None = None,
    ) -> Response:
        async with asyncio.timeout(self.config.timeout_s if timeout_s is None else timeout_s), self._slots:
            connection, parse = await self._begin(method, path, query, body, headers)
            try:
                while not parse.complete:
                    await connection.feed(parse)
            except BaseException:
                connection.close()
                raise
            self._release(connection, parse)
        return Response(parse.status, parse.headers, b"".join(parse.chunks))

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: bytes = b"",
        headers: Headers = (),
        timeout_s: float | None = None,
    ) -> AsyncIterator[StreamResponse]:
        """A response to be read as it comes. `timeout_s` bounds the wait for its head, not its length."""
        async with asyncio.timeout(self.config.timeout_s if timeout_s is None else timeout_s):
            connection, parse = await self._begin(method, path, query, body, headers)
        try:
            yield StreamResponse(connection, parse)
        except BaseException:
            connection.close()
            raise
        if parse.complete:
            self._release(connection, parse)
        else:
            connection.close()

    async def upgrade(
        self, method: str, path: str, *, query: Query = (), headers: Headers = (), timeout_s: float | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, dict[str, str]]:
        """Turns a connection into another protocol; the caller owns the streams. Raises `UpgradeRefused`."""
        async with asyncio.timeout(self.config.timeout_s if timeout_s is None else timeout_s):
            connection = await self._connect()
            try:
                connection.writer.write(await self._head(method, path, query, None, headers))
                head = await connection.reader.readuntil(b"\r\n\r\n")
                status, answer = _parse_head(head)
                if status == 101:
                    return connection.reader, connection.writer, answer
                response = await self._refusal(connection, method, head)
            except asyncio.IncompleteReadError as error:
                connection.close()
                raise ProtocolError("the server closed the connection") from error
            except asyncio.LimitOverrunError as error:
                connection.close()
                raise ProtocolError("the head of the response is too large") from error
            except BaseException:
                connection.close()
                raise
        connection.close()
        raise UpgradeRefused(response)

    async def reachable(self) -> bool:
        """Returns when the server accepts connections again; says whether there was anything to wait for.

        However many wait, one probe knocks for them all, so a server that starts is noticed at once and cheaply.
        """
        if self._probe is None and await self._knock():
            return False
        if self._probe is None:  # still: another may have begun to knock meanwhile
            self._probe = self._background.start(self._knock_until_open(), f"probe of {self.host}:{self.port}")
        await asyncio.shield(self._probe)
        return True

    async def _knock_until_open(self) -> None:
        pauses = Backoff(0.1, factor=1.05, max_s=1.0)
        try:
            while not await self._knock():  # noqa: ASYNC110 - nobody can tell us, we have to knock
                await asyncio.sleep(pauses.next())
        finally:
            self._probe = None

    async def _knock(self) -> bool:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def close(self) -> None:
        await self._background.stop()
        idle, self._idle = self._idle, []
        if self._reaper is not None:
            self._reaper.cancel()
            self._reaper = None
        for connection in idle:
            connection.close()
        for connection in idle:
            try:
                async with asyncio.timeout(0.5):
                    await connection.writer.wait_closed()
            except OSError:
                continue  # it is gone either way

    async def _begin(
        self, method: str, path: str, query: Query, body: bytes, headers: Headers
    ) -> tuple[_Connection, _Parse]:
        head = await self._head(method, path, query, body, headers)
        while True:
            connection = self._take_idle() or await self._connect()
            parse = _Parse(method)
            try:
                await connection.exchange(method, head, body, parse)
                return connection, parse
            except OSError as error:
                connection.close()
                stale = connection.used and not parse.received and not isinstance(error, TimeoutError)
                if not (stale and (self._repeats_all or method in REPEATABLE)):
                    raise
                self._drop_idle()  # its neighbours are as old
            except BaseException:
                connection.close()
                raise

    async def _refusal(self, connection: _Connection, method: str, head: bytes) -> Response:
        parse = _Parse(method)
        parse.parser.feed_data(head)
        while not parse.complete:
            await connection.feed(parse)
        return Response(parse.status, parse.headers, b"".join(parse.chunks))

    async def _head(self, method: str, path: str, query: Query, body: bytes | None, headers: Headers) -> bytes:
        target = f"{self._prefix}{quote(path, safe=SAFE_IN_PATH)}"
        if query:
            target = f"{target}{'&' if '?' in path else '?'}{urlencode(query)}"
        pairs: Iterable[tuple[str, str]] = headers.items() if isinstance(headers, Mapping) else headers
        lines = [f"{method} {target} HTTP/1.1\r\n{self._fixed_head}"]
        for name, value in (*(await self.credentials.headers()), *pairs):
            if "\r" in value or "\n" in value:
                raise ValueError(f"newline in header {name}")
            lines.append(f"{name}: {value}\r\n")
        if body or (body is not None and method in ("POST", "PUT", "PATCH")):
            lines.append(f"Content-Length: {len(body)}\r\n")
        lines.append("\r\n")
        return "".join(lines).encode("latin-1", "replace")

    async def _connect(self) -> _Connection:
        context = None
        if self._tls is not None:
            context = self._tls.get(await self.credentials.client_certificate())
        host, port = self._dial() if self._dial else (self.host, self.port)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(
                    host,
                    port,
                    ssl=context,
                    server_hostname=(self.config.tls_server_name or self.host) if context else None,
                    limit=MAX_HEAD,
                )
        except OSError as error:
            told = _one_cause(error)
            told.server = f"{self.host}:{self.port}"  # type: ignore[attr-defined]  # for who tells a person about it
            raise told from None
        _notice_dead_peer(writer)
        return _Connection(reader, writer)

    def _take_idle(self) -> _Connection | None:
        now = time.monotonic()
        while self._idle:
            connection = self._idle.pop()
            if connection.usable(now):
                return connection
            connection.close()
        return None

    def _release(self, connection: _Connection, parse: _Parse) -> None:
        if not parse.keep_alive or len(self._idle) >= MAX_IDLE or connection.writer.is_closing():
            connection.close()
            return
        connection.used, connection.idle_since = True, time.monotonic()
        self._idle.append(connection)
        if self._reaper is None:
            self._reaper = asyncio.get_running_loop().call_later(IDLE_S, self._reap)

    def _reap(self) -> None:
        """Closes what has idled too long; comes again only while something idles."""
        now, self._reaper = time.monotonic(), None
        kept = [connection for connection in self._idle if connection.usable(now)]
        for connection in self._idle:
            if connection not in kept:
                connection.close()
        self._idle = kept
        if kept:
            self._reaper = asyncio.get_running_loop().call_later(IDLE_S, self._reap)

    def _drop_idle(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()


SAFE_IN_PATH = "/:@!$&'()*+,;=-._~?%"


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
        raise ProtocolError(f"malformed HTTP response {first[:64]!r}")
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
