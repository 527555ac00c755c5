"""Tokens of OIDC issuers: signature, issuer, audience and times are checked here, users made by `oidc_claims`.

What was found of a token is remembered for ten seconds, as upstream. May import: authentication.*; PyJWT lazily.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authentication.oidc_claims import user_of
from kajitori.apiserver.authentication.oidc_config import Issuer
from kajitori.apiserver.authentication.oidc_keys import IssuerKeys
from kajitori.apiserver.authentication.tokens import TokenIdentity
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Unauthorized
from kajitori.machinery.gotext import quote_all

REMEMBER_S = 10.0
_EARLY_S = 300.0
"""How much too early a token may come, for clocks that differ."""
_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


class OIDCTokens:
    """A TokenKind: one issuer."""

    def __init__(
        self, issuer: Issuer, *, api_audiences: Sequence[str], clock: Clock, keys: IssuerKeys | None = None
    ) -> None:
        self._issuer, self._api_audiences, self._clock = issuer, tuple(api_audiences), clock
        self._keys = keys or IssuerKeys(
            issuer.url, discovery_url=issuer.discovery_url, ca_pem=issuer.ca_pem, clock=clock
        )
        self._known: LRU[bytes, tuple[UserInfo, float]] = LRU(1024)

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> TokenIdentity | None:
        good_for = tuple(a for a in audiences if a in self._api_audiences)
        if audiences and not good_for:
            return None
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is not None and self._clock.monotonic() < known[1]:
            return TokenIdentity(known[0], good_for)
        claims = await self._verified(token)
        if claims is None:
            return None
        left = self._check(claims)
        user = user_of(self._issuer, claims)
        self._known[digest] = (user, self._clock.monotonic() + min(REMEMBER_S, left))
        return TokenIdentity(user, good_for)

    async def _verified(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that this issuer signed; None for other issuers' tokens."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            if jwt.decode(token, options={"verify_signature": False}).get("iss") != self._issuer.url:
                return None
        except jwt.PyJWTError:
            return None
        algorithm = header.get("alg")
        if algorithm not in self._issuer.algorithms:
            raise Unauthorized(f"oidc: id token signed with unsupported algorithm {algorithm}")
        for key in await self._keys.find(str(header.get("kid") or "")):
            try:
                claims: dict[str, Any] = jwt.decode(token, key.key, algorithms=[algorithm], options=_SIGNATURE_ONLY)
            except (jwt.PyJWTError, TypeError, ValueError):
                continue  # another key's, or of another kind than the algorithm's
            return claims
        raise Unauthorized("oidc: verify token: failed to verify signature")

    def _check(self, claims: dict[str, Any]) -> float:
        """Audience and times; the seconds that are left."""
        given = claims.get("aud")
        named = {given} if isinstance(given, str) else set(given or ())
        if named.isdisjoint(self._issuer.audiences):
            lists = [quote_all(sorted(names), " ") for names in (self._issuer.audiences, named)]
            raise Unauthorized("oidc: verify token: oidc: expected audience in [{}] got [{}]".format(*lists))
        now = self._clock.now().timestamp()
        try:
            left = float(claims["exp"]) - now
            start = float(claims.get("nbf") or 0)
        except (KeyError, TypeError, ValueError):
            raise Unauthorized("oidc: the token has no usable expiry") from None
        if left <= 0:
            raise Unauthorized("oidc: verify token: token is expired")
        if start > now + _EARLY_S:
            raise Unauthorized("oidc: verify token: current time is before the nbf (not before) time")
        return left
