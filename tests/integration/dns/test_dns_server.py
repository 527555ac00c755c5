"""The DNS server on real sockets, with a real upstream (a stub on this machine)."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import dnslib
import pytest

from kajitori.dns import views as v
from kajitori.dns.corefile import parse
from kajitori.dns.handler import Block, Handler
from kajitori.dns.index import ClusterIndex
from kajitori.dns.server import serve

pytestmark = pytest.mark.integration


class Stub(asyncio.DatagramProtocol):
    """An upstream server: knows example.org, sends a spoofed reply first, drops every first question about `lossy`."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        query = dnslib.DNSRecord.parse(data)
        self.asked.append(str(query.q.qname))
        reply = query.reply()
        if str(query.q.qname) == "example.org.":
            spoofed = query.reply()
            spoofed.header.id = (query.header.id + 1) % 65536
            spoofed.add_answer(*dnslib.RR.fromZone("example.org. 60 IN A 6.6.6.6"))
            self.transport.sendto(spoofed.pack(), addr)
            reply.add_answer(*dnslib.RR.fromZone("example.org. 60 IN A 192.0.2.7"))
        else:
            reply.header.rcode = 3
        self.transport.sendto(reply.pack(), addr)


@asynccontextmanager
async def running() -> AsyncIterator[tuple[int, Stub]]:
    transport, stub = await asyncio.get_running_loop().create_datagram_endpoint(Stub, local_addr=("127.0.0.1", 0))
    upstream = transport.get_extra_info("sockname")[1]
    index = ClusterIndex()
    index.namespace_changed(None, v.Namespace(metadata=v.Meta(name="default")))
    spec = v.ServiceSpec(cluster_ip="10.96.0.1")
    index.service_changed(None, v.Service(metadata=v.Meta(name="api", namespace="default"), spec=spec))
    alias = v.ServiceSpec(type="ExternalName", external_name="example.org")
    index.service_changed(None, v.Service(metadata=v.Meta(name="out", namespace="default"), spec=alias))
    text = f".:53 {{\n kubernetes cluster.local\n forward . 127.0.0.1:{upstream}\n cache 30\n}}"
    handler = Handler([Block(config, index) for config in parse(text)])
    async with serve(handler.answer, host="127.0.0.1", port=0) as port:
        yield port, stub
    transport.close()


def ask_udp(port: int, name: str, kind: str = "A") -> Any:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect(("127.0.0.1", port))
        sock.send(dnslib.DNSRecord.question(name, kind).pack())
        return dnslib.DNSRecord.parse(sock.recv(4096))


def ask_tcp(port: int, *names: str) -> list[Any]:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        for name in names:
            message = dnslib.DNSRecord.question(name).pack()
            sock.sendall(struct.pack("!H", len(message)) + message)
        file = sock.makefile("rb")
        return [dnslib.DNSRecord.parse(file.read(struct.unpack("!H", file.read(2))[0])) for _ in names]


def data(answer: Any) -> list[str]:
    return [str(rr.rdata) for rr in answer.rr]


def test_cluster_names_are_answered_over_udp_and_tcp() -> None:
    async def scenario() -> None:
        async with running() as (port, _):
            name = "api.default.svc.cluster.local"
            assert data(await asyncio.to_thread(ask_udp, port, name)) == ["10.96.0.1"]
            answers = await asyncio.to_thread(ask_tcp, port, name, name)
            assert [data(a) for a in answers] == [["10.96.0.1"]] * 2

    asyncio.run(scenario())


def test_other_names_go_upstream_once_and_spoofed_replies_are_ignored() -> None:
    async def scenario() -> None:
        async with running() as (port, stub):
            for _ in range(3):
                assert data(await asyncio.to_thread(ask_udp, port, "example.org")) == ["192.0.2.7"]
            assert stub.asked == ["example.org."]
            missing = await asyncio.to_thread(ask_udp, port, "missing.org")
            assert missing.header.rcode == 3

    asyncio.run(scenario())


def test_a_question_of_many_at_once_is_answered_for_each() -> None:
    async def scenario() -> None:
        async with running() as (port, _):
            names = [f"n{i}.org" for i in range(50)]
            answers = await asyncio.gather(*(asyncio.to_thread(ask_udp, port, name) for name in names))
            assert [str(a.q.qname).rstrip(".") for a in answers] == names

    asyncio.run(scenario())
