"""EncryptionConfiguration (apiserver.config.k8s.io/v1): which provider encrypts which resources.

Per resource the first name that covers it decides; of its entries' providers the first key writes and all read.
May import: config, encryption.{providers,kms,validation}; PyYAML when a file is read.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kajitori.aiokit import govalues
from kajitori.apiserver.config import ConfigError
from kajitori.apiserver.encryption import validation
from kajitori.apiserver.encryption.providers import AESCBC, AESGCM, Identity, Provider, SecretBox

DEFAULT_TIMEOUT_S = 3.0
KMS_V1 = (
    "KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.  "
    "Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature."
)
_API_VERSIONS = ("apiserver.config.k8s.io/v1", "v1")
_CIPHERS: dict[str, Callable[[str, bytes], Provider]] = {"aescbc": AESCBC, "aesgcm": AESGCM, "secretbox": SecretBox}


class EncryptionConfigError(ConfigError):
    """The file cannot be used; keys never show in the message."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `resources`; the first provider writes, all of them read."""

    resources: tuple[str, ...]
    providers: tuple[Provider, ...]

    def covers(self, group_resource: str) -> bool:
        """`secrets`, `pandas.bears.example`, `*.apps`, `*.` (the core group) or `*.*`."""
        return bool(self.rule_for(group_resource))

    def rule_for(self, group_resource: str) -> str:
        """Which of its names covers a resource (`secrets.` is the core group's `secrets`); "" for none."""
        name = group_resource.removesuffix(".")
        rules = (name, f"*.{name.partition('.')[2]}", "*.*")
        return next((rule for rule in rules if rule in self.resources), "")


def load(path: str | Path, *, reload: bool = False) -> list[Entry]:
    """Raises EncryptionConfigError."""
    import yaml

    start, what = "error while parsing file: error", f'encryption provider configuration file "{path}"'
    try:
        data = Path(path).read_bytes()
        document = yaml.safe_load(data)
    except OSError as error:
        why = f"open {path}: {(error.strerror or '').lower()}"
        raise EncryptionConfigError(f"{start} while loading file: error reading {what}: {why}") from None
    except yaml.YAMLError:  # whose errors quote the text
        raise EncryptionConfigError(f"{start} decoding {what}: it is not YAML") from None
    if not data:
        raise EncryptionConfigError(f"{start} while loading file: {what} is empty")
    return parse(document, reload=reload)


def parse(document: Any, *, reload: bool = False) -> list[Entry]:
    """Raises EncryptionConfigError."""
    if not isinstance(document, dict) or document.get("kind") not in ("EncryptionConfiguration", "EncryptionConfig"):
        raise EncryptionConfigError("error while parsing file: kind EncryptionConfiguration is wanted")
    if document.get("apiVersion") not in _API_VERSIONS:
        raise EncryptionConfigError(f"error while parsing file: unknown apiVersion {document.get('apiVersion')}")
    try:
        errors = validation.validate(document, reload=reload)
    except (AttributeError, TypeError):
        raise EncryptionConfigError("error while parsing file: a field is not of its type") from None
    if errors:
        texts = ", ".join(map(str, errors))
        raise EncryptionConfigError(f"error while parsing file: {texts if len(errors) == 1 else f'[{texts}]'}")
    if why := validation.masked(document):
        raise EncryptionConfigError(f"error while building transformers: {why}")
    return [_entry(entry) for entry in document["resources"]]


def _entry(entry: dict[str, Any]) -> Entry:
    providers: list[Provider] = []
    for provider in entry["providers"]:
        kind = next(kind for kind in validation.PROVIDERS if provider.get(kind) is not None)
        if kind == "identity":
            providers.append(Identity())
        elif kind == "kms":
            providers.append(_kms(provider[kind]))
        else:
            keys = provider[kind]["keys"]
            providers += [_CIPHERS[kind](key["name"], base64.b64decode(key["secret"])) for key in keys]
    return Entry(tuple(entry["resources"]), tuple(providers))


def _kms(settings: dict[str, Any]) -> Provider:
    if settings.get("apiVersion") != "v2":
        raise EncryptionConfigError(f"error while building transformers: {KMS_V1}")
    from kajitori.apiserver.encryption.kms import KMS
    from kajitori.apiserver.encryption.kmsplugin import Plugin

    timeout = settings.get("timeout")
    timeout_s = DEFAULT_TIMEOUT_S if timeout is None else float(govalues.parse_duration(str(timeout)))
    return KMS(settings["name"], Plugin(settings["endpoint"], timeout_s))
