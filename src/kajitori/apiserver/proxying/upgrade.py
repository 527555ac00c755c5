"""Taking an upgraded connection through: after `101 Switching Protocols` both sides exchange raw bytes.

SPDY/3.1, WebSocket, anything: nothing here looks into the bytes. Each direction reads at most one buffer ahead of what
the other side has taken (`drain`), so a slow reader slows the writer and nothing else.

    client ──read──▶ backend.write        ends: half-close the backend where it can be, else close both
    client ◀─write── backend.read         ends: what is left goes out, then both close
May import: aiokit.http, proxying.backend.
"""

from __future__ import annotations

import asyncio

from kajitori.aiokit.http.message import (
    HIJACKED,
    Answer,
    Connection,
    Headers,
    Request,
    Response,
    switching_protocols,
)
from kajitori.apiserver.proxying.backend import Backend, ResponseHead

_REFUSAL_LIMIT = 64 * 1024
_GRACE_S = 10.0
"""How long a backend may go on answering once the client has closed its side."""


def wants_upgrade(headers: Headers) -> bool:
    """RFC 9110, 7.8: `Connection` must say so, too."""
    return bool(headers.get("upgrade")) and "upgrade" in headers.get("connection").lower()


async def tunnel(request: Request, backend: Backend, head: bytes) -> Answer:
    """Send `head` to the backend and, when it agrees to switch protocols, relay until both sides are done.

    Another answer of the backend comes back as it is: its body says why. The backend is closed in any case.
    """
    try:
        with request.abandonable():
            await backend.send(head)
            answer = await backend.read_head()
        if answer.status != 101:
            return await _refusal(backend, answer)
        client = request.hijack()
        client.write(switching_protocols(answer.headers))
        await relay(client, backend)
        return HIJACKED
    finally:
        await backend.finish()


async def _refusal(backend: Backend, answer: ResponseHead) -> Response:
    body = b""
    async for chunk in backend.body(answer):
        body += chunk
        if len(body) > _REFUSAL_LIMIT:
            break
    return Response(body[:_REFUSAL_LIMIT], status=answer.status, content_type=answer.header("content-type"))


async def relay(client: Connection, backend: Backend) -> None:
    """Copy both ways until the backend ends, or the client has ended and the grace is over."""
    try:
        async with asyncio.TaskGroup() as tasks:
            upstream = tasks.create_task(_client_to_backend(client, backend), name="relay to backend")
            downstream = tasks.create_task(_backend_to_client(client, backend), name="relay to client")
            await asyncio.wait({upstream, downstream}, return_when=asyncio.FIRST_COMPLETED)
            if not downstream.done() and upstream.result():
                await asyncio.wait({downstream}, timeout=_GRACE_S)
            upstream.cancel()
            downstream.cancel()
    finally:
        client.close()


async def _client_to_backend(client: Connection, backend: Backend) -> bool:
    """Whether the backend knows that the client is done, and may still answer."""
    try:
        while data := await client.read():
            await backend.send(data)
        return backend.send_eof()
    except OSError:  # reset, or broken TLS: either way over
        return False


async def _backend_to_client(client: Connection, backend: Backend) -> None:
    try:
        while data := await backend.receive():
            client.write(data)
            await client.drain()
    except OSError:
        return
