"""A local HTTP server that passes requests on to the API server with the user's credentials.

Only hosts and paths that the filter accepts get through: a page in the user's browser must not reach the cluster.
A request's body is gathered (at most MAX_BODY bytes), an answer is passed on as it comes; upgrades become byte streams.
May import: client, the standard library, httptools.
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import AsyncIterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

import httptools

from kajitori.client.streams.bytestream import relay
from kajitori.client.transport import UpgradeRefused

if TYPE_CHECKING:
    from kajitori.client.transport import Transport

MAX_BODY = 256 << 20
MAX_HEAD = 64 << 10
_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
        "upgrade", "host", "content-length", "authorization", "expect",
    }
)  # fmt: skip
Headers = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Patterns; a request needs an accepted path and host, and must match none of the rejections."""

    accept_hosts: tuple[re.Pattern[str], ...]
    accept_paths: tuple[re.Pattern[str], ...]
    reject_paths: tuple[re.Pattern[str], ...]
    reject_methods: tuple[re.Pattern[str], ...]

    def accepts(self, method: str, path: str, host: str) -> bool:
        """Any match within the text counts, as with upstream's unanchored expressions."""
        if _any(self.reject_paths, path) or _any(self.reject_methods, method):
            return False
        return _any(self.accept_paths, path) and _any(self.accept_hosts, host)


def _any(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def patterns(text: str) -> tuple[re.Pattern[str], ...]:
    """Comma-separated regular expressions. Raises re.error."""
    return tuple(re.compile(part) for part in text.split(",")) if text else ()


def host_of(header: str) -> str:
    """``localhost`` of ``localhost:8001``."""
    if header.startswith("["):
        return header[1:].partition("]")[0] if "]:" in header else header
    return header.rpartition(":")[0] if header.count(":") == 1 else header


class _Request:
    """httptools calls these as it reads."""

    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.target = b""
        self.headers: Headers = []
        self.body: list[bytes] = []
        self.size = 0
        self.has_head = False
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.has_head = True

    def on_body(self, body: bytes) -> None:
        self.size += len(body)
        if self.size > MAX_BODY:
            raise ValueError("the body is too large")
        self.body.append(body)

    def on_message_complete(self) -> None:
        self.complete = True

    @property
    def method(self) -> str:
        return str(self.parser.get_method().decode())

    @property
    def path(self) -> str:
        return self.target.decode("latin-1").partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.target.decode("latin-1").partition("?")[2], keep_blank_values=True)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def passed_on(self) -> Headers:
        return [(name, value) for name, value in self.headers if name.lower() not in _HOP]


@dataclass(frozen=True, kw_only=True)
class Site:
    """What is served where: the API under `prefix`, files under `static_prefix`."""

    transport: Transport
    filter: Filter | None
    prefix: str = "/"
    folder: Path | None = None
    static_prefix: str = "/static/"
    server_path: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client connection, until it ends."""
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, httptools.HttpParserError, ValueError):
            pass  # the client went away or speaks no HTTP: nobody is left to tell
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether another may follow on the connection."""
        request = await _read(reader, writer)
        if request is None:
            return False
        keep = bool(request.parser.should_keep_alive())
        if self.folder and request.path.startswith(self.static_prefix):
            await _send_file(writer, self.folder, request.path.removeprefix(self.static_prefix))
            return keep
        path = self._api_path(request.path)
        if path is None:
            await _text(writer, 404, "404 page not found")
            return keep
        if self.filter and not self.filter.accepts(request.method, unquote(path), host_of(request.header("host"))):
            await _text(writer, 403, "Forbidden")
            return keep
        if request.header("upgrade"):
            await self._upgrade(request, self.server_path + path, reader, writer)
            return False
        try:
            return await self._pass_on(request, self.server_path + path, writer) and keep
        except OSError as error:
            await _text(writer, 502, str(error))
            return False

    def _api_path(self, path: str) -> str | None:
        """The path on the API server; None for what is not under the prefix."""
        if self.prefix.startswith("/api"):
            return path if path.startswith(self.prefix) else None
        if not path.startswith(self.prefix):
            return None
        rest = path.removeprefix(self.prefix)
        return rest if rest.startswith("/") else "/" + rest

    async def _pass_on(self, request: _Request, path: str, writer: asyncio.StreamWriter) -> bool:
        async with self.transport.stream(
            request.method, path, query=request.query, body=b"".join(request.body), headers=request.passed_on()
        ) as answer:
            headers = [(name, value) for name, value in answer.headers.items() if name not in _HOP]
            length = answer.headers.get("content-length")
            if length is not None:
                headers.append(("content-length", length))
            chunked = length is None and answer.status >= 200 and answer.status not in (204, 304)
            if chunked:
                headers.append(("transfer-encoding", "chunked"))
            writer.write(_head(answer.status, headers))
            await writer.drain()
            if request.method != "HEAD":
                await _copy(answer, writer, chunked=chunked)
        return True

    async def _upgrade(
        self, request: _Request, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        headers = [*request.passed_on(), ("Connection", "Upgrade"), ("Upgrade", request.header("upgrade"))]
        try:
            upstream = await self.transport.upgrade(request.method, path, query=request.query, headers=headers)
        except UpgradeRefused as refused:
            await _whole(writer, refused.response.status, refused.response.headers, refused.response.body)
            return
        kept = [(name, value) for name, value in upstream[2].items()]
        writer.write(_head(101, kept))
        await writer.drain()
        await relay((reader, writer), (upstream[0], upstream[1]))


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> _Request | None:
    """The next request; None once the client has hung up. A client that asks for leave to send its body gets it."""
    request = _Request()
    seen, waits = 0, True
    while not request.complete:
        data = await reader.read(64 << 10)
        if not data:
            return None
        try:
            request.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return request
        if not request.has_head:
            seen += len(data)
            if seen > MAX_HEAD:
                raise ValueError("the head is too large")
        if waits and request.has_head and not (request.complete or request.size):
            waits = False
            if request.header("expect").lower() == "100-continue":
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await writer.drain()
    return request


async def _copy(answer: AsyncIterable[bytes], writer: asyncio.StreamWriter, *, chunked: bool) -> None:
    async for piece in answer:
        if piece:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
    if chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()


def _head(status: int, headers: Headers) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name.title()}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


async def _text(writer: asyncio.StreamWriter, status: int, text: str) -> None:
    body = text.encode() + b"\n"
    await _whole(
        writer, status, {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}, body
    )


async def _whole(writer: asyncio.StreamWriter, status: int, headers: dict[str, str], body: bytes) -> None:
    kept = [(name, value) for name, value in headers.items() if name not in _HOP]
    writer.write(_head(status, [*kept, ("content-length", str(len(body)))]) + body)
    await writer.drain()


async def _send_file(writer: asyncio.StreamWriter, folder: Path, name: str) -> None:
    found = await asyncio.to_thread(_read_under, folder, unquote(name).lstrip("/"))
    if found is None:
        await _text(writer, 404, "404 page not found")
        return
    kind, data = found
    await _whole(writer, 200, {"content-type": kind}, data)


def _read_under(folder: Path, name: str) -> tuple[str, bytes] | None:
    """Type and content of a file under the folder, never of one outside."""
    wanted = (folder / name).resolve()
    if wanted.is_dir():
        wanted = wanted / "index.html"
    if not wanted.is_relative_to(folder.resolve()) or not wanted.is_file():
        return None
    return mimetypes.guess_type(wanted.name)[0] or "application/octet-stream", wanted.read_bytes()
