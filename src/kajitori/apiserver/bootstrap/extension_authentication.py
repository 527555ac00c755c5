"""The ConfigMap kube-system/extension-apiserver-authentication: whom servers behind this one are to trust.

It holds the CA of clients and how the front proxy shows itself. It comes back when it is deleted or changed, and
follows the files that it is made of; what other servers wrote into it (their CAs, their headers) stays, without CAs
that have expired. May import: deps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import orjson

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import AlreadyExists, StatusError

NAMESPACE, NAME = "kube-system", "extension-apiserver-authentication"
_CHECK_EVERY_S = 60.0
_CAS = ("client-ca-file", "requestheader-client-ca-file")
_END = "-----END CERTIFICATE-----"
log = get_logger(__name__)


def own_data(config: ServerConfig) -> dict[str, str]:
    """What this server's flags say. Raises OSError."""
    data: dict[str, str] = {}
    if config.client_ca_file:
        data["client-ca-file"] = Path(config.client_ca_file).read_text()
    if config.requestheader_client_ca_file:
        data |= {
            "requestheader-client-ca-file": Path(config.requestheader_client_ca_file).read_text(),
            "requestheader-allowed-names": _json(config.requestheader_allowed_names),
            "requestheader-username-headers": _json(_canonical(config.requestheader_username_headers)),
            "requestheader-group-headers": _json(_canonical(config.requestheader_group_headers)),
            "requestheader-extra-headers-prefix": _json(_canonical(config.requestheader_extra_headers_prefix)),
        }
        if config.requestheader_uid_headers:
            data["requestheader-uid-headers"] = _json(_canonical(config.requestheader_uid_headers))
    return data


def combined(present: dict[str, str], own: dict[str, str]) -> dict[str, str]:
    """What is there with what is ours; lists and bundles hold each thing once, what is there first."""
    out = dict(present)
    for key, value in own.items():
        if key not in present:
            out[key] = value
        elif key in _CAS:
            out[key] = _bundle(present[key], value)
        elif key == "requestheader-allowed-names" and (_words(present[key]) == [] or _words(value) == []):
            out[key] = "[]"  # anybody, for one of the servers
        else:
            out[key] = _json(dict.fromkeys([*_words(present[key]), *_words(value)]))
    return out


def _bundle(present: str, own: str) -> str:
    """Both bundles, without what has expired. An unreadable bundle counts for nothing."""
    from datetime import UTC, datetime

    from cryptography import x509

    def blocks(pem: str) -> list[str]:
        return [part.strip() + f"\n{_END}" for part in pem.split(_END) if "-----BEGIN CERTIFICATE-----" in part]

    if blocks(present) == blocks(own):
        return own
    kept: dict[str, None] = {}
    for block in [*blocks(present), *blocks(own)]:
        try:
            is_valid = x509.load_pem_x509_certificate(block.encode()).not_valid_after_utc > datetime.now(UTC)
        except ValueError:
            continue
        if is_valid:
            kept[block] = None
    return "".join(f"{block}\n" for block in kept)


def _words(text: str) -> list[str]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return [str(one) for one in found] if isinstance(found, list) else []


def _canonical(headers: Iterable[str]) -> list[str]:
    return ["-".join(word.capitalize() for word in header.split("-")) for header in headers]


def _json(values: Iterable[str]) -> str:
    return orjson.dumps(list(values)).decode()


async def ensure_extension_authentication(deps: ServerDeps) -> None:
    """Create or complete it. Raises StatusError, OSError."""
    own = await asyncio.to_thread(own_data, deps.config)
    existing = deps.reader.get("", "configmaps", NAMESPACE, NAME)
    if existing is None:
        metadata = {"name": NAME, "namespace": NAMESPACE}
        try:
            await deps.writer.create(
                "", "configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": own}
            )
        except AlreadyExists:
            pass
        return
    present = existing.get("data") or {}
    wanted = combined(present, own)
    if wanted != present:
        await deps.writer.update("", "configmaps", {**existing, "data": wanted})


class ExtensionAuthentication:
    """Looks once a minute, as upstream, whether there is anything to do."""

    name = "extension-authentication"

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps
        self._seen: object = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._deps.clock.sleep(_CHECK_EVERY_S)
            try:
                now = self._state()
                if now != self._seen:
                    await ensure_extension_authentication(self._deps)
                    self._seen = self._state()
            except (OSError, StatusError) as error:
                log.warning("cannot write the ConfigMap of extension servers", error=str(error))

    def _state(self) -> object:
        config, found = self._deps.config, self._deps.reader.get("", "configmaps", NAMESPACE, NAME)
        files = (config.client_ca_file, config.requestheader_client_ca_file)
        revision = (found or {"metadata": {}})["metadata"].get("resourceVersion")
        return revision, tuple(Path(file).stat().st_mtime_ns for file in files if file)
