"""Growing pauses: one sequence (`Backoff`) or one per key (`KeyedBackoff`).

Pure arithmetic: the caller sleeps. Randomness comes in as an argument, so a test can do without.
May import: the standard library only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Backoff:
    """base, base·factor, base·factor² … up to `max_s`; each pause is lengthened by at most `jitter` of itself."""

    def __init__(
        self,
        base_s: float = 0.8,
        *,
        factor: float = 2.0,
        max_s: float = 30.0,
        jitter: float = 0.0,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.base_s, self.factor, self.max_s, self.jitter = base_s, factor, max_s, jitter
        self._rng = rng
        self._next_s = base_s

    def next(self) -> float:
        """Seconds to wait now; each call lengthens the following pause."""
        pause = min(self._next_s, self.max_s)
        self._next_s = min(self._next_s * self.factor, self.max_s)
        return pause * (1.0 + self.jitter * self._rng()) if self.jitter else pause

    def reset(self) -> None:
        """The next pause is the shortest again: what was tried went well."""
        self._next_s = self.base_s


class KeyedBackoff(Generic[K]):
    """A `Backoff` per key. A key unused for twice `max_s` starts over (`gc` forgets it)."""

    def __init__(self, base_s: float, *, factor: float = 2.0, max_s: float, clock: Callable[[], float]) -> None:
        self.base_s, self.factor, self.max_s = base_s, factor, max_s
        self._clock = clock
        self._entries: dict[K, tuple[float, float]] = {}  # key → (current pause, when it was taken)

    def next(self, key: K) -> float:
        """The pause before the next try of `key`, longer each time."""
        now = self._clock()
        last = self._entries.get(key)
        if last is None or now - last[1] > 2 * self.max_s:
            pause = self.base_s
        else:
            pause = min(last[0] * self.factor, self.max_s)
        self._entries[key] = (pause, now)
        return pause

    def remaining(self, key: K) -> float:
        """Seconds until `key` may be tried again; 0 if it may be now."""
        last = self._entries.get(key)
        return 0.0 if last is None else max(0.0, last[1] + last[0] - self._clock())

    def current(self, key: K) -> float:
        """The pause last handed out for `key`, 0 for none."""
        last = self._entries.get(key)
        return 0.0 if last is None else last[0]

    def reset(self, key: K) -> None:
        """Forgets the key: its next pause is the shortest again."""
        self._entries.pop(key, None)

    def gc(self) -> None:
        """Drops the keys that would start over anyway; whoever has many keys calls it now and then."""
        now = self._clock()
        for key in [k for k, (_, taken) in self._entries.items() if now - taken > 2 * self.max_s]:
            del self._entries[key]
