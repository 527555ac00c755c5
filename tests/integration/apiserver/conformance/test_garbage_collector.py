"""With controllers: the garbage collector, namespaces, quotas, service accounts – as upstream's tests see them."""

import base64
import json

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def web(cluster, room, make):
    """A Deployment with its ReplicaSet and Pods."""
    cluster.post(room("apps/v1/deployments"), make.workload("Deployment", "web", replicas=2)).ok()
    eventually(lambda: len(names(cluster, room("pods"))) == 2, "there are two pods")
    return room("apps/v1/deployments", "web")


def names(api, path, **query):
    return [item["metadata"]["name"] for item in api.get(path, **query).ok()["items"]]


def test_dependents_go_after_their_owner(cluster, room, make, web):
    found = cluster.delete(web, {"propagationPolicy": "Background"}).ok()
    assert found["kind"] == "Status"
    eventually(lambda: not names(cluster, room("apps/v1/replicasets")), "no replicaset is left")
    eventually(lambda: not names(cluster, room("pods")), "no pod is left")


def test_orphans_stay(cluster, room, make, web):
    cluster.delete(web, {"propagationPolicy": "Orphan"}).ok()
    eventually(lambda: cluster.get(web).status == 404, "the deployment is gone")
    [replicaset] = cluster.get(room("apps/v1/replicasets")).ok()["items"]
    assert "ownerReferences" not in replicaset["metadata"]
    assert len(names(cluster, room("pods"))) == 2


def test_foreground_waits_for_the_dependents(cluster, room, make, web):
    cluster.patch(
        room("pods", names(cluster, room("pods"))[0]), {"metadata": {"finalizers": ["example.com/hold"]}}
    ).ok()
    found = cluster.delete(web, {"propagationPolicy": "Foreground"}).ok()
    assert found["metadata"]["finalizers"] == ["foregroundDeletion"]
    eventually(lambda: len(names(cluster, room("pods"))) == 1, "one pod is held")
    assert cluster.get(web).status == 200
    held = names(cluster, room("pods"))[0]
    cluster.patch(room("pods", held), {"metadata": {"finalizers": None}}).ok()
    eventually(lambda: cluster.get(web).status == 404, "the deployment is gone")


def test_a_dependent_with_another_owner_stays(cluster, room, make):
    owners = [cluster.post(room("configmaps"), make.config_map(name)).ok() for name in ("one", "two")]
    references = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": o["metadata"]["name"], "uid": o["metadata"]["uid"]}
        for o in owners
    ]
    cluster.post(room("configmaps"), make.config_map("both", ownerReferences=references)).ok()
    cluster.post(room("configmaps"), make.config_map("first", ownerReferences=references[:1])).ok()
    cluster.delete(room("configmaps", "one")).ok()
    eventually(lambda: cluster.get(room("configmaps", "first")).status == 404, "it is collected")
    both = eventually(
        lambda: (
            (o := cluster.get(room("configmaps", "both")).ok()) and len(o["metadata"]["ownerReferences"]) == 1 and o
        ),
        "one owner is left",
    )
    assert both["metadata"]["ownerReferences"][0]["name"] == "two"


def test_a_circle_of_owners_does_not_hold_itself(cluster, room, make):
    made = [cluster.post(room("configmaps"), make.config_map(name)).ok() for name in ("a", "b", "c")]
    for index, obj in enumerate(made):
        owner = made[index - 1]["metadata"]
        reference = {
            "apiVersion": "v1", "kind": "ConfigMap", "name": owner["name"], "uid": owner["uid"], "blockOwnerDeletion": True,
        }  # fmt: skip
        cluster.patch(room("configmaps", obj["metadata"]["name"]), {"metadata": {"ownerReferences": [reference]}}).ok()
    cluster.delete(room("configmaps", "a"), {"propagationPolicy": "Foreground"}).ok()
    eventually(lambda: not set(names(cluster, room("configmaps"))) & {"a", "b", "c"}, "the circle is gone")


