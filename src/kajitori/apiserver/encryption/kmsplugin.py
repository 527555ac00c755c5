"""Calls to a key management plugin: gRPC over a unix socket, one connection that is made again when it breaks.

May import: encryption.kms_pb2, grpclib, aiokit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from grpclib.client import Channel, UnaryUnaryMethod
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from kajitori.aiokit.interrupts import interrupted_by
from kajitori.apiserver.encryption import kms_pb2 as pb
from kajitori.machinery.uuids import new_uuid

A = TypeVar("A")
LOST = (OSError, GRPCError, StreamTerminatedError, ProtocolError, TimeoutError)


class PluginError(Exception):
    """The plugin cannot be reached, or refuses."""


class Plugin:
    """`endpoint` is `unix:///path`, or `unix:///@name` for a socket without a file."""

    def __init__(self, endpoint: str, timeout_s: float) -> None:
        path = urlsplit(endpoint).path
        self._channel = Channel(path=f"\0{path[2:]}" if path.startswith("/@") else path)
        self._timeout_s = timeout_s

    async def status(self) -> pb.StatusResponse:
        """Version, health and the key that it writes with."""
        return await self._call("Status", pb.StatusRequest(), pb.StatusResponse)

    async def encrypt(self, plaintext: bytes) -> pb.EncryptResponse:
        """With whatever key it writes with now."""
        return await self._call("Encrypt", pb.EncryptRequest(plaintext=plaintext, uid=new_uuid()), pb.EncryptResponse)

    async def decrypt(self, ciphertext: bytes, key_id: str, annotations: Mapping[str, bytes]) -> bytes:
        """What it encrypted once."""
        request = pb.DecryptRequest(ciphertext=ciphertext, uid=new_uuid(), key_id=key_id, annotations=annotations)
        return (await self._call("Decrypt", request, pb.DecryptResponse)).plaintext

    async def _call(self, method: str, request: Any, answer: type[A]) -> A:
        invoke: UnaryUnaryMethod[Any, A] = UnaryUnaryMethod(
            self._channel, f"/v2.KeyManagementService/{method}", type(request), answer
        )
        try:
            with interrupted_by(*LOST):
                return await invoke(request, timeout=self._timeout_s)
        except LOST as error:
            told = (error.message or error.status.name) if isinstance(error, GRPCError) else str(error)
            raise PluginError(told or type(error).__name__) from error

    def close(self) -> None:
        """Drop the connection."""
        self._channel.close()
