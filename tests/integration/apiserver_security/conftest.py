"""A real API server, the real kubectl, and a kubelet-like TLS server that echoes what it is sent."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from kajitori.testing.controlplane import ControlPlane

NODE, POD = "n1", "web"


@pytest.fixture(scope="session")
def server() -> Iterator[ControlPlane]:
    options = {"authorization_mode": ("Node", "RBAC"), "enable_admission_plugins": ("NodeRestriction",)}
    with ControlPlane(enable_bootstrap_token_auth=True, **options) as control_plane:
        yield control_plane


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json.get("message", ""))


class Api:
    """Plain HTTPS to the server, as whoever the token or certificate says."""

    def __init__(self, server: ControlPlane, *, token: str | None = None, cert: tuple[str, str] | None = None) -> None:
        self.server, self.token = server, token
        self.tls = ssl.create_default_context(cafile=str(server.ca_file))
        if cert:
            self.tls.load_cert_chain(*cert)

    def connection(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self.server.port, context=self.tls, timeout=20)

    def __call__(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Answer:
        connection = self.connection()
        sent = {"content-type": "application/json", **(headers or {})}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            return Answer(response.status, response.read(), {k.lower(): v for k, v in response.getheaders()})
        finally:
            connection.close()


@pytest.fixture(scope="session")
def admin(server: ControlPlane) -> Api:
    return Api(server, token=server.admin_token)


@pytest.fixture(scope="session")
def kubectl(server: ControlPlane) -> Any:
    program = os.environ.get("KUBECTL") or "/tmp/peers/layer/kubectl/kubectl"
    if not os.path.exists(program):  # noqa: PTH110 (one path, once)
        program = shutil.which("kubectl-upstream") or pytest.skip("needs upstream's kubectl (KUBECTL=path)")

    def run(*args: str, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [program, "--kubeconfig", str(server.kubeconfig), *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, input=stdin, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


# ---------------------------------------------------------------------------------------------------------------------
# the kubelet


@dataclass
class Kubelet:
    """Serves logs, echoes after upgrades, shows what it was asked."""

    port: int = 0
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    peer_names: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)
    abandoned: threading.Event = field(default_factory=threading.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            path = head[0].split(" ")[1]
            self.requests.append((path, headers))
            certificate = writer.get_extra_info("peercert") or {}
            self.peer_names.append(str(certificate.get("subject", "")))
            if "upgrade" in headers:
                await self._upgraded(path, headers, reader, writer)
            else:
                await self._plain(path, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _upgraded(
        self, path: str, headers: dict[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if "/refused?" in path:
            writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 7\r\n\r\nno such")
            await writer.drain()
            return
        writer.write(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: {headers['upgrade']}\r\nConnection: Upgrade\r\n\r\n".encode()
        )
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    async def _plain(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(path)
        if parts.path.endswith("/silent"):
            self.waiting.set()
            await reader.read()
            self.abandoned.set()
            return
        if parts.path.startswith("/containerLogs/"):
            if parts.path.endswith("/waiting"):
                text = b'container "waiting" in pod "web" is waiting to start: ContainerCreating'
                writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
                return
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nline 1\n\r\n")
            await writer.drain()
            if "follow=true" in parts.query:
                await asyncio.to_thread(self.released.wait, 20)
            writer.write(b"7\r\nline 2\n\r\n0\r\n\r\n")
            return
        if parts.path == "/broken":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
            return
        page = b"<html><a href='/next'>next</a></html>" if parts.path == "/" else f"you asked {path}".encode()
        kind = b"text/html" if parts.path == "/" else b"text/plain"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(page), page))


@pytest.fixture(scope="session")
def kubelet(server: ControlPlane, admin: Api) -> Iterator[Kubelet]:
    """A node `n1` with pod `web` whose kubelet (TLS) it is."""
    pki = server.data_dir / "pki"
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(server.ca_file))
    tls.load_cert_chain(pki / "apiserver.crt", pki / "apiserver.key")
    tls.verify_mode = ssl.CERT_OPTIONAL
    made, started, loop = Kubelet(), threading.Event(), asyncio.new_event_loop()

    async def run() -> None:
        listening = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
        made.port = listening.sockets[0].getsockname()[1]
        started.set()
        async with listening:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                listening.close()

    main = loop.create_task(run())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([main])), daemon=True)
    thread.start()
    assert started.wait(10)
    _register(admin, made.port)
    yield made
    made.released.set()
    loop.call_soon_threadsafe(main.cancel)
    thread.join(10)


def _register(admin: Api, port: int) -> None:
    assert admin("POST", "/api/v1/nodes", {"metadata": {"name": NODE}}).status == 201
    status = {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
    }
    patch = {"content-type": "application/merge-patch+json"}
    answer = admin("PATCH", f"/api/v1/nodes/{NODE}/status", {"status": status}, headers=patch)
    assert answer.status == 200, answer.body
    admin("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    containers = [{"name": n, "image": "i"} for n in ("main", "waiting", "refused", "silent")]
    spec = {"nodeName": NODE, "containers": containers}
    answer = admin("POST", "/api/v1/namespaces/default/pods", {"metadata": {"name": POD}, "spec": spec})
    assert answer.status == 201, answer.body
