"""What a Pod may wait for is watched from the first failure to the first success."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kajitori.api import schema
from kajitori.api.core.v1 import Pod
from kajitori.kubelet.worker.missing import MissingObjects, pod_references

Reference = tuple[str, str, str]
SPEC = {
    "volumes": [
        {"name": "a", "configMap": {"name": "files"}},
        {"name": "b", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}},
    ],
    "initContainers": [{"name": "i", "envFrom": [{"secretRef": {"name": "all"}}, {"configMapRef": {"name": "files"}}]}],
    "containers": [
        {
            "name": "c",
            "env": [
                {"name": "X", "value": "plain"},
                {"name": "Y", "valueFrom": {"secretKeyRef": {"name": "key", "key": "k"}}},
                {"name": "Z", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "k"}}},
            ],
        }
    ],
}


class Source:
    """Notes who listens to what."""

    def __init__(self) -> None:
        self.followed: dict[Reference, Callable[[Reference], None]] = {}

    def follow(self, reference: Reference, changed: Callable[[Reference], None]) -> None:
        assert reference not in self.followed
        self.followed[reference] = changed

    def unfollow(self, reference: Reference, changed: Callable[[Reference], None]) -> None:
        assert self.followed.pop(reference) == changed


def pod() -> Pod:
    return schema.from_wire(Pod, {"metadata": {"name": "p", "namespace": "ns"}, "spec": SPEC})


def test_references_are_those_of_volumes_and_environment() -> None:
    assert set(pod_references(pod())) == {
        ("ConfigMap", "ns", "files"),
        ("ConfigMap", "ns", "kube-root-ca.crt"),
        ("ConfigMap", "ns", "settings"),
        ("Secret", "ns", "all"),
        ("Secret", "ns", "key"),
    }


def test_a_change_wakes_until_nothing_is_missing() -> None:
    source: Any = Source()
    woken: list[int] = []
    missing = MissingObjects(source, lambda: woken.append(1))
    missing.watch(pod())
    missing.watch(pod())
    assert len(source.followed) == 5
    for reference, changed in source.followed.items():
        changed(reference)
    assert len(woken) == 5
    missing.forget()
    missing.forget()
    assert not source.followed
