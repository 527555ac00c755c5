"""How long a container that keeps ending has to wait: 10 s, doubled each time up to 300 s, forgotten after 10 quiet
minutes. Critical static Pods wait less (ADR 9): 1 s, doubled up to 30 s, forgotten after 10 quiet seconds.

Pure but for the clock's reading, which callers pass in. May import: nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

INITIAL_S, MAX_S = 10.0, 300.0
CRITICAL_INITIAL_S, CRITICAL_MAX_S, CRITICAL_QUIET_S = 1.0, 30.0, 10.0


@dataclass
class _Entry:
    delay_s: float
    updated_s: float


class CrashLoop:
    """Back-off per key. Times are seconds since the epoch. `quiet_s`: a run as long as that clears the past."""

    def __init__(self, initial_s: float = INITIAL_S, max_s: float = MAX_S, quiet_s: float = 0.0) -> None:
        self._initial, self._max, self._quiet = initial_s, max_s, quiet_s or 2 * max_s
        self._entries: dict[str, _Entry] = {}

    def waits(self, key: str, *, ended_s: float, now_s: float) -> tuple[float, float]:
        """(how much longer to wait, the whole delay); (0, 0) if it may start now."""
        entry = self._entries.get(key)
        if entry is None:
            return 0.0, 0.0
        if ended_s - entry.updated_s > self._quiet:
            return 0.0, 0.0
        left = min(ended_s + entry.delay_s - now_s, entry.delay_s)  # a clock that was set back makes no wait longer
        return (left, entry.delay_s) if left > 0 else (0.0, 0.0)

    def next(self, key: str, *, ended_s: float, now_s: float) -> None:
        """Note a start, so that the next one has to wait longer."""
        entry = self._entries.get(key)
        if entry is None or ended_s - entry.updated_s > self._quiet:
            self._entries[key] = _Entry(self._initial, now_s)
        else:
            entry.delay_s, entry.updated_s = min(entry.delay_s * 2, self._max), now_s

    @classmethod
    def critical(cls) -> CrashLoop:
        """For static Pods without which the node or the cluster does nothing."""
        return cls(CRITICAL_INITIAL_S, CRITICAL_MAX_S, CRITICAL_QUIET_S)

    def forget(self, prefix: str) -> None:
        """Drop the keys of a Pod that is gone."""
        for key in [k for k in self._entries if k.startswith(prefix)]:
            del self._entries[key]
