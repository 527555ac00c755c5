"""Bootstrap tokens (`abcdef.0123456789abcdef`): Secrets `bootstrap-token-<id>` in kube-system that let nodes join.

May import: authentication.tokens, deps, machinery.times.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.apiserver.authentication.tokens import TokenIdentity
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.times import parse_time

_TOKEN = re.compile(r"([a-z0-9]{6})\.([a-z0-9]{16})\Z")
_GROUP = re.compile(r"system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\Z")
SECRET_TYPE = "bootstrap.kubernetes.io/token"  # noqa: S105 (the type's name)


class BootstrapTokens:
    """Reads Secrets at each question, so a deleted or expired token ends at once."""

    def __init__(self, *, reader: Reader, clock: Clock, api_audiences: Sequence[str] = ()) -> None:
        self._reader, self._clock, self._api_audiences = reader, clock, tuple(api_audiences)

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> TokenIdentity | None:
        match = _TOKEN.match(token)
        good_for = tuple(a for a in audiences if a in self._api_audiences)
        if match is None or (audiences and not good_for):
            return None
        token_id, token_secret = match.groups()
        secret = self._reader.get("", "secrets", "kube-system", f"bootstrap-token-{token_id}")
        if secret is None:
            return None
        user = bootstrap_user(secret, token_id=token_id, token_secret=token_secret, now=self._clock.now())
        return TokenIdentity(user, good_for) if user else None


def bootstrap_user(secret: dict[str, Any], *, token_id: str, token_secret: str, now: datetime) -> UserInfo | None:
    """The identity that a Secret grants to this token; None when it grants none."""
    data = _text_data(secret.get("data") or {})
    if secret.get("type") != SECRET_TYPE or secret["metadata"].get("deletionTimestamp"):
        return None
    if data.get("token-id") != token_id:
        return None
    if not hmac.compare_digest(data.get("token-secret", "").encode(), token_secret.encode()):
        return None
    if data.get("usage-bootstrap-authentication") != "true" or _is_expired(data.get("expiration", ""), now):
        return None
    extra = [g.strip() for g in data.get("auth-extra-groups", "").split(",") if g.strip()]
    if not all(_GROUP.match(g) for g in extra):
        return None
    groups = tuple(sorted({"system:bootstrappers", *extra}))
    return UserInfo(name=f"system:bootstrap:{token_id}", groups=groups)


def _is_expired(expiration: str, now: datetime) -> bool:
    if not expiration:
        return False
    try:
        return parse_time(expiration) < now
    except ValueError:
        return True  # a date that cannot be read must not mean "never"


def _text_data(data: Mapping[str, str]) -> dict[str, str]:
    out = {}
    for key, value in data.items():
        try:
            out[key] = base64.b64decode(value).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return out
