"""Server-side apply: who owns which field, conflicts in upstream's words, and how ownership moves."""

import pytest

pytestmark = pytest.mark.integration


def managers(obj):
    return [
        (entry["manager"], entry["operation"], entry.get("subresource", ""))
        for entry in obj["metadata"]["managedFields"]
    ]


def fields(obj, manager, subresource=""):
    found = [
        entry["fieldsV1"]
        for entry in obj["metadata"]["managedFields"]
        if entry["manager"] == manager and entry.get("subresource", "") == subresource
    ]
    assert len(found) == 1, managers(obj)
    return found[0]


def config(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}} | ({"data": data} if data else {})


@pytest.fixture
def deployment(make):
    return make.workload("Deployment", "web", replicas=3)


def test_apply_creates_what_is_missing_and_says_so(api, place):
    answer = api.apply(place("configmaps", "x"), config("x", a="b"))
    assert answer.status == 201
    assert managers(answer.obj) == [("one", "Apply", "")]
    assert fields(answer.obj, "one") == {"f:data": {"f:a": {}}}
    assert api.apply(place("configmaps", "x"), config("x", a="b")).status == 200


def test_the_same_configuration_again_changes_nothing(api, place):
    first = api.apply(place("configmaps", "x"), config("x", a="b")).ok()
    again = api.apply(place("configmaps", "x"), config("x", a="b")).ok()
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_apply_as_yaml(api, place):
    body = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: b\n"
    assert api.apply(place("configmaps", "x"), body).ok()["data"] == {"a": "b"}


def test_what_another_manager_set_is_a_conflict_told_in_full(api, place, deployment):
    api.apply(place("apps/v1/deployments", "web"), deployment, "apply_test").ok()
    api.patch(place("apps/v1/deployments", "web"), {"spec": {"replicas": 5}}, fieldManager="other").ok()
    status = api.apply(place("apps/v1/deployments", "web"), deployment, "apply_test").fails(409, "Conflict")
    assert status["message"] == 'Apply failed with 1 conflict: conflict with "other" using apps/v1: .spec.replicas'
    assert status["details"]["causes"] == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "other" using apps/v1',
            "field": ".spec.replicas",
        }
    ]


def test_several_conflicts_are_listed_by_manager(api, place):
    path = place("configmaps", "x")
    api.apply(path, config("x", a="1", b="1", c="1"), "one").ok()
    api.apply(path, config("x", b="2"), "two", force="true").ok()
    status = api.apply(path, config("x", a="3", b="3"), "three").fails(409, "Conflict")
    assert status["message"] == (
        'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\nconflicts with "two":\n- .data.b'
    )


def test_force_takes_the_fields_over(api, place):
    path = place("configmaps", "x")
    api.apply(path, config("x", a="1"), "one").ok()
    found = api.apply(path, config("x", a="2"), "two", force="true").ok()
    assert found["data"] == {"a": "2"}
    assert managers(found) == [("two", "Apply", "")]


def test_equal_values_are_shared_and_stay_until_the_last_owner_lets_go(api, place):
    path = place("configmaps", "x")
    api.apply(path, config("x", a="1", b="1"), "one").ok()
    api.apply(path, config("x", a="1"), "two").ok()
    found = api.apply(path, config("x", b="1"), "one").ok()
    assert found["data"] == {"a": "1", "b": "1"}
    found = api.apply(path, config("x"), "two").ok()
    assert found["data"] == {"b": "1"}
    assert managers(found) == [("one", "Apply", "")]


def test_ownership_passes_on_by_leaving_the_field_out(api, place, deployment):
    path = place("apps/v1/deployments", "web")
    api.apply(path, deployment, "owner").ok()
    api.apply(path, {**slim(deployment), "spec": {"replicas": 3}}, "autoscaler").ok()
    del deployment["spec"]["replicas"]
    assert api.apply(path, deployment, "owner").ok()["spec"]["replicas"] == 3
    assert api.apply(path, {**slim(deployment), "spec": {"replicas": 7}}, "autoscaler").ok()["spec"]["replicas"] == 7


