"""Where an API server is and who we are: `RestConfig`, and the one that every Pod has (`in_cluster`).

Plain data: files named here are read when a connection is made, so that rotated certificates and tokens are used.
May import: the standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SERVICE_ACCOUNT_DIR = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class ConfigError(Exception):
    """A configuration that cannot be used; the message is meant for the user."""


@dataclass(frozen=True, kw_only=True)
class ExecConfig:
    """A program that prints credentials (client.authentication.k8s.io)."""

    command: str
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    api_version: str = "client.authentication.k8s.io/v1"
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = "IfAvailable"


@dataclass(frozen=True, kw_only=True)
class Impersonation:
    """In whose name requests are made (`--as`); empty for nobody's but our own."""

    user: str = ""
    uid: str = ""
    groups: Sequence[str] = ()
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RestConfig:
    """Everything that a `Transport` needs. Inline data wins over a file of the same purpose; repr shows no secret."""

    server: str
    ca_data: bytes | None = field(default=None, repr=False)
    ca_file: str = ""
    client_cert_data: bytes | None = field(default=None, repr=False)
    client_cert_file: str = ""
    client_key_data: bytes | None = field(default=None, repr=False)
    client_key_file: str = ""
    token: str = field(default="", repr=False)
    token_file: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    exec: ExecConfig | None = None
    impersonate: Impersonation | None = None
    insecure: bool = False
    tls_server_name: str = ""
    namespace: str = "default"
    timeout_s: float = 65.0
    user_agent: str = "kajitori/v0.1.0 (linux) kubernetes/v1.34"


def in_cluster(folder: Path = SERVICE_ACCOUNT_DIR, environ: Mapping[str, str] = os.environ) -> RestConfig:
    """The configuration of a process in a Pod. Its token file is read again as the kubelet renews it."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "")
    if not host or not port:
        raise ConfigError(
            "unable to load in-cluster configuration, "
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined"
        )
    if not (folder / "token").is_file():
        raise ConfigError(f"open {folder / 'token'}: no such file or directory")
    namespace = folder / "namespace"
    return RestConfig(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        ca_file=str(folder / "ca.crt"),
        token_file=str(folder / "token"),
        namespace=namespace.read_text().strip() if namespace.is_file() else "default",
    )
