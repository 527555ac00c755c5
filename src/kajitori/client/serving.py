"""HTTPS of a component (scheduler, controller manager): its certificate, and who may see more than its health.

Health paths are open to everybody, as upstream. Any other path needs a bearer token that the API server knows
(TokenReview) and a "get" on that path (SubjectAccessReview); answers are remembered for ten seconds.
May import: client.rest, aiokit, the standard library.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import ssl
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import orjson

from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.routes import Handler
from kajitori.aiokit.logs import describe, get_logger
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import StatusError

log = get_logger(__name__)
REMEMBER_S = 10.0
MAX_REMEMBERED = 1000
_MAKE = (
    "import sys; from kajitori.machinery import certificates as c; ca = c.new_ca(sys.argv[1]);"
    "p = c.issue(ca, sys.argv[1], sans=[sys.argv[1], 'localhost', '127.0.0.1'], usages=['server']);"
    "open(sys.argv[2], 'wb').write(p.cert_pem); open(sys.argv[3], 'wb').write(p.key_pem)"
)


async def tls_context(cert_file: str, key_file: str, *, name: str) -> ssl.SSLContext:
    """The server's side of TLS; without files, with a certificate made for this process alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if cert_file:
        context.load_cert_chain(cert_file, key_file or None)
        return context
    with tempfile.TemporaryDirectory(prefix="kajitori-") as folder:
        cert, key = str(Path(folder) / "tls.crt"), str(Path(folder) / "tls.key")
        await _self_signed(name, cert, key)
        context.load_cert_chain(cert, key)
    return context


async def _self_signed(name: str, cert: str, key: str) -> None:
    """In a process of its own: the library for it would stay in our memory for good."""
    if shutil.which("openssl"):
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        names = f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1"
        rest = ["-days", "365", "-subj", f"/CN={name}", "-addext", names, "-keyout", key, "-out", cert]
        argv = ["openssl", "req", "-x509", *curve, *rest]
    else:
        argv = [sys.executable, "-c", _MAKE, name, cert, key]
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, problem = await process.communicate()
    if process.returncode:
        raise OSError(f"cannot make a certificate: {problem.decode(errors='replace').strip()}")
    with contextlib.suppress(OSError):
        os.chmod(key, 0o600)  # noqa: PTH101 - a plain call suffices


class Guard:
    """Wraps routes: open ones pass, others ask the API server about the caller."""

    def __init__(self, client: RawClient, open_paths: Collection[str]) -> None:
        self._client, self._open = client, frozenset(open_paths)
        self._remembered: dict[bytes, tuple[float, int]] = {}

    def wrap(self, routes: Mapping[str, Handler]) -> dict[str, Handler]:
        """The same routes; those that are not open ask who is there first."""
        return {path: route if path in self._open else self._guarded(route) for path, route in routes.items()}

    def _guarded(self, route: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            status = await self._status(request)
            if status != 200:
                return Response.text("Unauthorized\n" if status == 401 else "Forbidden\n", status)
            found = route(request)
            return found if isinstance(found, Response) else await found

        return answer

    async def _status(self, request: Request) -> int:
        scheme, _, token = request.headers.get("authorization").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return 401
        key = hashlib.sha256(f"{token}\0{request.path}".encode()).digest()
        known = self._remembered.get(key)
        if known and known[0] > time.monotonic():
            return known[1]
        try:
            status = await self._ask(token.strip(), request.path)
        except (StatusError, OSError) as error:
            log.error("cannot ask the API server about a caller", err=describe(error))
            return 401
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = (time.monotonic() + REMEMBER_S, status)
        return status

    async def _ask(self, token: str, path: str) -> int:
        review = await self._create("authentication.k8s.io", "tokenreviews", "TokenReview", {"token": token})
        if not review.get("authenticated"):
            return 401
        user = review.get("user") or {}
        spec = {
            "user": user.get("username", ""),
            "groups": user.get("groups") or [],
            "uid": user.get("uid", ""),
            "extra": user.get("extra") or {},
            "nonResourceAttributes": {"path": path, "verb": "get"},
        }
        access = await self._create("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", spec)
        return 200 if access.get("allowed") else 403

    async def _create(self, group: str, plural: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
        body = {"apiVersion": f"{group}/v1", "kind": kind, "spec": spec}
        response = await self._client.raw("POST", f"/apis/{group}/v1/{plural}", body=body)
        status: dict[str, Any] = orjson.loads(response.body).get("status") or {}
        return status
