"""Single requests and the answers that upstream's server gave to them, seen by asking both the same."""

import pytest

pytestmark = pytest.mark.integration

JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "number": {"type": "number"},
                "word": {"type": "string"},
                "words": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
}


@pytest.fixture
def widgets(define):
    """The path of a custom resource, and an object of it."""
    found = define("Widget", v1=SCHEMA)
    group = found["spec"]["group"]
    return f"/apis/{group}/v1/widgets", {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "w"}}


# server-side apply


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("", 400, "invalid object type: /, Kind="),
        ("{}", 400, "invalid object type: /, Kind="),
        ("kind: ConfigMap\n", 400, "invalid object type: /, Kind=ConfigMap"),
        ("apiVersion: v2\nkind: ConfigMap\n", 400, "invalid object type: v2, Kind=ConfigMap"),
        (
            "[]",
            400,
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go "
            "value of type map[string]interface {}",
        ),
        (
            "a: b: c",
            400,
            "error decoding YAML: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\n",
            400,
            "the name of the object (x based on URL) was undeterminable: name must be provided",
        ),
        (
            '{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}x',
            400,
            "the name of the object (x based on URL) was undeterminable: name must be provided",
        ),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {managedFields: []}\n", 400, "metadata.managedFields must be nil"),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 1, b: y}\n",
            500,
            "failed to create typed patch object (/x; v1, Kind=ConfigMap): errors:\n"
            "  .data.a: expected string, got &value.valueUnstructured{Value:1}\n"
            "  .data.b: expected string, got &value.valueUnstructured{Value:true}",
        ),
    ],
)
def test_configurations_that_cannot_be_applied(api, place, body, code, said):
    assert api.apply(place("configmaps", "x"), body).fails(code)["message"] == said


def test_a_scales_owner_notes_no_time(api, place, make):
    api.post(place("apps/v1/deployments"), make.workload("Deployment", "x")).ok()
    api.patch(place("apps/v1/deployments", "x", "scale"), {"spec": {"replicas": 3}}, fieldManager="scaler").ok()
    entries = api.get(place("apps/v1/deployments", "x")).ok()["metadata"]["managedFields"]
    assert [("time" in e, e["fieldsV1"]) for e in entries if e["manager"] == "scaler"] == [
        (False, {"f:spec": {"f:replicas": {}}})
    ]


# patches


@pytest.mark.parametrize(
    ("kind", "body", "code", "said"),
    [
        (JSON_PATCH, "[1]", 400, "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp"),
        (
            JSON_PATCH,
            '[{"op":1}]',
            400,
            "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string",
        ),
        (JSON_PATCH, '[{"op":"remove","path":"/data/b"}]', 422, "the server rejected our request due to an error in our request"),
        (JSON_PATCH, '[{"op":"test","path":"/data/a","value":"2"}]', 422, "the server rejected our request due to an error in our request"),
        (JSON_PATCH, '[{"op":"copy","from":"","path":"/data/b"}]', 422, "the server rejected our request due to an error in our request"),
        (None, '{"metadata":{"name":"y"}}', 400, "the name of the object (y) does not match the name on the URL (x)"),
        (None, '{"metadata":{"name":null}}', 400, "the name of the object (x based on URL) was undeterminable: name must be provided"),
        (None, '{"metadata":{"uid":"u"}}', 422, 'ConfigMap "x" is invalid: metadata.uid: Invalid value: "u": field is immutable'),
        (None, '{"metadata":{"resourceVersion":"r"}}', 400, 'strconv.ParseUint: parsing "r": invalid syntax'),
        (
            None,
            '{"metadata":{"deletionTimestamp":"2020-01-01T00:00:00Z"}}',
            422,
            'ConfigMap "x" is invalid: metadata.deletionTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable',
        ),
        (STRATEGIC, '{"$patch":"odd"}', 400, "unknown patch type: odd in map: map[$patch:odd]"),
        (STRATEGIC, '{"$retainKeys":"odd"}', 400, "invalid patch format of retainKeys"),
    ],
)  # fmt: skip
def test_patches_that_are_refused(api, place, make, kind, body, code, said):
    api.post(place("configmaps"), make.config_map("x", a="1")).ok()
    status = api.patch(place("configmaps", "x"), body, **({"type_": kind} if kind else {})).fails(code)
    assert status["message"] == said
    if kind == JSON_PATCH and code == 422:
        assert status["details"] == {}


