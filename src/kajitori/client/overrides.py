"""From a kubeconfig's cluster and user, with what flags put over them, to a `RestConfig`; whether its files are there.

May import: client.config.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kajitori.client.config import ConfigError, ExecConfig, Impersonation, RestConfig


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What command line flags put over the file."""

    context: str = ""
    cluster: str = ""
    user: str = ""
    namespace: str = ""
    server: str = ""
    token: str = ""
    certificate_authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
    tls_server_name: str = ""
    insecure: bool | None = None
    impersonate: Impersonation | None = None
    timeout_s: float | None = None


def of_certificate(owner: str, user: Mapping[str, Any], over: Overrides) -> list[str]:
    """What is wrong with the files of a client certificate and its key."""
    certificate = over.client_certificate or user.get("client-certificate", "")
    key = over.client_key or user.get("client-key", "")
    problems = []
    if certificate and not key and not user.get("client-key-data"):
        problems.append(
            f"client-key-data or client-key must be specified for {owner} to use the clientCert authentication method."
        )
    if certificate or user.get("client-certificate-data"):
        problems += unreadable("client-cert", certificate, owner, inline=user.get("client-certificate-data"))
        problems += unreadable("client-key", key, owner, inline=user.get("client-key-data"))
    return problems


def unreadable(what: str, path: str, owner: str, *, inline: object) -> list[str]:
    """The complaint, in kubectl's words, if a file cannot be read; inline data goes before a file."""
    if not path or inline or os.access(path, os.R_OK):
        return []
    try:
        Path(path).read_bytes()
    except OSError as error:
        return [f"unable to read {what} {path} for {owner} due to open {path}: {(error.strerror or '').lower()}"]
    return []


def rest_config(cluster: Mapping[str, Any], user: Mapping[str, Any], over: Overrides, *, namespace: str) -> RestConfig:
    """`cluster` and `user` are entries' bodies, their file names absolute. Raises ConfigError."""
    insecure = bool(cluster.get("insecure-skip-tls-verify")) if over.insecure is None else over.insecure
    ca_file = over.certificate_authority or cluster.get("certificate-authority", "")
    ca_data = None if over.certificate_authority else _inline(cluster, "certificate-authority-data")
    facts: dict[str, Any] = {}
    if over.timeout_s is not None:
        facts["timeout_s"] = over.timeout_s or 365 * 86400.0
    return RestConfig(
        server=over.server or cluster.get("server") or "http://localhost:8080",
        ca_data=None if insecure else ca_data,
        ca_file="" if insecure else ca_file,
        client_cert_data=None if over.client_certificate else _inline(user, "client-certificate-data"),
        client_cert_file=over.client_certificate or user.get("client-certificate", ""),
        client_key_data=None if over.client_key else _inline(user, "client-key-data"),
        client_key_file=over.client_key or user.get("client-key", ""),
        token=over.token or user.get("token", ""),
        token_file="" if over.token else user.get("tokenFile", ""),
        username=user.get("username", ""),
        password=user.get("password", ""),
        exec=_exec(user.get("exec")),
        impersonate=over.impersonate or _impersonation(user),
        insecure=insecure,
        tls_server_name=over.tls_server_name or cluster.get("tls-server-name", ""),
        namespace=namespace,
        **facts,
    )


def _inline(body: Mapping[str, Any], key: str) -> bytes | None:
    text = body.get(key)
    if not text:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ConfigError(f"illegal base64 data in {key}") from error


def _exec(body: Mapping[str, Any] | None) -> ExecConfig | None:
    if not body:
        return None
    return ExecConfig(
        command=body.get("command", ""),
        args=tuple(body.get("args") or ()),
        env={pair["name"]: pair["value"] for pair in body.get("env") or ()},
        api_version=body.get("apiVersion", "client.authentication.k8s.io/v1"),
        install_hint=body.get("installHint", ""),
        provide_cluster_info=bool(body.get("provideClusterInfo")),
        interactive_mode=body.get("interactiveMode", "IfAvailable"),
    )


def _impersonation(user: Mapping[str, Any]) -> Impersonation | None:
    if not user.get("as"):
        return None
    groups: Sequence[str] = user.get("as-groups") or ()
    return Impersonation(
        user=user["as"], uid=user.get("as-uid", ""), groups=tuple(groups), extra=user.get("as-user-extra") or {}
    )
