"""Time as an argument, so that tests can turn it by hand.

`Clock` is what code asks for; `RealClock` is the machine's time; `FakeClock` stands still until a test moves it.
Durations and timers use monotonic time, stamps use wall time; the fake keeps both in step.
May import: the standard library only.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Timer(Protocol):
    """A callback that waits for its moment. Cancelling one that has fired is harmless."""

    def cancel(self) -> None:
        """The callback will not be called."""


class Clock(Protocol):
    """What code asks for the time and for timers; see `RealClock` and `FakeClock`."""

    def now(self) -> datetime:
        """Wall time, timezone-aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns after `seconds`; zero or less only lets other tasks run."""

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Calls `callback` in the running loop after `seconds`."""
        ...


class RealClock:
    """The machine's time and the running loop's timers."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        return asyncio.get_running_loop().call_later(max(seconds, 0.0), callback)


class _FakeTimer:
    def __init__(self, when: float, order: int, callback: Callable[[], object]) -> None:
        self.when, self.order, self.callback = when, order, callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    def __lt__(self, other: _FakeTimer) -> bool:
        return (self.when, self.order) < (other.when, other.order)


class FakeClock:
    """A clock that only a test moves.

    `advance` fires what falls due, in order of time, and returns at once: woken tasks run when the test next awaits.
    `run_for` also lets tasks run between two timers, so a loop that sleeps again and again makes all its rounds.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._timers: list[_FakeTimer] = []
        self._count = 0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    @property
    def sleepers(self) -> int:
        """How many timers wait; a test awaits this before it advances."""
        return sum(not timer.cancelled for timer in self._timers)

    async def sleep(self, seconds: float) -> None:
        """Returns when a test has moved time on by `seconds`; zero or less only lets other tasks run."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        timer = self.call_later(seconds, wake)
        try:
            await woken
        finally:
            timer.cancel()

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        self._count += 1
        timer = _FakeTimer(self._elapsed + max(seconds, 0.0), self._count, callback)
        heapq.heappush(self._timers, timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Moves time on and fires the timers due on the way, in order. Tasks they wake run at the next await."""
        end = self._elapsed + seconds
        while self._fire_next(end):
            pass
        self._elapsed = end

    async def run_for(self, seconds: float) -> None:
        """As `advance`, but after each timer every task that it woke runs until it waits again."""
        end = self._elapsed + seconds
        await settle()
        while self._fire_next(end):
            await settle()
        self._elapsed = end
        await settle()

    def _fire_next(self, end: float) -> bool:
        while self._timers and self._timers[0].when <= end:
            timer = heapq.heappop(self._timers)
            if timer.cancelled:
                continue
            self._elapsed = max(self._elapsed, timer.when)
            timer.callback()
            return True
        return False


async def settle(rounds: int = 20) -> None:
    """Lets every task that can run do so, for tests: a few turns of the loop, no time."""
    for _ in range(rounds):
        await asyncio.sleep(0)
