"""A watch or a log as a WebSocket that only talks.

What the client sends is read only to notice that it closes. May import: aiokit.http, client.streams.
"""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from kajitori.aiokit.http.message import HIJACKED, Answer, Connection, Request, Response, switching_protocols
from kajitori.client.streams.websocket import (
    BINARY,
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
    await _until_either_ends(connection, _send(connection, chunks, split))
    return HIJACKED


LOG_PROTOCOLS = ("", "binary.k8s.io", "base64.binary.k8s.io")
"""Without a protocol and with `binary.k8s.io` the log's bytes are binary messages, else base64 in text messages."""


async def serve_log(request: Request, body: AsyncIterator[bytes]) -> Answer:
    """Upgrade, then send the body as it comes until either side ends."""
    offered = [p.strip() for p in request.headers.get("sec-websocket-protocol").split(",") if p.strip()] or [""]
    chosen = next((protocol for protocol in offered if protocol in LOG_PROTOCOLS), None)
    try:
        if chosen is None:
            raise WebSocketError("none of the requested protocols is supported")
        headers = server_headers(request.headers, chosen)
    except WebSocketError as error:
        return Response.text(f"{error}\n", 400)
    connection = request.hijack()
    connection.write(switching_protocols(headers.items()))
    await _until_either_ends(connection, _send_log(connection, body, in_base64=chosen == LOG_PROTOCOLS[2]))
    return HIJACKED


async def _send_log(connection: Connection, body: AsyncIterator[bytes], *, in_base64: bool) -> None:
    async for chunk in body:
        opcode, message = (TEXT, b64encode(chunk)) if in_base64 else (BINARY, chunk)
        connection.write(encode_frame(opcode, message, masked=False))
        await connection.drain()


async def _until_either_ends(connection: Connection, sending: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as tasks:
        sender = tasks.create_task(sending, name="websocket-sender")
        reader = tasks.create_task(_read_until_closed(connection), name="websocket-reader")
        await asyncio.wait((sender, reader), return_when=asyncio.FIRST_COMPLETED)
        sender.cancel()
        reader.cancel()
    connection.write(encode_frame(CLOSE, NORMAL_CLOSURE.to_bytes(2, "big"), masked=False))
    connection.close()


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
