"""A gRPC channel to a runtime socket: one call out, one answer (or a stream of answers) back.

The only module of the kubelet that knows the gRPC library. Failures surface as `RuntimeError_` with gRPC's code in Go's
spelling (``NotFound``), as users of Kubernetes know them from events. May import: grpc; of the kubelet only `interfaces`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol, TypeVar

import grpc
import grpc.aio

from ..interfaces import RuntimeError_

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The limit that upstream's kubelet sets on answers of the runtime."""


class Message(Protocol):
    """What we need of a protobuf message."""

    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's name


M = TypeVar("M")


def go_code(code: grpc.StatusCode) -> str:
    """``NOT_FOUND`` → ``NotFound``."""
    return "".join(part.capitalize() for part in code.name.split("_"))


def translate(error: grpc.aio.AioRpcError) -> RuntimeError_:
    """The library's error as ours."""
    return RuntimeError_(go_code(error.code()), error.details() or "")


class Channel:
    """One connection, multiplexed; reconnects by itself. Use as an async context manager."""

    def __init__(self, endpoint: str) -> None:
        self.target = endpoint if "://" in endpoint or endpoint.startswith("unix:") else f"unix://{endpoint}"
        options = [
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.default_authority", "localhost"),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 3000),
        ]
        self._channel: Any = grpc.aio.insecure_channel(self.target, options=options)

    async def __aenter__(self) -> Channel:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._channel.close()

    async def unary(
        self,
        method: str,
        request: Message,
        answer: type[M],
        *,
        timeout_s: float | None = None,
        metadata: tuple[tuple[str, str], ...] = (),
    ) -> M:
        """Call ``method`` (``/package.Service/Name``); raises `RuntimeError_`."""
        call = self._channel.unary_unary(
            method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,  # type: ignore[attr-defined]
        )
        try:
            result: M = await call(request, timeout=timeout_s, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise translate(error) from None
        return result

    async def stream(
        self, method: str, request: Message, answer: type[M], *, metadata: tuple[tuple[str, str], ...] = ()
    ) -> AsyncIterator[M]:
        """The answers of a server-streaming call; raises `RuntimeError_`."""
        call = self._channel.unary_stream(
            method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,  # type: ignore[attr-defined]
        )(request, metadata=metadata)
        try:
            async for item in call:
                yield item
        except grpc.aio.AioRpcError as error:
            raise translate(error) from None
        finally:
            call.cancel()
