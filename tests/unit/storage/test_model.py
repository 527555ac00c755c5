"""Any order of operations, with crashes between them, leaves an engine as a simple model says.

A crash of SQLite is its file taken away as it is on disk while the store is open (what the process had not synced is
lost with it); of etcd and its client, a new connection. Memory has none.
"""

import asyncio
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kajitori.storage.interface import Compacted, Event, KeyExists, RevisionMismatch, Store, Watch
from kajitori.storage.opening import open_storage

KEYS = st.sampled_from(["/registry/a/1", "/registry/a/2", "/registry/ab/1", "/registry/b/x"])
VALUES = st.binary(max_size=6)
_spaces = itertools.count()


class Model:
    """What a store is: a history of events, of which the part up to `compacted` may not be asked for."""

    def __init__(self, start: int) -> None:
        self.events: list[Event] = []
        self.start = self.compacted = start

    def state(self, revision: int | None = None) -> dict[str, tuple[bytes, int]]:
        found: dict[str, tuple[bytes, int]] = {}
        for event in self.events:
            if revision is not None and event.revision > revision:
                break
            if event.value is None:
                found.pop(event.key, None)
            else:
                found[event.key] = (event.value, event.revision)
        return found

    def moment(self, part: int, oldest: int) -> int:
        """A revision from `oldest` on, by a number that does not depend on where an engine starts to count."""
        moments = [oldest, *(event.revision for event in self.events if event.revision > oldest)]
        return moments[part % len(moments)]

    @property
    def revision(self) -> int:
        return self.events[-1].revision if self.events else self.start


class Machine(RuleBasedStateMachine):
    engine = "memory"
    servers: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.directory = Path(tempfile.mkdtemp(prefix="store-model-"))
        self.space = f"/s{next(_spaces)}"  # etcd is one for all examples: each has keys of its own
        self.store: Store = self.run(self.open())
        self.model = Model(self.run(self.store.current_revision()))
        self.watch, self.watched_from = self.run(self.store.watch(self.space, self.model.start)), self.model.start

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 10))

    async def open(self) -> Store:
        return await open_storage(self.engine, self.directory, self.servers)

    def teardown(self) -> None:
        self.watch.close()
        self.run(self.store.close())
        self.loop.close()
        shutil.rmtree(self.directory)

    async def call(self, method: str, *arguments: Any) -> int:
        return await getattr(self.store, method)(*arguments)

    # writes: what must be refused is, and changes nothing

    @rule(key=KEYS, value=VALUES)
    def create(self, key: str, value: bytes) -> None:
        key = self.space + key
        if key in self.model.state():
            with pytest.raises(KeyExists):
                self.run(self.call("create", key, value))
        else:
            self.wrote(Event(key, value, self.run(self.call("create", key, value))))

    @rule(key=KEYS, value=VALUES | st.none(), stale=st.booleans())
    def change(self, key: str, value: bytes | None, stale: bool) -> None:
        key = self.space + key
        current = self.model.state().get(key, (b"", 0))[1]
        expected = max(current - 1, 1) if stale or not current else current
        arguments = (key, expected) if value is None else (key, value, expected)
        method = "delete" if value is None else "update"
        if expected != current:
            with pytest.raises(RevisionMismatch) as refused:
                self.run(self.call(method, *arguments))
            assert refused.value.current == current
        else:
            self.wrote(Event(key, value, self.run(self.call(method, *arguments))))

    @rule(count=st.integers(2, 8), key=KEYS)
    def race(self, count: int, key: str) -> None:
        """Of many creates of one key at a time, one wins; deletes likewise."""
        key = self.space + key
        current = self.model.state().get(key)

        async def all_at_once() -> list[Any]:
            if current is None:
                calls = [self.call("create", key, b"%d" % n) for n in range(count)]
            else:
                calls = [self.call("delete", key, current[1]) for n in range(count)]
            return await asyncio.gather(*calls, return_exceptions=True)

        results = self.run(all_at_once())
        won = [n for n, result in enumerate(results) if isinstance(result, int)]
        assert len(won) == 1
        self.wrote(Event(key, b"%d" % won[0] if current is None else None, results[won[0]]))

    def wrote(self, event: Event) -> None:
        assert event.revision > self.model.revision
        self.model.events.append(event)

    # history

    @precondition(lambda self: self.model.events)
    @rule(part=st.integers(0, 1000))
    def compact(self, part: int) -> None:
        self.check_watch()  # a watch of etcd may lose what is compacted before it was sent
        revision = self.model.moment(part, self.model.start)
        self.run(self.store.compact(revision))
        self.model.compacted = max(self.model.compacted, revision)

    @precondition(lambda self: self.model.events)
    @rule(part=st.integers(0, 1000))
    def read_the_past(self, part: int) -> None:
        revision = self.model.moment(part, self.model.compacted)
        found = self.run(self.store.range(self.space, revision=revision))
        assert {item.key: (item.value, item.revision) for item in found.items} == self.model.state(revision)

    @rule(part=st.integers(0, 1000))
    def watch_from_the_past(self, part: int) -> None:
        self.check_watch()
        self.watch.close()
        self.watched_from = self.model.moment(part, self.model.compacted)
        self.watch = self.run(self.store.watch(self.space, self.watched_from))

    @precondition(lambda self: self.model.compacted > self.model.start + 1)
    @rule()
    def what_is_compacted_is_refused(self) -> None:
        with pytest.raises(Compacted):
            self.run(self.store.watch(self.space, self.model.start))

    @rule()
    def check_watch(self) -> None:
        expected = [event for event in self.model.events if event.revision > self.watched_from]
        assert self.run(_take(self.watch, len(expected))) == expected
        self.watched_from = self.model.revision

    # crashes

    @precondition(lambda self: self.engine != "memory")
    @rule()
    def crash(self) -> None:
        self.watch.close()
        if self.engine == "sqlite":
            left = Path(tempfile.mkdtemp(prefix="store-model-"))
            for file in self.directory.iterdir():
                shutil.copy(file, left / file.name)
            self.run(self.store.close())
            shutil.rmtree(self.directory)
            self.directory = left
        else:
            self.run(self.store.close())
        self.store = self.run(self.open())
        self.watched_from = self.model.revision
        self.watch = self.run(self.store.watch(self.space, self.watched_from))

    @invariant()
    def is_as_the_model_says(self) -> None:
        found = self.run(self.store.range(self.space))
        state = self.model.state()
        assert {item.key: (item.value, item.revision) for item in found.items} == state
        assert [item.key for item in found.items] == sorted(state)
        assert self.run(self.store.current_revision()) == self.store.revision() >= self.model.revision


async def _take(watch: Watch, count: int) -> list[Event]:
    events: list[Event] = []
    while len(events) < count:
        events.extend(await watch.__anext__())
    return events


def test_any_history_with_crashes_ends_as_the_model(engine: str, request: pytest.FixtureRequest) -> None:
    class Engine(Machine):
        pass

    Engine.engine = engine
    if engine == "etcd3":
        Engine.servers = (request.getfixturevalue("etcd_server").url,)
    Engine.TestCase.settings = settings(
        max_examples=12 if engine == "etcd3" else 40,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    Engine.TestCase("runTest").runTest()