def test_an_owner_that_never_was_has_no_dependents(cluster, room, make):
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "none", "uid": "00000000-0000-0000-0000-000000000000"}
    cluster.post(room("configmaps"), make.config_map("x", ownerReferences=[reference])).ok()
    eventually(lambda: cluster.get(room("configmaps", "x")).status == 404, "it is collected")


def test_a_namespace_goes_with_everything_in_it(cluster, room, make):
    cluster.post(room("pods"), make.pod("p")).ok()
    cluster.post(room("services"), {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}).ok()
    path = f"/api/v1/namespaces/{room.name}"
    found = cluster.delete(path).ok()
    assert found["status"]["phase"] == "Terminating"
    answer = cluster.post(room("configmaps"), make.config_map("late"))
    if answer.status != 404:
        status = answer.fails(403, "Forbidden")
        assert status["message"] == (
            f'configmaps "late" is forbidden: unable to create new content in namespace {room.name} because it is '
            "being terminated"
        )
        assert status["details"]["causes"] == [
            {
                "reason": "NamespaceTerminating",
                "message": f"namespace {room.name} is being terminated",
                "field": "metadata.namespace",
            }
        ]
    eventually(lambda: cluster.get(path).status == 404, "the namespace is gone")
    assert names(cluster, room("pods")) == []


def test_a_namespace_is_patched_has_a_status_and_finalizers(cluster, room):
    path = f"/api/v1/namespaces/{room.name}"
    found = cluster.patch(path, {"metadata": {"labels": {"a": "b"}}}, "application/strategic-merge-patch+json").ok()
    assert found["metadata"]["labels"] == {"a": "b", "kubernetes.io/metadata.name": room.name}
    condition = {
        "type": "StatusPatch",
        "status": "True",
        "reason": "E2E",
        "message": "m",
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    }
    found = cluster.patch(path + "/status", {"status": {"conditions": [condition]}}).ok()
    assert found["status"]["conditions"] == [condition]
    found["status"]["conditions"].append({**condition, "type": "StatusUpdate"})
    assert len(cluster.put(path + "/status", found).ok()["status"]["conditions"]) == 2
    live = cluster.get(path).ok()
    live["spec"]["finalizers"] = ["kubernetes", "e2e.example.com/fake"]
    found = cluster.put(path + "/finalize", live).ok()
    assert found["spec"]["finalizers"] == ["kubernetes", "e2e.example.com/fake"]
    found["spec"]["finalizers"] = ["kubernetes"]
    assert cluster.put(path + "/finalize", found).ok()["spec"]["finalizers"] == ["kubernetes"]


