"""A real API server, the real kubectl, and webhook servers of our own over TLS."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.integration.apiserver.controllersbeside import controllers_beside
from tests.integration.commandline import Kubectl, new_namespace

from kajitori.machinery import certificates
from kajitori.testing.controlplane import ControlPlane

Object = dict[str, Any]
Answer = Callable[[Object], Object]


class WebhookServer:
    """Answers AdmissionReviews over TLS; `answers` maps paths to functions of the review's request."""

    def __init__(self, folder: Path, *, sans: tuple[str, ...] = ("127.0.0.1", "localhost")) -> None:
        ca = certificates.new_ca("webhook-ca")
        pair = certificates.issue(ca, "webhook", sans=sans, usages=("server",))
        self.ca_bundle = base64.b64encode(ca.cert_pem).decode()
        folder.mkdir(parents=True, exist_ok=True)
        cert = folder / "webhook.pem"
        cert.write_bytes(pair.cert_pem + pair.key_pem)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(cert)
        tls.sni_callback = lambda _socket, name, _context: self.server_names.append(name or "")
        self.answers: dict[str, Answer] = {}
        self.requests: list[Object] = []
        self.paths: list[str] = []
        self.hosts: list[str] = []
        self.server_names: list[str] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_POST(self) -> None:
                review = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.requests.append(review["request"])
                outer.paths.append(self.path)
                outer.hosts.append(self.headers["host"])
                answer = outer.answers[self.path.partition("?")[0]](review["request"])
                status = answer.pop("_status", 200)
                body = json.dumps(
                    {
                        "apiVersion": "admission.k8s.io/v1",
                        "kind": "AdmissionReview",
                        "response": {"uid": review["request"]["uid"], **answer},
                    }
                ).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, path: str) -> str:
        return f"https://127.0.0.1:{self.port}{path}"

    def forget(self) -> None:
        for seen in (self.requests, self.paths, self.hosts, self.server_names, self.answers):
            seen.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def patch(*operations: Object) -> Object:
    """An answer that allows and patches."""
    encoded = base64.b64encode(json.dumps(list(operations)).encode()).decode()
    return {"allowed": True, "patchType": "JSONPatch", "patch": encoded}


def set_label(key: str, value: str) -> Answer:
    """An answer that adds a label."""

    def answer(request: Object) -> Object:
        labels = {**(request["object"]["metadata"].get("labels") or {}), key: value}
        return patch({"op": "add", "path": "/metadata/labels", "value": labels})

    return answer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane(data_dir=tmp_path_factory.mktemp("admission")) as control_plane:
        yield control_plane


@pytest.fixture
def kubectl(server: ControlPlane, kubectl_binary: str, request: pytest.FixtureRequest) -> Iterator[Kubectl]:
    """kubectl as the admin, in a namespace of this test's own; what admission is told to do is forgotten afterwards."""
    admin = Kubectl(kubectl_binary, server.kubeconfig, server.data_dir)
    made = Kubectl(kubectl_binary, server.kubeconfig, server.data_dir, new_namespace(admin, request.node.name))
    yield made
    for kind in ("mutatingwebhookconfiguration", "validatingwebhookconfiguration"):
        made.ok("delete", kind, "--all")
    for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
        made.ok("delete", kind, "--all")


@pytest.fixture(scope="session")
def webhook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebhookServer]:
    made = WebhookServer(tmp_path_factory.mktemp("webhook"), sans=("127.0.0.1", "localhost", "hook.default.svc"))
    yield made
    made.close()


@pytest.fixture
def hooks(webhook_server: WebhookServer) -> WebhookServer:
    """The webhook server, having seen nothing yet."""
    webhook_server.forget()
    return webhook_server


def webhook(hooks: WebhookServer, path: str, name: str = "check.example.com", **over: Any) -> Object:
    """A webhook for ConfigMaps, unless told otherwise."""
    rule = {
        "operations": over.pop("operations", ["CREATE", "UPDATE"]),
        "apiGroups": over.pop("groups", [""]),
        "apiVersions": over.pop("versions", ["v1"]),
        "resources": over.pop("resources", ["configmaps"]),
    }
    return {
        "name": name,
        "clientConfig": {"url": hooks.url(path), "caBundle": hooks.ca_bundle},
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **over,
    }


def configuration(kind: str, name: str, *webhooks: Object) -> Object:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": f"{kind}WebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": list(webhooks),
    }


@pytest.fixture(scope="session")
def controllers(server: ControlPlane) -> Iterator[None]:
    """What gives back quota and checks the types of policies."""
    with controllers_beside(server, "resourcequota-controller", "validatingadmissionpolicy-status-controller"):
        yield
