"""What the server says of itself: discovery in both forms, OpenAPI with its tags, version, health, policies."""

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration
V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
STABLE = {
    "apps/v1", "batch/v1", "autoscaling/v1", "autoscaling/v2", "policy/v1", "networking.k8s.io/v1", "discovery.k8s.io/v1",
    "storage.k8s.io/v1", "rbac.authorization.k8s.io/v1", "scheduling.k8s.io/v1", "coordination.k8s.io/v1", "events.k8s.io/v1",
    "node.k8s.io/v1", "certificates.k8s.io/v1", "admissionregistration.k8s.io/v1", "apiextensions.k8s.io/v1",
    "apiregistration.k8s.io/v1", "authentication.k8s.io/v1", "authorization.k8s.io/v1", "flowcontrol.apiserver.k8s.io/v1",
    "resource.k8s.io/v1",
}  # fmt: skip


def test_every_stable_group_is_served(api):
    groups = api.get("/apis").ok()
    assert groups["kind"] == "APIGroupList"
    assert {v["groupVersion"] for g in groups["groups"] for v in g["versions"]} >= STABLE
    for group in groups["groups"]:
        assert group["preferredVersion"] in group["versions"]
        one = api.get(f"/apis/{group['name']}").ok()
        assert (one["kind"], one["name"]) == ("APIGroup", group["name"])
    core = api.get("/api").ok()
    assert (core["kind"], core["versions"]) == ("APIVersions", ["v1"])


def test_every_resource_says_how_it_is_served(api):
    for root in ["/api/v1", *(f"/apis/{name}" for name in sorted(STABLE))]:
        found = api.get(root).ok()
        assert found["kind"] == "APIResourceList"
        for resource in found["resources"]:
            assert resource["kind"]
            assert resource["verbs"], resource
            stored = "list" in resource["verbs"] and resource["name"] != "componentstatuses"
            if "/" not in resource["name"] and stored:
                assert resource["storageVersionHash"], resource
                assert resource["singularName"], resource


def test_aggregated_discovery_tells_the_same(api):
    for root in ("/api", "/apis"):
        answer = api.get(root, accept=V2)
        found = answer.ok()
        assert found["kind"] == "APIGroupDiscoveryList"
        assert answer.headers["content-type"] == V2
        for group in found["items"]:
            for version in group["versions"]:
                name = group["metadata"].get("name", "")
                path = f"/apis/{name}/{version['version']}" if name else f"/api/{version['version']}"
                old = {r["name"] for r in api.get(path).ok()["resources"]}
                new = {r["resource"] for r in version["resources"]}
                new |= {
                    f"{r['resource']}/{s['subresource']}"
                    for r in version["resources"]
                    for s in r.get("subresources", ())
                }
                assert new == old, path


def resources_of(api, root, group, version):
    """What aggregated discovery knows of a group's version."""
    for item in api.get(root, accept=V2).ok()["items"]:
        if item["metadata"].get("name", "") == group:
            for one in item["versions"]:
                if one["version"] == version:
                    return {resource["resource"]: resource for resource in one["resources"]}
    return {}


def test_a_custom_resource_is_discovered_as_soon_as_it_is_served(api, define):
    made = define("Gadget", v1={"type": "object", "x-kubernetes-preserve-unknown-fields": True})
    group = made["spec"]["group"]
    found = eventually(lambda: resources_of(api, "/apis", group, "v1"), "it is in aggregated discovery")
    assert found["gadgets"]["responseKind"] == {"group": group, "version": "v1", "kind": "Gadget"}
    assert found["gadgets"]["singularResource"] == "gadget"
    assert found["gadgets"]["scope"] == "Cluster"
    [resource] = api.get(f"/apis/{group}/v1").ok()["resources"]
    assert (resource["name"], resource["kind"], resource["namespaced"]) == ("gadgets", "Gadget", False)


def test_every_group_lists_a_resource_of_the_version_that_it_names(api):
    groups = [group for group in api.get("/apis").ok()["groups"] if "example.com" not in group["name"]]
    for version in [v["groupVersion"] for group in groups for v in group["versions"]]:
        found = api.get(f"/apis/{version}").ok()
        assert (found["kind"], found["groupVersion"]) == ("APIResourceList", version)
        assert all(resource["name"] and resource["kind"] for resource in found["resources"])
        assert any("create" in resource["verbs"] or "get" in resource["verbs"] for resource in found["resources"])


