"""Volumes, claims, classes and drivers as API objects: labels, protection, what never changes of them."""

import pytest

pytestmark = pytest.mark.integration
CLASS = "/apis/storage.k8s.io/v1/storageclasses"
DRIVERS = "/apis/storage.k8s.io/v1/csidrivers"
NODES = "/apis/storage.k8s.io/v1/csinodes"
ATTACHMENTS = "/apis/storage.k8s.io/v1/volumeattachments"
CLASSES = "/apis/storage.k8s.io/v1/volumeattributesclasses"


def volume(name, **labels):
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
        "csi": {"driver": "x.example.com", "volumeHandle": name},
        "storageClassName": name,
    }
    return {"metadata": {"name": name, "labels": labels}, "spec": spec}


def claim(name, **labels):
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": name}
    return {"metadata": {"name": name, "labels": labels}, "spec": spec}


def test_a_volume_and_its_claim_are_protected_labelled_and_deleted_together(api, place):
    volumes, claims, name = "/api/v1/persistentvolumes", place("persistentvolumeclaims"), f"pv-{place.name}"
    made = api.post(volumes, volume(name, e2e=place.name)).ok()
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pv-protection"]
    assert (made["spec"]["persistentVolumeReclaimPolicy"], made["spec"]["volumeMode"]) == ("Retain", "Filesystem")
    made = api.post(claims, claim("pvc", e2e=place.name)).ok()
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    assert made["status"]["phase"] == "Pending"
    for path in (f"{volumes}/{name}", f"{claims}/pvc"):
        patched = api.patch(path, {"metadata": {"labels": {"patched": "yes"}}}).ok()
        patched["metadata"]["labels"]["updated"] = "yes"
        assert api.put(path, patched).ok()["metadata"]["labels"]["updated"] == "yes"
        assert api.get(path).ok()["metadata"]["uid"] == patched["metadata"]["uid"]
    for path, root in ((volumes, volumes), (claims, "/api/v1/persistentvolumeclaims")):
        assert len(api.get(root, labelSelector=f"e2e={place.name},patched=yes").ok()["items"]) == 1
        [gone] = api.delete(path, labelSelector=f"e2e={place.name}").ok()["items"]
        assert gone["metadata"]["deletionTimestamp"], "its finalizer is for the controller to take away"
        one = f"{path}/{gone['metadata']['name']}"
        api.patch(one, {"metadata": {"finalizers": None}}).ok()
        api.get(one).fails(404, "NotFound")


def test_a_storage_class_changes_its_labels_only(api, place):
    made = api.post(CLASS, {"metadata": {"generateName": "e2e-"}, "provisioner": "e2e.example.com/none"}).ok()
    name = made["metadata"]["name"]
    assert (made["reclaimPolicy"], made["volumeBindingMode"]) == ("Delete", "Immediate")
    patched = api.patch(f"{CLASS}/{name}", {"metadata": {"labels": {name: "patched"}}}).ok()
    api.patch(f"{CLASS}/{name}", {"provisioner": "other.example.com/x"}).fails(422, "Invalid")
    patched["metadata"]["labels"] = {name: "updated"}
    api.put(f"{CLASS}/{name}", patched).ok()
    assert [i["metadata"]["name"] for i in api.get(CLASS, labelSelector=f"{name}=updated").ok()["items"]] == [name]
    api.delete(CLASS, labelSelector=f"{name}=updated").ok()
    api.get(f"{CLASS}/{name}").fails(404, "NotFound")


def test_drivers_nodes_and_attachments_are_deleted_by_the_label_that_a_patch_gave_them(api, place):
    source = {"persistentVolumeName": "pv"}
    bodies = {
        DRIVERS: {"spec": {"attachRequired": False, "volumeLifecycleModes": ["Ephemeral"]}},
        NODES: {"spec": {"drivers": [{"name": "d.example.com", "nodeID": "n", "topologyKeys": ["zone"]}]}},
        ATTACHMENTS: {"spec": {"attacher": "a.example.com", "nodeName": "n", "source": source}},
        CLASSES: {"driverName": "d.example.com", "parameters": {"iops": "3000"}},
    }
    for path, body in bodies.items():
        for name in ("one", "two"):
            full = f"{place.name}-{name}"
            api.post(path, {**body, "metadata": {"name": full, "labels": {"e2e": place.name}}}).ok()
            patched = api.patch(f"{path}/{full}", {"metadata": {"labels": {full: "patched"}}}).ok()
            assert api.put(f"{path}/{full}", patched).ok()["metadata"]["labels"][full] == "patched"
        api.delete(f"{path}/{place.name}-one").ok()
        assert len(api.get(path, labelSelector=f"e2e={place.name}").ok()["items"]) == 1
        api.delete(path, labelSelector=f"{place.name}-two=patched").ok()
        assert api.get(path, labelSelector=f"e2e={place.name}").ok()["items"] == []


def test_a_pod_has_its_inline_volume(api, place, make):
    body = make.pod("inline")
    inline = {"driver": "inline.example.com", "readOnly": True, "volumeAttributes": {"size": "10"}}
    body["spec"]["volumes"] = [{"name": "v", "csi": inline}]
    body["spec"]["containers"][0]["volumeMounts"] = [{"name": "v", "mountPath": "/data"}]
    api.post(
        DRIVERS, {"metadata": {"name": "inline.example.com"}, "spec": {"volumeLifecycleModes": ["Ephemeral"]}}
    ).ok()
    try:
        api.post(place("pods"), body).ok()
        patch = {"metadata": {"labels": {"e2e": "patched"}}}
        patched = api.patch(place("pods", "inline"), patch, "application/strategic-merge-patch+json").ok()
        assert patched["spec"]["volumes"][0] == {"name": "v", "csi": inline}
        assert len(api.get(place("pods"), labelSelector="e2e=patched").ok()["items"]) == 1
        api.delete(place("pods", "inline"), {"gracePeriodSeconds": 0}).ok()
    finally:
        api.delete(f"{DRIVERS}/inline.example.com")
