"""What a container's environment may be made of: names that only `=` is not allowed in, and where its Pod is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.integration.kubelet.onenodecluster import Cluster, pod
from tests.waiting import eventually

pytestmark = pytest.mark.integration
PREFIXES = ["123-", "#_", "a.b-", "$_", "!@%^&*()", "p_"]


def output(whole: Cluster, name: str) -> str:
    def phase() -> str:
        return whole.run("get", "pod", name, "-o", "jsonpath={.status.phase}")[1]

    eventually(phase, "it has ended", holds=lambda found: found in ("Succeeded", "Failed"))
    return whole.run("logs", name)[1]


def test_names_may_begin_with_anything_but_an_equals_sign(whole: Cluster) -> None:
    config: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "prefixed"}}
    secret: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "prefixed"}}
    whole.apply({**config, "data": {"data-1": "one"}}, {**secret, "stringData": {"data-2": "two"}})
    sources: list[dict[str, Any]] = []
    for prefix in PREFIXES:
        sources += [{"prefix": prefix, "configMapRef": {"name": "prefixed"}}]
        sources += [{"prefix": prefix, "secretRef": {"name": "prefixed"}}]
    shown = {"command": ["cat", "/proc/self/environ"], "envFrom": sources}
    whole.apply(pod("prefixed", "", container=shown, restartPolicy="Never"))
    found = output(whole, "prefixed").split("\0")
    for prefix in PREFIXES:
        assert f"{prefix}data-1=one" in found
        assert f"{prefix}data-2=two" in found


def test_a_container_knows_the_addresses_of_its_node(whole: Cluster) -> None:
    env = [
        {"name": "IPS", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIPs"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}},
    ]
    whole.apply(pod("located", "echo $IPS $IP", container={"env": env}, restartPolicy="Never"))
    text = output(whole, "located").split()
    status = json.loads(whole.run("get", "pod", "located", "-o", "json")[1])["status"]
    assert text == [",".join(one["ip"] for one in status["hostIPs"]), status["hostIP"]]
