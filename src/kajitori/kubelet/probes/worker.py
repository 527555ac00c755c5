"""One probe of one container: when to check, and when the state changes.

                        container runs                threshold reached
    waiting (no timer) ────────────────► checking ──────────────────────► on hold (liveness, startup: until the
            ▲                               │  every period                container's next incarnation)
            └────── container ends ─────────┘

A probe other than startup waits until its container has started. Readiness begins with not ready, liveness with alive,
startup with not started. May import: api, aiokit, kubelet.{interfaces,probes.checks}.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.aiokit.clock import Clock
from kajitori.kubelet.interfaces import ContainerRuntime, ProbeKind
from kajitori.kubelet.probes.checks import CheckError, Outcome, Target, check

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Probe

INITIAL = {"startup": False, "readiness": False, "liveness": True}
TRIES = 3


@dataclass(frozen=True)
class Incarnation:
    """The running container that a worker looks at. `age_s` is how long it ran before we heard of it."""

    container_id: str
    pod_ip: str
    age_s: float = 0.0


@dataclass(frozen=True)
class Reports:
    """Whom a worker tells: every bad check (for events), every change of state, every result (for metrics)."""

    unhealthy: Callable[[ProbeWorker, Outcome], None]
    errored: Callable[[ProbeWorker, CheckError], None]
    changed: Callable[[ProbeWorker, str], None]
    may_check: Callable[[ProbeWorker], bool]
    checked: Callable[[ProbeWorker, str], None] = lambda worker, result: None


class ProbeWorker:
    def __init__(
        self,
        kind: ProbeKind,
        pod_uid: str,
        container: Container,
        probe: Probe,
        *,
        runtime: ContainerRuntime,
        clock: Clock,
        reports: Reports,
    ) -> None:
        self.kind, self.pod_uid, self.container, self.probe = kind, pod_uid, container, probe
        self.ok = INITIAL[kind]
        self.incarnation: Incarnation | None = None
        self._runtime, self._clock, self._reports = runtime, clock, reports
        self._on_hold = False
        self._streak_ok: bool | None = None
        self._streak = 0
        self._due = 0.0
        self._wake = asyncio.Event()

    def follow(self, incarnation: Incarnation | None) -> None:
        """Tell which container runs now; None while there is none."""
        before, self.incarnation = self.incarnation, incarnation
        if incarnation is None:
            if self.kind == "readiness":
                self.ok = False
        elif before is None or before.container_id != incarnation.container_id:
            self._begin(incarnation)
        self._wake.set()

    def nudge(self) -> None:
        """Something that `may_check` depends on has changed."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            pause = self._pause()
            if pause is not None and pause <= 0:
                await self._round()
                continue
            timer = self._clock.call_later(pause, self._wake.set) if pause is not None else None
            try:
                await self._wake.wait()
            finally:
                if timer is not None:
                    timer.cancel()

    def _begin(self, incarnation: Incarnation) -> None:
        self.ok = INITIAL[self.kind]
        self._on_hold, self._streak, self._streak_ok = False, 0, None
        delay = (self.probe.initial_delay_seconds or 0) - incarnation.age_s
        self._due = self._clock.monotonic() + max(delay, 0.0)

    def _pause(self) -> float | None:
        """Seconds until the next check; None while there is nothing to check."""
        if self.incarnation is None or self._on_hold or not self._reports.may_check(self):
            return None
        if self.kind == "startup" and self.ok:
            return None
        return self._due - self._clock.monotonic()

    async def _round(self) -> None:
        seen = self.incarnation
        assert seen is not None, "a round needs a container"
        self._due = self._clock.monotonic() + float(self.probe.period_seconds or 10)
        outcome = await self._check(seen)
        self._reports.checked(self, "unknown" if outcome is None else "successful" if outcome.ok else "failed")
        if outcome is None or self.incarnation is None or self.incarnation.container_id != seen.container_id:
            return  # no answer, or an answer about a container that is gone
        if not outcome.ok or outcome.warning:
            self._reports.unhealthy(self, outcome)
        self._count(outcome)

    async def _check(self, seen: Incarnation) -> Outcome | None:
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                return await check(self.probe, Target(self.container, seen.container_id, seen.pod_ip), self._runtime)
            except CheckError as err:
                if last:
                    self._reports.errored(self, err)
        return None

    def _count(self, outcome: Outcome) -> None:
        self._streak = self._streak + 1 if self._streak_ok == outcome.ok else 1
        self._streak_ok = outcome.ok
        threshold = self.probe.success_threshold or 1 if outcome.ok else self.probe.failure_threshold or 3
        if self._streak < threshold:
            return
        before, self.ok = self.ok, outcome.ok
        failed_for_good = not outcome.ok and self.kind != "readiness"
        if failed_for_good:
            self._on_hold, self._streak = True, 0
        if before != outcome.ok or failed_for_good:
            self._reports.changed(self, outcome.message)
