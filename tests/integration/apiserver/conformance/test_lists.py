"""Lists: chunks of one snapshot, versions and how they match, tables, partial metadata."""

import base64
import json

import pytest

pytestmark = pytest.mark.integration
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


@pytest.fixture
def shelf(api, place, make):
    for number in range(7):
        api.post(place("podtemplates"), template(f"t{number}")).ok()
    return place("podtemplates")


def template(name: str) -> dict:
    spec = {"containers": [{"name": "c", "image": "i"}]}
    return {"metadata": {"name": name, "labels": {"n": name}}, "template": {"spec": spec}}


def names(found) -> list[str]:
    return [item["metadata"]["name"] for item in found["items"]]


def test_chunks_are_of_one_snapshot(api, place, shelf):
    token, seen, version = "", [], ""
    while True:
        found = api.get(shelf, limit=3, **({"continue": token} if token else {})).ok()
        version = version or found["metadata"]["resourceVersion"]
        assert found["metadata"]["resourceVersion"] == version
        seen += names(found)
        token = found["metadata"].get("continue", "")
        if not token:
            assert "remainingItemCount" not in found["metadata"]
            break
        assert found["metadata"]["remainingItemCount"] == 7 - len(seen)
        api.post(shelf, template(f"z{len(seen)}")).ok()
    assert seen == [f"t{number}" for number in range(7)]


def test_no_remaining_count_with_a_selector(api, shelf):
    found = api.get(shelf, limit=2, labelSelector="n!=t0").ok()
    assert "remainingItemCount" not in found["metadata"]
    assert found["metadata"]["continue"]


def test_a_token_that_is_too_old_is_410_and_brings_another_that_goes_on(api, shelf, forget):
    first = api.get(shelf, limit=2).ok()
    api.post(shelf, template("t1b")).ok()
    forget("podtemplates")
    answer = api.get(shelf, limit=2, **{"continue": first["metadata"]["continue"]})
    status = answer.fails(410, "Expired")
    assert status["message"].startswith(
        "The provided continue parameter is too old to display a consistent list result."
    )
    found = api.get(shelf, limit=3, **{"continue": status["metadata"]["continue"]}).ok()
    assert names(found) == ["t1b", "t2", "t3"]
    version, _ = _token(found["metadata"]["continue"])
    assert version == int(found["metadata"]["resourceVersion"])


def test_a_token_from_before_the_last_compaction_is_410(api, shelf, control_plane):
    first = api.get(shelf, limit=2).ok()
    version, token = first["metadata"]["resourceVersion"], first["metadata"]["continue"]
    later = api.post(shelf, template("t1c")).ok()["metadata"]["resourceVersion"]
    assert names(api.get(shelf, limit=2, **{"continue": token}).ok()) == ["t2", "t3"]
    control_plane.server.cacher.forget(int(version))
    assert names(api.get(shelf, limit=2, **{"continue": token}).ok()) == ["t2", "t3"]
    control_plane.server.cacher.forget(int(later))
    status = api.get(shelf, limit=2, **{"continue": token}).fails(410, "Expired")
    assert names(api.get(shelf, limit=2, **{"continue": status["metadata"]["continue"]}).ok()) == ["t1c", "t2"]


def _token(token: str):
    raw = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    return raw["rv"], raw["start"]


def _encode(raw) -> str:
    return base64.urlsafe_b64encode(json.dumps(raw).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {"resourceVersionMatch": "Exact"},
            'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
        ),
        (
            {"resourceVersionMatch": "Exact", "resourceVersion": "0"},
            'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
        (
            {"resourceVersionMatch": "Older", "resourceVersion": "1"},
            'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Older": supported values: "Exact", "NotOlderThan", ""',
        ),
    ],
)
def test_versions_and_matches_that_contradict_each_other(api, shelf, query, message):
    api.get(shelf, **query).fails(422, "Invalid", message)


def test_a_token_and_a_version_exclude_each_other(api, shelf):
    token = api.get(shelf, limit=2).ok()["metadata"]["continue"]
    answer = api.get(shelf, resourceVersion="5", **{"continue": token})
    answer.fails(400, "BadRequest", "specifying resource version is not allowed when using continue")
    answer = api.get(shelf, resourceVersion="5", resourceVersionMatch="Exact", **{"continue": token})
    answer.fails(
        422,
        "Invalid",
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
    )


def test_a_token_that_is_none_is_refused(api, shelf):
    api.get(shelf, **{"continue": "abc"}).fails(400, "BadRequest")
    api.get(shelf, **{"continue": "a!c"}).fails(400, "BadRequest")
    api.get(shelf, **{"continue": _encode({"v": "other", "rv": 3, "start": "x"})}).fails(
        400,
        "BadRequest",
        "invalid continue token: continue key is not valid: server does not recognize this encoded version other",
    )


@pytest.mark.parametrize("limit", [0, 2])
def test_every_version_and_match_answers_from_the_right_moment(api, shelf, limit):
    before = api.get(shelf).ok()["metadata"]["resourceVersion"]
    api.post(shelf, template("zz")).ok()
    now = api.get(shelf).ok()["metadata"]["resourceVersion"]

    def version_of(**query):
        more = {"limit": limit} if limit else {}
        return api.get(shelf, **query, **more).ok()["metadata"]["resourceVersion"]

    assert version_of() == now
    assert version_of(resourceVersion="0") == now
    assert version_of(resourceVersion=before, resourceVersionMatch="Exact") == before
    assert version_of(resourceVersion=before, resourceVersionMatch="NotOlderThan") == now
    assert version_of(resourceVersion=before) == (before if limit else now)
    assert version_of(resourceVersion="0", resourceVersionMatch="NotOlderThan") == now


