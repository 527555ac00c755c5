"""TLS of the server: which versions and ciphers, and certificates that are renewed under it."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path

import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.apiserver.config import ConfigError, ServerConfig
from kajitori.apiserver.tls import Reloading, ciphers, minimum_version, server_context
from kajitori.machinery import certificates


@pytest.fixture
def config(tmp_path: Path) -> ServerConfig:
    issue(tmp_path, "first")
    return ServerConfig(tls_cert_file=str(tmp_path / "tls.crt"), tls_private_key_file=str(tmp_path / "tls.key"))


def issue(directory: Path, name: str) -> None:
    pair = certificates.issue(certificates.new_ca("ca"), name, sans=["localhost"], usages=["server"])
    (directory / "tls.crt").write_bytes(pair.cert_pem)
    (directory / "tls.key").write_bytes(pair.key_pem)


@pytest.mark.parametrize("name", ["VersionTLS10", "VersionTLS11", "TLS12", "VersionSSL30"])
def test_old_and_unknown_versions_are_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        minimum_version(name)


def test_cipher_suites_go_by_their_standard_names() -> None:
    given = ("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA")
    assert ciphers(given) == "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA"
    with pytest.raises(ConfigError, match="Cipher suite TLS_RSA_WITH_RC4_128_SHA not supported"):
        ciphers(("TLS_RSA_WITH_RC4_128_SHA",))


def handshake(context: ssl.SSLContext, version: ssl.TLSVersion) -> str:
    """The common name of the certificate that a client sees. Raises OSError (ssl.SSLError)."""

    async def main() -> str:
        server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0, ssl=context)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.minimum_version = client.maximum_version = version
        try:
            port = server.sockets[0].getsockname()[1]
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
            der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
        finally:
            server.close()
        from cryptography import x509

        return x509.load_der_x509_certificate(der).subject.rfc4514_string()

    return asyncio.run(main())


def test_minimum_version_is_kept(config: ServerConfig) -> None:
    from dataclasses import replace

    context = server_context(replace(config, tls_min_version="VersionTLS13"))
    assert handshake(context, ssl.TLSVersion.TLSv1_3) == "CN=first"
    with pytest.raises(OSError):
        handshake(context, ssl.TLSVersion.TLSv1_2)


def test_renewed_certificate_is_served_to_new_connections(config: ServerConfig, tmp_path: Path) -> None:
    context = server_context(config)
    reloading = Reloading(context, config, FakeClock())
    assert handshake(context, ssl.TLSVersion.TLSv1_3) == "CN=first"
    assert not reloading.look()
    issue(tmp_path, "second")
    for name in ("tls.crt", "tls.key"):
        os.utime(tmp_path / name, ns=(0, 0))
    assert reloading.look()
    assert handshake(context, ssl.TLSVersion.TLSv1_3) == "CN=second"


def test_half_written_files_leave_the_old_certificate(config: ServerConfig, tmp_path: Path) -> None:
    context = server_context(config)
    reloading = Reloading(context, config, FakeClock())
    (tmp_path / "tls.crt").write_text("-----BEGIN")
    assert not reloading.look()
    assert handshake(context, ssl.TLSVersion.TLSv1_3) == "CN=first"
