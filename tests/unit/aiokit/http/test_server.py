"""The HTTP server alone, over real sockets: bodies, streams, upgrades, an orderly end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from kajitori.aiokit.http.message import (
    HIJACKED,
    Answer,
    BodyTooLarge,
    PartedResponse,
    Request,
    Response,
    StreamResponse,
    switching_protocols,
)
from kajitori.aiokit.http.server import HttpServer

Story = Callable[[asyncio.StreamReader, asyncio.StreamWriter, HttpServer], Awaitable[None]]


def talk(handler: Callable[[Request], Awaitable[Answer]], story: Story) -> None:
    async def run() -> None:
        server = HttpServer(handler)
        port = await server.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(10):
                await story(reader, writer, server)
        finally:
            writer.close()
            await server.stop(1)

    asyncio.run(run())


async def head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode()


def test_a_body_beyond_the_limit_is_refused_before_it_is_read() -> None:
    async def handler(request: Request) -> Answer:
        try:
            await request.read(10)
        except BodyTooLarge as error:
            return Response.text(str(error), 413)
        raise AssertionError("read more than it may")

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")
        assert (await head(reader)).startswith("HTTP/1.1 413 ")
        assert await reader.read() == b"limit is 10"

    talk(handler, story)


@pytest.mark.parametrize("reads", [True, False])
def test_an_answer_says_when_it_has_been_sent_or_never_will_be(reads: bool) -> None:
    told = asyncio.Event()

    async def handler(request: Request) -> Answer:
        answer = PartedResponse([b"x" * 1_000_000] * 20)
        answer.sent = told.set
        return answer

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await head(reader)
        assert not told.is_set(), "its reader has not read yet"
        if reads:
            await reader.readexactly(20_000_000)
        else:
            writer.transport.abort()
        await told.wait()

    talk(handler, story)


def test_chunked_bodies_are_read_and_continue_is_said_only_when_asked() -> None:
    async def handler(request: Request) -> Answer:
        return Response(await request.read())

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await head(reader)) == "HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert "Content-Length: 5" in await head(reader)
        assert await reader.readexactly(5) == b"abcde"

    talk(handler, story)


def test_a_stream_ends_its_source_when_the_client_leaves() -> None:
    ended = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def handler(request: Request) -> Answer:
        return StreamResponse(chunks(), content_type="text/plain")

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert "Transfer-Encoding: chunked" in await head(reader)
        assert await reader.readexactly(10) == b"5\r\nfirst\r\n"
        writer.close()
        await ended.wait()

    talk(handler, story)


def test_an_upgraded_connection_carries_bytes_in_pieces_as_asked() -> None:
    async def handler(request: Request) -> Answer:
        connection = request.hijack()
        connection.write(switching_protocols([("Upgrade", "echo")]))
        while data := await connection.read(4):
            assert len(data) <= 4
            connection.write(data.upper())
        return HIJACKED

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly and ")
        assert (await head(reader)) == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n"
        writer.write(b"late")
        assert await reader.readexactly(14) == b"EARLY AND LATE"
        writer.write_eof()
        assert await reader.read() == b""

    talk(handler, story)


def test_stopping_finishes_the_answer_under_way_and_cuts_streams() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handler(request: Request) -> Answer:
        begun.set()
        await go_on.wait()
        return Response.text("done")

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await begun.wait()
        stopping = asyncio.ensure_future(server.stop(5))
        await asyncio.sleep(0)
        go_on.set()
        assert "Connection: close" in await head(reader)
        assert await reader.read() == b"done"
        await stopping
        assert len(server) == 0

    talk(handler, story)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_head_has_no_body_and_the_length_of_one(method: str) -> None:
    async def handler(request: Request) -> Answer:
        return Response.text("four")

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(f"{method} / HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        assert "Content-Length: 4" in await head(reader)
        assert await reader.read() == (b"four" if method == "GET" else b"")

    talk(handler, story)


def test_an_answer_that_takes_too_long_is_given_for_the_handler_which_goes_on() -> None:
    finished = asyncio.Event()

    async def handler(request: Request) -> Answer:
        loop = asyncio.get_running_loop()
        request.limit(loop.time() + 60, lambda: Response.text("never", 500))
        if request.path == "/slow":
            request.limit(loop.time() + 0.02, lambda: Response.text("too late", 504))
            await asyncio.sleep(0.1)
            finished.set()
        return Response.text("in time")

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET /quick HTTP/1.1\r\n\r\n")
        assert (await head(reader)).startswith("HTTP/1.1 200 ")
        assert await reader.readexactly(7) == b"in time"
        writer.write(b"GET /slow HTTP/1.1\r\n\r\n")
        late = await head(reader)
        assert late.startswith("HTTP/1.1 504 ") and "Connection: close" in late
        assert await reader.read() == b"too late"
        await finished.wait()

    talk(handler, story)


def test_a_request_on_its_way_while_the_server_stops_is_answered() -> None:
    async def handler(request: Request) -> Answer:
        return Response.text("done")

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await head(reader)
        await reader.readexactly(4)
        stopping = asyncio.ensure_future(server.stop(5, linger_s=5))
        await asyncio.sleep(0)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert "Connection: close" in await head(reader)
        assert await reader.read() == b"done"
        await stopping

    talk(handler, story)


def test_a_large_body_arrives_whole() -> None:
    body = bytes(range(256)) * 12_345

    async def handler(request: Request) -> Answer:
        return Response(body)

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert f"Content-Length: {len(body)}" in await head(reader)
        assert await reader.read() == body

    talk(handler, story)


@pytest.mark.parametrize("count", [1, 3, 50_000])
def test_a_body_in_parts_arrives_whole_and_reads_as_one(count: int) -> None:
    parts = [b"%d," % number * 7 for number in range(count)]

    async def handler(request: Request) -> Answer:
        answer = PartedResponse(parts)
        if request.path == "/joined":
            assert answer.body == b"".join(parts)
        return answer

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        for path in (b"/parts", b"/joined"):
            writer.write(b"GET %b HTTP/1.1\r\n\r\n" % path)
            assert f"Content-Length: {len(b''.join(parts))}\r\n" in await head(reader)
            assert await reader.readexactly(len(b"".join(parts))) == b"".join(parts)

    talk(handler, story)


def test_who_connects_as_the_server_stops_is_answered_if_the_kernel_said_yes() -> None:
    async def handler(request: Request) -> Answer:
        return Response(b"hello")

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        port = server._servers[0].sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as late:  # blocks this loop: nobody has accepted it
            stopping = asyncio.ensure_future(server.stop(5, linger_s=5))
            late.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(late, b"GET / HTTP/1.1\r\n\r\n")
            answer = await loop.sock_recv(late, 65536)
            assert answer.endswith(b"hello")
            assert b"Connection: close" in answer
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")  # the other connection is told to end, too
            assert "Connection: close" in await head(reader)
            await stopping

    talk(handler, story)


def test_a_peer_that_reads_slowly_gets_the_whole_answer_though_the_server_stops() -> None:
    body = b"x" * 8_000_000

    async def handler(request: Request) -> Answer:
        return Response(body)

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert "Content-Length: 8000000" in await head(reader)
        stopping = asyncio.ensure_future(server.stop(5))
        await asyncio.sleep(0)
        received = 0
        while received < len(body):
            received += len(await reader.read(100_000))
        await stopping

    talk(handler, story)


def test_what_an_upgraded_connection_has_to_say_is_sent_before_the_server_cuts_it() -> None:
    async def handler(request: Request) -> Answer:
        connection = request.hijack()
        connection.write(switching_protocols([("Upgrade", "x")]) + b"y" * 20_000_000)
        await connection.read()
        return HIJACKED

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: HttpServer) -> None:
        writer.write(b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
        assert (await head(reader)).startswith("HTTP/1.1 101 ")
        stopping = asyncio.ensure_future(server.stop(5))
        assert len(await reader.read(-1)) == 20_000_000
        await stopping

    talk(handler, story)
