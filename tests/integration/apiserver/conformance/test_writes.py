"""Writes: dry run, generated names, versions, names that must agree, limits, wrong content."""

import json

import pytest

pytestmark = pytest.mark.integration


JSON_PATCH = "application/json-patch+json"

STRATEGIC = "application/strategic-merge-patch+json"


def test_a_dry_run_value_that_is_none(api, place, make):
    answer = api.post(place("configmaps"), make.config_map("x"), dryRun="Some")
    answer.fails(
        422,
        "Invalid",
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    )


def test_a_dry_run_does_everything_but_store(api, place, make):
    path = place("configmaps")
    made = api.post(path, make.config_map("x"), dryRun="All").ok()
    assert made["metadata"]["uid"]
    assert "resourceVersion" not in made["metadata"]
    api.get(path + "/x").fails(404)
    live = api.post(path, make.config_map("x")).ok()
    changed = api.put(path + "/x", {**live, "data": {"a": "c"}}, dryRun="All").ok()
    assert changed["data"] == {"a": "c"}
    assert api.patch(path + "/x", {"data": {"a": "d"}}, dryRun="All").ok()["data"] == {"a": "d"}
    assert api.delete(path + "/x", dryRun="All").status == 200
    assert api.delete(path + "/x", {"dryRun": ["All"]}).status == 200
    assert api.delete(path, dryRun="All").status == 200
    assert api.get(path + "/x").ok() == live
    api.post(path, make.config_map("x"), dryRun="All").fails(409, "AlreadyExists", 'configmaps "x" already exists')


def test_generated_names(api, place):
    body = {"metadata": {"generateName": "made-"}}
    names = {api.post(place("configmaps"), body).ok()["metadata"]["name"] for _ in range(10)}
    assert len(names) == 10
    long = api.post(place("configmaps"), {"metadata": {"generateName": "x" * 63}}).ok()["metadata"]["name"]
    assert len(long) == 63


def test_an_object_without_a_name(api, place):
    answer = api.post(place("configmaps"), {"data": {}})
    answer.fails(
        422, "Invalid", 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'
    )


def test_an_update_on_top_of_an_old_version_is_a_conflict(api, place, make):
    path = place("configmaps", "x")
    live = api.post(place("configmaps"), make.config_map("x")).ok()
    api.put(path, {**live, "data": {"a": "2"}}).ok()
    answer = api.put(path, {**live, "data": {"a": "3"}})
    status = answer.fails(
        409,
        "Conflict",
        'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes to '
        "the latest version and try again",
    )
    assert status["details"] == {"name": "x", "kind": "configmaps"}
    del live["metadata"]["resourceVersion"]
    assert api.put(path, {**live, "data": {"a": "4"}}).ok()["data"] == {"a": "4"}


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("coordination.k8s.io/v1/leases", {"spec": {"holderIdentity": "me"}}),
        ("policy/v1/poddisruptionbudgets", {"spec": {"minAvailable": 1}}),
        ("networking.k8s.io/v1/networkpolicies", {"spec": {"podSelector": {}}}),
        (
            "autoscaling/v2/horizontalpodautoscalers",
            {"spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "D", "name": "n"}}},
        ),
        ("apps/v1/deployments", None),
        ("apps/v1/replicasets", None),
        (
            "batch/v1/jobs",
            {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}}},
        ),
        ("rbac.authorization.k8s.io/v1/roles", {"rules": []}),
        ("resourcequotas", {"spec": {"hard": {"pods": "3"}}}),
        ("endpoints", {}),
        ("services", {"spec": {"ports": [{"port": 80}]}}),
        (
            "networking.k8s.io/v1/ingresses",
            {"spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 1}}}}},
        ),
        ("discovery.k8s.io/v1/endpointslices", {"addressType": "IPv4", "endpoints": []}),
    ],
)
def test_an_update_without_a_version(api, place, make, resource, body):
    """Almost every kind allows it; those that do not answer with the words of the last line."""
    if body is None:
        body = make.workload({"deployments": "Deployment", "replicasets": "ReplicaSet"}[resource.rsplit("/")[-1]], "x")
    body = {**body, "metadata": {"name": "x"}}
    live = api.post(place(resource), body).ok()
    del live["metadata"]["resourceVersion"]
    answer = api.put(place(resource, "x"), live)
    if resource.rsplit("/")[-1] in FORBID_UNCONDITIONAL:
        status = answer.fails(422, "Invalid")
        group, _, plural = resource.replace("/v1/", "/").rpartition("/")
        assert status["message"] == (
            f'{plural}.{group} "x" is invalid: metadata.resourceVersion: Invalid value: 0: '
            "must be specified for an update"
        )
    else:
        assert answer.status == 200, answer.body


