"""One query in, one answer out: hosts, then the cluster, then cache and upstream, as the server block says.

Answers from memory are given at once, in the call that received the datagram; only questions to upstream servers
take a task. May import: dns' modules, aiokit.
"""

import random
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.dns import metrics, wire
from kajitori.dns.cache import Cache
from kajitori.dns.corefile import ServerBlock
from kajitori.dns.index import ClusterIndex
from kajitori.dns.upstream import Forwarder, TooManyQueries, UpstreamFailed
from kajitori.dns.zone import Record, address_of, lookup, soa

log = get_logger(__name__)
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 16: "BADVERS"}
MAX_ALIASES = 8


class Block:
    """A server block with its state."""

    def __init__(self, config: ServerBlock, index: ClusterIndex) -> None:
        self.config, self.index = config, index
        self.forwarders = [Forwarder(options) for options in config.forwards]
        self.cache = Cache(config.cache, time.monotonic) if config.cache else None
        self.label = f"dns://:{config.port}"

    def answer(self, query: wire.Query, max_size: int) -> bytes | Coroutine[Any, Any, bytes]:
        """The reply's bytes where memory knows it; else a coroutine that asks upstream servers for it."""
        found: bytes | Coroutine[Any, Any, bytes] | None = self._from_hosts(query, max_size)
        if found is None and self.config.kubernetes:
            found = self._from_cluster(query, max_size)
        if found is None:
            found = self._from_upstream(query, max_size)
        return found

    # -- hosts

    def _from_hosts(self, query: wire.Query, max_size: int) -> bytes | None:
        hosts = self.config.hosts
        if not hosts:
            return None
        kind = query.type_name
        ips = hosts.get(query.name)
        if ips is not None and kind in ("A", "AAAA"):
            records = [Record(query.name, kind, ip) for ip in ips if (":" in ip) == (kind == "AAAA")]
        elif kind == "PTR" and (ip := address_of(query.name)):
            records = [Record(query.name, "PTR", name) for name, known in hosts.items() if ip in known]
            ips = ips or (("",) if records else None)
        else:
            records = []
        if ips is not None or not self.config.hosts_fall_through:
            rcode = 0 if ips is not None else wire.NXDOMAIN
            return wire.build(query, rcode=rcode, answers=records, ttl=self.config.hosts_ttl, max_size=max_size)
        return None

    # -- the cluster

    def _from_cluster(self, query: wire.Query, max_size: int) -> bytes | Coroutine[Any, Any, bytes] | None:
        options = self.config.kubernetes
        assert options is not None
        answer = lookup(self.index, options, query.name, query.type_name)
        if answer is None or answer.is_fall_through:
            return None
        if not self.index.is_complete:
            # What we have not heard of yet may well exist: NXDOMAIN would be remembered by the asker.
            return wire.build(query, rcode=wire.SERVFAIL, flags=0, max_size=max_size)
        if answer.alias:
            return self._chase(query, answer.alias, list(answer.records), max_size)
        return self._reply(query, answer.rcode, answer.records, answer.extra, max_size)

    def _reply(
        self,
        query: wire.Query,
        rcode: int,
        records: Sequence[Record],
        extra: Sequence[Record],
        max_size: int,
    ) -> bytes:
        options = self.config.kubernetes
        assert options is not None
        authority: list[Record] = []
        if not records:
            authority = [soa(options.zone_of(query.name), options.ttl, self.index.serial)]
        elif self.config.is_shuffling and len(records) > 1:
            records = random.sample(records, len(records))
        return wire.build(
            query,
            rcode=rcode,
            answers=records,
            authority=authority,
            extra=extra,
            ttl=options.ttl,
            max_size=max_size,
        )

    async def _chase(self, query: wire.Query, alias: str, records: list[Record], max_size: int) -> bytes:
        """Follow an ExternalName: within the cluster ourselves, outside by asking upstream for addresses."""
        options = self.config.kubernetes
        assert options is not None
        for _ in range(MAX_ALIASES):
            answer = lookup(self.index, options, alias, query.type_name)
            if answer is None:
                records += await self._addresses_of(query, alias)
                break
            records += answer.records
            if not answer.alias:
                break
            alias = answer.alias
        return self._reply(query, 0, records, (), max_size)

    async def _addresses_of(self, query: wire.Query, name: str) -> list[Record]:
        """What upstream says about an alias' target; nothing if it cannot be asked (the CNAME stands anyway)."""
        if query.type_name not in ("A", "AAAA"):
            return []
        try:
            question = wire.encode_name(name) + query.question[-4:]
        except wire.FormatError:
            return []
        inner = query._replace(name=name, question=question, has_edns=False, flags=wire.RD)
        try:
            reply = await self._ask(inner, is_tcp=True)
        except (UpstreamFailed, TooManyQueries):
            return []
        return wire.read_answers(reply)

    # -- everything else

    def _from_upstream(self, query: wire.Query, max_size: int) -> bytes | Coroutine[Any, Any, bytes]:
        if not any(forwarder.takes(query.name) for forwarder in self.forwarders):
            return wire.build(query, rcode=wire.REFUSED, flags=0, max_size=max_size)
        if self.cache is not None:
            remembered = self.cache.get(query)
            (metrics.CACHE_HITS if remembered else metrics.CACHE_MISSES).inc(self.label)
            if remembered is not None:
                return wire.truncate(remembered, query, max_size)
        return self._forward(query, max_size)

    async def _forward(self, query: wire.Query, max_size: int) -> bytes:
        try:
            reply = await self._ask(query, is_tcp=max_size > wire.MAX_UDP)
        except TooManyQueries:
            return wire.build(query, rcode=wire.REFUSED, flags=0, max_size=max_size)
        except UpstreamFailed as error:
            log.error("cannot resolve through upstream servers", name=query.name, type=query.type_name, err=str(error))
            return wire.build(query, rcode=wire.SERVFAIL, flags=0, max_size=max_size)
        return wire.truncate(reply, query, max_size)

    async def _ask(self, query: wire.Query, *, is_tcp: bool) -> bytes:
        forwarder = max(
            (f for f in self.forwarders if f.takes(query.name)), key=lambda f: len(f.options.zone), default=None
        )
        if forwarder is None:
            raise UpstreamFailed("no server for this name")
        message = wire.encode_query(query)
        reply = await forwarder.ask(message, is_tcp=is_tcp)
        if self.cache is not None:
            try:
                self.cache.put(query, reply, wire.parse_reply(reply))
            except wire.FormatError as error:
                raise UpstreamFailed(str(error)) from error
        return reply


