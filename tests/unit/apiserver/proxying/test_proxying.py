"""What is proxied where: containers, addresses, headers, rewriting; and the raw relay after an upgrade."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import pytest

from kajitori.aiokit.http.message import HIJACKED, Headers, Query, Request, Response
from kajitori.apiserver.proxying.backend import Backend, BackendError, ResponseHead
from kajitori.apiserver.proxying.forward import Target, forward, forwarded, request_head, response_headers
from kajitori.apiserver.proxying.kubelet import kubelet_port, node_address
from kajitori.apiserver.proxying.places import check_address, pod_place, service_place, split_name
from kajitori.apiserver.proxying.pods import choose_container, log_errors, log_query, stream_query
from kajitori.apiserver.proxying.rewrite import Rewriter
from kajitori.apiserver.proxying.upgrade import tunnel
from kajitori.machinery.errors import BadRequest, InternalError, NotFound, ServiceUnavailable

Object = dict[str, Any]


def pod(*names: str, init: tuple[str, ...] = ()) -> Object:
    return {
        "metadata": {"name": "x", "namespace": "ns"},
        "spec": {"containers": [{"name": n} for n in names], "initContainers": [{"name": n} for n in init]},
    }


class TestContainers:
    def test_the_only_container_is_meant(self) -> None:
        assert choose_container(pod("a"), "") == "a"

    @pytest.mark.parametrize(
        ("made", "wanted", "message"),
        [
            (pod("a", "b"), "", "a container name must be specified for pod x, choose one of: [a b]"),
            (
                pod("a", "b", init=("i",)),
                "",
                "a container name must be specified for pod x, choose one of: [a b] or one of the init containers: [i]",
            ),
            (pod("a"), "hello", "container hello is not valid for pod x"),
        ],
    )
    def test_what_is_not_clear_is_said_in_upstreams_words(self, made: Object, wanted: str, message: str) -> None:
        with pytest.raises(BadRequest) as e:
            choose_container(made, wanted)
        assert e.value.message == message

    def test_init_containers_can_be_named(self) -> None:
        assert choose_container(pod("a", init=("i",)), "i") == "i"


class TestQueries:
    def test_stream_flags_in_the_kubelets_words(self) -> None:
        query = Query("stdin=true&stdout=true&stderr=false&tty=1&command=ls")
        assert stream_query(query) == [("input", "1"), ("output", "1"), ("tty", "1")]

    def test_log_options_are_passed_on(self) -> None:
        query = Query("follow=true&previous=false&tailLines=5&container=c&sinceTime=2026-01-01T00:00:00Z")
        assert log_query(query) == [("follow", "true"), ("sinceTime", "2026-01-01T00:00:00Z"), ("tailLines", "5")]

    @pytest.mark.parametrize(
        ("query", "field"),
        [("tailLines=-1", "tailLines"), ("sinceSeconds=0", "sinceSeconds"), ("limitBytes=0", "limitBytes")],
    )
    def test_log_options_out_of_range(self, query: str, field: str) -> None:
        assert log_errors(Query(query))[0].path == field


class TestHeaders:
    def test_credentials_and_hop_by_hop_headers_stay_here(self) -> None:
        headers = Headers(
            [
                ("authorization", "Bearer secret"),
                ("impersonate-user", "root"),
                ("x-remote-user", "root"),
                ("connection", "keep-alive, x-mine"),
                ("x-mine", "1"),
                ("te", "trailers"),
                ("cookie", "a=b"),
                ("accept", "*/*"),
            ]
        )
        assert forwarded(headers, is_upgrade=False) == [("cookie", "a=b"), ("accept", "*/*")]

    def test_upgrades_keep_theirs_but_not_a_token_in_the_protocols(self) -> None:
        headers = Headers(
            [
                ("connection", "Upgrade"),
                ("upgrade", "websocket"),
                ("sec-websocket-protocol", "base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io"),
            ]
        )
        assert forwarded(headers, is_upgrade=True) == [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-protocol", "v5.channel.k8s.io"),
        ]

    def test_the_backend_learns_where_the_client_came_from(self) -> None:
        request = make_request("GET", "/p", [("host", "api:6443"), ("x-forwarded-for", "9.9.9.9")], peer=("1.2.3.4", 5))
        head = request_head(
            request, Target(host="10.0.0.1", port=80, path="/x", query="a=b"), uri="/pre/x", is_upgrade=False
        )
        lines = head.decode().split("\r\n")
        assert lines[0] == "GET /x?a=b HTTP/1.1" and "host: api:6443" in lines
        assert "X-Forwarded-For: 9.9.9.9, 1.2.3.4" in lines and "X-Forwarded-Uri: /pre/x" in lines

    def test_answers_lose_connection_headers_and_point_back_to_us(self) -> None:
        answer = ResponseHead(302, [("Location", "/login"), ("Transfer-Encoding", "chunked"), ("Set-Cookie", "a=b")])
        rewriter = Rewriter(prefix="/api/proxy", host="api", target="10.0.0.1:80")
        assert response_headers(answer, rewriter) == [("Location", "/api/proxy/login"), ("Set-Cookie", "a=b")]


PREFIX = "/api/v1/namespaces/default/services/web/proxy"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/a.css", PREFIX + "/a.css"),
        ("/dir/", PREFIX + "/dir/"),
        ("/", PREFIX + "/"),
        ("a.css", "a.css"),
        ("../a", "../a"),
        ("#top", "#top"),
        ("https://example.com/x", "https://example.com/x"),
        ("http://10.0.0.1:80/x?y=1#z", f"https://api:6443{PREFIX}/x?y=1#z"),
        (PREFIX + "/a", PREFIX + "/a"),
        ("//cdn.example.com/x", "//cdn.example.com/x"),
    ],
)
def test_links_are_rewritten_where_they_are_ours(url: str, expected: str) -> None:
    assert Rewriter(prefix=PREFIX, host="api:6443", target="10.0.0.1:80").url(url) == expected


def test_every_link_of_a_tag_is_rewritten_and_nothing_else() -> None:
    rewriter = Rewriter(prefix="/p", host="api", target="t:80")
    page = b'<a href=\'/x\' data-k="v"><img src="/a.png?a=1&amp;b=2" longdesc=\'/d\'></a> text /x <p title="/t">\xff'
    assert rewriter.html(page) == (
        b'<a href=\'/p/x\' data-k="v"><img src="/p/a.png?a=1&amp;b=2" longdesc=\'/p/d\'></a> text /x <p title="/t">\xff'
    )


class TestPlaces:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("web", ("", "web", "")),
            ("web:80", ("", "web", "80")),
            ("https:web:443", ("https", "web", "443")),
            ("http:web:", ("http", "web", "")),
            (":web:80", ("", "web", "80")),
        ],
    )
    def test_names_are_split(self, text: str, expected: tuple[str, str, str]) -> None:
        name = split_name(text, "service")
        assert (name.scheme, name.name, name.port) == expected

    @pytest.mark.parametrize("text", ["ftp:web:80", "a:b:c:d", ":80"])
    def test_bad_names_are_refused(self, text: str) -> None:
        with pytest.raises(BadRequest, match="invalid service request"):
            split_name(text, "service")

    @pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "224.0.0.1", ""])
    def test_the_hosts_own_addresses_are_not_allowed(self, address: str) -> None:
        with pytest.raises(BadRequest, match="address not allowed"):
            check_address(address)

    def test_a_pods_first_port_is_the_default(self, world: Any) -> None:
        spec = {"containers": [{"ports": [{"containerPort": 8080}]}]}
        world.put(
            "",
            "pods",
            {"metadata": {"name": "p", "namespace": "ns"}, "spec": spec, "status": {"podIPs": [{"ip": "10.0.0.5"}]}},
        )
        assert pod_place(world, "ns", "p") == ("http", "10.0.0.5", 8080)
        assert pod_place(world, "ns", "https:p:8443") == ("https", "10.0.0.5", 8443)
        with pytest.raises(NotFound):
            pod_place(world, "ns", "q")

    @pytest.fixture
    def service(self, world: Any) -> Any:
        ports = [{"name": "http", "port": 80, "targetPort": 8080}, {"name": "admin", "port": 81}]
        world.put("", "services", {"metadata": {"name": "web", "namespace": "ns"}, "spec": {"ports": ports}})
        endpoints = [
            {"addresses": ["10.0.0.5"], "conditions": {"ready": True}},
            {"addresses": ["10.0.0.6"], "conditions": {"ready": False}},
        ]
        metadata = {"name": "web-x", "namespace": "ns", "labels": {"kubernetes.io/service-name": "web"}}
        slice_ports = [{"name": "http", "port": 8080}]
        world.put(
            "discovery.k8s.io", "endpointslices", {"metadata": metadata, "endpoints": endpoints, "ports": slice_ports}
        )
        return world

    @pytest.mark.parametrize("text", ["web:http", "web:80", "http:web:http"])
    def test_a_ready_endpoint_of_the_port_is_chosen(self, service: Any, text: str) -> None:
        assert service_place(service, "ns", text, random.Random(1)) == ("http", "10.0.0.5", 8080)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("web:nope", 'no service port "nope" found for service "web"'),
            ("web:admin", 'no endpoints available for service "web:admin"'),
        ],
    )
    def test_services_without_a_place(self, service: Any, text: str, message: str) -> None:
        with pytest.raises(ServiceUnavailable) as e:
            service_place(service, "ns", text, random.Random(1))
        assert e.value.message == message

    def test_kubelet_address_by_preference_and_its_port(self) -> None:
        addresses = [{"type": "Hostname", "address": "n1"}, {"type": "InternalIP", "address": "10.1.1.1"}]
        node = {"status": {"addresses": addresses, "daemonEndpoints": {"kubeletEndpoint": {"Port": 10350}}}}
        assert node_address(node, ("InternalIP", "Hostname")) == "10.1.1.1"
        assert kubelet_port(node) == 10350 and kubelet_port({}) == 10250
        with pytest.raises(InternalError, match="no preferred addresses found"):
            node_address(node, ("ExternalIP",))


# ---------------------------------------------------------------------------------------------------------------------
# the relay


class Wire:
    """A client's connection in memory: what the test sends and gets."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[bytes] = asyncio.Queue()
        self.received = bytearray()
        self.arrived = asyncio.Event()
        self.closed = asyncio.Event()
        self.may_drain = asyncio.Event()
        self.may_drain.set()

    async def read(self) -> bytes:
        return await self.sent.get()

    def write(self, data: bytes) -> None:
        self.received += data
        self.arrived.set()

    async def drain(self) -> None:
        await self.may_drain.wait()

    def close(self) -> None:
        self.closed.set()

    abort = close

    async def until(self, size: int) -> bytes:
        while len(self.received) < size:
            self.arrived.clear()
            await self.arrived.wait()
        return bytes(self.received)


