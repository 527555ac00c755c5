"""Events of both groups, Services, Endpoints and Nodes from their creation to the end of their collection."""

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration
STRATEGIC = "application/strategic-merge-patch+json"


def core_event(place, name, **labels):
    return {
        "metadata": {"name": name, "labels": labels},
        "message": "This is a test event",
        "reason": "Test",
        "type": "Normal",
        "count": 1,
        "involvedObject": {"namespace": place.name},
    }


def test_an_event_is_found_patched_updated_with_a_series_and_deleted(api, place):
    api.post(place("events"), core_event(place, "event-test", testing=place.name)).ok()
    found = api.get("/api/v1/events", labelSelector=f"testing={place.name}").ok()["items"]
    assert [(item["metadata"]["name"], item["metadata"]["namespace"]) for item in found] == [("event-test", place.name)]
    patched = api.patch(place("events", "event-test"), {"message": "This is a test event - patched"}, STRATEGIC).ok()
    assert patched["message"] == "This is a test event - patched"
    patched["series"] = {"count": 100, "lastObservedTime": "2026-01-02T03:04:05.000000Z"}
    assert api.put(place("events", "event-test"), patched).ok()["series"] == patched["series"]
    api.delete(place("events", "event-test")).ok()
    assert api.get("/api/v1/events", labelSelector=f"testing={place.name}").ok()["items"] == []


def test_an_event_of_the_new_group_is_seen_in_every_namespace_and_by_its_fields(api, place):
    path = place("events.k8s.io/v1/events")
    body = {
        "metadata": {"name": "event-test", "labels": {"testevent": place.name}},
        "regarding": {"kind": "Pod", "name": "p", "namespace": place.name},
        "reason": "Because",
        "note": "note",
        "type": "Normal",
        "action": "Do",
        "reportingController": "test-controller",
        "reportingInstance": "test-node",
        "eventTime": "2026-01-02T03:04:05.000000Z",
        "series": {"count": 2, "lastObservedTime": "2026-01-02T03:04:05.000006Z"},
    }
    api.post(path, body).ok()
    assert len(api.get("/apis/events.k8s.io/v1/events", labelSelector=f"testevent={place.name}").ok()["items"]) == 1
    found = api.get(path, fieldSelector="reportingController=test-controller").ok()["items"]
    assert [item["metadata"]["name"] for item in found] == ["event-test"]
    series = {"count": 3, "lastObservedTime": "2027-01-02T03:04:05.123456Z"}
    patched = api.patch(path + "/event-test", {"series": series}, STRATEGIC).ok()
    assert patched["series"] == series
    for fixed in ({"reason": "Other"}, {"note": "other"}, {"action": "Other"}, {"type": "Warning"}):
        api.patch(path + "/event-test", fixed, STRATEGIC).fails(422, "Invalid")
    for number in range(3):
        body["metadata"] = {"name": f"set-{number}", "labels": {"testevent-set": "true"}}
        api.post(path, body).ok()
    api.delete(path, labelSelector="testevent-set=true").ok()
    assert [item["metadata"]["name"] for item in api.get(path).ok()["items"]] == ["event-test"]


def test_services_are_deleted_by_label_and_the_others_stay(api, place):
    for name, color in (("one", "red"), ("two", "red"), ("three", "blue")):
        spec = {"ports": [{"name": "http", "port": 80, "targetPort": 80}]}
        api.post(place("services"), {"metadata": {"name": name, "labels": {"color": color}}, "spec": spec}).ok()
    assert len(api.get(place("services")).ok()["items"]) == 3
    api.delete(place("services"), labelSelector="color=red").ok()
    assert [item["metadata"]["name"] for item in api.get(place("services")).ok()["items"]] == ["three"]
    assert "kubernetes" in {item["metadata"]["name"] for item in api.get("/api/v1/services").ok()["items"]}


def test_endpoints_are_updated_patched_and_deleted_by_label(api, place):
    subset = {"addresses": [{"ip": "10.0.0.24"}], "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}
    answer = api.post(place("endpoints"), {"metadata": {"name": "e", "labels": {"t": "static"}}, "subsets": [subset]})
    assert answer.warnings == ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    found = answer.ok()
    found["metadata"]["labels"]["updated"] = "yes"
    api.put(place("endpoints", "e"), found).ok()
    other = {"addresses": [{"ip": "10.0.0.25"}], "ports": [{"name": "http-test", "port": 8080, "protocol": "TCP"}]}
    patch = {"metadata": {"labels": {"patched": "yes"}}, "subsets": [other]}
    patched = api.patch(place("endpoints", "e"), patch, STRATEGIC).ok()
    assert patched["subsets"] == [other]
    api.delete(place("endpoints"), labelSelector="t=static").ok()
    assert api.get(place("endpoints")).ok()["items"] == []


def test_a_node_is_labelled_listed_and_deleted(api, place):
    nodes, name = "/api/v1/nodes", f"fake-{place.name}"
    body = {"metadata": {"name": name}, "spec": {"unschedulable": True}, "status": {"phase": "Running"}}
    made = api.post(nodes, body).ok()
    assert {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"} in made["spec"]["taints"]
    patched = api.patch(f"{nodes}/{name}", {"metadata": {"labels": {name: "patched"}}}, STRATEGIC).ok()
    assert patched["metadata"]["labels"][name] == "patched"
    assert len(api.get(nodes, labelSelector=f"{name}=patched").ok()["items"]) == 1
    current = api.get(f"{nodes}/{name}").ok()
    current["metadata"]["labels"][name] = "updated"
    api.put(f"{nodes}/{name}", current).ok()
    api.delete(nodes, labelSelector=f"{name}=updated").ok()
    api.get(f"{nodes}/{name}").fails(404, "NotFound")


def test_the_default_range_of_services_is_back_when_it_was_deleted(api):
    path = "/apis/networking.k8s.io/v1/servicecidrs/kubernetes"
    before = api.get(path).ok()
    api.delete(path).ok()

    def again():
        answer = api.get(path)
        return answer.status == 200 and answer.obj["status"].get("conditions") and answer.obj

    after = eventually(again, "the range is back and ready")
    assert after["spec"] == before["spec"] and after["metadata"]["uid"] != before["metadata"]["uid"]
