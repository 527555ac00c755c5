"""An extension API server that serves weather forecasts, and what registers it with a server of ours."""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import threading
from pathlib import Path
from typing import Any

from kajitori.machinery import certificates
from kajitori.testing import ControlPlane

GROUP_VERSION = "weather.example.com/v1"


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