class Body:
    def __init__(self, wire: Wire | None = None) -> None:
        self.wire = wire

    async def read_all(self, limit: int) -> bytes:
        return b""

    async def read_chunk(self) -> bytes:
        return b""

    def hijack(self) -> Any:
        return self.wire

    def abandonable(self) -> Any:
        return contextlib.nullcontext()


def make_request(
    method: str,
    target: str,
    headers: list[tuple[str, str]],
    *,
    peer: tuple[str, int] = ("", 0),
    wire: Wire | None = None,
) -> Request:
    return Request(method=method, target=target, headers=Headers(headers), body=Body(wire), peer=peer)


SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\n"


def relay_with(serve: Any, play: Any) -> Any:
    """Run `play(wire, tunnel_task)` against a backend that answers connections with `serve(reader, writer)`."""

    async def scenario() -> Any:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        wire = Wire()
        request = make_request("POST", "/x", [("connection", "Upgrade"), ("upgrade", "SPDY/3.1")], wire=wire)
        async with server, asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            backend = await Backend.connect("127.0.0.1", port, None)
            task = tasks.create_task(tunnel(request, backend, b"POST /exec HTTP/1.1\r\nupgrade: SPDY/3.1\r\n\r\n"))
            return await play(wire, task)

    return asyncio.run(scenario())