FORBID_UNCONDITIONAL = frozenset({"leases", "poddisruptionbudgets"})


def test_names_must_agree(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    answer = api.put(place("configmaps", "x"), make.config_map("y"))
    answer.fails(400, "BadRequest", "the name of the object (y) does not match the name on the URL (x)")
    answer = api.post(place("configmaps"), make.config_map("z", namespace="other"))
    answer.fails(
        400,
        "BadRequest",
        "the namespace of the provided object does not match the namespace sent on the request",
    )


def test_immutable_config_maps_and_secrets(api, place, make):
    api.post(place("configmaps"), {**make.config_map("x"), "immutable": True}).ok()
    answer = api.patch(place("configmaps", "x"), {"data": {"a": "c"}})
    answer.fails(
        422, "Invalid", 'ConfigMap "x" is invalid: data: Forbidden: field is immutable when `immutable` is set'
    )
    answer = api.patch(place("configmaps", "x"), {"immutable": False})
    answer.fails(
        422, "Invalid", 'ConfigMap "x" is invalid: immutable: Forbidden: field is immutable when `immutable` is set'
    )
    assert api.patch(place("configmaps", "x"), {"metadata": {"labels": {"a": "b"}}}).status == 200
    api.post(place("secrets"), {"metadata": {"name": "s"}, "immutable": True, "stringData": {"a": "b"}}).ok()
    answer = api.patch(place("secrets", "s"), {"stringData": {"a": "c"}})
    answer.fails(422, "Invalid", 'Secret "s" is invalid: data: Forbidden: field is immutable when `immutable` is set')
    api.delete(place("secrets", "s")).ok()


def test_owner_references_are_made_unique_with_a_warning(api, place, make):
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "1-2"}
    answer = api.post(place("configmaps"), make.config_map("x", ownerReferences=[owner, owner]))
    assert len(answer.ok()["metadata"]["ownerReferences"]) == 1
    assert answer.warnings == [
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may "
        "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 1-2"
    ]


def test_a_body_that_is_too_large(api, place):
    body = json.dumps({"metadata": {"name": "x"}, "data": {"a": "x" * (3 << 20)}})
    answer = api.post(place("configmaps"), body)
    answer.fails(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728")


def test_deep_nesting_is_refused(api, place):
    for depth in (300, 1_000, 2_000, 200_000):
        body = '{"metadata":{"name":"x"},"data":' + '{"a":' * depth + "1" + "}" * depth + "}"
        assert api.post(place("configmaps"), body).status == 400
        for body in ("[" * depth, "[" * depth + "]" * depth):
            assert api.post(place("configmaps"), body).status == 400
        body = "[" * depth
        assert api.post(place("configmaps"), body).status == 400
        patch = '{"data":' * depth + "1" + "}" * depth
        assert 400 <= api.patch(place("configmaps", "none"), patch).status < 500
        yaml = "a: " + "[" * min(depth, 50_000)
        assert api.post(place("configmaps"), yaml, type_="application/yaml").status == 400


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "3", '"x"', "\x00", "{}garbage"])
def test_bodies_that_are_no_object(api, place, body):
    answer = api.post(place("configmaps"), body)
    assert answer.status in (400, 422), answer.body
    assert answer.obj["kind"] == "Status"


def test_content_types_that_no_one_reads(api, place, make):
    answer = api.post(place("configmaps"), make.config_map("x"), type_="text/plain")
    answer.fails(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: application/json, "
        "application/yaml, application/vnd.kubernetes.protobuf",
    )
    answer = api.patch(place("configmaps", "x"), {}, "application/json")
    answer.fails(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
        "application/apply-patch+yaml",
    )


