"""Audit events to a webhook: batches, another try, and what is dropped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from tests.waiting import until

from kajitori.aiokit.clock import FakeClock, settle
from kajitori.apiserver.audit import webhook
from kajitori.apiserver.audit.batching import Batching
from kajitori.apiserver.audit.webhook import TRIES, AuditWebhook


class Server:
    """Takes batches, or for some time refuses them."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals, self.batches, self.asked = refusals, list[list[Any]](), 0

    async def post(self, body: bytes) -> bytes:
        self.asked += 1
        if self.asked <= self.refusals:
            raise ConnectionRefusedError
        self.batches.append(orjson.loads(body)["items"])
        return b"{}"


@contextlib.asynccontextmanager
async def running(server: Server, **more: Any) -> AsyncIterator[tuple[AuditWebhook, FakeClock]]:
    clock = FakeClock()
    sink = AuditWebhook(server, Batching(**more), clock)  # type: ignore[arg-type]
    task = asyncio.ensure_future(sink.run())
    try:
        yield sink, clock
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def sent(server: Server, count: int) -> None:
    """Batches are put together by a thread."""
    await until(lambda: server.asked >= count, "the batch is sent")
    await settle()


def put(sink: AuditWebhook, *numbers: int) -> None:
    for number in numbers:
        sink.put(lambda number=number: b'{"n":%d}\n' % number)  # type: ignore[misc]


def test_a_full_batch_goes_at_once_and_another_when_it_has_waited() -> None:
    async def scenario() -> None:
        server = Server()
        async with running(server, max_size=2, max_wait_s=30.0) as (sink, clock):
            put(sink, 1, 2, 3)
            await sent(server, 1)
            assert server.batches == [[{"n": 1}, {"n": 2}]]
            await clock.run_for(29.0)
            assert server.asked == 1
            await clock.run_for(2.0)
            await sent(server, 2)
            assert server.batches[1:] == [[{"n": 3}]]
            assert sink.written == 3

    asyncio.run(scenario())


def test_a_batch_that_is_refused_is_tried_again() -> None:
    async def scenario() -> None:
        server = Server(refusals=1)
        async with running(server, max_size=1, initial_backoff_s=10.0) as (sink, clock):
            put(sink, 1)
            await sent(server, 1)
            assert server.batches == []
            await clock.run_for(13.0)
            assert server.batches == [[{"n": 1}]]
            assert (sink.written, sink.dropped) == (1, 0)

    asyncio.run(scenario())


def test_one_that_is_never_taken_is_dropped_and_counted() -> None:
    async def scenario() -> None:
        server = Server(refusals=TRIES)
        async with running(server, max_size=1) as (sink, clock):
            put(sink, 1)
            await sent(server, 1)
            await clock.run_for(1000.0)
            assert (server.asked, sink.dropped) == (TRIES, 1)

    asyncio.run(scenario())


def test_a_full_buffer_drops_and_no_one_waits() -> None:
    async def scenario() -> None:
        sink = AuditWebhook(Server(), Batching(buffer=2), FakeClock())  # type: ignore[arg-type]
        put(sink, 1, 2, 3)
        assert sink.dropped == 1

    asyncio.run(scenario())


def test_what_waits_at_the_end_is_sent() -> None:
    async def scenario() -> None:
        server = Server()
        async with running(server) as (sink, _):
            await settle()
            put(sink, 1, 2)
        assert server.batches == [[{"n": 1}, {"n": 2}]]

    asyncio.run(scenario())


def test_a_batch_that_is_tried_again_holds_up_no_other() -> None:
    async def scenario() -> None:
        server = Server(refusals=1)
        async with running(server, max_size=1) as (sink, clock):
            put(sink, 1)
            await sent(server, 1)
            put(sink, 2)
            await sent(server, 2)
            assert server.batches == [[{"n": 2}]]
            await clock.run_for(13.0)
            assert server.batches[1:] == [[{"n": 1}]]

    asyncio.run(scenario())


def test_batches_go_out_as_fast_as_the_throttle_lets_them() -> None:
    async def scenario() -> None:
        server = Server()
        async with running(server, max_size=1, qps=0.5, burst=2) as (sink, clock):
            put(sink, 1, 2, 3, 4)
            await sent(server, 2)
            await clock.run_for(1.9)
            assert server.asked == 2
            await clock.run_for(0.2)
            await sent(server, 3)
            assert server.batches == [[{"n": 1}], [{"n": 2}], [{"n": 3}]]
        assert server.batches[3:] == [[{"n": 4}]]  # at the end nothing waits

    asyncio.run(scenario())


def test_a_batch_that_is_not_taken_before_the_end_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "LAST_S", 0.01)

    async def scenario() -> None:
        server = Server(refusals=100)
        async with running(server, max_size=2) as (sink, _):
            put(sink, 1, 2)
            await sent(server, 1)
        assert sink.dropped == 2

    asyncio.run(scenario())
