"""An applied configuration that does not fit its schema is told in upstream's words, fault by fault."""

import pytest

from kajitori.api import schema
from kajitori.machinery.managedfields.typed import faults
from kajitori.machinery.typeschema import from_structural

OBJECT_META = schema.type_schema("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
WIDGET = from_structural(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "count": {"type": "integer"},
                    "word": {"type": "string"},
                    "on": {"type": "boolean"},
                    "either": {"x-kubernetes-int-or-string": True},
                    "free": {"type": "object"},
                    "names": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                    "parts": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name"],
                        "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                    },
                },
            }
        },
    },
    OBJECT_META,
)


def told(plural_kind: tuple[str, str, str], obj: dict[str, object]) -> list[str]:
    return faults(schema.for_kind(*plural_kind), obj)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"count": "1"}, ".spec.count: expected numeric (int or float), got string"),
        ({"word": 1}, ".spec.word: expected string, got &value.valueUnstructured{Value:1}"),
        (
            {"word": {"a": [True]}},
            ".spec.word: expected string, got &value.valueUnstructured{Value:map[string]interface {}"
            '{"a":[]interface {}{true}}}',
        ),
        ({"on": "true"}, ".spec.on: expected boolean, got &{true}"),
        ({"either": [1]}, ".spec.either: expected any scalar, got &{[1]}"),
        ({"names": {}}, ".spec.names: expected list, got &{map[]}"),
        ({"free": "x"}, ".spec.free: expected map, got &{x}"),
        ({"odd": 1}, ".spec.odd: field not declared in schema"),
        ({"parts": [{"name": "a", "odd": 1}]}, '.spec.parts[name="a"].odd: field not declared in schema'),
        ({"parts": [{"name": "a"}, {"name": "a"}]}, '.spec.parts: duplicate entries for key [name="a"]'),
        ({"names": ["a", "a"]}, '.spec.names: duplicate entries for key [="a"]'),
        (
            {"names": [None]},
            ".spec.names: element 0: associative list without keys has an element that's an explicit null",
        ),
        (
            {"parts": [{}]},
            '.spec.parts: element 0: associative list with keys has an element that omits all key fields ["name"] '
            "(and doesn't have default values for any key fields)",
        ),
        ({"parts": ["x"]}, ".spec.parts: element 0: associative list with keys may not have non-map elements"),
    ],
)
def test_what_does_not_fit(spec, said):
    assert faults(WIDGET, {"spec": spec}) == [said]


def test_nulls_and_what_has_no_declared_fields_fit():
    assert faults(WIDGET, {"spec": {"count": None, "parts": None, "either": "1", "free": {"any": [1]}}}) == []


def test_a_variable_that_a_container_has_twice():
    variables = [{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "2"}]
    pod = {"spec": {"containers": [{"name": "c", "env": variables}]}}
    assert told(("", "v1", "Pod"), pod) == ['.spec.containers[name="c"].env: duplicate entries for key [name="A"]']


def test_a_port_without_its_protocol_is_the_same_as_with_the_default():
    service = {"spec": {"ports": [{"port": 80}, {"port": 80, "protocol": "TCP"}, {"port": 80, "protocol": "UDP"}]}}
    assert told(("", "v1", "Service"), service) == ['.spec.ports: duplicate entries for key [port=80,protocol="TCP"]']


def test_atomic_lists_may_repeat_and_quantities_may_be_numbers():
    container = {"name": "c", "args": ["x", "x"], "resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}
    assert told(("", "v1", "Pod"), {"spec": {"containers": [container]}}) == []
