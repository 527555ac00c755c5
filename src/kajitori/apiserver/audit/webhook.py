"""Audit events to another server (--audit-webhook-config-file): batches of them, as an EventList by POST.

A batch goes out when it is full or its first event has waited long enough, though not more of them than the throttle
lets through. One that is not taken is tried again, ever later, `TRIES` times in all, beside the next ones; then its
events are dropped and counted, as are those that find the buffer full. No request waits. What waits at the end is sent
once.
May import: audit.batching, webhookclient, aiokit.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.aiokit.services import Background
from kajitori.apiserver.audit.batching import Batching, Throttle
from kajitori.apiserver.audit.log import Line, Stored
from kajitori.apiserver.webhookclient import WebhookClient
from kajitori.machinery.errors import StatusError

log = get_logger(__name__)
TRIES = 5
LAST_S = 3.0
_HEAD = b'{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":['


class AuditWebhook:
    """`run()` must be running for anything to be sent; what was put before waits."""

    name = "webhook"

    def __init__(self, client: WebhookClient, batching: Batching, clock: Clock) -> None:
        self._client, self._batching, self._clock = client, batching, clock
        self._waiting: deque[Line] = deque()
        self._some, self._full = asyncio.Event(), asyncio.Event()
        self._alone = Background("audit webhook")
        self._batches = Background("audit webhook batches")
        self._throttle = Throttle(batching, clock.monotonic)
        self.written = 0
        self.dropped = 0

    def put(self, line: Line, stored: Stored | None = None) -> None:
        """Never waits. Somebody who does has the event sent at once, by itself and once only."""
        if stored is not None:
            self._alone.start(self._at_once(line, stored))
            return
        if len(self._waiting) >= self._batching.buffer:
            self._drop(1, "the buffer is full")
            return
        self._waiting.append(line)
        self._some.set()
        if len(self._waiting) >= self._batching.max_size:
            self._full.set()

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            while True:
                await self._some.wait()
                await self._gathered()
                if delay := self._throttle.delay_s():
                    await self._clock.sleep(delay)
                for lines in self._parts(await asyncio.to_thread(_encoded, self._take())):
                    self._batches.start(self._deliver(lines))
        finally:
            await self._alone.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._last_words(), LAST_S)
            await self._batches.stop()

    async def _last_words(self) -> None:
        while self._waiting:
            await self._send(_encoded(self._take()))
        await self._batches.drained()

    async def _at_once(self, line: Line, stored: Stored) -> None:
        lines = await asyncio.to_thread(_encoded, [line])
        is_stored = not lines or await self._send(lines)
        if not is_stored:
            self._drop(1, "the webhook does not take it")
        stored(is_stored)

    async def _gathered(self) -> None:
        """Until there is a whole batch, or it has waited long enough."""
        timer = self._clock.call_later(self._batching.max_wait_s, self._full.set)
        try:
            await self._full.wait()
        finally:
            timer.cancel()

    def _take(self) -> list[Line]:
        size = min(len(self._waiting), self._batching.max_size)
        batch = [self._waiting.popleft() for _ in range(size)]
        if len(self._waiting) < self._batching.max_size:
            self._full.clear()
        if not self._waiting:
            self._some.clear()
        return batch

    def _parts(self, lines: list[bytes]) -> list[list[bytes]]:
        """A batch in parts of so many bytes at most."""
        parts: list[list[bytes]] = [[]]
        size = 0
        for line in lines:
            size += len(line)
            if parts[-1] and self._batching.max_bytes and size > self._batching.max_bytes:
                parts.append([])
                size = len(line)
            parts[-1].append(line)
        return parts

    async def _deliver(self, lines: Sequence[bytes]) -> None:
        backoff = Backoff(self._batching.initial_backoff_s, factor=1.5, max_s=3600.0, jitter=0.2)
        is_sent = False
        try:
            for attempt in range(1, TRIES + 1):
                if is_sent := await self._send(lines):
                    return
                if attempt < TRIES:
                    await self._clock.sleep(backoff.next())
        finally:
            if not is_sent:
                self._drop(len(lines), "the webhook does not take them")

    async def _send(self, lines: Sequence[bytes]) -> bool:
        try:
            if not lines:
                return True
            await self._client.post(_HEAD + b",".join(lines) + b"]}")
        except (StatusError, OSError) as error:
            log.warning("the audit webhook failed", err=describe(error))
            return False
        self.written += len(lines)
        return True

    def _drop(self, count: int, why: str) -> None:
        before, self.dropped = self.dropped, self.dropped + count
        if before.bit_length() != self.dropped.bit_length():  # at 1, 2, 4, 8, …
            log.warning("audit events were dropped", count=self.dropped, why=why)


def _encoded(batch: Sequence[Line]) -> list[bytes]:
    lines = []
    for line in batch:
        try:
            lines.append(line().rstrip(b"\n"))
        except (ValueError, TypeError) as error:
            log.error("an audit event could not be encoded", error)
    return [line for line in lines if line]