def test_a_strategic_merge_patch_does_not_change_the_kind(api, place, make):
    api.post(place("configmaps"), make.config_map("x", a="1")).ok()
    assert (
        api.patch(place("configmaps", "x"), {"kind": "Foo", "apiVersion": "v9"}, STRATEGIC).ok()["kind"] == "ConfigMap"
    )


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"binaryData": {"a": "-x"}}, "error decoding from json: illegal base64 data at input byte 0"),
        ({"data": []}, "cannot restore map from slice"),
    ],
)
def test_what_a_strategic_merge_patch_leaves_is_restored_or_refused(api, place, make, patch, said):
    api.post(place("configmaps"), make.config_map("x", a="1")).ok()
    assert api.patch(place("configmaps", "x"), patch, STRATEGIC).fails(422)["message"].endswith(said)


# bodies


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"kind": None}, 400, "Object 'Kind' is missing in "),
        ({"apiVersion": "a/b/c"}, 400, "unexpected GroupVersion string: a/b/c"),
        ({"apiVersion": "v9"}, 400, "the API version in the data (v9) does not match the expected API version ("),
        ({"kind": "Gadget"}, 422, 'kind: Invalid value: "Gadget": must be Widget'),
    ],
)
def test_a_custom_resource_says_what_it_is(api, widgets, change, code, said):
    path, widget = widgets
    body = {name: value for name, value in {**widget, **change}.items() if value is not None}
    assert said in api.post(path, body).fails(code)["message"]


@pytest.mark.parametrize(
    ("spec", "stored"),
    [
        (b'{"number":1.0}', {"number": 1}),
        (b'{"number":1e2}', {"number": 100}),
        (b'{"number":-0.0}', {"number": 0}),
        (b'{"word":"\xff"}', {"word": "\ufffd"}),
        (b'{"word":"\\ud800"}', {"word": "\ufffd"}),
        (b'{"words":{"a":null,"b":"c"}}', {"words": {"b": "c"}}),
    ],
)
def test_values_of_custom_resources_as_go_gives_them_back(api, widgets, spec, stored):
    path, widget = widgets
    head = b'{"apiVersion":"%b","kind":"Widget","metadata":{"name":"w"},"spec":' % widget["apiVersion"].encode()
    answer = api.post(path, head + spec + b"}", dryRun="All")
    assert answer.ok()["spec"] == stored
    assert b".0" not in answer.body


def test_empty_metadata_is_not_there_and_a_null_in_a_map_is_an_empty_text(api, place):
    meta = {"name": "x", "labels": {}, "annotations": {"a.b/c": None}, "finalizers": [], "ownerReferences": []}
    found = api.post(place("configmaps"), {"metadata": meta, "data": {"a": None}}).ok()
    assert found["data"] == {"a": ""}
    assert found["metadata"]["annotations"] == {"a.b/c": ""}
    assert not {"labels", "finalizers", "ownerReferences"} & found["metadata"].keys()


OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"ownerReferences": [{**OWNER, "apiVersion": ""}]}, "metadata.ownerReferences.apiVersion: Invalid value: \"\": version must not be empty"),
        ({"ownerReferences": [{**OWNER, "uid": ""}]}, "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty"),
        ({"ownerReferences": [{**OWNER, "kind": "Event"}]}, "/v1, Kind=Event is disallowed from being an owner"),
        (
            {"ownerReferences": [{**OWNER, "controller": True}, {**OWNER, "uid": "v", "controller": True}]},
            "Found \"true\" in references for Pod/p and Pod/p",
        ),
        ({"finalizers": ["a b/c"]}, "metadata.finalizers: Invalid value: \"a b/c\": prefix part"),
        ({"annotations": {"a": "\u00e9" * 131073}}, "metadata.annotations: Too long: may not be more than 262144 bytes"),
    ],
)  # fmt: skip
def test_metadata_that_is_refused(api, place, meta, said):
    assert said in api.post(place("configmaps"), {"metadata": {"name": "x", **meta}}).fails(422)["message"]


