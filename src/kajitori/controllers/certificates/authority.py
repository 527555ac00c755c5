"""The authority that signs approved requests: the request's subject, names and key, the usages that were asked for.

Nothing else of the request is taken over. May import: controllers.certificates.requests; cryptography, lazily.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kajitori.controllers.certificates.requests import Unfit, alternative_names
from kajitori.machinery.certificates import authority_key_id

BACKDATE = timedelta(minutes=5)
SHORT = timedelta(hours=8)
SHORTEST_S = 600
_KEY_USAGES = {
    "signing": "digital_signature",
    "digital signature": "digital_signature",
    "content commitment": "content_commitment",
    "key encipherment": "key_encipherment",
    "key agreement": "key_agreement",
    "data encipherment": "data_encipherment",
    "cert sign": "key_cert_sign",
    "crl sign": "crl_sign",
    "encipher only": "encipher_only",
    "decipher only": "decipher_only",
}
_EXTENDED = {
    "any": "2.5.29.37.0",
    "server auth": "1.3.6.1.5.5.7.3.1",
    "client auth": "1.3.6.1.5.5.7.3.2",
    "code signing": "1.3.6.1.5.5.7.3.3",
    "email protection": "1.3.6.1.5.5.7.3.4",
    "s/mime": "1.3.6.1.5.5.7.3.4",
    "ipsec end system": "1.3.6.1.5.5.7.3.5",
    "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
    "ipsec user": "1.3.6.1.5.5.7.3.7",
    "timestamping": "1.3.6.1.5.5.7.3.8",
    "ocsp signing": "1.3.6.1.5.5.7.3.9",
    "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
    "netscape sgc": "2.16.840.1.113730.4.1",
}
_FLAGS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Authority:
    """Read anew for every signature, so that renewed files need no restart."""

    cert_file: str
    key_file: str
    longest_s: float

    def sign(self, request_pem: bytes, usages: Sequence[str], expiration_s: int | None, now: datetime) -> bytes:
        """The certificate, PEM. Raises OSError, ValueError (files or request), Unfit (usages)."""
        from pathlib import Path

        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization

        ca = x509.load_pem_x509_certificate(Path(self.cert_file).read_bytes())
        key: Any = serialization.load_pem_private_key(Path(self.key_file).read_bytes(), None)
        request = x509.load_pem_x509_csr(request_pem)
        start, end = lifetime(lifetime_s(expiration_s, self.longest_s), now, ca.not_valid_after_utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(request.subject)
            .issuer_name(ca.subject)
            .public_key(request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(authority_key_id(ca), critical=False)
        )
        for extension, critical in _usage_extensions(usages):
            builder = builder.add_extension(extension, critical=critical)
        names = alternative_names(request)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def lifetime_s(asked_s: int | None, longest_s: float) -> float:
    """What was asked for, between ten minutes and --cluster-signing-duration."""
    return longest_s if asked_s is None else min(max(asked_s, SHORTEST_S), longest_s)


def lifetime(seconds: float, now: datetime, ca_end: datetime) -> tuple[datetime, datetime]:
    """Backdated a little for clocks that differ; a short life is not made shorter by that; never past the CA's."""
    start, length = now - BACKDATE, timedelta(seconds=seconds)
    end = now + length if length < SHORT else start + length
    return start, min(end, ca_end)


def _usage_extensions(usages: Sequence[str]) -> list[tuple[Any, bool]]:
    from cryptography import x509

    unknown = [usage for usage in usages if usage not in _KEY_USAGES and usage not in _EXTENDED]
    if unknown:
        raise Unfit(f"unrecognized usage values: [{' '.join(unknown)}]")
    flags = {_KEY_USAGES[usage] for usage in usages if usage in _KEY_USAGES}
    extended = list(dict.fromkeys(_EXTENDED[usage] for usage in usages if usage in _EXTENDED))
    out: list[tuple[Any, bool]] = []
    if flags:
        if not flags.isdisjoint({"encipher_only", "decipher_only"}):
            flags.add("key_agreement")  # they qualify it, and mean nothing alone
        out.append((x509.KeyUsage(**{flag: flag in flags for flag in _FLAGS}), True))
    if extended:
        out.append((x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in extended]), False))
    return out
