"""Autoscalers in v1: what has no field there goes to annotations in upstream's form, and comes back."""

import copy
import json
from typing import Any

import pytest

from kajitori.api.autoscaling import conversion

Object = dict[str, Any]
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
REF = {"kind": "S", "name": "n", "apiVersion": "v1"}


def autoscaler(metrics: list[Object], **more: Any) -> Object:
    spec = {"maxReplicas": 3, "scaleTargetRef": REF, "metrics": metrics} | more
    return {"apiVersion": "autoscaling/v2", "metadata": {"name": "h"}, "spec": spec}


@pytest.mark.parametrize(
    ("v2", "v1"),
    [
        (
            {
                "type": "Pods",
                "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "1"}},
            },
            {"type": "Pods", "pods": {"metricName": "m", "targetAverageValue": "1"}},
        ),
        (
            {
                "type": "Object",
                "object": {
                    "metric": {"name": "m", "selector": {"matchLabels": {"a": "b"}}},
                    "describedObject": REF,
                    "target": {"type": "Value", "value": "1"},
                },
            },
            {
                "type": "Object",
                "object": {
                    "target": REF,
                    "metricName": "m",
                    "targetValue": "1",
                    "selector": {"matchLabels": {"a": "b"}},
                },
            },
        ),
        (
            {"type": "External", "external": {"metric": {"name": "m"}, "target": {"type": "Value", "value": "1"}}},
            {"type": "External", "external": {"metricName": "m", "targetValue": "1"}},
        ),
        (
            {
                "type": "ContainerResource",
                "containerResource": {
                    "name": "cpu",
                    "container": "c",
                    "target": {"type": "Utilization", "averageUtilization": 5},
                },
            },
            {
                "type": "ContainerResource",
                "containerResource": {"name": "cpu", "targetAverageUtilization": 5, "container": "c"},
            },
        ),
    ],
)
def test_metrics_there_and_back(v2: Object, v1: Object) -> None:
    given = autoscaler([v2, CPU])
    shown = conversion.to_v1(copy.deepcopy(given))
    assert shown["spec"]["targetCPUUtilizationPercentage"] == 50
    assert shown["metadata"]["annotations"] == {conversion.METRICS: json.dumps([v1], separators=(",", ":"))}
    assert conversion.to_v2(shown)["spec"]["metrics"] == [v2, CPU]


def test_behaviour_stands_under_internal_names() -> None:
    behavior = {"scaleUp": {"selectPolicy": "Max", "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}]}}
    shown = conversion.to_v1(autoscaler([CPU], behavior=behavior))
    assert shown["metadata"]["annotations"][conversion.BEHAVIOR] == (
        '{"ScaleUp":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max",'
        '"Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":null}'
    )
    assert conversion.to_v2(shown)["spec"]["behavior"] == behavior


def test_without_metrics_the_processor_is_measured() -> None:
    plain = {"apiVersion": "autoscaling/v1", "metadata": {"name": "h"}, "spec": {"maxReplicas": 2}}
    assert conversion.to_v1(conversion.to_v2(plain))["spec"]["targetCPUUtilizationPercentage"] == 80


def test_measured_metrics_come_back_once() -> None:
    current = {
        "type": "Resource",
        "resource": {"name": "cpu", "current": {"averageUtilization": 7, "averageValue": "1"}},
    }
    shown = conversion.to_v1(autoscaler([CPU]) | {"status": {"currentMetrics": [current]}})
    assert shown["status"]["currentCPUUtilizationPercentage"] == 7
    assert conversion.to_v2(shown)["status"]["currentMetrics"] == [current]
