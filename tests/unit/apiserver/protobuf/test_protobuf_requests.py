"""Protobuf bodies as kubectl v1.34 sends them."""

import pytest

from kajitori.apiserver.protobuf.decode import decode
from kajitori.machinery.errors import BadRequest

CONFIG_MAP = bytes.fromhex(
    "6b3873000a0f0a0276311209436f6e6669674d6170121b0a110a017812001a0022002a0032003800420012060a01611201621a002200"
)
"""`kubectl create configmap x --from-literal=a=b`, captured."""


def test_a_captured_body_decodes_without_gos_zero_values():
    assert decode(CONFIG_MAP) == {
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"name": "x"},
        "data": {"a": "b"},
    }


def field(number: int, data: bytes) -> bytes:
    return bytes((number << 3 | 2, len(data))) + data


def body(api_version: str, kind: str, raw: bytes) -> bytes:
    return b"k8s\0" + field(1, field(1, api_version.encode()) + field(2, kind.encode())) + field(2, raw)


def test_pointers_keep_their_zero_and_inlined_structs_are_flat():
    container = field(1, b"c") + field(10, field(1, field(2, field(2, b"\x08\x00\x10\x50"))) + b"\x10\x00")
    spec = field(2, container) + b"\x20\x00"  # terminationGracePeriodSeconds: 0
    decoded = decode(body("v1", "Pod", field(2, spec)))
    assert decoded["spec"]["terminationGracePeriodSeconds"] == 0
    probe = decoded["spec"]["containers"][0]["livenessProbe"]
    assert probe == {"httpGet": {"port": 80}}


def test_a_toleration_without_a_value_has_none():
    toleration = field(1, b"k") + field(2, b"Exists") + field(3, b"") + field(4, b"NoExecute") + b"\x28\x00"
    decoded = decode(body("v1", "Pod", field(2, b"\xb2\x01" + bytes([len(toleration)]) + toleration)))
    wanted = {"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 0}
    assert decoded["spec"]["tolerations"] == [wanted]


def test_delete_options_of_any_group_decode():
    decoded = decode(body("apps/v1", "DeleteOptions", b"\x08\x00" + field(4, b"Foreground")))
    assert decoded["gracePeriodSeconds"] == 0
    assert decoded["propagationPolicy"] == "Foreground"


@pytest.mark.parametrize(
    "data",
    [b"", b"k8s\0\xff", b"nope", body("v1", "Nothing", b""), CONFIG_MAP[:30], CONFIG_MAP[:-3] + b"\xff\xff\xff"],
    ids=["empty", "cut tag", "no magic", "unknown kind", "cut", "broken"],
)
def test_broken_bodies_are_the_clients_mistake(data):
    with pytest.raises(BadRequest):
        decode(data)


def test_what_is_required_keeps_its_empty_value():
    condition = field(1, b"") + field(2, b"") + field(5, b"") + field(6, b"updated")
    decoded = decode(body("v1", "Pod", field(3, field(2, condition))))
    times = {"lastProbeTime": None, "lastTransitionTime": None}
    assert decoded["status"]["conditions"] == [{"type": "", "status": "", "message": "updated", **times}]
