"""Plain HTTPS to a server, as whoever a token or a certificate says: what no client library stands between."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kajitori.testing import ControlPlane


@dataclass
class Answer:
    """What came back; names of headers are in lower case."""

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

    def __init__(
        self, server: ControlPlane, *, token: str | None = None, cert: tuple[str | Path, str | Path] | None = None
    ) -> None:
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


def ask(
    server: ControlPlane,
    path: str,
    *,
    token: str | None = None,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: Any = None,
    client: tuple[Path, Path] | None = None,
) -> Answer:
    """One request. Without a token: the admin's; with "": nobody's; `client`: a certificate and its key."""
    asking = Api(server, token=server.admin_token if token is None else token, cert=client)
    return asking(method, path, body, headers=headers)
