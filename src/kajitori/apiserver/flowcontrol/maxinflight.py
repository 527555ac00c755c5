"""--enable-priority-and-fairness=false: so many reading and so many writing requests at a time, and no more.

system:masters are never turned away. May import: flowcontrol.turn, aiokit.http, request, user.
"""

from __future__ import annotations

from kajitori.aiokit.http.message import Request
from kajitori.aiokit.metrics import Labels
from kajitori.apiserver.flowcontrol.turn import EXECUTING, OVER, Rejected
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import SYSTEM_MASTERS, UserInfo

READING = frozenset({"get", "list", "watch"})


class Place:
    """One of the places; free again after `finish`."""

    __slots__ = ("_limits", "_mutating", "held", "state")

    def __init__(self, limits: MaxInFlight, *, mutating: bool) -> None:
        self._limits = limits
        self._mutating = mutating
        self.held = False
        self.state = EXECUTING

    async def admitted(self, request: Request, wait_s: float) -> None:
        """Nobody waits here."""

    def finish(self) -> None:
        """Again is harmless."""
        if self.state == EXECUTING:
            self.state = OVER
            self._limits.leave(mutating=self._mutating)


class MaxInFlight:
    """--max-requests-inflight and --max-mutating-requests-inflight; 0: no limit. Watches and streams do not count."""

    def __init__(self, reading: int, mutating: int) -> None:
        self._limits = {False: reading or 1 << 30, True: mutating or 1 << 30}
        self._taken = {False: 0, True: 0}

    def in_flight(self) -> dict[Labels, float]:
        """How many requests are at work, for the metrics."""
        return {("mutating",): self._taken[True], ("readOnly",): self._taken[False]}

    def arrive(self, request: Request, info: RequestInfo, user: UserInfo) -> Place:
        """Raises Rejected."""
        mutating = info.verb not in READING
        place = Place(self, mutating=mutating)
        if info.verb == "watch":
            place.state = OVER
            return place
        if self._taken[mutating] >= self._limits[mutating] and SYSTEM_MASTERS not in user.groups:
            raise Rejected
        self._taken[mutating] += 1
        return place

    def leave(self, *, mutating: bool) -> None:
        """A place is free."""
        self._taken[mutating] -= 1
