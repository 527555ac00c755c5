"""The server's own certificates and keys, made when nobody gave any: DATA_DIR/pki and an admin kubeconfig.

Private files have mode 0600 from the moment they exist. What is there is kept, so a restart keeps its clients.
May import: config, machinery.certificates (only when something is missing).
"""

import base64
import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.apiserver.config import ServerConfig

if TYPE_CHECKING:
    from kajitori.machinery.certificates import Usage


@dataclass(frozen=True)
class OwnFiles:
    """Where things are that we made ourselves."""

    kubeconfig: Path | None


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    _write(path, data, 0o600)


def _write(path: Path, data: bytes, mode: int) -> None:
    """Nobody sees it half written: somebody may wait for it to be there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    temporary.replace(path)


def complete(config: ServerConfig) -> tuple[ServerConfig, OwnFiles]:
    """The config with files for everything that was left out."""
    pki = config.data_dir / "pki"
    changes: dict[str, Any] = {}
    if not config.service_account_signing_key_file:
        changes["service_account_signing_key_file"] = str(_signing_key(pki))
    if not config.service_account_key_file:
        signing = str(changes.get("service_account_signing_key_file", config.service_account_signing_key_file))
        changes["service_account_key_file"] = (signing,)
    kubeconfig: Path | None = None
    own_ca = not config.client_ca_file
    if own_ca or not config.tls_cert_file:
        _ensure_ca(pki)
    if own_ca:
        changes["client_ca_file"] = str(pki / "ca.crt")
    if not config.tls_cert_file:
        changes["tls_cert_file"], changes["tls_private_key_file"] = _serving(config, pki)
    if own_ca:
        kubeconfig = _admin_kubeconfig(config, pki, str(changes.get("tls_cert_file", "")))
    return replace(config, **changes), OwnFiles(kubeconfig)


def _ensure_ca(pki: Path) -> None:
    pki.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (pki / "ca.key").exists() and (pki / "ca.crt").exists():
        return
    from kajitori.machinery.certificates import new_ca

    pair = new_ca("kubernetes")
    write_private(pki / "ca.key", pair.key_pem)
    _write(pki / "ca.crt", pair.cert_pem, 0o644)


def _signing_key(pki: Path) -> Path:
    path = pki / "sa.key"
    if not path.exists():
        from kajitori.machinery.certificates import new_key_pair

        pki.mkdir(parents=True, exist_ok=True, mode=0o700)
        private, public = new_key_pair("rsa")  # RS256 is what every OIDC relying party knows
        write_private(path, private)
        _write(pki / "sa.pub", public, 0o644)
    return path


def names_of_server(config: ServerConfig) -> list[str]:
    """What clients may call this server."""
    first = next(ipaddress.ip_network(config.service_cluster_ip_range.split(",")[0]).hosts())
    names = [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "localhost",
        socket.gethostname(),
        "127.0.0.1",
        "::1",
        str(first),
    ]
    for address in (config.bind_address, config.advertise_address):
        if address and address not in ("0.0.0.0", "::"):
            names.append(address)
    return list(dict.fromkeys(names))


def _serving(config: ServerConfig, pki: Path) -> tuple[str, str]:
    certificate, key = pki / "apiserver.crt", pki / "apiserver.key"
    names = names_of_server(config)
    if not (_issued(pki, "apiserver") and (pki / "apiserver.names").read_text().split() == names):
        _issue(pki, "apiserver", "kube-apiserver", (), names, "server")
        (pki / "apiserver.names").write_text("\n".join(names))
    return str(certificate), str(key)


def _issued(pki: Path, name: str) -> bool:
    return (pki / f"{name}.key").exists() and (pki / f"{name}.crt").exists()


def _issue(pki: Path, name: str, common_name: str, groups: Iterable[str], names: Iterable[str], usage: "Usage") -> None:
    from kajitori.machinery.certificates import KeyPair, issue

    ca = KeyPair((pki / "ca.crt").read_bytes(), (pki / "ca.key").read_bytes())
    pair = issue(ca, common_name, organizations=groups, sans=names, usages=(usage,))
    write_private(pki / f"{name}.key", pair.key_pem)
    _write(pki / f"{name}.crt", pair.cert_pem, 0o644)


def _admin_kubeconfig(config: ServerConfig, pki: Path, serving: str) -> Path:
    path = config.data_dir / "admin.kubeconfig"
    if not _issued(pki, "admin"):
        _issue(pki, "admin", "kubernetes-admin", ("system:masters",), (), "client")
    ca = pki / "ca.crt" if serving else Path(config.tls_cert_file)
    host = config.bind_address if config.bind_address not in ("0.0.0.0", "::", "") else "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    text = kubeconfig(
        server=f"https://{host}:{config.secure_port}",
        ca_pem=ca.read_bytes(),
        cert_pem=(pki / "admin.crt").read_bytes(),
        key_pem=(pki / "admin.key").read_bytes(),
    )
    write_private(path, text.encode())
    return path


def kubeconfig(*, server: str, ca_pem: bytes, cert_pem: bytes, key_pem: bytes) -> str:
    """A kubeconfig for one cluster and one user, named as kubeadm names them."""
    return (
        "apiVersion: v1\n"
        "kind: Config\n"
        "clusters:\n"
        "- name: kubernetes\n"
        "  cluster:\n"
        f"    server: {server}\n"
        f"    certificate-authority-data: {_b64(ca_pem)}\n"
        "users:\n"
        "- name: kubernetes-admin\n"
        "  user:\n"
        f"    client-certificate-data: {_b64(cert_pem)}\n"
        f"    client-key-data: {_b64(key_pem)}\n"
        "contexts:\n"
        "- name: kubernetes-admin@kubernetes\n"
        "  context:\n"
        "    cluster: kubernetes\n"
        "    user: kubernetes-admin\n"
        "current-context: kubernetes-admin@kubernetes\n"
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
