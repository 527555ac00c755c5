"""Calls to an etcd cluster over gRPC: one HTTP/2 connection at a time, the next endpoint when one fails.

gRPC's and the network's failures surface as StoreError. A call that may have reached a server is not repeated unless it
only reads. May import: storage.interface, etcdapi.etcd_pb2, grpclib, aiokit.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from grpclib.client import Channel, StreamStreamMethod, UnaryUnaryMethod
from grpclib.config import Configuration
from grpclib.const import Status
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from kajitori.aiokit.interrupts import interrupted_by
from kajitori.storage.etcdapi import etcd_pb2 as pb
from kajitori.storage.interface import Compacted, StoreError, StoreFull, StoreUnavailable

CALL_TIMEOUT_S = 10.0
WINDOW = 16 * 1024 * 1024
A = TypeVar("A")
LOST = (OSError, GRPCError, StreamTerminatedError, ProtocolError, TimeoutError)
"""What a call or a stream raises when it fails; `translate` makes StoreErrors of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EtcdOptions:
    """--etcd-servers and its family."""

    servers: Sequence[str]
    prefix: str = "/registry"
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""


class Cluster:
    """The endpoints of one cluster."""

    def __init__(self, options: EtcdOptions) -> None:
        self._channels = [_channel(server, options) for server in options.servers]
        self._at = 0

    async def call(self, method: str, request: Any, answer: type[A], *, reads: bool) -> A:
        """One unary call, such as `KV/Range`. A read goes on to the other endpoints when one does not answer."""
        for attempt in range(len(self._channels)):
            channel = self._channels[self._at]
            invoke: UnaryUnaryMethod[Any, A] = UnaryUnaryMethod(
                channel, f"/etcdserverpb.{method}", type(request), answer
            )
            try:
                with interrupted_by(*LOST):
                    return await invoke(request, timeout=CALL_TIMEOUT_S)
            except LOST as error:
                if _elsewhere(error):
                    self._at = (self._at + 1) % len(self._channels)
                    safe = reads or isinstance(error, ConnectionRefusedError)
                    if safe and attempt + 1 < len(self._channels):
                        continue
                raise translate(error) from error
        raise StoreUnavailable("no etcd server is configured")

    def watch(self) -> Any:
        """A Watch stream to the present endpoint: use it as an async context manager."""
        method: StreamStreamMethod[Any, Any] = StreamStreamMethod(
            self._channels[self._at], "/etcdserverpb.Watch/Watch", pb.WatchRequest, pb.WatchResponse
        )
        return method.open()

    def skip(self) -> None:
        """The present endpoint does not do: use the next one."""
        self._at = (self._at + 1) % len(self._channels)

    def close(self) -> None:
        """Drop all connections."""
        for channel in self._channels:
            channel.close()


def _elsewhere(error: BaseException) -> bool:
    """Whether another endpoint may do better."""
    return not isinstance(error, GRPCError) or error.status in (Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED)


def translate(error: BaseException) -> StoreError:
    """A failure in the store's terms."""
    if isinstance(error, GRPCError):
        if error.status is Status.OUT_OF_RANGE and "compacted" in (error.message or ""):
            return Compacted(0)
        if error.status is Status.RESOURCE_EXHAUSTED and "space exceeded" in (error.message or ""):
            return StoreFull(error.message)
        return StoreUnavailable(f"etcd: {error.message or error.status.name}")
    return StoreUnavailable(f"etcd: {error or type(error).__name__}")


def _channel(server: str, options: EtcdOptions) -> Channel:
    url = urlsplit(server if "//" in server else f"http://{server}")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError(f"--etcd-servers: {server!r} is not a URL")
    config = Configuration(
        http2_connection_window_size=WINDOW,
        http2_stream_window_size=WINDOW,
        _keepalive_time=30.0,
        _keepalive_timeout=10.0,
    )
    return Channel(url.hostname, url.port or 2379, ssl=_tls(options) if url.scheme == "https" else None, config=config)


def _tls(options: EtcdOptions) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    if options.cert_file:
        context.load_cert_chain(options.cert_file, options.key_file or None)
    return context
