from __future__ import annotations

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
