"""ResourceQuotas and LimitRanges: found across namespaces, patched, deleted together; a quota's status against its spec."""

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration
JSON_PATCH = "application/json-patch+json"


def test_a_quota_is_found_patched_and_deleted_with_its_like(api, place):
    name = {"metadata": {"name": "e2e", "labels": {place.name: "e2e"}}}
    made = api.post(place("resourcequotas"), {**name, "spec": {"hard": {"cpu": "1", "memory": "500Mi"}}}).ok()
    assert made["spec"]["hard"] == {"cpu": "1", "memory": "500Mi"}
    found = api.get("/api/v1/resourcequotas", labelSelector=f"{place.name}=e2e").ok()
    assert [item["metadata"]["name"] for item in found["items"]] == ["e2e"]
    patch = {"metadata": {"labels": {"patched": "true"}}, "spec": {"hard": {"memory": "750Mi"}}}
    patched = api.patch(place("resourcequotas", "e2e"), patch, "application/strategic-merge-patch+json").ok()
    assert (patched["metadata"]["labels"]["patched"], patched["spec"]["hard"]["memory"]) == ("true", "750Mi")
    api.delete(place("resourcequotas"), labelSelector=f"{place.name}=e2e").ok()
    assert api.get("/api/v1/resourcequotas", labelSelector=f"{place.name}=e2e").ok()["items"] == []


def test_a_quotas_status_follows_its_spec_and_never_leads_it(cluster, room):
    path = room("resourcequotas", "e2e")
    body = {
        "metadata": {"name": "e2e", "labels": {"e2e": room.name}},
        "spec": {"hard": {"cpu": "500m", "memory": "500Mi"}},
    }
    cluster.post(room("resourcequotas"), body).ok()

    def hard(wanted):
        eventually(
            lambda: cluster.get(path).ok()["status"].get("hard"),
            f"the status has {wanted}",
            holds=lambda found: found == wanted,
        )

    hard({"cpu": "500m", "memory": "500Mi"})
    changed = cluster.get(path + "/status").ok()
    changed["status"]["hard"] = {"cpu": "1", "memory": "1Gi"}
    answer = eventually(
        lambda: cluster.put(path + "/status", changed), "it is written", holds=lambda a: a.status == 200
    )
    assert answer.ok()["status"]["hard"] == {"cpu": "1", "memory": "1Gi"}
    hard({"cpu": "500m", "memory": "500Mi"})
    patch = [
        {"op": "add", "path": "/spec/hard/cpu", "value": "1"},
        {"op": "add", "path": "/spec/hard/memory", "value": "1Gi"},
    ]
    assert cluster.patch(path, patch, JSON_PATCH).ok()["spec"]["hard"] == {"cpu": "1", "memory": "1Gi"}
    hard({"cpu": "1", "memory": "1Gi"})
    patch = {
        "metadata": {"labels": {"x": "y"}},
        "spec": {"hard": {"cpu": "9"}},
        "status": {"hard": {"cpu": "2", "memory": "2Gi"}},
    }
    patched = cluster.patch(path + "/status", patch).ok()
    assert patched["status"]["hard"] == {"cpu": "2", "memory": "2Gi"}
    assert patched["spec"]["hard"] == {"cpu": "1", "memory": "1Gi"}
    hard({"cpu": "1", "memory": "1Gi"})


def test_limit_ranges_of_two_namespaces_are_found_and_one_is_deleted_by_label(api, place):
    other = api.post("/api/v1/namespaces", {"metadata": {"generateName": "limits-"}}).ok()["metadata"]["name"]
    spec = {
        "limits": [
            {"type": "Container", "min": {"cpu": "50m"}, "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}}
        ]
    }
    for path in (place("limitranges"), f"/api/v1/namespaces/{other}/limitranges"):
        api.post(path, {"metadata": {"name": "e2e", "labels": {"limits": place.name}}, "spec": spec}).ok()
    listed = api.get("/api/v1/limitranges", labelSelector=f"limits={place.name}").ok()["items"]
    assert {item["metadata"]["namespace"] for item in listed} == {place.name, other}
    patch = {
        "metadata": {"labels": {"patched": "yes"}},
        "spec": {"limits": [{"type": "Container", "min": {"cpu": "25m"}}]},
    }
    patched = api.patch(place("limitranges", "e2e"), patch, "application/strategic-merge-patch+json").ok()
    assert patched["spec"]["limits"][0]["min"] == {"cpu": "25m"}
    api.delete(place("limitranges"), labelSelector="patched=yes").ok()
    listed = api.get("/api/v1/limitranges", labelSelector=f"limits={place.name}").ok()["items"]
    assert [item["metadata"]["namespace"] for item in listed] == [other]
