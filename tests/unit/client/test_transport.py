import asyncio
import ssl
from dataclasses import replace

import pytest

from kajitori.client.config import RestConfig
from kajitori.client.connection import ProtocolError
from kajitori.client.transport import Transport, UpgradeRefused


def test_a_connection_is_used_again(scripted, respond) -> None:
    async def scenario() -> None:
        async with scripted(respond(b"{}")) as server:
            transport = Transport(server.config)
            for _ in range(3):
                assert (await transport.request("GET", "/api")).body == b"{}"
            assert server.connections == 1
            await transport.close()

    asyncio.run(scenario())


def test_many_requests_at_once_share_few_connections(scripted, respond) -> None:
    async def scenario() -> None:
        async with scripted(respond(b"{}")) as server:
            transport = Transport(server.config)
            await asyncio.gather(*(transport.request("POST", "/x", body=b"1") for _ in range(200)))
            assert len(server.requests) == 200
            assert server.connections <= 16
            await transport.close()

    asyncio.run(scenario())


def test_idle_connections_are_closed_after_a_while(scripted, respond, monkeypatch) -> None:
    from kajitori.client import pool as module

    monkeypatch.setattr(module, "IDLE_S", 0.02)

    async def scenario() -> None:
        async with scripted(respond(b"{}")) as server:
            transport = Transport(server.config)
            await transport.request("GET", "/x")
            (connection,) = transport._pool._idle
            async with asyncio.timeout(2):
                await connection.writer.wait_closed()
            assert transport._pool._idle == []

    asyncio.run(scenario())


def test_waiting_for_a_server_that_starts_needs_one_probe_for_all(monkeypatch) -> None:
    async def scenario() -> None:
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        transport = Transport(RestConfig(server=f"http://127.0.0.1:{port}"))
        waiting = [asyncio.ensure_future(transport.reachable()) for _ in range(5)]
        done, _ = await asyncio.wait(waiting, timeout=0.05)
        assert not done
        assert len(transport._background) == 1
        server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", port)
        async with asyncio.timeout(3):
            assert await asyncio.gather(*waiting) == [True] * 5
        assert await transport.reachable() is False
        server.close()
        await transport.close()

    asyncio.run(scenario())


