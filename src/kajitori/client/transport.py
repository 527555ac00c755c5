"""HTTP/1.1 to one API server: pooled connections over asyncio streams, TLS, chunked bodies, streams, upgrades.

Promises:
- `request` gives a whole response or raises `OSError` (refused, reset, TLS, `TimeoutError`); HTTP status codes are
  not errors here.
- A connection that turned out dead while it idled in the pool is replaced once, unseen, for requests that may be
  repeated (GET, PUT, DELETE …); a POST or PATCH is only repeated when nothing of it can have reached the server.
- Cancelling a request closes its connection; nothing is left half read in the pool.
- At most `MAX_BUSY` requests are under way at once; idle connections are closed after a minute.
- Heads over 256 KiB and bodies over 1 GiB are refused (connection.py).

Why not aiohttp: docs/adr/0001-client-transport.md.
May import: client.{auth,config,connection,pool,tls}, aiokit, the standard library.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from urllib.parse import quote, urlencode, urlsplit

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.services import Background
from kajitori.client.auth import Credentials
from kajitori.client.config import ConfigError, RestConfig
from kajitori.client.connection import (
    CONNECT_TIMEOUT_S,
    Connection,
    Parse,
    ProtocolError,
    Response,
    StreamResponse,
    connect,
    parse_head,
)
from kajitori.client.pool import Pool
from kajitori.client.tls import TlsContexts

Query = Sequence[tuple[str, str]]
Headers = Mapping[str, str] | Sequence[tuple[str, str]]

MAX_BUSY = 16  # requests at a time; more wait their turn rather than pay for another handshake (streams are extra)
SAFE_IN_PATH = "/:@!$&'()*+,;=-._~?%"
observer: Callable[[str, str, str, float], None] | None = None
"""Told of each request with a whole answer: method, host, code, seconds (client.metrics sets it)."""
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


class UpgradeRefused(Exception):
    """The server answered an upgrade with an ordinary response, which is here."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"unable to upgrade connection: {response.status}")
        self.response = response


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
        self._pool = Pool()
        self._slots = asyncio.Semaphore(MAX_BUSY)
        self._background = Background(f"transport to {config.server}")
        self._probe: asyncio.Task[None] | None = None
        host = f"[{self.host}]" if ":" in self.host else self.host
        self._address = f"{host}:{self.port}"
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
        """One whole exchange; `timeout_s` counts from here, waiting for a free connection included."""
        began = perf_counter()
        try:
            async with asyncio.timeout(self.config.timeout_s if timeout_s is None else timeout_s), self._slots:
                connection, parse = await self._begin(method, path, query, body, headers)
                try:
                    while not parse.complete:
                        await connection.feed(parse)
                except BaseException:
                    connection.close()
                    raise
                self._pool.release(connection, parse)
        except OSError:
            if observer is not None:
                observer(method, self._address, "<error>", perf_counter() - began)
            raise
        if observer is not None:
            observer(method, self._address, str(parse.status), perf_counter() - began)
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
            self._pool.release(connection, parse)
        else:
            connection.close()

    async def upgrade(
        self, method: str, path: str, *, query: Query = (), headers: Headers = ()
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, dict[str, str]]:
        """Turns a connection into another protocol; the caller owns the streams. Raises `UpgradeRefused`."""
        async with asyncio.timeout(self.config.timeout_s):
            connection = await self._connect()
            try:
                connection.writer.write(await self._head(method, path, query, None, headers))
                head = await connection.reader.readuntil(b"\r\n\r\n")
                status, answer = parse_head(head)
                if status == 101:
                    return connection.reader, connection.writer, answer
                response = await self._refusal(connection, method, head)
            except asyncio.IncompleteReadError as error:
                connection.close()
                raise ProtocolError("EOF") from error
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
        """Closes the connections that idle; one that is in use is its user's to end."""
        await self._background.stop()
        await self._pool.close()

    async def _begin(
        self, method: str, path: str, query: Query, body: bytes, headers: Headers
    ) -> tuple[Connection, Parse]:
        head = await self._head(method, path, query, body, headers)
        while True:
            connection = self._pool.take() or await self._connect()
            parse = Parse(method)
            try:
                await connection.exchange(method, head, body, parse)
                return connection, parse
            except OSError as error:
                connection.close()
                stale = connection.used and not parse.received and not isinstance(error, TimeoutError)
                if not (stale and (self._repeats_all or method in REPEATABLE)):
                    raise
                self._pool.drop()  # its neighbours are as old
            except BaseException:
                connection.close()
                raise

    async def _refusal(self, connection: Connection, method: str, head: bytes) -> Response:
        parse = Parse(method)
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

    async def _connect(self) -> Connection:
        context = None
        if self._tls is not None:
            context = self._tls.get(await self.credentials.client_certificate())
        host, port = self._dial() if self._dial else (self.host, self.port)
        name = self.config.tls_server_name or self.host
        try:
            return await connect(host, port, context, name)
        except OSError as error:
            error.server = f"{self.host}:{self.port}"  # type: ignore[attr-defined]  # for who tells a person about it
            raise
