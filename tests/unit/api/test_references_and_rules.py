"""Autoscalers, Ingresses, storage and flow control: what is incomplete or contradicts itself is told in upstream's words."""

from typing import Any

import pytest

from kajitori.api.autoscaling import validation as autoscaling
from kajitori.api.flowcontrol import validation as flowcontrol
from kajitori.api.networking import ingress
from kajitori.api.storage import validation as storage
from kajitori.machinery.fieldpath import Path

METRICS = Path("spec", "metrics")


def texts(errors: Any) -> list[str]:
    return [str(error) for error in errors]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (
            {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}},
            [
                "spec.metrics[0].resource.target.averageUtilization: Required value: "
                "must set either a target raw value or a target utilization"
            ],
        ),
        (
            {"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "0"}}},
            ['spec.metrics[0].pods.target.averageValue: Invalid value: "0": must be positive'],
        ),
        (
            {"type": "External", "pods": {"metric": {"name": "m"}, "target": {"type": "Value", "averageValue": "1"}}},
            ["spec.metrics[0].external: Required value: must populate information for the given metric source"],
        ),
    ],
)  # fmt: skip
def test_a_metric_has_its_source_and_a_target(metric: dict[str, Any], expected: list[str]) -> None:
    assert texts(autoscaling.metrics(METRICS, [metric])) == expected


def test_scaling_policies_have_a_value_and_a_period() -> None:
    given = {"scaleUp": {"policies": [{"type": "Pods", "value": 0, "periodSeconds": 1801}]}}
    at = "spec.behavior.scaleUp.policies[0]"
    assert texts(autoscaling.behavior(Path("spec", "behavior"), given)) == [
        f"{at}.value: Invalid value: 0: must be greater than zero",
        f"{at}.periodSeconds: Invalid value: 1801: must be less than or equal to 1800",
    ]


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ({}, ['b: Invalid value: "": resource or service backend is required']),
        ({"service": {"name": "s", "port": {"number": 70000}}},
         ["b.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive"]),
        ({"service": {"name": "s", "port": {"number": 80, "name": "http"}}},
         ['b: Invalid value: "": cannot set both port name & port number']),
        ({"resource": {"kind": "K"}}, ["b.resource.name: Required value: name is required"]),
    ],
)  # fmt: skip
def test_a_backend_is_one_thing_and_whole(backend: dict[str, Any], expected: list[str]) -> None:
    assert texts(ingress.backend(Path("b"), backend)) == expected


def test_paths_of_an_ingress_are_plain() -> None:
    path = {"pathType": "Prefix", "path": "/a//b", "backend": {"service": {"name": "s", "port": {"number": 80}}}}
    found = ingress.ingress({"spec": {"rules": [{"host": "1.2.3.4", "http": {"paths": [path]}}]}})
    assert texts(found) == [
        'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
        "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'",
    ]


def test_parameters_of_a_class_in_a_namespace_name_it() -> None:
    parameters = {"kind": "K", "name": "n", "scope": "Namespace"}
    found = ingress.ingress_class({"spec": {"controller": "a.io/c", "parameters": parameters}})
    assert texts(found) == ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"]


def test_a_node_has_each_driver_once() -> None:
    drivers = [{"name": "d.x", "nodeID": "n"}, {"name": "d.x", "nodeID": ""}]
    assert texts(storage.csi_node({"spec": {"drivers": drivers}})) == [
        "spec.drivers[1].nodeID: Required value",
        'spec.drivers[1].name: Duplicate value: "d.x"',
    ]


def test_an_attachment_has_one_source() -> None:
    found = storage.attachment({"spec": {"attacher": "a", "nodeName": "n", "source": {}}})
    assert texts(found) == [
        "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"
    ]


def test_a_flow_schema_says_whom_and_what() -> None:
    rule = {"subjects": [{"kind": "User", "group": {"name": "g"}}], "nonResourceRules": [{"verbs": ["get"]}]}
    spec = {"priorityLevelConfiguration": {"name": "p"}, "matchingPrecedence": 1, "rules": [rule]}
    at = "spec.rules[0]"
    assert texts(flowcontrol.flow_schema({"metadata": {"name": "x"}, "spec": spec})) == [
        "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
        f"{at}.subjects[0].user: Required value: user is required when subject kind is 'User'",
        f"{at}.subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
        f"{at}.nonResourceRules[0].nonResourceURLs: Required value: nonResourceURLs must contain at least one value",
    ]
