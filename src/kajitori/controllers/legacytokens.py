"""Tokens of service accounts that are kept in Secrets: what such a token says, and how it is signed. Pure.

They never end; the API server believes them for as long as their Secret holds them. May import: cryptography and
PyJWT (lazily: most clusters have no such Secret).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

TYPE = "kubernetes.io/service-account-token"
NAME, UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"
_ISSUER = "kubernetes/serviceaccount"
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


def token(key_pem: bytes, namespace: str, account: str, uid: str, secret: str) -> str:
    """The signed token. Raises ValueError for a key that is none."""
    import jwt
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(key_pem, password=None)
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    kid = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    curve = getattr(getattr(key, "curve", None), "name", "")
    private: Any = key
    claims = _claims(namespace, account, uid, secret)
    return jwt.encode(claims, private, _CURVES.get(curve, "RS256"), headers={"kid": kid, "typ": None})


def _claims(namespace: str, account: str, uid: str, secret: str) -> dict[str, str]:
    prefix = "kubernetes.io/serviceaccount"
    return {
        "iss": _ISSUER,
        f"{prefix}/namespace": namespace,
        f"{prefix}/secret.name": secret,
        f"{prefix}/service-account.name": account,
        f"{prefix}/service-account.uid": uid,
        "sub": f"system:serviceaccount:{namespace}:{account}",
    }


def lacking(data: Mapping[str, str], root_ca: str, namespace: str) -> dict[str, str]:
    """What a Secret's data still needs beside the token, encoded."""
    wanted = {"namespace": _encoded(namespace)} if not data.get("namespace") else {}
    if root_ca and data.get("ca.crt") != _encoded(root_ca):
        wanted["ca.crt"] = _encoded(root_ca)
    return wanted


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
