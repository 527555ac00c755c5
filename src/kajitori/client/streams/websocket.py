"""WebSocket (RFC 6455) over a byte stream, in either role, with as much as Kubernetes' channel protocols need.

`WebSocket` sends and receives whole messages and answers pings; `Tunnel` makes its binary messages look like a byte
stream again. Messages are limited to MAX_MESSAGE bytes; extensions are never negotiated. The HTTP side of the
handshake is the caller's: `client_headers`, `check_answer` and `server_headers` say what belongs into it.
May import: client.streams.bytestream.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from collections.abc import Mapping, Sequence

from kajitori.client.streams.bytestream import CHUNK, ByteReader, ByteWriter

MAX_MESSAGE = 32 * 1024 * 1024
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NORMAL_CLOSURE, PROTOCOL_ERROR, INTERNAL_ERROR = 1000, 1002, 1011


class WebSocketError(ConnectionError):
    """The peer broke the protocol, or closed with an error."""


def accept_key(key: str) -> str:
    """`Sec-WebSocket-Accept` for a client's key (RFC 6455, 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()).decode()


def client_headers(protocols: Sequence[str]) -> dict[str, str]:
    """The headers that ask for an upgrade; keep them for `check_answer`."""
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Protocol": ", ".join(protocols),
    }


def check_answer(asked: Mapping[str, str], answer: Mapping[str, str]) -> str:
    """The sub-protocol that the server chose (`answer` by lower-case names); else WebSocketError."""
    if answer.get("sec-websocket-accept", "") != accept_key(asked["Sec-WebSocket-Key"]):
        raise WebSocketError("the server did not accept the WebSocket handshake")
    chosen = answer.get("sec-websocket-protocol", "")
    offered = [p.strip() for p in asked["Sec-WebSocket-Protocol"].split(",")]
    if chosen not in offered:
        raise WebSocketError(f"unable to negotiate protocol: client supports {offered}, server accepted {chosen!r}")
    return chosen


def is_upgrade(headers: Mapping[str, str]) -> bool:
    """Whether a request (`headers` by lower-case names) asks for a WebSocket."""
    tokens = {token.strip().lower() for token in headers.get("connection", "").split(",")}
    return "upgrade" in tokens and headers.get("upgrade", "").lower() == "websocket"


def server_headers(request: Mapping[str, str], protocol: str) -> dict[str, str]:
    """The headers of the 101 answer to `request` (by lower-case names)."""
    key = request.get("sec-websocket-key", "")
    if request.get("sec-websocket-version") != "13" or len(key) != 24:
        raise WebSocketError("not a WebSocket handshake of version 13")
    answer = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Accept": accept_key(key)}
    return answer | ({"Sec-WebSocket-Protocol": protocol} if protocol else {})


def mask(data: bytes, key: bytes) -> bytes:
    """XOR with the repeated key, as one big number: a hundred times faster than byte by byte."""
    if not data:
        return b""
    pattern = (key * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "little") ^ int.from_bytes(pattern, "little")).to_bytes(len(data), "little")


