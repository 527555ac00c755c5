"""When an entry of managedFields gets a new time, which entries become one, and which that a client sends count."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from kajitori.api import schema
from kajitori.machinery import managedfields
from kajitori.machinery.managedfields import entries
from kajitori.machinery.typeschema import from_structural

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CONFIG_MAP = schema.for_kind("", "v1", "ConfigMap")
OBJECT_META = schema.type_schema("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
BLANK = {"metadata": {}}
apply = partial(managedfields.apply, schema=CONFIG_MAP, blank=BLANK, api_version="v1")
create = partial(managedfields.create, schema=CONFIG_MAP, blank=BLANK, api_version="v1")
update = partial(managedfields.update, schema=CONFIG_MAP, api_version="v1")


def config_map(**data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": data}


def times(obj):
    return {entry["manager"]: entry.get("time") for entry in obj["metadata"].get("managedFields", ())}


def at(seconds):
    return NOW + timedelta(seconds=seconds)


def test_who_claims_what_is_there_already_notes_no_time_and_stands_first():
    made = apply(None, config_map(a="1"), "one", now=at(0))
    shared = apply(made, config_map(a="1"), "two", now=at(5))
    assert [entry["manager"] for entry in shared["metadata"]["managedFields"]] == ["two", "one"]
    assert times(shared) == {"one": "2026-01-02T03:04:05Z", "two": None}


def test_a_claim_that_grows_without_a_change_keeps_its_time():
    made = apply(None, config_map(a="1", b="2"), "one", now=at(0))
    smaller = apply(made, config_map(a="1"), "two", now=at(1))
    grown = apply(smaller, config_map(a="1", b="2"), "two", now=at(2))
    assert times(grown)["two"] is None


def test_a_change_of_a_field_that_one_owns_moves_the_time():
    made = config_map(a="1")
    create(made, "one", now=at(0))
    changed = {**config_map(a="2"), "metadata": {"name": "x"}}
    update(made, changed, "one", now=at(5))
    assert times(changed) == {"one": "2026-01-02T03:04:10Z"}


def test_a_removal_alone_does_not():
    made = config_map(a="1", b="2")
    create(made, "one", now=at(0))
    changed = config_map(a="1")
    update(made, changed, "one", now=at(5))
    assert times(changed) == {"one": "2026-01-02T03:04:05Z"}


def test_what_nobody_was_tracked_for_has_the_time_of_the_first_apply():
    applied = apply(config_map(a="1"), config_map(b="2"), "one", now=at(7))
    assert times(applied)["before-first-apply"] == "2026-01-02T03:04:12Z"


def test_the_oldest_of_more_than_ten_updaters_become_one_by_time_and_name():
    obj = config_map(k0="0")
    create(obj, "m00", now=NOW)
    for number in range(1, 12):
        data = {**obj["data"], f"k{number}": "x"}
        changed = config_map(**data)
        update(obj, changed, f"m{number:02d}", now=NOW)
        obj = changed
    assert [entry["manager"] for entry in obj["metadata"]["managedFields"]] == [
        "ancient-changes",
        *(f"m{number:02d}" for number in range(3, 12)),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {"operation": "Bad"},
        {"fieldsType": "FieldsV2"},
        {"fieldsV1": {"q:spec": {}}},
        {"fieldsV1": "x"},
    ],
)
def test_one_broken_entry_spoils_what_a_client_sends(broken):
    whole = {"manager": "m", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {}}}
    assert entries.are_whole([whole])
    assert not entries.are_whole([whole, {**whole, **broken}])


@pytest.mark.parametrize(("sent", "left"), [([{}], 0), ([], 0), (None, 1), ([{}, {}], 1)])
def test_what_clears_the_entries_of_a_kind_of_upstreams_own(sent, left):
    made = config_map(a="1")
    create(made, "one", now=NOW)
    changed = config_map(a="1")
    if sent is not None:
        changed["metadata"]["managedFields"] = sent
    update(made, changed, "one", now=NOW)
    assert len(changed["metadata"].get("managedFields", ())) == left


def test_a_creation_is_tracked_whatever_is_sent():
    made = config_map(a="1")
    made["metadata"]["managedFields"] = [{}]
    create(made, "one", now=NOW)
    assert times(made) == {"one": "2026-01-02T03:04:05Z"}


SPEC = {"type": "object", "properties": {"word": {"type": "string"}, "names": {"type": "array"}}}
SPEC["properties"]["names"] |= {"items": {"type": "string"}, "x-kubernetes-list-type": "set"}


def test_a_custom_resources_spec_is_nobodys_before_somebody_sets_it():
    widget = from_structural({"type": "object", "properties": {"spec": SPEC}}, OBJECT_META)
    made = {"apiVersion": "e/v1", "kind": "Widget", "metadata": {"name": "x"}, "spec": {"word": "a"}}
    managedfields.create(made, "one", schema=widget, blank=BLANK, api_version="e/v1", now=NOW)
    assert made["metadata"]["managedFields"][0]["fieldsV1"] == {"f:spec": {".": {}, "f:word": {}}}


def test_a_configuration_that_names_nothing_owns_nothing():
    widget = from_structural({"type": "object", "properties": {"spec": SPEC}}, OBJECT_META)
    config = {"apiVersion": "e/v1", "kind": "Widget", "metadata": {"name": "x"}, "spec": {"names": []}}
    made = managedfields.apply(None, config, "one", schema=widget, blank=BLANK, api_version="e/v1", now=NOW)
    assert "managedFields" not in made["metadata"]


def test_an_owner_reference_is_one_field():
    made = config_map()
    made["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}]
    create(made, "one", now=NOW)
    fields = made["metadata"]["managedFields"][0]["fieldsV1"]
    assert fields["f:metadata"]["f:ownerReferences"] == {".": {}, 'k:{"uid":"u"}': {}}
