"""What the watch cache keeps to answer faster says the same as going the long way."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kajitori.api.scheme import builtin
from kajitori.apiserver.cache.entry import Entry, encode_for_storage, with_version
from kajitori.apiserver.cache.partition import Partition
from kajitori.apiserver.cache.rows import make_rows, rows, table
from kajitori.apiserver.cache.selection import Selection
from kajitori.apiserver.serving import tables
from kajitori.machinery.labels import Selector

PODS = builtin().by_plural("", "v1", "pods")
NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


def pod(name: str, labels: dict[str, str], created: datetime = NOW, restarted: datetime | None = None) -> bytes:
    status = {"phase": "Running"}
    if restarted is not None:
        ended = {"terminated": {"exitCode": 1, "finishedAt": restarted.strftime("%Y-%m-%dT%H:%M:%SZ")}}
        status["containerStatuses"] = [{"name": "a", "restartCount": 3, "lastState": ended, "state": {}}]
    meta = {
        "name": name,
        "namespace": "default",
        "labels": labels,
        "creationTimestamp": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "managedFields": [{"manager": "me", "fieldsV1": {"f:metadata": {}}}],
    }
    spec = {"containers": [{"name": "a"}], "nodeName": 'n"1'}
    return encode_for_storage({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status})


def entry(name: str, **more) -> Entry:
    return Entry(PODS.key("default", name), with_version(pod(name, {"a": "b"}, **more), 7), 7)


@settings(deadline=None, max_examples=60)
@given(
    ages=st.lists(st.integers(0, 10**8), min_size=1, max_size=5),
    restarts=st.one_of(st.none(), st.integers(0, 10**6)),
    include=st.sampled_from(["", "Metadata", "None", "Object"]),
)
def test_kept_rows_say_what_rows_made_now_say_at_any_later_time(ages, restarts, include):
    restarted = NOW - timedelta(seconds=restarts) if restarts is not None else None
    entries = [entry(f"p{n}", created=NOW - timedelta(seconds=age), restarted=restarted) for n, age in enumerate(ages)]
    columns = tables.column_definitions(PODS)
    for later in (0, 1, 61, 100_000):
        now = NOW + timedelta(seconds=later)
        kept = b"".join(table(columns, rows(PODS, entries, include, now, "v1"), {"resourceVersion": "9"}, "v1"))
        made = tables.table(PODS, (e.obj() for e in entries), include, now, {"resourceVersion": "9"}, "v1")
        assert orjson.loads(kept) == orjson.loads(made)


PHASES = {"phase": "Running", "podIPs": [{"ip": "10.0.0.7"}], "nominatedNodeName": "n2"}
WAITING = {"name": "i", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 2}
TELLING_PODS = {
    "sidecars and init containers": (
        {"initContainers": [{"name": "s", "restartPolicy": "Always"}, {"name": "i"}], "containers": [{"name": "a"}]},
        {"initContainerStatuses": [{"name": "s", "started": True, "ready": True}, WAITING], **PHASES},
    ),
    "gates": (
        {"readinessGates": [{"conditionType": "x"}, {"conditionType": "y"}], "containers": [{"name": "a"}]},
        {"conditions": [{"type": "x", "status": "True"}, {"type": "PodScheduled", "status": "True"}], **PHASES},
    ),
    "gated": ({}, {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]}),
    "nulls": ({"containers": [{"name": "a"}], "initContainers": None, "readinessGates": None}, None),
    "not of its type": ({"containers": [{"name": "a"}], "nodeName": None}, {"phase": "Pending"}),
}


@pytest.mark.parametrize(("spec", "status"), TELLING_PODS.values(), ids=TELLING_PODS)
def test_a_row_made_from_a_part_of_a_pod_says_what_one_of_the_whole_says(spec, status):
    meta = {"name": "p", "namespace": "default", "creationTimestamp": NOW.strftime("%Y-%m-%dT%H:%M:%SZ")}
    obj = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}
    one = Entry(PODS.key("default", "p"), with_version(encode_for_storage(obj), 7), 7)
    kept = b"".join(table([], rows(PODS, [one], "None", NOW, "v1"), {}, "v1"))
    made = tables.table(PODS, [one.obj()], "None", NOW, {}, "v1")
    assert orjson.loads(kept)["rows"] == orjson.loads(made)["rows"]


def test_a_table_of_nothing_is_whole():
    assert orjson.loads(b"".join(table([], (), {}, "v1")))["rows"] == []


label_sets = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xyz"), max_size=2)
steps = st.lists(st.tuples(st.sampled_from("pqrs"), st.one_of(st.none(), label_sets)), max_size=20)
selectors = st.sampled_from(["a=x", "a in (x,y)", "a=x,b=y", "a,b=z", "a!=x", "!a", "b==z,a notin (x)", "c=x"])


@settings(deadline=None, max_examples=150)
@given(before=steps, after=steps, asked=st.lists(selectors, min_size=1, max_size=4))
def test_a_list_by_label_finds_what_looking_at_all_finds(before, after, asked):
    partition = Partition(PODS, 1)
    revision = 1
    for part in (before, after):
        for name, labels in part:
            revision += 1
            value = None if labels is None else pod(name, labels)
            partition.apply(PODS.key("default", name), value, revision, None)
        for text in asked:
            selection = Selection(PODS, PODS.key("default", ""), Selector.parse(text))
            long_way = [e for e in partition.entries(selection.prefix) if selection.matches(e)]
            assert partition.selected(selection) == long_way
            cut = PODS.key("default", "q")
            assert partition.selected(selection, cut) == [e for e in long_way if e.key > cut]


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_metadata_cut_out_of_an_object_says_what_decoding_it_says(version):
    one = entry("p")
    assert orjson.loads(tables.partial_bytes(one.data, version)) == tables.partial(one.obj(), version)


def test_others_get_their_turn_while_many_rows_are_made(monkeypatch):
    monkeypatch.setattr("kajitori.apiserver.cache.rows.BATCH", 2)
    entries = [entry(f"p{n}") for n in range(5)]
    made_so_far: list[int] = []

    async def scenario() -> None:
        making = asyncio.ensure_future(make_rows(PODS, entries))
        while not making.done():
            made_so_far.append(sum(one.row is not None for one in entries))
            await asyncio.sleep(0)
        await making

    asyncio.run(scenario())
    assert made_so_far == [0, 2, 4]
    assert all(one.row is not None for one in entries)
