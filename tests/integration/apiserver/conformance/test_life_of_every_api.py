"""The life of each API: create, read, list, watch, patch, update, status, delete, deletecollection, as upstream's
conformance tests walk through them."""

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration

POD_SPEC = {"containers": [{"name": "c", "image": "i"}]}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": POD_SPEC}
NEVER = {"spec": {**POD_SPEC, "restartPolicy": "Never"}}
SELECTOR = {"matchLabels": {"a": "b"}}
CLIENT = {"url": "https://example.com/hook", "caBundle": ""}
HOOK = {
    "name": "a.example.com",
    "clientConfig": {"url": "https://example.com/hook"},
    "sideEffects": "None",
    "admissionReviewVersions": ["v1"],
    "rules": [{"operations": ["CREATE"], "apiGroups": ["none.example.com"], "apiVersions": ["v1"], "resources": ["x"]}],
}

DEVICE = {"name": "one", "exactly": {"deviceClassName": "gpu.example.com"}}

NAMESPACED = {
    "apps/v1/deployments": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "apps/v1/replicasets": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "apps/v1/statefulsets": {"spec": {"selector": SELECTOR, "template": TEMPLATE, "serviceName": "s"}},
    "apps/v1/daemonsets": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "apps/v1/controllerrevisions": {"data": {"a": 1}, "revision": 1},
    "replicationcontrollers": {"spec": {"selector": {"a": "b"}, "template": TEMPLATE}},
    "batch/v1/jobs": {"spec": {"template": NEVER}},
    "batch/v1/cronjobs": {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": NEVER}}}},
    "autoscaling/v1/horizontalpodautoscalers": {
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}
    },
    "autoscaling/v2/horizontalpodautoscalers": {
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}
    },
    "policy/v1/poddisruptionbudgets": {"spec": {"selector": SELECTOR, "minAvailable": 1}},
    "networking.k8s.io/v1/ingresses": {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}},
    "networking.k8s.io/v1/networkpolicies": {"spec": {"podSelector": {}}},
    "discovery.k8s.io/v1/endpointslices": {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}]},
    "coordination.k8s.io/v1/leases": {"spec": {"holderIdentity": "me", "leaseDurationSeconds": 15}},
    "rbac.authorization.k8s.io/v1/roles": {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    "rbac.authorization.k8s.io/v1/rolebindings": {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"}],
    },
    "pods": {"spec": POD_SPEC},
    "configmaps": {"data": {"a": "b"}},
    "secrets": {"stringData": {"a": "b"}},
    "services": {"spec": {"ports": [{"port": 80}]}},
    "endpoints": {"subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]},
    "events": {
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": "%s"},
        "reason": "Because",
        "type": "Normal",
        "source": {"component": "x"},
    },
    "events.k8s.io/v1/events": {
        "regarding": {"kind": "Pod", "name": "p", "namespace": "%s"},
        "reason": "Because",
        "type": "Normal",
        "action": "Do",
        "reportingController": "x.example/y",
        "reportingInstance": "x-1",
        "eventTime": "2026-01-02T03:04:05.000000Z",
    },
    "limitranges": {"spec": {"limits": [{"type": "Container", "max": {"cpu": "1"}}]}},
    "resourcequotas": {"spec": {"hard": {"pods": "30", "services": "9"}}},
    "serviceaccounts": {},
    "persistentvolumeclaims": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    },
    "podtemplates": {"template": TEMPLATE},
    "storage.k8s.io/v1/csistoragecapacities": {"storageClassName": "s"},
    "resource.k8s.io/v1/resourceclaims": {"spec": {"devices": {"requests": [DEVICE]}}},
    "resource.k8s.io/v1/resourceclaimtemplates": {"spec": {"spec": {"devices": {"requests": [DEVICE]}}}},
}

