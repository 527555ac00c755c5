"""What a handler sees of HTTP: a request that came in, a response to send back, a connection taken over.

A handler returns a `Response` (whole body), a `StreamResponse` (chunks as they come) or `HIJACKED` after it took the
connection over with `Request.hijack()`. May import: the standard library.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, unquote


class Headers(Mapping[str, str]):
    """Request headers by lower-case name; a name sent more than once reads as its values joined by ", "."""

    __slots__ = ("_first", "pairs")

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs
        self._first: dict[str, str] = {}
        for name, value in pairs:
            self._first[name] = f"{self._first[name]}, {value}" if name in self._first else value

    def __getitem__(self, name: str) -> str:
        return self._first[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]  # what is absent reads as empty
        """The value of a header by its lower-case name, or the default (empty)."""
        return self._first.get(name, default)

    def getall(self, name: str) -> list[str]:
        """Every value of a header that may repeat, in the order received."""
        return [value for key, value in self.pairs if key == name]


class Query(Mapping[str, str]):
    """URL query parameters; the first value of a name wins, `getall` gives the others."""

    __slots__ = ("_first", "pairs")

    def __init__(self, raw: str) -> None:
        self.pairs = parse_qsl(raw, keep_blank_values=True) if raw else []
        self._first: dict[str, str] = {}
        for name, value in self.pairs:
            self._first.setdefault(name, value)

    def __getitem__(self, name: str) -> str:
        return self._first[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]  # what is absent reads as empty
        """The first value of a parameter, or the default (empty)."""
        return self._first.get(name, default)

    def getall(self, name: str) -> list[str]:
        """Every value of a parameter, in order."""
        return [value for key, value in self.pairs if key == name]


class Connection(Protocol):
    """A connection taken over from HTTP: bytes both ways, nothing else."""

    async def read(self, n: int = -1, /) -> bytes:
        """The next bytes from the peer, at most `n` of them if `n` ≥ 0; `b""` once it has closed its side."""

    def write(self, data: bytes, /) -> None:
        """Queue bytes for the peer."""

    async def drain(self) -> None:
        """Wait until the peer has taken enough of what was written."""

    def close(self) -> None:
        """Send what is queued, then close."""

    def abort(self) -> None:
        """Close at once."""


class Body(Protocol):
    """The server's side of a request body and of its connection; what `Request` reads from."""

    async def read_all(self, limit: int) -> bytes:
        """The whole body; raises `BodyTooLarge` beyond `limit` bytes, before reading if its length says so."""

    async def read_chunk(self) -> bytes:
        """Whatever has arrived, at least one byte; `b""` at the end."""

    def hijack(self) -> Connection:
        """See `Request.hijack`."""

    def abandonable(self) -> AbstractContextManager[None]:
        """See `Request.abandonable`."""

    def limit(self, deadline: float, late: "Callable[[], Response]") -> None:
        """See `Request.limit`."""

    @property
    def finished(self) -> bool:
        """Whether the last byte has arrived, read or not."""

    @property
    def peer_certificate(self) -> Mapping[str, Any]:
        """The client's verified certificate as `ssl` shows it; empty if there is none."""

    @property
    def peer_chain(self) -> tuple[bytes, ...]:
        """The client's certificate and those that it was verified by, up to the root; empty if there are none."""


