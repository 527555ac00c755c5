"""One question to a gRPC server: is this service healthy? grpc.health.v1.Health/Check.

The protocol's two messages have one field each, so they are bytes here. May import: kubelet.cri.
"""

from __future__ import annotations

from kajitori.kubelet.cri.channel import Channel, DialError

STATUSES = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}


class Wire(bytes):
    """A protobuf message as its bytes: what `Channel` asks of one."""

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's name
        return bytes(self)

    @classmethod
    def FromString(cls, data: bytes) -> Wire:  # noqa: N802 - protobuf's name
        return cls(data)


async def health_status(host: str, port: int, service: str) -> str:
    """The status's name; OSError if there is no connection, `CRIError` for what gRPC calls an error."""
    name = service.encode()
    async with Channel(host=host, port=port) as channel:
        request = Wire(b"\x0a" + _varint(len(name)) + name if name else b"")
        try:
            answer = await channel.unary("/grpc.health.v1.Health/Check", request, Wire)
        except DialError as error:
            raise error.why from None
    number = answer[1] if len(answer) >= 2 and answer[0] == 8 else 0
    return STATUSES.get(number, str(number))


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))
