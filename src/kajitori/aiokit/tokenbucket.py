"""A token bucket: so many a second on average, `burst` of them at once after a pause. Pure; the time is an argument.

May import: the standard library.
"""

from __future__ import annotations


class TokenBucket:
    """Full at `now`, in seconds of whatever clock its caller goes by."""

    __slots__ = ("_burst", "_qps", "_refilled", "_tokens")

    def __init__(self, qps: float, burst: float, now: float) -> None:
        self._qps, self._burst, self._tokens, self._refilled = qps, burst, burst, now

    def take(self, now: float) -> bool:
        """Takes a token, if there is one."""
        self._refill(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def reserve(self, now: float) -> float:
        """Takes a token, now or ahead of its time; returns the seconds until it is there."""
        self._refill(now)
        self._tokens -= 1
        return max(-self._tokens / self._qps, 0.0)

    def _refill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._refilled) * self._qps)
        self._refilled = now
