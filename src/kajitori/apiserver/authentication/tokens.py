"""Bearer tokens: taking them out of a request, and asking each kind of token in turn.

A token that no kind knows is refused; a request without a token passes on to the next authenticator.
May import: user.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kajitori.apiserver.user import AuthRequest, UserInfo
from kajitori.machinery.errors import Unauthorized

_WEBSOCKET_PREFIX = "base64url.bearer.authorization.k8s.io."


@dataclass(frozen=True, slots=True)
class TokenIdentity:
    """Whom a token speaks for, and the audiences (of those asked for) that it is good for."""

    user: UserInfo
    audiences: tuple[str, ...] = ()


class TokenKind(Protocol):
    """One kind of token."""

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> TokenIdentity | None:
        """The identity; None when this is not a token of this kind. Raises Unauthorized when it is, and is not valid.

        `audiences` is what the caller speaks for; empty means the API server itself.
        """


def bearer_token(request: AuthRequest) -> str | None:
    """The token of the Authorization header, or of the WebSocket subprotocol that browsers have to use."""
    scheme, _, token = request.headers.get("authorization").strip().partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if request.headers.get("upgrade").lower() != "websocket":
        return None
    for protocol in request.headers.get("sec-websocket-protocol").split(","):
        if protocol.strip().startswith(_WEBSOCKET_PREFIX):
            return _decode(protocol.strip().removeprefix(_WEBSOCKET_PREFIX))
    return None


def _decode(text: str) -> str:
    import base64
    import binascii

    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as e:
        raise Unauthorized("invalid bearer token") from e


class BearerTokenAuthenticator:
    """Asks the kinds in their order; the first that knows the token decides."""

    def __init__(self, kinds: Sequence[TokenKind], *, api_audiences: Sequence[str] = ()) -> None:
        self.kinds = tuple(kinds)
        self.api_audiences = tuple(api_audiences)

    async def authenticate(self, request: AuthRequest) -> UserInfo | None:
        token = bearer_token(request)
        if token is None:
            return None
        return (await self.review(token, ())).user

    async def review(self, token: str, audiences: Sequence[str]) -> TokenIdentity:
        """The token's identity; raises Unauthorized when no kind accepts it. TokenReview asks this, too."""
        for kind in self.kinds:
            identity = await kind.authenticate_token(token, audiences)
            if identity is not None:
                return identity
        raise Unauthorized("invalid bearer token")