def slim(obj):
    return {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": {"name": obj["metadata"]["name"]}}


def test_a_removed_field_gets_its_default_again(api, place, deployment):
    path = place("apps/v1/deployments", "web")
    api.apply(path, deployment, "owner").ok()
    del deployment["spec"]["replicas"]
    found = api.apply(path, deployment, "owner").ok()
    assert found["spec"]["replicas"] == 1


def test_list_items_are_merged_by_their_keys(api, place, deployment):
    path = place("apps/v1/deployments", "web")
    api.apply(path, deployment, "one").ok()
    second = slim(deployment)
    second["spec"] = {"template": {"spec": {"containers": [{"name": "sidecar", "image": "s:1"}]}}}
    found = api.apply(path, second, "two").ok()
    assert [c["name"] for c in found["spec"]["template"]["spec"]["containers"]] == ["c", "sidecar"]
    found = api.apply(path, deployment, "one").ok()
    assert len(found["spec"]["template"]["spec"]["containers"]) == 2
    second["spec"] = {}
    found = api.apply(path, second, "two").ok()
    assert [c["name"] for c in found["spec"]["template"]["spec"]["containers"]] == ["c"]


def test_map_lists_with_several_keys(api, place, deployment):
    path = place("apps/v1/deployments", "web")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container["ports"] = [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}]
    found = api.apply(path, deployment, "one").ok()
    assert len(found["spec"]["template"]["spec"]["containers"][0]["ports"]) == 2
    owned = fields(found, "one")["f:spec"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"c"}']["f:ports"]
    assert '{"containerPort":80,"protocol":"TCP"}' in next(iter(owned))
    container["ports"] = [{"containerPort": 80, "protocol": "UDP"}]
    found = api.apply(path, deployment, "one").ok()
    assert [p["protocol"] for p in found["spec"]["template"]["spec"]["containers"][0]["ports"]] == ["UDP"]


def test_sets_keep_what_others_added(api, place):
    path = place("configmaps", "x")
    one = config("x")
    one["metadata"]["finalizers"] = ["a.io/x"]
    two = config("x")
    two["metadata"]["finalizers"] = ["b.io/y"]
    api.apply(path, one, "one").ok()
    assert api.apply(path, two, "two").ok()["metadata"]["finalizers"] == ["a.io/x", "b.io/y"]
    del one["metadata"]["finalizers"]
    assert api.apply(path, one, "one").ok()["metadata"]["finalizers"] == ["b.io/y"]
    two["metadata"]["finalizers"] = []
    assert "finalizers" not in api.apply(path, two, "two").ok()["metadata"]


def test_atomic_maps_belong_to_one(api, place):
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "x"},
        "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]},
    }
    path = place("services", "x")
    api.apply(path, service, "one").ok()
    other = {**slim(service), "spec": {"selector": {"c": "d"}}}
    status = api.apply(path, other, "two").fails(409, "Conflict")
    assert status["message"] == 'Apply failed with 1 conflict: conflict with "one": .spec.selector'
    assert api.apply(path, other, "two", force="true").ok()["spec"]["selector"] == {"c": "d"}


def test_status_is_applied_on_its_own(api, place, deployment):
    path = place("apps/v1/deployments", "web")
    api.apply(path, deployment, "one").ok()
    status = {**slim(deployment), "status": {"replicas": 2}, "spec": {"replicas": 9}}
    found = api.apply(path + "/status", status, "two").ok()
    assert (found["status"]["replicas"], found["spec"]["replicas"]) == (2, 3)
    assert fields(found, "two", "status") == {"f:status": {"f:replicas": {}}}
    found = api.apply(path, {**deployment, "status": {"replicas": 8}}, "one").ok()
    assert found["status"]["replicas"] == 2
    assert "f:status" not in fields(found, "one")


def test_status_cannot_be_applied_to_what_is_not_there(api, place, deployment):
    answer = api.apply(place("apps/v1/deployments", "web", "status"), {**slim(deployment), "status": {}}, "one")
    answer.fails(404, "NotFound", 'deployments.apps "web" not found')


def test_scale_is_applied_and_owned_in_the_workload(api, place, deployment):
    path = place("apps/v1/deployments", "web")
    api.apply(path, deployment, "one").ok()
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {"replicas": 5}}
    status = api.apply(path + "/scale", scale, "two").fails(409, "Conflict")
    assert status["message"] == 'Apply failed with 1 conflict: conflict with "one": .spec.replicas'
    found = api.apply(path + "/scale", scale, "two", force="true").ok()
    assert (found["kind"], found["spec"]["replicas"]) == ("Scale", 5)
    live = api.get(path).ok()
    assert fields(live, "two", "scale") == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in fields(live, "one")["f:spec"]


