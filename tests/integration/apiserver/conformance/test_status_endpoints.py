"""Every status has an endpoint of its own: it is read, patched and replaced there, and nowhere else."""

import copy

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration
POD = {"containers": [{"name": "c", "image": "i"}]}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": POD}
NEVER = {"spec": {**POD, "restartPolicy": "Never"}}
SELECTED = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
TIME = "2026-01-02T03:04:05Z"
LATER = "2026-01-02T04:05:06Z"
PATCHED = {"conditions": [{"type": "StatusPatched", "status": "True"}]}
UPDATED = {"conditions": [{"type": "StatusUpdate", "status": "True", "reason": "E2E", "message": "set by a test"}]}
FULL = {"lastTransitionTime": TIME, "reason": "E2E", "message": "m", "status": "True"}
POLICY_RULES = {"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}
DEVICE = {"name": "one", "exactly": {"deviceClassName": "gpu.example.com"}}

# what is created, the status that a merge patch sets, the status that an update sets
STATUSES = {
    "apps/v1/deployments": ({"spec": SELECTED}, PATCHED, UPDATED),
    "apps/v1/replicasets": ({"spec": SELECTED}, PATCHED, UPDATED),
    "apps/v1/statefulsets": ({"spec": {**SELECTED, "serviceName": "s"}}, PATCHED, UPDATED),
    "apps/v1/daemonsets": ({"spec": SELECTED}, PATCHED, UPDATED),
    "replicationcontrollers": ({"spec": {"selector": {"a": "b"}, "template": TEMPLATE}}, PATCHED, UPDATED),
    "batch/v1/jobs": (
        {"spec": {"template": NEVER}},
        {"conditions": [{"type": "CustomConditionType", "status": "True", "lastTransitionTime": TIME}]},
        {"conditions": [{"type": "CustomConditionType", "status": "True", "lastTransitionTime": LATER}]},
    ),
    "batch/v1/cronjobs": (
        {"spec": {"schedule": "* */1 * * ?", "jobTemplate": {"spec": {"template": NEVER}}}},
        {"lastScheduleTime": TIME},
        {"lastScheduleTime": LATER},
    ),
    "policy/v1/poddisruptionbudgets": (
        {"spec": {"selector": {"matchLabels": {"a": "b"}}, "minAvailable": 1}},
        {"currentHealthy": 2, "expectedPods": 3, "disruptedPods": {"pod-0": TIME}},
        {"disruptedPods": {"pod-1": TIME, "pod-2": LATER}},
    ),
    "autoscaling/v2/horizontalpodautoscalers": (
        {"spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}},
        {"currentReplicas": 1, "desiredReplicas": 2},
        {"conditions": [{"type": "AbleToScale", **FULL}]},
    ),
    "pods": ({"spec": POD}, {"reason": "E2E", "message": "patched"}, {"reason": "", "message": "updated"}),
    "services": (
        {"spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}},
        {"loadBalancer": {"ingress": [{"ip": "203.0.113.1", "ipMode": "VIP"}]}},
        {"conditions": [{"type": "StatusUpdate", **FULL}]},
    ),
    "networking.k8s.io/v1/ingresses": (
        {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}},
        {"loadBalancer": {"ingress": [{"ip": "169.1.1.1"}]}},
        {"loadBalancer": {"ingress": [{"hostname": "x.example.com", "ports": [{"port": 80, "protocol": "TCP"}]}]}},
    ),
    "resourcequotas": ({"spec": {"hard": {"cpu": "1"}}}, {"hard": {"cpu": "500m"}}, {"hard": {"memory": "500Mi"}}),
    "persistentvolumeclaims": (
        {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
        PATCHED,
        UPDATED,
    ),
    "resource.k8s.io/v1/resourceclaims": (
        {"spec": {"devices": {"requests": [DEVICE]}}},
        {
            "allocation": {
                "devices": {"results": [{"request": "one", "driver": "gpu.example.com", "pool": "p", "device": "d"}]}
            }
        },
        {"reservedFor": [{"resource": "pods", "name": "p", "uid": "1-2-3"}]},
    ),
}
CLUSTER_WIDE = {
    "persistentvolumes": (
        {"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}},
        {"message": "patched", "reason": "E2E patchStatus"},
        {"message": "updated", "reason": "E2E updateStatus"},
    ),
    "namespaces": ({}, PATCHED, UPDATED),
    "nodes": (
        {},
        {"conditions": [{"type": "Ready", "status": "True"}]},
        {"conditions": [{"type": "Ready", "status": "Unknown", "reason": "E2E"}]},
    ),
    "storage.k8s.io/v1/volumeattachments": (
        {"spec": {"attacher": "a.example.com", "nodeName": "n", "source": {"persistentVolumeName": "p"}}},
        {"attached": True},
        {"attached": False},
    ),
    "flowcontrol.apiserver.k8s.io/v1/flowschemas": (
        {"spec": {"matchingPrecedence": 9000, "priorityLevelConfiguration": {"name": "global-default"}}},
        {"conditions": [{"type": "PatchStatusFailed", "status": "False", "reason": "e2e"}]},
        {"conditions": [{"type": "StatusUpdateFailed", "status": "False", "reason": "E2E", "message": "m"}]},
    ),
    "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations": (
        {"spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}},
        {"conditions": [{"type": "PatchStatusFailed", "status": "False", "reason": "e2e"}]},
        {"conditions": [{"type": "StatusUpdateFailed", "status": "False", "reason": "E2E", "message": "m"}]},
    ),
    "admissionregistration.k8s.io/v1/validatingadmissionpolicies": (
        {
            "spec": {
                "matchConstraints": {"resourceRules": [POLICY_RULES]},
                "validations": [{"expression": "object.spec.replicas <= 100"}],
            }
        },
        {"conditions": [{"type": "PatchStatusFailed", **FULL}]},
        {"conditions": [{"type": "StatusUpdateFailed", **FULL}]},
    ),
    "networking.k8s.io/v1/servicecidrs": (
        {"spec": {"cidrs": ["203.0.113.0/24"]}},
        {"conditions": [{"type": "PatchedStatus", **FULL}]},
        {"conditions": [{"type": "Ready", **FULL}]},
    ),
}


def holds(part, whole):
    """Whether `whole` says all that `part` says; what the server adds beside it does not matter."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(holds(value, whole.get(key)) for key, value in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(holds(one, other) for other in whole) for one in part)
    return part == whole or (not part and whole is None)


def check(api, path, body, patch, update):
    one, status = path + "/status-1", path + "/status-1/status"
    made = api.post(path, {**body, "metadata": {"name": "status-1"}}).ok()
    try:
        read = api.get(status).ok()
        assert (read["kind"], read["apiVersion"], read["metadata"]["uid"]) == (
            made["kind"],
            made["apiVersion"],
            made["metadata"]["uid"],
        )
        before = api.get(one).ok()
        patched = api.patch(status, {"status": patch}).ok()
        assert holds(patch, patched["status"])
        assert holds(patch, api.get(one).ok()["status"])
        assert patched.get("spec") == before.get("spec")

        def write():
            wanted = api.get(one).ok()
            wanted["status"] = {**(wanted.get("status") or {}), **copy.deepcopy(update)}
            return api.put(status, wanted)

        updated = eventually(write, "nobody else writes in between", holds=lambda answer: answer.status != 409).ok()
        assert holds(update, updated["status"])
        assert holds(update, api.get(status).ok()["status"])
        assert int(updated["metadata"]["resourceVersion"]) > int(patched["metadata"]["resourceVersion"])
        api.put(one, {**api.get(one).ok(), "status": {}}).ok()
        assert holds(update, api.get(one).ok()["status"]), "the object's own endpoint does not write the status"
    finally:
        api.delete(one, {"gracePeriodSeconds": 0})
        if api.get(one).status == 200 and path != "/api/v1/namespaces":
            api.patch(one, {"metadata": {"finalizers": None}})


@pytest.mark.parametrize("resource", STATUSES)
def test_a_status_is_patched_and_replaced_where_it_is_read(api, place, resource):
    check(api, place(resource), *STATUSES[resource])


@pytest.mark.parametrize("resource", CLUSTER_WIDE)
def test_a_status_outside_namespaces_is_patched_and_replaced_where_it_is_read(api, resource):
    group, _, plural = resource.rpartition("/")
    check(api, f"/apis/{group}/{plural}" if group else f"/api/v1/{plural}", *CLUSTER_WIDE[resource])


def test_every_status_that_is_served_is_checked_here_or_named(api):
    elsewhere = {
        "certificates.k8s.io/v1/certificatesigningrequests",
        "apiextensions.k8s.io/v1/customresourcedefinitions",
        "apiregistration.k8s.io/v1/apiservices",
        "autoscaling/v1/horizontalpodautoscalers",
    }
    groups = api.get("/apis").ok()["groups"]
    versions = [v["groupVersion"] for g in groups for v in g["versions"] if "example.com" not in g["name"]]
    served = {
        f"{version}/{r['name'].removesuffix('/status')}".removeprefix("v1/")
        for version in ["v1", *versions]
        for r in api.get("/api/v1" if version == "v1" else f"/apis/{version}").ok()["resources"]
        if r["name"].endswith("/status")
    }
    assert served - elsewhere == {*STATUSES, *CLUSTER_WIDE}


def types(obj):
    return {condition["type"] for condition in obj["status"].get("conditions") or ()}


def test_an_api_services_status_is_patched_and_replaced_and_keeps_what_others_say(api):
    path = "/apis/apiregistration.k8s.io/v1/apiservices"
    name, labels = "v1alpha1.wardle.example.com", {"e2e": "wardle"}
    service = {"name": "nobody", "namespace": "default", "port": 7443}
    spec = {"group": "wardle.example.com", "version": "v1alpha1", "groupPriorityMinimum": 2000, "versionPriority": 200}
    body = {
        "metadata": {"name": name, "labels": labels},
        "spec": {**spec, "insecureSkipTLSVerify": True, "service": service},
    }
    api.post(path, body).ok()
    try:
        eventually(lambda: "Available" in types(api.get(f"{path}/{name}/status").ok()), "the server has judged it")
        patched = api.patch(f"{path}/{name}", {"metadata": {"labels": {"patched": "true"}}}).ok()
        assert patched["metadata"]["labels"] == {**labels, "patched": "true"}
        condition = {**FULL, "type": "StatusUpdated"}

        def write():
            wanted = api.get(f"{path}/{name}").ok()
            wanted["status"]["conditions"].append(condition)
            return api.put(f"{path}/{name}/status", wanted)

        updated = eventually(write, "nobody else writes in between", holds=lambda answer: answer.status != 409).ok()
        assert types(updated) == {"Available", "StatusUpdated"}
        condition = {**FULL, "type": "StatusPatched"}
        patched = api.patch(f"{path}/{name}/status", {"status": {"conditions": [condition]}}).ok()
        assert patched["status"]["conditions"] == [condition]
        eventually(
            lambda: types(api.get(f"{path}/{name}").ok()), "both are there", holds={"Available", "StatusPatched"}.__eq__
        )
        api.delete(path, labelSelector="e2e=wardle,patched=true").ok()
        api.get(f"{path}/{name}").fails(404, "NotFound")
    finally:
        api.delete(f"{path}/{name}")
