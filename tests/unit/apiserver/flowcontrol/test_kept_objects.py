"""What the server does with flow schemas and levels of its own, and what they may say."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kajitori.api.flowcontrol import standard, validation
from kajitori.apiserver.flowcontrol.controller import dangling, kept

GLOBAL = next(obj for obj in standard.SUGGESTED_LEVELS if obj["metadata"]["name"] == "global-default")
CATCH_ALL, EXEMPT = standard.MANDATORY_LEVELS


def stored(obj: dict[str, Any], said: str | None, *, changed: bool = False, generation: int = 1) -> dict[str, Any]:
    out = copy.deepcopy(obj)
    out["metadata"] |= {"generation": generation, "annotations": {standard.AUTOUPDATE: said} if said else {}}
    if changed:
        out["spec"]["limited"]["nominalConcurrencyShares"] = 77
    return out


@pytest.mark.parametrize(
    ("existing", "told", "shares"),
    [
        (stored(GLOBAL, "true"), None, 0),
        (stored(GLOBAL, "true", changed=True), "true", 20),
        (stored(GLOBAL, "false", changed=True), None, 0),
        (stored(GLOBAL, None, changed=True), "true", 20),
        (stored(GLOBAL, None, changed=True, generation=2), "false", 77),
        (stored(GLOBAL, "maybe", changed=True, generation=2), "false", 77),
    ],
)
def test_a_suggested_object_is_the_servers_unless_its_user_took_it_over(
    existing: dict[str, Any], told: str | None, shares: int
) -> None:
    updated = kept(existing, GLOBAL, mandatory=False)
    if told is None:
        assert updated is None
        return
    assert updated is not None
    assert updated["metadata"]["annotations"][standard.AUTOUPDATE] == told
    assert updated["spec"]["limited"]["nominalConcurrencyShares"] == shares


def test_a_mandatory_object_is_always_the_servers() -> None:
    updated = kept(stored(CATCH_ALL, "false", changed=True, generation=9), CATCH_ALL, mandatory=True)
    assert updated is not None and updated["spec"] == CATCH_ALL["spec"]


def test_the_numbers_of_exempt_are_its_users() -> None:
    changed = copy.deepcopy(EXEMPT)
    changed["spec"]["exempt"] = {"nominalConcurrencyShares": 10, "lendablePercent": 50}
    assert kept(changed, EXEMPT, mandatory=True) is None
    assert not validation.priority_level(changed)


def test_dangling_says_whether_the_level_exists() -> None:
    schema = standard.MANDATORY_SCHEMAS[1]
    start = 'This FlowSchema references the PriorityLevelConfiguration object named "catch-all"'
    assert dangling(schema, {"catch-all"})["message"] == f"{start} and it exists"
    missing = dangling(schema, set())
    assert (missing["status"], missing["reason"]) == ("True", "NotFound")
    assert missing["message"] == f"{start} but there is no such object"


@pytest.mark.parametrize(
    "obj", (*standard.MANDATORY_LEVELS, *standard.SUGGESTED_LEVELS), ids=lambda o: o["metadata"]["name"]
)
def test_every_standard_level_is_valid(obj: dict[str, Any]) -> None:
    assert not validation.priority_level(obj)


@pytest.mark.parametrize(
    "obj", (*standard.MANDATORY_SCHEMAS, *standard.SUGGESTED_SCHEMAS), ids=lambda o: o["metadata"]["name"]
)
def test_every_standard_schema_is_valid(obj: dict[str, Any]) -> None:
    assert not validation.flow_schema(obj)


def queuing(**numbers: int) -> dict[str, Any]:
    response = {"type": "Queue", "queuing": {"queues": 64, "handSize": 8, "queueLengthLimit": 50} | numbers}
    return {"type": "Limited", "limited": {"limitResponse": response}}


@pytest.mark.parametrize(
    ("name", "spec", "texts"),
    [
        ("x", {"type": "Exempt", "exempt": {}}, ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"]),
        ("x", {"type": "Limited"}, ["spec.limited: Required value: must not be empty when type is Limited"]),
        ("x", {"type": "Other"}, ['spec.type: Unsupported value: "Other": supported values: "Exempt", "Limited"']),
        ("x", queuing(queues=0), ["spec.limited.limitResponse.queuing.queues: Invalid value: 0: must be positive",
                                  "spec.limited.limitResponse.queuing.handSize: Invalid value: 8: should not be greater than queues (0)"]),
        ("x", queuing(queueLengthLimit=-1), ["spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive"]),
        ("x", queuing(queues=1000, handSize=7), ["spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1000 and handSize 7 should not be greater than 60"]),
        ("x", {"type": "Limited", "limited": {"lendablePercent": 101, "limitResponse": {"type": "Reject", "queuing": {}}}},
         ["spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited",
          "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_level_is_told_in_upstreams_words(
    name: str, spec: dict[str, Any], texts: list[str]
) -> None:
    assert [str(error) for error in validation.priority_level({"metadata": {"name": name}, "spec": spec})] == texts


def test_a_mandatory_spec_is_fixed() -> None:
    changed = stored(CATCH_ALL, "true", changed=True)
    (error,) = validation.priority_level(changed)
    assert error.detail == "spec of 'catch-all' must equal the fixed value"
    schema = copy.deepcopy(standard.MANDATORY_SCHEMAS[1])
    schema["spec"]["matchingPrecedence"] = 9999
    (error,) = validation.flow_schema(schema)
    assert error.detail == "spec of 'catch-all' must equal the fixed value"
