"""The queue between "something changed" and "make it so".

Promises, those of client-go:
- Fair: keys are handed out in the order in which they were added.
- Stingy: a key added many times before it is taken is handed out once.
- One at a time: a key that is being worked on is never handed out a second time; if it is added meanwhile, it is
  queued again when its worker calls `done`.
- Drains: after `shut_down` nothing more comes in, what waits is still handed out, then `get` raises `ShutDown`.

All methods but `get` are plain functions: in one event loop they are atomic.
May import: the standard library and aiokit.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

from kajitori.aiokit.clock import Clock, RealClock, Timer
from kajitori.aiokit.metrics import Series

K = TypeVar("K", bound=Hashable)

RETRY_BASE_S = 0.005
RETRY_MAX_S = 1000.0
BUCKETS = tuple(1e-8 * 10**n for n in range(10))


class ShutDown(Exception):
    """The queue is shut down and empty: the worker ends."""


class WorkQueue(Generic[K]):
    """Keeps the module's promises. It holds a key once at most, so it is as large as there are keys."""

    def __init__(self, name: str = "", clock: Clock | None = None) -> None:
        self.name = name
        self.adds_total = 0
        self.retries_total = 0
        self.waited = Series(BUCKETS)
        """How long keys waited in the queue, in seconds."""
        self.worked = Series(BUCKETS)
        """How long they were worked on."""
        self._added_at: dict[K, float] = {}
        self._taken_at: dict[K, float] = {}
        self._clock = clock or RealClock()
        self._ready: deque[K] = deque()  # order of handing out; each key also in _dirty, none in _processing
        self._dirty: set[K] = set()  # needs work: queued, or waiting for its worker to finish
        self._processing: set[K] = set()  # handed out and not yet done
        self._delayed: dict[K, tuple[float, Timer]] = {}  # at most one timer per key: the earliest
        self._failures: dict[K, int] = {}
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._shutting_down = False

    def __len__(self) -> int:
        return len(self._ready)

    def add(self, key: K) -> None:
        """Queues the key, unless it waits already; after `shut_down` nothing happens."""
        if self._shutting_down or key in self._dirty:
            return
        self.adds_total += 1
        self._dirty.add(key)
        self._added_at[key] = self._clock.monotonic()
        if key not in self._processing:
            self._ready.append(key)
            self._wake_one()

    def add_after(self, key: K, delay_s: float) -> None:
        """Adds the key later. Of several times asked for, the earliest counts."""
        if self._shutting_down:
            return
        if delay_s <= 0:
            self.add(key)
            return
        due = self._clock.monotonic() + delay_s
        waiting = self._delayed.get(key)
        if waiting is not None:
            if waiting[0] <= due:
                return
            waiting[1].cancel()
        self._delayed[key] = (due, self._clock.call_later(delay_s, lambda: self._fall_due(key)))

    def add_rate_limited(self, key: K) -> None:
        """Adds the key after 5 ms · 2ⁿ, n being how often this was asked for since `forget`; at most 1000 s."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.retries_total += 1
        self.add_after(key, min(RETRY_BASE_S * 2 ** min(failures, 60), RETRY_MAX_S))

    def unfinished_s(self) -> list[float]:
        """For how long each key that is being worked on has been."""
        now = self._clock.monotonic()
        return [now - taken_at for taken_at in self._taken_at.values()]

    def retries(self, key: K) -> int:
        """How often the key failed (`add_rate_limited`) since its last `forget`."""
        return self._failures.get(key, 0)

    def forget(self, key: K) -> None:
        """The key went well: its next failure starts at the shortest pause again."""
        self._failures.pop(key, None)

    async def get(self) -> K:
        """Waits for a key; whoever gets it must call `done`. Raises `ShutDown` when the queue is closed and empty."""
        while not self._ready:
            if self._shutting_down:
                raise ShutDown(self.name)
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake_one()  # woken and cancelled in one turn: pass the turn on
                elif waiter in self._waiters:
                    self._waiters.remove(waiter)
                raise
        key = self._ready.popleft()
        self._dirty.discard(key)
        self._processing.add(key)
        now = self._taken_at[key] = self._clock.monotonic()
        self.waited.observe(now - self._added_at.pop(key, now))
        return key

    def done(self, key: K) -> None:
        """The work on the key has ended, well or not; if it was added meanwhile, it is queued again."""
        self._processing.discard(key)
        now = self._clock.monotonic()
        self.worked.observe(now - self._taken_at.pop(key, now))
        if key in self._dirty:
            self._ready.append(key)
            self._wake_one()

    def shut_down(self) -> None:
        """Closes the queue: keys that wait for their time are dropped, keys that are due are still handed out."""
        self._shutting_down = True
        for _, timer in self._delayed.values():
            timer.cancel()
        self._delayed.clear()
        while self._waiters:
            self._wake_one()

    def _fall_due(self, key: K) -> None:
        self._delayed.pop(key, None)
        self.add(key)

    def _wake_one(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
