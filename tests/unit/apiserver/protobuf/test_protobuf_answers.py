"""Objects as protobuf: whatever the API knows comes back from its message as it was."""

import pytest

from kajitori.api import scheme, zeros
from kajitori.apiserver.protobuf.decode import decode
from kajitori.apiserver.protobuf.encode import encode, encode_list, encode_message, frame
from kajitori.apiserver.protobuf.messages import MAGIC, message_for
from kajitori.machinery import typeschema
from kajitori.machinery.typeschema import Schema

TIMES = {"v1.Time": "2026-01-02T03:04:05Z", "v1.MicroTime": "2026-01-02T03:04:05.000006Z"}
DEPTH = 7


def example(schema: Schema, depth: int = 0) -> object:
    """A value in which every field has one, as deep as anything but schemas within schemas goes."""
    if schema.go_type in TIMES:
        return TIMES[schema.go_type]
    if schema.go_type.startswith("v1.JSONSchemaPropsOr"):
        return {"type": "text"}
    if schema.go_type == "v1.CustomResourceSubresourceStatus":  # which has no fields
        return {}
    match schema.type:
        case typeschema.STRING:
            return "YWI=" if schema.go_type == "[]uint8" else "text"
        case typeschema.INTEGER:
            return 7
        case typeschema.NUMBER:
            return 0.5
        case typeschema.BOOLEAN:
            return True
        case typeschema.QUANTITY:
            return "1500m"
        case typeschema.INT_OR_STRING:
            return "50%"
        case typeschema.ARRAY:
            return [example(schema.items, depth + 1)]
        case typeschema.OBJECT if schema.properties:
            children = schema.properties.items() if depth < DEPTH else ()
            return {name: example(child, depth + 1) for name, child in children}
        case typeschema.OBJECT if schema.additional:
            return {"key": example(schema.additional, depth + 1)}
    return {"any": [1, "x"]}


def with_messages():
    return [r for r in scheme.builtin().resources() if message_for(r.group_version, r.kind)]


@pytest.mark.parametrize("resource", with_messages(), ids=lambda r: f"{r.kind} {r.group_version}")
def test_every_field_of_every_kind_comes_back(resource):
    obj = {**example(resource.schema), "kind": resource.kind, "apiVersion": resource.group_version}
    for template in obj.get("spec", {}).get("volumeClaimTemplates", ()):
        del template["kind"], template["apiVersion"]  # which no message within another has
    found = decode(encode(obj))
    zeros.settler_of("io.k8s." + message_for(resource.group_version, resource.kind))(obj)
    assert found == obj


def test_every_built_in_kind_has_a_message():
    assert len(with_messages()) == len(list(scheme.builtin().resources()))


@pytest.mark.parametrize(
    "status",
    [{"exitCode": 0}, {"exitCode": -1}, {"exitCode": 1, "startedAt": "1969-12-31T23:59:59Z"}],
    ids=["zero", "negative", "before 1970"],
)
def test_numbers_of_every_sign_come_back(status):
    containers = [{"name": "c", "state": {"terminated": status}}]
    pod = {"kind": "Pod", "apiVersion": "v1", "status": {"containerStatuses": containers}}
    (found,) = decode(encode(pod))["status"]["containerStatuses"]
    times = {"startedAt": None, "finishedAt": None}
    assert found["state"] == {"terminated": times | status}


@pytest.mark.parametrize("number", ["3", "0", "-7", "0.5"])
def test_a_whole_number_comes_back_without_a_point(number):
    schema = {"openAPIV3Schema": {"maximum": float(number)}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    kind = {"kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1", "spec": {"versions": versions}}
    (version,) = decode(encode(kind))["spec"]["versions"]
    assert str(version["schema"]["openAPIV3Schema"]["maximum"]) == number


def test_what_is_empty_stays_and_what_is_null_goes():
    volumes = [{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": None}]
    found = decode(encode({"kind": "Pod", "apiVersion": "v1", "metadata": {}, "spec": {"volumes": volumes}}))
    assert found["spec"]["volumes"] == [{"name": "a", "emptyDir": {}}, {"name": "b"}]
    assert found["metadata"] == {}


def test_a_status_has_its_message_though_it_belongs_to_no_group():
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404, "details": {"name": "x"}}
    assert decode(encode(status)) == status


def test_a_list_carries_its_items_and_where_it_goes_on():
    items = [encode_message("api.core.v1.ConfigMap", {"metadata": {"name": name}}) for name in "ab"]
    body = encode_list("v1", "ConfigMapList", {"resourceVersion": "7", "remainingItemCount": 300}, items)
    assert decode(body) == {
        "kind": "ConfigMapList",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": "7", "remainingItemCount": 300},
        "items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}],
    }


def test_an_event_is_a_length_and_a_type_around_a_whole_body():
    body = encode({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}})
    data = frame("ADDED", body)
    assert int.from_bytes(data[:4], "big") == len(data) - 4
    assert data[4:11] == b"\x0a\x05ADDED"
    assert data.endswith(body)
    assert body.startswith(MAGIC)
