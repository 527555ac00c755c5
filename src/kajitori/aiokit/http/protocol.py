"""One HTTP/1.1 connection: httptools parses, one task per connection answers request after request.

                 ┌────────── next request (keep-alive, or already pipelined) ─────────┐
    connected → waiting → handling → Response, whole ───────────────────────────────→─┤
                              ├──→ StreamResponse: chunks until it ends, or the peer goes away (handler cancelled)
                              └──→ hijacked: bytes pass through a RawConnection, HTTP is over
A handler of a whole response is not cancelled when its peer goes away: a write that began is finished.

Bounds: a body waits in memory only up to `READ_AHEAD` unread bytes and a slow reader of a stream stops its producer
(`drain`), by pausing the transport. May import: http.message, httptools.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

import httptools

from kajitori.aiokit.http.body import READ_AHEAD, IncomingBody
from kajitori.aiokit.http.message import Answer, Headers, Hijacked, PartedResponse, Request, Response, StreamResponse
from kajitori.aiokit.http.rawconnection import RawConnection

MAX_HEAD = 128 * 1024
MAX_PIPELINED = 32
HEADER_COST = 32  # what one more header costs us beyond its bytes
LINGER_S = 1.0
SLICE = 256 * 1024
Handler = Callable[[Request], Awaitable[Answer]]

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


class HttpProtocol(asyncio.Protocol):
    """Created by the server for each accepted connection."""

    def __init__(
        self,
        handler: Handler,
        date: Date,
        on_open: "Callable[[HttpProtocol], None]",
        on_lost: "Callable[[HttpProtocol], None]",
    ) -> None:
        self._handler = handler
        self._date = date
        self._on_open = on_open
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = None  # type: ignore[assignment]  # set before anything else happens
        self._peer: tuple[str, int] = ("", 0)
        self._certificate: bytes | None = None
        self._requests: deque[Request] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._receiving: IncomingBody | None = None
        self._raw: RawConnection | None = None
        self._leftover = b""
        self._upgraded = False
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._head_size = 0
        self._resumed: asyncio.Future[None] | None = None
        self._streaming: asyncio.Task[Any] | None = None
        self.task: asyncio.Task[Any] | None = None
        self._late: Callable[[], Response] | None = None
        self._deadline = 0.0
        self._limit_timer: asyncio.TimerHandle | None = None
        self._ending = False
        self.closing = False
        self.lost = False
        self.idle_since = self._loop.time()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self._peer = (peer[0], peer[1])
        tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        if tls is not None:
            self._certificate = tls.getpeercert(binary_form=True) or None
        self._on_open(self)

    def data_received(self, data: bytes) -> None:
        if self._raw is not None:
            self._raw.feed(data)
            return
        if self._upgraded:
            self._leftover += data
            if len(self._leftover) > READ_AHEAD:
                self._transport.pause_reading()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgraded = True
            self._leftover = data[upgrade.args[0] :]
        except httptools.HttpParserError:
            self._refuse(431 if self._head_size > MAX_HEAD else 400)

    def eof_received(self) -> bool:
        if self._raw is not None:
            self._raw.feed_eof()
            return True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._receiving is not None:
            self._receiving.fail()
        if self._raw is not None:
            self._raw.feed_eof()
        self.resume_writing()
        if self._streaming is not None:
            self._streaming.cancel()
        self._wake()
        self._on_lost(self)

    def pause_writing(self) -> None:
        if self._resumed is None:
            self._resumed = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._resumed is not None:
            resumed, self._resumed = self._resumed, None
            if not resumed.done():
                resumed.set_result(None)

    # httptools callbacks

    def on_message_begin(self) -> None:
        self._target = b""
        self._headers = []
        self._head_size = 0

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._grow(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))
        self._grow(len(name) + len(value) + HEADER_COST)

    def _grow(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            raise ValueError("request head too large")

    def on_headers_complete(self) -> None:
        headers = Headers(self._headers)
        body = IncomingBody(self, headers)
        self._receiving = body
        request = Request(
            method=self._parser.get_method().decode("latin-1"),
            target=self._target.decode("latin-1"),
            headers=headers,
            body=body,
            peer=self._peer,
            peer_certificate_der=self._certificate,
            http_version=self._parser.get_http_version(),
            keep_alive=self._parser.should_keep_alive(),
        )
        self._requests.append(request)
        if len(self._requests) > MAX_PIPELINED:
            self._transport.pause_reading()
        self._wake()

    def on_body(self, data: bytes) -> None:
        if self._receiving is not None:
            self._receiving.feed(data)

    def on_message_complete(self) -> None:
        if self._receiving is not None:
            self._receiving.complete()
            self._receiving = None

    # the connection's task

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def serve(self) -> None:
        """Answer requests until either side has had enough."""
        try:
            while not self.lost:
                if not self._requests:
                    if self._ending:
                        break
                    self.idle_since = self._loop.time()
                    self._arrival = self._loop.create_future()
                    await self._arrival
                    continue
                request = self._requests.popleft()
                self.idle_since = 0.0
                if not await self._answer(request, request.body) or self.closing:
                    break
                self._transport.resume_reading()
        finally:
            if self._raw is None or not self.lost:
                self._transport.close()

    async def _answer(self, request: Request, body: Any) -> bool:
        """Answer one request; whether the connection can take another."""
        answer = await self._handler(request)
        self._late = None
        if isinstance(answer, Hijacked):
            return False
        keep = request.keep_alive and not self._upgraded and not self.closing and body.finished
        if isinstance(answer, Response):
            await self._write_whole(request, answer, keep)
        else:
            await self._stream(request, answer, keep)
        if self._resumed is not None:
            await self._resumed
        return keep

    # time limits

    def limit(self, deadline: float, late: Callable[[], Response]) -> None:
        """See Request.limit. One timer serves request after request: it is moved only when it comes too late."""
        self._deadline, self._late = deadline, late
        if self._limit_timer is None or deadline < self._limit_timer.when():
            if self._limit_timer is not None:
                self._limit_timer.cancel()
            self._limit_timer = self._loop.call_at(deadline, self._check_limit)

    def _check_limit(self) -> None:
        self._limit_timer = None
        if self._late is None or self.lost:
            return
        if self._loop.time() < self._deadline - 0.001:
            self._limit_timer = self._loop.call_at(self._deadline, self._check_limit)
            return
        answer = self._late()
        head = self._head(answer.status, answer.content_type, answer.headers, keep=False)
        self._transport.write(head + b"Content-Length: %d\r\n\r\n%b" % (len(answer.body), answer.body))
        self._transport.close()
        self.lost = True  # for whatever the handler answers now

    def _head(self, status: int, content_type: str, headers: list[tuple[str, str]], keep: bool) -> bytes:
        line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d Unknown\r\n" % status
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        if content_type:
            lines += f"Content-Type: {content_type}\r\n"
        if not keep:
            lines += "Connection: close\r\n"
        return line + self._date.line(self._loop.time()) + lines.encode("latin-1", "replace")

    async def _write_whole(self, request: Request, answer: Response, keep: bool) -> None:
        if self.lost:
            return
        head = self._head(answer.status, answer.content_type, answer.headers, keep)
        head += b"Content-Length: %d\r\n\r\n" % answer.size
        if request.method == "HEAD":
            self._transport.write(head)
        elif answer.size <= SLICE:
            self._transport.write(head + answer.body)
        elif isinstance(answer, PartedResponse):
            await self._write_slices(head, answer.slices(SLICE))
        else:
            whole = memoryview(answer.body)
            await self._write_slices(head, (whole[at : at + SLICE] for at in range(0, len(whole), SLICE)))

    async def _write_slices(self, head: bytes, slices: Iterator[bytes | memoryview]) -> None:
        """A large body piece by piece: encrypted while it is in the processor's cache, and while the peer reads."""
        self._transport.write(head)
        for piece in slices:
            self._transport.write(piece)
            if self._resumed is not None:
                await self._resumed
            if self.lost:
                return

    async def _stream(self, request: Request, answer: StreamResponse, keep: bool) -> None:
        """Send chunks as they come. Losing the peer cancels this task's wait for the next one."""
        if self.lost:
            await _close(answer)
            return
        chunked = request.http_version != "1.0"
        head = self._head(answer.status, answer.content_type, answer.headers, keep and chunked)
        self._transport.write(head + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n"))
        self._streaming = asyncio.current_task()
        try:
            if self.lost or request.method == "HEAD":  # whose answer has no body, whatever its headers say
                return
            async for chunk in answer.chunks:
                if chunk:
                    self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
                if self._resumed is not None:
                    await self._resumed
        except ConnectionError:  # its source broke off: the peer must not take a part for the whole
            self.closing = True
            self._transport.abort()
            return
        finally:
            self._streaming = None
            await _close(answer)
        if chunked:
            self._transport.write(b"0\r\n\r\n")
        else:
            self.closing = True

    def _refuse(self, status: int) -> None:
        """Not HTTP, or too much of it: one bare answer, then close."""
        phrase = HTTPStatus(status).phrase.encode()
        self._transport.write(
            b"HTTP/1.1 %d %b\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n%d %b"
            % (status, phrase, status, phrase)
        )
        self._transport.close()
        self._loop.call_later(LINGER_S, self._transport.abort)  # it may go on sending and never read

    # for bodies and for the server

    def send_continue(self) -> None:
        """The client waits to be told that its body is welcome."""
        self._transport.write(_CONTINUE)

    def pause(self, paused: bool) -> None:
        """Stop or go on reading from the peer."""
        if self.lost or self._transport.is_closing():
            return
        if paused:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    @contextmanager
    def abandonable(self) -> Iterator[None]:
        """See Request.abandonable."""
        if self.lost:
            raise asyncio.CancelledError
        self._streaming = asyncio.current_task()
        try:
            yield
        finally:
            self._streaming = None

    def peer_certificate(self) -> Mapping[str, Any]:
        """The client's verified certificate as `ssl` shows it; empty if there is none."""
        tls = self._transport.get_extra_info("ssl_object")
        return (tls.getpeercert() or {}) if tls is not None else {}

    def take_over(self) -> RawConnection:
        """End HTTP on this connection."""
        self._raw = RawConnection(self._transport, self._drained, self.pause)
        if self._leftover:
            self._raw.feed(self._leftover)
            self._leftover = b""
        self._transport.resume_reading()
        if self.lost:
            self._raw.feed_eof()
        return self._raw

    async def _drained(self) -> None:
        if self._resumed is not None:
            await self._resumed

    def shut_down(self, linger_s: float = 0.0) -> None:
        """Finish the request under way, then close; end streams and upgraded connections now; close when idle.

        An idle connection is left open for `linger_s`: a request that is on its way is answered, and told to close.
        """
        self.closing = True
        if linger_s and not self._ending:
            self._loop.call_later(linger_s, self.shut_down)
        else:
            self._ending = True
        if self._raw is not None:
            self._transport.abort()
        if self._streaming is not None:
            self._streaming.cancel()
        self._wake()

    def abort(self) -> None:
        """Close without a word."""
        self._transport.abort()


async def _close(answer: StreamResponse) -> None:
    """Let the source of a stream go."""
    aclose = getattr(answer.chunks, "aclose", None)
    if aclose is not None:
        await aclose()
