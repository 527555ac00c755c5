"""Deletions: preconditions, finalizers, options, collections."""

import pytest

pytestmark = pytest.mark.integration


def test_deletion_preconditions(api, place, make):
    path = place("configmaps", "x")
    live = api.post(place("configmaps"), make.config_map("x")).ok()
    uid, version = live["metadata"]["uid"], live["metadata"]["resourceVersion"]
    answer = api.delete(path, {"preconditions": {"uid": "other"}})
    answer.fails(
        409,
        "Conflict",
        'Operation cannot be fulfilled on ConfigMap "x": the UID in the precondition (other) does not match '
        f"the UID in record ({uid}). The object might have been deleted and then recreated",
    )
    answer = api.delete(path, {"preconditions": {"resourceVersion": "1"}})
    answer.fails(
        409,
        "Conflict",
        'Operation cannot be fulfilled on ConfigMap "x": the ResourceVersion in the precondition (1) does not match '
        f"the ResourceVersion in record ({version}). The object might have been modified",
    )
    found = api.delete(path, {"preconditions": {"uid": uid, "resourceVersion": version}}).ok()
    assert found == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {"name": "x", "kind": "configmaps", "uid": uid},
    }


def test_finalizers_hold_an_object_until_the_last_is_gone(api, place, make):
    path = place("configmaps", "x")
    api.post(place("configmaps"), make.config_map("x", finalizers=["example.com/a", "example.com/b"])).ok()
    found = api.delete(path).ok()
    assert found["metadata"]["deletionTimestamp"]
    assert found["metadata"]["deletionGracePeriodSeconds"] == 0
    answer = api.patch(path, {"metadata": {"finalizers": ["example.com/a", "example.com/b", "example.com/c"]}})
    answer.fails(
        422,
        "Invalid",
        'ConfigMap "x" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is '
        'being deleted, found new finalizers []string{"example.com/c"}',
    )
    assert api.patch(path, {"metadata": {"finalizers": ["example.com/b"]}}).ok()["metadata"]["finalizers"]
    api.patch(path, {"metadata": {"finalizers": []}}).ok()
    api.get(path).fails(404)


def test_delete_options_that_contradict_each_other(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    answer = api.delete(place("configmaps", "x"), {"propagationPolicy": "Sideways"})
    answer.fails(
        422,
        "Invalid",
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: '
        '"Foreground", "Background", "Orphan", "nil"',
    )
    answer = api.delete(place("configmaps", "x"), {"propagationPolicy": "Orphan", "orphanDependents": True})
    answer.fails(
        422,
        "Invalid",
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": '
        "orphanDependents and deletionPropagation cannot be both set",
    )


def test_delete_collection_takes_what_is_selected(api, place, make):
    for name, label in (("a", "x"), ("b", "x"), ("c", "y")):
        api.post(place("configmaps"), make.config_map(name, labels={"l": label})).ok()
    api.delete(place("configmaps"), labelSelector="l=x").ok()
    assert [o["metadata"]["name"] for o in api.get(place("configmaps")).ok()["items"]] == ["c"]
    api.delete(place("configmaps")).ok()
    assert api.get(place("configmaps")).ok()["items"] == []


NO_POD_HERE = (
    'no kind "Pod" is registered for version "v1" in scheme '
    '"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"'
)


def test_a_deletion_takes_delete_options_only(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    answer = api.delete(place("configmaps", "x"), {"kind": "Pod", "apiVersion": "v1"})
    answer.fails(400, "BadRequest", NO_POD_HERE)
    api.get(place("configmaps", "x")).ok()


@pytest.mark.parametrize(
    ("options", "warns"), [({}, True), ({"propagationPolicy": "Background"}, False)], ids=["unsaid", "said"]
)
def test_deleting_a_job_without_a_word_about_its_pods_warns_that_they_stay(api, place, options, warns):
    spec = {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}}
    api.post(place("batch/v1/jobs"), {"metadata": {"name": "j"}, "spec": spec}).ok()
    told = api.delete(place("batch/v1/jobs", "j"), options).warnings
    assert any("child pods are preserved by default when jobs are deleted" in warning for warning in told) is warns
    assert (api.get(place("batch/v1/jobs", "j")).status == 200) is warns
