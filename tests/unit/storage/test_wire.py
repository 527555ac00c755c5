"""The gRPC connection of our own, against a server by grpclib: large messages, errors, cancelled calls, a lost peer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Server
from tests.waiting import until

from kajitori.storage.etcdapi.frames import length
from kajitori.storage.etcdapi.wire import Wire

Story = Callable[[Wire, "Peer"], Awaitable[None]]


class Bytes:
    """Instead of a message: its bytes."""

    __content_subtype__ = "proto"

    def encode(self, message: bytes, message_type: Any) -> bytes:
        return message

    def decode(self, data: bytes, message_type: Any) -> bytes:
        return data


class Peer:
    """A server whose methods are said by their paths."""

    def __init__(self) -> None:
        self.waiting = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.told = 0
        self.server: Server

    def __mapping__(self) -> dict[str, Handler]:
        methods = {
            "/t/Echo": self.echo,
            "/t/Fail": self.fail,
            "/t/Wait": self.wait,
            "/t/Grow": self.grow,
            "/t/Drop": self.drop,
        }
        told = {"/t/Tell": Handler(self.tell, Cardinality.STREAM_STREAM, bytes, bytes)}
        return told | {path: Handler(run, Cardinality.UNARY_UNARY, bytes, bytes) for path, run in methods.items()}

    async def tell(self, stream: Any) -> None:
        count, size = map(int, (await stream.recv_message()).split())
        try:
            for n in range(count):
                await stream.send_message(b"%d " % n + b"z" * size)
                self.told = n + 1
                await asyncio.sleep(0)
            if size == 1:
                await asyncio.sleep(3600)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def echo(self, stream: Any) -> None:
        await stream.send_message(await stream.recv_message())

    async def grow(self, stream: Any) -> None:
        await stream.send_message(b"x" * int(await stream.recv_message()))

    async def drop(self, stream: Any) -> None:
        stream._stream._transport.abort()

    async def fail(self, stream: Any) -> None:
        raise GRPCError(Status.OUT_OF_RANGE, "compacted: 100 % – gone")

    async def wait(self, stream: Any) -> None:
        self.waiting.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def talk(story: Story) -> None:
    async def run() -> None:
        peer = Peer()
        peer.server = Server([peer], codec=Bytes())  # type: ignore[arg-type, list-item]
        await peer.server.start("127.0.0.1", 0)
        port = peer.server._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: Wire(f"127.0.0.1:{port}", "http"), "127.0.0.1", port)
        try:
            async with asyncio.timeout(20):
                await story(wire, peer)
        finally:
            wire.close()
            peer.server.close()
            await peer.server.wait_closed()

    asyncio.run(run())


def test_messages_of_any_size_arrive_whole_both_ways() -> None:
    async def story(wire: Wire, peer: Peer) -> None:
        for size in (0, 1, 16_379, 16_380, 65_530, 65_531, 3_000_000):
            message = bytes(range(256)) * (size // 256 + 1)
            assert await wire.call("/t/Echo", message[:size]) == message[:size]
        assert len(await wire.call("/t/Grow", b"20000000")) == 20_000_000

    talk(story)


def test_many_calls_share_the_windows() -> None:
    async def story(wire: Wire, peer: Peer) -> None:
        sizes = [1000 * (n % 200) for n in range(300)]
        answers = await asyncio.gather(*(wire.call("/t/Echo", b"%d" % n + b"y" * size) for n, size in enumerate(sizes)))
        assert answers == [b"%d" % n + b"y" * size for n, size in enumerate(sizes)]

    talk(story)


def test_an_error_comes_with_its_code_and_words_each_time() -> None:
    async def story(wire: Wire, peer: Peer) -> None:
        for _ in range(2):
            with pytest.raises(GRPCError) as raised:
                await wire.call("/t/Fail", b"")
            assert (raised.value.status, raised.value.message) == (Status.OUT_OF_RANGE, "compacted: 100 % – gone")
        with pytest.raises(GRPCError) as raised:
            await wire.call("/t/Nothing", b"")
        assert raised.value.status is Status.UNIMPLEMENTED

    talk(story)


def test_a_cancelled_call_is_cancelled_at_the_server_and_disturbs_no_other() -> None:
    async def story(wire: Wire, peer: Peer) -> None:
        call = asyncio.ensure_future(wire.call("/t/Wait", b"x" * 200_000))
        await peer.waiting.wait()
        call.cancel()
        await peer.cancelled.wait()
        assert await wire.call("/t/Echo", b"y" * 200_000) == b"y" * 200_000
        assert wire._calls == {}

    talk(story)


def test_a_lost_peer_fails_what_is_under_way_and_what_comes_after() -> None:
    async def story(wire: Wire, peer: Peer) -> None:
        call = asyncio.ensure_future(wire.call("/t/Wait", b""))
        await peer.waiting.wait()
        with pytest.raises(ConnectionError):
            await wire.call("/t/Drop", b"")
        with pytest.raises(ConnectionError):
            await call
        assert not wire.usable
        with pytest.raises(ConnectionError):
            await wire.call("/t/Echo", b"")

    talk(story)


def test_a_stream_tells_all_in_order_and_waits_for_a_slow_reader() -> None:
    async def story(wire: Wire, peer: Peer) -> None:
        stream = wire.open("/t/Tell", b"40 1000000")
        assert await wire.call("/t/Echo", b"beside it") == b"beside it"
        await until(lambda: peer.told >= 10, "it tells")
        for _ in range(50):
            await asyncio.sleep(0)
        assert peer.told < 40  # a window is full
        for n in range(40):
            assert (await stream.receive()).startswith(b"%d z" % n)
        with pytest.raises(ConnectionError):
            await stream.receive()

    talk(story)


def test_a_stream_that_is_closed_is_cancelled_at_the_server() -> None:
    async def story(wire: Wire, peer: Peer) -> None:
        stream = wire.open("/t/Tell", b"3 1")
        assert [await stream.receive() for _ in range(3)] == [b"0 z", b"1 z", b"2 z"]
        stream.close()
        await peer.cancelled.wait()
        assert wire._streams == {}

    talk(story)


def test_a_stream_hears_of_a_refusal_and_of_a_lost_connection() -> None:
    async def story(wire: Wire, peer: Peer) -> None:
        refused = wire.open("/t/Nothing", b"")
        with pytest.raises(GRPCError):
            await refused.receive()
        stream = wire.open("/t/Tell", b"1 1")
        assert await stream.receive() == b"0 z"
        with pytest.raises(ConnectionError):
            await wire.call("/t/Drop", b"")
        with pytest.raises(ConnectionError):
            await stream.receive()

    talk(story)


def test_a_peer_that_says_nothing_is_asked_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kajitori.storage.etcdapi.wire.SILENCE_S", 0.1)
    monkeypatch.setattr("kajitori.storage.etcdapi.wire.PATIENCE_S", 0.1)

    async def run() -> bytes:
        heard = bytearray()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(65536):
                heard.extend(data)
            writer.close()

        async with asyncio.timeout(10), await asyncio.start_server(listen, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            loop = asyncio.get_running_loop()
            _, wire = await loop.create_connection(lambda: Wire("x", "http"), "127.0.0.1", port)
            with pytest.raises(ConnectionError):
                await wire.open("/t/Tell", b"").receive()
        return bytes(heard)

    assert bytes((0, 0, 8, 6, 0)) in asyncio.run(run())


@pytest.mark.parametrize(("size", "encoded"), [(0, b"\0"), (126, b"\x7e"), (127, b"\x7f\0"), (1337, b"\x7f\xba\x09")])
def test_lengths_are_hpacks(size: int, encoded: bytes) -> None:
    assert length(b"x" * size) == encoded
