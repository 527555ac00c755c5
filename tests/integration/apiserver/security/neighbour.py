"""A server beside the API server, of which that asks something: an issuer of tokens, a webhook."""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from kajitori.machinery import certificates


class Neighbour:
    """An HTTPS server whose answers a test gives: (method, path, body) → document."""

    def __init__(self, directory: Path, answer: Callable[[str, Any], Any]) -> None:
        self.ca = certificates.new_ca("neighbour-ca")
        serving = certificates.issue(self.ca, "localhost", sans=["localhost"], usages=["server"])
        (directory / "neighbour.crt").write_bytes(serving.cert_pem)
        (directory / "neighbour.key").write_bytes(serving.key_pem)
        (directory / "neighbour-ca.crt").write_bytes(self.ca.cert_pem)
        self.asked: list[tuple[str, Any]] = []
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                parsed = json.loads(body) if body else None
                asked.append((self.path, parsed))
                data = json.dumps(answer(self.path, parsed)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self) -> None:
                self.do_GET()

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "neighbour.crt", directory / "neighbour.key")
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def kubeconfig(self, path: Path) -> str:
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "hook",
                    "cluster": {
                        "server": f"{self.url}/hook",
                        "certificate-authority-data": base64.b64encode(self.ca.cert_pem).decode(),
                    },
                }
            ],
            "users": [{"name": "us", "user": {}}],
            "contexts": [{"name": "hook", "context": {"cluster": "hook", "user": "us"}}],
            "current-context": "hook",
        }
        path.write_text(yaml.safe_dump(document))
        return str(path)
