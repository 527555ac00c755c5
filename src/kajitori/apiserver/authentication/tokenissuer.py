"""Making service-account tokens (TokenRequest): bound to audiences, a time and, if asked, to a Pod, Secret or Node.

May import: authentication.keys, authentication.serviceaccount; PyJWT lazily.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.apiserver.authentication.keys import KeyFileError, KeyRing, TokenKey
from kajitori.apiserver.authentication.serviceaccount import username

PROJECTED_EXPIRY_S = 3607
"""What kubelet asks for on behalf of kube-api-access volumes; such tokens live longer, see `TokenIssuer`."""
EXTENDED_EXPIRY_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class BoundObject:
    """What a token is bound to: it dies with it."""

    kind: str  # Pod, Secret, Node
    name: str
    uid: str


class TokenIssuer:
    """Signs tokens with the cluster's key."""

    def __init__(
        self, *, keys: KeyRing, issuer: str, clock: Clock, audiences: Sequence[str], extend: bool = True, max_s: int = 0
    ) -> None:
        self._keys, self._issuer, self._clock, self._extend = keys, issuer, clock, extend
        self.audiences, self.max_expiration_s = tuple(audiences), max_s

    @property
    def _key(self) -> TokenKey:
        for key in self._keys.keys:
            if key.private is not None:
                return key
        raise KeyFileError("the service account signing key file holds no private key")

    def issue(
        self,
        *,
        account: dict[str, Any],
        audiences: Sequence[str],
        expiration_s: int,
        bound: BoundObject | None = None,
        node: BoundObject | None = None,
    ) -> tuple[str, float]:
        """(token, when it expires as far as the holder is told).

        A Pod's API token asked for the usual 3607 s is good for a year, marked to warn after 3607 s: clients that
        never read the file again keep working (upstream's --service-account-extend-token-expiration).
        """
        import jwt

        key = self._key
        now = int(self._clock.now().timestamp())
        expires = now + expiration_s
        claims = self._claims(account, tuple(audiences), now, bound, node)
        told = expires
        if self._is_extended(audiences, expiration_s, bound):
            claims["kubernetes.io"]["warnafter"] = expires
            expires = now + EXTENDED_EXPIRY_S
        claims["exp"] = expires
        token = jwt.encode(claims, key.private, key.algorithm, headers={"kid": key.kid, "typ": None})
        return token, float(told)

    def _is_extended(self, audiences: Sequence[str], expiration_s: int, bound: BoundObject | None) -> bool:
        is_for_pod = bound is not None and bound.kind == "Pod"
        return (
            self._extend and is_for_pod and expiration_s == PROJECTED_EXPIRY_S and set(audiences) == set(self.audiences)
        )

    def _claims(
        self,
        account: dict[str, Any],
        audiences: tuple[str, ...],
        now: int,
        bound: BoundObject | None,
        node: BoundObject | None,
    ) -> dict[str, Any]:
        metadata = account["metadata"]
        private: dict[str, Any] = {
            "namespace": metadata["namespace"],
            "serviceaccount": {"name": metadata["name"], "uid": metadata["uid"]},
        }
        for thing in (bound, node):
            if thing is not None:
                private[thing.kind.lower()] = {"name": thing.name, "uid": thing.uid}
        return {
            "aud": list(audiences),
            "iat": now,
            "iss": self._issuer,
            "jti": str(uuid.uuid4()),
            "kubernetes.io": private,
            "nbf": now,
            "sub": username(metadata["namespace"], metadata["name"]),
        }
