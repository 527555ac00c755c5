"""Namespaces: their finalizers, their status, and what goes first when they go."""

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration
FAKE = "e2e.example.com/fake-finalizer"
HELD = "e2e.example.com/finalizer"


def test_finalizers_are_written_at_their_own_endpoint(api):
    name = api.post("/api/v1/namespaces", {"metadata": {"generateName": "finalizer-"}}).ok()["metadata"]["name"]
    path = f"/api/v1/namespaces/{name}"
    found = api.get(path).ok()
    assert found["spec"]["finalizers"] == ["kubernetes"]
    found["spec"]["finalizers"].append(FAKE)
    assert FAKE in api.put(path + "/finalize", found).ok()["spec"]["finalizers"]
    found = api.get(path).ok()
    assert found["spec"]["finalizers"] == ["kubernetes", FAKE]
    api.put(path, {**found, "spec": {}}).ok()
    assert api.get(path).ok()["spec"]["finalizers"] == ["kubernetes", FAKE], "an update leaves them alone"
    found = api.get(path).ok()
    found["spec"]["finalizers"] = ["kubernetes"]
    assert api.put(path + "/finalize", found).ok()["spec"]["finalizers"] == ["kubernetes"]


def test_a_namespace_is_updated_and_patched(api):
    name = api.post("/api/v1/namespaces", {"metadata": {"generateName": "update-"}}).ok()["metadata"]["name"]
    path = f"/api/v1/namespaces/{name}"
    found = api.get(path).ok()
    assert found["status"]["phase"] == "Active"
    found["metadata"]["labels"][name] = "updated"
    assert api.put(path, found).ok()["metadata"]["labels"][name] == "updated"
    patch = {"metadata": {"labels": {"test": "value"}}}
    api.patch(path, patch, "application/strategic-merge-patch+json").ok()
    labels = api.get(path).ok()["metadata"]["labels"]
    assert labels == {name: "updated", "test": "value", "kubernetes.io/metadata.name": name}


def conditions(api, name):
    status = api.get(f"/api/v1/namespaces/{name}").ok()["status"]
    return {c["type"]: (c["status"], c["reason"], c["message"]) for c in status.get("conditions") or ()}


def test_pods_go_before_everything_else(cluster, room, make):
    held = {"finalizers": [HELD]}
    cluster.post(room("pods"), make.pod("held", **held)).ok()
    cluster.post(room("configmaps"), make.config_map("waits", **held)).ok()
    cluster.post(room("services"), {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}).ok()
    cluster.delete(f"/api/v1/namespaces/{room.name}").ok()
    found = eventually(
        lambda: (c := conditions(cluster, room.name)).get("NamespaceContentRemaining", ("",))[0] == "True" and c,
        "the namespace says what is left in it",
    )
    assert found["NamespaceDeletionContentFailure"][0] == "False"
    assert found["NamespaceContentRemaining"] == (
        "True",
        "SomeResourcesRemain",
        "Some resources are remaining: pods. has 1 resource instances",
    )
    assert found["NamespaceFinalizersRemaining"][2] == (
        f"Some content in the namespace has finalizers remaining: {HELD} in 1 resource instances"
    )
    assert cluster.get(room("pods", "held")).ok()["metadata"]["deletionTimestamp"]
    assert "deletionTimestamp" not in cluster.get(room("configmaps", "waits")).ok()["metadata"]
    assert cluster.get(room("services", "s")).status == 200
    cluster.patch(room("pods", "held"), {"metadata": {"finalizers": None}}).ok()
    cluster.delete(room("pods", "held"), {"gracePeriodSeconds": 0})
    eventually(
        lambda: cluster.get(room("configmaps", "waits")).ok()["metadata"].get("deletionTimestamp"),
        "the rest goes once the Pods are gone",
    )
    eventually(lambda: cluster.get(room("services", "s")).status == 404, "the Service is gone")
    cluster.patch(room("configmaps", "waits"), {"metadata": {"finalizers": None}}).ok()
    eventually(lambda: cluster.get(f"/api/v1/namespaces/{room.name}").status == 404, "the namespace is gone")