CLUSTER = {
    "nodes": {},
    "persistentvolumes": {
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}
    },
    "rbac.authorization.k8s.io/v1/clusterroles": {"rules": []},
    "rbac.authorization.k8s.io/v1/clusterrolebindings": {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"}
    },
    "storage.k8s.io/v1/storageclasses": {"provisioner": "x.example/y"},
    "storage.k8s.io/v1/csidrivers": {"spec": {}},
    "storage.k8s.io/v1/csinodes": {"spec": {"drivers": []}},
    "storage.k8s.io/v1/volumeattachments": {
        "spec": {"attacher": "a", "nodeName": "n", "source": {"persistentVolumeName": "p"}}
    },
    "scheduling.k8s.io/v1/priorityclasses": {"value": 5},
    "node.k8s.io/v1/runtimeclasses": {"handler": "h"},
    "networking.k8s.io/v1/ingressclasses": {"spec": {"controller": "x.example/y"}},
    "certificates.k8s.io/v1/certificatesigningrequests": None,
    "admissionregistration.k8s.io/v1/validatingwebhookconfigurations": {"webhooks": [HOOK]},
    "admissionregistration.k8s.io/v1/mutatingwebhookconfigurations": {"webhooks": [HOOK]},
    "admissionregistration.k8s.io/v1/validatingadmissionpolicies": {
        "spec": {
            "matchConstraints": {"resourceRules": HOOK["rules"]},
            "validations": [{"expression": "object.spec.replicas <= 100"}],
        }
    },
    "admissionregistration.k8s.io/v1/validatingadmissionpolicybindings": {
        "spec": {"policyName": "p", "validationActions": ["Deny"]}
    },
    "flowcontrol.apiserver.k8s.io/v1/flowschemas": {
        "spec": {"matchingPrecedence": 9000, "priorityLevelConfiguration": {"name": "global-default"}}
    },
    "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations": {
        "spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}
    },
    "storage.k8s.io/v1/volumeattributesclasses": {"driverName": "x.example.com", "parameters": {"iops": "9"}},
    "networking.k8s.io/v1/servicecidrs": {"spec": {"cidrs": ["203.0.113.0/24"]}},
    "resource.k8s.io/v1/deviceclasses": {"spec": {}},
    "resource.k8s.io/v1/resourceslices": {
        "spec": {
            "driver": "gpu.example.com",
            "nodeName": "n",
            "pool": {"name": "n", "generation": 1, "resourceSliceCount": 1},
            "devices": [{"name": "gpu-0"}],
        }
    },
}


def walk(api, path, body, has_status):
    """The walk itself, over one collection."""
    label = {"walk": "this"}
    start = api.get(path).ok()["metadata"]["resourceVersion"]
    with api.watch(path, labelSelector="walk=this", resourceVersion=start) as events:
        made = api.post(path, {**body, "metadata": {"name": "walk-1", "labels": label}}).ok()
        uid = made["metadata"]["uid"]
        if path.endswith("/flowschemas"):  # the server itself says in its status whether its level is there
            made = eventually(
                lambda: api.get(path + "/walk-1").ok(),
                "it is looked at",
                holds=lambda obj: obj["status"].get("conditions"),
            )
        assert api.get(path + "/walk-1").ok() == made
        assert made["metadata"]["creationTimestamp"]
        found = api.get(path, labelSelector="walk=this").ok()
        assert [item["metadata"]["name"] for item in found["items"]] == ["walk-1"]
        patched = api.patch(path + "/walk-1", {"metadata": {"annotations": {"patched": "true"}}}).ok()
        assert patched["metadata"]["annotations"]["patched"] == "true"
        updated = {
            **patched,
            "metadata": {**patched["metadata"], "annotations": {"patched": "true", "updated": "true"}},
        }
        updated = api.put(path + "/walk-1", updated).ok()
        assert updated["metadata"]["annotations"]["updated"] == "true"
        assert int(updated["metadata"]["resourceVersion"]) > int(patched["metadata"]["resourceVersion"])
        assert updated["metadata"]["uid"] == uid
        if has_status:
            assert api.get(path + "/walk-1/status").ok()["metadata"]["uid"] == uid
            note = {"metadata": {"annotations": {"patchedstatus": "true"}}}
            assert api.patch(path + "/walk-1/status", note).ok()["metadata"]["uid"] == uid
            current = api.get(path + "/walk-1/status").ok()
            assert api.put(path + "/walk-1/status", current).ok()["metadata"]["uid"] == uid
        api.delete(path + "/walk-1", {"gracePeriodSeconds": 0}).ok()
        if api.get(path + "/walk-1").status == 200:
            api.patch(path + "/walk-1", {"metadata": {"finalizers": None}}).ok()
        api.get(path + "/walk-1").fails(404, "NotFound")
        kinds = [kind for kind, _ in events.take(3)]
        assert kinds == ["ADDED", "MODIFIED", "MODIFIED"]
        while True:
            [(kind, last)] = events.take(1)
            if kind == "DELETED":
                break
            assert kind == "MODIFIED"
        assert last["metadata"]["uid"] == uid
    for name in ("walk-2", "walk-3"):
        api.post(path, {**body, "metadata": {"name": name, "labels": label}}).ok()
    api.delete(path, {"gracePeriodSeconds": 0}, labelSelector="walk=this").ok()
    for left in api.get(path, labelSelector="walk=this").ok()["items"]:
        api.patch(f"{path}/{left['metadata']['name']}", {"metadata": {"finalizers": None}})
    assert api.get(path, labelSelector="walk=this").ok()["items"] == []


