"""Ordinary writes: who changes a field owns it."""

import copy
from datetime import UTC, datetime, timedelta
from functools import partial

from kajitori.api import schema, zeros
from kajitori.machinery import managedfields

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
BLANK = zeros.blank_of("io.k8s.api.core.v1.Pod")
create = partial(managedfields.create, schema=schema.for_kind("", "v1", "Pod"), blank=BLANK, api_version="v1", now=NOW)
update = partial(managedfields.update, schema=schema.for_kind("", "v1", "Pod"), api_version="v1", now=NOW)


def pod():
    ports = [{"containerPort": 80, "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "default", "uid": "1", "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": "nginx", "ports": ports, "resources": {}}]},
    }


def created():
    obj = pod()
    create(obj, "kubectl-create")
    return obj


def entries(obj):
    return {(e["manager"], e.get("subresource", "")): e for e in obj["metadata"].get("managedFields", [])}


def test_creator_owns_what_it_set_in_upstreams_shape():
    assert entries(created())["kubectl-create", ""]["fieldsV1"] == {
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
        "f:spec": {
            "f:containers": {
                'k:{"name":"c"}': {
                    ".": {},
                    "f:image": {},
                    "f:name": {},
                    "f:ports": {
                        ".": {},
                        'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}, "f:protocol": {}},
                    },
                    "f:resources": {},
                }
            }
        },
    }


def test_what_an_object_has_before_anybody_sets_it_is_nobodys():
    event = {"metadata": {"name": "e"}, "reportingComponent": "", "firstTimestamp": None, "source": {"host": "h"}}
    blank = zeros.blank_of("io.k8s.api.core.v1.Event")
    managedfields.create(
        event, "one", blank=blank, schema=schema.for_kind("", "v1", "Event"), api_version="v1", now=NOW
    )
    assert entries(event)["one", ""]["fieldsV1"] == {"f:source": {"f:host": {}}}


def test_what_comes_with_a_struct_that_was_not_there_is_owned_whole():
    rc = {"metadata": {}, "spec": {"template": {"metadata": {"labels": {"a": "b"}}, "spec": {"hostNetwork": True}}}}
    kind = schema.for_kind("", "v1", "ReplicationController")
    blank = zeros.blank_of("io.k8s.api.core.v1.ReplicationController")
    managedfields.create(rc, "one", blank=blank, schema=kind, api_version="v1", now=NOW)
    template = {
        ".": {},
        "f:metadata": {".": {}, "f:labels": {".": {}, "f:a": {}}},
        "f:spec": {".": {}, "f:hostNetwork": {}},
    }
    assert entries(rc)["one", ""]["fieldsV1"] == {"f:spec": {"f:template": template}}


def test_a_pull_secret_without_a_name_has_the_empty_one():
    secrets = [{}]
    made = pod()
    made["spec"]["imagePullSecrets"] = secrets
    create(made, "one")
    assert entries(made)["one", ""]["fieldsV1"]["f:spec"]["f:imagePullSecrets"] == {".": {}, 'k:{"name":""}': {}}


def test_changed_field_moves_to_who_changed_it():
    live = created()
    new = copy.deepcopy(live)
    new["spec"]["containers"][0]["image"] = "redis"
    update(live, new, "kubectl-edit", now=LATER)
    found = entries(new)
    item = 'k:{"name":"c"}'
    assert found["kubectl-edit", ""]["fieldsV1"] == {"f:spec": {"f:containers": {item: {"f:image": {}}}}}
    assert "f:image" not in found["kubectl-create", ""]["fieldsV1"]["f:spec"]["f:containers"][item]
    assert found["kubectl-create", ""]["time"] == "2026-01-02T03:04:05Z"


def test_status_is_owned_under_its_subresource():
    live = created() | {"status": {}}
    new = copy.deepcopy(live)
    new["status"] = {"conditions": [{"type": "Ready", "status": "True"}]}
    update(live, new, "kubelet", subresource="status")
    assert entries(new)["kubelet", "status"]["fieldsV1"]["f:status"] == {
        "f:conditions": {".": {}, 'k:{"type":"Ready"}': {".": {}, "f:status": {}, "f:type": {}}}
    }


def test_removed_field_belongs_to_nobody():
    live = created()
    new = copy.deepcopy(live)
    del new["metadata"]["labels"]
    update(live, new, "other")
    assert entries(new)
    assert all("f:metadata" not in entry["fieldsV1"] for entry in entries(new).values())


def test_write_that_changes_nothing_keeps_entries_and_times():
    live = created()
    new = copy.deepcopy(live)
    update(live, new, "kubectl-create", now=LATER)
    assert new == live


def test_client_that_sends_no_managed_fields_keeps_them():
    live = created()
    new = copy.deepcopy(live)
    del new["metadata"]["managedFields"]
    update(live, new, "other")
    assert new["metadata"]["managedFields"] == live["metadata"]["managedFields"]


def test_single_empty_entry_clears_and_tracking_stays_off():
    live = created()
    new = copy.deepcopy(live)
    new["metadata"]["managedFields"] = [{}]
    update(live, new, "other")
    assert "managedFields" not in new["metadata"]
    newer = copy.deepcopy(new)
    newer["spec"]["nodeName"] = "n"
    update(new, newer, "other")
    assert "managedFields" not in newer["metadata"]


def test_many_updaters_are_merged_into_one_ancient_one():
    live = created()
    for number in range(20):
        new = copy.deepcopy(live)
        new["metadata"]["labels"][f"l{number}"] = "x"
        update(live, new, f"m{number}", now=NOW + timedelta(seconds=number))
        live = new
    managers = [manager for manager, _ in entries(live)]
    assert len(managers) == 10
    assert "ancient-changes" in managers