# reading


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"limit": ""}, 'strconv.ParseInt: parsing "": invalid syntax'),
        ({"limit": "9" * 20}, f'strconv.ParseInt: parsing "{"9" * 20}": value out of range'),
        ({"timeoutSeconds": "x"}, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ({"timeout": "x"}, 'invalid timeout specified in the request URL - time: invalid duration "x"'),
        ({"timeout": "5"}, 'invalid timeout specified in the request URL - time: missing unit in duration "5"'),
        ({"continue": "x"}, "invalid continue token: continue key is not valid: illegal base64 data at input byte 0"),
        ({"labelSelector": "a=b,"}, "found '', expected: identifier after ','"),
        ({"labelSelector": "=a"}, "found '=', expected: !, identifier, or 'end of string'"),
        ({"labelSelector": "a in ("}, "unable to parse requirement: found '', expected: ',', ')' or identifier"),
    ],
)
def test_list_parameters_that_cannot_be_read(api, place, query, said):
    assert api.get(place("configmaps"), **query).fails(400)["message"] == said
    if "timeout" not in query and "labelSelector" not in query:
        assert api.delete(place("configmaps"), **query).fails(400)["message"] == said


def test_a_list_from_version_0_comes_whole(api, place, make):
    for name in "ab":
        api.post(place("configmaps"), make.config_map(name)).ok()
    found = api.get(place("configmaps"), resourceVersion="0", limit=1).ok()
    assert len(found["items"]) == 2
    assert "continue" not in found["metadata"]


def test_a_list_of_custom_resources_always_says_where_to_go_on(api, widgets):
    path, widget = widgets
    api.post(path, widget).ok()
    assert api.get(path).ok()["metadata"]["continue"] == ""
    assert "continue" not in api.get(path, accept=TABLE).ok()["metadata"]
    assert api.get(path, fieldSelector="spec.word=x").fails(400)["message"] == "field label not supported: spec.word"


@pytest.mark.parametrize(
    "accept",
    [
        "application/json;as=Table",
        "application/json;as=Table;g=meta.k8s.io",
        "application/json;v=v1",
        "APPLICATION/JSON",
    ],
)
def test_clauses_of_accept_that_name_nothing(api, place, accept):
    api.get(place("configmaps"), accept=accept).fails(406, "NotAcceptable")


