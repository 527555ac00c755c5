"""Secrets made from flags. Pure but for the reading of a key pair's files. May import: kubectl.generate."""

from __future__ import annotations

import base64
import json
import ssl
from pathlib import Path
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.generate.contents import name_hash

Wire = dict[str, Any]


def secret(name: str, kind: str, contents: dict[str, bytes], *, append_hash: bool = False) -> Wire:
    """`kind` is the Secret's type, empty for the server's default; the name's hash is over type, name and data."""
    data = {key: base64.b64encode(value).decode() for key, value in contents.items()}
    made: Wire = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": name}}
    if append_hash:
        content = {"kind": "Secret", "type": kind, "name": name, "data": data or ""}
        made["metadata"]["name"] = f"{name}-{name_hash(content)}"
    if data:
        made["data"] = data
    return made | ({"type": kind} if kind else {})


def docker_config(server: str, user: str, password: str, email: str = "") -> bytes:
    """The Docker configuration file with one server's credentials."""
    entry = {"username": user, "password": password} | ({"email": email} if email else {})
    entry["auth"] = base64.b64encode(f"{user}:{password}".encode()).decode()
    return json.dumps({"auths": {server: entry}}, separators=(",", ":")).encode()


def tls_pair(certificate: str, key: str) -> tuple[bytes, bytes]:
    """Both files, known to fit each other."""
    contents = []
    for name in (certificate, key):
        try:
            contents.append(Path(name).read_bytes())
        except OSError as error:
            raise UsageError(
                f"error: Cannot read file {name}, open {name}: {(error.strerror or '').lower()}"
            ) from error
    for text, what in zip(contents, ("certificate", "key"), strict=True):
        if b"-----BEGIN" not in text:
            raise UsageError(f"error: tls: failed to find any PEM data in {what} input")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise UsageError("error: tls: private key does not match public key") from error
        raise UsageError(f"error: tls: {error.reason or error}") from error
    return contents[0], contents[1]
