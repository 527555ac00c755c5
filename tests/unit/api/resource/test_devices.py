"""Claims, classes and slices of devices: what v1.34 refuses and drops."""

import pytest
from tests.unit.api.rulebook import changed, made, read, status

V1 = "{apiVersion: resource.k8s.io/v1, kind: %s, spec: {%s}}"
CLAIM = V1 % ("ResourceClaim", "devices: {%s}")
SLICE = V1 % ("ResourceSlice", "driver: a.b, pool: {name: p, resourceSliceCount: 1}, %s")
REQUEST = "requests: [{name: gpu, exactly: {deviceClassName: c%s}}]"


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        (REQUEST % "", []),
        (
            "requests: [{name: gpu}]",
            ["requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required"],
        ),
        (
            REQUEST % ", allocationMode: All, count: 1",
            ["requests[0].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'"],
        ),
        (REQUEST % ", selectors: [{}]", ["requests[0].exactly.selectors[0].cel: Required value"]),
        (REQUEST % """, selectors: [{cel: {expression: 'device.driver == "x"'}}]""", []),
        (REQUEST % """, selectors: [{cel: {expression: 'device.attributes["d"].model == "x"'}}]""", []),
        (
            REQUEST % """, selectors: [{cel: {expression: 'device.driver'}}]""",
            [
                'requests[0].exactly.selectors[0].cel.expression: Invalid value: "device.driver": '
                "must evaluate to bool or the unknown type, not string"
            ],
        ),
        (
            REQUEST
            % """, selectors: [{cel: {expression: 'device.capacity["d"].memory.isGreaterThan(quantity("1Gi"))
               && device.attributes["d"].version.isLessThan(semver("1.2.3"))'}}]""",
            [],
        ),
        (REQUEST % "" + ", constraints: [{requests: [gpu]}]", ["constraints[0].matchAttribute: Required value"]),
        (
            REQUEST % "" + ", constraints: [{requests: [cpu], matchAttribute: model}]",
            [
                'constraints[0].requests[0]: Invalid value: "cpu": must be the name of a request in the claim or the '
                "name of a request and a subrequest separated by '/'",
                'constraints[0].matchAttribute: Invalid value: "model": must include a domain',
            ],
        ),
        (
            REQUEST % "" + ", config: [{opaque: {driver: a.b, parameters: [1]}}]",
            ['config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object'],
        ),
    ],
)
def test_claims(devices: str, expected: list[str]) -> None:
    assert made(CLAIM % devices) == [f"spec.devices.{error}" for error in expected]


def test_a_claim_never_changes() -> None:
    (error,) = changed(CLAIM % (REQUEST % ""), spec__devices={})
    assert error.startswith("spec: Invalid value: ") and error.endswith(": field is immutable")


def test_fields_behind_gates_are_dropped() -> None:
    found, obj = read(CLAIM % (REQUEST % ", tolerations: [{key: a}], capacity: {requests: {a: 1}}"))
    found.strategy.prepare_for_create(obj)
    assert obj["spec"]["devices"]["requests"][0]["exactly"].keys() == {"deviceClassName", "allocationMode", "count"}
    found, obj = read(SLICE % "allNodes: true, devices: [{name: d, taints: [{key: a, effect: NoSchedule}]}]")
    found.strategy.prepare_for_create(obj)
    assert obj["spec"]["devices"] == [{"name": "d"}]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("nodeName: n, devices: [{name: d, attributes: {a.b/model: {string: x}}}]", []),
        (
            "devices: []",
            [
                ": Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, "
                "`perDeviceNodeSelection` is required"
            ],
        ),
        (
            "nodeName: n, allNodes: true",
            [
                ': Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, '
                "`perDeviceNodeSelection` is required, but multiple fields are set"
            ],
        ),
        (
            "allNodes: true, devices: [{name: d, attributes: {model: {}}}]",
            [".devices[0].attributes[model]: Required value: exactly one value must be specified"],
        ),
        (
            "allNodes: true, devices: [{name: d, attributes: {v: {version: '1.2'}}}]",
            [
                '.devices[0].attributes[v].version: Invalid value: "1.2": '
                "must be a string compatible with semver.org spec 2.0.0"
            ],
        ),
        ("allNodes: true, devices: [{name: d}, {name: d}]", ['.devices[1].name: Duplicate value: "d"']),
    ],
)
def test_slices(spec: str, expected: list[str]) -> None:
    assert made(SLICE % spec) == [f"spec{error}" for error in expected]


def test_reservations() -> None:
    consumer = {"resource": "pods", "name": "p", "uid": "u"}
    assert status(CLAIM % "", status={"reservedFor": [consumer, consumer]}) == [
        'status.reservedFor[1].uid: Duplicate value: "u"',
        "status.reservedFor: Forbidden: may not be specified when `allocated` is not set",
    ]
