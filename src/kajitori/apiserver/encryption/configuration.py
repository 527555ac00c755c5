"""EncryptionConfiguration (apiserver.config.k8s.io/v1): which provider encrypts which resources. KMS is not supported.

Per resource the first entry that names it decides; of its providers the first key writes and all read.
May import: config, encryption.providers; PyYAML when a file is read.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kajitori.apiserver.config import ConfigError
from kajitori.apiserver.encryption.providers import AESCBC, AESGCM, Identity, Provider, SecretBox

_API_VERSIONS = ("apiserver.config.k8s.io/v1", "v1")
_CIPHERS: dict[str, tuple[Callable[[str, bytes], Provider], tuple[int, ...]]] = {
    "aescbc": (AESCBC, (16, 24, 32)),
    "aesgcm": (AESGCM, (16, 24, 32)),
    "secretbox": (SecretBox, (32,)),
}


class EncryptionConfigError(ConfigError):
    """The file cannot be used; keys never show in the message."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `resources`; the first provider writes, all of them read."""

    resources: tuple[str, ...]
    providers: tuple[Provider, ...]

    def covers(self, group_resource: str) -> bool:
        """`secrets`, `pandas.bears.example`, `*.apps`, `*.` (the core group) or `*.*`."""
        _, _, group = group_resource.partition(".")
        return any(name in ("*.*", group_resource) or name == f"*.{group}" for name in self.resources)


def load(path: str | Path) -> list[Entry]:
    """Raises EncryptionConfigError."""
    import yaml

    try:
        document = yaml.safe_load(Path(path).read_bytes())
    except (OSError, yaml.YAMLError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is not YAML"  # whose errors quote the text
        raise EncryptionConfigError(f'error opening encryption provider configuration file "{path}": {what}') from None
    return parse(document)


def parse(document: Any) -> list[Entry]:
    """Raises EncryptionConfigError."""
    if not isinstance(document, dict) or document.get("kind") not in ("EncryptionConfiguration", "EncryptionConfig"):
        raise EncryptionConfigError("error while parsing file: kind EncryptionConfiguration is wanted")
    if document.get("apiVersion") not in _API_VERSIONS:
        raise EncryptionConfigError(f"error while parsing file: unknown apiVersion {document.get('apiVersion')}")
    entries = document.get("resources")
    if not entries:
        raise EncryptionConfigError("resources: Required value: at least one resources entry is required")
    return [_entry(entry, f"resources[{index}]") for index, entry in enumerate(entries)]


def _entry(entry: dict[str, Any], at: str) -> Entry:
    resources = tuple(entry.get("resources") or ())
    if not resources:
        raise EncryptionConfigError(f"{at}.resources: Required value: at least one resource is required")
    for index, name in enumerate(resources):
        if name == "*" or ("*" in name and not name.startswith("*.")) or name.lower() != name:
            raise EncryptionConfigError(f'{at}.resources[{index}]: Invalid value: "{name}": not a resource or wildcard')
    given = entry.get("providers") or ()
    if not given:
        raise EncryptionConfigError(f"{at}.providers: Required value: at least one provider is required")
    providers = [
        one for index, provider in enumerate(given) for one in _providers(provider, f"{at}.providers[{index}]")
    ]
    return Entry(resources, tuple(providers))


def _providers(provider: dict[str, Any], at: str) -> Sequence[Provider]:
    if not isinstance(provider, dict) or len(provider) != 1:
        raise EncryptionConfigError(f"{at}: exactly one of identity, aescbc, aesgcm and secretbox is wanted")
    (kind, settings), *_ = provider.items()
    if kind == "identity":
        return [Identity()]
    if kind == "kms":
        raise EncryptionConfigError(f"{at}.kms: KMS providers are not supported by Kajitori")
    if kind not in _CIPHERS:
        raise EncryptionConfigError(f'{at}: unknown provider "{kind}"')
    make, sizes = _CIPHERS[kind]
    keys = (settings or {}).get("keys") or ()
    if not keys:
        raise EncryptionConfigError(f"{at}.{kind}.keys: Required value: at least one key is required")
    return [_key(make, sizes, key, f"{at}.{kind}.keys[{index}]") for index, key in enumerate(keys)]


def _key(make: Callable[[str, bytes], Provider], sizes: tuple[int, ...], key: dict[str, Any], at: str) -> Provider:
    name = key.get("name") or ""
    if not name or ":" in name:
        raise EncryptionConfigError(f"{at}.name: a name without a colon is required")
    try:
        secret = base64.b64decode(key.get("secret") or "", validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise EncryptionConfigError(f'{at}.secret: Invalid value: "REDACTED": must be base64 encoded') from None
    if len(secret) not in sizes:
        wanted = " ".join(map(str, sizes))
        raise EncryptionConfigError(
            f'{at}.secret: Invalid value: "REDACTED": secret is not of the expected length, got {len(secret)}, '
            f"expected one of [{wanted}]"
        )
    return make(name, secret)
