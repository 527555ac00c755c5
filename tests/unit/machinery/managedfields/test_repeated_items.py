"""What an applied configuration has twice in a list with keys is told by path and key."""

from kajitori.api import scheme
from kajitori.machinery.managedfields.walk import repeated_items


def told(plural: str, obj: dict[str, object], group: str = "", version: str = "v1") -> list[str]:
    resource = scheme.builtin().by_plural(group, version, plural)
    assert resource is not None
    return repeated_items(resource.schema, obj)


def test_a_variable_that_a_container_has_twice() -> None:
    variables = [{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "2"}]
    pod = {"spec": {"containers": [{"name": "c", "env": variables}]}}
    assert told("pods", pod) == ['.spec.containers[name="c"].env: duplicate entries for key [name="A"]']


def test_a_port_without_its_protocol_is_the_same_as_with_the_default() -> None:
    service = {"spec": {"ports": [{"port": 80}, {"port": 80, "protocol": "TCP"}, {"port": 80, "protocol": "UDP"}]}}
    assert told("services", service) == ['.spec.ports: duplicate entries for key [port=80,protocol="TCP"]']


def test_a_finalizer_twice_and_an_atomic_list() -> None:
    pod = {"metadata": {"finalizers": ["a/b", "a/b"]}, "spec": {"containers": [{"name": "c", "args": ["x", "x"]}]}}
    assert told("pods", pod) == ['.metadata.finalizers: duplicate entries for key [="a/b"]']
