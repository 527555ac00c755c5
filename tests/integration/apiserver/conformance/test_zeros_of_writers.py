"""Zeros that clients write: who owns them, and what becomes of them on each way into the server."""

import pytest

pytestmark = pytest.mark.integration


def owned(obj, manager):
    (found,) = (entry["fieldsV1"] for entry in obj["metadata"]["managedFields"] if entry["manager"] == manager)
    return found


def pod(**spec):
    containers = [{"name": "c", "image": "i:1"}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": containers, **spec}}


def test_who_creates_an_object_owns_no_zero_that_says_nothing(api, place):
    made = api.post(place("pods"), pod(hostNetwork=False, terminationGracePeriodSeconds=0), fieldManager="one").ok()
    assert "hostNetwork" not in made["spec"]
    assert made["spec"]["terminationGracePeriodSeconds"] == 0
    fields = owned(made, "one")["f:spec"]
    assert "f:terminationGracePeriodSeconds" in fields
    assert "f:hostNetwork" not in fields


def test_who_applies_a_zero_owns_it_though_it_is_not_there(api, place):
    applied = api.apply(place("pods", "x"), pod(hostNetwork=False)).ok()
    assert "hostNetwork" not in applied["spec"]
    assert "f:hostNetwork" in owned(applied, "one")["f:spec"]
    again = api.apply(place("pods", "x"), pod(hostNetwork=False)).ok()
    assert again["metadata"] == applied["metadata"]


PATCHES = {
    "application/merge-patch+json": {"spec": {"hostPID": False, "nodeSelector": {}}},
    "application/strategic-merge-patch+json": {"spec": {"hostPID": False, "tolerations": []}},
    "application/json-patch+json": [{"op": "add", "path": "/spec/hostPID", "value": False}],
}


@pytest.mark.parametrize("kind", PATCHES)
def test_a_patch_that_adds_zeros_changes_nothing(api, place, kind):
    api.post(place("pods"), pod()).ok()
    before = api.get(place("pods", "x")).ok()
    assert api.patch(place("pods", "x"), PATCHES[kind], kind).ok() == before


def test_an_update_that_adds_zeros_changes_nothing(api, place):
    made = api.post(place("pods"), pod()).ok()
    made["spec"] |= {"hostIPC": False, "hostAliases": [], "subdomain": ""}
    api.put(place("pods", "x"), made).ok()
    after = api.get(place("pods", "x")).ok()
    assert after["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


def test_what_is_asked_and_not_stored_comes_back_without_its_zeros_too(api):
    attributes = {"verb": "get", "resource": "pods", "namespace": "", "name": "", "group": ""}
    review = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1"}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = api.post(path, review | {"spec": {"resourceAttributes": attributes}}).ok()
    assert answer["spec"] == {"resourceAttributes": {"verb": "get", "resource": "pods"}}
