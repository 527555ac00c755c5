"""One HTTP/1.1 connection to where a request is proxied: a request goes out, a head and a body come back, or raw bytes.

Connections are not reused: each proxied request opens its own, which keeps a stream's end plain to see.
Bodies are passed on as they come (chunked, by length, or until close). May import: the standard library.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from kajitori.machinery.gotext import quote

READ_SIZE = 64 * 1024
_HEAD_LIMIT = 128 * 1024
_CONNECT_TIMEOUT_S = 30.0
_CLOSE_TIMEOUT_S = 2.0


class BackendError(ConnectionError):
    """The backend cannot be reached or does not speak HTTP; the text reads as Go's network errors do."""


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """Status and headers of an answer, in the order received."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)

    def header(self, name: str) -> str:
        """The first value of a header; `name` in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class Backend:
    """One connection; whoever connects must `close`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, host: str, port: int, tls: ssl.SSLContext | None, *, verify_name: str = "") -> Backend:
        """`verify_name` stands for the host in the certificate and in SNI.

        Raises BackendError, worded as Go's dialer does.
        """
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                name = (verify_name or host) if tls else None
                streams = await asyncio.open_connection(host, port, ssl=tls, server_hostname=name, limit=_HEAD_LIMIT)
        except TimeoutError as e:
            raise BackendError(f"dial tcp {address}: i/o timeout") from e
        except ssl.SSLCertVerificationError as e:
            raise BackendError(f"tls: failed to verify certificate: x509: {e.verify_message}") from e
        except ssl.SSLError as e:
            raise BackendError(f"tls: handshake failure: {e.reason}") from e
        except OSError as e:
            raise BackendError(f"dial tcp {address}: {_why(e)}") from e
        return cls(*streams)

    async def send(self, data: bytes) -> None:
        """Returns when the peer has taken enough of it."""
        self._writer.write(data)
        await self._writer.drain()

    def send_eof(self) -> bool:
        """Close our side, where the transport can do that alone; whether it could."""
        if self._writer.can_write_eof() and not self._writer.is_closing():
            self._writer.write_eof()
            return True
        return False

    async def receive(self) -> bytes:
        """The next raw bytes; b"" at the end."""
        return await self._reader.read(READ_SIZE)

    def close(self) -> None:
        """Closes at once; harmless when it is closed already."""
        self._writer.close()

    async def finish(self) -> None:
        """Close once what was sent is out; a backend that does not take it is cut off."""
        self.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), _CLOSE_TIMEOUT_S)
        except OSError:  # a timeout is one as well
            pass
        finally:
            self._writer.transport.abort()

    async def read_head(self) -> ResponseHead:
        """The answer's head; interim answers (100, 103) are skipped."""
        while True:
            head = await self._read_one_head()
            if head.status == 101 or head.status >= 200:
                return head

    async def _read_one_head(self) -> ResponseHead:
        try:
            raw = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as e:
            raise BackendError("EOF" if not e.partial else "unexpected EOF") from e
        except asyncio.LimitOverrunError as e:
            raise BackendError("net/http: server response headers exceeded limit") from e
        lines = raw[:-4].decode("latin-1").split("\r\n")
        version, _, rest = lines[0].partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise BackendError(f"malformed HTTP response {quote(lines[0][:64])}")
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.append((name.strip(), value.strip()))
        return ResponseHead(int(rest[:3]), headers)

    async def body(self, head: ResponseHead) -> AsyncIterator[bytes]:
        """The body's bytes as they arrive, without transfer coding; not for answers to HEAD."""
        if head.status in (101, 204, 304):
            return
        try:
            if "chunked" in head.header("transfer-encoding").lower():
                async for chunk in self._chunks():
                    yield chunk
            elif length := head.header("content-length"):
                async for chunk in self._exactly(int(length)):
                    yield chunk
            else:
                while chunk := await self._reader.read(READ_SIZE):
                    yield chunk
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as e:
            raise BackendError("unexpected EOF") from e

    async def _chunks(self) -> AsyncIterator[bytes]:
        while True:
            size = int((await self._reader.readuntil(b"\r\n")).partition(b";")[0].strip(), 16)
            if size == 0:
                while (await self._reader.readuntil(b"\r\n")) != b"\r\n":
                    pass
                return
            async for chunk in self._exactly(size):
                yield chunk
            await self._reader.readexactly(2)

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size > 0:
            chunk = await self._reader.read(min(size, READ_SIZE))
            if not chunk:
                raise BackendError("unexpected EOF")
            size -= len(chunk)
            yield chunk


class BackendBody:
    """A body on its way through, which takes its connection with it: read to its end, or closed before it began.

    When the backend breaks off, so does the body (ConnectionError), unless it is a log, of which any part is welcome.
    """

    def __init__(self, backend: Backend, head: ResponseHead, *, is_log: bool = False) -> None:
        self._backend, self._chunks, self._is_log = backend, backend.body(head), is_log

    def __aiter__(self) -> BackendBody:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except BaseException as e:
            self._backend.close()
            if self._is_log and isinstance(e, ConnectionError):
                raise StopAsyncIteration from e
            raise

    async def aclose(self) -> None:
        """Closes the connection, read to the end or not."""
        self._backend.close()


def _why(error: OSError) -> str:
    """`connect: connection refused`, as Go words it."""
    text = error.strerror or str(error)
    if "Multiple exceptions" in str(error):
        text = "connection refused"
    if text.startswith("Connect call failed"):
        import os

        text = os.strerror(error.errno) if error.errno else "connection refused"
    return f"connect: {text.lower()}" if error.errno else text
