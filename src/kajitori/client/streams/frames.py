"""SPDY/3.1 frames: bytes to frames and back, without I/O.

A connection owns one `FrameDecoder` and one `FrameEncoder`, for header blocks share a compression state in each
direction. Header names are lower case on the wire; `Headers` here are plain dicts, several values of one name joined
by NUL as the protocol does. Limits: a header block may grow to MAX_HEADER_BLOCK bytes, a frame to MAX_FRAME.
May import: nothing of ours.
"""

from __future__ import annotations

import enum
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

VERSION = 3
MAX_FRAME = (1 << 24) - 1
MAX_HEADER_BLOCK = 64 * 1024
FLAG_FIN = 0x01
FLAG_UNIDIRECTIONAL = 0x02

# The protocol's compression dictionary: length-prefixed words that headers are made of, then a tail of common values.
_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie "
    "keep-alive origin"
)
_TAIL = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
    "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _dictionary() -> bytes:
    words = (word.replace("_", " ").encode() for word in _WORDS.split())
    return b"".join(struct.pack(">I", len(word)) + word for word in words) + _TAIL.encode()


DICTIONARY = _dictionary()


class ProtocolError(ConnectionError):
    """The peer broke the protocol: the connection cannot be used any more."""


class ResetStatus(enum.IntEnum):
    """Why a stream was reset (SPDY/3.1, 2.4.2)."""

    PROTOCOL_ERROR = 1
    INVALID_STREAM = 2
    REFUSED_STREAM = 3
    UNSUPPORTED_VERSION = 4
    CANCEL = 5
    INTERNAL_ERROR = 6
    FLOW_CONTROL_ERROR = 7


Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class SynStream:
    """Opens a stream; `fin`: its opener will send no more."""

    stream_id: int
    headers: Headers
    fin: bool = False
    unidirectional: bool = False


@dataclass(frozen=True, slots=True)
class SynReply:
    """Accepts a stream."""

    stream_id: int
    headers: Headers
    fin: bool = False


@dataclass(frozen=True, slots=True)
class RstStream:
    """Ends a stream at once, both ways; `status` is a ResetStatus."""

    stream_id: int
    status: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Values by the setting's id."""

    values: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ping:
    """Sent back as it is by whoever did not send it; clients' ids are odd."""

    ping_id: int


@dataclass(frozen=True, slots=True)
class GoAway:
    """No stream after `last_stream_id` is looked at any more."""

    last_stream_id: int
    status: int = 0


@dataclass(frozen=True, slots=True)
class HeadersFrame:
    """More headers of an open stream."""

    stream_id: int
    headers: Headers
    fin: bool = False


@dataclass(frozen=True, slots=True)
class WindowUpdate:
    """The peer may send `delta` bytes more; stream 0 is the session as a whole."""

    stream_id: int
    delta: int


@dataclass(frozen=True, slots=True)
class Data:
    """A piece of a stream."""

    stream_id: int
    data: bytes
    fin: bool = False


Frame = SynStream | SynReply | RstStream | Settings | Ping | GoAway | HeadersFrame | WindowUpdate | Data
SETTINGS_INITIAL_WINDOW_SIZE = 7


class FrameEncoder:
    """Frames to bytes. Frames with headers must reach the wire in the order they were encoded."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, 11, 5, zlib.Z_DEFAULT_STRATEGY, DICTIONARY)

    def encode(self, frame: Frame) -> bytes:
        """The frame's bytes; frames must be sent in the order in which they were encoded."""
        match frame:
            case Data(stream_id, data, fin):
                flags = FLAG_FIN if fin else 0
                return struct.pack(">II", stream_id, flags << 24 | len(data)) + data
            case SynStream(stream_id, headers, fin, unidirectional):
                flags = (FLAG_FIN if fin else 0) | (FLAG_UNIDIRECTIONAL if unidirectional else 0)
                return _control(1, flags, struct.pack(">IIBB", stream_id, 0, 0, 0) + self._block(headers))
            case SynReply(stream_id, headers, fin):
                return _control(2, FLAG_FIN if fin else 0, struct.pack(">I", stream_id) + self._block(headers))
            case HeadersFrame(stream_id, headers, fin):
                return _control(8, FLAG_FIN if fin else 0, struct.pack(">I", stream_id) + self._block(headers))
            case RstStream(stream_id, status):
                return _control(3, 0, struct.pack(">II", stream_id, status))
            case Settings(values):
                entries = b"".join(struct.pack(">II", key, value) for key, value in sorted(values.items()))
                return _control(4, 0, struct.pack(">I", len(values)) + entries)
            case Ping(ping_id):
                return _control(6, 0, struct.pack(">I", ping_id))
            case GoAway(last_stream_id, status):
                return _control(7, 0, struct.pack(">II", last_stream_id, status))
            case WindowUpdate(stream_id, delta):
                return _control(9, 0, struct.pack(">II", stream_id, delta))

    def _block(self, headers: Mapping[str, str]) -> bytes:
        parts = [struct.pack(">I", len(headers))]
        for name, value in headers.items():
            for text in (name.lower().encode(), value.encode()):
                parts += (struct.pack(">I", len(text)), text)
        return self._deflate.compress(b"".join(parts)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)


