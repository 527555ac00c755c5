"""Ingresses, their classes, NetworkPolicies and EndpointSlices: what v1.34 refuses and warns of, in its words."""

from typing import Any

import pytest
from tests.unit.api.rulebook import changed, made, merged, read, status, warned

INGRESS = "{apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {%s}}"
BACKEND = "{service: {name: s, port: {number: 80}}}"
RULE = "rules: [{host: '%s', http: {paths: [{path: /, pathType: Exact, backend: " + BACKEND + "}]}}]"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("defaultBackend: " + BACKEND, []),
        ("", ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"]),
        (
            RULE % "1.2.3.4",
            ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
        ),
    ],
)
def test_ingresses(spec: str, expected: list[str]) -> None:
    assert made(INGRESS % spec) == expected


def test_the_class_of_an_ingress_is_said_once() -> None:
    text = (
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {annotations: {kubernetes.io/ingress.class: a}}, "
    )
    text += "spec: {ingressClassName: b, defaultBackend: " + BACKEND + "}}"
    assert made(text) == [
        'annotations.kubernetes.io/ingress.class: Invalid value: "a": can not be set when the class field is also set'
    ]
    assert changed(text, spec__ingressClassName="c") == []


def test_what_an_older_ingress_may_keep() -> None:
    old = INGRESS % ("tls: [{secretName: Not_A_Name}], rules: [{host: '*.a', http: {paths: []}}]")
    assert [error.partition(":")[0] for error in made(old)] == ["spec.rules[0].http.paths", "spec.tls[0].secretName"]
    assert changed(old, spec__ingressClassName="c") == []


def test_where_an_ingress_is_reached() -> None:
    found = status(INGRESS % "", status__loadBalancer={"ingress": [{"ip": "1.2.3"}]})
    assert found[0].startswith('status.loadBalancer.ingress[0].ip: Invalid value: "1.2.3": must be a valid IP address')


POLICY = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}, ingress: [{%s}]}}"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ports: [{port: 80, endPort: 90}], from: [{podSelector: {}}]", []),
        (
            "ports: [{port: 80, endPort: 70}]",
            ["ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`"],
        ),
        (
            "ports: [{port: web, endPort: 70}]",
            ["ports[0].endPort: Invalid value: 70: may not be specified when `port` is non-numeric"],
        ),
        (
            "ports: [{endPort: 70}]",
            ["ports[0].endPort: Invalid value: 70: may not be specified when `port` is not specified"],
        ),
        (
            "ports: [{protocol: ''}]",
            ['ports[0].protocol: Unsupported value: "": supported values: "TCP", "UDP", "SCTP"'],
        ),
        (
            "from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]",
            [
                'from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
                "from[0]: Forbidden: may not specify both ipBlock and another peer",
            ],
        ),
    ],
)
def test_network_policies(rule: str, expected: list[str]) -> None:
    assert made(POLICY % rule) == [f"spec.ingress[0].{error}" for error in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.0/8", []),
        (
            "10.0.0.1/8",
            ['CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'],
        ),
        (
            "010.0.0.0/8",
            [
                'non-standard CIDR value "010.0.0.0/8" will be considered invalid in a future Kubernetes release: '
                'use "10.0.0.0/8"'
            ],
        ),
        (
            "::ffff:10.0.0.0/104",
            [
                'non-standard CIDR value "::ffff:10.0.0.0/104" will be considered invalid in a future Kubernetes '
                'release: use "10.0.0.0/8"'
            ],
        ),
        (
            "2001:DB8::/32",
            ['IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")'],
        ),
    ],
)
def test_ranges_in_odd_spellings(text: str, expected: list[str]) -> None:
    found = warned(POLICY % f"from: [{{ipBlock: {{cidr: '{text}'}}}}]")
    assert found == [f"spec.ingress[0].from[0].ipBlock.cidr: {warning}" for warning in expected]
    service = "{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, loadBalancerSourceRanges: ['%s']}}"
    assert warned(service % text) == [f"spec.loadBalancerSourceRanges[0]: {warning}" for warning in expected]


SLICE = "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: %s, endpoints: [{%s}]}"


@pytest.mark.parametrize(
    ("kind", "endpoint", "expected"),
    [
        ("IPv4", "addresses: [10.0.0.1]", []),
        ("IPv4", "addresses: ['fd00::1']", ['addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address']),
        (
            "IPv4",
            "addresses: [169.254.1.1]",
            [
                'addresses[0]: Invalid value: "169.254.1.1": '
                "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
            ],
        ),
        (
            "FQDN",
            "addresses: [a]",
            ['addresses[0]: Invalid value: "a": should be a domain with at least two segments separated by dots'],
        ),
        (
            "IPv4",
            "addresses: [10.0.0.1], hints: {forZones: [{name: a}, {name: a}]}",
            ['hints.forZones[1].name: Duplicate value: "a"'],
        ),
        (
            "IPv4",
            "addresses: [10.0.0.1], hints: {forNodes: [{name: n}" + ", {name: n}" * 8 + "]}",
            ["hints.forNodes: Too many: 9: must have at most 8 items"],
        ),
    ],
)
def test_endpoint_slices(kind: str, endpoint: str, expected: list[str]) -> None:
    assert made(SLICE % (kind, endpoint)) == [f"endpoints[0].{error}" for error in expected]


def test_old_topology_is_not_stored_and_labels_make_a_generation() -> None:
    found, obj = read(SLICE % ("IPv4", "addresses: [10.0.0.1], deprecatedTopology: {a: b}"))
    found.strategy.prepare_for_create(obj)
    assert "deprecatedTopology" not in obj["endpoints"][0]
    new: dict[str, Any] = merged(obj, {"metadata__labels": {"a": "b"}})
    found.strategy.prepare_for_update(new, obj)
    assert new["metadata"]["generation"] == 2
