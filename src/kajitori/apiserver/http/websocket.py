"""The server's side of a WebSocket that only talks: watches sent as text messages (RFC 6455).

What the client sends is read only to notice that it closes. May import: http.message.
"""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator

from kajitori.apiserver.http.message import HIJACKED, Answer, Connection, Request, Response

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE = 0x1, 0x8


def accept_key(key: str) -> str:
    """The answer to a client's Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest()).decode()


def frame(opcode: int, payload: bytes) -> bytes:
    """One whole, unmasked message."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big")
    return head + payload


async def serve_messages(request: Request, chunks: AsyncIterator[bytes], *, split: bytes) -> Answer:
    """Upgrade, then send each `split`-terminated piece of the stream as a text message until either side ends."""
    key = request.headers.get("sec-websocket-key")
    if not key or request.headers.get("sec-websocket-version") != "13":
        return Response(b"Bad Request\n", status=400, content_type="text/plain; charset=utf-8")
    connection = request.hijack()
    connection.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept_key(key).encode()
    )
    async with asyncio.TaskGroup() as tasks:
        sender = tasks.create_task(_send(connection, chunks, split), name="websocket-watch")
        reader = tasks.create_task(_read_until_closed(connection), name="websocket-reader")
        await asyncio.wait((sender, reader), return_when=asyncio.FIRST_COMPLETED)
        sender.cancel()
        reader.cancel()
    connection.write(frame(CLOSE, (1000).to_bytes(2, "big")))
    connection.close()
    return HIJACKED


async def _send(connection: Connection, chunks: AsyncIterator[bytes], split: bytes) -> None:
    async for chunk in chunks:
        for message in chunk.split(split):
            if message:
                connection.write(frame(TEXT, message))
        await connection.drain()


async def _read_until_closed(connection: Connection) -> None:
    while data := await connection.read():
        if data[0] & 0x0F == CLOSE:
            return