def test_one_shape_does_not_pass_for_the_other(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    said = "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)"
    assert api.get(place("configmaps"), accept=PARTIAL).fails(406)["message"] == said
    several = PARTIAL.replace("Metadata;", "MetadataList;")
    assert api.get(place("configmaps", "x"), accept=several).fails(400)["message"] == "content is not a list"


def test_a_status_is_yaml_for_who_wants_yaml(api, place):
    answer = api.get(place("configmaps", "x"), accept="application/yaml")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/yaml")
    assert b"reason: NotFound\n" in answer.body


def test_rows_without_objects_say_so(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    [row] = api.get(place("configmaps"), accept=TABLE, includeObject="None").ok()["rows"]
    assert row["object"] is None


@pytest.mark.parametrize(
    ("agent", "query", "indented"),
    [("curl/8.0", {}, True), ("Mozilla/5.0", {}, True), ("kubectl/1", {}, False), ("curl/8.0", {"pretty": "0"}, False)],
)
def test_tools_for_people_get_indented_answers(api, place, agent, query, indented):
    api.headers["User-Agent"] = agent
    try:
        answer = api.get(place("configmaps"), **query)
    finally:
        del api.headers["User-Agent"]
    assert answer.body.startswith(b'{\n  "') is indented


# watching


def test_a_watch_from_the_state_ends_it_with_a_bookmark(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    with api.watch(place("configmaps"), allowWatchBookmarks="true") as events:
        added, bookmark = events.take(2)
    assert added[0] == "ADDED"
    assert bookmark[1]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_a_watch_tells_where_it_is_before_its_end(api, place):
    version = api.get(place("configmaps")).ok()["metadata"]["resourceVersion"]
    with api.watch(
        place("configmaps"), resourceVersion=version, allowWatchBookmarks="true", timeoutSeconds=3
    ) as events:
        [(kind, _)] = events.take(1)
    assert kind == "BOOKMARK"


def test_a_watch_waits_for_a_version_that_is_yet_to_come(api, place, make):
    version = int(api.get(place("configmaps")).ok()["metadata"]["resourceVersion"])
    with api.watch(place("configmaps"), resourceVersion=version + 1) as events:
        assert events.status == 200
        for name in ("first", "second"):
            api.post(place("configmaps"), make.config_map(name)).ok()
        [(_, seen)] = events.take(1)
    assert seen["metadata"]["name"] == "second"


def test_watches_are_not_written_as_yaml(api, place):
    answer = api.get(place("configmaps"), watch="true", accept="application/yaml")
    assert answer.status == 406
    assert b"application/json;stream=watch" in answer.body


# deleting


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("[]", 400, "json: cannot unmarshal array into Go value of type struct {"),
        ('{"gracePeriodSeconds":"5"}', 400, "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"),
        ('{"preconditions":"x"}', 400, "json: cannot unmarshal string into Go struct field DeleteOptions.preconditions of type v1.Preconditions"),
        ('{"propagationPolicy":""}', 422, 'propagationPolicy: Unsupported value: "": supported values: "Foreground", "Background", "Orphan", "nil"'),
        ('{"preconditions":{"uid":""}}', 409, "the UID in the precondition () does not match the UID in record"),
    ],
)  # fmt: skip
def test_delete_options_that_are_refused(api, place, make, body, code, said):
    api.post(place("configmaps"), make.config_map("x")).ok()
    assert said in api.delete(place("configmaps", "x"), body).fails(code)["message"]


def test_beside_a_body_the_query_of_a_deletion_counts_for_nothing(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    api.delete(place("configmaps", "x"), "{}", dryRun="All").ok()
    api.get(place("configmaps", "x")).fails(404)


# paths


@pytest.mark.parametrize(
    ("path", "bare"),
    [
        ("/api/v1/namespaces/default/nothing", False),
        ("/api/v1/namespaces/default/nodes", False),
        ("/api/v1/namespaces/default/configmaps/x/nothing", False),
        ("/api/v2", False),
        ("/apis/apps/v9", False),
        ("/apis/apps/v9/deployments", False),
        ("/apis/nope.example.com/v1", True),
        ("/apis/nope.example.com/v1/things", True),
        ("//api/v1/nodes", True),
    ],
)
def test_what_is_not_there_is_a_status_below_the_servers_own_groups(api, path, bare):
    answer = api.get(path)
    assert answer.status == 404
    if bare:
        assert answer.body == b"404 page not found\n"
        assert answer.headers["x-content-type-options"] == "nosniff"
    else:
        assert answer.obj["message"] == "the server could not find the requested resource"
        assert answer.obj["details"] == {}


@pytest.mark.parametrize(("name", "why"), [("..", "may not be '..'"), ("a%25b", "may not contain '%'")])
def test_names_that_can_be_none(api, place, name, why):
    assert why in api.get(f"{place('configmaps')}/{name}").fails(400)["message"]


def test_a_custom_resource_is_routed_by_its_verb(api, widgets):
    path, widget = widgets
    group = widget["apiVersion"].partition("/")[0]
    api.post(path, widget).ok()
    said = f'create is not supported on resources of kind "widgets.{group}"'
    for method, wanted in (("PUT", "name must be provided"), ("PATCH", "name must be provided")):
        assert api(method, path, {}).obj["message"] == wanted
    assert api.get(f"{path}/w/status").fails(404)["message"] == f'widgets.{group} "w" not found'
    assert api.post(f"{path}/w", widget).fails(405)["message"] == said
