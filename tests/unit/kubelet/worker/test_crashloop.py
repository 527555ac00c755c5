from __future__ import annotations

import pytest
from tests.unit.kubelet.podrecords import make_pod

from kajitori.kubelet import labels
from kajitori.kubelet.pods import is_critical_static
from kajitori.kubelet.worker.crashloop import CrashLoop


def crash(loop: CrashLoop, at: float) -> float:
    """The container ended at ``at``; how long it has to wait before it starts."""
    left, _ = loop.waits("k", ended_s=at, now_s=at)
    loop.next("k", ended_s=at, now_s=at + left)
    return left


def test_first_restart_is_free_then_waits_double_up_to_five_minutes() -> None:
    loop, now, waits = CrashLoop(), 1000.0, []
    for _ in range(8):
        wait = crash(loop, now)
        waits.append(wait)
        now += wait + 1
    assert waits == [0, 10, 20, 40, 80, 160, 300, 300]


def test_ten_quiet_minutes_forget_the_past() -> None:
    loop = CrashLoop()
    crash(loop, 0)
    crash(loop, 1)
    assert crash(loop, 700) == 0


def test_forgetting_a_pod_forgets_its_containers_only() -> None:
    loop = CrashLoop()
    for key in ("u1/a", "u2/a"):
        loop.next(key, ended_s=0, now_s=0)
    loop.forget("u1/")
    assert loop.waits("u1/a", ended_s=1, now_s=1) == (0, 0)
    assert loop.waits("u2/a", ended_s=1, now_s=1) == (10, 10)


def test_a_critical_static_pod_waits_a_second_then_double_up_to_half_a_minute() -> None:
    loop, now, waits = CrashLoop.critical(), 1000.0, []
    for _ in range(8):
        wait = crash(loop, now)
        waits.append(wait)
        now += wait + 2
    assert waits == [0, 1, 2, 4, 8, 16, 30, 30]


def test_a_critical_static_pod_that_ran_for_more_than_ten_seconds_restarts_at_once() -> None:
    loop = CrashLoop.critical()
    assert [crash(loop, at) for at in (0, 11, 22, 33)] == [0, 0, 0, 0]


def test_a_clock_that_was_set_back_makes_no_wait_longer() -> None:
    loop = CrashLoop()
    crash(loop, 10_000)
    assert loop.waits("k", ended_s=10_001, now_s=5_000) == (10, 10)


@pytest.mark.parametrize(
    ("source", "priority", "critical"),
    [("file", 2000001000, True), ("file", 0, False), ("file", None, False), ("api", 2000001000, False)],
)
def test_critical_static_pods_are_those_of_a_system_priority(source: str, priority: int | None, critical: bool) -> None:
    pod = make_pod(meta={"annotations": {labels.CONFIG_SOURCE: source}}, priority=priority)
    assert is_critical_static(pod) is critical
