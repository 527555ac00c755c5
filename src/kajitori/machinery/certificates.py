"""Certificates and keys of a cluster: certificate authorities, what they sign, and service-account key pairs.

Keys are ECDSA P-256 in PKCS#8 unless RSA is asked for. `cryptography` is imported only when something is made or read.
May import: cryptography.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPublicKeyTypes,
        CertificatePublicKeyTypes,
    )

    PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

Usage = Literal["client", "server", "peer"]
KeyType = Literal["ecdsa", "rsa"]

_BACKDATED = timedelta(minutes=5)
"""Certificates start a little in the past, for machines whose clocks differ."""


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its private key, PEM-encoded. The key never shows in a repr."""

    cert_pem: bytes
    key_pem: bytes

    def __repr__(self) -> str:
        return f"KeyPair(cert_pem=<{len(self.cert_pem)} bytes>)"


def new_ca(common_name: str, *, days: float = 3650, now: datetime | None = None) -> KeyPair:
    """A self-signed certificate authority."""
    from cryptography import x509

    key = _new_key("ecdsa")
    name = _name(common_name, ())
    builder = _builder(name, name, key.public_key(), days, now)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(for_ca=True), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(common_name)]), critical=False)
    return _signed(builder, key, key)


def issue(
    ca: KeyPair,
    common_name: str,
    *,
    organizations: Iterable[str] = (),
    sans: Iterable[str] = (),
    usages: Iterable[Usage] = ("client",),
    days: float = 365,
    now: datetime | None = None,
) -> KeyPair:
    """A certificate signed by `ca`. `sans` are DNS names and IP addresses, told apart by their form."""
    ca_certificate, ca_key = _load(ca)
    key = _new_key("ecdsa")
    builder = _builder(_name(common_name, organizations), ca_certificate.subject, key.public_key(), days, now)
    builder = _as_leaf(builder, ca_certificate, sans, usages)
    return _signed(builder, key, ca_key)


def new_request(
    common_name: str, *, organizations: Iterable[str] = (), sans: Iterable[str] = ()
) -> tuple[bytes, bytes]:
    """A signing request and its new private key, both PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    key = _new_key("ecdsa")
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(common_name, organizations))
    names = _general_names(sans)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), _private_pem(key)


def new_key_pair(kind: KeyType = "ecdsa") -> tuple[bytes, bytes]:
    """A private and public key in PEM, as service-account tokens are signed and checked with."""
    from cryptography.hazmat.primitives import serialization

    key = _new_key(kind)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return _private_pem(key), public


def expiry(cert_pem: bytes) -> datetime:
    """When the first certificate of a PEM file ends."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(cert_pem).not_valid_after_utc


def fingerprint(cert_pem: bytes) -> str:
    """`sha256:` and the hash of a CA's public key, as join commands pin it."""
    import hashlib

    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    public = x509.load_pem_x509_certificate(cert_pem).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "sha256:" + hashlib.sha256(der).hexdigest()


def _new_key(kind: KeyType) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _private_pem(key: PrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_key(pem: bytes) -> PrivateKey:
    from cryptography.hazmat.primitives import serialization

    return cast("PrivateKey", serialization.load_pem_private_key(pem, None))


def _load(pair: KeyPair) -> tuple[x509.Certificate, PrivateKey]:
    from cryptography import x509

    return x509.load_pem_x509_certificate(pair.cert_pem), _load_key(pair.key_pem)


def _name(common_name: str, organizations: Iterable[str]) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization) for organization in organizations]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, days: float, now: datetime | None
) -> x509.CertificateBuilder:
    from cryptography import x509

    start = now or datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - _BACKDATED)
        .not_valid_after(start + timedelta(days=days))
    )


def authority_key_id(ca: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """What names the key of `ca` in the certificates that it signs."""
    from cryptography import x509

    key = cast("CertificateIssuerPublicKeyTypes", ca.public_key())  # it signs, so it is one of those that can
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key)


def _as_leaf(
    builder: x509.CertificateBuilder, ca: x509.Certificate, sans: Iterable[str], usages: Iterable[Usage]
) -> x509.CertificateBuilder:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    wanted = set(usages)
    extended = []
    if wanted & {"server", "peer"}:
        extended.append(ExtendedKeyUsageOID.SERVER_AUTH)
    if wanted & {"client", "peer"}:
        extended.append(ExtendedKeyUsageOID.CLIENT_AUTH)
    builder = builder.add_extension(_key_usage(for_ca=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(authority_key_id(ca), critical=False)
    names = _general_names(sans)
    return builder.add_extension(x509.SubjectAlternativeName(names), critical=False) if names else builder


def _general_names(sans: Iterable[str]) -> list[x509.GeneralName]:
    from cryptography import x509

    names: list[x509.GeneralName] = []
    for text in dict.fromkeys(sans):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(text)))
        except ValueError:
            names.append(x509.DNSName(text))
    return names


def _key_usage(*, for_ca: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        key_cert_sign=for_ca,
        crl_sign=False,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: x509.CertificateBuilder, key: PrivateKey, signer: PrivateKey) -> KeyPair:
    from cryptography.hazmat.primitives import hashes, serialization

    certificate = builder.sign(signer, hashes.SHA256())
    return KeyPair(certificate.public_bytes(serialization.Encoding.PEM), _private_pem(key))
