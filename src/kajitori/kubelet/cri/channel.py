"""A gRPC channel to a runtime socket: one call out, one answer (or a stream of answers) back.

grpclib speaks the protocol; this adapter gives it our bounds and our words: failures surface as `CRIError` with
gRPC's code in Go's spelling (``NotFound``), as users of Kubernetes know them from events.
May import: grpclib, aiokit, of the kubelet `interfaces`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Protocol, TypeVar

import grpclib.client
from grpclib.config import Configuration
from grpclib.const import Cardinality, Status
from grpclib.encoding.proto import ProtoCodec
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError
from grpclib.metadata import Deadline
from multidict import MultiDict

from kajitori.aiokit.interrupts import interrupted_by

from ..interfaces import CRIError

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The limit that upstream's kubelet sets on answers of the runtime."""
CODES = (
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
    "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
    "Internal", "Unavailable", "DataLoss", "Unauthenticated",
)  # fmt: skip
PREFIX = 5
WINDOW = 4 * 1024 * 1024
BROKEN = (StreamTerminatedError, ProtocolError, TimeoutError, AssertionError)
"""What grpclib raises when a connection breaks or a peer misbehaves; the last when an answer ends within a message."""


class Message(Protocol):
    """What we need of a protobuf message."""

    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's name


M = TypeVar("M")


class DialError(CRIError):
    """There is no connection; `why` tells."""

    def __init__(self, where: str, why: OSError) -> None:
        text = f"dial {where}: connect: {(why.strerror or str(why)).lower()}"
        super().__init__("Unavailable", f'connection error: desc = "transport: Error while dialing: {text}"')
        self.why = why


class _Call(grpclib.client.Stream[Any, Any]):
    """grpclib's, with a limit on what it takes into memory: a probed container may be anybody's."""

    def _raise_for_content_type(self, headers_map: dict[str, str]) -> None:
        if "grpc-status" not in headers_map:  # some servers send no type with a mere refusal
            super()._raise_for_content_type(headers_map)

    async def recv_message(self) -> Any | None:
        if not self._recv_initial_metadata_done:
            await self.recv_initial_metadata()
        with self._wrapper:
            head = await self._stream.recv_data(PREFIX)
            if not head:
                return None
            size = int.from_bytes(head[1:], "big")
            if size > MAX_MESSAGE_BYTES:
                text = f"grpc: received message larger than max ({size} vs. {MAX_MESSAGE_BYTES})"
                raise GRPCError(Status.RESOURCE_EXHAUSTED, text)
            parse: Any = self._recv_type
            return parse.FromString(await self._stream.recv_data(size))


class _Connection(grpclib.client.Channel):
    """grpclib's channel, which knows where it leads."""

    where = ""

    async def __connect__(self) -> Any:
        try:
            return await super().__connect__()
        except OSError as error:
            raise DialError(self.where, error) from error

    def call(self, method: str, request: type[Any], answer: type[Any], timeout_s: float | None) -> _Call:
        return _Call(
            self,
            method,
            MultiDict[str](),  # type: ignore[arg-type]  # a str is metadata too
            Cardinality.UNARY_STREAM,
            request,
            answer,
            codec=ProtoCodec(),
            status_details_codec=None,
            dispatch=self.__dispatch__,
            deadline=None if timeout_s is None else Deadline.from_timeout(timeout_s),
        )


class Channel:
    """One connection, multiplexed; made when first needed and again after it broke. Use as an async context manager."""

    def __init__(self, endpoint: str = "", *, host: str = "", port: int = 0) -> None:
        self.path = endpoint.removeprefix("unix://").removeprefix("unix:")
        self._host, self._port = host, port
        self._open: _Connection | None = None

    async def __aenter__(self) -> Channel:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._open is not None:
            self._open.close()

    def _connection(self) -> _Connection:
        if self._open is None:  # here, because grpclib wants a running loop
            windows = Configuration(http2_connection_window_size=4 * WINDOW, http2_stream_window_size=WINDOW)
            if self.path:
                self._open = _Connection(path=self.path, config=windows)
                self._open.where = f"unix {self.path}"
            else:
                self._open = _Connection(self._host, self._port, config=windows)
                self._open.where = f"tcp {self._host}:{self._port}"
        return self._open

    async def unary(self, method: str, request: Message, answer: type[M], *, timeout_s: float | None = None) -> M:
        """Call ``method`` (``/package.Service/Name``); raises `CRIError`."""
        result: M | None = None
        async for message in self.stream(method, request, answer, timeout_s=timeout_s):
            result = message  # and on to the trailers, which say whether all went well
        if result is None:
            raise CRIError("Internal", "the call was answered with nothing")
        return result

    async def stream(
        self, method: str, request: Message, answer: type[M], *, timeout_s: float | None = None
    ) -> AsyncGenerator[M, None]:
        """The answers of a call, as they come; raises `CRIError`."""
        call = self._connection().call(method, type(request), answer, timeout_s)
        try:
            with interrupted_by(*BROKEN):
                async with call:
                    await call.send_message(request, end=True)
                    async for message in call:
                        yield message
        except GRPCError as error:
            raise CRIError(CODES[error.status.value], error.message or "") from error
        except TimeoutError:
            raise CRIError("DeadlineExceeded", "context deadline exceeded") from None
        except BROKEN as error:
            raise CRIError("Unavailable", f"error reading from server: {error or 'EOF'}") from error