def test_openapi_v3_is_named_by_its_hash_and_may_be_kept(api):
    index = api.get("/openapi/v3").ok()["paths"]
    assert {"api/v1", "apis/apps/v1"} <= set(index)
    url = index["apis/apps/v1"]["serverRelativeURL"]
    answer = api.get(url)
    document = answer.ok()
    assert document["openapi"].startswith("3.")
    schema = document["components"]["schemas"]["io.k8s.api.apps.v1.Deployment"]
    assert schema["x-kubernetes-group-version-kind"] == [{"group": "apps", "kind": "Deployment", "version": "v1"}]
    assert answer.headers["cache-control"] == "public, immutable"
    tag = answer.headers["etag"]
    api.headers["If-None-Match"] = tag
    try:
        again = api.get(url)
    finally:
        del api.headers["If-None-Match"]
    assert (again.status, again.body) == (304, b"")


def test_openapi_v2_knows_every_kind(api):
    document = api.get("/openapi/v2").ok()
    assert document["swagger"] == "2.0"
    kinds = {
        (gvk["group"], gvk["kind"])
        for definition in document["definitions"].values()
        for gvk in definition.get("x-kubernetes-group-version-kind", ())
    }
    assert {("apps", "Deployment"), ("", "Pod"), ("networking.k8s.io", "Ingress")} <= kinds
    assert "/api/v1/namespaces/{namespace}/pods" in document["paths"]


def test_version_health_and_paths(api):
    version = api.get("/version").ok()
    assert (version["major"], version["minor"]) == ("1", "34")
    for path in ("/healthz", "/livez", "/readyz"):
        answer = api.get(path)
        assert (answer.status, answer.body) == (200, b"ok")
        assert b"[+]ping ok\n" in api.get(path, verbose="").body
        assert api.get(path + "/ping").body == b"ok"
        assert b"[+]poststarthook/rbac/bootstrap-roles ok\n" in api.get(path, verbose="").body
        assert api.get(path + "/poststarthook/rbac/bootstrap-roles").body == b"ok"
        assert api.get(path + "/poststarthook/rbac").status == 404
    assert "/apis/apps/v1" in api.get("/").ok()["paths"]


POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic"


@pytest.fixture
def bound(api, place):
    """Makes a policy on Deployments and binds it to the test's namespace; both are gone afterwards."""
    name = f"{place.name}.policy.example.com"
    rule = {
        "apiGroups": ["apps"],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["deployments"],
    }
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.name}}}

    def make(**spec):
        spec = {"matchConstraints": {**here, "resourceRules": [rule]}, **spec}
        api.post(f"{POLICIES}ies", {"metadata": {"name": name}, "spec": spec}).ok()
        spec = {"policyName": name, "validationActions": ["Deny"], "matchResources": here}
        api.post(f"{POLICIES}ybindings", {"metadata": {"name": name}, "spec": spec}).ok()
        return name

    yield make
    api.delete(f"{POLICIES}ybindings/{name}")
    api.delete(f"{POLICIES}ies/{name}")


def denied(api, place, body):
    return eventually(
        lambda: (a := api.post(place("apps/v1/deployments"), body, dryRun="All")).status == 422 and a,
        "the policy holds",
    ).fails(422, "Invalid")["message"]


def test_a_policy_about_deployments_leaves_their_replica_sets_alone(api, place, make, bound):
    name = bound(
        validations=[
            {
                "expression": "object.spec.replicas > 1",
                "messageExpression": "'wants replicas > 1, got ' + object.spec.replicas",
            }
        ]
    )
    message = denied(api, place, make.workload("Deployment", "marker", replicas=1))
    assert message == (
        f"deployments.apps \"marker\" is forbidden: ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: "
        "failed expression: object.spec.replicas > 1"
    )
    api.post(place("apps/v1/deployments"), make.workload("Deployment", "replicated", replicas=2)).ok()
    api.post(place("apps/v1/replicasets"), make.workload("ReplicaSet", "single", replicas=1)).ok()


