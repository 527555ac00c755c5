import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.client.streams.memorypipe import pipe

from kajitori.client.streams import channels, websocket


def run(main):
    return asyncio.run(asyncio.wait_for(main(), 10))


def pair():
    a, b = pipe()
    return websocket.WebSocket(a, a, client=True), websocket.WebSocket(b, b, client=False)


def test_accept_key_is_the_one_of_rfc_6455():
    assert websocket.accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
def test_messages_of_every_length_encoding_pass_both_ways(size):
    async def main():
        client, server = pair()
        await client.send(b"x" * size)
        assert await server.receive() == b"x" * size
        await server.send(b"y" * size)
        assert await client.receive() == b"y" * size

    run(main)


@given(st.binary(max_size=100), st.binary(min_size=4, max_size=4))
def test_masking_twice_changes_nothing(data, key):
    assert websocket.mask(websocket.mask(data, key), key) == data


def test_ping_is_answered_and_close_is_answered_once():
    async def main():
        client, server = pair()
        await client.ping()
        await client.send(b"m")
        assert await server.receive() == b"m"
        await client.close(1000, "done")
        assert await server.receive() is None
        assert (server.close_code, server.close_reason) == (1000, "done")
        assert await client.receive() is None

    run(main)


def test_unmasked_frames_from_a_client_are_refused():
    async def main():
        a, b = pipe()
        server = websocket.WebSocket(b, b, client=False)
        a.write(websocket.encode_frame(websocket.BINARY, b"x", masked=False))
        with pytest.raises(websocket.WebSocketError, match="wrong side"):
            await server.receive()

    run(main)


def test_fragments_become_one_message():
    async def main():
        a, b = pipe()
        client = websocket.WebSocket(a, a, client=True)
        b.write(bytes.fromhex("0202") + b"ab" + bytes.fromhex("8001") + b"c")
        assert await client.receive() == b"abc"

    run(main)


def test_handshake_negotiates_or_refuses():
    asked = websocket.client_headers([channels.V5, channels.V4])
    request = {k.lower(): v for k, v in asked.items()}
    assert websocket.is_upgrade(request)
    answer = {k.lower(): v for k, v in websocket.server_headers(request, channels.V4).items()}
    assert websocket.check_answer(asked, answer) == channels.V4
    with pytest.raises(websocket.WebSocketError):
        websocket.check_answer(asked, answer | {"sec-websocket-accept": "forged"})
    with pytest.raises(websocket.WebSocketError):
        websocket.check_answer(asked, answer | {"sec-websocket-protocol": "other"})


def test_tunnel_is_a_byte_stream():
    async def main():
        client, server = pair()
        near, far = websocket.Tunnel(client), websocket.Tunnel(server)
        near.write(b"hello ")
        near.write(b"world")
        assert await far.read(3) == b"hel"
        assert await far.read(100) == b"lo "
        assert await far.read(100) == b"world"
        near.close()
        assert await far.read(100) == b""

    run(main)


@pytest.mark.parametrize("protocol", [channels.V5, channels.V4, "base64.channel.k8s.io"])
def test_channel_messages_round_trip(protocol):
    message, text = channels.encode_message(1, b"\x00data", protocol)
    assert text == ("base64" in protocol)
    assert channels.decode_message(message, protocol) == (1, b"\x00data")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (b"", 0),
        (b'{"metadata":{},"status":"Success"}', 0),
        (
            b'{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}',
            7,
        ),
    ],
)
def test_exit_code_comes_from_the_status(status, code):
    assert channels.exit_code(status) == code


def test_a_status_without_exit_code_is_an_error_with_its_message():
    with pytest.raises(channels.RemoteCommandError, match="no such container"):
        channels.exit_code(b'{"status":"Failure","message":"no such container","reason":"InternalError"}')
