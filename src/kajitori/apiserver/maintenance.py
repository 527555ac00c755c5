"""What the server does by itself every few minutes: forget old history, delete Events past their time, and `sweeps`.

Compaction keeps what happened since the round before, so a client that was away for one interval can still catch up.
May import: deps, storage, aiokit.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import StatusError
from kajitori.machinery.times import parse_time
from kajitori.storage.interface import Store, StoreError

log = get_logger("maintenance")
DEFAULT_INTERVAL_S = 300.0


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
    ) -> None:
        self._deps = deps
        self._store = store
        self._sweeps = sweeps
        self._compacted = compacted
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
        """Delete Events that were last touched longer ago than --event-ttl; returns how many."""
        horizon = self._deps.clock.now() - timedelta(seconds=self._deps.config.event_ttl_s)
        old = [event for event in self._deps.reader.list("", "events") if last_touched(event) < horizon]
        for event in old:
            meta = event["metadata"]
            try:
                await self._deps.writer.delete("", "events", meta.get("namespace", ""), meta["name"])
            except StatusError as error:
                if error.code not in (404, 409):
                    raise
        return len(old)


def last_touched(event: dict[str, Any]) -> datetime:
    """When an Event was last written, as far as it tells."""
    series = event.get("series") or {}
    moments = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return max(parse_time(moment) for moment in (*moments, event["metadata"]["creationTimestamp"]) if moment)
