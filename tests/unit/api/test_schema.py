"""Typed objects: attributes, defaults, forgiving decoding; stubs true to them."""

import orjson
import pytest

from kajitori.api import definitions, naming, schema, structs, stubs
from kajitori.api.apps.v1 import Deployment
from kajitori.api.core.v1 import Pod, Service
from kajitori.api.meta.v1 import ObjectMeta


@pytest.mark.parametrize(
    ("wire", "attribute"),
    [
        ("podIP", "pod_ip"),
        ("clusterIPs", "cluster_ips"),
        ("nonResourceURLs", "non_resource_urls"),
        ("from", "from_"),
        ("runAsUser", "run_as_user"),
        ("targetWWNs", "target_wwns"),
        ("x-kubernetes-list-type", "x_kubernetes_list_type"),
    ],
)
def test_attributes_are_the_snake_case_of_wire_names(wire, attribute):
    assert naming.attribute(wire) == attribute


def test_empty_object_has_lists_maps_and_parts():
    pod = Pod()
    assert (pod.metadata.labels, pod.spec.containers, pod.spec.node_name, pod.status.phase) == ({}, [], None, None)
    assert (Pod.API_VERSION, Pod.KIND) == ("v1", "Pod")


def test_encoding_omits_defaults_and_names_the_kind():
    deployment = Deployment(metadata=ObjectMeta(name="x"))
    wire = orjson.loads(schema.encode(deployment))
    assert (wire["apiVersion"], wire["kind"], wire["metadata"]) == ("apps/v1", "Deployment", {"name": "x"})


def test_unknown_fields_are_dropped_and_nulls_read_as_absent():
    data = b'{"metadata":{"name":"x","creationTimestamp":null},"spec":{"ports":null,"foo":1,"clusterIPs":["a"]}}'
    service = schema.decode(Service, data)
    assert (service.spec.ports, service.spec.cluster_ips, service.metadata.name) == ([], ["a"], "x")


def test_clone_shares_nothing():
    pod = Pod()
    pod.metadata.labels["a"] = "b"
    copied = schema.clone(pod)
    copied.metadata.labels["a"] = "c"
    assert pod.metadata.labels == {"a": "b"}
    assert schema.from_wire(Pod, schema.to_wire(pod)) == pod


def test_every_definition_has_a_readable_and_a_strict_type():
    for name in definitions.names():
        structs.struct(name)
        structs.strict_struct(name)
        schema.type_schema(name)


def test_attributes_of_one_type_never_collide():
    for name in definitions.names():
        wire_names = definitions.node(name).properties
        assert len({naming.attribute(wire) for wire in wire_names}) == len(wire_names), name


def test_descriptions_are_there_for_explain():
    assert schema.definition("io.k8s.api.core.v1.Pod")["description"].startswith("Pod is a collection")


def test_stubs_are_what_the_generator_writes():
    assert stubs.main(["--verify"]) == 0


def test_unknown_type_is_an_import_error():
    with pytest.raises(ImportError):
        from kajitori.api.core.v1 import Nonsense  # noqa: F401