def test_kinds_that_do_not_fit_the_url(api, place):
    answer = api.post(place("configmaps"), {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}})
    assert answer.fails(400, "BadRequest")["message"].startswith(
        'Secret in version "v1" cannot be handled as a ConfigMap'
    )
    answer = api.post(place("configmaps"), {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "x"}})
    answer.fails(400, "BadRequest")


def test_a_json_patch_that_does_not_apply(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    path = place("configmaps", "x")
    answer = api.patch(path, [{"op": "test", "path": "/data/a", "value": "z"}], JSON_PATCH)
    answer.fails(422, "Invalid", "the server rejected our request due to an error in our request")
    answer = api.patch(path, [{"op": "remove", "path": "/data/none"}], JSON_PATCH)
    answer.fails(422, "Invalid", "the server rejected our request due to an error in our request")
    answer = api.patch(path, [{"op": "copy", "from": "/data", "path": "/data/a"}] * 10_001, JSON_PATCH)
    status = answer.fails(413, "RequestEntityTooLarge")
    assert "10000" in status["message"]


def test_create_on_update_where_upstream_has_it(api, place):
    body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "x"}, "spec": {}}
    assert api.put(place("coordination.k8s.io/v1/leases", "x"), body).status == 201
    answer = api.put(place("configmaps", "none"), {"metadata": {"name": "none"}})
    answer.fails(404, "NotFound", 'configmaps "none" not found')


def test_create_refuses_a_version(api, place, make):
    answer = api.post(place("configmaps"), make.config_map("x", resourceVersion="5"))
    answer.fails(500, "", "resourceVersion should not be set on objects to be created")


def test_what_is_not_there(api, place):
    answer = api.get(place("configmaps", "none"))
    status = answer.fails(404, "NotFound", 'configmaps "none" not found')
    assert status["details"] == {"name": "none", "kind": "configmaps"}
    assert api.get("/apis/none/v1/things").status == 404
    answer = api.delete(place("configmaps", "x", "status"))
    assert answer.status == 404
    answer = api("OPTIONS", place("configmaps"))
    assert answer.status in (404, 405)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (
            {"name": "A_b"},
            "metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ),
        (
            {"name": "x", "labels": {"a b": "c"}},
            "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        ),
        (
            {"name": "x", "finalizers": ["x"]},
            'metadata.finalizers[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
        ),
    ],
)
def test_metadata_must_be_well_formed(api, place, meta, message):
    status = api.post(place("configmaps"), {"metadata": meta}).fails(422, "Invalid")
    assert message in status["message"]


def test_a_patch_whose_result_is_no_such_object_is_invalid(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    for kind, words in (
        (
            "application/merge-patch+json",
            "json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string",
        ),
        (STRATEGIC, '"" is invalid: patch: Invalid value: "map[data:3]": cannot restore map from int64'),
    ):
        status = api.patch(place("configmaps", "x"), {"data": 3}, kind).fails(422, "Invalid")
        assert status["message"].endswith(words)


def test_methods_that_do_not_fit_a_path(api, place, make):
    message = "the server does not allow this method on the requested resource"
    api.post(place("configmaps", "x"), make.config_map("x")).fails(405, "MethodNotAllowed", message)
    api.put(place("configmaps"), make.config_map("x")).fails(405, "MethodNotAllowed", message)
    api.patch(place("configmaps"), {}).fails(405, "MethodNotAllowed", message)
    api("OPTIONS", place("configmaps")).fails(405, "MethodNotAllowed", message)


def test_head_and_options_are_for_what_is_proxied_alone(api, place, make):
    """Upstream routes built-in kinds by method; custom resources go by verb, and HEAD's is get."""
    api.post(place("configmaps"), make.config_map("x")).ok()
    for path in (["configmaps"], ["configmaps", "x"], ["pods", "x", "log"], ["apps/v1/deployments", "x", "status"]):
        answer = api("HEAD", place(*path))
        assert (answer.status, answer.body) == (405, b"")
    assert api("HEAD", place("pods", "x", "proxy/")).status == 404
    api("OPTIONS", place("pods", "x", "proxy/")).fails(404, "NotFound", 'pods "x" not found')
    assert api("HEAD", place("nopes")).status == 404
