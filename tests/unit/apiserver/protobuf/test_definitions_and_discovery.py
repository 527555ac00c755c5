"""CustomResourceDefinitions, APIServices and discovery documents in protobuf."""

from typing import Any

import pytest

from kajitori.apiserver.protobuf import decode, encode, messages

CRD = "apiextensions.k8s.io/v1"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "all that a schema can say",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 0.0, "maximum": 10.0, "default": 3},
                "names": {
                    "type": "array",
                    "items": {"type": "string", "minLength": 0},
                    "x-kubernetes-list-type": "set",
                },
                "more": {"type": "object", "additionalProperties": {"type": "string"}},
                "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                "word": {"type": "string", "enum": ["a", "b"], "nullable": True, "default": "a"},
            },
            "x-kubernetes-validations": [{"rule": "self.size > 0", "message": "too small"}],
        }
    },
}
DEFINITION: dict[str, Any] = {
    "kind": "CustomResourceDefinition",
    "apiVersion": CRD,
    "metadata": {"name": "shops.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"plural": "shops", "kind": "Shop", "shortNames": ["sh"]},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": SCHEMA},
                "subresources": {"status": {}, "scale": {"specReplicasPath": ".a", "statusReplicasPath": ".b"}},
                "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
                "selectableFields": [{"jsonPath": ".spec.word"}],
            },
            {"name": "v1beta1", "served": False, "storage": False},
        ],
        "conversion": {
            "strategy": "Webhook",
            "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://a", "caBundle": "YQ=="}},
        },
    },
}
SERVICE: dict[str, Any] = {
    "kind": "APIService",
    "apiVersion": "apiregistration.k8s.io/v1",
    "metadata": {"name": "v1.example.com"},
    "spec": {
        "group": "example.com",
        "version": "v1",
        "groupPriorityMinimum": 100,
        "versionPriority": 10,
        "caBundle": "YQ==",
        "service": {"namespace": "a", "name": "b", "port": 443},
    },
    "status": {"conditions": [{"type": "Available", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]},
}


@pytest.mark.parametrize("obj", [DEFINITION, SERVICE], ids=lambda obj: str(obj["kind"]))
def test_what_is_written_is_read_again(obj: dict[str, Any]) -> None:
    assert decode.decode(encode.encode(obj)) == obj


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"type": "string"}},
        {"items": [{"type": "string"}, {"type": "integer"}]},
        {"additionalProperties": True},
        {"additionalProperties": False},
        {"dependencies": {"a": ["b", "c"], "d": {"type": "object"}}},
        {"$ref": "#/x", "$schema": "y", "not": {"type": "string"}, "example": {"a": [1, None]}},
    ],
    ids=lambda schema: ",".join(schema),
)
def test_what_may_stand_in_place_of_a_schema_keeps_its_form(schema: dict[str, Any]) -> None:
    name = "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation"
    validation = {"openAPIV3Schema": schema}
    version = {"name": "v1", "served": True, "storage": True, "schema": validation}
    whole = {**DEFINITION, "spec": {**DEFINITION["spec"], "versions": [version]}}
    assert messages.fields_of(name)[1].name == "openAPIV3Schema"
    assert decode.decode(encode.encode(whole))["spec"]["versions"][0]["schema"] == validation


@pytest.mark.parametrize("version", ["v2", "v2beta1"])
def test_aggregated_discovery_has_messages(version: str) -> None:
    resource = {"resource": "pods", "verbs": ["get"], "scope": "Namespaced", "responseKind": {"kind": "Pod"}}
    versions = [{"version": "v1", "freshness": "Current", "resources": [resource]}]
    document = {"kind": "APIGroupDiscoveryList", "apiVersion": f"apidiscovery.k8s.io/{version}", "items": []}
    body = encode.encode({**document, "items": [{"metadata": {"name": "apps"}, "versions": versions}]})
    for text in (b"apps", b"Current", b"pods", b"get", b"Namespaced", b"Pod"):
        assert text in body
