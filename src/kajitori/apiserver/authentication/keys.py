"""Keys of service-account tokens: reading PEM files, key ids, and the published key set (JWKS).

A key id is the SHA-256 of the public key's DER, so every server derives the same id from the same file. Everything
heavy is imported when the first key is read. May import: the standard library, cryptography (lazily).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from kajitori.apiserver.config import ConfigError

_PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)
_CURVES = {"secp256r1": ("ES256", "P-256"), "secp384r1": ("ES384", "P-384"), "secp521r1": ("ES512", "P-521")}


_NO_KEY = "holds neither a public nor a private key (RSA or ECDSA)"


class KeyFileError(ConfigError):
    """A key file holds nothing that can sign or verify tokens."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One key: `private` is None for keys that only verify."""

    kid: str
    algorithm: str
    public: Any
    private: Any = None


class KeyRing:
    """The keys of some files, parsed when first needed: the import behind it costs a tenth of a second.

    Creating one reads the files and raises KeyFileError or OSError for what cannot be meant seriously.
    """

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self._files = [(str(path), Path(path).read_bytes()) for path in paths]
        self._keys: list[TokenKey] | None = None
        for path, content in self._files:
            if not _PEM.search(content):
                raise KeyFileError(f"{path}: {_NO_KEY}")

    def __bool__(self) -> bool:
        return bool(self._files)

    @property
    def keys(self) -> list[TokenKey]:
        """All keys (public keys, private keys, certificates) of the files, in order, each once."""
        if self._keys is None:
            self._keys = _parse_files(self._files)
        return self._keys


def _parse_files(files: Iterable[tuple[str, bytes]]) -> list[TokenKey]:
    keys: dict[str, TokenKey] = {}
    for path, content in files:
        found = parse_keys(content)
        if not found:
            raise KeyFileError(f"{path}: {_NO_KEY}")
        for key in found:
            keys.setdefault(key.kid, key)
    return list(keys.values())


def parse_keys(pem: bytes) -> list[TokenKey]:
    """Every key in a PEM text, private, public or in a certificate, in order. Raises KeyFileError."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    keys = []
    for match in _PEM.finditer(pem):
        block, label = match.group(0) + b"\n", match.group(1)
        try:
            if label.endswith(b"PRIVATE KEY"):
                private = serialization.load_pem_private_key(block, password=None)
                keys.append(_token_key(private.public_key(), private))
            elif label.endswith(b"PUBLIC KEY"):
                keys.append(_token_key(serialization.load_pem_public_key(block), None))
            elif label == b"CERTIFICATE":
                keys.append(_token_key(x509.load_pem_x509_certificate(block).public_key(), None))
        except ValueError as e:
            raise KeyFileError(f"a {label.decode()} block cannot be read") from e
    return keys


def _token_key(public: Any, private: Any) -> TokenKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in _CURVES:
        algorithm = _CURVES[public.curve.name][0]
    elif isinstance(public, rsa.RSAPublicKey):
        algorithm = "RS256"
    else:
        raise KeyFileError("only RSA keys and ECDSA keys on P-256, P-384 and P-521 can be used")
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return TokenKey(kid=_base64url(sha256(der).digest()), algorithm=algorithm, public=public, private=private)


def jwks(keys: Sequence[TokenKey]) -> dict[str, Any]:
    """The JSON Web Key Set (RFC 7517) of the public halves."""
    return {"keys": [_jwk(key) for key in keys]}


def _jwk(key: TokenKey) -> dict[str, Any]:
    numbers = key.public.public_numbers()
    common = {"use": "sig", "kid": key.kid, "alg": key.algorithm}
    if key.algorithm == "RS256":
        return {
            "use": "sig",
            "kty": "RSA",
            "kid": key.kid,
            "alg": "RS256",
            "n": _number(numbers.n),
            "e": _number(numbers.e),
        }
    size = (key.public.curve.key_size + 7) // 8
    curve = _CURVES[key.public.curve.name][1]
    return {"kty": "EC", "crv": curve, "x": _number(numbers.x, size), "y": _number(numbers.y, size), **common}


def _number(value: int, size: int | None = None) -> str:
    return _base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
