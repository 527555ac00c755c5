"""Pods that wait for a node.

    add ──▶ active ──pop──▶ in flight ──done──▶ (bound)
              ▲                 │ could not be scheduled
              │ backoff over    ▼
           backoff ◀──event── unschedulable ──5 min──▶ active or backoff

- active: a heap by the queue-sort plugin; backoff: 1 s, doubled with every attempt up to 10 s.
- An event moves a Pod out of *unschedulable* only if one of the plugins that rejected it asked for such events and
  its hint agrees. Events that arrive while a Pod is in flight count when it comes back.
- Timers are set for the next due moment only: an idle queue costs nothing.

All methods but `pop` are plain functions and so atomic. May import: scheduler.{framework,podinfo}, aiokit.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kajitori.aiokit.clock import Clock, Timer
from kajitori.scheduler.framework import Action, ClusterEvent, Verdict
from kajitori.scheduler.podinfo import PodInfo

INITIAL_BACKOFF_S, MAX_BACKOFF_S = 1.0, 10.0
MAX_UNSCHEDULABLE_S = 300.0


class QueuedPod:
    """A waiting Pod with its history."""

    __slots__ = ("added_at", "attempts", "first_attempt_at", "gated", "info", "queued_at", "rejected_by")

    def __init__(self, info: PodInfo, now: float) -> None:
        self.info = info
        self.added_at = now
        self.queued_at = now  # since when it is where it is
        self.attempts = 0
        self.first_attempt_at: float | None = None
        self.rejected_by: set[str] = set()
        self.gated = False


class SchedulingQueue:
    def __init__(
        self,
        *,
        clock: Clock,
        sort_key: Callable[[PodInfo, float], tuple[Any, ...]],
        retry_on: Mapping[str, Iterable[ClusterEvent]],
        pre_enqueue: Callable[[PodInfo], Verdict],
        initial_backoff_s: float = INITIAL_BACKOFF_S,
        max_backoff_s: float = MAX_BACKOFF_S,
    ) -> None:
        self._clock, self._sort_key, self._pre_enqueue = clock, sort_key, pre_enqueue
        self._retry_on = {name: tuple(events) for name, events in retry_on.items()}
        self._initial_s, self._max_s = initial_backoff_s, max_backoff_s
        self._numbers = itertools.count()
        self._active_heap: list[tuple[tuple[Any, ...], int, QueuedPod]] = []
        self._backoff_heap: list[tuple[float, int, QueuedPod]] = []
        self._active: dict[str, QueuedPod] = {}  # by UID; heap entries of others are stale
        self._backoff: dict[str, QueuedPod] = {}
        self.unschedulable: dict[str, QueuedPod] = {}
        self._in_flight: dict[str, int] = {}  # UID → position in the event log when it was popped
        self._log: list[tuple[str, Action, Any, Any]] = []
        self._log_start = 0
        self._waiter: asyncio.Future[None] | None = None
        self._timer: Timer | None = None
        self._timer_at = float("inf")

    # -- coming in

    def add(self, info: PodInfo) -> None:
        """A new Pod without node."""
        if self._find(info.uid) is None and info.uid not in self._in_flight:
            self._enter(QueuedPod(info, self._clock.monotonic()))

    def update(self, info: PodInfo, actions: Action, old: Any) -> None:
        """The waiting Pod itself changed."""
        queued = self._find(info.uid)
        if queued is None:
            if info.uid in self._in_flight:
                self._note("UnscheduledPod", actions, old, info.pod)
            else:
                self.add(info)
            return
        queued.info = info
        if info.uid in self._active:
            if self._sort_key(info, queued.queued_at) != self._sort_key(PodInfo(old), queued.queued_at):
                self._activate(queued)  # its place in the heap is another one now
            return
        if info.uid in self._backoff:
            return
        if queued.gated or self._is_worth(queued, "UnscheduledPod", actions, old, info.pod):
            del self.unschedulable[info.uid]
            self._enter(queued)

    def delete(self, uid: str) -> None:
        """From wherever it waits; one in flight is left to its cycle."""
        for place in (self._active, self._backoff, self.unschedulable):
            place.pop(uid, None)

    # -- going out

    async def pop(self) -> QueuedPod:
        """The next Pod to schedule; it is in flight until `done` or `put_back`."""
        while True:
            queued = self.pop_now()
            if queued is not None:
                return queued
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def pop_now(self) -> QueuedPod | None:
        """The next active Pod, in flight until `done` and one attempt older; None if there is none."""
        while self._active_heap:
            queued = heapq.heappop(self._active_heap)[2]
            if self._active.get(queued.info.uid) is not queued:
                continue  # deleted or moved since
            del self._active[queued.info.uid]
            queued.attempts += 1
            if queued.first_attempt_at is None:
                queued.first_attempt_at = self._clock.monotonic()
            queued.rejected_by = set()
            self._in_flight[queued.info.uid] = self._log_start + len(self._log)
            return queued
        return None

    def done(self, uid: str) -> None:
        """The attempt is over for good (bound, or the Pod is gone)."""
        self._in_flight.pop(uid, None)
        self._trim()

    def put_back(self, queued: QueuedPod) -> None:
        """The attempt failed: wait for an event, or only for the backoff if one came meanwhile (or nobody rejected)."""
        uid = queued.info.uid
        start = self._in_flight.pop(uid, None)
        queued.queued_at = self._clock.monotonic()
        missed = self._log[start - self._log_start :] if start is not None else []
        self._trim()
        if not queued.rejected_by or any(self._is_worth(queued, *event) for event in missed):
            self._back_off(queued)
        else:
            self._park(queued)

    # -- events

    def move(self, resource: str, action: Action, old: Any, new: Any) -> None:
        """Something in the cluster changed: try those Pods again that it may help."""
        self._note(resource, action, old, new)
        for queued in list(self.unschedulable.values()):
            if not queued.gated and self._is_worth(queued, resource, action, old, new):
                del self.unschedulable[queued.info.uid]
                self._requeue(queued)

    def pending(self) -> dict[str, int]:
        """Numbers for the metrics."""
        gated = sum(1 for queued in self.unschedulable.values() if queued.gated)
        return {
            "active": len(self._active),
            "backoff": len(self._backoff),
            "gated": gated,
            "unschedulable": len(self.unschedulable) - gated,
        }

    # -- inside

    def _find(self, uid: str) -> QueuedPod | None:
        return self._active.get(uid) or self._backoff.get(uid) or self.unschedulable.get(uid)

    def _enter(self, queued: QueuedPod) -> None:
        verdict = self._pre_enqueue(queued.info)
        queued.gated = verdict.is_rejected
        if queued.gated:
            queued.rejected_by = {verdict.plugin}
            self._park(queued)
        else:
            self._requeue(queued)

    def _requeue(self, queued: QueuedPod) -> None:
        if self._backoff_until(queued) > self._clock.monotonic():
            self._back_off(queued)
        else:
            self._activate(queued)

    def _activate(self, queued: QueuedPod) -> None:
        self._backoff.pop(queued.info.uid, None)
        self._active[queued.info.uid] = queued
        key = self._sort_key(queued.info, queued.added_at)
        heapq.heappush(self._active_heap, (key, next(self._numbers), queued))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _back_off(self, queued: QueuedPod) -> None:
        until = self._backoff_until(queued)
        self._backoff[queued.info.uid] = queued
        heapq.heappush(self._backoff_heap, (until, next(self._numbers), queued))
        self._wake_at(until)

    def _park(self, queued: QueuedPod) -> None:
        queued.queued_at = self._clock.monotonic()
        self.unschedulable[queued.info.uid] = queued
        if not queued.gated:
            self._wake_at(queued.queued_at + MAX_UNSCHEDULABLE_S)

    def _backoff_until(self, queued: QueuedPod) -> float:
        if not queued.attempts:
            return 0.0
        return queued.queued_at + min(self._initial_s * 2.0 ** (queued.attempts - 1), self._max_s)

    def _is_worth(self, queued: QueuedPod, resource: str, action: Action, old: Any, new: Any) -> bool:
        for plugin in queued.rejected_by:
            for event in self._retry_on.get(plugin, ()):
                wanted = event.resource == resource and event.action & action
                if wanted and (event.hint is None or event.hint(queued.info, old, new)):
                    return True
        return False

    def _note(self, resource: str, action: Action, old: Any, new: Any) -> None:
        if self._in_flight:
            self._log.append((resource, action, old, new))

    def _trim(self) -> None:
        """Forget events that no Pod in flight may still need."""
        end = self._log_start + len(self._log)
        oldest = min(self._in_flight.values(), default=end) if len(self._log) > 256 or not self._in_flight else None
        if oldest is not None and oldest > self._log_start:
            del self._log[: oldest - self._log_start]
            self._log_start = oldest

    def _wake_at(self, moment: float) -> None:
        if moment >= self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = moment
        self._timer = self._clock.call_later(max(0.0, moment - self._clock.monotonic()), self._due)

    def _due(self) -> None:
        """Backoffs that are over, and Pods that nothing has helped for five minutes."""
        self._timer, self._timer_at = None, float("inf")
        now = self._clock.monotonic()
        while self._backoff_heap and self._backoff_heap[0][0] <= now:
            queued = heapq.heappop(self._backoff_heap)[2]
            if self._backoff.get(queued.info.uid) is queued:
                self._activate(queued)
        for queued in list(self.unschedulable.values()):
            if not queued.gated and queued.queued_at + MAX_UNSCHEDULABLE_S <= now:
                del self.unschedulable[queued.info.uid]
                self._requeue(queued)
        if self._backoff_heap:
            self._wake_at(self._backoff_heap[0][0])
        waiting = [q.queued_at for q in self.unschedulable.values() if not q.gated]
        if waiting:
            self._wake_at(min(waiting) + MAX_UNSCHEDULABLE_S)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