class FrameDecoder:
    """Bytes to frames, in pieces of any size."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that `data` completes; unknown control frames are skipped, as the protocol asks."""
        buffer = self._buffer
        buffer += data
        position = 0
        try:
            while len(buffer) - position >= 8:
                first, second = struct.unpack_from(">II", buffer, position)
                length = second & MAX_FRAME
                if len(buffer) - position - 8 < length:
                    break
                payload = bytes(buffer[position + 8 : position + 8 + length])
                position += 8 + length
                frame = self._frame(first, second >> 24, payload)
                if frame is not None:
                    yield frame
        finally:
            del buffer[:position]

    def _frame(self, first: int, flags: int, payload: bytes) -> Frame | None:
        fin = bool(flags & FLAG_FIN)
        if not first & 0x80000000:
            return Data(first, payload, fin)
        if first >> 16 & 0x7FFF != VERSION:
            raise ProtocolError(f"unsupported SPDY version {first >> 16 & 0x7FFF}")
        try:
            return self._control_frame(first & 0xFFFF, flags, payload)
        except struct.error as err:
            raise ProtocolError("truncated SPDY control frame") from err

    def _control_frame(self, kind: int, flags: int, payload: bytes) -> Frame | None:
        fin = bool(flags & FLAG_FIN)
        if kind == 1:
            (stream_id,) = struct.unpack_from(">I", payload)
            headers = self._headers(payload[10:])
            return SynStream(stream_id & 0x7FFFFFFF, headers, fin, bool(flags & FLAG_UNIDIRECTIONAL))
        if kind in (2, 8):
            (stream_id,) = struct.unpack_from(">I", payload)
            headers = self._headers(payload[4:])
            return (SynReply if kind == 2 else HeadersFrame)(stream_id & 0x7FFFFFFF, headers, fin)
        if kind == 4:
            (count,) = struct.unpack_from(">I", payload)
            if len(payload) < 4 + 8 * count:
                raise ProtocolError("truncated SPDY settings")
            pairs = (struct.unpack_from(">II", payload, 4 + 8 * i) for i in range(count))
            return Settings({key & 0xFFFFFF: value for key, value in pairs})
        if kind == 6:
            return Ping(*struct.unpack_from(">I", payload))
        if kind not in (3, 7, 9):
            return None
        number, value = struct.unpack_from(">II", payload)
        simple = RstStream if kind == 3 else GoAway if kind == 7 else WindowUpdate
        return simple(number & 0x7FFFFFFF, value)

    def _headers(self, block: bytes) -> Headers:
        try:
            raw = self._inflate.decompress(block, MAX_HEADER_BLOCK)
        except zlib.error as err:
            raise ProtocolError("SPDY header block does not decompress") from err
        if self._inflate.unconsumed_tail:
            raise ProtocolError("SPDY header block is too large")
        (count,) = struct.unpack_from(">I", raw)
        position, headers = 4, {}
        for _ in range(count):
            name, position = _text(raw, position)
            headers[name], position = _text(raw, position)
        return headers


def _text(raw: bytes, position: int) -> tuple[str, int]:
    (length,) = struct.unpack_from(">I", raw, position)
    end = position + 4 + length
    if end > len(raw):
        raise ProtocolError("SPDY header runs past its block")
    return raw[position + 4 : end].decode("utf-8", "replace"), end


def _control(kind: int, flags: int, payload: bytes) -> bytes:
    return struct.pack(">HHI", 0x8000 | VERSION, kind, flags << 24 | len(payload)) + payload
