"""What upstream's API server answered to the same definitions and objects (see cases/): every error, word by word.

The order of errors is not compared: upstream walks maps in random order.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from kajitori.api import checking
from kajitori.api import schema as api_schema
from kajitori.api.apiextensions.resources import RESOURCES
from kajitori.apiserver.customresources.strategy import SingleStrategy
from kajitori.apiserver.customresources.typeview import CustomSchema

Object = dict[str, Any]
CASES = Path(__file__).parent / "cases"
DEFINITIONS = RESOURCES[0].strategy
SHORT = {
    "spec.validation.openAPIV3Schema": "SCH",
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are "
    "declared)": "HINT",
    '"Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}': "TAIL",
    "x-kubernetes-validations": "XV",
}


def cases(name: str) -> list[Any]:
    rows = [json.loads(line) for line in (CASES / name).read_text().splitlines()]
    return [pytest.param(*row, id=json.dumps(row[0])[:60]) for row in rows]


def shared(name: str) -> Any:
    return json.loads((CASES / name).read_text())


def filled(value: Any, name: str, part: Any) -> Any:
    """A case with the part that many share put in."""
    if value == name:
        return part
    if isinstance(value, dict):
        return {key: filled(item, name, part) for key, item in value.items()}
    return [filled(item, name, part) for item in value] if isinstance(value, list) else value


def texts(errors: list[Any]) -> list[str]:
    found = set()
    for error in errors:
        text = str(error)
        for long, short in SHORT.items():
            text = text.replace(long, short)
        found.add(text)
    return sorted(found)


def definition(schema: Object) -> Object:
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "foos", "singular": "foo", "kind": "Foo", "listKind": "FooList"}
    spec = {"group": "val.ex.io", "scope": "Namespaced", "names": names, "versions": [version]}
    metadata = {"name": "foos.val.ex.io"}
    api = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    return {**api, "metadata": metadata, "spec": spec}


def faults(crd: Object) -> list[str]:
    schema = api_schema.for_kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    checking.check("apiextensions.k8s.io", "v1", "CustomResourceDefinition", schema, crd)
    DEFINITIONS.default(crd)
    DEFINITIONS.prepare_for_create(crd)
    return texts(DEFINITIONS.validate(crd))


@pytest.mark.parametrize(("name", "schema", "expected"), cases("schemas.jsonl"))
def test_a_schema_is_judged_as_upstream_judges_it(name: str, schema: Object, expected: list[str]) -> None:
    assert faults(definition(schema)) == expected


@pytest.mark.parametrize(("name", "change", "expected"), cases("specs.jsonl"))
def test_a_definition_is_judged_as_upstream_judges_it(name: str, change: Object, expected: list[str]) -> None:
    schema = shared("spec_schema.json")
    crd = definition(copy.deepcopy(schema))
    crd["metadata"] |= change["metadata"]
    crd["spec"] |= filled(change["spec"], "SP", schema)
    for field in change["without"]:
        del crd["spec"][field]
    assert faults(crd) == expected


@pytest.mark.parametrize(("name", "schema", "expected"), cases("rules.jsonl"))
def test_rules_compile_and_cost_as_upstream_estimates(name: str, schema: Object, expected: list[str]) -> None:
    schema = filled(schema, "PROPS", shared("rule_properties.json"))
    assert faults(definition(schema)) == expected


@pytest.fixture(scope="module")
def strategy() -> SingleStrategy:
    return SingleStrategy(CustomSchema(shared("value_schema.json"), "val.ex.io", "v1", "Foo"), {"name": "v1"})


@pytest.mark.parametrize(("spec", "expected", "stored"), cases("values.jsonl"))
def test_an_object_is_judged_and_kept_as_upstream_does(
    strategy: SingleStrategy, spec: Object, expected: list[str], stored: Object | None
) -> None:
    obj = {"apiVersion": "val.ex.io/v1", "kind": "Foo", "metadata": {"name": "x"}, "spec": spec}
    strategy.schema.checker(obj)
    strategy.default(obj)
    strategy.prepare_for_create(obj)
    assert texts(strategy.validate(obj)) == expected
    assert stored is None or obj["spec"] == stored
