"""A kubelet-like TLS server that echoes what it is sent, and the node and Pod that it is the kubelet of."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from tests.integration.apiserver.plainhttps import Api

from kajitori.testing.controlplane import ControlPlane

NODE, POD = "n1", "web"


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
