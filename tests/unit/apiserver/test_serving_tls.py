"""TLS of the server: which versions and ciphers, and certificates that are renewed under it."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import kajitori
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


def handshake(
    context: ssl.SSLContext,
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    *,
    name: str = "",
    own: tuple[Path, Path] | None = None,
) -> str:
    """The common name of the certificate that a client sees. Raises OSError (ssl.SSLError)."""

    async def greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async def main() -> str:
        server = await asyncio.start_server(greeted, "127.0.0.1", 0, ssl=context)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if own is not None:
            client.load_cert_chain(*own)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.minimum_version = client.maximum_version = version
        try:
            port = server.sockets[0].getsockname()[1]
            where = {"ssl": client, "server_hostname": name or "127.0.0.1"}
            reader, writer = await asyncio.open_connection("127.0.0.1", port, **where)
            if await reader.read() != b"hello":  # TLS 1.3 tells of a refused client only here
                raise ConnectionAbortedError
            der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
        finally:
            server.close()
        from cryptography import x509

        return x509.load_der_x509_certificate(der).subject.rfc4514_string()

    return asyncio.run(main())


def test_minimum_version_is_kept(config: ServerConfig) -> None:
    from dataclasses import replace

    context = server_context(replace(config, tls_min_version="VersionTLS13")).context
    assert handshake(context, ssl.TLSVersion.TLSv1_3) == "CN=first"
    with pytest.raises(OSError):
        handshake(context, ssl.TLSVersion.TLSv1_2)


def test_renewed_certificate_is_served_to_new_connections(config: ServerConfig, tmp_path: Path) -> None:
    serving = server_context(config)
    context, reloading = serving.context, Reloading(serving, config, FakeClock())
    assert handshake(context, ssl.TLSVersion.TLSv1_3) == "CN=first"
    assert not reloading.look()
    issue(tmp_path, "second")
    for name in ("tls.crt", "tls.key"):
        os.utime(tmp_path / name, ns=(0, 0))
    assert reloading.look()
    assert handshake(context, ssl.TLSVersion.TLSv1_3) == "CN=second"


def test_half_written_files_leave_the_old_certificate(config: ServerConfig, tmp_path: Path) -> None:
    serving = server_context(config)
    context, reloading = serving.context, Reloading(serving, config, FakeClock())
    (tmp_path / "tls.crt").write_text("-----BEGIN")
    assert not reloading.look()
    assert handshake(context, ssl.TLSVersion.TLSv1_3) == "CN=first"


def test_a_certificate_is_chosen_by_the_name_that_is_asked_for(config: ServerConfig, tmp_path: Path) -> None:
    from dataclasses import replace

    pairs = []
    for name, sans in (("foo", ["foo.example.com"]), ("wild", ["*.example.com"]), ("told", ["unused.example.org"])):
        pair = certificates.issue(certificates.new_ca("ca"), name, sans=sans, usages=["server"])
        (tmp_path / f"{name}.crt").write_bytes(pair.cert_pem)
        (tmp_path / f"{name}.key").write_bytes(pair.key_pem)
        pairs.append(f"{tmp_path}/{name}.crt,{tmp_path}/{name}.key" + (":told.example.com" if name == "told" else ""))
    context = server_context(replace(config, tls_sni_cert_key=tuple(pairs))).context
    seen = [handshake(context, name=n) for n in ("foo.example.com", "bar.example.com", "told.example.com", "else.org")]
    assert seen == ["CN=foo", "CN=wild", "CN=told", "CN=first"]


@pytest.mark.parametrize("given", ["only.crt", "a.crt,b.key,c", ",b.key"])
def test_a_pair_that_is_none_is_refused(config: ServerConfig, given: str) -> None:
    from dataclasses import replace

    with pytest.raises(ConfigError, match="expected comma separated certificate and key file paths"):
        server_context(replace(config, tls_sni_cert_key=(given,)))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_authority_counts_until_it_is_taken_out(
    config: ServerConfig, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    from dataclasses import replace

    old, new = certificates.new_ca("old"), certificates.new_ca("new")
    users = []
    for ca, name in ((old, "old"), (new, "new")):
        pair = certificates.issue(ca, "ann", usages=["client"])
        users.append((tmp_path / f"{name}.crt", tmp_path / f"{name}.key"))
        users[-1][0].write_bytes(pair.cert_pem)
        users[-1][1].write_bytes(pair.key_pem)
    bundle = tmp_path / "clients.crt"
    bundle.write_bytes(old.cert_pem)
    config = replace(config, client_ca_file=str(bundle))
    serving = server_context(config)
    reloading = Reloading(serving, config, FakeClock())
    handshake(serving.context, version, own=users[0])
    with pytest.raises(OSError):
        handshake(serving.context, version, own=users[1])
    bundle.write_bytes(new.cert_pem)
    os.utime(bundle, ns=(0, 0))
    assert reloading.look()
    handshake(serving.context, version, own=users[1])
    with pytest.raises(OSError):
        handshake(serving.context, version, own=users[0])


@pytest.mark.parametrize("days_ago", [0, 9])
def test_the_handshake_is_for_whom_the_dates_are_wrong_too_but_for_no_stranger(
    config: ServerConfig, tmp_path: Path, days_ago: int
) -> None:
    from dataclasses import replace

    now = datetime.now(UTC) - timedelta(days=days_ago)
    ca, stranger = certificates.new_ca("client-ca", days=2, now=now), certificates.new_ca("client-ca")
    (tmp_path / "ca.crt").write_bytes(ca.cert_pem)
    context = server_context(replace(config, client_ca_file=str(tmp_path / "ca.crt"))).context
    pair, files = certificates.issue(ca, "jane", days=1, now=now), (tmp_path / "c.crt", tmp_path / "c.key")
    for one in (pair, certificates.issue(stranger, "jane")):
        for file, pem in zip(files, (one.cert_pem, one.key_pem), strict=True):
            file.write_bytes(pem)
        if one is pair:
            assert handshake(context, own=files) == "CN=first"
        else:
            with pytest.raises(OSError):
                handshake(context, own=files)


def test_no_other_server_lets_expired_certificates_through_the_handshake() -> None:
    sources = Path(kajitori.__file__).parent
    found = [file for file in sources.rglob("*.py") if re.search("0x200000|NO_CHECK_TIME", file.read_text())]
    assert [str(file.relative_to(sources)) for file in found] == ["apiserver/tls.py"]