def fill(value, text):
    if isinstance(value, dict):
        return {name: fill(child, text) for name, child in value.items()}
    if isinstance(value, list):
        return [fill(child, text) for child in value]
    return text if value == "%s" else value


def statuses(api, group_version):
    root = "/apis/" + group_version if "/" in group_version else "/api/v1"
    return {r["name"].partition("/")[0] for r in api.get(root).ok()["resources"] if r["name"].endswith("/status")}


@pytest.mark.parametrize("resource", NAMESPACED)
def test_a_namespaced_resource(api, place, resource):
    group, _, plural = resource.rpartition("/")
    walk(api, place(resource), fill(NAMESPACED[resource], place.name), plural in statuses(api, group))
    root = "/apis/" + group if group else "/api/v1"
    assert api.get(f"{root}/{plural}").ok()["kind"].endswith("List")


@pytest.mark.parametrize("resource", CLUSTER)
def test_a_cluster_wide_resource(api, resource):
    group, _, plural = resource.rpartition("/")
    root = "/apis/" + group if group else "/api/v1"
    body = CLUSTER[resource]
    if body is None:
        body = {
            "spec": {
                "request": certificate_request(),
                "signerName": "example.com/e2e",
                "usages": ["digital signature", "key encipherment", "server auth"],
            }
        }
    walk(api, f"{root}/{plural}", body, plural in statuses(api, group))


def certificate_request():
    import base64

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "e2e")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return base64.b64encode(request.public_bytes(serialization.Encoding.PEM)).decode()


def test_every_served_resource_is_walked_or_named_here(api):
    """What these walks leave out has a test of its own elsewhere."""
    elsewhere = {
        "namespaces",
        "componentstatuses",
        "bindings",
        "customresourcedefinitions",
        "apiservices",
        "tokenreviews",
        "localsubjectaccessreviews",
        "selfsubjectaccessreviews",
        "selfsubjectrulesreviews",
        "subjectaccessreviews",
        "selfsubjectreviews",
        "ipaddresses",
    }
    groups = api.get("/apis").ok()["groups"]
    roots = ["/api/v1"] + [
        f"/apis/{v['groupVersion']}" for g in groups for v in g["versions"] if "example.com" not in g["name"]
    ]
    served = {
        f"{root}/{r['name']}".replace("/apis/", "").replace("/api/v1/", "")
        for root in roots
        for r in api.get(root).ok()["resources"]
        if "/" not in r["name"] and r["name"] not in elsewhere
    }
    assert served == {*NAMESPACED, *CLUSTER}


