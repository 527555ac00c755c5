"""One HTTP/1.1 connection: httptools parses, one task per connection answers request after request.

                 ┌────────── next request (keep-alive, or already pipelined) ─────────┐
    connected → waiting → handling → Response, whole ───────────────────────────────→─┤
                              ├──→ StreamResponse: chunks until it ends, or the peer goes away (handler cancelled)
                              └──→ hijacked: bytes pass through a RawConnection, HTTP is over
A handler of a whole response is not cancelled when its peer goes away: a write that began is finished.

Bounds: a body waits in memory only up to `READ_AHEAD` unread bytes and a slow reader of a stream stops its producer
(see writing.py), by pausing the transport. May import: http.*, httptools.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import httptools

from kajitori.aiokit.http.body import READ_AHEAD, IncomingBody
from kajitori.aiokit.http.message import Answer, Headers, Hijacked, Request, Response, StreamResponse
from kajitori.aiokit.http.rawconnection import RawConnection
from kajitori.aiokit.http.writing import Date, Writer

MAX_HEAD = 128 * 1024
MAX_PIPELINED = 32
RAW_FLUSH_S = 0.5  # for what an upgraded connection still has to say when the server stops
HEADER_COST = 32  # what one more header costs us beyond its bytes
_DER = 2  # _ssl.ENCODING_DER
Handler = Callable[[Request], Awaitable[Answer]]


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
        self._transport: asyncio.Transport  # these two from connection_made on, before anything else happens
        self._out: Writer
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
        self._streaming: asyncio.Task[Any] | None = None
        self.task: asyncio.Task[Any] | None = None
        self._late: Callable[[], Response] | None = None
        self._deadline = 0.0
        self._limit_timer: asyncio.TimerHandle | None = None
        self._ending = False
        self.closing = False
        self.idle_since = self._loop.time()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has all of it, but not the name
        self._out = Writer(self._transport, self._loop, self._date)
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
            self._out.refuse(431 if self._head_size > MAX_HEAD else 400)

    def eof_received(self) -> bool:
        if self._raw is not None:
            self._raw.feed_eof()
            return True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._out.lost = True
        if self._receiving is not None:
            self._receiving.fail()
        if self._raw is not None:
            self._raw.feed_eof()
        self._out.resume()
        if self._streaming is not None:
            self._streaming.cancel()
        self._wake()
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._out.pause()

    def resume_writing(self) -> None:
        self._out.resume()

    # httptools callbacks

    def on_message_begin(self) -> None:
        """httptools: a request begins."""
        self._target = b""
        self._headers = []
        self._head_size = 0

    def on_url(self, url: bytes) -> None:
        """httptools: a piece of the target."""
        self._target += url
        self._grow(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: one header; names are kept in lower case."""
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))
        self._grow(len(name) + len(value) + HEADER_COST)

    def _grow(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            raise ValueError("request head too large")

    def on_headers_complete(self) -> None:
        """httptools: the request can be handled; its body may still be on the way."""
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
        """httptools: a piece of the body."""
        if self._receiving is not None:
            self._receiving.feed(data)

    def on_message_complete(self) -> None:
        """httptools: the body is whole."""
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
            while not self._out.lost:
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
            if self._raw is None or not self._out.lost:
                self._transport.close()

    async def _answer(self, request: Request, body: Any) -> bool:
        """Answer one request; whether the connection can take another."""
        answer = await self._handler(request)
        self._late = None
        if isinstance(answer, Hijacked):
            return False
        keep = request.keep_alive and not self._upgraded and not self.closing and body.finished
        if isinstance(answer, Response):
            try:
                await self._out.write(request, answer, keep=keep)
            finally:
                if answer.sent is not None:
                    answer.sent()
            return keep
        return await self._stream(request, answer, keep=keep)

    async def _stream(self, request: Request, answer: StreamResponse, *, keep: bool) -> bool:
        """Losing the peer cancels this task's wait for the next chunk."""
        try:
            if self._out.lost:
                return False
            self._streaming = asyncio.current_task()
            return await self._out.stream(request, answer, keep=keep)
        finally:
            self._streaming = None
            if answer.ended is not None:
                answer.ended()
            aclose = getattr(answer.chunks, "aclose", None)
            if aclose is not None:
                await aclose()

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
        if self._late is None or self._out.lost:
            return
        if self._loop.time() < self._deadline - 0.001:
            self._limit_timer = self._loop.call_at(self._deadline, self._check_limit)
            return
        self._out.end_with(self._late())  # whatever the handler answers now is lost

    # for bodies and for the server

    async def drained(self) -> None:
        """Returns when the peer has taken enough of what was written."""
        await self._out.drained()

    def send_continue(self) -> None:
        """The client waits to be told that its body is welcome."""
        self._out.send_continue()

    def pause_reading(self) -> None:
        """Take nothing more from the peer for now."""
        if not self._out.lost and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        if not self._out.lost and not self._transport.is_closing():
            self._transport.resume_reading()

    @contextmanager
    def abandonable(self) -> Iterator[None]:
        """See Request.abandonable."""
        if self._out.lost:
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

    def peer_chain(self) -> tuple[bytes, ...]:
        """The client's certificate and those that it was verified by, up to the root; empty if there are none."""
        tls: Any = self._transport.get_extra_info("ssl_object")
        if tls is None or self._certificate is None:
            return ()
        if hasattr(tls, "get_verified_chain"):  # Python 3.13
            return tuple(tls.get_verified_chain())
        return tuple(link.public_bytes(_DER) for link in tls._sslobj.get_verified_chain() or ())

    def take_over(self) -> RawConnection:
        """End HTTP on this connection."""
        self._raw = RawConnection(self._transport, self)
        if self._leftover:
            self._raw.feed(self._leftover)
            self._leftover = b""
        self._transport.resume_reading()
        if self._out.lost:
            self._raw.feed_eof()
        return self._raw

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
            self._transport.close()
            self._loop.call_later(RAW_FLUSH_S, self._transport.abort)
        if self._streaming is not None:
            self._streaming.cancel()
        self._wake()

    @property
    def is_answering(self) -> bool:
        """Whether a request is under way that will end by itself."""
        return not self.idle_since and self._streaming is None and self._raw is None

    @property
    def unsent(self) -> int:
        """How many bytes of answers the peer's side has not taken yet."""
        return 0 if self._out.lost else self._transport.get_write_buffer_size()

    def abort(self) -> None:
        """Close without a word."""
        self._transport.abort()
