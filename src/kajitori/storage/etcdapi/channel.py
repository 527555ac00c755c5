"""Calls to an etcd cluster over gRPC, to one endpoint at a time, the next when one fails.

Calls and watches share a connection of our own (wire.py), which is made when there is something to ask.

gRPC's and the network's failures surface as StoreError. A call that may have reached a server is not repeated unless it
only reads. May import: storage.interface, etcdapi.wire, grpclib (its errors).
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from kajitori.storage.etcdapi.stream import Stream
from kajitori.storage.etcdapi.wire import Wire
from kajitori.storage.interface import Compacted, StoreError, StoreFull, StoreUnavailable

CALL_TIMEOUT_S = 10.0
A = TypeVar("A")
LOST = (OSError, GRPCError, TimeoutError)
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
        self._endpoints = [Endpoint(server, options) for server in options.servers]
        self._at = 0

    async def call(self, method: str, request: Any, answer: type[A], *, reads: bool) -> A:
        """One unary call, such as `KV/Range`. A read goes on to the other endpoints when one does not answer."""
        path, message = f"/etcdserverpb.{method}", request.SerializeToString()
        for attempt in range(len(self._endpoints)):
            endpoint = self._endpoints[self._at]
            try:
                made: A = answer.FromString(await endpoint.call(path, message))  # type: ignore[attr-defined]
                return made
            except LOST as error:
                if _elsewhere(error):
                    if self._endpoints[self._at] is endpoint:
                        self.skip()
                    safe = reads or isinstance(error, ConnectionRefusedError)
                    if safe and attempt + 1 < len(self._endpoints):
                        continue
                raise translate(error) from error
        raise StoreUnavailable("no etcd server is configured")

    async def open(self, method: str, request: Any) -> Stream:
        """A stream of answers of the present endpoint, such as `Watch/Watch`."""
        return await self._endpoints[self._at].open(f"/etcdserverpb.{method}", request.SerializeToString())

    def skip(self) -> None:
        """The present endpoint does not do: use the next one."""
        self._at = (self._at + 1) % len(self._endpoints)

    def close(self) -> None:
        """Drop all connections."""
        for endpoint in self._endpoints:
            endpoint.close()


class Endpoint:
    """One server of a cluster."""

    def __init__(self, server: str, options: EtcdOptions) -> None:
        url = urlsplit(server if "//" in server else f"http://{server}")
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"--etcd-servers: {server!r} is not a URL")
        self._host, self._port, self._scheme = url.hostname, url.port or 2379, url.scheme
        self._tls = _tls(options) if url.scheme == "https" else None
        self._wire: Wire | None = None
        self._connecting = asyncio.Lock()

    async def call(self, path: str, message: bytes) -> bytes:
        """One unary call. Raises what LOST names."""
        wire = None
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                wire = self._wire
                if wire is None or not wire.usable:
                    wire = await self._connected()
                return await wire.call(path, message)
        except TimeoutError:
            silent_s = asyncio.get_running_loop().time() - wire.heard_at if wire is not None else 0.0
            if wire is not None and silent_s >= CALL_TIMEOUT_S - 1:
                wire.close()  # nobody is at its other end any more
            raise

    async def open(self, path: str, message: bytes) -> Stream:
        """A stream of answers. Raises what LOST names."""
        async with asyncio.timeout(CALL_TIMEOUT_S):
            wire = self._wire
            if wire is None or not wire.usable:
                wire = await self._connected()
            return wire.open(path, message)

    async def _connected(self) -> Wire:
        async with self._connecting:
            if self._wire is not None and self._wire.usable:  # somebody else was faster
                return self._wire
            host = f"[{self._host}]" if ":" in self._host else self._host
            name = self._host if self._tls is not None else None
            _, self._wire = await asyncio.get_running_loop().create_connection(
                lambda: Wire(f"{host}:{self._port}", self._scheme),
                self._host,
                self._port,
                ssl=self._tls,
                server_hostname=name,
            )
            return self._wire

    def close(self) -> None:
        """Drop the connection."""
        if self._wire is not None:
            self._wire.close()


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


def _tls(options: EtcdOptions) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    if options.cert_file:
        context.load_cert_chain(options.cert_file, options.key_file or None)
    return context