def test_a_quota_counts_what_comes_and_goes(cluster, room, make):
    quota = {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "1", "configmaps": "5", "requests.cpu": "1"}}}
    cluster.post(room("resourcequotas"), quota).ok()
    path = room("resourcequotas", "q")

    def used():
        return (cluster.get(path).ok().get("status") or {}).get("used") or {}

    eventually(lambda: used().get("pods") == "0", "the quota is counted")
    body = make.pod("p")
    answer = cluster.post(room("pods"), body)
    status = answer.fails(403, "Forbidden")
    assert status["message"] == ('pods "p" is forbidden: failed quota: q: must specify requests.cpu for: c')
    body["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "500m"}}
    cluster.post(room("pods"), body).ok()
    eventually(lambda: used()["pods"] == "1" and used()["requests.cpu"] == "500m", "the pod is counted")
    answer = cluster.post(room("pods"), {**body, "metadata": {"name": "p2"}})
    assert answer.fails(403, "Forbidden")["message"] == (
        'pods "p2" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'
    )
    cluster.delete(room("pods", "p"), {"gracePeriodSeconds": 0}).ok()
    eventually(lambda: used()["pods"] == "0", "the pod is given back")


def test_a_service_account_lives_and_gives_tokens(cluster, room, make):
    path = room("serviceaccounts", "sa")
    cluster.post(room("serviceaccounts"), {"metadata": {"name": "sa"}}).ok()
    assert cluster.patch(path, {"automountServiceAccountToken": False}).ok()["automountServiceAccountToken"] is False
    cluster.get(room("configmaps", "kube-root-ca.crt")).ok()
    cluster.delete(room("configmaps", "kube-root-ca.crt")).ok()
    eventually(lambda: cluster.get(room("configmaps", "kube-root-ca.crt")).status == 200, "the bundle is back")
    request = {"spec": {"audiences": ["vault"], "expirationSeconds": 7200}}
    found = cluster.post(path + "/token", request).ok()
    assert found["kind"] == "TokenRequest"
    token = found["status"]["token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["sub"] == f"system:serviceaccount:{room.name}:sa"
    assert claims["aud"] == ["vault"]
    assert claims["exp"] - claims["iat"] == 7200
    review = {"spec": {"token": token, "audiences": ["vault"]}}
    status = cluster.post("/apis/authentication.k8s.io/v1/tokenreviews", review).ok()["status"]
    assert status["authenticated"]
    assert status["user"]["username"] == claims["sub"]
    assert status["audiences"] == ["vault"]
    answer = cluster.post(path + "/token", {"spec": {"expirationSeconds": 5}})
    assert "may not specify a duration less than 10 minutes" in answer.fails(422, "Invalid")["message"]
    cluster.delete(path).ok()
    status = cluster.post("/apis/authentication.k8s.io/v1/tokenreviews", review).ok()["status"]
    assert not status.get("authenticated")


def test_reviews_of_access(cluster, room, make):
    spec = {"user": "nobody", "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": room.name}}
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    assert cluster.post(path, {"spec": spec}).ok()["status"]["allowed"] is False
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    cluster.post(room("rbac.authorization.k8s.io/v1/roles"), {"metadata": {"name": "r"}, "rules": rules}).ok()
    binding = {
        "metadata": {"name": "rb"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "User", "name": "nobody", "apiGroup": "rbac.authorization.k8s.io"}],
    }
    cluster.post(room("rbac.authorization.k8s.io/v1/rolebindings"), binding).ok()
    eventually(lambda: cluster.post(path, {"spec": spec}).ok()["status"]["allowed"], "it is allowed")
    local = room("authorization.k8s.io/v1/localsubjectaccessreviews")
    assert cluster.post(local, {"metadata": {"namespace": room.name}, "spec": spec}).ok()["status"]["allowed"]
    mine = {"spec": {"resourceAttributes": {"verb": "*", "resource": "*", "group": "*"}}}
    assert cluster.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", mine).ok()["status"]["allowed"]
    rules = cluster.post(
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {"namespace": room.name}}
    ).ok()
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} in rules["status"]["resourceRules"]
    me = cluster.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}).ok()["status"]["userInfo"]
    assert "system:masters" in me["groups"]


def test_a_service_account_may_do_what_it_is_bound_to(cluster, room, make):
    cluster.post(room("serviceaccounts"), {"metadata": {"name": "bot"}}).ok()
    token = cluster.post(room("serviceaccounts", "bot", "token"), {"spec": {}}).ok()["status"]["token"]
    bot = type(cluster)(cluster.control_plane, token)
    status = bot.get(room("pods")).fails(403, "Forbidden")
    user = f"system:serviceaccount:{room.name}:bot"
    assert status["message"] == (
        f'pods is forbidden: User "{user}" cannot list resource "pods" in API group "" in the namespace "{room.name}"'
    )
    binding = {
        "metadata": {"name": "view"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "bot", "namespace": room.name}],
    }
    cluster.post(room("rbac.authorization.k8s.io/v1/rolebindings"), binding).ok()
    eventually(lambda: bot.get(room("pods")).status == 200, "the binding counts")
    bot.get(room("secrets")).fails(403, "Forbidden")
    bot.post(room("configmaps"), make.config_map("x")).fails(403, "Forbidden")
