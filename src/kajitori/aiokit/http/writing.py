"""The way out of one HTTP/1.1 connection: heads, whole bodies, chunks; a peer that reads slowly stops the writer.

Bounds: what is written waits in the transport; once that asks for a pause, the next piece waits for `drained`.
May import: http.message.
"""

import asyncio
from collections.abc import Iterator
from email.utils import formatdate
from http import HTTPStatus

from kajitori.aiokit.http.message import PartedResponse, Request, Response, StreamResponse

SLICE = 256 * 1024
LINGER_S = 1.0

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Date:
    """The Date header's bytes, made once a second at most."""

    def __init__(self) -> None:
        self._second = 0
        self._line = b""

    def line(self, now: float) -> bytes:
        """`Date: …` for a loop time; callers pass loop.time(), which moves as wall time does."""
        if int(now) != self._second or not self._line:
            self._second = int(now)
            self._line = b"Date: " + formatdate(usegmt=True).encode() + b"\r\n"
        return self._line


class Writer:
    """`lost`: nothing that is written now reaches the peer."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, date: Date) -> None:
        self.lost = False
        self._transport = transport
        self._loop = loop
        self._date = date
        self._resumed: asyncio.Future[None] | None = None

    def pause(self) -> None:
        """The transport holds enough."""
        if self._resumed is None:
            self._resumed = self._loop.create_future()

    def resume(self) -> None:
        """The peer has read, or nobody waits for it any more."""
        if self._resumed is not None:
            resumed, self._resumed = self._resumed, None
            if not resumed.done():
                resumed.set_result(None)

    async def drained(self) -> None:
        """Returns when the transport takes more."""
        if self._resumed is not None:
            await self._resumed

    async def write(self, request: Request, answer: Response, *, keep: bool) -> None:
        """A whole answer; `keep`: the connection takes another request."""
        if self.lost:
            return
        head = self._head(answer, keep=keep) + b"Content-Length: %d\r\n\r\n" % answer.size
        if request.method == "HEAD":
            self._transport.write(head)
        elif answer.size <= SLICE:
            self._transport.write(head + answer.body)
        elif isinstance(answer, PartedResponse):
            await self._write_slices(head, answer.slices(SLICE))
        else:
            whole = memoryview(answer.body)
            await self._write_slices(head, (whole[at : at + SLICE] for at in range(0, len(whole), SLICE)))
        if self._resumed is not None:
            await self._resumed

    async def _write_slices(self, head: bytes, slices: Iterator[bytes | memoryview]) -> None:
        """A large body piece by piece: encrypted while it is in the processor's cache, and while the peer reads.

        Whoever else has something to do gets a turn after each.
        """
        self._transport.write(head)
        for piece in slices:
            self._transport.write(piece)
            await (self._resumed or asyncio.sleep(0))
            if self.lost:
                return

    async def stream(self, request: Request, answer: StreamResponse, *, keep: bool) -> bool:
        """Chunks as they come; whether the connection can take another request."""
        chunked = request.http_version != "1.0"
        head = self._head(answer, keep=keep and chunked)
        self._transport.write(head + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n"))
        if self.lost or request.method == "HEAD":  # whose answer has no body, whatever its headers say
            return keep and chunked
        try:
            async for chunk in answer.chunks:
                if chunk:
                    self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
                if self._resumed is not None:
                    await self._resumed
        except ConnectionError:  # its source broke off: the peer must not take a part for the whole
            self._transport.abort()
            return False
        if chunked:
            self._transport.write(b"0\r\n\r\n")
        if self._resumed is not None:
            await self._resumed
        return keep and chunked

    def end_with(self, answer: Response) -> None:
        """An answer at once, then close; whatever else is written is dropped."""
        head = self._head(answer, keep=False)
        self._transport.write(head + b"Content-Length: %d\r\n\r\n%b" % (len(answer.body), answer.body))
        self._transport.close()
        self.lost = True

    def refuse(self, status: int) -> None:
        """Not HTTP, or too much of it: one bare answer, then close."""
        phrase = HTTPStatus(status).phrase.encode()
        self._transport.write(
            b"HTTP/1.1 %d %b\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n%d %b"
            % (status, phrase, status, phrase)
        )
        self._transport.close()
        self._loop.call_later(LINGER_S, self._transport.abort)  # it may go on sending and never read

    def send_continue(self) -> None:
        """The client waits to be told that its body is welcome."""
        self._transport.write(_CONTINUE)

    def _head(self, answer: Response | StreamResponse, *, keep: bool) -> bytes:
        line = _STATUS_LINES.get(answer.status) or b"HTTP/1.1 %d Unknown\r\n" % answer.status
        lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        if answer.content_type:
            lines += f"Content-Type: {answer.content_type}\r\n"
        if not keep:
            lines += "Connection: close\r\n"
        return line + self._date.line(self._loop.time()) + lines.encode("latin-1", "replace")
