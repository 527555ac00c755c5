"""Services and ResourceQuotas: what v1.34 refuses, in its words."""

from typing import Any

import pytest
from tests.unit.api.rulebook import changed, made, read, status

from kajitori.api.core.service_rules import keep_node_ports

SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {%s}}"
PORTS = "ports: [{port: 80}]"
BALANCER = "type: LoadBalancer, ports: [{port: 80}]"
LOCAL = "type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30000, ports: [{port: 80}]"
ADDRESSES = "clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, " + PORTS


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (PORTS, []),
        ("type: ClusterIP", ["spec.ports: Required value"]),
        ("clusterIP: None, clusterIPs: [None]".replace("None", "'None'"), []),
        (
            "type: ExternalName, externalName: a.b, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]",
            ["spec.clusterIPs: Forbidden: may not be set for ExternalName services"],
        ),
        ("type: ExternalName", ["spec.externalName: Required value"]),
        (
            "type: NodePort, clusterIP: 'None', clusterIPs: ['None'], ports: [{port: 80}]",
            ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
        ),
        (
            "clusterIP: 10.0.0.1, clusterIPs: [10.0.0.2], " + PORTS,
            ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`'],
        ),
        (
            "clusterIPs: [10.0.0.2], " + PORTS,
            ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: must be empty when `clusterIP` is not specified'],
        ),
        (
            "clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 10.0.0.2], " + PORTS,
            [
                'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: '
                "may specify no more than one IP for each IP family"
            ],
        ),
        (
            "clusterIP: 'fd00::1', clusterIPs: ['fd00::1'], ipFamilies: [IPv4], " + PORTS,
            ['spec.clusterIPs[0]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`'],
        ),
        (
            "ipFamilyPolicy: '', " + PORTS,
            [
                'spec.ipFamilyPolicy: Unsupported value: "": supported values: '
                '"PreferDualStack", "RequireDualStack", "SingleStack"'
            ],
        ),
        ("ipFamilies: [IPv4, IPv4], " + PORTS, ['spec.ipFamilies[1]: Duplicate value: "IPv4"']),
        (
            "ports: [{name: a, port: 80}, {name: b, port: 80}]",
            [
                'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,'
                '"TargetPort":0,"NodePort":0}'
            ],
        ),
        (
            "externalIPs: [127.0.0.1], " + PORTS,
            [
                'spec.externalIPs[0]: Invalid value: "127.0.0.1": '
                "may not be in the loopback range (127.0.0.0/8, ::1/128)"
            ],
        ),
        (
            "type: LoadBalancer, ports: [{port: 10250}]",
            ["spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet"],
        ),
        (
            "loadBalancerClass: a/b, " + PORTS,
            ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
        ),
        (
            "healthCheckNodePort: 30000, " + PORTS,
            [
                "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and "
                "`externalTrafficPolicy` is 'Local'"
            ],
        ),
        (
            "internalTrafficPolicy: '', " + PORTS,
            ['spec.internalTrafficPolicy: Unsupported value: "": supported values: "Cluster", "Local"'],
        ),
        ("trafficDistribution: PreferSameNode, " + PORTS, []),
        (
            "trafficDistribution: Nearby, " + PORTS,
            [
                'spec.trafficDistribution: Unsupported value: "Nearby": supported values: '
                '"PreferClose", "PreferSameNode", "PreferSameZone"'
            ],
        ),
    ],
)
def test_services(spec: str, expected: list[str]) -> None:
    assert made(SERVICE % spec) == expected


def test_topology_annotations_say_the_same() -> None:
    marks = "{service.kubernetes.io/topology-aware-hints: auto, service.kubernetes.io/topology-mode: disabled}"
    text = SERVICE.replace("name: s", "annotations: " + marks)
    (error,) = made(text % PORTS)
    assert error.endswith("must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified")


