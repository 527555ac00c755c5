"""What the server does by itself every few minutes: forget old history, delete Events past their time, and `sweeps`.

Compaction keeps what happened since the round before, so a client that was away for one interval can still catch up.
May import: deps, cache.entry, storage, aiokit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

import msgspec

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import StatusError
from kajitori.machinery.times import parse_time
from kajitori.storage.interface import RevisionMismatch, Store, StoreError

log = get_logger("maintenance")
DEFAULT_INTERVAL_S = 300.0
BATCH = 200


@runtime_checkable
class Sweeping(Protocol):
    """A part that has something to tidy up now and then."""

    async def sweep(self) -> None:
        """One round; called again at the next interval, also after a StoreError or StatusError."""


class Maintenance:
    """`run()` until cancelled."""

    def __init__(
        self,
        deps: ServerDeps,
        store: Store,
        sweeps: Sequence[Callable[[], Awaitable[None]]] = (),
        compacted: Callable[[int], object] = lambda revision: None,
        events: Callable[[], Iterable[Entry]] = tuple,
    ) -> None:
        self._deps = deps
        self._store = store
        self._sweeps = sweeps
        self._compacted = compacted
        self._events = events
        self._compact_to = 0

    async def run(self) -> None:
        """One round per interval."""
        config = self._deps.config
        while True:
            await self._deps.clock.sleep(config.etcd_compaction_interval_s or DEFAULT_INTERVAL_S)
            try:
                if config.etcd_compaction_interval_s:
                    await self.compact()
                await self.expire_events()
                for sweep in self._sweeps:
                    await sweep()
            except (StoreError, StatusError) as error:
                log.error("maintenance failed", error)

    async def compact(self) -> None:
        """Forget superseded values up to where the store was a round ago."""
        target, self._compact_to = self._compact_to, self._store.revision()
        if target:
            await self._store.compact(target)
            self._compacted(target)

    async def expire_events(self) -> int:
        """Delete Events that were last touched longer ago than --event-ttl; returns how many.

        They go as upstream's do when their lease ends: from the store, asking nobody, many in one of its transactions.
        One that was written again meanwhile stays.
        """
        horizon = self._deps.clock.now() - timedelta(seconds=self._deps.config.event_ttl_s)
        old = await _untouched_since(horizon, self._events())
        for start in range(0, len(old), BATCH):
            deletions = [self._store.delete(key, revision) for key, revision in old[start : start + BATCH]]
            for failure in await asyncio.gather(*deletions, return_exceptions=True):
                if isinstance(failure, BaseException) and not isinstance(failure, RevisionMismatch):
                    raise failure
        return len(old)


async def _untouched_since(horizon: datetime, events: Iterable[Entry]) -> list[tuple[str, int]]:
    """Keys and revisions. Each Event is read by itself, its times alone, and others get their turn in between."""
    young = horizon.strftime("%Y-%m-%dT%H:%M:%SZ")
    found = []
    for at, entry in enumerate(list(events), 1):
        times = _times(entry.data)
        if times.metadata.creationTimestamp < young and times.last() < horizon:
            found.append((entry.key, entry.revision))
        if at % BATCH == 0:
            await asyncio.sleep(0)
    return found


class _Created(msgspec.Struct):
    creationTimestamp: str = ""  # noqa: N815 - the wire's name


class _Series(msgspec.Struct):
    lastObservedTime: str | None = None  # noqa: N815


class _Times(msgspec.Struct):
    """What of a stored Event tells when it was last written."""

    metadata: _Created
    series: _Series | None = None
    lastTimestamp: str | None = None  # noqa: N815
    eventTime: str | None = None  # noqa: N815

    def last(self) -> datetime:
        observed = self.series.lastObservedTime if self.series else None
        moments = (observed, self.lastTimestamp, self.eventTime, self.metadata.creationTimestamp)
        return max(parse_time(moment) for moment in moments if moment)


_times = msgspec.json.Decoder(_Times).decode
