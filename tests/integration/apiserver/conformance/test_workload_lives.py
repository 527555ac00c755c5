"""Workloads, budgets, templates and revisions as API objects: replaced, patched, scaled, found and deleted together."""

import pytest

pytestmark = pytest.mark.integration
STRATEGIC = "application/strategic-merge-patch+json"
WORKLOADS = {
    "apps/v1/deployments": "Deployment",
    "apps/v1/replicasets": "ReplicaSet",
    "apps/v1/statefulsets": "StatefulSet",
    "apps/v1/daemonsets": "DaemonSet",
}


@pytest.mark.parametrize("resource", WORKLOADS)
def test_a_workload_is_patched_with_a_field_in_the_wrong_case_and_deleted_by_its_new_label(api, place, make, resource):
    scaled = resource != "apps/v1/daemonsets"
    body = make.workload(WORKLOADS[resource], "test", **({"replicas": 1} if scaled else {}))
    api.post(place(resource), body).ok()
    containers = [{"name": "c", "image": "registry.k8s.io/pause:3", "command": ["/bin/sleep", "100000"]}]
    spec = {"template": {"spec": {"TerminationGracePeriodSeconds": 10, "containers": containers}}}
    if scaled:
        spec["replicas"] = 3
    answer = api.patch(place(resource, "test"), {"metadata": {"labels": {"test": "patched"}}, "spec": spec}, STRATEGIC)
    assert answer.warnings == ['unknown field "spec.template.spec.TerminationGracePeriodSeconds"']
    patched = answer.ok()
    assert patched["metadata"]["labels"]["test"] == "patched"
    assert patched["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.k8s.io/pause:3"
    assert patched["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 30
    assert patched["metadata"]["generation"] == 2
    assert patched["spec"].get("replicas", 3) == 3
    found = api.get("/apis/" + resource, labelSelector="test=patched").ok()["items"]
    assert place.name in {item["metadata"]["namespace"] for item in found}
    api.delete(place(resource), {"gracePeriodSeconds": 1}, labelSelector="test=patched").ok()
    assert api.get(place(resource), labelSelector="test=patched").ok()["items"] == []


def test_a_replication_controller_is_scaled(api, place):
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    body = {"metadata": {"name": "rc"}, "spec": {"replicas": 1, "selector": {"a": "b"}, "template": template}}
    api.post(place("replicationcontrollers"), body).ok()
    scale = api.get(place("replicationcontrollers", "rc", "scale")).ok()
    assert (scale["kind"], scale["spec"]["replicas"]) == ("Scale", 1)
    wanted = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"name": "rc", "namespace": place.name}}
    api.put(place("replicationcontrollers", "rc", "scale"), {**wanted, "spec": {"replicas": 2}}).ok()
    assert api.get(place("replicationcontrollers", "rc")).ok()["spec"]["replicas"] == 2


def test_a_suspended_job_is_patched_replaced_found_and_deleted(api, place):
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    spec = {"suspend": True, "parallelism": 2, "completions": 4, "backoffLimit": 6, "template": template}
    api.post(
        place("batch/v1/jobs"), {"metadata": {"name": "e2e", "labels": {"e2e-job": place.name}}, "spec": spec}
    ).ok()
    patched = api.patch(place("batch/v1/jobs", "e2e"), {"metadata": {"labels": {"e2e": "patched"}}}, STRATEGIC).ok()
    assert patched["metadata"]["labels"]["e2e"] == "patched"
    patched["spec"]["suspend"] = False
    patched["metadata"]["annotations"] = {"updated": "true"}
    updated = api.put(place("batch/v1/jobs", "e2e"), patched).ok()
    assert (updated["metadata"]["annotations"], updated["spec"]["suspend"]) == ({"updated": "true"}, False)
    listed = api.get("/apis/batch/v1/jobs", labelSelector=f"e2e-job={place.name}").ok()["items"]
    assert len(listed) == 1
    options = {"propagationPolicy": "Background"}
    api.delete(place("batch/v1/jobs"), options, labelSelector=f"e2e-job={place.name}").ok()
    assert api.get(place("batch/v1/jobs")).ok()["items"] == []


def test_budgets_are_changed_and_deleted_by_label_across_namespaces(api, place):
    path = place("policy/v1/poddisruptionbudgets")
    spec = {"selector": {"matchLabels": {"foo": "bar"}}, "minAvailable": "1%"}
    for name in ("foo", "foo2"):
        api.post(path, {"metadata": {"name": name, "labels": {"special": place.name}}, "spec": spec}).ok()
    current = api.get(path + "/foo").ok()
    current["spec"]["minAvailable"] = "2%"
    assert api.put(path + "/foo", current).ok()["spec"]["minAvailable"] == "2%"
    assert api.patch(path + "/foo", {"spec": {"minAvailable": "3%"}}, STRATEGIC).ok()["spec"]["minAvailable"] == "3%"
    found = api.get("/apis/policy/v1/poddisruptionbudgets", labelSelector=f"special={place.name}").ok()["items"]
    assert len(found) == 2
    api.delete(path, labelSelector=f"special={place.name}").ok()
    assert api.get(path).ok()["items"] == []