def test_an_update_of_scale_is_recorded_with_its_subresource(api, place, deployment):
    path = place("apps/v1/deployments", "web")
    api.apply(path, deployment, "one").ok()
    scale = api.get(path + "/scale").ok()
    scale["spec"]["replicas"] = 4
    api.put(path + "/scale", scale, fieldManager="scaler").ok()
    live = api.get(path).ok()
    assert ("scaler", "Update", "scale") in managers(live)
    assert "f:replicas" not in fields(live, "one")["f:spec"]


def test_an_update_takes_what_it_changes(api, place):
    path = place("configmaps", "x")
    live = api.apply(path, config("x", a="1", b="1"), "one").ok()
    live["data"]["a"] = "2"
    found = api.put(path, live, fieldManager="editor").ok()
    assert fields(found, "editor") == {"f:data": {"f:a": {}}}
    assert fields(found, "one") == {"f:data": {"f:b": {}}}


def test_managed_fields_are_reset_by_an_empty_entry(api, place):
    path = place("configmaps", "x")
    api.apply(path, config("x", a="1"), "one").ok()
    found = api.patch(path, {"metadata": {"managedFields": [{}]}}).ok()
    assert "managedFields" not in found["metadata"]
    live = api.get(path).ok()
    assert "managedFields" not in live["metadata"]
    live["data"]["a"] = "3"
    api.put(path, live, fieldManager="editor").ok()
    found = api.apply(path, config("x", a="3"), "one").ok()
    assert ("one", "Apply", "") in managers(found)


def test_objects_from_before_managed_fields_are_owned_by_before_first_apply(api, place):
    path = place("configmaps", "x")
    api.apply(path, config("x", a="1"), "one").ok()
    api.patch(path, {"metadata": {"managedFields": [{}]}}).ok()
    found = api.apply(path, config("x", b="1"), "two").ok()
    assert managers(found) == [("two", "Apply", ""), ("before-first-apply", "Update", "")]


def test_apply_needs_a_manager(api, place):
    answer = api.patch(place("configmaps", "x"), config("x"), "application/apply-patch+yaml")
    answer.fails(
        422,
        "Invalid",
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )


def test_force_is_for_apply_only(api, place):
    api.apply(place("configmaps", "x"), config("x")).ok()
    answer = api.patch(place("configmaps", "x"), {"data": {}}, force="true")
    answer.fails(
        422,
        "Invalid",
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    )


def test_a_configuration_with_managed_fields_is_refused(api, place):
    body = config("x")
    body["metadata"]["managedFields"] = [{"manager": "x"}]
    api.apply(place("configmaps", "x"), body).fails(400, "BadRequest", "metadata.managedFields must be nil")


def test_a_configuration_for_another_version_of_the_object_is_a_conflict(api, place):
    path = place("configmaps", "x")
    api.apply(path, config("x", a="1")).ok()
    body = config("x", a="2")
    body["metadata"]["resourceVersion"] = "1"
    api.apply(path, body).fails(409, "Conflict")


def test_a_configuration_that_names_a_uid_does_not_create(api, place):
    body = config("x", a="2")
    body["metadata"]["uid"] = "ffffffff-0000-0000-0000-000000000000"
    answer = api.apply(place("configmaps", "x"), body)
    answer.fails(
        409,
        "Conflict",
        'Operation cannot be fulfilled on configmaps "x": uid mismatch: the provided object specified uid '
        "ffffffff-0000-0000-0000-000000000000, and no existing object was found",
    )


def test_a_dry_run_applies_nothing(api, place):
    found = api.apply(place("configmaps", "x"), config("x", a="1"), dryRun="All").ok()
    assert found["data"] == {"a": "1"}
    api.get(place("configmaps", "x")).fails(404, "NotFound")


def test_server_side_apply_goes_on_where_client_side_apply_was(api, place):
    """kubectl's csaupgrade gives the old manager's fields to the new one; the server must accept such a patch."""
    path = place("configmaps", "x")
    live = api.post(place("configmaps"), config("x", a="1", b="1"), fieldManager="kubectl-client-side-apply").ok()
    entry = live["metadata"]["managedFields"][0]
    moved = {**entry, "manager": "kubectl", "operation": "Apply"}
    patch = [
        {"op": "replace", "path": "/metadata/managedFields", "value": [moved]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]
    found = api.patch(path, patch, "application/json-patch+json").ok()
    assert managers(found) == [("kubectl", "Apply", "")]
    assert api.apply(path, config("x", b="1"), "kubectl").ok()["data"] == {"b": "1"}
