"""Handlers of postStart and preStop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kajitori.api import schema
from kajitori.api.core import v1
from kajitori.kubelet.worker.hooks import HookFailed, run_hook


def run(handler: dict[str, Any]) -> None:
    runtime: Any = None
    wire = schema.from_wire(v1.LifecycleHandler, handler)
    asyncio.run(run_hook(wire, v1.Container(name="c"), "id", "192.0.2.1", runtime))


def test_sleep_may_last_no_time_at_all() -> None:
    run({"sleep": {"seconds": 0}})


def test_a_tcp_handler_fails_as_it_always_has() -> None:
    with pytest.raises(HookFailed, match="Cannot run handler: invalid handler"):
        run({"tcpSocket": {"port": 80}})
