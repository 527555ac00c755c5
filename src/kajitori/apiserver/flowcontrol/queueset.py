"""The queues of one priority level, and fair queuing between them (KEP-1040).

The level has a progress meter R: how many seat-seconds each queue that has something to do has been given so far. A
queue has a point on it where its next request would start, which moves on by the work of what it sends, and is put
right when the work turns out to have been less or more. The queue whose oldest request would be through first goes
next; a request too wide for the seats that are free waits for them, and others wait behind it.

Two things are our own, because one thread does the work. Wide requests have at most the seats that are the level's by
right, however many it has borrowed: more large lists at a time get none of them done sooner, and everybody else later.
And whoever has nothing under way need not wait for them: a few seats more than there are may be taken for that.

Each method is one step on the event loop. May import: flowcontrol.turn, request, user.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from kajitori.apiserver.flowcontrol.turn import EXECUTING, OVER, REJECTED, WAITING, Queue, Standing, Turn
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

EXPECTED_S = 0.003
"""What a request is thought to take until it is over."""
OVERDRAFT = 8
MOST_RETRY_S = 8
EXEMPT, REJECT, QUEUE = "Exempt", "Reject", "Queue"
MOST_STATES = 1000


class Drops:
    """When to come back: 1 second, twice as long while many are turned away (at most 8), a second less when few are.

    Looked at once a second, over as many seconds as the answer has been.
    """

    def __init__(self) -> None:
        self.retry_after_s = 1
        self._counts: deque[tuple[int, int]] = deque(maxlen=MOST_RETRY_S + 1)
        self._changed_at = 0

    def note(self, second: int) -> int:
        """One more, in this second; what to tell it."""
        if self._counts and self._counts[-1][0] == second:
            self._counts[-1] = (second, self._counts[-1][1] + 1)
            return self.retry_after_s
        after = self.retry_after_s
        recent = sum(count for at, count in self._counts if second - at <= after)
        if second - self._changed_at >= after and recent >= 3 * after:
            self.retry_after_s = min(2 * after, MOST_RETRY_S)
            self._changed_at = second
        elif recent < after and after > 1:
            self.retry_after_s = after - 1
        self._counts.append((second, 1))
        return self.retry_after_s


class QueueSet:
    """`limit` is how many seats there are now. `spent`: how long each state lasted, for whoever looks at it next."""

    def __init__(self, name: str, now: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.response = REJECT
        self.limit = 0
        self.wide_limit = 0
        self.length_limit = 1
        self.queues: list[Queue] = []
        self.executing: set[Turn] = set()
        self.seats_in_use = 0
        self.wide_in_use = 0
        self.waiting = 0
        self.seats_waiting = 0
        self.current_r = 0.0
        self.dispatched = self.rejected = self.timed_out = 0
        self.dispatch_r = self.latest_s = 0.0
        self.spent: dict[tuple[int, int, int, int], float] = {}
        self.on_idle: Callable[[], None] | None = None
        self._busy: dict[int, Queue] = {}  # those with requests waiting, by their index
        self._active = 0  # those with any request
        self._robin = -1
        self._enqueued = 0
        self._drops = Drops()
        self._now = now
        self._last = now()

    def configure(self, response: str, queues: int = 0, length_limit: int = 1) -> None:
        """Queues that are too many get nothing new: hands are dealt from the first `queues`."""
        self.response = response
        self.length_limit = length_limit
        self.queues += [Queue(index) for index in range(len(self.queues), queues)]

    def admit_up_to(self, limit: int) -> None:
        """So many seats from now on."""
        self._sync()
        self.limit = limit
        self._dispatch()

    @property
    def idle(self) -> bool:
        """Whether there is nothing here."""
        return not self.executing and not self.waiting

    # time

    def _sync(self) -> float:
        """The state has been as it is since the last time: R moves on. To be called before any change of it."""
        now = self._now()
        passed, self._last = now - self._last, now
        state = (len(self.executing), self.seats_in_use, self.waiting, self.seats_waiting)
        spent = self.spent
        spent[state] = spent.get(state, 0.0) + passed
        if len(spent) > MOST_STATES:
            self.fold()
        if self._active:
            wanted = self.seats_in_use + self.seats_waiting
            self.current_r += passed * (wanted if wanted < self.limit else self.limit) / self._active
        return now

    def fold(self) -> None:
        """Whoever wants to know how long each state (executing, seats, waiting, seats waiting) lasted looks here."""
        self.spent.clear()

    # a request comes

    def arrive(
        self,
        flow: Standing,
        info: RequestInfo,
        user: UserInfo,
        initial: int = 1,
        final: int = 0,
        lingers_s: float = 0.0,
    ) -> Turn:
        """Its state says what becomes of it."""
        turn = Turn(flow, info, user, initial, final, lingers_s)
        turn.arrived = now = self._sync()
        if self.response is not QUEUE:
            if self.response is EXEMPT or self._fits(turn):
                self._start(turn, now)
            else:
                self._reject(turn, "concurrency-limit")
            return turn
        turn.arrived_r = self.current_r
        turn.work = initial * EXPECTED_S + final * lingers_s
        turn.queue = queue = self._pick(flow.hand)
        if not queue.executing and not queue.waiting:
            queue.next_r = self.current_r
        straight = (
            not self.waiting and self.seats_in_use < self.limit and self._fits(turn) and not self._held_back(turn)
        )
        if straight or (turn.seats == 1 and self._may_overdraw(queue)):  # the same as to queue it and take it out again
            flow.tally.straight()
            if queue.next_r < self.current_r:
                queue.next_r = self.current_r
            self._start(turn, now)
        elif self.seats_in_use >= self.limit and len(queue.waiting) >= self.length_limit:
            self._reject(turn, "queue-full")
        else:
            self._enqueue(turn, queue)
            self._dispatch()
        return turn

    def _fits(self, turn: Turn) -> bool:
        """Something wider than all seats goes when nothing else does."""
        return self.seats_in_use + turn.seats <= self.limit or (turn.seats > self.limit and not self.executing)

    def _held_back(self, turn: Turn) -> bool:
        """Other wide requests come first; whatever they wait for, nobody waits for this one."""
        return turn.seats > 1 and self.wide_in_use > 0 and self.wide_in_use + turn.seats > self.wide_limit

    def _may_overdraw(self, queue: Queue) -> bool:
        """Whoever has nothing under way need not wait for what others have, within an eighth of the seats."""
        idle = not queue.executing and not queue.waiting
        return idle and self.limit <= self.seats_in_use < self.limit + self.limit // OVERDRAFT

    def _reject(self, turn: Turn, reason: str) -> None:
        turn.state = REJECTED
        self.rejected += 1
        turn.flow.tally.reject(reason)

    def _pick(self, hand: tuple[int, ...]) -> Queue:
        """The queue of a flow's hand with the least work waiting; beginning with another one each time."""
        at = self._enqueued % len(hand)
        self._enqueued += 1
        queues = self.queues
        if not self.waiting:
            return queues[hand[at]]
        return min((queues[index] for index in (*hand[at:], *hand[:at])), key=lambda queue: queue.work)

    def _enqueue(self, turn: Turn, queue: Queue) -> None:
        if not queue.executing and not queue.waiting:
            self._active += 1
        queue.waiting.append(turn)
        queue.work += turn.work
        self._busy[queue.index] = queue
        self.waiting += 1
        self.seats_waiting += turn.seats
        tally = turn.flow.tally
        tally.queued += 1
        tally.queued_seats += turn.seats
        tally.lengths.observe(len(queue.waiting))
        queue.bound()

    # a request goes

    def _dispatch(self) -> None:
        """As many as there are seats for."""
        while self.waiting and self.seats_in_use < self.limit:
            queue = self._next()
            if queue is None:
                return
            turn = queue.waiting[0]
            if not self._fits(turn):
                turn.flow.tally.not_accommodated += 1
                return
            if turn.final > self.limit > 0:  # the same work, narrower and longer
                turn.lingers_s *= turn.final / self.limit
                turn.final = self.limit
                seats = max(turn.initial, turn.final)
                self._take_out(turn, queue)
                turn.seats = seats
            else:
                self._take_out(turn, queue)
            self._robin = queue.index
            self._start(turn, self._last)
            turn.flow.tally.waits[True].observe(self._last - turn.arrived)
            queue.bound()

    def _next(self) -> Queue | None:
        """Whose oldest request would be through first; of equals the one after the last that went."""
        ready = [queue for queue in self._busy.values() if not self._held_back(queue.waiting[0])]
        if len(ready) <= 1:
            return ready[0] if ready else None
        after, number = self._robin + 1, len(self.queues)
        return min(ready, key=lambda q: (q.next_r + q.waiting[0].work, (q.index - after) % number))

    def _take_out(self, turn: Turn, queue: Queue) -> None:
        """Of its queue, and of all that is counted there."""
        if queue.waiting[0] is turn:
            queue.waiting.popleft()
        else:
            queue.waiting.remove(turn)
        queue.work -= turn.work
        if not queue.waiting:
            queue.work = 0.0
            del self._busy[queue.index]
            if not queue.executing:
                self._active -= 1
        self.waiting -= 1
        self.seats_waiting -= turn.seats
        tally = turn.flow.tally
        tally.queued -= 1
        tally.queued_seats -= turn.seats

    def _start(self, turn: Turn, now: float) -> None:
        turn.started = now
        self.executing.add(turn)
        seats = turn.seats
        self.seats_in_use += seats
        if seats > 1:
            self.wide_in_use += seats
        self.dispatched += 1
        tally = turn.flow.tally
        tally.dispatched += 1
        tally.executing += 1
        tally.executing_seats += seats
        queue = turn.queue
        if queue is not None:
            if not queue.executing and not queue.waiting:
                self._active += 1
            self.dispatch_r, self.latest_s = self.current_r, queue.next_r
            queue.executing += 1
            queue.seats += seats
            queue.next_r += turn.work
        turn.executes()

    # a request is over

    def finish(self, turn: Turn) -> None:
        """It has been answered: its seats are free now, or after what it leaves to be done."""
        now = self._sync()
        assert turn.state == EXECUTING
        turn.state = OVER
        self.executing.discard(turn)
        took = now - turn.started
        tally = turn.flow.tally
        tally.executing -= 1
        (tally.watch_durations if turn.info.verb == "watch" else tally.durations).observe(took)
        queue = turn.queue
        if queue is not None:
            queue.executing -= 1
            queue.next_r -= turn.initial * (EXPECTED_S - took)
            if queue.waiting:
                queue.bound()
            elif not queue.executing:
                self._active -= 1
            if turn.lingers_s > 0:
                asyncio.get_running_loop().call_later(turn.lingers_s, self._let_go, turn)
                return
        self._release(turn)

    def _let_go(self, turn: Turn) -> None:
        self._sync()
        self._release(turn)

    def _release(self, turn: Turn) -> None:
        seats = turn.seats
        self.seats_in_use -= seats
        if seats > 1:
            self.wide_in_use -= seats
        turn.flow.tally.executing_seats -= seats
        if turn.queue is not None:
            turn.queue.seats -= seats
        if self.waiting:
            self._dispatch()
        elif self.on_idle is not None and not self.executing:
            self.on_idle()

    def leave(self, turn: Turn) -> None:
        """It has waited too long, or nobody waits for it any more."""
        assert turn.state == WAITING and turn.queue is not None
        self._sync()
        self._take_out(turn, turn.queue)
        turn.queue.bound()
        self.timed_out += 1
        turn.flow.tally.waits[False].observe(self._last - turn.arrived)
        self._reject(turn, "time-out")
        self._dispatch()
        if self.on_idle is not None and self.idle:
            self.on_idle()

    def dropped(self) -> int:
        """One was told to come back later; returns how many seconds later."""
        return self._drops.note(int(self._now()))
