"""Token authentication by a webhook (--authentication-token-webhook-config-file): a TokenReview to another server.

Answers are remembered (--authentication-token-webhook-cache-ttl, two minutes). A server that does not answer refuses
the token. May import: authentication.tokens, client, aiokit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authentication.tokens import TokenIdentity
from kajitori.apiserver.user import UserInfo
from kajitori.apiserver.webhookclient import WebhookClient
from kajitori.machinery.errors import StatusError, Unauthorized

log = get_logger(__name__)


class WebhookTokens:
    """A TokenKind."""

    def __init__(
        self, client: WebhookClient, *, version: str, ttl_s: float, api_audiences: Sequence[str], clock: Clock
    ) -> None:
        self._client, self._version, self._ttl_s, self._clock = client, version, ttl_s, clock
        self._api_audiences = tuple(api_audiences)
        self._known: LRU[tuple[bytes, tuple[str, ...]], tuple[TokenIdentity | None, float]] = LRU(4096)

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> TokenIdentity | None:
        key = (hashlib.sha256(token.encode()).digest(), tuple(audiences))
        known = self._known.get(key)
        if known is not None and self._clock.monotonic() < known[1]:
            return known[0]
        identity = await self._ask(token, tuple(audiences))
        self._known[key] = (identity, self._clock.monotonic() + self._ttl_s)
        return identity

    async def _ask(self, token: str, audiences: tuple[str, ...]) -> TokenIdentity | None:
        spec: dict[str, Any] = {"token": token, "audiences": list(audiences or self._api_audiences)}
        review = {
            "apiVersion": f"authentication.k8s.io/{self._version}",
            "kind": "TokenReview",
            "metadata": {},
            "spec": spec,
        }
        try:
            status = orjson.loads(await self._client.post(review)).get("status") or {}
        except (StatusError, OSError, ValueError) as error:
            log.info("the authentication webhook failed", err=describe(error))
            raise Unauthorized("the authentication webhook failed") from error
        if not status.get("authenticated"):
            return None
        return read_identity(status, audiences, self._api_audiences)


def read_identity(
    status: dict[str, Any], audiences: tuple[str, ...], api_audiences: tuple[str, ...]
) -> TokenIdentity | None:
    """Whom a TokenReview speaks of. A webhook that says nothing of audiences speaks of the API server's own."""
    wanted = audiences or api_audiences
    good_for = tuple(a for a in wanted if a in (status.get("audiences") or api_audiences))
    if wanted and not good_for:
        return None
    user = status.get("user") or {}
    if not user.get("username"):
        return None
    extra = {key: tuple(values) for key, values in (user.get("extra") or {}).items()}
    groups = tuple(user.get("groups") or ())
    return TokenIdentity(UserInfo(user["username"], user.get("uid") or "", groups, extra), good_for)
