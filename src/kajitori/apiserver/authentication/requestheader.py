"""The front proxy: a caller with a certificate of its CA may say, in headers, for whom it speaks.

TLS has verified the certificate against the client CAs and the front proxy's CA together; here the certificate must
really be signed by the front proxy's CA, and its common name allowed. The signature is checked once per certificate.
May import: user, authentication.der; cryptography lazily.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kajitori.aiokit.http.message import Headers
from kajitori.apiserver.authentication.der import DERError, certificate_names
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.user import AuthRequest, UserInfo


@dataclass(frozen=True, kw_only=True)
class HeaderNames:
    """Which headers speak; all lower case."""

    username: Sequence[str] = ("x-remote-user",)
    uid: Sequence[str] = ()
    group: Sequence[str] = ("x-remote-group",)
    extra_prefix: Sequence[str] = ("x-remote-extra-",)


class RequestHeaderAuthenticator:
    """Believes the headers of callers with a proxy's certificate; anybody else's say nothing."""

    def __init__(self, *, ca_file: str | Path, allowed_names: Sequence[str], headers: HeaderNames) -> None:
        self._allowed_names, self._headers = frozenset(allowed_names), headers
        self._trusted: LRU[bytes, bool] = LRU(256)
        self._ca_file = Path(ca_file)
        self._authorities: list[Any] = []
        self.reload()

    def reload(self) -> None:
        """Read the CA's file. Raises OSError, and ValueError for what is no certificate."""
        from cryptography import x509

        self._authorities = x509.load_pem_x509_certificates(self._ca_file.read_bytes())
        self._trusted.clear()

    @property
    def issuers(self) -> list[bytes]:
        """The CA's names, as certificates quote them."""
        return [ca.subject.public_bytes() for ca in self._authorities]

    async def authenticate(self, request: AuthRequest) -> UserInfo | None:
        der = request.peer_certificate_der
        if der is None:
            return None
        if der not in self._trusted:
            self._trusted[der] = self._is_trusted(der)
        return identity(request.headers, self._headers) if self._trusted[der] else None

    def _is_trusted(self, der: bytes) -> bool:
        try:
            names = certificate_names(der)
        except DERError:
            return False
        if self._allowed_names and names.common_name not in self._allowed_names:
            return False
        return any(
            _signed(der, ca) for ca, name in zip(self._authorities, self.issuers, strict=True) if name == names.issuer
        )


def identity(headers: Headers, names: HeaderNames) -> UserInfo | None:
    """The user that the headers describe; None when they name nobody."""
    user = _first(headers, names.username)
    if not user:
        return None
    groups = tuple(value for name in names.group for value in headers.getall(name) if value)
    extra: dict[str, tuple[str, ...]] = {}
    for prefix in names.extra_prefix:
        for name, value in headers.pairs:
            if name.startswith(prefix) and len(name) > len(prefix):
                key = unquote(name.removeprefix(prefix))
                extra[key] = (*extra.get(key, ()), value)
    return UserInfo(name=user, uid=_first(headers, names.uid), groups=groups, extra=extra)


def _first(headers: Headers, names: Sequence[str]) -> str:
    for name in names:
        if value := headers.get(name).strip():
            return value
    return ""


def _signed(der: bytes, authority: Any) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        x509.load_der_x509_certificate(der).verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
