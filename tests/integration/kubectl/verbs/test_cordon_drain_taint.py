"""cordon, uncordon, drain and taint: one line per node, the same refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .conftest import Kubectls

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

NODE = "apiVersion: v1\nkind: Node\nmetadata: {name: NAME, labels: {kubernetes.io/hostname: NAME, pool: a}}\n---\n"


@pytest.fixture
def nodes(kubectls: Kubectls) -> Iterator[Kubectls]:
    kubectls.make("create -f -", "".join(NODE.replace("NAME", name) for name in ("one", "two")))
    kubectls.make("taint nodes one two node.kubernetes.io/not-ready-")
    yield kubectls
    kubectls.make("delete nodes one two --wait=false")


def test_cordon_and_uncordon(nodes: Kubectls) -> None:
    nodes.alike(
        "cordon",
        "cordon one -l pool=a",
        "cordon missing",
        "uncordon one",
        "cordon one --dry-run=client",
        "cordon one --dry-run=server",
    )
    assert nodes.ours("cordon one").out == "node/one cordoned\n"
    nodes.alike("cordon one", "cordon node/one", "cordon -l pool=a --dry-run=client")
    assert nodes.make("get node one -o jsonpath={.spec.unschedulable}") == "true"
    assert nodes.ours("uncordon -l pool=a").out == "node/one uncordoned\nnode/two already uncordoned\n"
    assert nodes.make("get node one -o jsonpath={.spec.unschedulable}") == ""


def test_taint(nodes: Kubectls) -> None:
    nodes.alike(
        "taint nodes",
        "taint nodes one",
        "taint nodes a=b:NoSchedule",
        "taint nodes one a=b:Nothing",
        "taint nodes one a=b",
        "taint nodes one a=b:NoSchedule other",
        "taint nodes one a=b:NoSchedule a:NoSchedule-",
        "taint nodes one a=b:NoSchedule a=c:NoSchedule",
        "taint nodes one a-",
        "taint pods one a=b:NoSchedule",
        "taint nodes one a=b:NoSchedule --dry-run=client",
        "taint nodes --all a=b:NoSchedule --dry-run=server",
        "taint nodes one -l pool=a --all a=b:NoSchedule",
        "taint nodes one a=b:NoSchedule:x",
        "taint nodes one 'a=!:NoSchedule'",
    )
    assert nodes.ours("taint nodes one a=b:NoSchedule c:NoExecute").out == "node/one tainted\n"
    taints = "get node one -o jsonpath={.spec.taints}"
    assert nodes.make(taints) == '[{"effect":"NoSchedule","key":"a","value":"b"},{"effect":"NoExecute","key":"c"}]'
    nodes.alike(
        "taint nodes one a=x:NoSchedule",
        "taint nodes one d-",
        "taint nodes one a=x:NoSchedule --overwrite --dry-run=client",
    )
    assert nodes.ours("taint nodes one a=z:NoSchedule --overwrite").out == "node/one modified\n"
    assert nodes.ours("taint nodes one a- d:NoExecute").out == "node/one modified\n"
    assert nodes.ours("taint nodes one c:NoExecute- d-").out == "node/one untainted\n"
    assert nodes.make(taints) == ""


PODS = """
apiVersion: v1
kind: Pod
metadata: {name: bare, labels: {app: x}}
spec: {nodeName: one, terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: scratch, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: r, uid: u, controller: true}]}
spec: {nodeName: one, containers: [{name: c, image: x}], volumes: [{name: v, emptyDir: {}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: daemon, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: d, uid: u, controller: true}]}
spec: {nodeName: one, containers: [{name: c, image: x}]}
"""


def test_drain_refuses_and_warns_as_upstream(nodes: Kubectls, space: Kubectls) -> None:
    nodes.make("cordon two")
    nodes.alike("drain", "drain missing", "drain two")
    space.make("create -f -", PODS)
    space.make("cordon one")
    nodes.alike(
        "drain one --force --ignore-daemonsets --delete-emptydir-data --dry-run=client",
        "drain one --pod-selector=app=x",
        "drain one --pod-selector=app=x --force --dry-run=client",
        "drain one --pod-selector=app=none",
        "drain one two --pod-selector=app=x",
    )


def test_drained_pods_are_gone(nodes: Kubectls, space: Kubectls) -> None:
    space.make("create -f -", PODS.replace("app: x", "app: drained"))
    said = nodes.ours("drain one --force --pod-selector=app=drained --grace-period=0")
    assert said.out == (f"node/one cordoned\nevicting pod {space.namespace}/bare\npod/bare evicted\nnode/one drained\n")
    assert said.err == f"Warning: deleting Pods that declare no controller: {space.namespace}/bare\n"
    assert "bare" not in space.make("get pods -o name")
