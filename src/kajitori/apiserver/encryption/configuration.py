"""EncryptionConfiguration (apiserver.config.k8s.io/v1): which provider encrypts which resources.

Per resource the first entry that names it decides; of its providers the first key writes and all read.
May import: config, encryption.{providers,kms}; PyYAML when a file is read.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kajitori.aiokit import govalues
from kajitori.apiserver.config import ConfigError
from kajitori.apiserver.encryption.providers import AESCBC, AESGCM, Identity, Provider, SecretBox

DEFAULT_TIMEOUT_S = 3.0
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
    kms_names: set[str] = set()
    return [_entry(entry, f"resources[{index}]", kms_names) for index, entry in enumerate(entries)]


def _entry(entry: dict[str, Any], at: str, kms_names: set[str]) -> Entry:
    resources = tuple(entry.get("resources") or ())
    if not resources:
        raise EncryptionConfigError(f"{at}.resources: Required value: at least one resource is required")
    for index, name in enumerate(resources):
        if name == "*" or ("*" in name and not name.startswith("*.")) or name.lower() != name:
            raise EncryptionConfigError(f'{at}.resources[{index}]: Invalid value: "{name}": not a resource or wildcard')
    given = entry.get("providers") or ()
    if not given:
        raise EncryptionConfigError(f"{at}.providers: Required value: at least one provider is required")
    providers: list[Provider] = []
    for index, provider in enumerate(given):
        providers += _providers(provider, f"{at}.providers[{index}]", kms_names)
    return Entry(resources, tuple(providers))


def _providers(provider: dict[str, Any], at: str, kms_names: set[str]) -> Sequence[Provider]:
    if not isinstance(provider, dict) or len(provider) != 1:
        raise EncryptionConfigError(f"{at}: exactly one of identity, aescbc, aesgcm, secretbox and kms is wanted")
    (kind, settings), *_ = provider.items()
    if kind == "identity":
        return [Identity()]
    if kind == "kms":
        return [_kms(settings or {}, f"{at}.kms", kms_names)]
    if kind not in _CIPHERS:
        raise EncryptionConfigError(f'{at}: unknown provider "{kind}"')
    make, sizes = _CIPHERS[kind]
    keys = (settings or {}).get("keys") or ()
    if not keys:
        raise EncryptionConfigError(f"{at}.{kind}.keys: Required value: at least one key is required")
    return [_key(make, sizes, key, f"{at}.{kind}.keys[{index}]") for index, key in enumerate(keys)]


def _kms(settings: dict[str, Any], at: str, names: set[str]) -> Provider:
    name, endpoint = settings.get("name") or "", settings.get("endpoint") or ""
    version = settings.get("apiVersion") or "v1"
    if not name:
        raise EncryptionConfigError(f"{at}.name: Required value: name is a mandatory field for a provider")
    if ":" in name:
        why = f"invalid KMS provider name {name}, must not contain ':'"
        raise EncryptionConfigError(f'{at}.name: Invalid value: "{name}": {why}')
    if name in names:
        why = f"duplicate KMS provider name {name}, names must be unique"
        raise EncryptionConfigError(f'{at}.name: Invalid value: "{name}": {why}')
    names.add(name)
    timeout_s = _timeout(settings.get("timeout"), f"{at}.timeout")
    if not endpoint:
        raise EncryptionConfigError(f'{at}.endpoint: Invalid value: "": endpoint is a mandatory field for a kms')
    scheme = endpoint.partition(":")[0]
    if scheme != "unix":
        why = f'unsupported scheme "{scheme}" for KMS provider, only unix is supported'
        raise EncryptionConfigError(f'{at}.endpoint: Invalid value: "{endpoint}": {why}')
    if version == "v1":
        raise EncryptionConfigError(
            "KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead."
        )
    if version != "v2":
        why = f"unsupported apiVersion {version} for KMS provider, only v1 and v2 are supported"
        raise EncryptionConfigError(f'{at}.apiVersion: Invalid value: "{version}": {why}')
    if settings.get("cachesize") is not None:
        why = f"Invalid value: {settings['cachesize']}: cachesize is not supported in v2"
        raise EncryptionConfigError(f"{at}.cachesize: {why}")
    from kajitori.apiserver.encryption.kms import KMS
    from kajitori.apiserver.encryption.kmsplugin import Plugin

    return KMS(name, Plugin(endpoint, timeout_s))


def _timeout(given: Any, at: str) -> float:
    try:
        seconds = float(govalues.parse_duration(str(given))) if given is not None else DEFAULT_TIMEOUT_S
    except ValueError as error:
        raise EncryptionConfigError(f"{at}: {error}") from None
    if seconds <= 0:
        raise EncryptionConfigError(f'{at}: Invalid value: "{given}": timeout should be a positive value')
    return seconds


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
