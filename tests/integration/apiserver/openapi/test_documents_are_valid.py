"""A validator that we did not write takes the OpenAPI documents, a new custom resource's among them."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator
from tests.integration.apiserver.plainhttps import Api
from tests.waiting import eventually

pytestmark = pytest.mark.integration
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 0, "maximum": 10.5, "default": 3},
                "word": {"type": "string", "enum": ["a", "b"], "nullable": True},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            },
        }
    },
}


@pytest.fixture
def version(admin: Api) -> Any:
    """A custom resource's group version, while it is served."""
    names = {"plural": "valids", "kind": "Valid"}
    parts = {"status": {}, "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}}
    one = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": SCHEMA}, "subresources": parts}
    spec = {"group": "valid.example.com", "names": names, "scope": "Namespaced", "versions": [one]}
    body = {"metadata": {"name": "valids.valid.example.com"}, "spec": spec}
    kind = {"kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1"}
    assert admin("POST", DEFINITIONS, kind | body).status == 201
    yield "apis/valid.example.com/v1"
    admin("DELETE", f"{DEFINITIONS}/valids.valid.example.com")


def test_every_small_document_of_v3_and_a_custom_resources_are_valid(admin: Api, version: str) -> None:
    eventually(lambda: version in paths_of(admin), "the index names the new version")
    for name, entry in paths_of(admin).items():
        if (name.count("/") < 2 and name != "api/v1") or name in (version, "apis/policy/v1"):
            document = admin("GET", entry["serverRelativeURL"]).json
            assert [error.message for error in OpenAPIV30SpecValidator(document).iter_errors()] == [], name


def test_v2_is_valid_and_names_every_path_of_a_custom_resource(admin: Api, version: str) -> None:
    eventually(lambda: version in paths_of(admin), "the index names the new version")
    document = admin("GET", "/openapi/v2").json
    assert next(OpenAPIV2SpecValidator(document).iter_errors(), None) is None
    there = {path.removeprefix(f"/{version}") for path in document["paths"] if path.startswith(f"/{version}")}
    one = "/namespaces/{namespace}/valids/{name}"
    assert there == {"/valids", "/namespaces/{namespace}/valids", one, f"{one}/status", f"{one}/scale"}


def paths_of(admin: Api) -> Any:
    return admin("GET", "/openapi/v3").json["paths"]
