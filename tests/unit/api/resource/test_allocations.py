"""What a claim got, for whom, and what drivers say of it: what v1.34 refuses and drops of a status."""

from typing import Any

import pytest
from tests.unit.api.rulebook import read, status

CLAIM = """{apiVersion: resource.k8s.io/v1, kind: ResourceClaim, metadata: {name: x, namespace: n%s},
  spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: c}}]}}, status: {%s}}"""
RESULT = {"request": "gpu", "driver": "a.b", "pool": "p", "device": "d"}
GOT = {"devices": {"results": [RESULT]}}


def got(**more: Any) -> dict[str, Any]:
    return {"allocation": {"devices": {"results": [{**RESULT, **more}]}}}


def told(*more: dict[str, Any]) -> dict[str, Any]:
    place = {"driver": "a.b", "pool": "p", "device": "d"}
    return {"allocation": GOT, "devices": [{**place, **one} for one in more]}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (got(), []),
        (
            got(request="tpu"),
            [
                'allocation.devices.results[0].request: Invalid value: "tpu": must be the name of a request in the claim or '
                "the name of a request and a subrequest separated by '/'"
            ],
        ),
        (got(driver="", pool=""), [f"allocation.devices.results[0].{field}: Required value" for field in ("driver", "pool")]),
        (
            got(tolerations=[{"operator": "Exists", "value": "x", "effect": "Never"}, {}]),
            [
                'allocation.devices.results[0].tolerations[0].value: Invalid value: "x": must be empty for operator `Exists`',
                'allocation.devices.results[0].tolerations[0].effect: Unsupported value: "Never": supported values: '
                '"NoExecute", "NoSchedule"',
                "allocation.devices.results[0].tolerations[1].operator: Required value",
            ],
        ),
        (
            {"allocation": {"devices": {"results": [RESULT] * 33}}},
            ["allocation.devices.results: Too many: 33: must have at most 32 items"],
        ),
        (
            {"allocation": {"devices": {"results": [RESULT], "config": [{"source": "X", "requests": ["gpu"]}, {}]}}},
            [
                'allocation.devices.config[0].source: Unsupported value: "X": supported values: "FromClaim", "FromClass"',
                "allocation.devices.config[0].opaque: Required value",
                "allocation.devices.config[1].source: Required value",
                "allocation.devices.config[1].opaque: Required value",
            ],
        ),
        (
            {"allocation": {**GOT, "nodeSelector": {}}},
            [
                "allocation.nodeSelector.nodeSelectorTerms: Required value: "
                "must have at least one node selector term"
            ],
        ),
        (told({"data": {"a": 1}, "networkData": {"ips": ["10.9.8.7/24", "2001:db8::1/64"]}}), []),
        (told({"device": "e"}), ["devices[0]: Invalid value: a.b/p/e: must be an allocated device in the claim"]),
        (told({}, {}), ["devices[1].deviceID: Duplicate value: a.b/p/d"]),
        (
            told({"data": [1], "networkData": {"interfaceName": "i" * 257, "ips": ["10.9.8.7", "10.09.8.7/24"]}}),
            [
                'devices[0].data: Invalid value: "<value omitted>": must be a valid JSON object',
                "devices[0].networkData.interfaceName: Too long: may not be more than 256 bytes",
                'devices[0].networkData.ips[0]: Invalid value: "10.9.8.7": '
                "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)",
                'devices[0].networkData.ips[1]: Invalid value: "10.09.8.7/24": must be in canonical form ("10.9.8.7/24")',
            ],
        ),
        (told({"conditions": [{"type": "a"}]}), ["devices[0].conditions[0].status: Unsupported value: \"\": supported values: "
          '"False", "True", "Unknown"', "devices[0].conditions[0].lastTransitionTime: Required value",
          "devices[0].conditions[0].reason: Required value"]),
    ],
)  # fmt: skip
def test_a_status(written: dict[str, Any], expected: list[str]) -> None:
    assert status(CLAIM % ("", ""), status=written) == [f"status.{error}" for error in expected]


def test_what_was_got_is_not_looked_at_again_and_stays() -> None:
    before = CLAIM % ("", "allocation: {devices: {results: [{request: tpu}]}}")
    assert status(before, status__reservedFor=[]) == []
    (error,) = status(before, status__allocation=GOT)
    assert error.startswith("status.allocation: Invalid value: ") and error.endswith(": field is immutable")


def test_who_has_it_may_leave_a_claim_that_goes_but_nobody_may_join() -> None:
    one, two = ({"resource": "pods", "name": name, "uid": name} for name in ("a", "b"))
    going = CLAIM % (
        ", deletionTimestamp: '2026-01-01T00:00:00Z'",
        "allocation: {devices: {}}, reservedFor: [{resource: pods, name: a, uid: a}]",
    )
    assert status(going, status__reservedFor=[one]) == []
    assert status(going, status__reservedFor=[two]) == [
        "status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or "
        "`deletionTimestamp` are set"
    ]


def test_fields_behind_gates_and_what_was_said_of_devices_that_are_gone_are_dropped() -> None:
    found, old = read(CLAIM % ("", "allocation: {devices: {results: [{driver: a.b, pool: p, device: d}]}}"))
    new = {**old, "metadata": dict(old["metadata"]), "status": told({"shareID": "s"})}
    new["status"]["allocation"] = got(shareID="s", consumedCapacity={"a": "1"}, bindingConditions=["x"])["allocation"]
    found.strategy.prepare_for_status_update(new, old)
    assert new["status"] == told({})
    new["status"] = {"devices": told({})["devices"]}
    found.strategy.prepare_for_status_update(new, old)
    assert new["status"] == {}
