"""Reading hostile messages, Corefiles, and what is remembered of upstream replies."""

import asyncio
from typing import Any

import dnslib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.dns import wire
from kajitori.dns.cache import Cache
from kajitori.dns.corefile import CacheOptions, CorefileError, ForwardOptions, parse
from kajitori.dns.handler import Handler
from kajitori.dns.upstream import Forwarder, TooManyQueries, UpstreamFailed, addresses

MINIKUBE = """
.:53 {
    log
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    hosts {
       192.168.49.1 host.minikube.internal
       fallthrough
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
stub.example:5353 { # another block
    forward . 10.0.0.1 10.0.0.2:54
}
"""


def test_the_usual_corefile_is_understood() -> None:
    main, stub = parse(MINIKUBE)
    assert main.kubernetes is not None
    assert main.kubernetes.zones == ("cluster.local", "in-addr.arpa", "ip6.arpa")
    assert (main.kubernetes.ttl, main.kubernetes.pods) == (30, "insecure")
    assert (main.health_port, main.ready_port, main.metrics_port, main.lameduck_s) == (8080, 8181, 9153, 5.0)
    assert main.hosts == {"host.minikube.internal": ("192.168.49.1",)}
    assert main.cache == CacheOptions(30, 30)
    assert main.is_logging
    assert (stub.zones, stub.port) == (("stub.example",), 5353)
    assert stub.forwards[0].upstreams == ("10.0.0.1", "10.0.0.2:54")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".:53 {\n nonsense\n}", "Corefile:2 - Error during parsing: Unknown directive 'nonsense'"),
        (".:53 {\n errors", "Unexpected EOF"),
        (".:53 {\n kubernetes x {\n pods maybe\n }\n}", "wrong value for pods"),
        (".:53 {\n forward .\n}", "at least one server"),
        ("tls://. {\n errors\n}", "only plain DNS"),
        ("", "no server block"),
    ],
)
def test_mistakes_are_named_with_their_line(text: str, message: str) -> None:
    with pytest.raises(CorefileError, match=message):
        parse(text)


def test_environment_variables_are_filled_in() -> None:
    (block,) = parse(".:53 {\n forward . {$UP}\n}", environ={"UP": "10.9.9.9"})
    assert block.forwards[0].upstreams == ("10.9.9.9",)


def test_upstream_addresses_may_have_ports_and_families(tmp_path: Any) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# x\nnameserver 10.0.0.9\nnameserver fd00::9\nsearch a b\n")
    expected = [("1.1.1.1", 53), ("2.2.2.2", 54), ("fd00::1", 55), ("10.0.0.9", 53), ("fd00::9", 53)]
    assert addresses(["1.1.1.1", "2.2.2.2:54", "[fd00::1]:55", str(file)]) == expected


@given(st.binary(max_size=120))
def test_no_message_breaks_the_handler(message: bytes) -> None:
    answer = Handler([]).answer(message, is_tcp=False)
    assert answer is None or (answer[:2] == message[:2] and answer[2] & 0x80)  # its own id, and a response


@given(st.binary(max_size=80))
def test_no_reply_breaks_the_parser(message: bytes) -> None:
    try:
        wire.parse_reply(message)
    except wire.FormatError:
        return


def test_a_compression_loop_is_refused() -> None:
    loop = b"\0\1\0\0\0\1\0\0\0\0\0\0" + b"\xc0\x0c" + b"\0\1\0\1"
    with pytest.raises(wire.FormatError):
        wire.parse_query(loop)


def test_an_answer_is_never_answered() -> None:
    message = dnslib.DNSRecord.question("a.b").reply().pack()
    assert Handler([]).answer(message, is_tcp=False) is None


def query_and_reply(name: str = "example.org", ttl: int = 100, rcode: int = 0) -> tuple[wire.Query, bytes]:
    question = dnslib.DNSRecord.question(name)
    reply = question.reply()
    if rcode:
        reply.header.rcode = rcode
        reply.add_auth(*dnslib.RR.fromZone(f"org. {ttl} IN SOA a.org. b.org. 1 2 3 4 50"))
    else:
        reply.add_answer(*dnslib.RR.fromZone(f"{name}. {ttl} IN A 192.0.2.1"))
    return wire.parse_query(question.pack()), reply.pack()


def test_replies_age_and_expire_within_the_bound() -> None:
    now = [0.0]
    cache = Cache(CacheOptions(30, 30), lambda: now[0])
    query, reply = query_and_reply()
    cache.put(query, reply, wire.parse_reply(reply))
    now[0] = 10.0
    found = cache.get(query._replace(id=7))
    assert found is not None
    parsed = dnslib.DNSRecord.parse(found)
    assert (parsed.header.id, parsed.rr[0].ttl) == (7, 20)
    now[0] = 30.0
    assert cache.get(query) is None


def test_negative_replies_live_as_long_as_their_soa_says() -> None:
    now = [0.0]
    cache = Cache(CacheOptions(), lambda: now[0])
    query, reply = query_and_reply(rcode=3)
    cache.put(query, reply, wire.parse_reply(reply))
    now[0] = 49.0
    assert cache.get(query) is not None
    now[0] = 51.0
    assert cache.get(query) is None


def test_failures_are_not_remembered_and_the_oldest_goes_first() -> None:
    cache = Cache(CacheOptions(capacity=2), lambda: 0.0)
    query, reply = query_and_reply(rcode=2)
    cache.put(query, reply, wire.parse_reply(reply))
    assert len(cache) == 0
    queries = [query_and_reply(f"n{i}.org") for i in range(3)]
    for query, reply in queries:
        cache.put(query, reply, wire.parse_reply(reply))
    assert [cache.get(query) is not None for query, _ in queries] == [False, True, True]


def test_a_forwarder_is_bounded_and_says_when_nobody_answers() -> None:
    message = dnslib.DNSRecord.question("example.org").pack()

    async def scenario() -> None:
        nobody = Forwarder(ForwardOptions(), servers=[])
        with pytest.raises(UpstreamFailed):
            await nobody.ask(message)
        full = Forwarder(ForwardOptions(max_concurrent=1), servers=[("127.0.0.1", 9)])
        full.in_flight = 1
        with pytest.raises(TooManyQueries):
            await full.ask(message)

    asyncio.run(scenario())
