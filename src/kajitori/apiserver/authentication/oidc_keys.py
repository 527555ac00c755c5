"""An issuer's public keys: found by its discovery document, fetched when first needed, and again for an unknown key.

At most one fetch every `PAUSE_S`, whoever asks and whatever comes of it. May import: proxying.backend; PyJWT lazily.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any
from urllib.parse import urlsplit

import orjson

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.proxying.backend import Backend

log = get_logger(__name__)
PAUSE_S = 10.0
TIMEOUT_S = 10.0
BODY_LIMIT = 1 << 20


class FetchError(Exception):
    """The document cannot be had."""


class IssuerKeys:
    """The public keys of one issuer, by key id."""

    def __init__(self, url: str, *, discovery_url: str = "", ca_pem: str = "", clock: Clock) -> None:
        self._url, self._clock = url, clock
        self._discovery_url = discovery_url or url.rstrip("/") + "/.well-known/openid-configuration"
        self._ca_pem = ca_pem
        self._tls: ssl.SSLContext | None = None
        self._keys: dict[str, Any] = {}
        self._asked_at = -PAUSE_S
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> list[Any]:
        """The keys (jwt.PyJWK) that may have signed a token; a token without a key's name may be of any."""
        found = self._matching(kid)
        if not found:
            async with self._lock:
                found = self._matching(kid)
                if not found and self._clock.monotonic() - self._asked_at >= PAUSE_S:
                    self._asked_at = self._clock.monotonic()
                    await self._refresh()
                    found = self._matching(kid)
        return found

    def _matching(self, kid: str) -> list[Any]:
        if kid:
            return [self._keys[kid]] if kid in self._keys else []
        return list(self._keys.values())

    async def _refresh(self) -> None:
        import jwt

        try:
            document = await self._json(self._discovery_url)
            if document.get("issuer") != self._url:
                raise FetchError(f"oidc: issuer did not match the issuer returned by provider, expected {self._url}")
            keys = await self._json(str(document.get("jwks_uri") or ""))
        except FetchError as error:
            log.error("fetching an issuer's keys failed", error, issuer=self._url)
            return
        found = {}
        for number, raw in enumerate(keys.get("keys") or ()):
            if not isinstance(raw, dict) or raw.get("use", "sig") != "sig" or raw.get("kty") == "oct":
                continue  # a secret shared with the issuer is not a key that others may check by
            try:
                found[str(raw.get("kid") or f"#{number}")] = jwt.PyJWK(raw)
            except jwt.PyJWTError:
                continue  # of a kind that we do not know
        self._keys = found

    async def _json(self, url: str) -> dict[str, Any]:
        body = await fetch(url, self._context())
        try:
            document = orjson.loads(body)
        except ValueError as error:
            raise FetchError(f"{url}: not JSON") from error
        if not isinstance(document, dict):
            raise FetchError(f"{url}: not a JSON object")
        return document

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context(cadata=self._ca_pem or None)
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._tls


async def fetch(url: str, tls: ssl.SSLContext) -> bytes:
    """GET over HTTPS. Raises FetchError."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise FetchError(f"{url}: only https is fetched")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        async with asyncio.timeout(TIMEOUT_S):
            backend = await Backend.connect(parts.hostname, parts.port or 443, tls)
            try:
                lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", "Accept: application/json"]
                await backend.send("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
                answer = await backend.read_head()
                body = bytearray()
                async for chunk in backend.body(answer):
                    body += chunk
                    if len(body) > BODY_LIMIT:
                        raise FetchError(f"{url}: the answer is too large")
            finally:
                backend.close()
    except (OSError, TimeoutError, ValueError) as error:
        raise FetchError(f"{url}: {error or 'timed out'}") from error
    if answer.status != 200:
        raise FetchError(f"{url}: status {answer.status}")
    return bytes(body)
