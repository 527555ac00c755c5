"""How audit events are gathered and throttled, by flags as upstream has them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.waiting import until

from kajitori.apiserver.audit.batching import Batching, Throttle, log_batching, webhook_batching
from kajitori.apiserver.audit.log import AuditLog
from kajitori.apiserver.config import ConfigError, ServerConfig


def test_a_throttle_lets_a_burst_through_and_then_so_many_a_second() -> None:
    now = [0.0]
    throttle = Throttle(Batching(qps=2.0, burst=3), lambda: now[0])
    assert [throttle.delay_s() for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]
    now[0] = 10.0
    assert [throttle.delay_s() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert Throttle(Batching(qps=0.0), lambda: 0.0).delay_s() == 0.0


@contextlib.asynccontextmanager
async def running(path: Path, *, puts: int, **batching: Any) -> AsyncIterator[AuditLog]:
    log = AuditLog(str(path), batching=Batching(**batching))
    for number in range(puts):
        log.put(lambda number=number: b"%d" % number)  # type: ignore[misc]
    task = asyncio.ensure_future(log.run())
    try:
        yield log
    finally:
        task.cancel()
        await asyncio.wait([task])


def test_a_log_is_written_batch_by_batch(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"

    async def scenario() -> None:
        async with running(path, puts=5, max_size=2, max_wait_s=1000.0) as log:
            await until(lambda: log.written == 4, "two batches are written")
            assert path.read_bytes() == b"0123"
        assert path.read_bytes() == b"01234"

    asyncio.run(scenario())


def test_a_log_is_throttled_and_whole_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"

    async def scenario() -> None:
        async with running(path, puts=5, max_size=1, qps=0.001, burst=2) as log:
            await until(lambda: log.written == 2, "a burst is written")
            assert path.read_bytes() == b"01"
        assert path.read_bytes() == b"01234"

    asyncio.run(scenario())


def test_who_waits_for_an_event_does_not_wait_for_a_batch(tmp_path: Path) -> None:
    async def scenario() -> None:
        told: list[bool] = []
        async with running(tmp_path / "audit.log", puts=0, max_size=9, max_wait_s=1000.0, qps=0.001, burst=1) as log:
            for _ in range(3):
                log.put(lambda: b"x", told.append)
            await until(lambda: told == [True] * 3, "all are told")

    asyncio.run(scenario())


def test_the_defaults_are_upstreams() -> None:
    log, hook = log_batching(ServerConfig()), webhook_batching(ServerConfig())
    assert (log.is_plain, log.buffer, log.qps) == (True, 10_000, 0.0)
    assert (hook.max_size, hook.max_wait_s, hook.qps, hook.burst, hook.max_bytes) == (400, 30.0, 10.0, 15, 0)


@pytest.mark.parametrize(
    ("plugin", "given", "problem"),
    [
        ("log", {"batch_buffer_size": 0}, "invalid audit batch log buffer size 0, must be a positive number"),
        ("webhook", {"batch_max_size": -1}, "invalid audit batch webhook max batch size -1, must be a positive number"),
        ("webhook", {"batch_throttle_qps": 0.0}, "invalid audit batch webhook throttle QPS 0, must be a positive number"),
        (
            "log",
            {"batch_throttle_enable": True, "batch_throttle_qps": 0.5},
            "invalid audit batch log throttle burst 0, must be a positive number",
        ),
        ("log", {"truncate_max_event_size": 0}, "invalid audit truncate log max event size 0, must be a positive number"),
        (
            "webhook",
            {"truncate_max_batch_size": 5},
            "invalid audit truncate webhook max batch size 5, must be greater than max event size (102400)",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(plugin: str, given: dict[str, Any], problem: str) -> None:
    read = log_batching if plugin == "log" else webhook_batching
    fields = {f"audit_{plugin}_{name}": value for name, value in given.items()}
    with pytest.raises(ConfigError) as refused:
        read(replace(ServerConfig(audit_log_mode="batch"), **fields))
    assert str(refused.value) == problem
    if "truncate" not in problem:
        read(replace(ServerConfig(), **{**fields, f"audit_{plugin}_mode": "blocking"}))  # there it says nothing
