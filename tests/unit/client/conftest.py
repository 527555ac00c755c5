"""A scripted HTTP server: each test says, byte for byte, what it answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from kajitori.client.config import RestConfig


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Request, asyncio.StreamWriter], Awaitable[bool | None]]


@dataclass
class ScriptedServer:
    """`answer` writes a response; returning False closes the connection afterwards."""

    answer: Answer
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    config: RestConfig = field(default_factory=lambda: RestConfig(server=""))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.strip().split("\r\n")
                method, target, _ = first.split(" ")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                request = Request(method, target, headers, body)
                self.requests.append(request)
                if await self.answer(request, writer) is False:
                    return
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def _scripted(answer: Answer, ssl=None, host: str = "127.0.0.1") -> AsyncIterator[ScriptedServer]:
    script = ScriptedServer(answer)
    server = await asyncio.start_server(script.serve, host, 0, ssl=ssl)
    port = server.sockets[0].getsockname()[1]
    script.config = RestConfig(server=f"{'https' if ssl else 'http'}://{host}:{port}", timeout_s=5)
    try:
        yield script
    finally:
        server.close()


@pytest.fixture
def scripted():
    return _scripted


def plain(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


@pytest.fixture
def respond():
    """An answer that always writes the same bytes."""

    def make(body: bytes, status: str = "200 OK", more: str = "") -> Answer:
        async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(plain(body, status, more))

        return answer

    return make


@pytest.fixture
def plain_response():
    return plain
