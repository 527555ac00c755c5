"""What custom resources' subresources are held to: replicas, selectors, a status for itself."""

from typing import Any

import pytest

from kajitori.apiserver.customresources import scale
from kajitori.apiserver.customresources.strategy import SingleStrategy
from kajitori.apiserver.customresources.typeview import CustomSchema
from kajitori.machinery.errors import BadRequest, InternalError

SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"n": {"x-kubernetes-preserve-unknown-fields": True}}},
        "status": {"type": "object", "properties": {"r": {"type": "integer", "minimum": 0}, "s": {"type": "string"}}},
    },
}
PATHS = {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.r", "labelSelectorPath": ".status.s"}
STRATEGY = SingleStrategy(
    CustomSchema(SCHEMA, "g.io", "v1", "Foo"), {"name": "v1", "subresources": {"status": {}, "scale": PATHS}}
)


def obj(**parts: Any) -> dict[str, Any]:
    return {"apiVersion": "g.io/v1", "kind": "Foo", "metadata": {"name": "x"}, **parts}


@pytest.mark.parametrize(
    ("replicas", "message"),
    [
        (3, None),
        (-1, ".spec.n: Invalid value: -1: should be a non-negative integer"),
        (2**31, ".spec.n: Invalid value: 2147483648: should be less than or equal to 2147483647"),
        ("x", ".spec.n: Invalid value: 0: .spec.n accessor error: x is of the type string, expected int64"),
        (1.5, ".spec.n: Invalid value: 0: .spec.n accessor error: 1.5 is of the type float64, expected int64"),
    ],
)
def test_replicas_are_a_count(replicas: Any, message: str | None) -> None:
    assert [str(error) for error in STRATEGY.validate(obj(spec={"n": replicas}))] == ([message] if message else [])


def test_a_status_is_judged_for_itself() -> None:
    old = obj(spec={"n": -1})
    assert STRATEGY.validate_status_update(obj(spec={"n": -1}, status={"r": 1}), old) == []
    found = [str(error) for error in STRATEGY.validate_status_update(obj(spec={"n": -1}, status={"r": -1}), old)]
    assert found == [
        "status.r: Invalid value: -1: r in body should be greater than or equal to 0",
        ".status.r: Invalid value: -1: should be a non-negative integer",
    ]


def test_a_status_that_is_no_object_is_told_at_every_path() -> None:
    found = [str(error) for error in STRATEGY.validate_status_update(obj(status="x"), obj())]
    wrong = "accessor error: x is of the type string, expected map[string]interface{}"
    assert found == [
        'status: Invalid value: "string":  in body must be of type object: "string"',
        f".status.r: Invalid value: 0: .status.r {wrong}",
        f'.status.s: Invalid value: "": .status.s {wrong}',
    ]


def test_who_changes_a_scale_may_find_no_replicas_but_must_leave_some() -> None:
    paths = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    obj: dict[str, Any] = {"metadata": {"name": "x"}}
    with pytest.raises(InternalError, match="does not exist"):
        scale.scale_of(obj, paths)
    assert scale.scale_of(obj, paths, scale.UNSET)["spec"] == {"replicas": scale.UNSET}
    with pytest.raises(BadRequest, match=r'^the spec replicas field "\.spec\.replicas" cannot be empty$'):
        scale.set_replicas(obj, scale.UNSET, paths)
    scale.set_replicas(obj, 0, paths)
    assert obj["spec"] == {"replicas": 0}
