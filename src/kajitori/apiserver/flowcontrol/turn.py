"""One request's place among others: executing at once, waiting in a queue, or turned away.

May import: flowcontrol.instruments, aiokit.http, request, user.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from kajitori.aiokit.http.message import Request
from kajitori.apiserver.flowcontrol.instruments import Tally
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

WAITING, EXECUTING, OVER, REJECTED = range(4)


class Rejected(Exception):
    """There is no place for a request: 429. `retry_after_s`: when it may try again."""

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__("Too many requests, please try again later.")
        self.retry_after_s = retry_after_s


class Seats(Protocol):
    """The level that a turn belongs to, as far as it knows it."""

    name: str

    def finish(self, turn: Turn) -> None:
        """It has been answered."""

    def leave(self, turn: Turn) -> None:
        """It waits no more."""

    def dropped(self) -> int:
        """It was told to come back later; returns how many seconds later."""


class Standing(Protocol):
    """The flow that a turn belongs to: whose requests stand behind one another, and where (see flow.py)."""

    schema: str
    distinguisher: str
    hand: tuple[int, ...]
    tally: Tally

    @property
    def level(self) -> Seats:
        """Who decides."""


class Queue:
    """Requests of flows that were dealt this queue, oldest first; `next_r` is where its next request starts."""

    __slots__ = ("executing", "index", "next_r", "seats", "waiting", "work")

    def __init__(self, index: int) -> None:
        self.index = index
        self.waiting: deque[Turn] = deque()
        self.executing = 0
        self.seats = 0
        self.work = 0.0
        self.next_r = 0.0

    def bound(self) -> None:
        """Nothing starts before it arrived: what a queue did not use in the past, it does not get now."""
        if self.waiting and self.next_r < self.waiting[0].arrived_r:
            self.next_r = self.waiting[0].arrived_r


class Turn:
    """`seats` is how many it takes, at its widest; `lingers_s` how long it goes on taking them after its answer.

    `held`: whoever answers says when the costly part is over, by `finish`. `work` is in seat-seconds, as estimated.
    """

    __slots__ = (
        "_waiter",
        "arrived",
        "arrived_r",
        "final",
        "flow",
        "held",
        "info",
        "initial",
        "lingers_s",
        "queue",
        "seats",
        "started",
        "state",
        "user",
        "work",
    )

    def __init__(
        self, flow: Standing, info: RequestInfo, user: UserInfo, initial: int, final: int, lingers_s: float
    ) -> None:
        self.flow = flow
        self.info = info
        self.user = user
        self.initial = initial
        self.final = final
        self.seats = initial if initial >= final else final
        self.lingers_s = lingers_s
        self.arrived = self.arrived_r = self.started = self.work = 0.0
        self.held = False
        self.state = WAITING
        self.queue: Queue | None = None
        self._waiter: asyncio.Future[None] | None = None

    def executes(self) -> None:
        """It is this one's turn: called by the level, once."""
        self.state = EXECUTING
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def admitted(self, request: Request, wait_s: float) -> None:
        """Returns when it is this one's turn; a peer that goes away ends the wait. Raises Rejected after `wait_s`."""
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = loop.call_later(wait_s, self._expire)
        try:
            with request.abandonable():
                await waiter
        except BaseException:
            self.finish()
            raise
        finally:
            timer.cancel()
        if self.state == REJECTED:
            raise Rejected(self.flow.level.dropped())

    def _expire(self) -> None:
        if self.state == WAITING:
            self.flow.level.leave(self)
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)

    def finish(self) -> None:
        """Its seats are free, or will be soon; again is harmless."""
        if self.state == EXECUTING:
            self.flow.level.finish(self)
        elif self.state == WAITING:
            self.flow.level.leave(self)
