"""Whether a client's certificate counts now. TLS looks at everything but the time (`apiserver.tls`): it cannot answer
401, and it looks only once. So nothing may believe a certificate that has not passed here, with each request.

Every certificate of the chain must count: the client's own, those in between, the CA's. A CA that was renewed with the
same key and name stands in for the one that has ended. What is known of a certificate is kept, the last 1,024 of them.
May import: config, user, authentication.{der,lru}.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from kajitori.aiokit.clock import Clock
from kajitori.apiserver.authentication.der import CertificateNames, DERError, certificate_names
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.user import AuthRequest
from kajitori.machinery.errors import Unauthorized

_Span = tuple[datetime, datetime]
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class CertificateDates:
    """One for each server. `authorities` reads the CAs that TLS believes, in DER."""

    def __init__(self, clock: Clock, authorities: Callable[[], Iterable[bytes]] = tuple) -> None:
        self._clock = clock
        self._authorities = authorities
        self._spans: LRU[bytes, _Span] = LRU(1024)

    def check(self, request: AuthRequest) -> None:
        """Raises Unauthorized when the request's certificate does not count now."""
        der = request.peer_certificate_der
        if der is None:
            return
        span, now = self._spans.get(der), self._clock.now()
        if span is not None and span[0] <= now <= span[1]:
            return
        span = self._span(der, request, now)  # another connection may have brought a better chain
        self._spans[der] = span
        if not span[0] <= now <= span[1]:
            side, end = ("before", span[0]) if now < span[0] else ("after", span[1])
            why = "x509: certificate has expired or is not yet valid"
            raise Unauthorized(f"{why}: current time {now:%Y-%m-%dT%H:%M:%SZ} is {side} {end:%Y-%m-%dT%H:%M:%SZ}")

    def _span(self, der: bytes, request: AuthRequest, now: datetime) -> _Span:
        """From when to when the whole chain counts."""
        chain = (der,) if request.peer is None else request.peer.peer_chain
        if not chain or chain[0] != der:
            raise Unauthorized("the chain of a client certificate is not known")
        try:
            links = [certificate_names(link) for link in chain]
        except DERError as error:
            raise Unauthorized(f"client certificate cannot be read: {error}") from error
        if len(links) > 1 and not counts(links[-1], now.timestamp()):
            links[-1] = self._renewed(links[-1], now.timestamp())
        start, end = max(link.not_before for link in links), min(link.not_after for link in links)
        return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)

    def _renewed(self, ended: CertificateNames, now: float) -> CertificateNames:
        """The same CA with other dates, if there is one among those that are believed."""
        try:
            believed = [certificate_names(der) for der in self._authorities()]
        except (OSError, ValueError):  # the files are being renewed
            return ended
        for found in believed:
            if counts(found, now) and (found.subject, found.public_key) == (ended.subject, ended.public_key):
                return found
        return ended


def counts(certificate: CertificateNames, now: float) -> bool:
    """Whether a certificate is between its dates."""
    return certificate.not_before <= now <= certificate.not_after


def believable(authorities: list[bytes], now: float) -> list[bytes]:
    """Without those whose dates are wrong, where another has their name: OpenSSL takes any. Raises ValueError."""
    known = [(der, certificate_names(der)) for der in authorities]
    current = {names.subject for _, names in known if counts(names, now)}
    return [der for der, names in known if counts(names, now) or names.subject not in current]


def client_authorities(config: ServerConfig) -> list[bytes]:
    """The CAs of clients and front proxies, in DER. Raises OSError and ValueError."""
    files = (config.client_ca_file, config.requestheader_client_ca_file)
    return [der for file in files if file for der in certificates_in(Path(file).read_text())]


def certificates_in(pem: str) -> list[bytes]:
    """The certificates of a PEM text, in DER. Raises ValueError."""
    parts = pem.split(_END)[:-1]
    return [ssl.PEM_cert_to_DER_cert(part[part.index(_BEGIN) :] + _END) for part in parts]
