"""ServiceAccounts, their tokens, and reviews of who may do what."""

import base64
import json

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration


def token_of(api, place, account, **spec):
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    return api.post(place("serviceaccounts", account, "token"), body).ok()["status"]


def test_a_service_account_is_updated_and_watched(api, place):
    start = api.get(place("serviceaccounts")).ok()["metadata"]["resourceVersion"]
    with api.watch(place("serviceaccounts"), resourceVersion=start, labelSelector="test=static") as events:
        api.post(place("serviceaccounts"), {"metadata": {"name": "e2e", "labels": {"test": "static"}}}).ok()
        found = api.get(place("serviceaccounts", "e2e")).ok()
        assert "automountServiceAccountToken" not in found
        found["automountServiceAccountToken"] = True
        assert api.put(place("serviceaccounts", "e2e"), found).ok()["automountServiceAccountToken"] is True
        api.patch(place("serviceaccounts", "e2e"), {"automountServiceAccountToken": False}).ok()
        listed = api.get("/api/v1/serviceaccounts", labelSelector="test=static").ok()["items"]
        assert [
            item["automountServiceAccountToken"] for item in listed if item["metadata"]["namespace"] == place.name
        ] == [False]
        api.delete(place("serviceaccounts"), labelSelector="test=static").ok()
        assert [kind for kind, _ in events.take(4)] == ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]


def test_a_token_that_was_asked_for_is_reviewed(api, place):
    api.post(place("serviceaccounts"), {"metadata": {"name": "e2e"}}).ok()
    status = token_of(api, place, "e2e", expirationSeconds=3600)
    assert status["token"]
    assert status["expirationTimestamp"]
    review = api.post(
        "/apis/authentication.k8s.io/v1/tokenreviews",
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": status["token"]}},
    ).ok()["status"]
    assert review["authenticated"] is True
    assert not review.get("error")
    assert review["user"]["username"] == f"system:serviceaccount:{place.name}:e2e"
    assert review["user"]["groups"] == [
        "system:serviceaccounts",
        f"system:serviceaccounts:{place.name}",
        "system:authenticated",
    ]


def test_the_issuer_publishes_the_keys_that_its_tokens_are_signed_with(api, place):
    api.post(place("serviceaccounts"), {"metadata": {"name": "e2e"}}).ok()
    token = token_of(api, place, "e2e")["token"]
    head, claims, _ = (
        json.loads(base64.urlsafe_b64decode(part + "==")) if i < 2 else part for i, part in enumerate(token.split("."))
    )
    answer = api.get("/.well-known/openid-configuration")
    document = answer.ok()
    assert answer.headers["content-type"] == "application/json"
    assert document["issuer"] == claims["iss"]
    assert document["response_types_supported"] == ["id_token"]
    assert document["subject_types_supported"] == ["public"]
    assert head["alg"] in document["id_token_signing_alg_values_supported"]
    answer = api.get("/openid/v1/jwks")
    assert answer.headers["content-type"] == "application/jwk-set+json"
    assert head["kid"] in {key["kid"] for key in answer.ok()["keys"]}


def test_every_namespace_has_the_root_certificate(cluster, room):
    path = room("configmaps", "kube-root-ca.crt")

    def text():
        answer = cluster.get(path)
        return answer.ok()["data"]["ca.crt"] if answer.status == 200 else ""

    given = eventually(text, "it is there")
    cluster.delete(path).ok()
    eventually(text, "it is made again", holds=lambda found: found == given)
    cluster.patch(path, {"data": {"ca.crt": ""}}).ok()
    eventually(text, "it is put right", holds=lambda found: found == given)


@pytest.mark.parametrize("allowed", [False, True])
def test_reviews_say_what_the_account_can_do(api, place, allowed):
    uid = api.post(place("serviceaccounts"), {"metadata": {"name": "e2e"}}).ok()["metadata"]["uid"]
    user = f"system:serviceaccount:{place.name}:e2e"
    groups = ["system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{place.name}"]
    if allowed:
        ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
        subject = {"kind": "ServiceAccount", "name": "e2e", "namespace": place.name}
        body = {"metadata": {"name": "view"}, "roleRef": ref, "subjects": [subject]}
        api.post(place("rbac.authorization.k8s.io/v1/rolebindings"), body).ok()
    attributes = {"verb": "list", "resource": "configmaps", "namespace": place.name, "version": "v1"}
    spec = {"resourceAttributes": attributes, "user": user, "groups": groups, "uid": uid}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    told = api.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review).ok()["status"]["allowed"]
    local = {**review, "kind": "LocalSubjectAccessReview", "metadata": {"namespace": place.name}}
    told_locally = api.post(place("authorization.k8s.io/v1/localsubjectaccessreviews"), local).ok()["status"]["allowed"]
    assert (told, told_locally) == (allowed, allowed)
    api.headers |= {"Impersonate-User": user, "Impersonate-Uid": uid, "Impersonate-Group": groups[0]}
    try:
        me = api.post(
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
        ).ok()["status"]["userInfo"]
        answer = api.get(place("configmaps"))
    finally:
        for name in ("Impersonate-User", "Impersonate-Uid", "Impersonate-Group"):
            del api.headers[name]
    assert (me["username"], me["uid"]) == (user, uid)
    assert answer.status == (200 if allowed else 403)
