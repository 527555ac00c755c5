"""Field validation of writes: what is unknown or there twice, in JSON, YAML, patches and server-side apply."""

import pytest

pytestmark = pytest.mark.integration


JSON_PATCH = "application/json-patch+json"

STRATEGIC = "application/strategic-merge-patch+json"

DUPLICATED = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x","unknownMeta":"v"},"spec":{
"unknown1":"val1","unknownDupe":"a","unknownDupe":"b","paused":true,"paused":false,
"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[
{"name":"c","image":"i","unknownNested":"v","imagePullPolicy":"Always","imagePullPolicy":"Never"}]}}}}"""

DUPLICATED_YAML = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: x
  unknownMeta: v
spec:
  unknown1: val1
  unknownDupe: a
  unknownDupe: b
  paused: true
  paused: false
  selector:
    matchLabels:
      app: x
  template:
    metadata:
      labels:
        app: x
    spec:
      containers:
      - name: c
        image: i
        unknownNested: v
        imagePullPolicy: Always
        imagePullPolicy: Never
"""

NOTES = [
    'unknown field "metadata.unknownMeta"',
    'unknown field "spec.unknown1"',
    'unknown field "spec.unknownDupe"',
    'duplicate field "spec.paused"',
    'unknown field "spec.template.spec.containers[0].unknownNested"',
    'duplicate field "spec.template.spec.containers[0].imagePullPolicy"',
]

YAML_NOTES = [
    'line 9: key "unknownDupe" already set in map',
    'line 11: key "paused" already set in map',
    'line 25: key "imagePullPolicy" already set in map',
    'unknown field "metadata.unknownMeta"',
    'unknown field "spec.template.spec.containers[0].unknownNested"',
    'unknown field "spec.unknown1"',
    'unknown field "spec.unknownDupe"',
]


def test_strict_validation_names_every_unknown_and_duplicate_field(api, place):
    answer = api.post(place("apps/v1/deployments"), DUPLICATED, fieldValidation="Strict")
    prefix = 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
    answer.fails(400, "BadRequest", prefix + ", ".join(NOTES))


def test_warnings_name_every_unknown_and_duplicate_field(api, place):
    for query in ({}, {"fieldValidation": "Warn"}):
        answer = api.post(place("apps/v1/deployments"), DUPLICATED, dryRun="All", **query)
        assert answer.status == 201
        assert answer.warnings == NOTES


def test_ignored_fields_are_dropped_in_silence(api, place):
    answer = api.post(place("apps/v1/deployments"), DUPLICATED, fieldValidation="Ignore")
    assert answer.warnings == []
    found = answer.ok()
    assert "unknown1" not in found["spec"]
    assert found["spec"].get("paused", False) is False


def test_duplicate_keys_in_yaml_are_told_with_their_line(api, place):
    answer = api.post(place("apps/v1/deployments"), DUPLICATED_YAML, type_="application/yaml", fieldValidation="Strict")
    prefix = (
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: yaml: unmarshal errors:'
    )
    answer.fails(
        400, "BadRequest", prefix + "".join("\n  " + n for n in YAML_NOTES[:3]) + ", " + ", ".join(YAML_NOTES[3:])
    )
    answer = api.post(place("apps/v1/deployments"), DUPLICATED_YAML, type_="application/yaml", dryRun="All")
    assert answer.status == 201
    assert answer.warnings == YAML_NOTES


@pytest.mark.parametrize("kind", ["application/merge-patch+json", STRATEGIC])
def test_patches_are_validated_too(api, place, make, kind):
    path = place("apps/v1/deployments", "x")
    api.post(place("apps/v1/deployments"), make.workload("Deployment", "x")).ok()
    body = '{"spec":{"unknown1":"a","paused":true,"paused":false}}'
    status = api.patch(path, body, kind, fieldValidation="Strict").fails(422, "Invalid")
    assert 'duplicate field "spec.paused"' in status["message"]
    assert 'unknown field "spec.unknown1"' in status["message"]
    answer = api.patch(path, body, kind)
    assert sorted(answer.warnings) == ['duplicate field "spec.paused"', 'unknown field "spec.unknown1"']
    answer = api.patch(path, body, kind, fieldValidation="Ignore")
    assert answer.warnings == []


def test_a_json_patch_is_validated_too(api, place, make):
    path = place("apps/v1/deployments", "x")
    api.post(place("apps/v1/deployments"), make.workload("Deployment", "x")).ok()
    body = '[{"op":"add","path":"/spec/unknown1","value":"a"},{"op":"add","path":"/spec/paused","path":"/spec/paused","value":true}]'
    status = api.patch(path, body, JSON_PATCH, fieldValidation="Strict").fails(422, "Invalid")
    assert 'json patch duplicate field "[1].path"' in status["message"]
    assert 'unknown field "spec.unknown1"' in status["message"]


def test_strict_apply_refuses_unknown_fields(api, place, make):
    path = place("apps/v1/deployments", "x")
    body = make.workload("Deployment", "x")
    body["spec"]["unknown1"] = 1
    status = api.apply(path, body, fieldValidation="Strict").fails(500)
    assert "reason" not in status
    assert status["message"] == (
        "failed to create typed patch object (/x; apps/v1, Kind=Deployment): "
        ".spec.unknown1: field not declared in schema"
    )


def test_a_validation_directive_that_is_none(api, place, make):
    answer = api.post(place("configmaps"), make.config_map("x"), fieldValidation="Maybe")
    answer.fails(
        422,
        "Invalid",
        'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": '
        'supported values: "", "Ignore", "Strict", "Warn"',
    )