class Handler:
    """All blocks that listen on one port."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = sorted(
            ((zone, block) for block in blocks for zone in block.config.zones), key=lambda pair: -len(pair[0])
        )

    def answer(self, message: bytes, *, is_tcp: bool) -> bytes | Coroutine[Any, Any, bytes] | None:
        """The answer, now or soon; None if the message deserves none."""
        try:
            query = wire.parse_query(message)
        except wire.FormatError:
            return wire.bare_error(message, wire.FORMERR)
        max_size = 65535 if is_tcp else query.udp_size
        if query.flags & 0x7800:
            return wire.build(query, rcode=wire.NOTIMP, flags=0, max_size=max_size)
        if query.edns_version:
            return wire.build(query, rcode=wire.BADVERS, flags=0, max_size=max_size)
        for zone, block in self._blocks:
            if not zone or query.name == zone or query.name.endswith("." + zone):
                return self._measured(block, zone, query, max_size, "tcp" if is_tcp else "udp")
        return wire.build(query, rcode=wire.REFUSED, flags=0, max_size=max_size)

    def _measured(
        self, block: Block, zone: str, query: wire.Query, max_size: int, proto: str
    ) -> bytes | Coroutine[Any, Any, bytes]:
        started = time.perf_counter()
        metrics.REQUESTS.inc(block.label, zone + ".", proto, query.type_name)

        def note(reply: bytes) -> bytes:
            taken = time.perf_counter() - started
            rcode = RCODES.get(reply[3] & 0xF, str(reply[3] & 0xF))
            metrics.RESPONSES.inc(block.label, zone + ".", rcode)
            metrics.DURATION.observe(taken, block.label, zone + ".")
            if block.config.is_logging:
                log.info("query", name=query.name + ".", type=query.type_name, rcode=rcode, seconds=round(taken, 6))
            return reply

        found = block.answer(query, max_size)
        if isinstance(found, bytes):
            return note(found)

        async def later(pending: Coroutine[Any, Any, bytes] = found) -> bytes:
            return note(await pending)

        return later()
