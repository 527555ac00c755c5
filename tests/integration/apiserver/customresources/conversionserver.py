"""A conversion webhook: an HTTPS server in a thread of the test."""

import base64
import http.server
import json
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kajitori.machinery.certificates import issue, new_ca

Object = dict[str, Any]


class Webhook:
    """Answers ConversionReviews with `answer`; counts what it was asked."""

    def __init__(self, directory: Path, answer: Callable[[Object, str], Object]) -> None:
        self.asked: list[Object] = []
        self.answer = answer
        self.result: Object = {"status": "Success"}
        ca = new_ca("webhook-ca")
        pair = issue(ca, "127.0.0.1", sans=["127.0.0.1", "hook.default.svc"], usages=["server"], days=1)
        (directory / "tls.crt").write_bytes(pair.cert_pem)
        (directory / "tls.key").write_bytes(pair.key_pem)
        self.ca_bundle = base64.b64encode(ca.cert_pem).decode()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "tls.crt", directory / "tls.key")
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        webhook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                data = json.dumps(webhook.respond(body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def respond(self, body: Object) -> Object:
        request = body["request"]
        self.asked.append(request)
        made = [self.answer(obj, request["desiredAPIVersion"]) for obj in request["objects"]]
        response = {"uid": request["uid"], "result": self.result, "convertedObjects": made}
        return {"apiVersion": body["apiVersion"], "kind": body["kind"], "response": response}

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/convert"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