@pytest.mark.parametrize(
    ("spec", "change", "expected"),
    [
        (BALANCER, {"spec__loadBalancerClass": "a/b"}, 'Invalid value: "a/b": may not change once set'),
        (LOCAL, {"spec__healthCheckNodePort": 30001}, "spec.healthCheckNodePort: Forbidden: field is immutable"),
        (
            ADDRESSES,
            {"spec__clusterIP": "10.0.0.2", "spec__clusterIPs": ["10.0.0.2"]},
            'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
        ),
        (
            ADDRESSES,
            {"spec__ipFamilies": ["IPv6"], "spec__clusterIP": "10.0.0.1"},
            'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
        ),
    ],
)
def test_changes_of_services(spec: str, change: dict[str, Any], expected: str) -> None:
    assert any(expected in error for error in changed(SERVICE % spec, **change))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([("a", 81, 0), ("b", 80, 0)], [30001, 30002]),
        ([("b", 80, 0), ("c", 81, 0)], [30002, 0]),
        ([("a", 80, 0), ("b", 81, 30001)], [0, 30001]),
    ],
)
def test_a_node_port_stays_with_its_name(given: list[tuple[str, int, int]], kept: list[int]) -> None:
    before = {"ports": [{"name": name, "port": 80, "nodePort": at} for name, at in (("a", 30001), ("b", 30002))]}
    spec = {"ports": [{"name": name, "port": port, "nodePort": at} for name, port, at in given]}
    keep_node_ports(spec, before)
    assert [port["nodePort"] for port in spec["ports"]] == kept


@pytest.mark.parametrize(
    ("kind", "ingress", "expected"),
    [
        ("LoadBalancer", {"ip": "1.2.3.4", "ipMode": "VIP"}, []),
        ("LoadBalancer", {"ip": "1.2.3.4"}, ["ipMode: Required value: must be specified when `ip` is set"]),
        (
            "LoadBalancer",
            {"hostname": "a", "ipMode": "VIP"},
            ["ipMode: Forbidden: may not be specified when `ip` is not set"],
        ),
        (
            "LoadBalancer",
            {"hostname": "1.2.3.4"},
            ['hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
        ),
    ],
)
def test_addresses_of_balancers(kind: str, ingress: dict[str, str], expected: list[str]) -> None:
    found = status(SERVICE % f"type: {kind}, {PORTS}", status__loadBalancer={"ingress": [ingress]})
    assert found == [f"status.loadBalancer.ingress[0].{error}" for error in expected]


def test_only_balancers_have_such_addresses() -> None:
    assert status(SERVICE % PORTS, status__loadBalancer={"ingress": [{"ip": "1.2.3.4"}]}) == [
        "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"
    ]


def test_the_affinity_gets_its_timeout_and_nothing_gets_an_affinity() -> None:
    _, obj = read(SERVICE % ("sessionAffinity: ClientIP, " + PORTS))
    assert obj["spec"]["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 10800}}
    _, obj = read(SERVICE % ("sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}, " + PORTS))
    assert "sessionAffinityConfig" not in obj["spec"]


QUOTA = "{apiVersion: v1, kind: ResourceQuota, spec: {%s}}"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("hard: {pods: 1, count/jobs.batch: 2, hugepages-2Mi: 1Gi}", []),
        (
            "hard: {dogs: 1}",
            [
                'spec.hard[dogs]: Invalid value: "dogs": must be a standard resource type or fully qualified',
                'spec.hard[dogs]: Invalid value: "dogs": must be a standard resource for quota',
            ],
        ),
        ("hard: {pods: 500m}", ['spec.hard[pods]: Invalid value: "500m": must be an integer']),
        (
            "scopeSelector: {matchExpressions: [{scopeName: Nice, operator: Exists}]}",
            ['spec.scopeSelector.matchExpressions.scopeName: Invalid value: "Nice": unsupported scope'],
        ),
        (
            "scopeSelector: {matchExpressions: [{scopeName: BestEffort, operator: In, values: [a]}]}",
            [
                "spec.scopeSelector.matchExpressions.operator: Invalid value: \"In\": must be 'Exists' when scope is "
                "any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
            ],
        ),
    ],
)
def test_quotas(spec: str, expected: list[str]) -> None:
    assert made(QUOTA % spec) == expected


def test_a_quotas_status_has_amounts_too() -> None:
    assert status(QUOTA % "hard: {pods: 1}", status__used={"pods": "-1"}) == [
        'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0'
    ]
