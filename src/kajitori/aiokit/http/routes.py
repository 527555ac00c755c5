"""What every component answers: /healthz, /livez, /readyz, /metrics. A table from paths to functions of the request.

A route is plain or async; one that fails is logged and answers 500, the server goes on. May import: http.*, aiokit.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.server import HttpServer
from kajitori.aiokit.logs import get_logger

log = get_logger(__name__)
STOP_GRACE_S = 0.2
Handler = Callable[[Request], Response | Awaitable[Response]]
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def ok(_request: Request) -> Response:
    """The route of a component that is healthy as long as it answers."""
    return Response.text("ok")


def exposition(text: str) -> Response:
    """Metrics in Prometheus' text format."""
    return Response(text.encode(), content_type=METRICS_TYPE)


def not_found(_request: Request) -> Response:
    """The answer to a path that nobody has."""
    return Response.text("404 page not found\n", 404)


@asynccontextmanager
async def serve(
    routes: Mapping[str, Handler],
    *,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
    fallback: Handler = not_found,
) -> AsyncIterator[int]:
    """Serve while the block runs; gives the bound port (for port 0). `fallback` answers unknown paths."""

    async def handle(request: Request) -> Response:
        try:
            found = routes.get(request.path, fallback)(request)
            answer = found if isinstance(found, Response) else await found
        except Exception as error:  # noqa: BLE001 - one request may fail, the server goes on
            log.error("request failed", error, path=request.path)
            answer = Response.text("internal error\n", 500)
        answer.headers.append(("X-Content-Type-Options", "nosniff"))
        return answer

    server = HttpServer(handle)
    bound = await server.listen(host, port, tls)
    try:
        yield bound
    finally:
        await server.stop(STOP_GRACE_S)
