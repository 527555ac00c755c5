"""A table of paths, served: what components answer their health and metrics by."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.routes import ok, serve


async def _slow(request: Request) -> Response:
    await asyncio.sleep(0)
    return Response.text(f"{request.method} {request.query['a']} {(await request.read()).decode()}")


def _broken(_request: Request) -> Response:
    raise RuntimeError("a mistake")


def talk(conversation: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
    async def run() -> None:
        routes = {"/healthz": ok, "/slow": _slow, "/broken": _broken}
        async with serve(routes, host="127.0.0.1", port=0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            async with asyncio.timeout(5):
                await conversation(reader, writer)
            writer.close()

    asyncio.run(run())


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(next(line for line in head.split("\r\n") if line.startswith("Content-Length")).split(": ")[1])
    return int(head.split()[1]), await reader.readexactly(length)


def test_one_connection_serves_many_requests() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for path, expected in (
            ("/healthz", (200, b"ok")),
            ("/nowhere", (404, b"404 page not found\n")),
            ("/broken", (500, b"internal error\n")),
            ("/slow?a=b%20c", (200, b"GET b c ")),
        ):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert await read_answer(reader) == expected
        writer.write(b"POST /slow?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz")
        assert await read_answer(reader) == (200, b"POST 1 xyz")

    talk(conversation)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400),
        (b"POST /slow HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"y" * 200_000 + b" HTTP/1.1\r\n\r\n", 431),
    ],
)
def test_nonsense_and_oversize_end_the_connection(data: bytes, status: int) -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        assert int((await reader.readline()).split()[1]) == status
        with contextlib.suppress(ConnectionResetError):  # what it did not read may reset the connection
            await reader.read()

    talk(conversation)


def test_pipelined_requests_are_answered_in_order() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        paths = ("/slow?a=1", "/healthz", "/slow?a=2")
        writer.write(b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in paths))
        assert [(await read_answer(reader))[1] for _ in paths] == [b"GET 1 ", b"ok", b"GET 2 "]

    talk(conversation)
