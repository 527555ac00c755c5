"""A Swagger document's part of one group version, as OpenAPI v3."""

from __future__ import annotations

from typing import Any

from kajitori.apiserver.aggregation.upgrading import v3_of

KIND = {"group": "w.example.com", "version": "v1", "kind": "Flunder"}
SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Wardle"},
    "paths": {
        "/version/": {"get": {}},
        "/apis/w.example.com/v1/flunders": {
            "parameters": [{"name": "pretty", "in": "query", "type": "string", "uniqueItems": True}],
            "post": {
                "consumes": ["*/*"],
                "produces": ["application/json", "application/yaml"],
                "parameters": [
                    {"name": "body", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Flunder"}}
                ],
                "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/Flunder"}}},
                "x-kubernetes-action": "post",
            },
        },
    },
    "definitions": {
        "Flunder": {"properties": {"spec": {"$ref": "#/definitions/Spec"}}, "x-kubernetes-group-version-kind": [KIND]},
        "Spec": {"type": "object", "description": "What it is."},
        "Other": {"type": "object"},
    },
}


def test_paths_and_what_they_lead_to_are_written_as_v3() -> None:
    document = v3_of(SWAGGER, "w.example.com", "v1")
    assert document is not None
    assert document["components"]["schemas"].keys() == {"Flunder", "Spec"}
    path = document["paths"]["/apis/w.example.com/v1/flunders"]
    assert path["parameters"] == [
        {"name": "pretty", "in": "query", "schema": {"type": "string", "uniqueItems": True}},
    ]
    here = {"schema": {"$ref": "#/components/schemas/Flunder"}}
    assert path["post"] == {
        "x-kubernetes-action": "post",
        "requestBody": {"content": {"*/*": here}, "required": True},
        "responses": {"200": {"description": "OK", "content": {"application/json": here, "application/yaml": here}}},
    }
    assert document["components"]["schemas"]["Flunder"]["properties"]["spec"] == {"$ref": "#/components/schemas/Spec"}


def test_another_group_version_has_no_document() -> None:
    assert v3_of(SWAGGER, "w.example.com", "v2") is None
