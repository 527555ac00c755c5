"""Forwarding one HTTP request to a backend and its answer back, with the headers a proxy must add, drop and rewrite.

`request_head` and `response_headers` are pure. The user's credentials never leave the API server.
May import: aiokit.http, proxying.backend, proxying.rewrite, proxying.upgrade.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from kajitori.aiokit.http.message import Answer, Headers, Request, Response, StreamResponse
from kajitori.apiserver.proxying.backend import Backend, BackendBody, BackendError, ResponseHead
from kajitori.apiserver.proxying.rewrite import Rewriter, is_html
from kajitori.apiserver.proxying.upgrade import tunnel, wants_upgrade
from kajitori.machinery.errors import InternalError, ServiceUnavailable

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_SECRET = frozenset({"authorization", "proxy-authorization"})
_HTML_LIMIT = 8 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a request goes. `path` starts with "/" (or is empty) and is already escaped."""

    host: str
    port: int
    path: str
    query: str = ""
    tls: ssl.SSLContext | None = None
    verify_name: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """To be added to the client's (who it is, for an aggregated API server)."""

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def authority(self) -> str:
        """Host and port as a URL has them; IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}" + (f"?{self.query}" if self.query else "")


async def forward(request: Request, target: Target, *, prefix: str) -> Answer:
    """Proxy the request to `target`; `prefix` is the API path that the target's root appears at."""
    is_upgrade = wants_upgrade(request.headers)
    if not target.path and not is_upgrade and request.method in ("GET", "HEAD"):
        query = f"?{request.raw_query}" if request.raw_query else ""
        location = ("Location", f"{request.raw_path}/{query}")
        return Response(b"", status=301, content_type="", headers=[location])
    rewriter = Rewriter(prefix=prefix, host=request.headers.get("host"), target=target.authority)
    try:
        backend = await Backend.connect(target.host, target.port, target.tls, verify_name=target.verify_name)
    except BackendError as e:
        if is_upgrade:
            raise InternalError.of(f"error dialing backend: {e}") from e
        raise ServiceUnavailable.of(f"error trying to reach service: {e}") from e
    head = request_head(request, target, uri=rewriter.uri(target.path), is_upgrade=is_upgrade)
    try:
        if is_upgrade:
            return await tunnel(request, backend, head)
        return await _exchange(request, backend, head, rewriter)
    except ConnectionError as e:
        backend.close()
        raise ServiceUnavailable.of(f"error trying to reach service: {e}") from e
    except BaseException:
        backend.close()
        raise


async def _exchange(request: Request, backend: Backend, head: bytes, rewriter: Rewriter) -> Answer:
    await backend.send(head)
    if request.headers.get("content-length"):
        async for chunk in request.chunks():
            await backend.send(chunk)
    elif "transfer-encoding" in request.headers:
        async for chunk in request.chunks():
            await backend.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        await backend.send(b"0\r\n\r\n")
    with request.abandonable():
        answer = await backend.read_head()
    headers = response_headers(answer, rewriter)
    content_type = answer.header("content-type")
    if is_html(content_type) and not answer.header("content-encoding") and request.method != "HEAD":
        page = await _whole(backend, answer)
        backend.close()
        return Response(rewriter.html(page), status=answer.status, content_type=content_type, headers=headers)
    length = answer.header("content-length")
    if request.method == "HEAD" or answer.status in (204, 304) or length == "0":
        backend.close()
        return Response(b"", status=answer.status, content_type=content_type, headers=headers)
    body = BackendBody(backend, answer)
    return StreamResponse(body, status=answer.status, content_type=content_type, headers=headers)


async def _whole(backend: Backend, answer: ResponseHead) -> bytes:
    body = bytearray()
    async for chunk in backend.body(answer):
        body += chunk
        if len(body) > _HTML_LIMIT:
            raise BackendError("the page is too large to rewrite its links")
    return bytes(body)


def request_head(request: Request, target: Target, *, uri: str, is_upgrade: bool) -> bytes:
    """The request line and headers to send on."""
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    lines = [f"{request.method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in forwarded(request.headers, is_upgrade=is_upgrade)]
    lines += [f"{name}: {value}" for name, value in target.headers]
    if "host" not in request.headers:
        lines.append(f"host: {target.authority}")
    client = request.peer[0]
    if client:
        before = request.headers.get("x-forwarded-for")
        lines.append(f"X-Forwarded-For: {before + ', ' if before else ''}{client}")
    if not is_upgrade:
        lines += [f"X-Forwarded-Uri: {uri}", "X-Forwarded-Proto: https", "Connection: close"]
        if host := request.headers.get("host"):
            lines.append(f"X-Forwarded-Host: {host}")
        if "transfer-encoding" in request.headers and not request.headers.get("content-length"):
            lines.append("Transfer-Encoding: chunked")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def forwarded(headers: Headers, *, is_upgrade: bool) -> list[tuple[str, str]]:
    """The client's headers, without its credentials, and without those meant for this connection only."""
    own = {name.strip().lower() for name in headers.get("connection").split(",") if name.strip()}
    wants_page = "text/html" in headers.get("accept")  # a page's links are rewritten: it has to come uncompressed
    out = []
    for name, value in headers.pairs:
        if wants_page and name == "accept-encoding":
            continue
        if name in _SECRET or name.startswith(("impersonate-", "x-remote-", "x-forwarded-")):
            continue
        if is_upgrade and name in ("connection", "upgrade"):
            out.append((name, value))
        elif name not in _HOP_BY_HOP and name not in own and name != "expect":
            if name == "sec-websocket-protocol":
                value = _without_token(value)
                if not value:
                    continue
            out.append((name, value))
    return out


def _without_token(protocols: str) -> str:
    """Browsers carry their bearer token as a subprotocol: it stays here."""
    kept = [
        p.strip() for p in protocols.split(",") if not p.strip().startswith("base64url.bearer.authorization.k8s.io.")
    ]
    return ", ".join(kept)


def response_headers(answer: ResponseHead, rewriter: Rewriter) -> list[tuple[str, str]]:
    """Hop-by-hop headers are dropped (RFC 9110, 7.6.1), redirects rewritten to stay under the proxy."""
    own = {name.strip().lower() for name in answer.header("connection").split(",") if name.strip()}
    out = []
    for name, value in answer.headers:
        lower = name.lower()
        if lower in _HOP_BY_HOP or lower in own or lower in ("content-length", "content-type", "date"):
            continue
        if lower in ("location", "content-location"):
            value = rewriter.url(value)
        out.append((name, value))
    return out
