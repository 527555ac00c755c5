"""Custom resources in OpenAPI documents: what each dialect says of unusual schemas, as upstream publishes them."""

from typing import Any

import pytest

from kajitori.apiserver.customresources.build import resources_of
from kajitori.apiserver.customresources.versions import Versions
from kajitori.apiserver.openapi import custom

EITHER = [{"type": "integer"}, {"type": "string"}]


def shown(fields: dict[str, Any], *, v3: bool, **version: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The kind's definition and the list's."""
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **version}]
    names = {"plural": "foos", "kind": "Foo", "listKind": "FooList"}
    spec = {"group": "g.io", "scope": "Namespaced", "names": names, "versions": versions}
    crd = {"metadata": {"name": "foos.g.io"}, "spec": spec, "status": {"acceptedNames": names}}
    found = custom.named(resources_of(crd, Versions(crd))[0], v3=v3)
    return found["io.g.v1.Foo"], found["io.g.v1.FooList"]


def field(raw: dict[str, Any], *, v3: bool) -> dict[str, Any]:
    found: dict[str, Any] = shown({"x": raw}, v3=v3)[0]["properties"]["spec"]["properties"]["x"]
    return found


@pytest.mark.parametrize("more", [{}, {"anyOf": EITHER}])
def test_an_int_or_string_says_in_v3_that_it_is_one_of_the_two(more: dict[str, Any]) -> None:
    raw = {"x-kubernetes-int-or-string": True, **more}
    assert field(raw, v3=True)["anyOf"] == EITHER
    assert "anyOf" not in field(raw, v3=False)


def test_an_embedded_object_has_what_every_object_has() -> None:
    raw = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}}
    for v3 in (True, False):
        found = field(raw, v3=v3)
        assert found["required"] == ["kind", "apiVersion"]
        assert sorted(found["properties"]) == ["apiVersion", "kind", "metadata", "spec"]


def test_what_keeps_unknown_fields_has_no_type_in_v2() -> None:
    raw = {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "x-kubernetes-embedded-resource": True}
    assert "type" not in field(raw, v3=False)
    assert "properties" not in field(raw, v3=False)
    assert field(raw, v3=True)["type"] == "object"


def test_nothing_that_may_be_null_is_required_in_v2() -> None:
    raw = {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string", "nullable": True}, "b": {}}}
    assert field(raw, v3=False)["required"] == ["b"]
    assert field(raw, v3=True)["required"] == ["a", "b"]


def test_rules_are_published_and_defaults_only_in_v3() -> None:
    raw = {"type": "string", "default": "a", "x-kubernetes-validations": [{"rule": "true"}]}
    assert field(raw, v3=True) == raw
    assert field(raw, v3=False) == {"type": "string", "x-kubernetes-validations": [{"rule": "true"}]}


def test_kind_and_list_tell_selectable_fields_in_their_order() -> None:
    fields = {"b": {"type": "string"}, "a": {"type": "string"}}
    selectable = [{"jsonPath": ".spec.b"}, {"jsonPath": ".spec.a"}]
    for found in shown(fields, v3=True, selectableFields=selectable):
        assert found["x-kubernetes-selectable-fields"] == [{"fieldPath": "spec.b"}, {"fieldPath": "spec.a"}]
