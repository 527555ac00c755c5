"""Logs, upgrades and proxies through a real API server to a kubelet-like server."""

from __future__ import annotations

import contextlib
import http.client
import os
import select
import ssl
import time
from base64 import b64decode
from typing import Any

import pytest
from tests.integration.commandline import Kubectl

from kajitori.client.streams import websocket

pytestmark = pytest.mark.integration
PODS = "/api/v1/namespaces/default/pods"


class TestLogs:
    def test_log_is_the_kubelets_text(self, admin: Any, kubelet: Any) -> None:
        answer = admin("GET", f"{PODS}/web/log?container=main&tailLines=5&timestamps=true")
        assert (answer.status, answer.body) == (200, b"line 1\nline 2\n")
        assert kubelet.requests[-1][0] == "/containerLogs/default/web/main?timestamps=true&tailLines=5"

    def test_follow_sends_lines_as_they_come(self, admin: Any, kubelet: Any) -> None:
        kubelet.released.clear()
        connection = admin.connection()
        connection.request(
            "GET", f"{PODS}/web/log?container=main&follow=true", headers={"authorization": f"Bearer {admin.token}"}
        )
        response = connection.getresponse()
        assert response.read1(100) == b"line 1\n"
        kubelet.released.set()
        assert response.read() == b"line 2\n"
        connection.close()

    @pytest.mark.parametrize(
        ("protocol", "opcode", "decode"), [("binary.k8s.io", 2, bytes), ("base64.binary.k8s.io", 1, b64decode)]
    )
    def test_a_websocket_gets_the_log_in_messages(
        self, admin: Any, kubelet: Any, protocol: str, opcode: int, decode: Any
    ) -> None:
        connection = admin.connection()
        headers = {**websocket.client_headers([protocol]), "authorization": f"Bearer {admin.token}"}
        connection.request("GET", f"{PODS}/web/log?container=main&tailLines=5&timestamps=true", headers=headers)
        assert f"Sec-WebSocket-Protocol: {protocol}".encode() in read_head(connection.sock)
        frames, found = websocket.FrameBuffer(expect_mask=False), []
        while not found or found[-1][1] != websocket.CLOSE:
            frames.feed(connection.sock.recv(100))
            while (frame := frames.next()) is not None:
                found.append(frame)
        assert {frame[1] for frame in found[:-1]} == {opcode}
        assert b"".join(decode(frame[2]) for frame in found[:-1]) == b"line 1\nline 2\n"
        connection.close()

    def test_what_the_kubelet_says_is_the_message(self, admin: Any, kubelet: Any) -> None:
        answer = admin("GET", f"{PODS}/web/log?container=waiting")
        assert (answer.status, answer.message) == (
            400,
            'container "waiting" in pod "web" is waiting to start: ContainerCreating',
        )

    def test_kubectl_names_the_containers_to_choose_from(self, kubectl: Kubectl, kubelet: Any) -> None:
        done = kubectl.run("logs", "web", "-c", "nope")
        assert done.stderr == "error: container nope is not valid for pod web\n"
        assert kubectl.ok("logs", "web", "-c", "main") == "line 1\nline 2\n"

    def test_our_credentials_do_not_reach_the_kubelet_but_our_certificate_does(self, admin: Any, kubelet: Any) -> None:
        admin("GET", f"{PODS}/web/log?container=main")
        assert "authorization" not in kubelet.requests[-1][1]


@pytest.mark.parametrize("path", [f"{PODS}/web/log?container=silent&follow=true", "/api/v1/nodes/n1/proxy/silent"])
def test_a_client_that_gives_up_frees_the_kubelet(admin: Any, kubelet: Any, path: str) -> None:
    kubelet.waiting.clear()
    kubelet.abandoned.clear()
    connection = admin.connection()
    connection.request("GET", path, headers={"authorization": f"Bearer {admin.token}"})
    assert kubelet.waiting.wait(20)
    connection.close()
    assert kubelet.abandoned.wait(20)


def test_a_body_that_breaks_off_is_not_taken_for_whole(admin: Any, kubelet: Any) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        admin("GET", "/api/v1/nodes/n1/proxy/broken")


