"""What the kubelet's handlers share beyond `aiokit.http`: refusals, boolean parameters, upgrades.

May import: aiokit.http.
"""

from __future__ import annotations

from collections.abc import Mapping

from kajitori.aiokit.http.message import Connection, Request, switching_protocols

MAX_BODY = 1 << 20


class BadRequest(Exception):
    """A request that we do not take; `status` and `str()` are the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def is_set(request: Request, *names: str) -> bool:
    """Whether one of these boolean parameters is true (`1`, `true`)."""
    return any(request.query.get(name).lower() in ("1", "true") for name in names)


def upgraded(request: Request, headers: Mapping[str, str]) -> Connection:
    """Answer 101 with `headers` and take the connection; it is closed when the handler returns `HIJACKED`."""
    connection = request.hijack()
    connection.write(switching_protocols(headers.items()))
    return connection
