"""Keys, certificates and requests that show them, for the tests of authentication."""

from __future__ import annotations

import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kajitori.aiokit.http.message import Headers, Request
from kajitori.apiserver.user import AuthRequest

DAY = datetime.timedelta(days=1)

BORN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(
    cn: str, orgs: tuple[str, ...] = (), issuer: tuple[x509.Name, Any] | None = None, uids: tuple[str, ...] = ()
) -> tuple[Any, Any]:
    key = new_key()
    attributes = [x509.NameAttribute(x509.ObjectIdentifier("1.3.6.1.4.1.57683.2"), uid) for uid in uids]
    attributes += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, org) for org in orgs]
    subject = x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    issuer_name, issuer_key = issuer or (subject, key)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(BORN)
        .not_valid_after(BORN + 3650 * DAY)
        .sign(issuer_key, hashes.SHA256())
    )
    return built, key


def der(built: Any) -> bytes:
    return built.public_bytes(serialization.Encoding.DER)


def request(*headers: tuple[str, str], cert: bytes | None = None) -> AuthRequest:
    return AuthRequest(headers=Headers(list(headers)), peer_certificate_der=cert)


def bearer(token: str) -> AuthRequest:
    return request(("authorization", f"Bearer {token}"))


def http_request(*headers: tuple[str, str]) -> Request:
    return Request(method="GET", target="/", headers=Headers(list(headers)), body=None)  # type: ignore[arg-type]
