"""OpenAPI's operations: names, parameters, forms and answers as upstream's clients are generated from."""

from functools import cache
from typing import Any

import orjson
import pytest

from kajitori.aiokit.http.message import Headers, Request
from kajitori.api import scheme
from kajitori.apiserver.openapi.documents import Documents

PODS = "/api/v1/namespaces/{namespace}/pods"
JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"


@cache
def documents() -> Documents:
    return Documents(scheme.builtin())


@cache
def document(path: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(ask(path).body)
    return found


def ask(path: str, query: str = "") -> Any:
    request = Request(method="GET", target=f"{path}?{query}", headers=Headers([]), body=None)  # type: ignore[arg-type]
    return documents().answer(request, path)


def operation(path: str, method: str) -> dict[str, Any]:
    item = document("/openapi/v2")["paths"][path]
    whole: dict[str, Any] = item[method]
    return {**whole, "names": {p["name"] for p in [*item.get("parameters", ()), *whole.get("parameters", ())]}}


@pytest.mark.parametrize(
    ("path", "method", "name", "action"),
    [
        (PODS, "get", "listCoreV1NamespacedPod", "list"),
        ("/api/v1/pods", "get", "listCoreV1PodForAllNamespaces", "list"),
        (PODS, "post", "createCoreV1NamespacedPod", "post"),
        (PODS, "delete", "deleteCoreV1CollectionNamespacedPod", "deletecollection"),
        (f"{PODS}/{{name}}", "put", "replaceCoreV1NamespacedPod", "put"),
        (f"{PODS}/{{name}}/status", "patch", "patchCoreV1NamespacedPodStatus", "patch"),
        (f"{PODS}/{{name}}/exec", "post", "connectCoreV1PostNamespacedPodExec", "connect"),
        (f"{PODS}/{{name}}/proxy/{{path}}", "head", "connectCoreV1HeadNamespacedPodProxyWithPath", "connect"),
        (f"{PODS}/{{name}}/log", "get", "readCoreV1NamespacedPodLog", "get"),
        ("/api/v1/watch/pods", "get", "watchCoreV1PodListForAllNamespaces", "watchlist"),
        ("/api/v1/watch/namespaces/{namespace}/pods/{name}", "get", "watchCoreV1NamespacedPod", "watch"),
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles", "get", "listRbacAuthorizationV1ClusterRole", "list"),
        ("/apis/apps/v1/", "get", "getAppsV1APIResources", None),
        ("/apis/apps/", "get", "getAppsAPIGroup", None),
        ("/api/", "get", "getCoreAPIVersions", None),
        ("/apis/", "get", "getAPIVersions", None),
        ("/version/", "get", "getCodeVersion", None),
    ],
)
def test_operations_have_upstreams_names(path: str, method: str, name: str, action: str | None) -> None:
    found = operation(path, method)
    assert (found["operationId"], found.get("x-kubernetes-action")) == (name, action)


def test_an_apply_says_what_it_takes() -> None:
    found = operation(f"{PODS}/{{name}}", "patch")
    assert found["names"] == {
        *("name", "namespace", "body", "pretty", "dryRun", "fieldManager", "fieldValidation", "force")
    }
    assert "application/apply-patch+yaml" in found["consumes"]
    assert found["produces"] == [JSON, YAML, PROTOBUF]
    assert set(found["responses"]) == {"200", "201", "401"}


def test_a_deletion_need_not_have_a_body() -> None:
    found = operation(f"{PODS}/{{name}}", "delete")
    (body,) = [p for p in found["parameters"] if p["in"] == "body"]
    assert "required" not in body
    assert found["responses"]["202"]["schema"]["$ref"].endswith("core.v1.Pod")


def test_every_operation_has_a_name_of_its_own() -> None:
    items = document("/openapi/v2")["paths"].values()
    names = [found["operationId"] for item in items for method, found in item.items() if method != "parameters"]
    assert len(names) == len(set(names)) > 700


def test_every_parameter_is_described() -> None:
    for path, item in document("/openapi/v2")["paths"].items():
        for p in item.get("parameters", ()):
            assert p["description"], (path, p["name"])


def test_v3_has_a_document_for_what_belongs_to_no_resource() -> None:
    index = document("/openapi/v3")["paths"]
    for name in ("api", "apis", "apis/apps", "version", "openid/v1/jwks", ".well-known/openid-configuration"):
        found = document(f"/openapi/v3/{name}")
        assert list(found["paths"]) == [f"/{name}/"]
        assert name in index


def test_what_was_kept_under_an_older_hash_is_asked_for_anew() -> None:
    url = document("/openapi/v3")["paths"]["apis/apps/v1"]["serverRelativeURL"]
    path, _, query = url.partition("?")
    moved = ask(path, "hash=OLD")
    assert (moved.status, dict(moved.headers)["Location"]) == (301, url)
    assert dict(ask(path, query).headers)["Cache-Control"] == "public, immutable"


def test_what_may_be_kept_begins_with_saying_so() -> None:
    path, _, query = document("/openapi/v3")["paths"]["apis/apps/v1"]["serverRelativeURL"].partition("?")
    assert ask(path, query).headers[0] == ("Cache-Control", "public, immutable")  # the pipeline looks there
