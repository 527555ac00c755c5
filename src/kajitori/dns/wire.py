"""DNS messages on the wire (RFC 1035, EDNS RFC 6891): read a query, write an answer, find the TTLs in a reply.

Written out here because it is a page of code, several times faster and smaller than a general library; the tests hold
it to one. Names are lower case without the final dot; the question is echoed byte for byte, so clients that check
its mixed case are content. May import: dns.zone (records), the standard library.
"""

import ipaddress
import struct
from collections.abc import Sequence
from typing import NamedTuple

from kajitori.dns.zone import Record

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "ANY": 255}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
OPT, CLASS_IN = 41, 1
FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 1, 2, 3, 4, 5, 16
QR, AA, TC, RD, RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
MIN_UDP, MAX_UDP = 512, 4096
_HEADER = struct.Struct("!6H")
_RR = struct.Struct("!HHIH")


class FormatError(ValueError):
    """The message is not well-formed."""


class Query(NamedTuple):
    """One question with what the answer depends on."""

    id: int
    flags: int
    name: str
    qtype: int
    qclass: int
    question: bytes  # as it came
    udp_size: int
    has_edns: bool
    wants_dnssec: bool
    edns_version: int

    @property
    def type_name(self) -> str:
        return TYPE_NAMES.get(self.qtype, f"TYPE{self.qtype}")


def read_name(message: bytes, offset: int) -> tuple[str, int]:
    """The name at an offset (compression followed) and where it ends."""
    labels: list[str] = []
    end, jumps, size = -1, 0, 0
    try:
        while True:
            length = message[offset]
            if length >= 0xC0:
                if end < 0:
                    end = offset + 2
                jumps += 1
                if jumps > 32:
                    raise FormatError("compression loop")
                offset = ((length & 0x3F) << 8) | message[offset + 1]
            elif length == 0:
                return ".".join(labels), end if end >= 0 else offset + 1
            elif length > 63:
                raise FormatError("bad label")
            else:
                label = message[offset + 1 : offset + 1 + length]
                size += length + 1
                if len(label) < length or size > 254:
                    raise FormatError("name too long")
                labels.append(label.decode("latin-1").lower())
                offset += length + 1
    except IndexError:
        raise FormatError("message too short") from None


def parse_query(message: bytes) -> Query:
    """Read a query of exactly one question (FormatError otherwise; the caller may still answer with the id)."""
    if len(message) < 12:
        raise FormatError("message too short")
    ident, flags, questions, answers, authority, additional = _HEADER.unpack_from(message)
    if flags & QR or questions != 1:
        raise FormatError("not a query of one question")
    name, end = read_name(message, 12)
    if len(message) < end + 4:
        raise FormatError("message too short")
    qtype, qclass = struct.unpack_from("!HH", message, end)
    question = message[12 : end + 4]
    size, has_edns, dnssec, version = MIN_UDP, False, False, 0
    offset = end + 4
    for _ in range(answers + authority + additional):
        _, offset = read_name(message, offset)
        if len(message) < offset + 10:
            raise FormatError("message too short")
        rtype, rclass, ttl, length = _RR.unpack_from(message, offset)
        if rtype == OPT:
            size, has_edns = min(max(rclass, MIN_UDP), MAX_UDP), True
            version, dnssec = (ttl >> 16) & 0xFF, bool(ttl & 0x8000)
        offset += 10 + length
    return Query(ident, flags, name, qtype, qclass, question, size, has_edns, dnssec, version)


def encode_name(name: str) -> bytes:
    """Labels with their lengths (RFC 1035, 3.1); raises `FormatError` for one that is empty or over 63 bytes."""
    if not name:
        return b"\0"
    out = bytearray()
    for label in name.split("."):
        raw = label.encode("latin-1", "replace")
        if not raw or len(raw) > 63:
            raise FormatError(f"bad name {name!r}")
        out.append(len(raw))
        out += raw
    return bytes(out) + b"\0"


def encode_data(record: Record) -> bytes:
    """The data part of a record."""
    data = record.data
    match record.type:
        case "A" | "AAAA":
            return bytes(ipaddress.ip_address(str(data)).packed)
        case "CNAME" | "PTR" | "NS":
            return encode_name(data)
        case "SRV":
            priority, weight, port, target = data
            return struct.pack("!HHH", priority, weight, port) + encode_name(target)
        case "TXT":
            raw = data.encode()[:255]
            return bytes([len(raw), *raw])
        case "SOA":
            primary, mailbox, numbers = data
            return encode_name(primary) + encode_name(mailbox) + struct.pack("!5I", *(n & 0xFFFFFFFF for n in numbers))
    raise ValueError(f"no encoding for records of type {record.type}")


def _encode(record: Record, query: Query, ttl: int) -> bytes:
    # 0xC00C points at the question's name, which most records are about.
    name = b"\xc0\x0c" if record.name == query.name else encode_name(record.name)
    data = encode_data(record)
    return name + _RR.pack(TYPES[record.type], CLASS_IN, ttl, len(data)) + data


