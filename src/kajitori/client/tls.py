"""The TLS context of a client, built once and again only when a certificate file has changed.

Keys given as data never touch a disk: they pass to OpenSSL through an anonymous memory file.
May import: client.config, the standard library.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from kajitori.client.config import ConfigError, RestConfig


class TlsContexts:
    """Gives the context for the next connection; established connections keep theirs."""

    def __init__(self, config: RestConfig) -> None:
        self._config = config
        self._context: ssl.SSLContext | None = None
        self._stamp: tuple[object, ...] = ()

    def get(self, exec_certificate: tuple[bytes, bytes] | None = None) -> ssl.SSLContext:
        """The context for a new connection; `exec_certificate` is a plugin's pair of certificate and key, PEM."""
        stamp = (*(_mtime(f) for f in self._files()), exec_certificate)
        if self._context is None or stamp != self._stamp:
            self._context, self._stamp = build_context(self._config, exec_certificate), stamp
        return self._context

    def _files(self) -> list[str]:
        return [f for f in (self._config.ca_file, self._config.client_cert_file, self._config.client_key_file) if f]


def build_context(config: RestConfig, exec_certificate: tuple[bytes, bytes] | None = None) -> ssl.SSLContext:
    """TLS 1.2 at least, HTTP/1.1. Raises ConfigError for files that cannot be read or do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if config.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif config.ca_data:
        _load_ca(context, config.ca_data, "certificate-authority-data")
    elif config.ca_file:
        _load_ca(context, _read(config.ca_file), config.ca_file)
    else:
        context.load_default_certs()
    cert = config.client_cert_data or (_read(config.client_cert_file) if config.client_cert_file else None)
    key = config.client_key_data or (_read(config.client_key_file) if config.client_key_file else None)
    if exec_certificate is not None:
        cert, key = exec_certificate
    if cert and not key:
        raise ConfigError("tls: client certificate given without its key")
    if cert and key:
        _load_chain(context, cert, key)
    return context


def _load_ca(context: ssl.SSLContext, pem: bytes, source: str) -> None:
    try:
        context.load_verify_locations(cadata=pem.decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise ConfigError(f"unable to load root certificates: unable to parse bytes as PEM block ({source})") from error


def _load_chain(context: ssl.SSLContext, cert: bytes, key: bytes) -> None:
    handle = os.memfd_create("client-certificate", os.MFD_CLOEXEC)
    try:
        os.write(handle, cert.rstrip() + b"\n" + key)
        context.load_cert_chain(f"/proc/self/fd/{handle}")
    except ssl.SSLError as error:
        raise ConfigError(f"tls: cannot use the client certificate: {error}") from error
    finally:
        os.close(handle)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"unable to read {path}: {error.strerror}") from error


def _mtime(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0
