"""`fieldValidation=Strict` for custom resources that are applied as YAML, with schemas of every kind, and the order in
which the faults of a typed object are told."""

import pytest

pytestmark = pytest.mark.integration
PORT = {
    "type": "object",
    "required": ["containerPort", "protocol"],
    "properties": {
        "containerPort": {"type": "integer", "format": "int32"},
        "hostIP": {"type": "string"},
        "name": {"type": "string"},
        "protocol": {"type": "string"},
    },
}
PORTS = {
    "type": "array",
    "items": PORT,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
}
FIELDS = {
    "foo": {"type": "string"},
    "cronSpec": {"type": "string", "pattern": r"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$"},
    "ports": PORTS,
}
STRUCTURAL = {"type": "object", "properties": {"spec": {"type": "object", "properties": FIELDS}}}
OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
EMBEDDED = {
    "type": "object",
    "x-kubernetes-embedded-resource": True,
    "properties": {
        "metadata": {"type": "object", "properties": {"name": {"type": "string"}}},
        "spec": {"type": "object"},
    },
}


def preserving(**more):
    spec = {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {**FIELDS, **more}}
    return {"type": "object", "properties": {"spec": spec}}


class Applied:
    """Applies YAML to a kind; `{head}` stands for its apiVersion and kind."""

    def __init__(self, api, definition):
        self.api, spec = api, definition["spec"]
        self.root = f"/apis/{spec['group']}/{spec['versions'][0]['name']}"
        self.path = f"{self.root}/{spec['names']['plural']}/mytest"
        self.head = f"apiVersion: {self.root.removeprefix('/apis/')}\nkind: {spec['names']['kind']}"

    def __call__(self, text):
        return self.api.apply(self.path, text.replace("{head}", self.head), fieldValidation="Strict")


VALID = """
{head}
metadata:
  name: mytest
spec:
  foo: foo1
  cronSpec: "* * * * */5"
  ports:
  - name: x
    containerPort: 80
    protocol: TCP"""


@pytest.fixture(params=["v1", "v1beta1"])
def kind(request, define):
    """A kind with a schema, its first version or its second."""

    def make(schema):
        found = define("Widget", v1beta1=schema, v1=schema)
        if request.param == "v1":
            found["spec"]["versions"].reverse()
        return found

    return make


def test_an_object_that_fits_its_schema_is_applied(api, kind):
    made = Applied(api, kind(STRUCTURAL))(VALID).ok()
    assert made["spec"]["ports"] == [{"name": "x", "containerPort": 80, "protocol": "TCP"}]


def test_without_a_schema_every_field_is_known(api, kind):
    made = Applied(api, kind(OPEN))(VALID.replace("foo: foo1", "unknown: uk1")).ok()
    assert made["spec"]["unknown"] == "uk1"


def test_a_field_beside_the_spec_is_unknown(api, kind):
    answer = Applied(api, kind(STRUCTURAL))(VALID.replace("spec:\n", "unknownField: unknown\nspec:\n"))
    assert ".unknownField: field not declared in schema" in answer.fails(500)["message"]


def test_unknown_metadata_is_found_in_the_object_and_in_one_inside_it(api, kind):
    inside = """spec:
  template:
    apiversion: foo/v1
    kind: Sub
    metadata:
        unknownSubMeta: unknown
        name: subobject
        namespace: some
"""
    apply = Applied(api, kind(preserving(template=EMBEDDED)))
    text = VALID.replace("  name: mytest\n", "  name: mytest\n  unknownMeta: unknown\n")
    message = apply(text.replace("spec:\n", inside)).fails(500)["message"]
    assert (
        ".metadata.unknownMeta: field not declared in schema" in message
        or ".spec.template.metadata.unknownSubMeta: field not declared in schema" in message
    )


def test_a_key_twice_is_found_where_unknown_fields_are_kept(api, kind):
    answer = Applied(api, kind(preserving()))(
        VALID.replace("  foo: foo1\n", "  unknown: uk1\n  foo: foo1\n  foo: foo2\n")
    )
    assert 'line 9: key "foo" already set in map' in answer.fails(400)["message"]


DEPLOYMENT = """{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "my-dep", %s "labels": {"app": "nginx"}},
"spec": { %s "selector": {"matchLabels": {"app": "nginx"}}, "template": {"metadata": {"labels": {"app": "nginx"}},
"spec": {"containers": [{"name": "nginx", "image": "nginx:latest"}]}}}}"""


@pytest.mark.parametrize(
    ("meta", "spec", "message"),
    [
        (
            "",
            '"unknownField": "foo", "replicas": 2, "replicas": 3,',
            'unknown field "spec.unknownField", duplicate field "spec.replicas"',
        ),
        (
            "",
            '"replicas": 2, "replicas": 3, "unknownField": "foo",',
            'duplicate field "spec.replicas", unknown field "spec.unknownField"',
        ),
        ('"unknownMeta": "foo",', "", 'unknown field "metadata.unknownMeta"'),
        (
            '"unknownMeta": "foo", "name": "twice",',
            '"a": 1, "paused": true, "a": 2, "paused": false,',
            'unknown field "metadata.unknownMeta", duplicate field "metadata.name", unknown field "spec.a", '
            'duplicate field "spec.paused"',
        ),
    ],
)
def test_faults_are_told_in_the_order_of_the_text(api, place, meta, spec, message):
    answer = api.post(place("apps/v1/deployments"), DEPLOYMENT % (meta, spec), fieldValidation="Strict")
    assert answer.fails(400, "BadRequest")["message"].endswith("strict decoding error: " + message)