def test_a_budget_blocks_an_eviction_until_it_allows_it(api, place, make):
    pod = make.pod("web", labels={"foo": "bar"})
    pod["spec"]["nodeName"] = "somewhere"  # whose kubelet would have to end it before it is gone
    api.post(place("pods"), pod).ok()
    running = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    api.patch(place("pods", "web", "status"), {"status": running}).ok()
    path = place("policy/v1/poddisruptionbudgets")
    spec = {"selector": {"matchLabels": {"foo": "bar"}}, "minAvailable": 1}
    generation = api.post(path, {"metadata": {"name": "foo"}, "spec": spec}).ok()["metadata"]["generation"]
    status = {"observedGeneration": generation, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}
    api.patch(path + "/foo/status", {"status": {**status, "disruptionsAllowed": 0}}).ok()
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web", "namespace": place.name}}
    refused = api.post(place("pods", "web", "eviction"), eviction).fails(429, "TooManyRequests")
    assert refused["message"] == "Cannot evict pod as it would violate the pod's disruption budget."
    assert refused["details"]["causes"][0]["reason"] == "DisruptionBudget"
    status["observedGeneration"] = api.patch(path + "/foo", {"spec": {"minAvailable": 0}}).ok()["metadata"][
        "generation"
    ]
    api.patch(path + "/foo/status", {"status": {**status, "desiredHealthy": 0, "disruptionsAllowed": 1}}).ok()
    api.post(place("pods", "web", "eviction"), eviction).ok()
    evicted = api.get(place("pods", "web")).ok()
    assert evicted["metadata"]["deletionTimestamp"]
    assert ("DisruptionTarget", "EvictionByEvictionAPI") in {
        (condition["type"], condition.get("reason")) for condition in evicted["status"]["conditions"]
    }
    disrupted = api.get(path + "/foo").ok()["status"]
    assert (disrupted["disruptionsAllowed"], list(disrupted["disruptedPods"])) == (0, ["web"])


def test_a_pod_template_is_replaced(api, place):
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    made = api.post(place("podtemplates"), {"metadata": {"name": "t"}, "template": template}).ok()
    made["metadata"]["annotations"] = {"updated": "true"}
    assert api.put(place("podtemplates", "t"), made).ok()["metadata"]["annotations"] == {"updated": "true"}


def test_controller_revisions_are_found_by_the_labels_of_their_owner(api, place, make):
    path = place("apps/v1/controllerrevisions")
    owner = api.post(place("apps/v1/daemonsets"), make.workload("DaemonSet", "ds")).ok()
    reference = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "ds", "uid": owner["metadata"]["uid"]}
    for revision in (1, 2):
        meta = {"name": f"ds-{revision}", "labels": {"daemonset-name": "ds"}, "ownerReferences": [reference]}
        data = {"spec": {"template": {"$patch": "replace"}}}
        api.post(path, {"metadata": meta, "data": data, "revision": revision}).ok()
    assert len(api.get(path, labelSelector="daemonset-name=ds").ok()["items"]) == 2
    api.delete(path + "/ds-1").ok()
    current = api.get(path + "/ds-2").ok()
    current["metadata"]["labels"]["ds-2"] = "updated"
    assert api.put(path + "/ds-2", current).ok()["metadata"]["labels"]["ds-2"] == "updated"
    current = api.get(path + "/ds-2").ok()
    current["data"] = {"other": 1}
    api.put(path + "/ds-2", current).fails(422, "Invalid")
    assert api.patch(path + "/ds-2", {"revision": 3}).ok()["revision"] == 3
    api.delete(path, labelSelector="ds-2=updated").ok()
    assert api.get(path).ok()["items"] == []


def test_a_cron_job_keeps_its_time_zone(api, place):
    template = {"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "c", "image": "i"}]}}
    spec = {"schedule": "*/1 * * * ?", "timeZone": "Europe/Berlin", "jobTemplate": {"spec": {"template": template}}}
    made = api.post(place("batch/v1/cronjobs"), {"metadata": {"name": "c"}, "spec": spec}).ok()
    assert (made["spec"]["timeZone"], made["spec"]["concurrencyPolicy"]) == ("Europe/Berlin", "Allow")


@pytest.mark.parametrize("part", ["ephemeralcontainers", "resize"])
def test_a_part_of_a_pod_is_written_over_the_version_that_was_read(api, place, make, part):
    api.post(place("pods"), make.pod("p")).ok()
    read = api.get(place("pods", "p", part)).ok()
    api.patch(place("pods", "p"), {"metadata": {"labels": {"a": "b"}}}).ok()
    refused = api.put(place("pods", "p", part), read).fails(409, "Conflict")
    assert refused["message"].startswith('Operation cannot be fulfilled on pods "p": the object has been modified')
    api.put(place("pods", "p", part), {**read, "metadata": {**read["metadata"], "resourceVersion": ""}}).ok()