def test_a_version_of_the_future_times_out(api, shelf):
    current = api.get(shelf).ok()["metadata"]["resourceVersion"]
    answer = api.get(shelf, resourceVersion="900000")
    status = answer.fails(504, "Timeout")
    text, _, told = status["message"].rpartition(" ")
    assert text == "Timeout: Too large resource version: 900000, current:"
    assert int(told) >= int(current)  # the server itself may have written meanwhile
    assert status["details"]["causes"] == [
        {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    ]
    assert answer.headers["retry-after"] == "1"


def test_an_unreadable_version_is_refused(api, shelf):
    message = (
        'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'
    )
    api.get(shelf, resourceVersion="x").fails(400, "BadRequest", message)


def test_a_list_as_a_table(api, shelf):
    found = api.get(shelf, accept=TABLE, limit=3).ok()
    assert (found["kind"], found["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert [column["name"] for column in found["columnDefinitions"]] == ["Name", "Containers", "Images", "Pod Labels"]
    assert [row["cells"][0] for row in found["rows"]] == ["t0", "t1", "t2"]
    assert found["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    assert found["metadata"]["remainingItemCount"] == 4
    whole = api.get(shelf, accept=TABLE, includeObject="Object").ok()
    assert whole["rows"][0]["object"]["template"]["spec"]["containers"][0]["image"] == "i"
    none = api.get(shelf, accept=TABLE, includeObject="None").ok()
    assert none["rows"][0].get("object") is None


def test_an_include_object_that_is_none_is_invalid(api, shelf):
    answer = api.get(shelf, accept=TABLE, includeObject="Whole")
    answer.fails(
        400,
        "BadRequest",
        "Unable to convert to Table as requested: includeObject: Invalid value: \"Whole\": must be 'Metadata', 'Object', 'None', or empty",
    )


def test_a_representation_that_no_one_can_make_is_406(api, shelf):
    message = (
        "only the following media types are accepted: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf"
    )
    answer = api.get(shelf, accept="application/json;as=Table;g=meta.k8s.io;v=v0")
    answer.fails(406, "NotAcceptable", message)
    answer = api.get(shelf, accept="text/plain")
    answer.fails(406, "NotAcceptable", message)
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"nonResourceAttributes": {"path": "/", "verb": "get"}},
    }
    reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    api.post(reviews, review, accept=TABLE).fails(406, "NotAcceptable", message)


def test_metadata_alone_of_one_and_of_many(api, place, shelf):
    one = api.get(shelf + "/t1", accept=PARTIAL).ok()
    assert set(one) == {"kind", "apiVersion", "metadata"}
    assert (one["kind"], one["apiVersion"]) == ("PartialObjectMetadata", "meta.k8s.io/v1")
    many = api.get(shelf, accept=PARTIAL_LIST).ok()
    assert many["kind"] == "PartialObjectMetadataList"
    assert len(many["items"]) == 7
    assert set(many["items"][0]) <= {"kind", "apiVersion", "metadata"}


def test_lists_answer_as_yaml_and_compressed(api, shelf):
    answer = api.get(shelf, accept="application/yaml")
    assert answer.headers["content-type"] == "application/yaml"
    assert answer.body.startswith(b"apiVersion: v1\nitems:\n")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {"fieldSelector": "spec.none=1"},
            '"spec.none" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ({"labelSelector": "a b"}, "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ({"limit": "x"}, 'strconv.ParseInt: parsing "x": invalid syntax'),
    ],
)
def test_selectors_that_do_not_parse_are_refused(api, shelf, query, message):
    api.get(shelf, **query).fails(400, "BadRequest", message)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("n=t1", ["t1"]),
        ("n==t1", ["t1"]),
        ("n in (t1, t2)", ["t1", "t2"]),
        ("n notin (t0,t1,t2,t3,t4)", ["t5", "t6"]),
        ("n", [f"t{n}" for n in range(7)]),
        ("!n", []),
        ("n!=t0,n!=t1,n!=t2,n!=t3,n!=t4", ["t5", "t6"]),
        ("none!=x,n=t4", ["t4"]),
    ],
)
def test_label_selectors(api, shelf, selector, expected):
    assert names(api.get(shelf, labelSelector=selector).ok()) == expected


def test_field_selectors_on_names(api, place, shelf):
    assert names(api.get(shelf, fieldSelector="metadata.name=t3").ok()) == ["t3"]
    assert names(api.get(shelf, fieldSelector=f"metadata.name!=t3,metadata.namespace={place.name}").ok()) == [
        "t0",
        "t1",
        "t2",
        "t4",
        "t5",
        "t6",
    ]


def test_a_collection_across_namespaces(api, place, shelf):
    found = api.get("/api/v1/podtemplates", labelSelector="n=t0").ok()
    assert place.name in [item["metadata"]["namespace"] for item in found["items"]]


def test_a_scale_has_a_table_of_its_own(api, place):
    labels = {"app": "scaled"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    api.post(place("apps/v1/deployments"), {"metadata": {"name": "scaled"}, "spec": spec}).ok()
    shown = api.get(place("apps/v1/deployments", "scaled", "scale"), accept=TABLE).ok()
    columns = [(column["name"], column["type"]) for column in shown["columnDefinitions"]]
    assert columns == [("Name", "string"), ("Desired", "integer"), ("Available", "integer"), ("Age", "string")]
    assert shown["rows"][0]["cells"][:3] == ["scaled", 2, 0]
    yaml = api.get(place("apps/v1/deployments", "scaled", "scale"), accept="application/yaml")
    assert b"kind: Scale\n" in yaml.body
