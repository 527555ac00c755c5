"""Replies of upstream servers, remembered for as long as they and the Corefile allow; bounded, oldest out first.

May import: dns.wire, dns.corefile (options).
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from kajitori.dns import wire
from kajitori.dns.corefile import CacheOptions

Key = tuple[str, int, int, bool, bool, int]


class _Entry(NamedTuple):
    message: bytes
    reply: wire.Reply
    stored_at: float
    expires_at: float


class Cache:
    """At most `capacity` replies, by the question and those of its flags that change the answer."""

    def __init__(self, options: CacheOptions, monotonic: Callable[[], float]) -> None:
        self._options, self._now = options, monotonic
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self.hits = self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    @staticmethod
    def key(query: wire.Query) -> Key:
        """What makes two questions the same; the CD bit asks for another answer (RFC 4035, 3.2.2)."""
        checking_disabled = query.flags & 0x0010
        return query.name, query.qtype, query.qclass, query.has_edns, query.wants_dnssec, checking_disabled

    def get(self, query: wire.Query) -> bytes | None:
        """A reply for this query, aged, or None."""
        entry = self._entries.get(self.key(query))
        if entry is None or entry.expires_at <= self._now():
            self.misses += 1
            return None
        self.hits += 1
        message = wire.with_ttls(entry.message, entry.reply, int(self._now() - entry.stored_at), query.id)
        # The question is echoed as this client spelled it.
        return message[:12] + query.question + message[12 + len(query.question) :]

    def put(self, query: wire.Query, message: bytes, reply: wire.Reply) -> None:
        """Remember a reply, unless it is an error, cut off or has no lifetime."""
        if reply.is_truncated or reply.rcode not in (0, wire.NXDOMAIN):
            return
        limit = self._options.success_ttl if reply.is_positive else self._options.denial_ttl
        ttl = min(reply.ttl, limit)
        if ttl <= 0:
            return
        key = self.key(query)
        now = self._now()
        self._entries[key] = _Entry(message, reply._replace(ttl=ttl), now, now + ttl)
        self._entries.move_to_end(key)
        while len(self._entries) > self._options.capacity:
            self._entries.popitem(last=False)
