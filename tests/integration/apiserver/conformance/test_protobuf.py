"""Protobuf in answers: whoever asks for it gets what others get as JSON."""

import pytest

from kajitori.api import schema
from kajitori.apiserver.protobuf import decode as decoding
from kajitori.apiserver.protobuf.encode import encode
from kajitori.apiserver.protobuf.messages import MAGIC, META
from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
PROTOBUF = "application/vnd.kubernetes.protobuf"
PARTIAL = f"{PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
BRIEF = f"{PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def decoded(answer, status=200):
    assert (answer.status, answer.headers["content-type"]) == (status, PROTOBUF)
    return decode(answer.body)


def decode(body):
    """The object; of a list of metadata its items' names."""
    parts = fields(body.removeprefix(MAGIC))
    if b"PartialObjectMetadata" not in parts[1]:
        return decoding.decode(body)
    if parts[1].endswith(b"List"):
        items = [value for number, value in decoding._read(parts[2]) if number == 2]
        return [metadata(item)["name"] for item in items]
    return {"metadata": metadata(parts[2])}


def fields(message):
    return dict(decoding._read(message))


def metadata(message):
    name = META + "ObjectMeta"
    return decoding._message(fields(message)[1], name, schema.type_schema("io.k8s." + name), 0)


def test_an_object_is_the_same_as_in_json(api, place, make):
    made = decoded(api.post(place("configmaps"), make.config_map("x"), accept=f"{PROTOBUF}, */*"), 201)
    path = place("configmaps", "x")
    assert decoded(api.get(path, accept=PROTOBUF)) == made == api.get(path).ok()


def test_a_list_is_the_same_as_in_json(api, place, make):
    for name in "abc":
        api.post(place("configmaps"), make.config_map(name)).ok()
    shown = decoded(api.get(place("configmaps"), accept=PROTOBUF, limit=2))
    expected = api.get(place("configmaps"), limit=2).ok()
    assert shown["metadata"]["remainingItemCount"] == 1
    assert decode_all(shown) == decode_all(expected)


def decode_all(found):
    return [{**item, "kind": "ConfigMap", "apiVersion": "v1"} for item in found["items"]]


def test_a_refusal_is_a_status(api, place):
    answer = api.get(place("configmaps", "none"), accept=f"{PROTOBUF},application/json")
    status = decoded(answer, 404)
    assert (status["kind"], status["reason"], status["code"]) == ("Status", "NotFound", 404)
    assert status["details"] == {"name": "none", "kind": "configmaps"}


def test_metadata_of_custom_resources_is_protobuf_too(api, place, gadgets):
    api.post(place(gadgets), {"apiVersion": "p.example.com/v1", "kind": "Gadget", "metadata": {"name": "x"}}).ok()
    one = decoded(api.get(place(gadgets, "x"), accept=PARTIAL))
    assert one["metadata"]["name"] == "x"
    assert decoded(api.get(place(gadgets), accept=BRIEF)) == ["x"]
    api.get(place(gadgets), accept=PROTOBUF).fails(406, "NotAcceptable")
    assert api.get(place(gadgets), accept=f"{PROTOBUF}, */*").ok()["kind"] == "GadgetList"


def events(response, count):
    for _ in range(count):
        data = response.read(int.from_bytes(response.read(4), "big"))
        event = fields(data)
        yield event[1].decode(), decode(fields(event[2])[1])


@pytest.mark.parametrize("accept", [PROTOBUF, PARTIAL], ids=["objects", "metadata"])
def test_a_watch_is_framed(api, place, make, accept):
    path = place("configmaps")
    start = api.get(path).ok()["metadata"]["resourceVersion"]
    with api.watch(path, accept=accept, resourceVersion=start) as watch:
        assert watch.response.headers["content-type"] == f"{PROTOBUF};stream=watch"
        api.post(path, make.config_map("x")).ok()
        api.patch(path + "/x", {"data": {"b": "c"}}).ok()
        api.delete(path + "/x").ok()
        found = list(events(watch.response, 3))
    assert [kind for kind, _ in found] == ["ADDED", "MODIFIED", "DELETED"]
    assert {obj["metadata"]["name"] for _, obj in found} == {"x"}
    assert [obj.get("data", {}).get("b") for _, obj in found] == ([None] * 3 if accept is PARTIAL else [None, "c", "c"])


def test_a_watch_begins_with_what_is_there_and_says_when_that_was_all(api, place, make):
    api.post(place("configmaps"), make.config_map("x")).ok()
    options = {"sendInitialEvents": "true", "allowWatchBookmarks": "true", "resourceVersionMatch": "NotOlderThan"}
    with api.watch(place("configmaps"), accept=PROTOBUF, **options) as watch:
        found = list(events(watch.response, 2))
    assert [kind for kind, _ in found] == ["ADDED", "BOOKMARK"]
    assert found[1][1]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


@pytest.fixture(scope="session")
def gadgets(api, control_plane: ControlPlane) -> str:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"plural": "gadgets", "kind": "Gadget", "singular": "gadget"}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    spec = {"group": "p.example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    body = {"metadata": {"name": "gadgets.p.example.com"}, "spec": spec}
    api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body).ok()
    return "p.example.com/v1/gadgets"


@pytest.mark.parametrize("path", ["/api", "/apis", "/apis/apps", "/api/v1", "/apis/apps/v1"])
def test_discovery_is_there_in_protobuf(api, path):
    answer = api.get(path, accept=PROTOBUF)
    assert (answer.status, answer.headers["content-type"]) == (200, PROTOBUF)
    assert decoding.decode(answer.body)["kind"] == api.get(path).ok()["kind"]


def test_definitions_are_made_from_protobuf_and_shown_in_it(api):
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    names = {"plural": "pumps", "kind": "Pump"}
    strings = {"type": "object", "additionalProperties": {"type": "string"}}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": strings}}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    spec = {"group": "protobuf.example.com", "names": names, "scope": "Cluster", "versions": versions}
    whole = {"kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1", "spec": spec}
    whole["metadata"] = {"name": "pumps.protobuf.example.com"}
    made = api.post(path, encode(whole), type_=PROTOBUF, accept=PROTOBUF)
    assert decoded(made, 201)["spec"]["versions"][0]["schema"] == schema
    assert (
        decoded(api.get(f"{path}/pumps.protobuf.example.com", accept=PROTOBUF))["spec"]["names"]["singular"] == "pump"
    )
    api.delete(f"{path}/pumps.protobuf.example.com").ok()
