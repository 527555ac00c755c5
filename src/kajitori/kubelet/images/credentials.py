"""Registry credentials from image pull secrets (kubernetes.io/dockerconfigjson and dockercfg).

Pure. Nothing here logs. May import: of the kubelet, `cri` (messages), `images.names`.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from ..cri import cri_pb2 as pb
from .names import DEFAULT_REGISTRY, repository_of


def entries(secret_type: str, data: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """registry → its entry, from one Secret's (base64) data; a malformed Secret has none."""
    key = ".dockerconfigjson" if secret_type == "kubernetes.io/dockerconfigjson" else ".dockercfg"  # noqa: S105 - keys and types, no secrets
    try:
        document = orjson.loads(base64.b64decode(data.get(key, "") or ""))
    except (ValueError, binascii.Error):
        return {}
    found = document.get("auths", {}) if key == ".dockerconfigjson" else document
    return {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}


def _matches(registry: str, repository: str) -> bool:
    plain = registry.removeprefix("https://").removeprefix("http://").rstrip("/")
    for version in ("/v1", "/v2"):
        plain = plain.removesuffix(version)
    host, _, path = plain.partition("/")
    if host in ("docker.io", "registry-1.docker.io"):
        host = DEFAULT_REGISTRY
    target_host, _, target_path = repository.partition("/")
    if host.count(".") != target_host.count(".") or not fnmatch.fnmatchcase(target_host, host):
        return False
    return not path or target_path == path or target_path.startswith(f"{path}/")


def _auth(entry: Mapping[str, Any]) -> pb.AuthConfig:
    user, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if not user and entry.get("auth"):
        try:
            user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
        except (ValueError, binascii.Error):
            user = password = ""
    return pb.AuthConfig(username=user, password=password, identity_token=str(entry.get("identitytoken") or ""))


def for_image(image: str, secrets: Iterable[tuple[str, Mapping[str, str]]]) -> list[pb.AuthConfig]:
    """Credentials to try, the most specific registry path first."""
    repository = repository_of(image)
    found = [
        (registry, entry)
        for secret_type, data in secrets
        for registry, entry in entries(secret_type, data).items()
        if _matches(registry, repository)
    ]
    found.sort(key=lambda item: len(item[0]), reverse=True)
    return [_auth(entry) for _, entry in found]
