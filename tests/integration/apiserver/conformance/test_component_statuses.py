"""ComponentStatuses: a list worked out when it is asked for; the server itself is a part that answers /healthz."""

import asyncio

import pytest

from kajitori.apiserver.registry.componentstatuses import ask_healthz

pytestmark = pytest.mark.integration
LIST = "/api/v1/componentstatuses"


def test_the_control_planes_parts_are_listed_and_have_no_version(api):
    found = api.get(LIST).ok()
    assert (found["kind"], found["metadata"]) == ("ComponentStatusList", {})
    names = [item["metadata"] for item in found["items"]]
    assert names == [{"name": "controller-manager"}, {"name": "scheduler"}, {"name": "etcd-0"}]
    assert found["items"][2]["conditions"] == [{"type": "Healthy", "status": "True", "message": "ok"}]


def test_one_part_can_be_asked_for(api):
    assert api.get(f"{LIST}/etcd-0").ok() == {
        "kind": "ComponentStatus",
        "apiVersion": "v1",
        "metadata": {"name": "etcd-0"},
        "conditions": [{"type": "Healthy", "status": "True", "message": "ok"}],
    }
    missing = api.get(f"{LIST}/nope").fails(404, message="Component not found: nope")
    assert not missing.get("reason")


def test_selectors_choose_among_them(api):
    def names(**query):
        return [item["metadata"]["name"] for item in api.get(LIST, **query).ok()["items"]]

    assert names(fieldSelector="metadata.name=etcd-0") == ["etcd-0"]
    assert names(labelSelector="a=b") == []


def test_they_cannot_be_watched_or_written(api):
    api.get(LIST, watch="true").fails(405, "MethodNotAllowed")
    api.post(LIST, {"metadata": {"name": "x"}}).fails(405, "MethodNotAllowed")


def test_a_part_whose_healthz_is_well_is_healthy_whoever_signed_its_certificate(control_plane):
    assert asyncio.run(ask_healthz(control_plane.port)) == {"status": "True", "message": "ok"}
