"""Service-account tokens: what their claims are, and believing them. Making them: `tokenissuer.py`.

Two shapes are read. Bound tokens carry audiences, an expiry and, under `kubernetes.io`, the namespace, the account and
what the token is bound to (Pod, Secret or Node); legacy tokens come from Secrets and never expire. A signature is
verified once per token and remembered (the last 2,048 tokens); whether the account, Pod, Secret or Node still exists
with the same uid is asked of the watch caches on every request, so deleting one revokes its tokens at once.
May import: authentication.keys, .tokens, deps, metrics; PyJWT lazily.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.apiserver.admission_types import AUDIT_ANNOTATIONS
from kajitori.apiserver.authentication.keys import KeyRing
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authentication.tokens import TokenIdentity
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Unauthorized
from kajitori.machinery.gotext import quote_all

LEGACY_ISSUER = "kubernetes/serviceaccount"
_LEGACY = "kubernetes.io/serviceaccount/"
_PREFIX = "system:serviceaccount:"
_EXTRA = "authentication.kubernetes.io/"
_LEEWAY_S = 60
INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since"


def username(namespace: str, name: str) -> str:
    """The user's name of a service account."""
    return f"{_PREFIX}{namespace}:{name}"


def groups(namespace: str) -> tuple[str, ...]:
    """The groups of a namespace's service accounts, without system:authenticated."""
    return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")


