"""Client certificates: the common name is the user, the organizations are the groups, 1.3.6.1.4.1.57683.2 the uid.

TLS has verified the chain, the dates and that the certificate may be used by a client; what is left is reading names.
A certificate of the front proxy's CA never authenticates here (`not_issued_by`): that CA vouches for a proxy, not for
users. Parsed identities are kept per certificate, the last 1,024 of them.
May import: user, metrics, authentication.der.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from kajitori.apiserver.authentication.der import DERError, certificate_names
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.user import AuthRequest, UserInfo
from kajitori.machinery.errors import Unauthorized

_CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"


class ClientCertificateAuthenticator:
    """Needs the certificate that TLS has verified."""

    def __init__(self, *, not_issued_by: Collection[bytes] = (), metrics: Metrics | None = None) -> None:
        self._foreign_issuers = frozenset(not_issued_by)
        self._users: LRU[bytes, tuple[UserInfo | None, float]] = LRU(1024)
        self._left = (metrics or Metrics()).certificate_expiry.series()

    async def authenticate(self, request: AuthRequest) -> UserInfo | None:
        der = request.peer_certificate_der
        if der is None:
            return None
        if der not in self._users:
            self._users[der] = self._read(der)
        user, end = self._users[der]
        if user is not None:
            self._left.observe(end - time.time())
        return user

    def forget(self, not_issued_by: Collection[bytes]) -> None:
        """The CA files have changed: these are the front proxy's now."""
        self._foreign_issuers = frozenset(not_issued_by)
        self._users.clear()

    def _read(self, der: bytes) -> tuple[UserInfo | None, float]:
        """Whom it names, and when it ends."""
        try:
            names = certificate_names(der)
        except DERError as e:
            raise Unauthorized(f"client certificate cannot be read: {e}") from e
        if names.issuer in self._foreign_issuers or not names.common_name:
            return None, names.not_after
        if len(names.uids) > 1:
            raise Unauthorized(f"expected 1 UID, but found multiple: [{' '.join(names.uids)}]")
        if names.uids == ("",):
            raise Unauthorized("UID cannot be an empty string")
        from hashlib import sha256

        user = UserInfo(
            name=names.common_name,
            uid="".join(names.uids),
            groups=names.organizations,
            extra={_CREDENTIAL_ID: ("X509SHA256=" + sha256(der).hexdigest(),)},
        )
        return user, names.not_after
