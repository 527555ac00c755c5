"""HPACK, the header compression of HTTP/2 (RFC 7541): all of decoding, and the plainest way of encoding.

Just enough for a gRPC client on a local socket; a whole library would weigh more than the rest of the connection.
May import: the standard library only.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

Header = tuple[str, str]

STATIC_TABLE: tuple[Header, ...] = (
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
)  # fmt: skip
"""Appendix A; indices start at 1."""

_CODE_LENGTHS = (
    "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f565"
    "65666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmp"
    "qqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu"
)
"""Appendix B: the code is canonical, so the length of each symbol's code (in base 36; the last is EOS) says it all."""

ENTRY_OVERHEAD = 32
DEFAULT_TABLE_BYTES = 4096


class HeaderError(ValueError):
    """A header block that breaks the rules."""


@functools.cache
def _codes() -> dict[tuple[int, int], int]:
    """(length, code) → symbol."""
    lengths = [int(c, 36) for c in _CODE_LENGTHS]
    found: dict[tuple[int, int], int] = {}
    code = previous = 0
    for symbol in sorted(range(len(lengths)), key=lambda s: (lengths[s], s)):
        code <<= lengths[symbol] - previous
        previous = lengths[symbol]
        found[previous, code] = symbol
        code += 1
    return found


def huffman_decode(data: bytes) -> bytes:
    """The text behind a Huffman-coded string; padding (a few ones at the end) is dropped."""
    codes = _codes()
    out = bytearray()
    length = code = 0
    for byte in data:
        for shift in range(7, -1, -1):
            code = code << 1 | (byte >> shift & 1)
            length += 1
            symbol = codes.get((length, code))
            if symbol is not None:
                if symbol == 256:
                    raise HeaderError("EOS inside a string")
                out.append(symbol)
                length = code = 0
    if length > 7 or code != (1 << length) - 1:
        raise HeaderError("bad padding")
    return bytes(out)


def encode_integer(value: int, prefix_bits: int, flags: int) -> bytes:
    """An integer whose first byte shares its upper bits with ``flags``."""
    limit = (1 << prefix_bits) - 1
    if value < limit:
        return bytes((flags | value,))
    out = bytearray((flags | limit,))
    value -= limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode(headers: Iterable[Header]) -> bytes:
    """Every header as a literal that is never indexed: stateless, a hundred bytes a call."""
    out = bytearray()
    for name, value in headers:
        out.append(0x10)
        for text in (name.encode(), value.encode()):
            out += encode_integer(len(text), 7, 0)
            out += text
    return bytes(out)


class Decoder:
    """Keeps the dynamic table of one connection's incoming headers."""

    def __init__(self, max_bytes: int = DEFAULT_TABLE_BYTES) -> None:
        self._allowed = self._max = max_bytes
        self._table: list[Header] = []
        self._bytes = 0

    def decode(self, block: bytes) -> list[Header]:
        """The headers of one block, in order; raises `HeaderError`."""
        headers: list[Header] = []
        position = 0
        try:
            while position < len(block):
                first = block[position]
                if first & 0x80:
                    index, position = self._integer(block, position, 7)
                    headers.append(self._entry(index))
                elif first & 0xE0 == 0x20:
                    self._max, position = self._integer(block, position, 5)
                    if self._max > self._allowed:
                        raise HeaderError("dynamic table larger than allowed")
                    self._evict()
                else:
                    is_indexed = bool(first & 0x40)
                    header, position = self._literal(block, position, 6 if is_indexed else 4)
                    headers.append(header)
                    if is_indexed:
                        self._add(header)
        except IndexError:
            raise HeaderError("header block ends too soon") from None
        return headers

    def _literal(self, block: bytes, position: int, prefix_bits: int) -> tuple[Header, int]:
        index, position = self._integer(block, position, prefix_bits)
        if index:
            name = self._entry(index)[0]
        else:
            name, position = self._string(block, position)
        value, position = self._string(block, position)
        return (name, value), position

    def _entry(self, index: int) -> Header:
        if index == 0:
            raise HeaderError("index 0")
        return STATIC_TABLE[index - 1] if index <= len(STATIC_TABLE) else self._table[index - len(STATIC_TABLE) - 1]

    def _add(self, header: Header) -> None:
        self._table.insert(0, header)
        self._bytes += len(header[0]) + len(header[1]) + ENTRY_OVERHEAD
        self._evict()

    def _evict(self) -> None:
        while self._bytes > self._max and self._table:
            name, value = self._table.pop()
            self._bytes -= len(name) + len(value) + ENTRY_OVERHEAD

    @staticmethod
    def _integer(block: bytes, position: int, prefix_bits: int) -> tuple[int, int]:
        limit = (1 << prefix_bits) - 1
        value = block[position] & limit
        position += 1
        if value < limit:
            return value, position
        shift = 0
        while True:
            byte = block[position]
            position += 1
            value += (byte & 127) << shift
            shift += 7
            if not byte & 128:
                return value, position
            if shift > 35:
                raise HeaderError("integer too large")

    def _string(self, block: bytes, position: int) -> tuple[str, int]:
        is_huffman = bool(block[position] & 0x80)
        length, position = self._integer(block, position, 7)
        if position + length > len(block):
            raise HeaderError("header block ends too soon")
        data = block[position : position + length]
        if is_huffman:
            data = huffman_decode(data)
        return data.decode("latin-1"), position + length
