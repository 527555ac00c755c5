"""Acting on decisions: take a Pod from the queue, decide, assume, bind in the background; or explain and put it back.

The decision itself runs in one piece; only bindings, Pod conditions, evictions and events wait for the API server.
A failed binding takes the assumption back and lets the Pod try again. May import: scheduler.*, client, aiokit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.aiokit.services import Background
from kajitori.machinery.errors import Conflict, NotFound, StatusError
from kajitori.machinery.times import format_time
from kajitori.scheduler import metrics
from kajitori.scheduler.cache import Cache
from kajitori.scheduler.diagnosis import FitError
from kajitori.scheduler.framework import SUCCESS, Action, Code, CycleState, PostFilterResult, Verdict
from kajitori.scheduler.nominator import Nominator
from kajitori.scheduler.podinfo import PodInfo
from kajitori.scheduler.profile import Profile
from kajitori.scheduler.queue import QueuedPod, SchedulingQueue
from kajitori.scheduler.scheduling import Decider, Decision

log = get_logger(__name__)
BINDINGS_AT_ONCE = 32
TURNS_BEFORE_YIELD = 8


class Api(Protocol):
    """What the cycle asks of the API server."""

    async def bind(self, pod: PodInfo, binding: dict[str, Any]) -> object: ...
    async def patch_status(self, pod: PodInfo, patch: dict[str, Any]) -> object: ...
    async def evict(self, victim: PodInfo, condition: dict[str, Any]) -> object: ...


class Events(Protocol):
    """Who records events."""

    def event(self, obj: Any, type: str, reason: str, message: str) -> object: ...  # noqa: A002 - the field's name


class Cycle:
    def __init__(
        self,
        *,
        profiles: Mapping[str, Profile],
        cache: Cache,
        queue: SchedulingQueue,
        nominator: Nominator,
        decider: Decider,
        api: Api,
        events: Events,
        clock: Clock,
        is_current: Any,
    ) -> None:
        self._profiles, self._cache, self._queue, self._nominator = profiles, cache, queue, nominator
        self._decider, self._api, self._events, self._clock = decider, api, events, clock
        self._is_current = is_current  # UID → whether the Pod still exists and waits
        self._tasks = Background("binding")
        self._slots = asyncio.Semaphore(BINDINGS_AT_ONCE)

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            turns = 0
            while True:
                queued = self._queue.pop_now()
                if queued is None:
                    turns = 0
                    queued = await self._queue.pop()
                self.schedule_one(queued)
                turns += 1
                if turns >= TURNS_BEFORE_YIELD:
                    turns = 0
                    await asyncio.sleep(0)  # let informers and bindings have their turn
        finally:
            await self._tasks.stop()

    def schedule_one(self, queued: QueuedPod) -> None:
        """One attempt; what takes time goes on in the background."""
        pod = queued.info
        profile = self._profiles.get(pod.spec.scheduler_name or "default-scheduler")
        if profile is None or not self._is_current(pod):
            self._queue.done(pod.uid)
            return
        started = self._clock.monotonic()
        cycle = CycleState()
        try:
            decision = self._decide(profile, cycle, pod)
        except FitError as error:
            self._observe(profile, "unschedulable", started)
            self._unfit(profile, cycle, queued, error)
            return
        except Exception as error:  # noqa: BLE001 - a plugin's mistake costs this attempt, not the scheduler
            log.error("attempt failed", error, pod=str(pod))
            self._observe(profile, "error", started)
            self._fail(queued, "SchedulerError", f"{describe(error)}")
            return
        metrics.ALGORITHM_SECONDS.observe(self._clock.monotonic() - started)
        self._cache.assume(pod, decision.node_name)
        verdict = profile.reserve(cycle, pod, decision.node_name)
        if verdict.code is not Code.SUCCESS:
            self._take_back(profile, cycle, pod, decision.node_name)
            self._rejected(queued, verdict)
            return
        self._nominator.remove(pod.uid)
        self._tasks.start(self._bind(profile, cycle, queued, decision.node_name, started), "binding")

    def _decide(self, profile: Profile, cycle: CycleState, pod: PodInfo) -> Decision:
        return self._decider.decide(
            profile,
            cycle,
            pod,
            self._cache.node_list(),
            self._cache.nodes,
            self._nominator.on,
            pod.pod.status.nominated_node_name or "",
        )

    # -- success

    async def _bind(
        self, profile: Profile, cycle: CycleState, queued: QueuedPod, node_name: str, started: float
    ) -> None:
        pod = queued.info
        try:
            async with self._slots:
                verdict = await profile.bind(cycle, pod, node_name)
        except (StatusError, OSError) as error:
            verdict = Verdict(Code.ERROR, (describe(error),), "DefaultBinder")
            if isinstance(error, NotFound) or (isinstance(error, Conflict) and not self._is_current(pod)):
                log.v(1).info("the Pod is gone or bound already", pod=str(pod), err=describe(error))
                self._take_back(profile, cycle, pod, node_name)
                self._queue.done(pod.uid)
                return
        except asyncio.CancelledError:
            self._take_back(profile, cycle, pod, node_name)
            raise
        if verdict.code is Code.SUCCESS:
            self._queue.done(pod.uid)
            self._observe(profile, "scheduled", started)
            metrics.POD_ATTEMPTS.observe(queued.attempts)
            metrics.SLI_SECONDS.observe(self._clock.monotonic() - queued.added_at, str(min(queued.attempts, 16)))
            log.v(2).info("bound", pod=str(pod), node=node_name)
            self._events.event(pod.pod, "Normal", "Scheduled", f"Successfully assigned {pod} to {node_name}")
            return
        self._observe(profile, "unschedulable" if verdict.is_rejected else "error", started)
        self._take_back(profile, cycle, pod, node_name)
        # The room that was held is free again, which may help others.
        self._queue.move("Pod", Action.DELETE, pod.pod, None)
        self._rejected(queued, verdict)

    def _take_back(self, profile: Profile, cycle: CycleState, pod: PodInfo, node_name: str) -> None:
        profile.unreserve(cycle, pod, node_name)
        self._cache.forget(pod)

    def _rejected(self, queued: QueuedPod, verdict: Verdict) -> None:
        if verdict.is_rejected:
            queued.rejected_by = {verdict.plugin}
            self._fail(queued, "Unschedulable", verdict.message)
        else:
            self._fail(queued, "SchedulerError", verdict.message)

    # -- failure

    def _unfit(self, profile: Profile, cycle: CycleState, queued: QueuedPod, error: FitError) -> None:
        queued.rejected_by = set(error.rejected_by)
        result = PostFilterResult(SUCCESS)
        if error.total_nodes and profile.post_filters:
            metrics.PREEMPTIONS.inc()
            result = profile.post_filter(cycle, queued.info, error.statuses)
            if result.verdict.code is not Code.SUCCESS:
                error.post_filter_message = result.verdict.message
        if not error.total_nodes:
            # No node at all: any new one is worth a try.
            queued.rejected_by = {"NodeName"}
        if result.victims:
            self._tasks.start(self._preempt(queued.info, result.nominated_node or "", result.victims), "preemption")
        self._fail(queued, "Unschedulable", str(error), result.nominated_node)

    def _fail(self, queued: QueuedPod, reason: str, message: str, nominated: str | None = None) -> None:
        """Back to the queue, with an event and the condition PodScheduled=False."""
        pod = queued.info
        if not self._is_current(pod):
            self._queue.done(pod.uid)
            return
        current = self._is_current(pod)
        if isinstance(current, PodInfo):
            queued.info = current  # it changed while it was in flight
        if nominated:
            self._nominator.add(pod, nominated)
        elif nominated == "":
            self._nominator.remove(pod.uid)
        self._queue.put_back(queued)
        self._events.event(pod.pod, "Warning", "FailedScheduling", message)
        patch = unschedulable_patch(reason, message, format_time(self._clock.now()), nominated)
        if patch_matters(pod, patch):
            self._tasks.start(self._patch(pod, patch), "status of an unschedulable Pod")

    async def _patch(self, pod: PodInfo, patch: dict[str, Any]) -> None:
        try:
            await self._api.patch_status(pod, patch)
        except NotFound:
            return
        except (StatusError, OSError) as error:
            log.error("cannot update the status of a Pod", pod=str(pod), err=describe(error))

    async def _preempt(self, pod: PodInfo, node_name: str, victims: Sequence[PodInfo]) -> None:
        """Ask the victims to leave; the Pod itself is tried again when they have."""
        metrics.VICTIMS.observe(len(victims))
        name = pod.spec.scheduler_name or "default-scheduler"
        condition = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "PreemptionByScheduler",
            "message": f"{name}: preempting to accommodate a higher priority pod",
            "lastTransitionTime": format_time(self._clock.now()),
        }
        for victim in victims:
            if victim.pod.metadata.deletion_timestamp:
                continue
            try:
                await self._api.evict(victim, condition)
            except NotFound:
                continue
            except (StatusError, OSError) as error:
                log.error("cannot preempt", pod=str(victim), preemptor=str(pod), err=describe(error))
                continue
            text = f"Preempted by pod {pod.uid} on node {node_name}"
            self._events.event(victim.pod, "Normal", "Preempted", text)

    def _observe(self, profile: Profile, result: str, started: float) -> None:
        metrics.ATTEMPTS.inc(profile.name, result)
        metrics.ATTEMPT_SECONDS.observe(self._clock.monotonic() - started, profile.name, result)


def unschedulable_patch(reason: str, message: str, now: str, nominated: str | None) -> dict[str, Any]:
    """The strategic merge patch for pods/status."""
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": reason,
        "message": message,
        "lastProbeTime": None,
        "lastTransitionTime": now,
    }
    status: dict[str, Any] = {"conditions": [condition]}
    if nominated is not None:
        status["nominatedNodeName"] = nominated or None
    return {"status": status}


def patch_matters(pod: PodInfo, patch: Mapping[str, Any]) -> bool:
    """Whether the patch says anything new: another reason, message or nomination than the Pod's status has."""
    status = pod.pod.status
    wanted = patch["status"]
    if "nominatedNodeName" in wanted and (wanted["nominatedNodeName"] or None) != (status.nominated_node_name or None):
        return True
    for condition in status.conditions:
        if condition.type == "PodScheduled":
            new = wanted["conditions"][0]
            return (condition.status, condition.reason, condition.message) != ("False", new["reason"], new["message"])
    return True