def test_scale_of_every_workload(api, place, make):
    for resource, kind in (
        ("apps/v1/deployments", "Deployment"),
        ("apps/v1/replicasets", "ReplicaSet"),
        ("apps/v1/statefulsets", "StatefulSet"),
    ):
        api.post(place(resource), make.workload(kind, "s", replicas=1)).ok()
        scale = api.get(place(resource, "s", "scale")).ok()
        assert (scale["kind"], scale["apiVersion"], scale["spec"]) == ("Scale", "autoscaling/v1", {"replicas": 1})
        assert scale["status"]["selector"] == "app=s"
        scale["metadata"]["resourceVersion"] = ""
        scale["spec"]["replicas"] = 2
        assert api.put(place(resource, "s", "scale"), scale).ok()["spec"]["replicas"] == 2
        assert api.patch(place(resource, "s", "scale"), {"spec": {"replicas": 4}}).ok()["spec"]["replicas"] == 4
        assert api.get(place(resource, "s")).ok()["spec"]["replicas"] == 4
        answer = api.patch(place(resource, "s", "scale"), {"spec": {"replicas": -1}})
        answer.fails(
            422,
            "Invalid",
            'Scale.autoscaling "s" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        )


def test_ephemeral_containers_are_added_and_never_changed(api, place, make):
    api.post(place("pods"), make.pod("p")).ok()
    path = place("pods", "p", "ephemeralcontainers")
    debugger = {"name": "debugger", "image": "busybox", "stdin": True}
    found = api.patch(
        path, {"spec": {"ephemeralContainers": [debugger]}}, "application/strategic-merge-patch+json"
    ).ok()
    assert [c["name"] for c in found["spec"]["ephemeralContainers"]] == ["debugger"]
    found["spec"]["ephemeralContainers"].append({**debugger, "name": "debugger2"})
    found = api.put(path, found).ok()
    assert len(found["spec"]["ephemeralContainers"]) == 2
    assert found["metadata"]["generation"] == 3
    found["spec"]["ephemeralContainers"][0]["image"] = "other"
    api.put(path, found).fails(422, "Invalid")
    answer = api.patch(place("pods", "p"), {"spec": {"ephemeralContainers": []}})
    answer.fails(422, "Invalid")


def test_pods_are_resized_through_their_subresource(api, place, make):
    body = make.pod("p")
    body["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}
    api.post(place("pods"), body).ok()
    patch = {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "150m"}}}]}}
    strategic = "application/strategic-merge-patch+json"
    api.patch(place("pods", "p"), patch, strategic).fails(422, "Invalid")
    found = api.patch(place("pods", "p", "resize"), patch, strategic).ok()
    assert found["spec"]["containers"][0]["resources"]["requests"]["cpu"] == "150m"
    assert found["metadata"]["generation"] == 2


