"""Maintenance: compaction keeps one interval of history, and says how far it went; Events go when their time is over."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.maintenance import BATCH, Maintenance
from kajitori.storage.interface import RevisionMismatch, StoreUnavailable


class Revisions:
    """A store of which only the revision counts."""

    def __init__(self) -> None:
        self.now = 0
        self.compacted: list[int] = []

    def revision(self) -> int:
        return self.now

    async def compact(self, revision: int) -> None:
        self.compacted.append(revision)


def test_each_round_forgets_what_the_round_before_saw_and_tells_it():
    store, told = Revisions(), list[int]()
    unused: Any = SimpleNamespace()
    whole: Any = store
    maintenance = Maintenance(unused, whole, compacted=told.append)
    for revision in (5, 9, 9):
        store.now = revision
        asyncio.run(maintenance.compact())
    assert store.compacted == told == [5, 9]


def event(name: str, **times: Any) -> Entry:
    made = {"kind": "Event", "apiVersion": "v1", "metadata": {"name": name, "creationTimestamp": OLD}, **times}
    return Entry(f"/registry/events/n/{name}", orjson.dumps(made), REVISIONS.setdefault(name, len(REVISIONS) + 1))


OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
REVISIONS: dict[str, int] = {}


class Deletions:
    """A store that takes deletions down and refuses one key as changed."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def delete(self, key: str, if_revision: int) -> int:
        name = key.rpartition("/")[2]
        if name == "changed":
            raise RevisionMismatch(key, if_revision + 1)
        if name == "broken":
            raise StoreUnavailable("disk I/O error")
        assert if_revision == REVISIONS[name]
        self.deleted.append(name)
        return if_revision + 1


def expire(*events: Entry) -> tuple[int, list[str]]:
    """How many were past their time an hour into the new day, and which the store was asked to delete."""
    whole: Any = Deletions()
    now = datetime(2026, 1, 2, 0, 30, tzinfo=UTC)
    deps: Any = SimpleNamespace(clock=SimpleNamespace(now=lambda: now), config=SimpleNamespace(event_ttl_s=3600))
    maintenance = Maintenance(deps, whole, events=lambda: events)
    return asyncio.run(maintenance.expire_events()), whole.deleted


def test_events_go_when_nothing_touched_them_for_their_time():
    young = (
        event("made", metadata={"name": "made", "creationTimestamp": NEW}),
        event("seen", lastTimestamp=NEW),
        event("told", eventTime="2026-01-02T00:00:00.000001Z"),
        event("serial", series={"count": 2, "lastObservedTime": "2026-01-02T00:00:00.000000Z"}),
    )
    old = (
        event("plain"),
        event("nulls", lastTimestamp=None, eventTime=None, series=None),
        event("last", lastTimestamp=OLD),
    )
    assert expire(*young, *old) == (3, ["plain", "nulls", "last"])


def test_an_event_that_is_written_again_meanwhile_stays_and_keeps_no_other():
    assert expire(event("changed"), event("plain"))[1] == ["plain"]


def test_more_than_one_batch_of_them_goes():
    assert expire(*(event(f"e{n}") for n in range(2 * BATCH + 1)))[0] == 2 * BATCH + 1


def test_a_store_that_fails_is_heard():
    with pytest.raises(StoreUnavailable):
        expire(event("broken"))
