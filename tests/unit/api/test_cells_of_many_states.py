"""Cells in the states where upstream's printers have their own ways."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kajitori.api import scheme
from kajitori.api.registration import Resource

NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
META = {"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z"}
BUILTIN = {r.group_resource + "/" + r.version: r for r in scheme.builtin().resources()}
LONG = "a1234567890.elb.example.com"


def resource_of(name: str) -> Resource:
    return BUILTIN[name]


def cells(name: str, obj: dict[str, Any]) -> dict[str, Any]:
    resource = resource_of(name)
    whole = {"kind": resource.kind, "apiVersion": resource.group_version, "metadata": META, **obj}
    return dict(zip((column.name for column in resource.columns), resource.strategy.row(whole, NOW), strict=True))


def metric(kind: str, target: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, kind[:1].lower() + kind[1:]: {"target": target, **more}}


def measured(kind: str, current: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, kind[:1].lower() + kind[1:]: {"current": current}}


@pytest.mark.parametrize(
    ("name", "obj", "expected"),
    [
        (
            "services/v1",
            {"spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"hostname": LONG}]}}},
            {"External-IP": LONG},
        ),
        ("endpoints/v1", {}, {"Endpoints": "<none>"}),
        ("endpoints/v1", {"subsets": [{"notReadyAddresses": [{"ip": "10.0.0.1"}]}]}, {"Endpoints": ""}),
        (
            "ingresses.networking.k8s.io/v1",
            {"spec": {"rules": [{"host": "a"}, {"host": "b"}, {"host": "c"}, {}, {"host": "d"}]}},
            {"Hosts": "a,b,c + 2 more...", "Class": "<none>"},
        ),
        (
            "ingresses.networking.k8s.io/v1",
            {
                "spec": {"tls": [{}]},
                "status": {"loadBalancer": {"ingress": [{"ip": "2"}, {"ip": "1"}, {"ip": "2"}, {}]}},
            },
            {"Hosts": "*", "Address": "1,2", "Ports": "80, 443"},
        ),
        ("ipaddresses.networking.k8s.io/v1", {"spec": {}}, {"ParentRef": "<none>"}),
        (
            "ipaddresses.networking.k8s.io/v1",
            {"spec": {"parentRef": {"resource": "services", "namespace": "default", "name": "web"}}},
            {"ParentRef": "services/default/web"},
        ),
        ("persistentvolumes/v1", {"spec": {}}, {"Capacity": "0"}),
        ("persistentvolumeclaims/v1", {"spec": {"volumeName": "v"}}, {"Capacity": "0", "Access Modes": ""}),
        ("persistentvolumeclaims/v1", {"spec": {}, "status": {"capacity": {"storage": "1Gi"}}}, {"Capacity": ""}),
        (
            "componentstatuses/v1",
            {"conditions": [{"type": "Healthy", "status": "Unknown", "error": "e"}]},
            {"Status": "Unhealthy", "Error": "e"},
        ),
        ("componentstatuses/v1", {"conditions": []}, {"Status": "Unknown"}),
        (
            "deployments.apps/v1",
            {
                "spec": {
                    "selector": {
                        "matchLabels": {"b": "1"},
                        "matchExpressions": [
                            {"key": "z", "operator": "DoesNotExist"},
                            {"key": "a", "operator": "In", "values": ["2", "1"]},
                        ],
                    }
                }
            },
            {"Selector": "a in (1,2),b=1,!z"},
        ),
        ("deployments.apps/v1", {"spec": {"selector": {}}}, {"Selector": ""}),
        ("replicasets.apps/v1", {"spec": {"selector": {}}}, {"Selector": "<none>"}),
        (
            "volumeattributesclasses.storage.k8s.io/v1",
            {
                "metadata": META
                | {"annotations": {"volumeattributesclass.alpha.kubernetes.io/is-default-class": "true"}},
                "driverName": "d",
            },
            {"Name": "x (default)", "DriverName": "d"},
        ),
        ("csistoragecapacities.storage.k8s.io/v1", {"storageClassName": "s"}, {"Capacity": "<unset>"}),
        (
            "validatingadmissionpolicybindings.admissionregistration.k8s.io/v1",
            {"spec": {"policyName": "p", "paramRef": {"name": "n"}}},
            {"ParamRef": "*/n"},
        ),
        (
            "validatingadmissionpolicybindings.admissionregistration.k8s.io/v1",
            {"spec": {"policyName": "p", "paramRef": {"selector": {"matchLabels": {"b": "2", "a": "1"}}}}},
            {
                "ParamRef": "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},"
                "MatchExpressions:[]LabelSelectorRequirement{},}"
            },
        ),
        (
            "horizontalpodautoscalers.autoscaling/v1",
            {"spec": {}},
            {"Targets": "cpu: <unknown>/80%", "MinPods": "<unset>"},
        ),
        (
            "horizontalpodautoscalers.autoscaling/v1",
            {"spec": {"targetCPUUtilizationPercentage": 80}, "status": {"currentCPUUtilizationPercentage": 20}},
            {"Targets": "cpu: 20%/80%"},
        ),
        (
            "horizontalpodautoscalers.autoscaling/v2",
            {
                "spec": {
                    "metrics": [
                        metric("Resource", {"averageValue": "100Mi"}, name="memory"),
                        metric("External", {"averageValue": "3"}),
                        metric("Pods", {"averageValue": "5"}),
                    ]
                },
                "status": {"currentMetrics": [measured("Resource", {"averageValue": "50Mi"})]},
            },
            {"Targets": "memory: 50Mi/100Mi, <unknown>/3 (avg) + 1 more..."},
        ),
        (
            "horizontalpodautoscalers.autoscaling/v2",
            {"spec": {"metrics": [metric("Resource", {}, name="cpu"), {"type": "Nope"}]}},
            {"Targets": "cpu: <unknown>/<auto>, <unknown type>"},
        ),
    ],
)
def test_cells_are_upstreams(name: str, obj: dict[str, Any], expected: dict[str, Any]) -> None:
    found = cells(name, obj)
    assert {column: found[column] for column in expected} == expected


def test_a_row_of_a_pod_that_has_ended_says_how() -> None:
    strategy = resource_of("pods/v1").strategy
    (condition,) = strategy.row_conditions({"status": {"phase": "Failed"}})
    assert condition == {"type": "Completed", "status": "True", "reason": "Failed", "message": "The pod failed."}
    assert not strategy.row_conditions({"status": {"phase": "Running"}})
