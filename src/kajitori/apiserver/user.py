"""Who asks: the identity that authentication finds and everything after it uses. May import: aiokit.http."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from kajitori.aiokit.http.message import Headers

ANONYMOUS = "system:anonymous"
ALL_AUTHENTICATED = "system:authenticated"
ALL_UNAUTHENTICATED = "system:unauthenticated"
SYSTEM_MASTERS = "system:masters"


@dataclass(frozen=True, slots=True)
class UserInfo:
    """An authenticated identity. `groups` already holds system:authenticated or system:unauthenticated."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def wire(self) -> dict[str, Any]:
        """As authentication.k8s.io writes it: what is empty is left out."""
        out: dict[str, Any] = {"username": self.name}
        if self.uid:
            out["uid"] = self.uid
        if self.groups:
            out["groups"] = list(self.groups)
        if self.extra:
            out["extra"] = {key: list(values) for key, values in self.extra.items()}
        return out


LOOPBACK_USER = UserInfo("system:apiserver", groups=(SYSTEM_MASTERS, ALL_AUTHENTICATED))
"""The API server itself, acting on its own behalf (allocators, bootstrap)."""


class Peer(Protocol):
    """The other end of a connection."""

    @property
    def peer_chain(self) -> tuple[bytes, ...]:
        """Its certificate and those that it was verified by, up to the root."""


class AuthRequest(NamedTuple):
    """What authentication may look at. `query_token`-style credentials are not supported, as upstream."""

    headers: Headers
    peer_certificate_der: bytes | None = None
    path: str = ""
    method: str = "GET"
    peer: Peer | None = None
    """Whose certificate it is; asked for the rest of its chain when the certificate has not been seen before."""


class Authenticator(Protocol):
    """Finds out who sent a request."""

    async def authenticate(self, request: AuthRequest) -> UserInfo | None:
        """The identity; None when the request carries no credentials this authenticator knows.

        Raises machinery.errors.Unauthorized for credentials that are present and wrong.
        """
