"""The watch cache: whoever lists and then watches ends with the server's state, and old states can be rebuilt."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kajitori.api.scheme import builtin
from kajitori.apiserver.cache.audience import Watcher
from kajitori.apiserver.cache.entry import encode_for_storage, replace_version, with_version
from kajitori.apiserver.cache.partition import Partition, TooOld
from kajitori.apiserver.cache.selection import Selection
from kajitori.machinery.labels import Selector

CONFIG_MAPS = builtin().by_plural("", "v1", "configmaps")
assert CONFIG_MAPS is not None


def stored(name: str, labels: dict[str, str], value: str) -> bytes:
    meta = {"name": name, "namespace": "default", "labels": labels}
    return encode_for_storage({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"v": value}})


def test_the_version_is_spliced_into_the_objects_own_metadata():
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": '"metadata":{'}, "metadata": {"name": "a"}}
    data = with_version(encode_for_storage(obj), 7)
    assert orjson.loads(data) == {**obj, "metadata": {"name": "a", "resourceVersion": "7"}}
    assert orjson.loads(replace_version(data, 123))["metadata"]["resourceVersion"] == "123"


changes = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["set", "delete"]), st.booleans(), st.integers(0, 9)),
    max_size=40,
)


def play(partition: Partition, history: list[Any], start: int) -> list[dict[str, Any]]:
    """Apply a random history; returns the state after each step."""
    states: list[dict[str, Any]] = []
    revision = start
    for name, action, picked, value in history:
        key = CONFIG_MAPS.key("default", name)
        revision += 1
        if action == "delete":
            partition.apply(key, None, revision, None)
        else:
            partition.apply(key, stored(name, {"pick": "me"} if picked else {}, str(value)), revision, None)
        states.append({entry.key: entry.data for entry in partition.entries(CONFIG_MAPS.storage_prefix)})
    return states


def follow(frames: list[bytes], state: dict[str, Any]) -> None:
    """What a client does with events."""
    for frame in frames:
        event = orjson.loads(frame)
        name = event["object"]["metadata"]["name"]
        if event["type"] == "DELETED":
            assert name in state, "a deletion of what was never shown"
            del state[name]
        else:
            assert (event["type"] == "ADDED") == (name not in state)
            state[name] = event["object"]


@settings(max_examples=150, deadline=None)
@given(before=changes, after=changes, selective=st.booleans())
def test_list_then_watch_ends_with_the_servers_state(before, after, selective):
    partition = Partition(CONFIG_MAPS, 1)
    play(partition, before, 1)
    selection = Selection(CONFIG_MAPS, CONFIG_MAPS.storage_prefix, Selector.parse("pick=me") if selective else None)
    revision = 1 + len(before)

    def visible() -> dict[str, Any]:
        entries = partition.entries(CONFIG_MAPS.storage_prefix)
        return {e.obj()["metadata"]["name"]: e.obj() for e in entries if selection.matches(e)}

    state = visible()
    middle = len(after) // 2
    play(partition, after[:middle], revision)
    watcher = Watcher(selection, None, lambda: None)  # joins late: part of what it sees is history
    partition.watch(watcher, revision)
    play(partition, after[middle:], revision + middle)
    follow(watcher.frames, state)
    assert state == visible()


@settings(max_examples=100, deadline=None)
@given(history=changes, back=st.integers(0, 40))
def test_any_kept_state_can_be_rebuilt(history, back):
    partition = Partition(CONFIG_MAPS, 1)
    states = [{}, *play(partition, history, 1)]
    step = max(0, len(history) - back)
    rebuilt = partition.entries_at(CONFIG_MAPS.storage_prefix, "", 1 + step)
    assert {entry.key: entry.data for entry in rebuilt} == states[step]
    assert [entry.key for entry in rebuilt] == sorted(states[step])


def test_what_is_older_than_the_history_is_refused():
    partition = Partition(CONFIG_MAPS, 5)
    with pytest.raises(TooOld):
        partition.entries_at(CONFIG_MAPS.storage_prefix, "", 4)
    with pytest.raises(TooOld):
        partition.watch(Watcher(Selection(CONFIG_MAPS, CONFIG_MAPS.storage_prefix), None, lambda: None), 4)


def test_an_event_is_encoded_once_for_all_watchers():
    partition = Partition(CONFIG_MAPS, 1)
    watchers = [Watcher(Selection(CONFIG_MAPS, CONFIG_MAPS.storage_prefix), None, lambda: None) for _ in range(3)]
    for watcher in watchers:
        partition.watch(watcher, 1)
    partition.apply(CONFIG_MAPS.key("default", "a"), stored("a", {}, "1"), 2, None)
    assert all(watcher.frames[0] is watchers[0].frames[0] for watcher in watchers)


def test_a_watcher_that_does_not_read_is_cut_off(monkeypatch):
    monkeypatch.setattr("kajitori.apiserver.cache.audience.MAX_BEHIND", 3)
    partition = Partition(CONFIG_MAPS, 1)
    slow = Watcher(Selection(CONFIG_MAPS, CONFIG_MAPS.storage_prefix), None, lambda: None)
    partition.watch(slow, 1)
    play(partition, [("a", "set", False, number) for number in range(3)], 1)
    assert not slow.cut_off
    play(partition, [("a", "set", False, 9)], 4)
    assert slow.cut_off


def test_the_past_of_large_objects_is_shorter_but_never_nothing(monkeypatch):
    monkeypatch.setattr("kajitori.apiserver.cache.partition.MIN_HISTORY", 10)
    monkeypatch.setattr("kajitori.apiserver.cache.partition.HISTORY_BYTES", 20_000)
    partition = Partition(CONFIG_MAPS, 1)
    key = CONFIG_MAPS.key("default", "a")

    def oldest_after(size: int) -> int:
        """How far back a read may go after fifty updates of an object of this size."""
        start = partition.revision
        for revision in range(start + 1, start + 51):
            partition.apply(key, stored("a", {}, "x" * size), revision, None)
        kept = 0
        while True:
            try:
                partition.entries_at(key, "", partition.revision - kept)
            except TooOld:
                return kept - 1
            kept += 1

    assert oldest_after(900) in range(15, 23)
    assert oldest_after(9_000) == 10
