"""Custom resources as a user of kubectl meets them."""

import json
import subprocess
from typing import Any

import pytest

from .conftest import definition, instance

pytestmark = pytest.mark.integration

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A Crontab runs jobs.",
    "properties": {
        "spec": {
            "type": "object",
            "description": "What is wanted.",
            "required": ["cron"],
            "x-kubernetes-validations": [
                {"rule": "self.replicas <= self.limit", "message": "replicas must not exceed limit"},
                {"rule": "!has(oldSelf.image) || self.image == oldSelf.image", "reason": "FieldValueForbidden"},
            ],
            "properties": {
                "cron": {"type": "string", "pattern": r"^\S+ \S+$", "description": "When to run."},
                "image": {"type": "string"},
                "replicas": {"type": "integer", "minimum": 0, "maximum": 10, "default": 1},
                "limit": {"type": "integer", "default": 5},
                "color": {"type": "string", "enum": ["red", "green"]},
                "port": {"x-kubernetes-int-or-string": True},
                "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                "parts": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
                    },
                },
                "template": {
                    "type": "object",
                    "x-kubernetes-embedded-resource": True,
                    "x-kubernetes-preserve-unknown-fields": True,
                },
            },
        },
        "status": {
            "type": "object",
            "properties": {"replicas": {"type": "integer"}, "selector": {"type": "string"}},
        },
    },
}
COLUMNS = [
    {"name": "Cron", "type": "string", "jsonPath": ".spec.cron", "description": "The schedule."},
    {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
    {"name": "Tags", "type": "string", "jsonPath": ".spec.tags", "priority": 1},
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]
SCALE = {
    "specReplicasPath": ".spec.replicas",
    "statusReplicasPath": ".status.replicas",
    "labelSelectorPath": ".status.selector",
}


@pytest.fixture
def crontabs(crd: Any) -> dict[str, Any]:
    version = {
        "name": "v1",
        "schema": SCHEMA,
        "additionalPrinterColumns": COLUMNS,
        "subresources": {"status": {}, "scale": SCALE},
        "selectableFields": [{"jsonPath": ".spec.color"}],
    }
    return crd("crontabs", "CronTab", [version], names={"shortNames": ["ct"], "categories": ["all"]})


def test_a_definition_is_established_at_once(kubectl, crontabs):
    kubectl.ok("wait", "--for=condition=Established", "crd/crontabs.example.com", "--timeout=5s")
    status = kubectl.json("get", "crd", "crontabs.example.com")["status"]
    assert status["storedVersions"] == ["v1"]
    assert status["acceptedNames"]["shortNames"] == ["ct"]
    assert [c["type"] for c in status["conditions"]] == ["NamesAccepted", "Established"]


def test_an_object_is_defaulted_listed_and_found_by_short_name_and_category(kubectl, crontabs):
    kubectl.ok("apply", "-f", "-", stdin=instance("CronTab", "one", spec={"cron": "* *", "tags": ["a", "b"]}))
    assert kubectl.json("get", "ct", "one")["spec"] == {"cron": "* *", "tags": ["a", "b"], "replicas": 1, "limit": 5}
    lines = kubectl.ok("get", "ct", "-o", "wide").splitlines()
    assert lines[0].split() == ["NAME", "CRON", "REPLICAS", "TAGS", "AGE"]
    assert lines[1].startswith('one    * *    1          ["a","b"]')
    assert "crontab.example.com/one" in kubectl.ok("get", "all")


def test_explain_knows_every_field(kubectl, crontabs):
    text = kubectl.ok("explain", "crontabs.spec.cron")
    assert "When to run." in text
    assert "KIND:       CronTab" in text
    assert "A Crontab runs jobs." in kubectl.ok("explain", "ct", "--recursive")


INVALID = [
    (
        {"replicas": "x"},
        'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
    ),
    ({"replicas": 11}, "spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10"),
    ({"cron": "x"}, r"""spec.cron: Invalid value: "x": spec.cron in body should match '^\S+ \S+$'"""),
    ({"cron": None}, "spec.cron: Required value"),
    ({"color": "blue"}, 'spec.color: Unsupported value: "blue": supported values: "red", "green"'),
    ({"port": 1.5}, 'spec.port: Invalid value: "number": spec.port in body must be of type integer,string: "number"'),
    ({"tags": ["a", "a"]}, 'spec.tags[1]: Duplicate value: "a"'),
    ({"parts": [{"name": "a"}, {"name": "a"}]}, 'spec.parts[1]: Duplicate value: {"name":"a"}'),
    ({"template": {"spec": {}}}, "spec.template.apiVersion: Required value"),
    ({"replicas": 6}, 'spec: Invalid value: "object": replicas must not exceed limit'),
]


@pytest.mark.parametrize(("fields", "message"), INVALID, ids=[message.split(":")[0] for _, message in INVALID])
def test_an_invalid_object_is_refused_in_upstreams_words(kubectl, crontabs, fields, message):
    spec = {"cron": "* *", **fields}
    wanted = instance("CronTab", "bad", spec={name: value for name, value in spec.items() if value is not None})
    error = kubectl.fails("create", "-f", "-", stdin=wanted)
    assert error.startswith('The CronTab "bad" is invalid:')
    assert message in error


def test_a_transition_rule_judges_changes(kubectl, crontabs):
    kubectl.ok("create", "-f", "-", stdin=instance("CronTab", "one", spec={"cron": "* *", "image": "a"}))
    error = kubectl.fails("patch", "ct", "one", "--type=merge", "-p", '{"spec":{"image":"b"}}')
    assert "spec: Forbidden: failed rule: !has(oldSelf.image) || self.image == oldSelf.image" in error
    kubectl.ok("patch", "ct", "one", "--type=merge", "-p", '{"spec":{"limit":7}}')


def test_an_unknown_field_is_an_error_or_a_warning_or_nothing(kubectl, crontabs):
    wanted = instance(
        "CronTab", "one", spec={"cron": "* *", "bogus": 1, "template": {"apiVersion": "v1", "kind": "X", "any": 1}}
    )
    error = kubectl.fails("create", "--validate=strict", "-f", "-", stdin=wanted)
    assert 'unknown field "spec.bogus"' in error
    assert "template" not in error
    done = kubectl.run("create", "--validate=warn", "-f", "-", stdin=wanted)
    assert 'Warning: unknown field "spec.bogus"' in done.stderr
    spec = kubectl.json("get", "ct", "one")["spec"]
    assert "bogus" not in spec
    assert spec["template"]["any"] == 1


def test_status_and_spec_have_endpoints_of_their_own(kubectl, crontabs):
    made = instance("CronTab", "one", spec={"cron": "* *"}, status={"replicas": 3})
    kubectl.ok("create", "-f", "-", stdin=made)
    assert "status" not in kubectl.json("get", "ct", "one")
    kubectl.ok(
        "patch",
        "ct",
        "one",
        "--subresource=status",
        "--type=merge",
        "-p",
        '{"status":{"replicas":4},"spec":{"cron":"x x"}}',
    )
    found = kubectl.json("get", "ct", "one")
    assert (found["status"], found["spec"]["cron"], found["metadata"]["generation"]) == ({"replicas": 4}, "* *", 1)
    kubectl.ok("patch", "ct", "one", "--type=json", "-p", '[{"op":"replace","path":"/spec/cron","value":"x x"}]')
    found = kubectl.json("get", "ct", "one")
    assert (found["status"], found["spec"]["cron"], found["metadata"]["generation"]) == ({"replicas": 4}, "x x", 2)


def test_scale_reads_and_writes_the_paths_of_the_definition(kubectl, crontabs):
    kubectl.ok("create", "-f", "-", stdin=instance("CronTab", "one", spec={"cron": "* *"}))
    kubectl.ok(
        "patch", "ct", "one", "--subresource=status", "--type=merge", "-p", '{"status":{"replicas":1,"selector":"a=b"}}'
    )
    assert kubectl.ok("scale", "ct/one", "--replicas=4") == "crontab.example.com/one scaled\n"
    scale = kubectl.json("get", "ct", "one", "--subresource=scale")
    assert (scale["spec"], scale["status"]) == ({"replicas": 4}, {"replicas": 1, "selector": "a=b"})
    assert kubectl.json("get", "ct", "one")["spec"]["replicas"] == 4


def test_strategic_patches_are_not_for_custom_resources(kubectl, crontabs):
    kubectl.ok("create", "-f", "-", stdin=instance("CronTab", "one", spec={"cron": "* *"}))
    error = kubectl.fails("patch", "ct", "one", "--type=strategic", "-p", '{"spec":{"limit":7}}')
    assert (
        "accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
        in error
    )


def test_server_side_apply_merges_map_lists_and_reports_conflicts(kubectl, crontabs):
    one = instance("CronTab", "one", spec={"cron": "* *", "parts": [{"name": "a", "size": 1}]})
    other = instance("CronTab", "one", spec={"cron": "* *", "parts": [{"name": "b", "size": 2}]})
    kubectl.ok("apply", "--server-side", "--field-manager=first", "-f", "-", stdin=one)
    kubectl.ok("apply", "--server-side", "--field-manager=second", "-f", "-", stdin=other)
    assert kubectl.json("get", "ct", "one")["spec"]["parts"] == [{"name": "a", "size": 1}, {"name": "b", "size": 2}]
    other["spec"]["parts"] = [{"name": "a", "size": 9}]
    error = kubectl.fails("apply", "--server-side", "--field-manager=second", "-f", "-", stdin=other)
    assert 'conflict with "first"' in error
    assert '.spec.parts[name="a"].size' in error


def test_objects_are_selected_by_selectable_fields(kubectl, crontabs):
    for name, color in (("r", "red"), ("g", "green")):
        kubectl.ok("create", "-f", "-", stdin=instance("CronTab", name, spec={"cron": "* *", "color": color}))
    assert kubectl.ok("get", "ct", "--field-selector=spec.color=red", "-o", "name") == "crontab.example.com/r\n"
    assert "field label not supported: spec.cron" in kubectl.fails("get", "ct", "--field-selector=spec.cron=x")


def test_a_changed_schema_is_served_at_once_and_spares_what_is_unchanged(kubectl, crontabs):
    kubectl.ok("create", "-f", "-", stdin=instance("CronTab", "one", spec={"cron": "* *", "color": "red"}))
    spec = crontabs["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"] = {
        **spec["properties"],
        "color": {"type": "string", "enum": ["green"]},
        "extra": {"type": "string", "default": "new"},
    }
    kubectl.ok("apply", "-f", "-", stdin=crontabs)
    assert kubectl.json("get", "ct", "one")["spec"]["extra"] == "new"
    assert "extra\t<string>" in kubectl.ok("explain", "ct.spec")
    kubectl.ok("patch", "ct", "one", "--type=merge", "-p", '{"spec":{"limit":9}}')
    error = kubectl.fails("patch", "ct", "one", "--type=merge", "-p", '{"spec":{"color":"blue"}}')
    assert 'supported values: "green"' in error


def test_a_deleted_definition_takes_its_objects_along(kubectl, crontabs):
    held = instance("CronTab", "held", spec={"cron": "* *"})
    held["metadata"]["finalizers"] = ["example.com/hold"]
    kubectl.ok("create", "-f", "-", stdin=held)
    kubectl.ok("create", "-f", "-", stdin=instance("CronTab", "free", spec={"cron": "* *"}))
    kubectl.ok("delete", "crd", "crontabs.example.com", "--wait=false")
    status = kubectl.json("get", "crd", "crontabs.example.com")["status"]
    assert [c["reason"] for c in status["conditions"] if c["type"] == "Terminating"] == ["InstanceDeletionInProgress"]
    assert kubectl.ok("get", "ct", "-o", "name") == "crontab.example.com/held\n"
    error = kubectl.fails("create", "-f", "-", stdin=instance("CronTab", "late", spec={"cron": "* *"}))
    assert "create not allowed while custom resource definition is terminating" in error
    kubectl.ok("patch", "ct", "held", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    kubectl.ok("wait", "--for=delete", "crd/crontabs.example.com", "--timeout=5s")
    assert "the server could not find the requested resource" in kubectl.fails("get", "ct")


def test_a_watch_ends_with_its_definition(kubectl, crontabs, control_plane):
    watch = subprocess.Popen(
        ["curl", "-sS", "-N", "--cacert", str(control_plane.ca_file), "-H", f"Authorization: Bearer {control_plane.admin_token}",
         f"{control_plane.url}/apis/example.com/v1/crontabs?watch=1"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    kubectl.ok("create", "-f", "-", stdin=instance("CronTab", "one", spec={"cron": "* *"}))
    assert watch.stdout is not None
    assert '"type":"ADDED"' in watch.stdout.readline()
    kubectl.ok("delete", "crd", "crontabs.example.com")
    assert watch.wait(timeout=10) == 0


def test_taken_names_are_refused_until_they_are_free(kubectl, crd, crontabs):
    crd("others", "Other", [{"name": "v1"}], names={"shortNames": ["ct"]})
    conditions = kubectl.json("get", "crd", "others.example.com")["status"]["conditions"]
    assert [(c["type"], c["status"], c["reason"], c["message"]) for c in conditions] == [
        ("NamesAccepted", "False", "ShortNamesConflict", '"ct" is already in use'),
        ("Established", "False", "NotAccepted", "not all names are accepted"),
    ]
    kubectl.ok("delete", "crd", "crontabs.example.com")
    kubectl.ok("wait", "--for=condition=Established", "crd/others.example.com", "--timeout=5s")


def test_versions_without_a_webhook_share_what_the_stored_one_knows(kubectl, crd):
    v1 = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}}}
    v2 = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string", "default": "x"}}}
        },
    }
    versions = [
        {"name": "v1", "schema": v1},
        {"name": "v2", "schema": v2},
        {"name": "v1beta1", "schema": v1, "deprecated": True},
    ]
    crd("widgets", "Widget", versions)
    kubectl.ok("create", "-f", "-", stdin=instance("Widget", "one", spec={"a": "1"}))
    found = kubectl.json("get", "widgets", "one")
    assert (found["apiVersion"], found["spec"]) == ("example.com/v2", {"a": "1"})
    patch = "patch", "widgets.v2.example.com", "one", "--type=merge", "-p"
    assert kubectl.json(*patch, '{"spec":{"a":"2","b":"y"}}')["spec"] == {"a": "2"}
    assert kubectl.json("get", "widgets.v1.example.com", "one")["spec"] == {"a": "2"}
    assert kubectl.json("get", "widgets.v2.example.com", "one")["spec"] == {"a": "2"}
    done = kubectl.run("get", "widgets.v1beta1.example.com")
    assert "Warning: example.com/v1beta1 Widget is deprecated" in done.stderr