def split_username(user: str) -> tuple[str, str] | None:
    """(namespace, name) of a service account's user name."""
    if not user.startswith(_PREFIX):
        return None
    namespace, found, name = user.removeprefix(_PREFIX).partition(":")
    return (namespace, name) if found and namespace and name and ":" not in name else None


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token whose signature was found good: what it says, ready to be checked against the present."""

    claims: dict[str, Any]
    user: UserInfo
    namespace: str
    account: str
    is_legacy: bool
    bound: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    """(plural, namespace, {name, uid}) of what must still exist."""


class ServiceAccountTokens:
    """Believes tokens that one of our keys signed, for one of our issuers."""

    def __init__(
        self,
        *,
        keys: KeyRing,
        issuers: Sequence[str],
        api_audiences: Sequence[str],
        reader: Reader,
        clock: Clock,
        lookup: bool = True,
        metrics: Metrics | None = None,
    ) -> None:
        self._keys = keys
        self._issuers, self._api_audiences = frozenset(issuers), tuple(api_audiences)
        self._reader, self._clock, self._lookup = reader, clock, lookup
        self._verified: LRU[str, _Verified] = LRU(2048)
        self._metrics = metrics or Metrics()
        self.used: Callable[[dict[str, Any]], None] | None = None
        """Told of the Secret whose token is used (legacytokens.py keeps note)."""

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> TokenIdentity | None:
        known = self._verified.get(token)
        if known is None:
            claims = self._verify(token)
            if claims is None:
                return None
            known = self._verified[token] = (
                _read_legacy(claims) if claims["iss"] == LEGACY_ISSUER else _read_bound(claims)
            )
        good_for = self._audiences(known.claims, audiences)
        if known.is_legacy:
            self._check_legacy(known, token)
        else:
            self._check_times(known.claims)
            self._check_account(known, "service account", "service account")
            for plural, namespace, reference in known.bound:
                self._check_exists(plural, namespace, reference)
        self._count(known)
        return TokenIdentity(known.user, good_for)

    def _count(self, known: _Verified) -> None:
        """Of tokens with a year's grace: whether their owner should have renewed them."""
        warn_after = 0 if known.is_legacy else (known.claims.get("kubernetes.io") or {}).get("warnafter")
        notes = AUDIT_ANNOTATIONS.get()
        if known.is_legacy:
            self._metrics.legacy_tokens.inc()
            if notes is not None:
                notes["authentication.k8s.io/legacy-token"] = known.user.name
        elif warn_after and self._clock.now().timestamp() > warn_after:
            self._metrics.stale_tokens.inc()
            if notes is not None:
                late = self._clock.now().timestamp() - warn_after
                what = f"subject: {known.user.name}, seconds after warning threshold: {late:.0f}"
                notes["authentication.k8s.io/stale-token"] = what
        elif warn_after:
            self._metrics.valid_tokens.inc()

    def _verify(self, token: str) -> dict[str, Any] | None:
        """The claims when one of our keys signed them; None when this is somebody else's token."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        except jwt.PyJWTError:
            return None
        if issuer != LEGACY_ISSUER and issuer not in self._issuers:
            return None
        kid = header.get("kid")
        keys = self._keys.keys
        for key in [key for key in keys if key.kid == kid] or keys:
            try:
                claims: dict[str, Any] = jwt.decode(
                    token, key.public, algorithms=[key.algorithm], options=_SIGNATURE_ONLY
                )
            except jwt.PyJWTError:
                continue
            return claims
        raise Unauthorized("go-jose/go-jose: error in cryptographic primitive")

    def _audiences(self, claims: dict[str, Any], wanted: Sequence[str]) -> tuple[str, ...]:
        """The audiences in common. A legacy token has none and means the API server."""
        wanted = wanted or self._api_audiences
        given = claims.get("aud") or (self._api_audiences if claims["iss"] == LEGACY_ISSUER else ())
        if isinstance(given, str):
            given = (given,)
        common = tuple([audience for audience in wanted if audience in given])
        if not common:
            lists = [quote_all(audiences, " ") for audiences in (given, wanted)]
            raise Unauthorized("token audiences [{}] is invalid for the target audiences [{}]".format(*lists))
        return common

    def _check_legacy(self, known: _Verified, token: str) -> None:
        if not self._lookup:
            return
        secret = self._reader.get("", "secrets", known.namespace, known.claims[_LEGACY + "secret.name"])
        if secret is None or secret["metadata"].get("deletionTimestamp"):
            raise Unauthorized("Token has been invalidated")
        if not _holds(secret, token):
            raise Unauthorized("Token does not match server's copy")
        self._check_account(known, f"ServiceAccount {known.namespace}/{known.account}", "ServiceAccount")
        if (secret["metadata"].get("labels") or {}).get(INVALID_SINCE):
            raise Unauthorized(
                f"the token in secret {known.namespace}/{secret['metadata']['name']} for service account "
                f"{known.namespace}/{known.account} has been marked invalid. Use tokens from the TokenRequest API or "
                f"manually created secret-based tokens, or remove the '{INVALID_SINCE}' label from the secret to "
                "temporarily allow use of this token"
            )
        if self.used is not None:
            self.used(secret)

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._clock.now().timestamp()
        if now > float(claims.get("exp") or 0) + _LEEWAY_S:
            raise Unauthorized("service account token has expired")
        if now < float(claims.get("nbf") or 0) - _LEEWAY_S:
            raise Unauthorized("service account token is not valid yet")

    def _check_account(self, known: _Verified, gone: str, word: str) -> None:
        """`gone` and `word` are how the two shapes speak of the account."""
        account = self._reader.get("", "serviceaccounts", known.namespace, known.account)
        if account is None:
            raise Unauthorized(f'serviceaccounts "{known.account}" not found')
        if self._is_gone(account):
            raise Unauthorized(f"{gone} has been deleted")
        uid = account["metadata"].get("uid")
        if uid != known.user.uid:
            raise Unauthorized(f"{word} UID ({uid}) does not match claim ({known.user.uid})")

    def _check_exists(self, plural: str, namespace: str, reference: dict[str, Any]) -> None:
        found = self._reader.get("", plural, namespace, reference.get("name", ""))
        if found is None or self._is_gone(found):
            raise Unauthorized("service account token has been invalidated")
        uid = found["metadata"].get("uid")
        if uid != reference.get("uid"):
            kind = plural.removesuffix("s")
            claimed = reference.get("uid")
            raise Unauthorized(f"{kind} UID ({uid}) does not match service account {kind} ref claim ({claimed})")

    def _is_gone(self, obj: dict[str, Any]) -> bool:
        """Deleted, or deleted so long ago (a minute) that its finalizers no longer excuse it."""
        stamp = obj["metadata"].get("deletionTimestamp")
        if not stamp:
            return False
        from kajitori.machinery.times import parse_time

        return self._clock.now().timestamp() > parse_time(stamp).timestamp() + _LEEWAY_S


def _read_bound(claims: dict[str, Any]) -> _Verified:
    private = claims.get("kubernetes.io") or {}
    account = private.get("serviceaccount") or {}
    namespace, name = str(private.get("namespace") or ""), str(account.get("name") or "")
    if claims.get("sub") != username(namespace, name):
        raise Unauthorized("token claims are inconsistent")
    extra: dict[str, tuple[str, ...]] = {}
    bound: list[tuple[str, str, dict[str, Any]]] = []
    if claims.get("jti"):
        extra[_EXTRA + "credential-id"] = (f"JTI={claims['jti']}",)
    if pod := private.get("pod"):
        bound.append(("pods", namespace, pod))
        extra[_EXTRA + "pod-name"], extra[_EXTRA + "pod-uid"] = (pod["name"],), (pod["uid"],)
    if secret := private.get("secret"):
        bound.append(("secrets", namespace, secret))
    if node := private.get("node"):
        # A Pod's token also names its node, for information; only a token bound to a node dies with it.
        if not pod:
            bound.append(("nodes", "", node))
        extra[_EXTRA + "node-name"] = (node["name"],)
        if node.get("uid"):
            extra[_EXTRA + "node-uid"] = (node["uid"],)
    user = UserInfo(
        name=username(namespace, name), uid=str(account.get("uid") or ""), groups=groups(namespace), extra=extra
    )
    return _Verified(claims, user, namespace, name, is_legacy=False, bound=tuple(bound))


def _read_legacy(claims: dict[str, Any]) -> _Verified:
    namespace, name = claims.get(_LEGACY + "namespace", ""), claims.get(_LEGACY + "service-account.name", "")
    uid, secret_name = claims.get(_LEGACY + "service-account.uid", ""), claims.get(_LEGACY + "secret.name", "")
    if not (namespace and name and secret_name) or claims.get("sub") != username(namespace, name):
        raise Unauthorized("token claims are inconsistent")
    user = UserInfo(name=username(namespace, name), uid=uid, groups=groups(namespace))
    return _Verified(claims, user, namespace, name, is_legacy=True)


_SIGNATURE_ONLY: Any = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _holds(secret: dict[str, Any], token: str) -> bool:
    try:
        kept = base64.b64decode((secret.get("data") or {}).get("token", ""))
    except binascii.Error:
        return False
    return hmac.compare_digest(kept, token.encode())
