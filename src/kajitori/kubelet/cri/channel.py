"""A gRPC channel to a runtime socket: one call out, one answer (or a stream of answers) back.

gRPC's framing over our own HTTP/2 connection: the official library costs 13 MB and a thread pool, for a handful of
unary calls on a local socket. Failures surface as `RuntimeError_` with gRPC's code in Go's spelling (``NotFound``),
as users of Kubernetes know them from events. May import: of the kubelet `interfaces`, `cri.http2`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote

from ..interfaces import RuntimeError_
from .http2 import Connection, ConnectionLost, Stream, connect

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The limit that upstream's kubelet sets on answers of the runtime."""
CODES = (
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
    "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
    "Internal", "Unavailable", "DataLoss", "Unauthenticated",
)  # fmt: skip
PREFIX = 5


class Message(Protocol):
    """What we need of a protobuf message."""

    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's name


M = TypeVar("M")


def code_name(number: str) -> str:
    """``5`` → ``NotFound``."""
    return CODES[int(number)] if number.isdecimal() and int(number) < len(CODES) else "Unknown"


class Channel:
    """One connection, multiplexed; made when first needed and again after it broke. Use as an async context manager."""

    def __init__(self, endpoint: str) -> None:
        self.path = endpoint.removeprefix("unix://").removeprefix("unix:")
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()

    async def __aenter__(self) -> Channel:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._connection is not None:
            self._connection.close()

    async def _connected(self) -> Connection:
        async with self._connecting:
            if self._connection is None or not self._connection.is_usable:
                try:
                    self._connection = await connect(self.path)
                except OSError as error:
                    why = f"dial unix {self.path}: connect: {(error.strerror or str(error)).lower()}"
                    text = f'connection error: desc = "transport: Error while dialing: {why}"'
                    raise RuntimeError_("Unavailable", text) from error
            return self._connection

    async def unary(self, method: str, request: Message, answer: type[M], *, timeout_s: float | None = None) -> M:
        """Call ``method`` (``/package.Service/Name``); raises `RuntimeError_`."""
        result: M | None = None
        try:
            async with asyncio.timeout(timeout_s):
                async for message in self.stream(method, request, answer, timeout_s=timeout_s):
                    result = message  # and on to the trailers, which say whether all went well
        except TimeoutError:
            raise RuntimeError_("DeadlineExceeded", "context deadline exceeded") from None
        if result is None:
            raise RuntimeError_("Internal", "the call was answered with nothing")
        return result

    async def stream(
        self, method: str, request: Message, answer: type[M], *, timeout_s: float | None = None
    ) -> AsyncGenerator[M, None]:
        """The answers of a call, as they come; raises `RuntimeError_`."""
        connection = await self._connected()
        body = request.SerializeToString()
        headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", method),
            (":authority", "localhost"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            ("user-agent", "kajitori-kubelet"),
        ]
        if timeout_s is not None:
            headers.append(("grpc-timeout", f"{int(timeout_s * 1000)}m"))
        stream = await connection.open(headers, b"\0" + len(body).to_bytes(4, "big") + body)
        try:
            async for data in _messages(stream):
                parse: Any = answer
                yield parse.FromString(data)
        finally:
            connection.release(stream)
        _raise_unless_ok(stream)


async def _messages(stream: Stream) -> AsyncIterator[bytes]:
    """Length-prefixed messages until the stream ends."""
    incoming = stream.incoming
    while True:
        while len(incoming) >= PREFIX:
            size = int.from_bytes(incoming[1:PREFIX], "big")
            if size > MAX_MESSAGE_BYTES:
                text = f"grpc: received message larger than max ({size} vs. {MAX_MESSAGE_BYTES})"
                raise RuntimeError_("ResourceExhausted", text)
            if len(incoming) < PREFIX + size:
                break
            data = bytes(incoming[PREFIX : PREFIX + size])
            del incoming[: PREFIX + size]
            yield data
        if stream.is_ended:
            return
        stream.changed.clear()
        await stream.changed.wait()


def _raise_unless_ok(stream: Stream) -> None:
    if isinstance(stream.error, ConnectionLost):
        raise RuntimeError_("Unavailable", f"error reading from server: {stream.error}")
    headers = dict(stream.headers)
    status = headers.get("grpc-status")
    if status is None:
        if stream.reset is not None:
            raise RuntimeError_("Internal", f"stream terminated by RST_STREAM with error code: {stream.reset}")
        raise RuntimeError_("Unknown", f"unexpected HTTP status code received from server: {headers.get(':status')}")
    if status != "0":
        raise RuntimeError_(code_name(status), unquote(headers.get("grpc-message", "")))