def test_chunked_bodies_and_repeated_headers_are_joined(scripted) -> None:
    async def answer(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nWarning: a\r\nWarning: b\r\n\r\n")
        writer.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    async def scenario() -> None:
        async with scripted(answer) as server:
            response = await Transport(server.config).request("GET", "/x")
            assert (response.body, response.headers["warning"]) == (b"abcde", "a, b")

    asyncio.run(scenario())


def test_a_body_without_length_ends_with_the_connection(scripted) -> None:
    async def answer(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
        return False

    async def scenario() -> None:
        async with scripted(answer) as server:
            assert (await Transport(server.config).request("GET", "/x")).body == b"all of it"

    asyncio.run(scenario())


def test_a_body_cut_short_is_an_error(scripted) -> None:
    async def answer(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        return False

    async def scenario() -> None:
        async with scripted(answer) as server:
            with pytest.raises(ProtocolError, match="unexpected EOF"):
                await Transport(server.config).request("GET", "/x")

    asyncio.run(scenario())


@pytest.mark.parametrize("method,repeated", [("GET", True), ("PUT", True), ("POST", False), ("PATCH", False)])
def test_only_repeatable_requests_survive_a_stale_pooled_connection(scripted, plain_response, method, repeated) -> None:
    async def answer(request, writer):
        if request.target == "/stale":
            return False  # hang up without an answer, once the pool trusts us
        writer.write(plain_response(b"ok"))
        return None

    async def scenario() -> None:
        async with scripted(answer) as server:
            transport = Transport(server.config)
            await transport.request("GET", "/warm")
            script = server.answer

            async def second(request, writer):
                server.answer = once
                return False

            async def once(request, writer):
                writer.write(plain_response(b"again"))

            server.answer = second
            if repeated:
                assert (await transport.request(method, "/x", body=b"1")).body == b"again"
            else:
                with pytest.raises(ConnectionError):
                    await transport.request(method, "/x", body=b"1")
            assert script is not server.answer

    asyncio.run(scenario())


def test_a_fresh_connection_that_fails_is_not_tried_again(scripted) -> None:
    async def answer(request, writer):
        return False

    async def scenario() -> None:
        async with scripted(answer) as server:
            with pytest.raises(ProtocolError, match="EOF"):
                await Transport(server.config).request("GET", "/x")
            assert len(server.requests) == 1

    asyncio.run(scenario())


def test_a_silent_server_meets_the_timeout_and_its_connection_is_dropped(scripted, plain_response) -> None:
    async def answer(request, writer):
        if request.target == "/slow":
            await asyncio.Event().wait()
        writer.write(plain_response(b"ok"))

    async def scenario() -> None:
        async with scripted(answer) as server:
            transport = Transport(server.config)
            with pytest.raises(TimeoutError):
                await transport.request("GET", "/slow", timeout_s=0.05)
            assert (await transport.request("GET", "/fast")).body == b"ok"
            assert server.connections == 2

    asyncio.run(scenario())


def test_stream_yields_chunks_as_they_come_and_leaving_early_closes(scripted) -> None:
    closed = asyncio.Event

    async def answer(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(b"3\r\ntwo\r\n")
        await asyncio.Event().wait()

    async def scenario() -> None:
        assert closed
        async with scripted(answer) as server:
            transport, got = Transport(server.config), b""
            async with transport.stream("GET", "/watch") as response:
                async for chunk in response:
                    got += chunk
                    if got == b"onetwo":
                        break
            assert transport._pool._idle == []

    asyncio.run(scenario())


def test_interim_responses_are_skipped(scripted, plain_response) -> None:
    async def answer(request, writer):
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + plain_response(b"real"))

    async def scenario() -> None:
        async with scripted(answer) as server:
            response = await Transport(server.config).request("GET", "/x")
            assert (response.status, response.body, "link" in response.headers) == (200, b"real", False)

    asyncio.run(scenario())


@pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00\x01\x02\r\n\r\n"])
def test_garbage_is_a_protocol_error(scripted, garbage) -> None:
    async def answer(request, writer):
        writer.write(garbage)
        return False

    async def scenario() -> None:
        async with scripted(answer) as server:
            with pytest.raises(ProtocolError):
                await Transport(server.config).request("GET", "/x")

    asyncio.run(scenario())


def test_an_endless_head_is_refused(scripted) -> None:
    async def answer(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(1000):
            writer.write(b"X: " + b"a" * 1000 + b"\r\n")
        await writer.drain()
        return False

    async def scenario() -> None:
        async with scripted(answer) as server:
            with pytest.raises(ProtocolError, match="head of the response is too large"):
                await Transport(server.config).request("GET", "/x")

    asyncio.run(scenario())


def test_a_newline_in_a_header_is_refused(scripted, respond) -> None:
    async def scenario() -> None:
        async with scripted(respond(b"")) as server:
            with pytest.raises(ValueError, match="newline"):
                await Transport(server.config).request("GET", "/x", headers={"X": "a\r\nEvil: 1"})

    asyncio.run(scenario())


def test_upgrade_hands_over_both_directions(scripted) -> None:
    async def answer(request, writer):
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\n\r\nhello")

    async def scenario() -> None:
        async with scripted(answer) as server:
            reader, writer, headers = await Transport(server.config).upgrade(
                "POST", "/exec", headers={"Connection": "Upgrade", "Upgrade": "SPDY/3.1"}
            )
            assert headers["upgrade"] == "SPDY/3.1"
            assert await reader.readexactly(5) == b"hello"
            writer.close()

    asyncio.run(scenario())


def test_a_refused_upgrade_carries_the_answer(scripted, respond) -> None:
    async def scenario() -> None:
        async with scripted(respond(b"no such pod", "404 Not Found")) as server:
            with pytest.raises(UpgradeRefused) as refusal:
                await Transport(server.config).upgrade("POST", "/exec")
            assert (refusal.value.response.status, refusal.value.response.body) == (404, b"no such pod")

    asyncio.run(scenario())


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return certificate.public_bytes(pem), key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture
def server_tls(pki, tmp_path):
    cert, key = pki
    (tmp_path / "both.pem").write_bytes(cert + key)
    (tmp_path / "ca.pem").write_bytes(cert)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    context.load_verify_locations(tmp_path / "ca.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def test_tls_trusts_the_given_ca_and_shows_the_client_certificate(scripted, server_tls, pki) -> None:
    cert, key = pki
    seen = []

    async def answer(request, writer):
        seen.append(writer.get_extra_info("peercert"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async def scenario() -> None:
        async with scripted(answer, server_tls) as server:
            config = replace(server.config, ca_data=cert, client_cert_data=cert, client_key_data=key)
            assert (await Transport(config).request("GET", "/x")).status == 200

    asyncio.run(scenario())
    assert seen[0]["subject"] == ((("commonName", "test"),),)


def test_tls_refuses_an_unknown_ca_unless_told_to_skip(scripted, server_tls, respond) -> None:
    async def scenario() -> None:
        async with scripted(respond(b""), server_tls) as server:
            with pytest.raises(ssl.SSLCertVerificationError):
                await Transport(server.config).request("GET", "/x")
            assert (await Transport(replace(server.config, insecure=True)).request("GET", "/x")).status == 200

    asyncio.run(scenario())
