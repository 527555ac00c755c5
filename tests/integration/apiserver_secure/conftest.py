"""What the security tests stand on: servers with options of their own, real kubectl, an extension API server."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests import peers

from kajitori.machinery import certificates
from kajitori.testing import ControlPlane

GROUP_VERSION = "weather.example.com/v1"


class SecureKubectl:
    """Runs kubectl against one server."""

    def __init__(self, binary: str, kubeconfig: Path, home: Path) -> None:
        self.binary, self.kubeconfig, self.home = binary, kubeconfig, home

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.binary, "--kubeconfig", str(self.kubeconfig), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin"},
        )

    def ok(self, *arguments: str, stdin: str = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, *arguments: str, stdin: str = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def create(self, *objects: Any) -> None:
        for obj in objects:
            self.ok("create", "-f", "-", stdin=json.dumps(obj))

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "-o", "json"))


@pytest.fixture(scope="session")
def secure_kubectl_binary() -> str:
    return peers.find("kubectl")


@pytest.fixture
def kubectl_for(secure_kubectl_binary: str, tmp_path: Path) -> Callable[[ControlPlane], SecureKubectl]:
    return lambda server: SecureKubectl(secure_kubectl_binary, server.kubeconfig, tmp_path)


def eventually(check: Callable[[], Any], what: str, timeout_s: float = 20.0) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while time.monotonic() < deadline:
        if found := check():
            return found
        pause.wait(0.05)
    raise AssertionError(f"{what} did not come true within {timeout_s} s")


@pytest.fixture
def wait_for() -> Callable[..., Any]:
    return eventually


class Asked(NamedTuple):
    """An answer over plain HTTPS."""

    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask_server(
    server: ControlPlane,
    path: str,
    *,
    token: str | None = None,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: Any = None,
    client: tuple[Path, Path] | None = None,
) -> Asked:
    """One request. Without a token: the admin's; with "": nobody's; `client`: a certificate and its key."""
    context = ssl.create_default_context(cafile=str(server.ca_file))
    if client:
        context.load_cert_chain(*client)
    given = {} if token == "" else {"Authorization": f"Bearer {token or server.admin_token}"}
    data = None if body is None else json.dumps(body).encode()
    sent = {**given, "Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(server.url + path, method=method, headers=sent, data=data)
    try:
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return Asked(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Asked(error.code, error.headers, error.read())


@pytest.fixture
def ask() -> Callable[..., Asked]:
    return ask_server


class ExtensionServer:
    """An extension API server over HTTPS that accepts the front proxy's certificate only and remembers its callers."""

    def __init__(self, directory: Path, front_proxy_ca: bytes) -> None:
        self.seen: list[dict[str, list[str]]] = []
        self.healthy = True
        self.ca = certificates.new_ca("extension-ca")
        serving = certificates.issue(self.ca, "api", sans=["api.default.svc"], usages=["server"])
        (directory / "extension.crt").write_bytes(serving.cert_pem)
        (directory / "extension.key").write_bytes(serving.key_pem)
        (directory / "front-proxy-ca.crt").write_bytes(front_proxy_ca)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "extension.crt", directory / "extension.key")
        context.load_verify_locations(directory / "front-proxy-ca.crt")
        context.verify_mode = ssl.CERT_REQUIRED
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def ca_bundle(self) -> str:
        return base64.b64encode(self.ca.cert_pem).decode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        extension = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                extension.answer(self)

            do_POST = do_GET  # noqa: N815 - http.server's name

        return Handler

    def answer(self, call: http.server.BaseHTTPRequestHandler) -> None:
        headers: dict[str, list[str]] = {}
        for name, value in call.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        headers[":path"] = [call.path]
        self.seen.append(headers)
        path, _, query = call.path.partition("?")
        if not self.healthy:
            self._send(call, 500, {"kind": "Status", "status": "Failure", "code": 500})
        elif call.headers.get("upgrade"):
            self._echo(call)
        elif "watch=true" in query or "watch=1" in query:
            self._watch(call)
        elif (document := DOCUMENTS.get(path)) is not None:
            self._send(call, 200, document)
        else:
            self._send(call, 404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})

    def _send(self, call: http.server.BaseHTTPRequestHandler, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        call.send_response(status)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body)

    def _watch(self, call: http.server.BaseHTTPRequestHandler) -> None:
        call.send_response(200)
        call.send_header("Content-Type", "application/json")
        call.send_header("Transfer-Encoding", "chunked")
        call.end_headers()
        for name in ("sunny", "rainy"):
            line = json.dumps({"type": "ADDED", "object": forecast(name)}).encode() + b"\n"
            call.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
            call.wfile.flush()
        call.wfile.write(b"0\r\n\r\n")

    def _echo(self, call: http.server.BaseHTTPRequestHandler) -> None:
        call.send_response(101)
        call.send_header("Connection", "Upgrade")
        call.send_header("Upgrade", call.headers["upgrade"])
        call.end_headers()
        call.wfile.write(call.rfile.read(4).upper())
        call.close_connection = True


