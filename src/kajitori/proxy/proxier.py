"""When to write rules: changes are gathered, the first is acted on at once, the next not before the minimum interval.

    informer events → changed() → [one sync at a time] → build → backend.apply → conntrack, health check ports

A failed sync is tried again after a growing pause. Between changes nothing runs but a rare look at whether somebody
flushed the tables. May import: proxy's modules, aiokit.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.process import CommandFailed
from kajitori.aiokit.process import run as run_command
from kajitori.proxy import services as model
from kajitori.proxy.backend import Backend
from kajitori.proxy.conntrack import stale_flows
from kajitori.proxy.health import Health, NodePortHealth
from kajitori.proxy.metrics import LAST_SYNC, SYNC_SECONDS
from kajitori.proxy.services import Family, NodeInfo, ServicePort

log = get_logger(__name__)
Read = Callable[[], Iterable[Any]]


class Proxier:
    """Keeps the node's rules equal to what the listers say."""

    def __init__(
        self,
        *,
        services: Read,
        slices: Read,
        node: Callable[[], NodeInfo],
        backends: Mapping[Family, Backend],
        health: Health,
        clock: Clock | None = None,
        min_sync_s: float = 0.2,
        sync_period_s: float = 30.0,
    ) -> None:
        self._services, self._slices, self._node = services, slices, node
        self._backends, self._health = backends, health
        self._node_ports = NodePortHealth(health)
        self._clock = clock or RealClock()
        self._min_sync_s, self._sync_period_s = min_sync_s, sync_period_s
        self._wanted = asyncio.Event()
        self._applied: dict[Family, list[ServicePort]] = {}
        self._next_look = 0.0
        self.syncs = 0

    def changed(self) -> None:
        """Something that rules depend on is different now."""
        self._health.queued()
        self._wanted.set()

    async def run(self) -> None:
        """Serve until cancelled."""
        backoff = Backoff(0.2, max_s=30.0)
        self._next_look = asyncio.get_running_loop().time() + self._sync_period_s
        try:
            while True:
                await self._next_turn()
                self._wanted.clear()
                try:
                    await self.sync()
                except (CommandFailed, OSError) as error:
                    log.error("cannot sync rules", err=str(error))
                    self._wanted.set()
                    await self._clock.sleep(backoff.next())
                    continue
                backoff.reset()
                await self._clock.sleep(self._min_sync_s)
        finally:
            await self._node_ports.close()

    async def _next_turn(self) -> None:
        """Until a change, or until our rules turn out to be gone.

        A change writes what it changes and no more, so it puts no look off.
        """
        loop = asyncio.get_running_loop()
        while True:
            if loop.time() >= self._next_look:
                intact = [await backend.is_intact() for backend in self._backends.values()]
                self._next_look = loop.time() + self._sync_period_s
                if not all(intact):
                    log.info("rules were flushed by another program, writing them again")
                    return
            if self._wanted.is_set():
                return
            try:
                async with asyncio.timeout_at(self._next_look):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def sync(self) -> None:
        """One pass: build, apply, forget stale flows, serve health checks."""
        started = self._clock.monotonic()
        node = self._node()
        services, slices = list(self._services()), list(self._slices())
        local_counts: dict[int, tuple[str, str, int]] = {}
        for family, backend in self._backends.items():
            ports = model.build(services, slices, node, family)
            await backend.apply(ports)
            flows = stale_flows(self._applied.get(family, ()), ports)
            self._applied[family] = ports
            await self._forget(flows)
            local_counts |= model.local_endpoint_counts(ports)
        await self._node_ports.sync(local_counts)
        self._health.updated()
        self.syncs += 1
        SYNC_SECONDS.observe(self._clock.monotonic() - started)
        LAST_SYNC.set(self._clock.now().timestamp())

    async def _forget(self, commands: list[list[str]]) -> None:
        for argv in commands:
            try:
                await run_command(argv)
            except CommandFailed as error:
                if "0 flow entries" not in error.stderr:  # nothing to delete is fine, and is exit code 1
                    log.error("cannot delete stale UDP flows", err=str(error))
            except FileNotFoundError:
                log.warning("conntrack is not installed: UDP clients may keep talking to endpoints that are gone")
                return