def test_expressions_of_a_policy_share_variables(api, place, make, bound):
    bound(
        variables=[
            {"name": "replicas", "expression": "object.spec.replicas"},
            {"name": "oddReplicas", "expression": "variables.replicas % 2 == 1"},
        ],
        validations=[
            {"expression": "variables.replicas > 1"},
            {"expression": "variables.oddReplicas", "messageExpression": "'odd, not ' + string(variables.replicas)"},
        ],
    )
    assert denied(api, place, make.workload("Deployment", "m", replicas=1)).endswith(
        "failed expression: variables.replicas > 1"
    )
    assert denied(api, place, make.workload("Deployment", "m", replicas=4)).endswith("denied request: odd, not 4")
    api.post(place("apps/v1/deployments"), make.workload("Deployment", "m", replicas=3)).ok()


def test_a_policy_refuses_with_its_own_words(api, place, make):
    base = "/apis/admissionregistration.k8s.io/v1"
    policy = {
        "metadata": {"name": "few-replicas.example.com"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": ["apps"],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": ["deployments"],
                    }
                ],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.name}},
            },
            "validations": [{"expression": "object.spec.replicas <= 3", "message": "too many"}],
        },
    }
    api.post(f"{base}/validatingadmissionpolicies", policy).ok()
    binding = {
        "metadata": {"name": "few-replicas.example.com"},
        "spec": {"policyName": "few-replicas.example.com", "validationActions": ["Deny"]},
    }
    api.post(f"{base}/validatingadmissionpolicybindings", binding).ok()
    try:
        marker = make.workload("Deployment", "web", replicas=5)
        answer = eventually(
            lambda: (a := api.post(place("apps/v1/deployments"), marker, dryRun="All")).status == 422 and a,
            "the policy holds",
        )
        answer.fails(
            422,
            "Invalid",
            "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'few-replicas.example.com' with binding "
            "'few-replicas.example.com' denied request: too many",
        )
        api.post(place("apps/v1/deployments"), make.workload("Deployment", "web", replicas=3)).ok()
    finally:
        api.delete(f"{base}/validatingadmissionpolicybindings/few-replicas.example.com")
        api.delete(f"{base}/validatingadmissionpolicies/few-replicas.example.com")


def test_expressions_about_a_custom_resource_are_checked_by_its_schema(cluster):
    fields = {"cronSpec": {"type": "string"}, "replicas": {"type": "integer"}}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "CronTab", "plural": "crontabs", "singular": "crontab"}
    spec = {"group": "typed.example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    cluster.post(crds, {"metadata": {"name": "crontabs.typed.example.com"}, "spec": spec}).ok()
    eventually(lambda: cluster.get("/apis/typed.example.com/v1/crontabs").status == 200, "it is served")
    rule = {"apiGroups": ["typed.example.com"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["crontabs"]}
    wrong = {
        "expression": "object.spec.replicas > '1'",
        "messageExpression": "'wants replicas > 1, got ' + object.spec.replicas",
    }
    right = {"expression": "object.spec.replicas > 1 && object.metadata.labels['a'] == object.spec.cronSpec"}
    spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [wrong, right]}
    try:
        cluster.post(f"{POLICIES}ies", {"metadata": {"name": "typed.example.com"}, "spec": spec}).ok()
        status = eventually(
            lambda: cluster.get(f"{POLICIES}ies/typed.example.com").ok()["status"],
            "it is checked",
            holds=lambda found: "typeChecking" in found,
        )
        first, second = status["typeChecking"]["expressionWarnings"]
        assert first["fieldRef"] == "spec.validations[0].expression"
        assert "found no matching overload for '_>_' applied to '(int, string)'" in first["warning"]
        assert first["warning"].startswith("typed.example.com/v1, Kind=CronTab: ERROR: <input>:1:22: ")
        assert second["fieldRef"] == "spec.validations[0].messageExpression"
        assert "found no matching overload for '_+_' applied to '(string, int)'" in second["warning"]
    finally:
        cluster.delete(f"{POLICIES}ies/typed.example.com")
        cluster.delete(f"{crds}/crontabs.typed.example.com")
