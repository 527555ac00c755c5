"""The channel against a real gRPC server on a unix socket: grpclib's own, and a few that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Server, Stream

from kajitori.kubelet.cri import channel as channels
from kajitori.kubelet.cri import cri_pb2 as pb
from kajitori.kubelet.cri.channel import Channel
from kajitori.kubelet.interfaces import CRIError

METHOD = "/runtime.v1.RuntimeService/Version"
Serve = Callable[[Stream[Any, Any]], Awaitable[None]]


class Service:
    """One method; notes its calls and those that were cancelled."""

    def __init__(self, serve: Serve) -> None:
        self.serve = serve
        self.connections: set[Any] = set()
        self.calls = 0
        self.called = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def version(self, stream: Stream[Any, Any]) -> None:
        self.calls += 1
        self.connections.add(stream._stream.connection)
        self.called.set()
        try:
            await self.serve(stream)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    def hang_up(self) -> None:
        for connection in self.connections:
            connection.close()

    def __mapping__(self) -> dict[str, Handler]:
        return {METHOD: Handler(self.version, Cardinality.UNARY_STREAM, pb.VersionRequest, pb.VersionResponse)}


async def fake(stream: Stream[Any, Any]) -> None:
    await stream.recv_message()
    await stream.send_message(pb.VersionResponse(runtime_name="fake"))


async def silent(stream: Stream[Any, Any]) -> None:
    await asyncio.Event().wait()


def call(tmp_path: Path, serve: Serve, use: Callable[[Channel, Service, Server], Awaitable[None]]) -> None:
    async def main() -> None:
        path, service = str(tmp_path / "s"), Service(serve)
        server = Server([service])
        await server.start(path=path)
        try:
            async with Channel(f"unix://{path}") as channel, asyncio.timeout(10):
                await use(channel, service, server)
        finally:
            server.close()
            await server.wait_closed()

    asyncio.run(main())


async def ask(channel: Channel, timeout_s: float | None = None, version: str = "") -> str:
    request = pb.VersionRequest(version=version)
    return (await channel.unary(METHOD, request, pb.VersionResponse, timeout_s=timeout_s)).runtime_name


def test_calls_share_one_connection(tmp_path: Path) -> None:
    async def use(channel: Channel, service: Service, server: Server) -> None:
        assert await asyncio.gather(*(ask(channel) for _ in range(50))) == ["fake"] * 50
        assert (service.calls, len(service.connections)) == (50, 1)

    call(tmp_path, fake, use)


def test_an_error_keeps_its_code_and_words(tmp_path: Path) -> None:
    async def refuse(stream: Stream[Any, Any]) -> None:
        raise GRPCError(Status.NOT_FOUND, 'no "x": 100% – ü')

    async def use(channel: Channel, service: Service, server: Server) -> None:
        with pytest.raises(CRIError, match='rpc error: code = NotFound desc = no "x": 100% – ü'):
            await ask(channel)

    call(tmp_path, refuse, use)


def test_a_timeout_cancels_the_call_at_the_server_and_leaves_the_task_uncancelled(tmp_path: Path) -> None:
    async def use(channel: Channel, service: Service, server: Server) -> None:
        with pytest.raises(CRIError, match="DeadlineExceeded desc = context deadline exceeded"):
            await ask(channel, timeout_s=0.05)
        await service.cancelled.wait()
        task = asyncio.current_task()
        assert task is not None and task.cancelling() == 0
        service.serve = fake
        assert await ask(channel) == "fake"
        assert len(service.connections) == 1

    call(tmp_path, silent, use)


def test_cancelling_a_call_cancels_it_at_the_server(tmp_path: Path) -> None:
    async def use(channel: Channel, service: Service, server: Server) -> None:
        task = asyncio.ensure_future(ask(channel))
        await service.called.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await service.cancelled.wait()

    call(tmp_path, silent, use)


def test_leaving_a_stream_of_answers_cancels_it_at_the_server(tmp_path: Path) -> None:
    async def endless(stream: Stream[Any, Any]) -> None:
        for number in range(3):
            await stream.send_message(pb.VersionResponse(runtime_name=str(number)))
        await asyncio.Event().wait()

    async def use(channel: Channel, service: Service, server: Server) -> None:
        answers = channel.stream(METHOD, pb.VersionRequest(), pb.VersionResponse)
        assert [(await anext(answers)).runtime_name for _ in range(3)] == ["0", "1", "2"]
        await answers.aclose()
        await service.cancelled.wait()

    call(tmp_path, endless, use)


def test_a_server_that_went_away_fails_the_call_and_the_next_call_finds_its_successor(tmp_path: Path) -> None:
    async def use(channel: Channel, service: Service, server: Server) -> None:
        waiting = asyncio.ensure_future(ask(channel))
        await service.called.wait()
        server.close()
        service.hang_up()
        with pytest.raises(CRIError, match="code = Unavailable desc = error reading from server: "):
            await waiting
        await server.wait_closed()
        (tmp_path / "s").unlink(missing_ok=True)
        successor = Server([Service(fake)])
        await successor.start(path=str(tmp_path / "s"))
        try:
            assert await ask(channel) == "fake"
        finally:
            successor.close()
            await successor.wait_closed()

    call(tmp_path, silent, use)


def test_a_broken_connection_is_no_cancellation_of_the_task(tmp_path: Path) -> None:
    async def use(channel: Channel, service: Service, server: Server) -> None:
        async def story() -> None:
            with pytest.raises(CRIError, match="Unavailable"):
                await ask(channel)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await asyncio.Event().wait()

        task = asyncio.ensure_future(story())
        await service.called.wait()
        service.hang_up()
        await task

    call(tmp_path, silent, use)


def test_a_peer_that_is_no_grpc_server_is_unavailable(tmp_path: Path) -> None:
    async def main() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        server = await asyncio.start_unix_server(talk, str(tmp_path / "s"))
        async with server, Channel(str(tmp_path / "s")) as channel, asyncio.timeout(5):
            with pytest.raises(CRIError, match="code = Unavailable"):
                await ask(channel)

    asyncio.run(main())


def test_missing_socket_is_unavailable(tmp_path: Path) -> None:
    async def main() -> None:
        async with Channel(str(tmp_path / "none")) as channel:
            await ask(channel)

    with pytest.raises(CRIError, match=r"code = Unavailable desc = connection error: .*no such file or directory"):
        asyncio.run(main())


def test_large_requests_and_answers_pass_and_too_large_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def echo(stream: Stream[Any, Any]) -> None:
        request = await stream.recv_message()
        await stream.send_message(pb.VersionResponse(runtime_name=request.version))

    async def use(channel: Channel, service: Service, server: Server) -> None:
        big = "x" * (9 << 20)
        assert await ask(channel, version=big) == big
        monkeypatch.setattr(channels, "MAX_MESSAGE_BYTES", 1000)
        with pytest.raises(CRIError, match=r"ResourceExhausted desc = grpc: received message larger than max"):
            await ask(channel, version="x" * 2000)
        assert await ask(channel, version="y") == "y"

    call(tmp_path, echo, use)
