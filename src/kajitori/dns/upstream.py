"""Asking other servers: one fresh socket (and so one random port) and a random id per question, bounded in number.

A server that does not answer within two seconds is passed over for the next; after all were asked twice it is an
error. Replies are checked for id and question. May import: dns.wire, dns.corefile (options).
"""

import asyncio
import random
import secrets
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from kajitori.dns import wire
from kajitori.dns.corefile import ForwardOptions

TIMEOUT_S = 2.0
TOTAL_S = 5.0
Address = tuple[str, int]


class UpstreamFailed(Exception):
    """No upstream server gave an answer."""


class TooManyQueries(Exception):
    """`max_concurrent` questions are under way."""


def addresses(words: Sequence[str]) -> list[Address]:
    """The servers that a ``forward`` names: addresses with or without port, or files in resolv.conf's format."""
    found: list[Address] = []
    for word in words:
        if word.startswith("/"):
            found += _resolv_conf(Path(word))
            continue
        text = word.removeprefix("dns://")
        if text.startswith("["):
            host, _, port = text[1:].partition("]")
            found.append((host, int(port.lstrip(":") or 53)))
        elif text.count(":") == 1:
            host, _, port = text.partition(":")
            found.append((host, int(port)))
        else:
            found.append((text, 53))
    return list(dict.fromkeys(found))


def _resolv_conf(path: Path) -> list[Address]:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    return [(w[1], 53) for w in words if len(w) > 1 and w[0] == "nameserver"]


class Forwarder:
    """One ``forward`` directive at work."""

    def __init__(self, options: ForwardOptions, servers: Sequence[Address] | None = None) -> None:
        self.options = options
        self.servers = list(servers) if servers is not None else addresses(options.upstreams)
        self.in_flight = 0
        self._turn = 0

    def takes(self, name: str) -> bool:
        """Whether this name is in its zone and none of the zones it leaves out."""
        return _within(name, self.options.zone) and not any(_within(name, zone) for zone in self.options.exclude)

    async def ask(self, message: bytes, *, is_tcp: bool = False) -> bytes:
        """The reply to a query, under the query's own id."""
        if self.options.max_concurrent and self.in_flight >= self.options.max_concurrent:
            raise TooManyQueries
        if not self.servers:
            raise UpstreamFailed("no upstream servers")
        self.in_flight += 1
        try:
            async with asyncio.timeout(TOTAL_S):
                return await self._ask_each(message, is_tcp or self.options.is_tcp)
        except TimeoutError:
            raise UpstreamFailed("no upstream server answered in time") from None
        finally:
            self.in_flight -= 1

    async def _ask_each(self, message: bytes, is_tcp: bool) -> bytes:
        problem: Exception = UpstreamFailed("no upstream server answered")
        for server in self._order() * 2:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    reply = await (_ask_tcp if is_tcp else _ask_udp)(server, message)
                return message[:2] + reply[2:]
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                problem = error
        raise UpstreamFailed(str(problem) or "timeout")

    def _order(self) -> list[Address]:
        servers = list(self.servers)
        if self.options.policy == "random":
            random.shuffle(servers)
        elif self.options.policy == "round_robin":
            self._turn = (self._turn + 1) % len(servers)
            servers = servers[self._turn :] + servers[: self._turn]
        return servers


def _within(name: str, zone: str) -> bool:
    return not zone or name == zone or name.endswith("." + zone)


def _with_new_id(message: bytes) -> bytes:
    return struct.pack("!H", secrets.randbelow(65536)) + message[2:]


class _Datagram(asyncio.DatagramProtocol):
    """Waits for the one datagram that answers our question; others (spoofed or late) are ignored."""

    def __init__(self, query: bytes) -> None:
        self._query = query
        self._question = wire.parse_query(query).question.lower()
        self.reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.DatagramTransport, transport)
        transport.sendto(self._query)

    def datagram_received(self, data: bytes, addr: object) -> None:
        if data[:2] != self._query[:2] or self.reply.done():
            return
        try:
            reply = wire.parse_reply(data)
        except wire.FormatError:
            return
        if reply.question.lower() == self._question:
            self.reply.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(exc)


async def _ask_udp(server: Address, message: bytes) -> bytes:
    query = _with_new_id(message)
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagram(query), remote_addr=server
    )
    try:
        return await protocol.reply
    finally:
        transport.close()


async def _ask_tcp(server: Address, message: bytes) -> bytes:
    query = _with_new_id(message)
    reader, writer = await asyncio.open_connection(*server)
    try:
        writer.write(struct.pack("!H", len(query)) + query)
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        reply = await reader.readexactly(length)
    finally:
        writer.close()
    if reply[:2] != query[:2]:
        raise ConnectionError("the reply is to another question")
    return reply