def test_a_faulty_definition_is_refused(kubectl):
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"a": {}}, "x-kubernetes-validations": [{"rule": "self.zz"}]}
        },
    }
    error = kubectl.fails("create", "-f", "-", stdin=definition("faults", "Fault", [{"name": "v1", "schema": schema}]))
    assert "properties[spec].properties[a].type: Required value: must not be empty for specified object fields" in error
    schema["properties"]["spec"]["properties"]["a"] = {"type": "string"}
    error = kubectl.fails("create", "-f", "-", stdin=definition("faults", "Fault", [{"name": "v1", "schema": schema}]))
    assert "compilation failed: ERROR: <input>:1:5: undefined field 'zz'" in error


def test_what_was_wrong_before_is_warned_of_though_the_update_is_refused(kubectl, crd):
    def schema(*rules):
        fields = {"a": {"type": "string", "x-kubernetes-validations": [{"rule": rule} for rule in rules]}}
        fields["b"] = {"type": "string", "x-kubernetes-validations": [{"rule": "self != 'bad'"}]}
        return {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}

    wanted = crd("olds", "Old", [{"name": "v1", "schema": schema("self != 'x'")}])
    kubectl.ok("create", "-f", "-", stdin=instance("Old", "one", spec={"a": "v", "b": "ok"}))
    wanted["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = schema("self != 'x'", "self != 'v'")
    kubectl.ok("apply", "-f", "-", stdin=wanted)
    for b, outcome in (("fine", 0), ("bad", 1), ("finer", 0)):
        done = kubectl.run("patch", "olds", "one", "--type=merge", "-p", json.dumps({"spec": {"b": b}}))
        assert (done.returncode, done.stderr.count("Warning: spec.a: ")) == (outcome, 1)
        assert done.stderr.count("spec.b: ") == outcome


def test_a_status_written_in_one_version_brings_no_defaults_of_its_into_the_spec(kubectl, crd):
    def schema(**more):
        fields = {"a": {"type": "string"}, "f": {"type": "string", **more}}
        part = {"type": "object", "properties": fields}
        return {"type": "object", "properties": {"spec": part, "status": part}}

    versions = [{"name": "v1", "schema": schema()}, {"name": "v2", "schema": schema(default="d")}]
    crd("parts", "Part", [{**version, "subresources": {"status": {}}} for version in versions])
    kubectl.ok("create", "-f", "-", stdin=instance("Part", "one", spec={"a": "1"}))
    patch = "patch", "parts.v2.example.com", "one", "--type=merge", "-p"
    found = kubectl.json(*patch, '{"status":{"a":"2"}}', "--subresource=status")
    assert (found["spec"], found["status"]) == ({"a": "1"}, {"a": "2", "f": "d"})
    assert kubectl.json("get", "parts.v1.example.com", "one")["spec"] == {"a": "1"}
    assert kubectl.json(*patch, '{"spec":{"a":"3"}}')["spec"] == {"a": "3", "f": "d"}
    assert kubectl.json("get", "parts.v1.example.com", "one")["spec"] == {"a": "3", "f": "d"}