class Request:
    """One HTTP request. Bodies are read on demand, so a refused request costs no memory."""

    __slots__ = (
        "_query",
        "body",
        "headers",
        "http_version",
        "keep_alive",
        "method",
        "path",
        "peer",
        "peer_certificate_der",
        "raw_path",
        "raw_query",
        "told",
        "turn",
    )

    def __init__(
        self,
        *,
        method: str,
        target: str,
        headers: Headers,
        body: Body,
        peer: tuple[str, int] = ("", 0),
        peer_certificate_der: bytes | None = None,
        http_version: str = "1.1",
        keep_alive: bool = True,
    ) -> None:
        self.method = method
        self.raw_path, _, self.raw_query = target.partition("?")
        self.path = unquote(self.raw_path) if "%" in self.raw_path else self.raw_path
        self.headers = headers
        self.peer = peer
        self.peer_certificate_der = peer_certificate_der
        self.http_version = http_version
        self.keep_alive = keep_alive
        self.body = body
        self.told: Sequence[tuple[str, str]] = ()  # headers of whatever the answer will be
        self.turn: Turn | None = None  # set by who limits how much is done at a time
        self._query: Query | None = None

    @property
    def query(self) -> Query:
        """The URL's query, parsed once when asked for."""
        if self._query is None:
            self._query = Query(self.raw_query)
        return self._query

    @property
    def peer_certificate(self) -> Mapping[str, Any]:
        """The client's verified certificate as `ssl` shows it; empty if there is none."""
        return self.body.peer_certificate

    async def read(self, limit: int = 3 << 20) -> bytes:
        """The whole body; raises `BodyTooLarge` when it has more than `limit` bytes."""
        return await self.body.read_all(limit)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body piece by piece, for proxies."""
        while chunk := await self.body.read_chunk():
            yield chunk

    def hijack(self) -> Connection:
        """Take the connection over (upgrades): HTTP ends here, the handler writes the status line itself."""
        return self.body.hijack()

    def limit(self, deadline: float, late: "Callable[[], Response]") -> None:
        """At this loop time the peer gets `late()`, unless the handler has answered. The handler goes on, unheard."""
        self.body.limit(deadline, late)

    def abandonable(self) -> AbstractContextManager[None]:
        """While inside, losing the peer cancels the handler: for waits that are of no use to anybody else."""
        return self.body.abandonable()


class Turn(Protocol):
    """A request's place among others; see `Request.turn`."""

    held: bool
    """Set by an answer that goes on being costly after it was returned; it says itself when that is over."""

    def finish(self) -> None:
        """The costly part is over: others may go. Again is harmless."""


class BodyTooLarge(Exception):
    """A request body is larger than the handler accepts."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"limit is {limit}")
        self.limit = limit


HeaderList = Iterable[tuple[str, str]]


class Response:
    """A status, headers and a whole body. `content-length` is added by the server.

    `sent`: called when all of it has been handed over, or the peer is gone.
    """

    __slots__ = ("body", "content_type", "headers", "sent", "status")

    def __init__(
        self, body: bytes = b"", *, status: int = 200, content_type: str = "application/json", headers: HeaderList = ()
    ) -> None:
        self.body = body
        self.status = status
        self.content_type = content_type
        self.headers: list[tuple[str, str]] = list(headers)
        self.sent: Callable[[], None] | None = None

    @property
    def size(self) -> int:
        """How long the body is."""
        return len(self.body)

    @classmethod
    def text(cls, body: str, status: int = 200) -> "Response":
        """Plain text."""
        return cls(body.encode(), status=status, content_type="text/plain; charset=utf-8")


class PartedResponse(Response):
    """A large whole body in many parts. They are put together as they are sent, or when somebody asks for `body`."""

    __slots__ = ("_size", "parts")

    def __init__(
        self,
        parts: Sequence[bytes | memoryview],
        *,
        status: int = 200,
        content_type: str = "application/json",
        headers: HeaderList = (),
    ) -> None:
        super().__init__(b"", status=status, content_type=content_type, headers=headers)
        self.parts = parts  # views of bytes are not copied before they are sent
        self._size = sum(map(len, parts))

    @property
    def size(self) -> int:
        return self._size

    @property
    def body(self) -> bytes:
        """All of it, joined."""
        if len(self.parts) == 1 and isinstance(self.parts[0], bytes):
            return self.parts[0]
        joined = b"".join(self.parts)
        self.parts = [joined]
        return joined

    @body.setter
    def body(self, body: bytes) -> None:
        self.parts, self._size = [body], len(body)

    def slices(self, size: int) -> Iterator[bytes]:
        """The body in pieces of about this size."""
        step = max(1, size * len(self.parts) // max(self._size, 1))
        for start in range(0, len(self.parts), step):
            yield b"".join(self.parts[start : start + step])


class StreamResponse:
    """A status, headers and a body that comes in chunks; each chunk is flushed as it comes.

    `ended`, where somebody has set it, is called when the stream is over, however it ends.
    """

    __slots__ = ("chunks", "content_type", "ended", "headers", "status")

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        *,
        status: int = 200,
        content_type: str = "application/json",
        headers: HeaderList = (),
    ) -> None:
        self.chunks = chunks
        self.status = status
        self.content_type = content_type
        self.headers: list[tuple[str, str]] = list(headers)
        self.ended: Callable[[], None] | None = None


class Hijacked:
    """The answer of a handler that took the connection over and has finished with it."""

    __slots__ = ()


HIJACKED: Final = Hijacked()


def switching_protocols(headers: HeaderList) -> bytes:
    """The head of a `101`: what a handler writes first to a connection that it has taken over for an upgrade."""
    lines = ["HTTP/1.1 101 Switching Protocols", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


Answer = Response | StreamResponse | Hijacked
