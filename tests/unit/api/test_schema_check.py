"""Checking what clients send: decoding errors in Go's words, pruning, canonical quantities."""

import pytest

from kajitori.api import checking, schema
from kajitori.machinery import wirecheck
from kajitori.machinery.errors import BadRequest
from kajitori.machinery.typeschema import from_structural

POD = schema.for_kind("", "v1", "Pod")


def pod(**spec):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec}


def check(obj):
    return checking.check("", "v1", "Pod", POD, obj)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (
            {"containers": "x"},
            "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (
            {"containers": [{"name": 3}]},
            "json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string",
        ),
        (
            {"terminationGracePeriodSeconds": "1"},
            "json: cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64",
        ),
        (
            {"containers": [{"resources": {"limits": {"cpu": "1x"}}}]},
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            {"priority": 2**31},
            "json: cannot unmarshal number 2147483648 into Go struct field PodSpec.spec.priority of type int32",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_type_is_a_bad_request_in_gos_words(spec, why):
    with pytest.raises(BadRequest) as caught:
        check(pod(**spec))
    assert str(caught.value) == f'Pod in version "v1" cannot be handled as a Pod: {why}'


def test_unknown_fields_are_named_and_dropped():
    obj = pod(containers=[{"name": "c", "foo": 1}], bar={})
    assert check(obj) == ["spec.containers[0].foo", "spec.bar"]
    assert obj["spec"] == {"containers": [{"name": "c"}]}


def test_nulls_are_dropped_and_quantities_canonical():
    obj = pod(nodeSelector=None, containers=[{"name": "c", "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}}}])
    assert check(obj) == []
    assert obj["spec"] == {"containers": [{"name": "c", "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}}]}


def test_free_form_parts_are_left_alone():
    obj = {"metadata": {"name": "x"}, "data": {"raw": {"anything": [None]}}, "revision": 1}
    revision = schema.for_kind("apps", "v1", "ControllerRevision")
    assert checking.check("apps", "v1", "ControllerRevision", revision, obj) == []
    assert obj["data"] == {"raw": {"anything": [None]}}


def test_secret_data_must_be_base64():
    with pytest.raises(BadRequest, match="illegal base64 data at input byte"):
        checking.check("", "v1", "Secret", schema.for_kind("", "v1", "Secret"), {"data": {"a": "!!"}})


def test_structural_schema_of_a_crd_prunes_as_built_in_ones_do():
    raw = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    "list": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name"],
                        "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                    },
                },
            }
        },
    }
    crd = from_structural(raw, schema.type_schema("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"))
    obj = {
        "apiVersion": "a/v1",
        "kind": "K",
        "metadata": {"name": "x"},
        "spec": {"free": {"a": 1}, "odd": 1, "list": [{"name": "n", "z": 1}]},
    }
    assert wirecheck.prune(crd, obj) == ["spec.odd", "spec.list[0].z"]
    assert obj["spec"] == {"free": {"a": 1}, "list": [{"name": "n"}]}
    assert crd.properties["spec"].properties["list"].list_map_keys == ("name",)
