"""A watch as a WebSocket that only talks: events sent as text messages.

What the client sends is read only to notice that it closes. May import: aiokit.http, client.streams.
"""

import asyncio
from collections.abc import AsyncIterator

from kajitori.aiokit.http.message import HIJACKED, Answer, Connection, Request, Response, switching_protocols
from kajitori.client.streams.websocket import (
    CLOSE,
    NORMAL_CLOSURE,
    TEXT,
    WebSocketError,
    encode_frame,
    server_headers,
)


async def serve_messages(request: Request, chunks: AsyncIterator[bytes], *, split: bytes) -> Answer:
    """Upgrade, then send each `split`-terminated piece of the stream as a text message until either side ends."""
    try:
        headers = server_headers(request.headers, "")
    except WebSocketError as error:
        return Response.text(f"{error}\n", 400)
    connection = request.hijack()
    connection.write(switching_protocols(headers.items()))
    async with asyncio.TaskGroup() as tasks:
        sender = tasks.create_task(_send(connection, chunks, split), name="websocket-watch")
        reader = tasks.create_task(_read_until_closed(connection), name="websocket-reader")
        await asyncio.wait((sender, reader), return_when=asyncio.FIRST_COMPLETED)
        sender.cancel()
        reader.cancel()
    connection.write(encode_frame(CLOSE, NORMAL_CLOSURE.to_bytes(2, "big"), masked=False))
    connection.close()
    return HIJACKED


async def _send(connection: Connection, chunks: AsyncIterator[bytes], split: bytes) -> None:
    async for chunk in chunks:
        for message in chunk.split(split):
            if message:
                connection.write(encode_frame(TEXT, message, masked=False))
        await connection.drain()


async def _read_until_closed(connection: Connection) -> None:
    while data := await connection.read():
        if data[0] & 0x0F == CLOSE:
            return
