"""One request with the manners of a Kubernetes client: Status errors, Retry-After, a second try after 401.

`RawClient` is what the typed and the dynamic client stand on, and all that a command line needs to start with.
May import: client.transport, client.config, machinery.{errors,statuses}, aiokit, orjson.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.client.config import RestConfig
from kajitori.client.connection import Response, StreamResponse
from kajitori.client.transport import Headers, Query, Transport
from kajitori.machinery import errors, statuses

MAX_RETRIES = 10
MAX_RETRY_AFTER_S = 60.0
JSON = "application/json"


class RawClient:
    """Closes its transport with `close`, or as an async context manager."""

    def __init__(self, config: RestConfig, *, transport: Transport | None = None, clock: Clock | None = None) -> None:
        self.config = config
        self.transport = transport or Transport(config)
        self.clock = clock or RealClock()

    async def close(self) -> None:
        """Closes the connections that idle; one that is in use is its user's to end."""
        await self.transport.close()

    def heard(self, response: Response) -> None:
        """Called with every answer, refusals too: for those who show what the server warns of."""

    async def raw(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = None,
        content_type: str = JSON,
        accept: str = JSON,
        headers: Headers = (),
        timeout_s: float | None = None,
    ) -> Response:
        """Sends a request; `body` is bytes or something that JSON can say. Raises `StatusError` for 400 and above.

        429 and 5xx answers that carry Retry-After are tried again, as often and as long as upstream's clients do.
        """
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        all_headers = _headers(accept, content_type if body is not None else "", headers)
        may_renew = True
        for attempt in range(MAX_RETRIES + 1):
            response = await self.transport.request(
                method, path, query=query, body=data, headers=all_headers, timeout_s=timeout_s
            )
            self.heard(response)
            if response.status < 400:
                return response
            if response.status == 401 and may_renew and self.transport.credentials.refused():
                may_renew = False
                continue
            pause = retry_after(response.status, response.headers)
            if pause is None or attempt == MAX_RETRIES:
                break
            await self.clock.sleep(pause)
        raise status_error(response.status, response.body)

    @asynccontextmanager
    async def raw_stream(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = None,
        content_type: str = JSON,
        accept: str = JSON,
        headers: Headers = (),
        timeout_s: float | None = None,
    ) -> AsyncIterator[StreamResponse]:
        """A response to be read as it comes (watch, logs). Raises `StatusError` for 400 and above."""
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        all_headers = _headers(accept, content_type if body is not None else "", headers)
        async with self.transport.stream(
            method, path, query=query, body=data, headers=all_headers, timeout_s=timeout_s
        ) as response:
            if response.status >= 400:
                if response.status == 401:
                    self.transport.credentials.refused()
                raise status_error(response.status, await response.read())
            yield response


def _headers(accept: str, content_type: str, more: Headers) -> list[tuple[str, str]]:
    pairs = [("Accept", accept)]
    if content_type:
        pairs.append(("Content-Type", content_type))
    return [*pairs, *(more.items() if hasattr(more, "items") else more)]


def retry_after(status: int, headers: dict[str, str]) -> float | None:
    """Seconds to wait before another try, or None if there is none."""
    if status != 429 and status < 500:
        return None
    text = headers.get("retry-after", "")
    return min(float(text), MAX_RETRY_AFTER_S) if text.isdigit() else None


def status_error(status: int, body: bytes) -> errors.StatusError:
    """The error an answer stands for: its Status, or one in our words when it has none."""
    if body.lstrip()[:1] == b"{":
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            answer = {}
        if answer.get("kind") == "Status":
            answer.setdefault("code", status)
            return statuses.from_status(answer)
    return statuses.from_response(status, body[:2048].decode("utf-8", "replace"))
