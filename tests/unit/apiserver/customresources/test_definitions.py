"""Definitions: what is wrong with one, which names it gets, how its columns read objects."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from kajitori.api.apiextensions.resources import RESOURCES
from kajitori.apiserver.customresources import columns, jsonpath
from kajitori.apiserver.customresources.definition import version_rank
from kajitori.apiserver.customresources.naming import next_status
from kajitori.machinery.errors import BadRequest

NOW = "2024-01-01T00:00:00Z"
STRATEGY = RESOURCES[0].strategy


def crd(**spec: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "integer"}}}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "things", "kind": "Thing"},
            "versions": [version],
            **spec,
        },
    }


def faults(wanted: dict[str, Any]) -> list[str]:
    STRATEGY.prepare_for_create(wanted)
    STRATEGY.default(wanted)
    prefix = "spec.validation.openAPIV3Schema"
    return [str(error).replace(prefix, "SCHEMA") for error in STRATEGY.validate(wanted)]


def with_spec(**fields: Any) -> dict[str, Any]:
    made = crd()
    made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"].update(fields)
    return made


def test_a_good_definition_gets_its_defaults_and_no_faults() -> None:
    made = crd()
    assert faults(made) == []
    assert made["spec"]["names"] == {"plural": "things", "kind": "Thing", "singular": "thing", "listKind": "ThingList"}
    assert made["spec"]["conversion"] == {"strategy": "None"}
    assert made["status"]["storedVersions"] == ["v1"]


SCHEMA_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"properties": {"x": {}}}, "SCHEMA.properties[spec].properties[x].type: Required value: must not be empty for specified object fields"),
    ({"type": "array"}, "SCHEMA.properties[spec].items: Required value: must be specified"),
    ({"properties": {"x": {"type": "array", "items": {}}}}, "SCHEMA.properties[spec].properties[x].items.type: Required value: must not be empty for specified array items"),
    ({"anyOf": [{"type": "string"}]}, "SCHEMA.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural"),
    ({"default": {"zz": 1}}, 'SCHEMA.properties[spec].default: Invalid value: {"zz":1}: must not have unknown fields'),
    ({"default": {"a": "x"}}, 'SCHEMA.properties[spec].default.a: Invalid value: "string": a in body must be of type integer: "string"'),
    ({"uniqueItems": True}, "SCHEMA.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"),
    ({"additionalProperties": {"type": "string"}}, "SCHEMA.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"),
    ({"$ref": "#/x"}, "SCHEMA.properties[spec].$ref: Forbidden: $ref is not supported"),
    ({"$ref": ""}, "SCHEMA.properties[spec].$ref: Forbidden: $ref is not supported"),
    ({"dependencies": {}}, "SCHEMA.properties[spec].dependencies: Forbidden: dependencies is not supported"),
    ({"additionalItems": False}, "SCHEMA.properties[spec].additionalItems: Forbidden: additionalItems is not supported"),
    ({"x-kubernetes-list-type": "set"}, 'SCHEMA.properties[spec].type: Invalid value: "object": must be array if x-kubernetes-list-type is specified'),
    ({"x-kubernetes-preserve-unknown-fields": False}, "SCHEMA.properties[spec].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined"),
    ({"properties": {"p": {"type": "string", "pattern": "("}}}, "SCHEMA.properties[spec].properties[p].pattern: Invalid value"),
    ({"x-kubernetes-validations": [{"rule": ""}]}, "SCHEMA.properties[spec].x-kubernetes-validations[0].rule: Required value: rule is not specified"),
    ({"x-kubernetes-validations": [{"rule": "self.a"}]}, "cel expression must evaluate to a bool"),
    ({"x-kubernetes-validations": [{"rule": "true", "fieldPath": ".zz"}]}, 'SCHEMA.properties[spec].x-kubernetes-validations[0].fieldPath: Invalid value: ".zz": fieldPath must be a valid path'),
    ({"x-kubernetes-validations": [{"rule": "self.a > 1", "optionalOldSelf": True}]}, "may not be set if oldSelf is not used in rule"),
    ({"properties": {"l": {"type": "array", "items": {"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf"}]}}}}, "oldSelf cannot be used on the uncorrelatable portion of the schema within SCHEMA.properties[spec].properties[l]"),
    ({"properties": {"l": {"type": "array", "items": {"type": "string"}, "x-kubernetes-validations": [{"rule": "self.all(a, self.all(b, a == b))"}]}}}, "estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message"), SCHEMA_FAULTS, ids=[message[:60] for _, message in SCHEMA_FAULTS])
def test_a_faulty_schema_is_refused(fields: dict[str, Any], message: str) -> None:
    found = faults(with_spec(**copy.deepcopy(fields)))
    assert any(message in fault for fault in found), found


def test_bounds_make_a_rule_cheap_enough() -> None:
    items = {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 20}}
    items["x-kubernetes-validations"] = [{"rule": "self.all(a, self.all(b, a == b))"}]
    assert faults(with_spec(properties={"l": items})) == []


def test_a_bound_that_is_whole_is_kept_without_a_point() -> None:
    definition = with_spec(properties={"n": {"type": "integer", "maximum": 3.0}})
    STRATEGY.default(definition)
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert str(schema["properties"]["spec"]["properties"]["n"]["maximum"]) == "3"


@pytest.mark.parametrize("raw", [{"type": 1}, {"additionalProperties": 3}, {"items": {"pattern": [1]}}])
def test_a_schema_of_the_wrong_shape_is_a_bad_request(raw: dict[str, Any]) -> None:
    why = "(json: cannot unmarshal|boolean or JSON schema expected)"
    with pytest.raises(BadRequest, match=f"cannot be handled as a CustomResourceDefinition: {why}"):
        faults(with_spec(**raw))


def test_kind_and_scope_are_immutable_once_established() -> None:
    old = crd()
    faults(old)
    old["status"]["conditions"] = [{"type": "Established", "status": "True"}]
    new = copy.deepcopy(old)
    new["spec"]["scope"] = "Cluster"
    new["spec"]["names"]["kind"] = "Other"
    found = [str(error) for error in STRATEGY.validate_update(new, old)]
    assert 'spec.scope: Invalid value: "Cluster": field is immutable' in found
    assert 'spec.names.kind: Invalid value: "Other": field is immutable' in found


def test_the_storage_version_of_the_past_may_not_disappear() -> None:
    old = crd()
    faults(old)
    new = copy.deepcopy(old)
    new["spec"]["versions"][0]["name"] = "v2"
    STRATEGY.prepare_for_update(new, old)
    assert new["status"]["storedVersions"] == ["v1", "v2"]
    (fault,) = STRATEGY.validate_update(new, old)
    assert str(fault).startswith('status.storedVersions[0]: Invalid value: "v1": missing from spec.versions;')


# names


def test_fresh_names_are_accepted_and_the_definition_is_established() -> None:
    made = crd()
    faults(made)
    status = next_status(made, [], NOW)
    assert [(c["type"], c["status"]) for c in status["conditions"]] == [
        ("NamesAccepted", "True"),
        ("Established", "True"),
    ]
    assert status["acceptedNames"]["kind"] == "Thing"
    assert next_status({**made, "status": status}, [], "later") == status


def test_a_taken_kind_is_refused_and_the_rest_accepted() -> None:
    made = crd()
    faults(made)
    other = {"status": {"acceptedNames": {"plural": "x", "kind": "Thing", "listKind": "ThingList"}}}
    status = next_status(made, [other], NOW)
    assert status["conditions"][0]["reason"] == "ListKindConflict"
    assert status["conditions"][1]["reason"] == "NotAccepted"
    assert status["acceptedNames"] == {"plural": "things", "singular": "thing", "kind": ""}


def test_versions_rank_by_stability_then_number() -> None:
    versions = ["v1alpha1", "foo", "v2beta1", "v1", "v10", "v2", "v2beta2"]
    assert sorted(versions, key=version_rank) == ["v10", "v2", "v1", "v2beta2", "v2beta1", "v1alpha1", "foo"]


# columns

OBJECT = {
    "metadata": {"name": "n", "creationTimestamp": "2024-01-01T00:00:00Z", "labels": {"a.b/c": "x"}},
    "spec": {"list": [1, 2, 3], "hosts": ["a", "b"], "flag": True, "ratio": 1.5},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]},
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".metadata.name", ["n"]),
        (".spec.list[1]", [2]),
        (".spec.list[-1]", [3]),
        (".spec.list[0:2]", [1, 2]),
        (".spec.list[*]", [1, 2, 3]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type=='Nope')].status", []),
        (r".metadata.labels.a\.b/c", ["x"]),
        (r".metadata.labels['a\.b/c']", ["x"]),
        (".metadata.labels['a.b/c']", []),
        (".spec.nope.deeper", []),
        ("..type", ["Ready", "Other"]),
    ],
)
def test_a_path_finds_its_values(path: str, expected: list[Any]) -> None:
    assert jsonpath.parse(path)(OBJECT) == expected


def test_a_row_shows_each_type_its_own_way() -> None:
    definitions = [
        {"name": "Hosts", "type": "string", "jsonPath": ".spec.hosts"},
        {"name": "Flag", "type": "boolean", "jsonPath": ".spec.flag"},
        {"name": "Ratio", "type": "number", "jsonPath": ".spec.ratio"},
        {"name": "Wrong", "type": "integer", "jsonPath": ".spec.flag"},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
        {"name": "Never", "type": "date", "jsonPath": ".status.never"},
    ]
    row = columns.Row(definitions)(OBJECT, datetime(2024, 1, 2, tzinfo=UTC))
    assert row == ["n", '["a","b"]', True, 1.5, None, "24h", None]


def test_a_condition_of_no_type_is_kept_and_hinders_nothing() -> None:
    made = crd()
    made["status"] = {"conditions": [{"message": "updated"}]}
    conditions = next_status(made, [], NOW)["conditions"]
    assert [condition.get("type") for condition in conditions] == [None, "NamesAccepted", "Established"]


# updates and the status


def established() -> dict[str, Any]:
    made = crd()
    faults(made)
    made["status"]["conditions"] = [{"type": "Established", "status": "True"}]
    return made


def test_stored_versions_that_are_taken_out_of_a_status_are_the_storage_version_again() -> None:
    new = established()
    new["status"]["storedVersions"] = []
    STRATEGY.default(new)
    assert new["status"]["storedVersions"] == ["v1"]


def test_a_status_accepts_only_names() -> None:
    new = established()
    new["status"]["acceptedNames"] = {"plural": "X_", "kind": "Thing"}
    (fault,) = STRATEGY.validate_status_update(new, established())
    assert str(fault).startswith('status.acceptedNames.plural: Invalid value: "X_": a DNS-1035 label must consist of')


@pytest.mark.parametrize(("known", "refused"), [("", True), ("Zm9v", False)])
def test_authorities_of_a_webhook_must_be_readable_once_established(known: str, refused: bool) -> None:
    old, new = established(), established()
    for made, bundle in ((old, known), (new, "YmFy")):
        config = {"url": "https://a", "caBundle": bundle}
        made["spec"]["conversion"] = {
            "strategy": "Webhook",
            "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": config},
        }
    found = [str(error) for error in STRATEGY.validate_update(new, old)]
    message = "unable to load root certificates: unable to parse bytes as PEM block"
    assert found == (
        [f'spec.conversion.webhookClientConfig.caBundle: Invalid value: "YmFy": {message}'] if refused else []
    )


def test_a_path_that_cannot_be_read_has_no_column() -> None:
    definitions = [
        {"name": "A", "type": "string", "jsonPath": ".a["},
        {"name": "B", "type": "string", "jsonPath": ".b"},
    ]
    assert [column.name for column in columns.columns(definitions)] == ["Name", "B"]
    assert columns.Row(definitions)({"metadata": {"name": "n"}, "b": "x"}, datetime.now(UTC)) == ["n", "x"]
