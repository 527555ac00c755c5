from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kajitori.kubelet.cri import cri_pb2 as pb
from kajitori.kubelet.cri.channel import Channel
from kajitori.kubelet.cri.hpack import Decoder, Header, encode
from kajitori.kubelet.cri.http2 import DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PREFACE, RST_STREAM, frame
from kajitori.kubelet.interfaces import RuntimeError_

METHOD = "/runtime.v1.RuntimeService/Version"
OK = [("grpc-status", "0")]
Answer = Callable[["Peer", int], Awaitable[None]]


class Peer:
    """The other end: answers each request by a function, remembers the frames that it got."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.frames: list[tuple[int, int]] = []
        self.requests: list[list[Header]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer, decoder = writer, Decoder()
        try:
            assert await reader.readexactly(len(PREFACE)) == PREFACE
            while True:
                head = await reader.readexactly(9)
                payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
                kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
                self.frames.append((kind, stream))
                if kind == HEADERS:
                    self.requests.append(decoder.decode(payload))
                if kind == DATA and flags & END_STREAM:
                    await self.answer(self, stream)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    def headers(self, stream: int, headers: list[Header], *, end: bool = False) -> None:
        self.writer.write(frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, encode(headers)))

    def message(self, stream: int, body: bytes, *, parts: int = 1) -> None:
        data = b"\0" + len(body).to_bytes(4, "big") + body
        size = -(-len(data) // parts)
        for start in range(0, len(data), size):
            self.writer.write(frame(DATA, 0, stream, data[start : start + size]))


async def version(peer: Peer, stream: int) -> None:
    peer.headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
    peer.message(stream, pb.VersionResponse(runtime_name="fake").SerializeToString(), parts=3)
    peer.headers(stream, OK, end=True)


def call(tmp_path: Path, peer: Peer, use: Callable[[Channel], Awaitable[None]]) -> None:
    async def main() -> None:
        path = str(tmp_path / "s")
        server = await asyncio.start_unix_server(peer, path)
        async with server, Channel(f"unix://{path}") as channel:
            async with asyncio.timeout(5):
                await use(channel)

    asyncio.run(main())


async def ask(channel: Channel, timeout_s: float | None = None) -> str:
    answer = await channel.unary(METHOD, pb.VersionRequest(), pb.VersionResponse, timeout_s=timeout_s)
    return answer.runtime_name


def test_calls_share_one_connection(tmp_path: Path) -> None:
    peer = Peer(version)

    async def use(channel: Channel) -> None:
        assert await asyncio.gather(*(ask(channel) for _ in range(50))) == ["fake"] * 50

    call(tmp_path, peer, use)
    assert {stream for kind, stream in peer.frames if kind == HEADERS} == set(range(1, 101, 2))
    assert dict(peer.requests[0])[":path"] == METHOD
    assert not [f for f in peer.frames if f[0] == RST_STREAM]


def test_error_in_trailers_only_answer(tmp_path: Path) -> None:
    async def answer(peer: Peer, stream: int) -> None:
        trailers = [(":status", "200"), ("grpc-status", "5"), ("grpc-message", 'no "x": 100%25')]
        peer.headers(stream, trailers, end=True)

    async def use(channel: Channel) -> None:
        with pytest.raises(RuntimeError_, match='rpc error: code = NotFound desc = no "x": 100%'):
            await ask(channel)

    call(tmp_path, Peer(answer), use)


def test_timeout_cancels_the_stream(tmp_path: Path) -> None:
    async def silent(peer: Peer, stream: int) -> None:
        if stream == 3:
            await version(peer, stream)

    peer = Peer(silent)

    async def use(channel: Channel) -> None:
        with pytest.raises(RuntimeError_, match="DeadlineExceeded"):
            await ask(channel, timeout_s=0.05)
        assert await ask(channel) == "fake"

    call(tmp_path, peer, use)
    assert (RST_STREAM, 1) in peer.frames


def test_new_connection_after_the_old_one_went_away(tmp_path: Path) -> None:
    async def leave(peer: Peer, stream: int) -> None:
        await version(peer, stream)
        peer.writer.write(frame(GOAWAY, 0, 0, (stream).to_bytes(4, "big") + bytes(4)))

    async def use(channel: Channel) -> None:
        assert [await ask(channel), await ask(channel)] == ["fake", "fake"]

    peer = Peer(leave)
    call(tmp_path, peer, use)
    assert [stream for kind, stream in peer.frames if kind == HEADERS] == [1, 1]


def test_lost_connection_fails_the_call_as_unavailable(tmp_path: Path) -> None:
    async def hang_up(peer: Peer, stream: int) -> None:
        peer.writer.close()

    async def use(channel: Channel) -> None:
        with pytest.raises(RuntimeError_, match="code = Unavailable"):
            await ask(channel)

    call(tmp_path, Peer(hang_up), use)


def test_missing_socket_is_unavailable(tmp_path: Path) -> None:
    async def main() -> None:
        async with Channel(str(tmp_path / "none")) as channel:
            await ask(channel)

    with pytest.raises(RuntimeError_, match="code = Unavailable desc = connection error: .*no such file or directory"):
        asyncio.run(main())


def test_streamed_answers_come_one_by_one_until_the_trailers(tmp_path: Path) -> None:
    async def three(peer: Peer, stream: int) -> None:
        peer.headers(stream, [(":status", "200")])
        for number in range(3):
            peer.message(stream, pb.VersionResponse(runtime_name=str(number)).SerializeToString())
        peer.headers(stream, OK, end=True)

    async def use(channel: Channel) -> None:
        names = [a.runtime_name async for a in channel.stream(METHOD, pb.VersionRequest(), pb.VersionResponse)]
        assert names == ["0", "1", "2"]

    call(tmp_path, Peer(three), use)


def test_request_larger_than_the_window_waits_for_room(tmp_path: Path) -> None:
    sent = []

    async def answer(peer: Peer, stream: int) -> None:
        sent.append(stream)
        await version(peer, stream)

    class Grudging(Peer):
        async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(super().__call__(reader, writer))
            await asyncio.sleep(0)
            for stream in (0, 1):
                writer.write(frame(8, 0, stream, (1 << 20).to_bytes(4, "big")))
            await task

    async def use(channel: Channel) -> None:
        request = pb.VersionRequest(version="x" * 300_000)
        answer_ = await channel.unary(METHOD, request, pb.VersionResponse)
        assert answer_.runtime_name == "fake"

    call(tmp_path, Grudging(answer), use)
    assert sent == [1]
