"""LimitRanges, Events, secrets of registries and role aggregation: told in upstream's words."""

import base64
from typing import Any

import pytest

from kajitori.api.core import event_validation, limit_validation, node_validation, persistent_validation, validation
from kajitori.api.core.resources import RESOURCES


def limits(**item: Any) -> list[str]:
    return [str(error) for error in limit_validation.limit_range({"spec": {"limits": [item]}})]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"type": "Container", "max": {"cpu": "2"}, "min": {"cpu": "1m"}, "maxLimitRequestRatio": {"cpu": "10"}}, []),
        ({"type": "Box"},
         ['[0].type: Invalid value: "Box": must be a standard limit type or fully qualified']),
        ({"type": "Container", "max": {"cpu": "1"}, "defaultRequest": {"cpu": "2"}},
         ['[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1']),
        ({"type": "Pod", "default": {"cpu": "1"}},
         ["[0].default: Forbidden: may not be specified when `type` is 'Pod'"]),
        ({"type": "PersistentVolumeClaim"},
         ["[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided"]),
        ({"type": "Container", "max": {"cpu": "2"}, "min": {"cpu": "1"}, "maxLimitRequestRatio": {"cpu": "3"}},
         ['[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000']),
    ],
)  # fmt: skip
def test_limits_are_in_order(item: dict[str, Any], expected: list[str]) -> None:
    assert limits(**item) == ["spec.limits" + text for text in expected]


def test_only_a_limit_range_needs_no_name() -> None:
    (kind,) = (found for found in RESOURCES if found.plural == "limitranges")
    nameless: dict[str, Any] = {"metadata": {}}
    named = {"metadata": {"name": "own"}}
    for one in (nameless, named):
        kind.strategy.prepare_for_create(one)
    assert len(nameless["metadata"]["name"]) == 36
    assert named["metadata"]["name"] == "own"


def new_event(**fields: Any) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "ns"},
        "involvedObject": {"namespace": "ns"},
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingComponent": "c",
        "reportingInstance": "i",
        "action": "A",
        "reason": "R",
        "type": "Normal",
        **fields,
    }


def test_an_event_of_the_new_kind_says_who_reports_it() -> None:
    assert event_validation.new_event(new_event()) == []
    found = event_validation.new_event(new_event(action="", type="Odd", count=1))
    assert [str(error) for error in found] == [
        "action: Required value",
        'type: Invalid value: "": has invalid value: Odd',
        'count: Invalid value: "": needs to be unset',
    ]


def test_only_the_series_of_an_event_of_the_new_kind_changes() -> None:
    series = {"count": 2, "lastObservedTime": "2026-01-01T00:00:00.000000Z"}
    assert event_validation.new_event_update(new_event(series=series), new_event()) == []
    found = event_validation.new_event_update(new_event(reason="Other"), new_event())
    assert [str(error) for error in found] == ['reason: Invalid value: "Other": field is immutable']


def test_the_configuration_of_a_registry_is_json() -> None:
    secret = {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": base64.b64encode(b"x").decode()}}
    assert [str(error) for error in validation.secret(secret)] == [
        'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": '
        "invalid character 'x' looking for beginning of value"
    ]


def test_a_volume_keeps_the_nodes_that_reach_it() -> None:
    affinity = {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "k", "operator": "Exists"}]}]}}
    old = {"spec": {"local": {"path": "/p"}, "nodeAffinity": affinity}}
    assert persistent_validation.volume_update(old, old) == []
    found = persistent_validation.volume_update({"spec": {"local": {"path": "/p"}}}, old)
    assert [str(error) for error in found] == [
        "nodeAffinity: Invalid value: null: field is immutable, except for updating from beta label to GA"
    ]
    terms = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "beta.kubernetes.io/os", "operator": "Exists"}]}]}
    stable = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/os", "operator": "Exists"}]}]}
    was, now = ({"spec": {"nodeAffinity": {"required": one}}} for one in (terms, stable))
    assert persistent_validation.volume_update(now, was) == []


def test_the_list_of_a_nodes_pod_ranges_counts() -> None:
    old = {"spec": {"podCIDR": "10.0.0.0/24", "podCIDRs": ["10.0.0.0/24"]}}
    assert node_validation.update({"spec": {"podCIDRs": ["10.0.0.0/24"]}}, old) == []
    assert node_validation.update({"spec": {"podCIDRs": ["10.0.1.0/24"]}}, old)
