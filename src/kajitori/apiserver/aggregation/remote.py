"""Talking to extension API servers: who we are (the front proxy's certificate), for whom we speak (headers), whom we
trust (the APIService's CA bundle). `get` is for our own questions: discovery, OpenAPI, health.

May import: config, deps, user, proxying.backend, aggregation.resolve.
"""

from __future__ import annotations

import asyncio
import base64
import random
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kajitori.apiserver.aggregation.resolve import address_of, server_name
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.proxying.backend import Backend, BackendError
from kajitori.apiserver.user import SYSTEM_MASTERS, UserInfo
from kajitori.machinery.errors import StatusError

Object = dict[str, Any]
TIMEOUT_S = 5.0
BODY_LIMIT = 32 << 20
OURSELVES = UserInfo("system:kube-aggregator", groups=(SYSTEM_MASTERS,))


class RemoteError(Exception):
    """The extension server did not answer; the text reads as Go's."""


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """An answer to a question of our own, whole."""

    status: int
    content_type: str
    body: bytes
    url: str


class Remotes:
    """One per server; keeps one TLS context for each way of trusting."""

    def __init__(self, config: ServerConfig, reader: Reader) -> None:
        self._config, self._reader = config, reader
        self._rng = random.Random()
        self._contexts: LRU[tuple[str, bool], ssl.SSLContext] = LRU(64)

    def address(self, service: Object) -> tuple[str, int]:
        """Raises StatusError."""
        return address_of(self._reader, service["spec"]["service"], self._rng)

    def server_name(self, service: Object) -> str:
        """What the server's certificate must be for."""
        return server_name(service["spec"]["service"])

    def tls(self, service: Object) -> ssl.SSLContext:
        """Raises ValueError, ssl.SSLError or OSError for certificates that cannot be used."""
        spec = service["spec"]
        key = (spec.get("caBundle") or "", bool(spec.get("insecureSkipTLSVerify")))
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = self._make(*key)
        return context

    def _make(self, bundle: str, insecure: bool) -> ssl.SSLContext:
        if insecure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        elif bundle:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=base64.b64decode(bundle).decode())
        else:
            context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._config.proxy_client_cert_file:
            context.load_cert_chain(self._config.proxy_client_cert_file, self._config.proxy_client_key_file or None)
        return context

    async def get(self, service: Object, path: str, *, accept: str = "application/json") -> RemoteAnswer:
        """GET as system:kube-aggregator. Raises RemoteError."""
        try:
            host, port = self.address(service)
        except StatusError as error:
            raise RemoteError(error.message) from error
        url = f"https://{f'[{host}]' if ':' in host else host}:{port}{path}"
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._exchange(service, host, port, path, accept, url)
        except TimeoutError as error:
            raise RemoteError(f'Get "{url}": context deadline exceeded') from error
        except (OSError, ValueError) as error:
            raise RemoteError(f'Get "{url}": {error}') from error

    async def _exchange(self, service: Object, host: str, port: int, path: str, accept: str, url: str) -> RemoteAnswer:
        backend = await Backend.connect(host, port, self.tls(service), verify_name=self.server_name(service))
        try:
            lines = [f"GET {path} HTTP/1.1", f"Host: {self.server_name(service)}:{port}", f"Accept: {accept}"]
            lines += [f"{name}: {value}" for name, value in identity_headers(OURSELVES)]
            await backend.send(("\r\n".join([*lines, "Connection: close", "", ""])).encode("latin-1"))
            head = await backend.read_head()
            body = bytearray()
            async for chunk in backend.body(head):
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise BackendError("the answer is too large")
            return RemoteAnswer(head.status, head.header("content-type"), bytes(body), url)
        finally:
            backend.close()


def identity_headers(user: UserInfo) -> list[tuple[str, str]]:
    """The user in the front proxy's headers."""
    headers = [("X-Remote-User", _safe(user.name))]
    if user.uid:
        headers.append(("X-Remote-Uid", _safe(user.uid)))
    headers += [("X-Remote-Group", _safe(group)) for group in user.groups]
    for key, values in user.extra.items():
        headers += [(f"X-Remote-Extra-{quote(key, safe=_TOKEN)}", _safe(value)) for value in values]
    return headers


_TOKEN = "!#$&'*+-.^_`|~"  # noqa: S105 - HTTP's "token": characters of a header's name


def _safe(value: str) -> str:
    """A header's value: no line ends, whatever a name may contain; other than Latin text goes as UTF-8's bytes."""
    return value.replace("\r", " ").replace("\n", " ").encode().decode("latin-1")