def build(
    query: Query,
    *,
    rcode: int = 0,
    answers: Sequence[Record] = (),
    authority: Sequence[Record] = (),
    extra: Sequence[Record] = (),
    ttl: int = 5,
    flags: int = AA,
    max_size: int = 65535,
) -> bytes:
    """An answer of at most `max_size` bytes: additional records go first, then answers, with TC set."""
    parts = [[_encode(r, query, ttl) for r in section] for section in (answers, authority, extra)]
    opt = edns(query, rcode)
    room = max_size - 12 - len(query.question) - len(opt)
    truncated = 0
    while sum(map(len, parts[0])) + sum(map(len, parts[1])) + sum(map(len, parts[2])) > room:
        if parts[2]:
            parts[2].pop()
        elif parts[0]:
            parts[0].pop()
            truncated = TC
        else:
            parts[1].clear()
    bits = QR | flags | truncated | (query.flags & (RD | 0x7800)) | (rcode & 0xF)
    counts = (len(parts[0]), len(parts[1]), len(parts[2]) + (1 if opt else 0))
    header = _HEADER.pack(query.id, bits, 1, *counts)
    return b"".join([header, query.question, *parts[0], *parts[1], *parts[2], opt])


def edns(query: Query, rcode: int = 0) -> bytes:
    """The OPT record of an answer to a query that had one."""
    if not query.has_edns:
        return b""
    ttl = (rcode >> 4) << 24 | (0x8000 if query.wants_dnssec else 0)
    return b"\0" + _RR.pack(OPT, query.udp_size, ttl, 0)


def bare_error(message: bytes, rcode: int) -> bytes | None:
    """An answer to something that could not be read; None if not even its id could, or if it is itself an answer."""
    if len(message) < 12:
        return None
    ident, flags = struct.unpack_from("!HH", message)
    if flags & QR:
        return None
    return _HEADER.pack(ident, QR | (flags & (RD | 0x7800)) | rcode, 0, 0, 0, 0)


class Reply(NamedTuple):
    """What must be known of an upstream server's reply."""

    rcode: int
    is_truncated: bool
    question: bytes
    ttl: int  # the lowest of its records; for a negative reply, the SOA's
    ttl_offsets: tuple[int, ...]
    is_positive: bool


def parse_reply(message: bytes) -> Reply:
    """What a cache must know of an upstream server's reply: TTLs and where they stand; OPT has none.

    A negative reply lives as long as its SOA says (RFC 2308), without one not at all. Raises `FormatError`.
    """
    if len(message) < 12:
        raise FormatError("message too short")
    _, flags, questions, answers, authority, additional = _HEADER.unpack_from(message)
    if not flags & QR or questions != 1:
        raise FormatError("not a reply")
    _, end = read_name(message, 12)
    offset = end + 4
    question = message[12:offset]
    ttls, offsets, negative = [], [], None
    for number in range(answers + authority + additional):
        _, offset = read_name(message, offset)
        if len(message) < offset + 10:
            raise FormatError("message too short")
        rtype, _, ttl, length = _RR.unpack_from(message, offset)
        if rtype != OPT:
            ttls.append(ttl)
            offsets.append(offset + 4)
            if rtype == TYPES["SOA"] and number >= answers and length >= 4:
                (minimum,) = struct.unpack_from("!I", message, offset + 10 + length - 4)
                negative = min(ttl, minimum)
        offset += 10 + length
        if offset > len(message):
            raise FormatError("message too short")
    is_positive = answers > 0 and flags & 0xF == 0
    ttl = min(ttls, default=0) if is_positive else (negative or 0)
    return Reply(flags & 0xF, bool(flags & TC), question, ttl, tuple(offsets), is_positive)


def with_ttls(message: bytes, reply: Reply, age_s: int, query_id: int) -> bytes:
    """A remembered reply as it is now: TTLs lowered by its age, under another id."""
    out = bytearray(message)
    struct.pack_into("!H", out, 0, query_id)
    for offset in reply.ttl_offsets:
        (ttl,) = struct.unpack_from("!I", out, offset)
        struct.pack_into("!I", out, offset, max(0, min(ttl, reply.ttl) - age_s))
    return bytes(out)


def truncate(message: bytes, query: Query, max_size: int) -> bytes:
    """An upstream reply that does not fit into the client's datagram becomes an empty one with TC."""
    if len(message) <= max_size:
        return message
    _, flags, *_ = _HEADER.unpack_from(message)
    opt = edns(query)
    header = _HEADER.pack(query.id, flags | TC, 1, 0, 0, 1 if opt else 0)
    return header + query.question + opt


def encode_query(query: Query) -> bytes:
    """A query as we send it upstream: the client's question, recursion desired, room for large datagrams."""
    size = max(query.udp_size, 1232) if query.has_edns else MIN_UDP
    opt = edns(query._replace(udp_size=size))
    return _HEADER.pack(query.id, RD | (query.flags & 0x0010), 1, 0, 0, 1 if opt else 0) + query.question + opt


def read_answers(message: bytes) -> list[Record]:
    """The A, AAAA and CNAME records of a reply's answer section."""
    _, _, _, answers, _, _ = _HEADER.unpack_from(message)
    _, end = read_name(message, 12)
    offset = end + 4
    found = []
    for _ in range(answers):
        name, offset = read_name(message, offset)
        rtype, _, _, length = _RR.unpack_from(message, offset)
        offset += 10
        if rtype in (TYPES["A"], TYPES["AAAA"]):
            found.append(Record(name, TYPE_NAMES[rtype], str(ipaddress.ip_address(message[offset : offset + length]))))
        elif rtype == TYPES["CNAME"]:
            found.append(Record(name, "CNAME", read_name(message, offset)[0]))
        offset += length
    return found
