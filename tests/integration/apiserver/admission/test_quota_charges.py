"""ResourceQuota: admission charges, the controller gives back; kubectl shows both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.integration.commandline import Kubectl
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("controllers")]
Object = dict[str, Any]


def quota(hard: Object, **spec: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": hard, **spec}}


def pod(name: str, resources: Object | None = None, **spec: Any) -> Object:
    container = {"name": "c", "image": "i", "resources": resources or {}}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 0, **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def make(kubectl: Kubectl, hard: Object, **spec: Any) -> None:
    kubectl.create(quota(hard, **spec))
    eventually(lambda: used(kubectl), "the quota has a status")


def used(kubectl: Kubectl) -> Object:
    status = kubectl.json("get", "quota", "q").get("status") or {}
    return dict(status.get("used") or {})


def test_the_pod_too_many_is_refused_and_a_deletion_makes_room(kubectl: Kubectl) -> None:
    make(kubectl, {"pods": "2"})
    kubectl.create(pod("a"))
    kubectl.create(pod("b"))
    assert used(kubectl) == {"pods": "2"}
    assert kubectl.fails("create", "-f", "-", stdin=pod("c")) == (
        'Error from server (Forbidden): error when creating "STDIN": pods "c" is forbidden: exceeded quota: q, '
        "requested: pods=1, used: pods=2, limited: pods=2\n"
    )
    kubectl.ok("delete", "pod", "a", "--force", "--grace-period=0")
    eventually(lambda: used(kubectl) == {"pods": "1"}, "the deletion is counted")
    kubectl.create(pod("c"))


def test_containers_must_say_what_they_want(kubectl: Kubectl) -> None:
    make(kubectl, {"requests.cpu": "1", "limits.memory": "1Gi"})
    assert "failed quota: q: must specify limits.memory for: c; requests.cpu for: c" in kubectl.fails(
        "create", "-f", "-", stdin=pod("a")
    )
    kubectl.create(pod("a", {"requests": {"cpu": "600m"}, "limits": {"memory": "100Mi"}}))
    assert used(kubectl) == {"requests.cpu": "600m", "limits.memory": "100Mi"}
    error = kubectl.fails(
        "create", "-f", "-", stdin=pod("b", {"requests": {"cpu": "600m"}, "limits": {"memory": "100Mi"}})
    )
    assert "exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1" in error


def test_objects_of_any_kind_are_counted(kubectl: Kubectl) -> None:
    kubectl.ok("create", "configmap", "old")
    make(kubectl, {"count/configmaps": "2", "count/deployments.apps": "0", "services.nodeports": "1"})
    assert used(kubectl) == {"count/configmaps": "1", "count/deployments.apps": "0", "services.nodeports": "0"}
    kubectl.ok("create", "configmap", "new")
    assert "exceeded quota: q, requested: count/configmaps=1" in kubectl.fails("create", "configmap", "more")
    assert "count/deployments.apps=1" in kubectl.fails("create", "deployment", "d", "--image=i")
    kubectl.ok("create", "service", "nodeport", "a", "--tcp=80")
    assert "services.nodeports=1" in kubectl.fails("create", "service", "nodeport", "b", "--tcp=80")
    kubectl.ok("create", "service", "clusterip", "b", "--tcp=80")
    kubectl.ok("delete", "configmap", "old")
    eventually(lambda: used(kubectl)["count/configmaps"] == "1", "the deletion is counted")


def test_scopes_choose_pods(kubectl: Kubectl) -> None:
    make(kubectl, {"pods": "1"}, scopes=["BestEffort"])
    kubectl.create(pod("a"))
    kubectl.create(pod("b", {"requests": {"cpu": "1"}}))
    assert used(kubectl) == {"pods": "1"}
    assert "exceeded quota" in kubectl.fails("create", "-f", "-", stdin=pod("c"))


def test_a_crowd_gets_no_more_than_there_is(kubectl: Kubectl) -> None:
    make(kubectl, {"count/configmaps": "5"})
    with ThreadPoolExecutor(4) as crowd:
        done = list(crowd.map(lambda n: kubectl.run("create", "configmap", f"x{n}").returncode, range(10)))
    assert done.count(0) == 5
    assert used(kubectl) == {"count/configmaps": "5"}


def test_a_dry_run_is_judged_and_not_charged(kubectl: Kubectl) -> None:
    make(kubectl, {"pods": "1"})
    kubectl.ok("create", "-f", "-", "--dry-run=server", stdin=pod("a"))
    assert used(kubectl) == {"pods": "0"}
    kubectl.create(pod("a"))
    assert "exceeded quota" in kubectl.fails("create", "-f", "-", "--dry-run=server", stdin=pod("b"))


def test_a_finished_pod_uses_nothing(kubectl: Kubectl) -> None:
    make(kubectl, {"pods": "1"})
    kubectl.create(pod("a"))
    kubectl.ok("patch", "pod", "a", "--subresource=status", "-p", '{"status":{"phase":"Succeeded"}}')
    eventually(lambda: used(kubectl) == {"pods": "0"}, "the end is counted")