async def _switch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(SWITCH)


class TestRelay:
    def test_bytes_pass_both_ways_and_the_backends_end_ends_it(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _switch(reader, writer)
            writer.write(b"early")
            assert await reader.readexactly(4) == b"ping"
            writer.write(b"pong")
            writer.close()

        async def play(wire: Wire, task: Any) -> None:
            await wire.until(len(SWITCH) + 5)
            wire.sent.put_nowait(b"ping")
            assert await task is HIJACKED
            assert bytes(wire.received).endswith(b"\r\n\r\nearlypong") and wire.closed.is_set()

        relay_with(serve, play)

    def test_a_client_that_half_closes_still_gets_the_answer(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _switch(reader, writer)
            got = await reader.read()
            writer.write(b"you said " + got)
            writer.close()

        async def play(wire: Wire, task: Any) -> None:
            wire.sent.put_nowait(b"all")
            wire.sent.put_nowait(b"")
            await task
            assert bytes(wire.received).endswith(b"you said all")

        relay_with(serve, play)

    def test_a_slow_client_stops_the_backend(self) -> None:
        total = 64 << 20
        written = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal written
            await _switch(reader, writer)
            try:
                while written < total:
                    writer.write(b"x" * 65536)
                    await writer.drain()
                    written += 65536
            except ConnectionError:
                pass
            writer.close()

        async def play(wire: Wire, task: Any) -> None:
            wire.may_drain.clear()
            await wire.until(len(SWITCH) + 1)
            before = -1
            while before != written:  # until the backend no longer gets anything rid
                before = written
                for _ in range(200):
                    await asyncio.sleep(0)
            assert written < total and len(wire.received) < 1 << 20
            wire.may_drain.set()
            await task
            assert written == total and len(wire.received) == total + len(SWITCH)

        relay_with(serve, play)

    def test_a_backend_that_refuses_is_heard(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(
                b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n\r\ncontainer not found"
            )
            await writer.drain()
            writer.close()

        async def play(wire: Wire, task: Any) -> None:
            answer = await task
            assert isinstance(answer, Response)
            assert (answer.status, answer.body, answer.content_type) == (404, b"container not found", "text/plain")

        relay_with(serve, play)


class TestForward:
    def test_a_dead_backend_is_503_and_for_upgrades_500(self) -> None:
        async def dead_port() -> int:
            server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
            port = int(server.sockets[0].getsockname()[1])
            server.close()
            await server.wait_closed()
            return port

        async def scenario() -> None:
            target = Target(host="127.0.0.1", port=await dead_port(), path="/")
            with pytest.raises(
                ServiceUnavailable, match=r"error trying to reach service: dial tcp .*: connection refused"
            ):
                await forward(make_request("GET", "/", []), target, prefix="/p")
            upgrade = make_request("GET", "/", [("connection", "Upgrade"), ("upgrade", "websocket")])
            with pytest.raises(InternalError, match=r"error dialing backend: dial tcp .* connect: connection refused"):
                await forward(upgrade, target, prefix="/p")

        asyncio.run(scenario())

    def test_an_empty_path_is_redirected_to_a_slash(self) -> None:
        target = Target(host="127.0.0.1", port=1, path="")
        answer = asyncio.run(forward(make_request("GET", "/api/proxy?a=b", []), target, prefix="/api/proxy"))
        assert isinstance(answer, Response)
        assert (answer.status, answer.headers) == (301, [("Location", "/api/proxy/?a=b")])

    @pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "PATCH", "POST", "PUT"])
    def test_an_empty_path_is_the_targets_root_for_what_is_no_reading(self, method: str) -> None:
        seen: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await reader.readuntil(b"\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        async def scenario() -> None:
            async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
                target = Target(host="127.0.0.1", port=server.sockets[0].getsockname()[1], path="", query="a=b")
                answer = await forward(make_request(method, "/api/proxy?a=b", []), target, prefix="/api/proxy")
                assert answer.status == 200

        asyncio.run(scenario())
        assert seen == [f"{method} /?a=b HTTP/1.1\r\n".encode()]

    def test_garbage_is_not_taken_for_http(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
            writer.close()

        async def scenario() -> None:
            async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
                port = server.sockets[0].getsockname()[1]
                backend = await Backend.connect("127.0.0.1", port, None)
                await backend.send(b"GET / HTTP/1.1\r\n\r\n")
                with pytest.raises(BackendError, match="malformed HTTP response"):
                    await backend.read_head()
                backend.close()

        asyncio.run(scenario())