def forecast(name: str) -> dict[str, Any]:
    return {"apiVersion": GROUP_VERSION, "kind": "Forecast", "metadata": {"name": name, "namespace": "default"}}


DOCUMENTS: dict[str, Any] = {
    "/apis/weather.example.com/v1": {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": GROUP_VERSION,
        "resources": [
            {
                "name": "forecasts",
                "singularName": "forecast",
                "namespaced": True,
                "kind": "Forecast",
                "verbs": ["get", "list", "watch"],
                "shortNames": ["fc"],
            }
        ],
    },
    "/apis/weather.example.com/v1/namespaces/default/forecasts": {
        "apiVersion": GROUP_VERSION,
        "kind": "ForecastList",
        "metadata": {"resourceVersion": "1"},
        "items": [forecast("sunny")],
    },
    "/openapi/v3": {
        "paths": {
            "apis/weather.example.com/v1": {"serverRelativeURL": "/openapi/v3/apis/weather.example.com/v1?hash=1"}
        }
    },
    "/openapi/v3/apis/weather.example.com/v1": {
        "openapi": "3.0.0",
        "info": {"title": "weather"},
        "paths": {},
        "components": {"schemas": {"com.example.weather.v1.Forecast": {"type": "object", "description": "The sky."}}},
    },
    "/openapi/v2": {
        "swagger": "2.0",
        "paths": {"/apis/weather.example.com/v1/": {"get": {}}, "/version": {"get": {}}},
        "definitions": {"com.example.weather.v1.Forecast": {"type": "object"}},
    },
}


class Aggregated:
    """A server of ours and an extension server behind it."""

    def __init__(self, control_plane: ControlPlane, extension: ExtensionServer) -> None:
        self.control_plane, self.extension = control_plane, extension

    def service(self) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "api", "namespace": "default"},
            "spec": {"type": "ExternalName", "externalName": "localhost"},
        }

    def api_service(self) -> dict[str, Any]:
        return {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1.weather.example.com"},
            "spec": {
                "group": "weather.example.com",
                "version": "v1",
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "caBundle": self.extension.ca_bundle,
                "service": {"name": "api", "namespace": "default", "port": self.extension.port},
            },
        }


@pytest.fixture
def aggregated(tmp_path: Path) -> Iterator[Aggregated]:
    ca = certificates.new_ca("front-proxy-ca")
    client = certificates.issue(ca, "front-proxy-client")
    (tmp_path / "proxy.crt").write_bytes(client.cert_pem)
    (tmp_path / "proxy.key").write_bytes(client.key_pem)
    extension = ExtensionServer(tmp_path, ca.cert_pem)
    with (
        contextlib.closing(extension),
        ControlPlane(
            proxy_client_cert_file=str(tmp_path / "proxy.crt"), proxy_client_key_file=str(tmp_path / "proxy.key")
        ) as control_plane,
    ):
        yield Aggregated(control_plane, extension)