def test_service_status_is_patched(api, place):
    api.post(
        place("services"), {"metadata": {"name": "s"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}
    ).ok()
    status = {"metadata": {"annotations": {"a": "b"}}, "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}}
    found = api.patch(place("services", "s", "status"), status).ok()
    assert found["status"]["loadBalancer"] == {"ingress": [{"ip": "203.0.113.1", "ipMode": "VIP"}]}
    assert found["metadata"]["annotations"] == {"a": "b"}
    condition = {
        "type": "StatusUpdate",
        "status": "True",
        "reason": "E2E",
        "message": "m",
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    }
    found["status"]["conditions"] = [condition]
    assert api.put(place("services", "s", "status"), found).ok()["status"]["conditions"] == [condition]


def test_events_of_both_groups_are_the_same_objects(api, place):
    body = fill(NAMESPACED["events.k8s.io/v1/events"], place.name)
    api.post(place("events.k8s.io/v1/events"), {**body, "metadata": {"name": "e"}, "note": "text"}).ok()
    core = api.get(place("events", "e")).ok()
    assert (core["message"], core["involvedObject"]["name"], core["reportingComponent"]) == ("text", "p", "x.example/y")
    core_event = fill(NAMESPACED["events"], place.name)
    api.post(place("events"), {**core_event, "metadata": {"name": "f"}, "message": "old", "count": 3}).ok()
    new = api.get(place("events.k8s.io/v1/events", "f")).ok()
    assert (new["note"], new["regarding"]["name"], new["deprecatedCount"]) == ("old", "p", 3)
    assert new["deprecatedSource"] == {"component": "x"}
    found = api.get(place("events.k8s.io/v1/events"), fieldSelector="reportingController=x.example/y").ok()
    assert [item["metadata"]["name"] for item in found["items"]] == ["e"]
    found = api.get(place("events.k8s.io/v1/events"), fieldSelector="regarding.name=p,reason=Because").ok()
    assert len(found["items"]) == 2
    found = api.get(place("events"), fieldSelector="involvedObject.name=p,type=Normal,source=x").ok()
    assert [item["metadata"]["name"] for item in found["items"]] == ["f"]


def test_events_of_each_group_are_selected_by_its_own_words(api, place):
    served = {"involvedObject.name": "events", "source": "events", "reportingComponent": "events"}
    served |= {"regarding.name": "events.k8s.io/v1/events", "reportingController": "events.k8s.io/v1/events"}
    for field, path in served.items():
        for where in ("events", "events.k8s.io/v1/events"):
            answer = api.get(place(where), fieldSelector=f"{field}=x")
            if where == path:
                assert answer.ok()["items"] == []
            else:
                answer.fails(400, "BadRequest", f"field label not supported: {field}")


def test_autoscalers_of_both_versions_are_the_same_objects(api, place):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    spec = {"maxReplicas": 3, "scaleTargetRef": target, "targetCPUUtilizationPercentage": 60}
    api.post(place("autoscaling/v1/horizontalpodautoscalers"), {"metadata": {"name": "h"}, "spec": spec}).ok()
    two = api.get(place("autoscaling/v2/horizontalpodautoscalers", "h")).ok()
    wanted = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
    }
    assert two["spec"]["metrics"] == [wanted]
    memory = {
        "type": "Resource",
        "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}},
    }
    two["spec"]["metrics"].append(memory)
    api.put(place("autoscaling/v2/horizontalpodautoscalers", "h"), two).ok()
    one = api.get(place("autoscaling/v1/horizontalpodautoscalers", "h")).ok()
    assert one["spec"]["targetCPUUtilizationPercentage"] == 60
    assert "memory" in one["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/metrics"]
    api.patch(place("autoscaling/v1/horizontalpodautoscalers", "h"), {"spec": {"maxReplicas": 5}}).ok()
    two = api.get(place("autoscaling/v2/horizontalpodautoscalers", "h")).ok()
    assert (two["spec"]["maxReplicas"], len(two["spec"]["metrics"])) == (5, 2)


def test_certificate_signing_requests_are_approved_and_signed(api):
    path = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
    spec = {"request": certificate_request(), "signerName": "example.com/e2e", "usages": ["digital signature"]}
    made = api.post(path, {"metadata": {"generateName": "e2e-"}, "spec": spec}).ok()
    assert made["spec"]["username"] == "admin"
    one = f"{path}/{made['metadata']['name']}"
    made["status"] = {"conditions": [{"type": "Approved", "status": "True", "reason": "E2E", "message": "m"}]}
    approved = api.put(one + "/approval", made).ok()
    assert approved["status"]["conditions"][0]["type"] == "Approved"
    assert approved["status"]["conditions"][0]["lastUpdateTime"]
    denial = {
        **approved,
        "status": {
            "conditions": [*approved["status"]["conditions"], {"type": "Denied", "status": "True", "reason": "n"}]
        },
    }
    api.put(one + "/approval", denial).fails(422, "Invalid")
    api.patch(one + "/status", {"metadata": {"annotations": {"a": "b"}}}).ok()
    api.delete(one).ok()