class TestUpgrades:
    def switch(self, admin: Any, path: str, method: str = "POST", protocol: str = "SPDY/3.1") -> Any:
        connection = admin.connection()
        headers = {"connection": "Upgrade", "upgrade": protocol, "authorization": f"Bearer {admin.token}"}
        connection.request(method, path, headers=headers)
        return connection, connection.sock

    @pytest.mark.parametrize(
        ("path", "asked"),
        [
            (
                "exec?container=main&command=sh&command=-c&command=a%20b&stdin=true&stdout=true",
                "/exec/default/web/main?input=1&output=1&command=sh&command=-c&command=a+b",
            ),
            ("attach?container=main&stdout=true&tty=true", "/attach/default/web/main?output=1&tty=1"),
            ("portforward?ports=80&ports=81", "/portForward/default/web?port=80&port=81"),
        ],
    )
    @pytest.mark.parametrize(("method", "protocol"), [("POST", "SPDY/3.1"), ("GET", "websocket")])
    def test_bytes_pass_both_ways(
        self, admin: Any, kubelet: Any, path: str, asked: str, method: str, protocol: str
    ) -> None:
        connection, sock = self.switch(admin, f"{PODS}/web/{path}", method, protocol)
        head = read_head(sock)
        assert (
            head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n") and f"Upgrade: {protocol.lower()}".encode() in head
        )
        assert kubelet.requests[-1][0] == asked
        sock.sendall(b"hello")
        assert sock.recv(5) == b"hello"
        connection.close()

    def test_thirty_two_megabytes_come_back_whole(self, admin: Any, kubelet: Any) -> None:
        connection, sock = self.switch(admin, f"{PODS}/web/exec?container=main&command=cat&stdin=true")
        read_head(sock)
        data, back = os.urandom(1 << 20) * 32, bytearray()
        sock.setblocking(False)  # one thread for both directions: OpenSSL has no two threads in one connection
        deadline, sent = time.monotonic() + 60, 0
        while len(back) < len(data):
            assert time.monotonic() < deadline, f"{sent} bytes went in, {len(back)} came back"
            select.select([sock], [sock] if sent < len(data) else [], [], 1)
            with contextlib.suppress(ssl.SSLWantWriteError, ssl.SSLWantReadError):
                while sent < len(data):
                    sent += sock.send(memoryview(data)[sent : sent + (1 << 16)])
            with contextlib.suppress(ssl.SSLWantReadError):
                while piece := sock.recv(1 << 20):
                    back += piece
        assert back == data
        connection.close()

    def test_a_request_without_upgrade_is_told_so(self, admin: Any, kubelet: Any) -> None:
        answer = admin("POST", f"{PODS}/web/exec?container=main&command=ls")
        assert (answer.status, answer.message) == (400, "Upgrade request required")

    def test_a_refusal_of_the_kubelet_is_passed_on(self, admin: Any, kubelet: Any) -> None:
        connection, _ = self.switch(admin, f"{PODS}/web/exec?container=refused&command=ls")
        response = connection.getresponse()
        assert (response.status, response.read()) == (500, b"no such")
        connection.close()

    def test_a_pod_without_node_has_no_host(self, admin: Any, kubelet: Any) -> None:
        spec = {"containers": [{"name": "c", "image": "i"}]}
        assert admin("POST", PODS, {"metadata": {"name": "homeless"}, "spec": spec}).status == 201
        headers = {"connection": "Upgrade", "upgrade": "SPDY/3.1"}
        answer = admin("POST", f"{PODS}/homeless/exec?command=ls", headers=headers)
        assert (answer.status, answer.message) == (400, "pod homeless does not have a host assigned")


class TestProxies:
    def test_nodes_proxy_reaches_the_kubelet(self, admin: Any, kubelet: Any) -> None:
        answer = admin("GET", "/api/v1/nodes/n1/proxy/stats/summary?only=cpu")
        assert answer.body == b"you asked /stats/summary?only=cpu"

    def test_pages_are_rewritten_to_stay_under_the_proxy(self, admin: Any, kubelet: Any) -> None:
        answer = admin("GET", "/api/v1/nodes/n1/proxy/")
        assert answer.body == b"<html><a href='/api/v1/nodes/n1/proxy/next'>next</a></html>"

    def test_services_proxy_reaches_a_ready_endpoint(self, admin: Any, kubelet: Any, monkeypatch: Any) -> None:
        from kajitori.apiserver.proxying import places_proxy

        monkeypatch.setattr(places_proxy, "check_address", lambda address: None)
        service = {"metadata": {"name": "s"}, "spec": {"ports": [{"name": "https", "port": 443}]}}
        assert admin("POST", "/api/v1/namespaces/default/services", service).status == 201
        endpoint_slice = {
            "metadata": {"name": "s-1", "labels": {"kubernetes.io/service-name": "s"}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}],
            "ports": [{"name": "https", "port": kubelet.port}],
        }
        path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
        answer = admin("POST", path, endpoint_slice)
        if answer.status == 201:
            answer = admin("GET", "/api/v1/namespaces/default/services/https:s:https/proxy/hello")
            assert answer.body == b"you asked /hello", answer.body
        else:  # loopback endpoints are refused by validation: the rule itself is a unit test
            assert answer.status == 422

    def test_the_servers_own_host_is_not_reachable_by_proxy(self, admin: Any, kubelet: Any) -> None:
        answer = admin("GET", "/api/v1/nodes/n1:22/proxy/")
        assert (answer.status, answer.message) == (400, "address not allowed")


def read_head(sock: Any) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    return head
