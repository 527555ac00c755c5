"""Who is told of a change: exactly those who asked for it, and nobody else is even asked."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kajitori.api.scheme import builtin
from kajitori.apiserver.cache.audience import Watcher
from kajitori.apiserver.cache.entry import Entry, encode_for_storage
from kajitori.apiserver.cache.partition import Partition
from kajitori.apiserver.cache.selection import Selection
from kajitori.machinery.fieldselector import FieldSelector
from kajitori.machinery.labels import Selector

PODS = builtin().by_plural("", "v1", "pods")
NODES = builtin().by_plural("", "v1", "nodes")
assert PODS is not None and NODES is not None


def pod(name: str, node: str, app: str) -> bytes:
    meta = {"name": name, "namespace": "default", "labels": {"app": app}}
    return encode_for_storage({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"nodeName": node}})


def watcher(prefix: str = PODS.storage_prefix, labels: str = "", fields: str = "") -> Watcher:
    by_label, by_field = Selector.parse(labels) if labels else None, FieldSelector.parse(fields) if fields else None
    return Watcher(Selection(PODS, prefix, by_label, by_field), None, lambda: None)


def told(watcher: Watcher) -> list[tuple[str, str]]:
    events = [orjson.loads(frame) for frame in watcher.frames]
    return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


WATCHES: dict[str, dict[str, Any]] = {
    "all": {},
    "a namespace": {"prefix": PODS.key("default", "")},
    "another namespace": {"prefix": PODS.key("other", "")},
    "by label": {"labels": "app=x"},
    "by name": {"fields": "metadata.name=p"},
    "a node's": {"fields": "spec.nodeName=n1"},
    "waiting": {"fields": "spec.nodeName="},
    "not waiting": {"fields": "spec.nodeName!="},
    "a node's, by label": {"fields": "spec.nodeName=n1", "labels": "app=x"},
    "a node's, by name": {"fields": "spec.nodeName=n1,metadata.name=q"},
    "a node's in another namespace": {"prefix": PODS.key("other", ""), "fields": "spec.nodeName=n1"},
}
steps = st.lists(
    st.tuples(
        st.sampled_from("pq"), st.one_of(st.none(), st.tuples(st.sampled_from(["", "n1", "n2"]), st.sampled_from("xy")))
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=150)
@given(steps=steps)
def test_each_watcher_hears_what_it_would_if_it_were_asked_about_everything(steps):
    partition, asked = Partition(PODS, 1), {name: watcher(**how) for name, how in WATCHES.items()}
    indexed = {name: watcher(**how) for name, how in WATCHES.items()}
    for one in indexed.values():
        partition.watch(one, 1)
    partition.listeners.append(lambda change: [one.offer(change) for one in asked.values()])
    for revision, (name, version) in enumerate(steps, 2):
        value = pod(name, *version) if version is not None else None
        partition.apply(PODS.key("default", name), value, revision, None)
    assert {name: told(one) for name, one in indexed.items()} == {name: told(one) for name, one in asked.items()}
    for one in indexed.values():
        partition.unwatch(one)
    assert partition.watcher_count == 0


def test_a_change_is_compared_for_those_alone_whom_it_may_concern(monkeypatch):
    partition = Partition(PODS, 1)
    watchers = [watcher(fields=f"spec.nodeName=n{number}") for number in range(100)]
    for one in watchers:
        partition.watch(one, 1)
    compared = []
    matches = Selection.matches
    monkeypatch.setattr(
        Selection, "matches", lambda self, entry: compared.append(self) or matches(self, entry), raising=True
    )
    partition.apply(PODS.key("default", "p"), pod("p", "n7", "x"), 2, None)
    partition.apply(PODS.key("default", "p"), pod("p", "n8", "x"), 3, None)
    assert [told(one) for one in watchers[7:9]] == [[("ADDED", "p"), ("DELETED", "p")], [("ADDED", "p")]]
    assert {id(selection) for selection in compared} == {id(one.selection) for one in watchers[7:9]}


@pytest.mark.parametrize("how", WATCHES.values(), ids=WATCHES)
def test_who_has_left_is_told_nothing_and_may_leave_again(how):
    partition, one, other = Partition(PODS, 1), watcher(**how), watcher(**how)
    for each in (one, other):
        partition.watch(each, 1)
    partition.unwatch(one)
    partition.unwatch(one)
    assert partition.watcher_count == 1
    partition.apply(PODS.key("default", "p"), pod("p", "n1", "x"), 2, None)
    assert told(one) == []


def test_objects_outside_of_namespaces_are_told_once():
    partition = Partition(NODES, 1)
    one = Watcher(Selection(NODES, NODES.storage_prefix), None, lambda: None)
    partition.watch(one, 1)
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
    partition.apply(NODES.key("", "n"), encode_for_storage(node), 2, None)
    assert told(one) == [("ADDED", "n")]
    assert isinstance(partition.get(NODES.key("", "n")), Entry)