def encode_frame(opcode: int, payload: bytes, *, masked: bool) -> bytes:
    """A whole message in one frame (RFC 6455, 5.2); a client must mask, a server must not."""
    size, mask_bit = len(payload), 0x80 if masked else 0
    if size < 126:
        head = struct.pack(">BB", 0x80 | opcode, mask_bit | size)
    elif size < 1 << 16:
        head = struct.pack(">BBH", 0x80 | opcode, mask_bit | 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, mask_bit | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + mask(payload, key)


class FrameBuffer:
    """Bytes in pieces of any size to (fin, opcode, payload)."""

    def __init__(self, *, expect_mask: bool) -> None:
        self._buffer = bytearray()
        self._expect_mask = expect_mask

    def feed(self, data: bytes) -> None:
        """Bytes as they come, whole frames or not."""
        self._buffer += data

    def next(self) -> tuple[bool, int, bytes] | None:
        """The next whole frame, or None until more is fed."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, second = buffer[0], buffer[1]
        size, start = second & 0x7F, 2
        if first & 0x70:
            raise WebSocketError("a WebSocket extension was used that nobody negotiated")
        if bool(second & 0x80) != self._expect_mask:
            raise WebSocketError("a WebSocket frame is masked by the wrong side")
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
        if size > MAX_MESSAGE:
            raise WebSocketError("a WebSocket frame is too large")
        key_size = 4 if self._expect_mask else 0
        end = start + key_size + size
        if len(buffer) < end:
            return None
        payload = bytes(buffer[start + key_size : end])
        if self._expect_mask:
            payload = mask(payload, bytes(buffer[start : start + 4]))
        del buffer[:end]
        return bool(first & 0x80), first & 0x0F, payload


class WebSocket:
    """Messages over an upgraded connection. One task may receive while others send."""

    def __init__(self, reader: ByteReader, writer: ByteWriter, *, client: bool, protocol: str = "") -> None:
        self.protocol = protocol
        self.close_code: int | None = None
        self.close_reason = ""
        self._reader, self._writer = reader, writer
        self._client = client
        self._frames = FrameBuffer(expect_mask=not client)
        self._close_sent = False

    async def receive(self) -> bytes | None:
        """The next message; None once the peer has closed. Pings are answered meanwhile."""
        message = bytearray()
        while (frame := await self._frame()) is not None:
            fin, opcode, payload = frame
            if opcode == PING:
                await self._send(PONG, payload)
            elif opcode == CLOSE:
                self._note_close(payload)
                await self.close(self.close_code or NORMAL_CLOSURE)
                return None
            elif opcode in (TEXT, BINARY, CONTINUATION):
                message += payload
                if len(message) > MAX_MESSAGE:
                    raise WebSocketError("a WebSocket message is too large")
                if fin:
                    return bytes(message)
        return None

    async def send(self, data: bytes, *, text: bool = False) -> None:
        """A whole message; returns when the peer has taken enough."""
        await self._send(TEXT if text else BINARY, data)

    def write(self, data: bytes) -> None:
        """Queue one binary message without waiting; `drain` waits."""
        self._write(BINARY, data)

    async def drain(self) -> None:
        """Returns when the peer has taken enough of what `write` queued."""
        await self._writer.drain()

    async def ping(self) -> None:
        """The peer's pong shows that it is there; nobody waits for it here."""
        await self._send(PING, b"")

    async def close(self, code: int = NORMAL_CLOSURE, reason: str = "") -> None:
        """Say goodbye once; the connection itself is closed by `hang_up`."""
        if not self._close_sent:
            try:
                await self._send(CLOSE, struct.pack(">H", code) + reason.encode()[:120])
            except ConnectionError:
                pass  # the peer went first
            self._close_sent = True

    def hang_up(self) -> None:
        """Closes the connection without the closing handshake."""
        self._writer.close()

    async def _frame(self) -> tuple[bool, int, bytes] | None:
        while (frame := self._frames.next()) is None:
            try:
                data = await self._reader.read(CHUNK)
            except ConnectionError:
                data = b""
            if not data:
                return None
            self._frames.feed(data)
        return frame

    def _note_close(self, payload: bytes) -> None:
        if len(payload) >= 2:
            self.close_code = int.from_bytes(payload[:2], "big")
            self.close_reason = payload[2:].decode("utf-8", "replace")

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._close_sent:
            raise WebSocketError("the WebSocket is closed")
        self._writer.write(encode_frame(opcode, payload, masked=self._client))

    async def _send(self, opcode: int, payload: bytes) -> None:
        self._write(opcode, payload)
        await self._writer.drain()


class Tunnel:
    """A WebSocket's binary messages as a byte stream: reader and writer in one (kubectl's port-forward uses it)."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._rest = b""

    async def read(self, n: int = -1, /) -> bytes:
        while not self._rest:
            message = await self._websocket.receive()
            if message is None:
                return b""
            self._rest = message
        if n < 0 or n >= len(self._rest):
            chunk, self._rest = self._rest, b""
        else:
            chunk, self._rest = self._rest[:n], self._rest[n:]
        return chunk

    def write(self, data: bytes, /) -> None:
        self._websocket.write(data)

    async def drain(self) -> None:
        await self._websocket.drain()

    def close(self) -> None:
        """Says goodbye without waiting for the answer, and hangs up."""
        try:
            self._websocket._write(CLOSE, struct.pack(">H", NORMAL_CLOSURE))
        except ConnectionError:
            pass  # closed before
        self._websocket._close_sent = True
        self._websocket.hang_up()
