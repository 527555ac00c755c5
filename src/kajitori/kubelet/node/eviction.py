"""Pressure: when memory, disk or inodes run short, the node says so and Pods that use more than they asked for have
to go.

Looks every ten seconds; hard thresholds only. May import: api, aiokit, machinery; of the kubelet `interfaces`,
`pods`, `runtime`, `node.machine`.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.machinery.quantity import Quantity

from ..interfaces import ContainerUsage, CRIError
from ..pods import is_critical, key_of, request_of
from .machine import memory_info

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

log = get_logger(__name__)
CHECK_S = 10.0
HOLD_S = 300.0
"""How long a pressure condition stays after the last time it was true."""
RESOURCE = {
    "memory.available": "memory",
    "nodefs.available": "ephemeral-storage",
    "nodefs.inodesFree": "inodes",
    "pid.available": "pids",
}


@dataclass(frozen=True)
class Signal:
    """What is left of something, and how much there is in all."""

    available: int
    capacity: int


class Pressure(Protocol):
    """The node's pressure conditions, as they are to be reported."""

    memory: bool
    disk: bool
    pids: bool


def threshold(text: str, capacity: int) -> int:
    """``100Mi`` or ``10%`` as an amount."""
    if text.endswith("%"):
        return int(capacity * float(text[:-1]) / 100)
    return Quantity.parse(text).value()


def read_signals(root_dir: str) -> dict[str, Signal]:
    """The node's resources now."""
    memory = memory_info()
    disk = os.statvfs(root_dir)
    return {
        "memory.available": Signal(memory.get("MemAvailable", 0), memory.get("MemTotal", 0)),
        "nodefs.available": Signal(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize),
        "nodefs.inodesFree": Signal(disk.f_favail, disk.f_files),
        "pid.available": read_pids(),
    }


def read_pids(proc: Path = Path("/proc")) -> Signal:
    """Process IDs, which threads use up as well."""
    limits = ("sys/kernel/pid_max", "sys/kernel/threads-max")
    capacity = min(int((proc / name).read_text()) for name in limits)
    tasks = int((proc / "loadavg").read_text().split()[3].partition("/")[2])
    return Signal(max(0, capacity - tasks), capacity)


def crossed(signals: Mapping[str, Signal], limits: Mapping[str, str]) -> list[str]:
    """Signals below their hard threshold, memory first."""
    return [
        name
        for name, signal in signals.items()
        if signal.capacity and name in limits and signal.available < threshold(limits[name], signal.capacity)
    ]


def rank(pods: Sequence[Pod], usage: Mapping[str, int]) -> list[Pod]:
    """Whom to evict first: who uses more than it asked for, then lower priority, then the larger excess."""

    def order(pod: Pod) -> tuple[bool, int, int]:
        asked = sum(q.value() for c in pod.spec.containers if (q := request_of(c, "memory")) is not None)
        excess = usage.get(pod.metadata.uid or "", 0) - asked
        return (excess <= 0, pod.spec.priority or 0, -excess)

    return sorted((p for p in pods if not is_critical(p)), key=order)


async def nobody() -> list[tuple[Pod, str]]:
    """No Pod exceeds limits of its own."""
    return []


class Eviction:
    """Sets the node's pressure conditions and evicts one Pod at a time."""

    def __init__(
        self,
        *,
        root_dir: str,
        limits: Mapping[str, str],
        pressure: Pressure,
        pods: Callable[[], list[Pod]],
        usage: Callable[[], Awaitable[Mapping[str, ContainerUsage]]],
        owner_of: Callable[[str], str],
        evict: Callable[[Pod, str], None],
        greedy: Callable[[], Awaitable[list[tuple[Pod, str]]]] = nobody,
        changed: Callable[[], None],
        clock: Clock,
        signals: Callable[[str], Mapping[str, Signal]] = read_signals,
    ) -> None:
        self._root_dir, self._limits, self._pressure = root_dir, limits, pressure
        self._pods, self._usage, self._owner_of, self._evict = pods, usage, owner_of, evict
        self._changed, self._clock, self._signals, self._greedy = changed, clock, signals, greedy
        self._last: dict[str, float] = {}

    async def run(self) -> None:
        """Checks every `CHECK_S` seconds until cancelled; what cannot be measured now is measured at the next look."""
        while True:
            try:
                await self.check()
            except (OSError, CRIError) as error:
                log.info("cannot measure the node", err=describe(error))
            await self._clock.sleep(CHECK_S)

    async def check(self) -> None:
        """One look."""
        signals = self._signals(self._root_dir)
        short = crossed(signals, self._limits)
        now = self._clock.monotonic()
        for name in short:
            self._last[name] = now
        held = {name for name, when in self._last.items() if now - when < HOLD_S}
        memory, disk = "memory.available" in held, any(name.startswith("nodefs") for name in held)
        now_held = memory, disk, "pid.available" in held
        if now_held != (self._pressure.memory, self._pressure.disk, self._pressure.pids):
            self._pressure.memory, self._pressure.disk, self._pressure.pids = now_held
            self._changed()
        if short:
            await self._evict_one(short[0], signals[short[0]])
        for pod, message in await self._greedy():
            self._evict(pod, message)

    async def _evict_one(self, name: str, signal: Signal) -> None:
        by_container = await self._usage()
        field = "working_set_bytes" if name.startswith("memory") else "rootfs_used_bytes"
        totals: dict[str, int] = {}
        for id_, use in by_container.items():
            uid = self._owner_of(id_)
            totals[uid] = totals.get(uid, 0) + int(getattr(use, field))
        candidates = rank(self._pods(), totals)
        if not candidates:
            return
        pod = candidates[0]
        limit = threshold(self._limits[name], signal.capacity)
        message = (
            f"The node was low on resource: {RESOURCE[name]}. Threshold quantity: {Quantity.of(limit)}, "
            f"available: {signal.available // 1024}Ki. "
        )
        log.warning("evicting a pod", pod=key_of(pod), signal=name)
        self._evict(pod, message)
