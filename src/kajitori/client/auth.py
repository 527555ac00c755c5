"""Who we are, on the wire: the Authorization and Impersonate headers, and client certificates from exec plugins.

Token files are read again at most every ten seconds; an exec plugin runs when its credentials are missing, expired or
refused (`refused()`), never twice at once.
May import: client.config, the standard library, orjson.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import orjson

from kajitori.client.config import ConfigError, ExecConfig, RestConfig

TOKEN_FILE_PERIOD_S = 10.0
EXEC_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class ExecCredential:
    """What an exec plugin answered: a token, a certificate with its key, or both."""

    token: str
    cert_pem: bytes | None
    key_pem: bytes | None
    expires_at: float  # seconds since the epoch; infinite when the plugin did not say


class Credentials:
    """The headers that identify us. Cheap to ask before every request."""

    def __init__(self, config: RestConfig) -> None:
        self._config = config
        self._impersonation = _impersonation_headers(config)
        self._file_token = ""
        self._file_read_at = -TOKEN_FILE_PERIOD_S
        self._exec: ExecCredential | None = None
        self._exec_lock: asyncio.Lock | None = None

    async def headers(self) -> list[tuple[str, str]]:
        """For one request; a token that is old is fetched again first."""
        token = await self._token()
        if token:
            return [("Authorization", f"Bearer {token}"), *self._impersonation]
        if self._config.username:
            pair = f"{self._config.username}:{self._config.password}".encode()
            return [("Authorization", f"Basic {base64.b64encode(pair).decode()}"), *self._impersonation]
        return self._impersonation

    async def client_certificate(self) -> tuple[bytes, bytes] | None:
        """Certificate and key from the exec plugin, if it gives them."""
        if self._config.exec is None:
            return None
        credential = await self._exec_credential(self._config.exec)
        if credential.cert_pem and credential.key_pem:
            return credential.cert_pem, credential.key_pem
        return None

    def refused(self) -> bool:
        """The server answered 401. True if asking again could help: the caller may repeat the request once."""
        if self._config.exec is not None and self._exec is not None:
            self._exec = None
            return True
        if self._config.token_file:
            before = self._file_token
            self._file_read_at = -TOKEN_FILE_PERIOD_S
            return self._read_token_file() != before
        return False

    async def _token(self) -> str:
        if self._config.exec is not None:
            return (await self._exec_credential(self._config.exec)).token
        if self._config.token_file:
            return self._read_token_file()
        return self._config.token

    def _read_token_file(self) -> str:
        now = time.monotonic()
        if now - self._file_read_at >= TOKEN_FILE_PERIOD_S:
            try:
                self._file_token = Path(self._config.token_file).read_text().strip()
            except OSError:
                if not self._file_token:
                    raise
            self._file_read_at = now
        return self._file_token

    async def _exec_credential(self, plugin: ExecConfig) -> ExecCredential:
        self._exec_lock = self._exec_lock or asyncio.Lock()
        async with self._exec_lock:
            if self._exec is None or self._exec.expires_at <= time.time():
                self._exec = await run_exec_plugin(plugin, self._config)
            return self._exec


async def run_exec_plugin(plugin: ExecConfig, config: RestConfig) -> ExecCredential:
    """Raises ConfigError when the plugin is missing, fails or answers nonsense; TimeoutError when it takes too long."""
    info: dict[str, object] = {"interactive": False}
    if plugin.provide_cluster_info:
        cluster: dict[str, object] = {"server": config.server}
        if config.ca_data:
            cluster["certificate-authority-data"] = base64.b64encode(config.ca_data).decode()
        if config.insecure:
            cluster["insecure-skip-tls-verify"] = True
        info["cluster"] = cluster
    request = {"kind": "ExecCredential", "apiVersion": plugin.api_version, "spec": info}
    env = {**os.environ, **plugin.env, "KUBERNETES_EXEC_INFO": orjson.dumps(request).decode()}
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command, *plugin.args, env=env, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
    except FileNotFoundError as error:
        hint = f"\n\n{plugin.install_hint}" if plugin.install_hint else ""
        raise ConfigError(f"getting credentials: exec: executable {plugin.command} not found{hint}") from error
    try:
        async with asyncio.timeout(EXEC_TIMEOUT_S):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode != 0:
        raise ConfigError(
            f"getting credentials: exec: executable {plugin.command} failed with exit code {process.returncode}"
        )
    return parse_exec_credential(out, plugin.api_version)


def parse_exec_credential(out: bytes, api_version: str) -> ExecCredential:
    """Raises ConfigError, in client-go's words."""
    try:
        answer = orjson.loads(out)
        status = answer["status"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError("getting credentials: exec plugin didn't return a status field") from error
    if answer.get("apiVersion") != api_version:
        raise ConfigError(
            "getting credentials: exec plugin is configured to use API version "
            f"{api_version}, plugin returned version {answer.get('apiVersion')}"
        )
    token = status.get("token", "")
    cert, key = status.get("clientCertificateData"), status.get("clientKeyData")
    if not token and not (cert and key):
        raise ConfigError("getting credentials: exec plugin didn't return a token or cert/key pair")
    return ExecCredential(
        token=token,
        cert_pem=cert.encode() if cert else None,
        key_pem=key.encode() if key else None,
        expires_at=_epoch(status.get("expirationTimestamp")),
    )


def _epoch(stamp: str | None) -> float:
    if not stamp:
        return float("inf")
    from datetime import datetime

    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def _impersonation_headers(config: RestConfig) -> list[tuple[str, str]]:
    who = config.impersonate
    if who is None:
        return []
    pairs = [("Impersonate-User", who.user)] if who.user else []
    pairs += [("Impersonate-Uid", who.uid)] if who.uid else []
    pairs += [("Impersonate-Group", group) for group in who.groups]
    return pairs + [
        (f"Impersonate-Extra-{quote(key, safe='')}", value) for key, values in who.extra.items() for value in values
    ]
