"""HTTP/2 as far as gRPC with etcd needs it: frames, and headers as bytes (HPACK with nothing indexed). Pure.

May import: grpclib (its status codes), hpack.
"""

from urllib.parse import unquote

import hpack
from grpclib.const import Status

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WINDOW = 16 * 1024 * 1024
REFILL = WINDOW // 4
DEFAULT_WINDOW = 65_535
MAX_FRAME = 16_384
DATA, HEADERS, RST, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 1, 1, 4, 8, 32
TABLE_SIZE, PUSH, MAX_STREAMS, INITIAL_WINDOW, FRAME_SIZE = 1, 2, 3, 4, 5
CANCEL = (8).to_bytes(4, "big")
MAX_KNOWN = 64
Trailer = tuple[int, str] | None
"""grpc-status and grpc-message of a block of headers; None where it has none (the answer goes on)."""


class Blocks:
    """Blocks of headers, each decoded once: without a table to index into, the same bytes mean the same."""

    def __init__(self) -> None:
        self._decoder = hpack.Decoder()
        self._known: dict[bytes, Trailer] = {}

    def trailer(self, block: bytes) -> Trailer:
        """What it says of the answer's end."""
        known = self._known
        if block in known:
            return known[block]
        fields = {str(name): str(value) for name, value in self._decoder.decode(block)}
        found = None
        if "grpc-status" in fields:
            found = int(fields["grpc-status"]), unquote(fields.get("grpc-message", ""))
        elif fields.get(":status", "200") != "200":
            found = Status.UNAVAILABLE.value, f"HTTP status {fields[':status']}"
        if len(known) < MAX_KNOWN:
            known[block] = found
        return found


def request_head(path: str, authority: bytes, scheme: str) -> bytes:
    """The headers of a call, in HPACK: indices of its static table, and literals that nobody is to index."""
    fields = (
        (b"\x04", path.encode()),
        (b"\x01", authority),
        (b"\x0f\x10", b"application/grpc"),
        (b"\x0f\x2b", b"kajitori"),
        (b"\x00\x02te", b"trailers"),
    )
    start = b"\x83\x87" if scheme == "https" else b"\x83\x86"
    return start + b"".join(name + length(value) + value for name, value in fields)


def message_of(body: bytes) -> bytes:
    """A message as it is sent: uncompressed, its length before it."""
    return b"\0" + len(body).to_bytes(4, "big") + body


def frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + body


def unpadded(flags: int, body: bytes) -> bytes:
    return body[1 : len(body) - body[0]] if flags & PADDED else body


def length(value: bytes) -> bytes:
    """HPACK's length of a literal that is not Huffman-coded."""
    size = len(value)
    if size < 127:
        return bytes((size,))
    out, rest = bytearray((127,)), size - 127
    while rest >= 128:
        out.append(rest % 128 + 128)
        rest //= 128
    out.append(rest)
    return bytes(out)


def status(code: int) -> Status:
    try:
        return Status(code)
    except ValueError:
        return Status.UNKNOWN
