"""ResourceQuota: admission charges, the controller gives back; kubectl shows both."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from tests.integration.commandline import Kubectl
from tests.waiting import eventually

from kajitori.client.raw import RawClient
from kajitori.machinery.errors import StatusError
from kajitori.testing import ControlPlane

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


def scoped(name: str, hard: Object, scope: str, operator: str = "Exists", values: tuple[str, ...] = ()) -> Object:
    term = {"scopeName": scope, "operator": operator, "values": list(values)}
    spec = {"hard": hard, "scopeSelector": {"matchExpressions": [term]}}
    return {**quota({}), "metadata": {"name": name}, "spec": spec}


def test_each_scope_holds_its_own(kubectl: Kubectl) -> None:
    pods, claims = {"pods": "9"}, {"persistentvolumeclaims": "9", "requests.storage": "9Gi"}
    for name in ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"):
        kubectl.create(scoped(name.lower(), pods, name))
    kubectl.create(scoped("important", pods, "PriorityClass", "In", ("system-node-critical",)))
    kubectl.create(scoped("gold", claims, "VolumeAttributesClass", "In", ("gold",)))

    def told() -> dict[str, Any]:
        items = kubectl.json("get", "quota")["items"]
        return {item["metadata"]["name"]: (item.get("status") or {}).get("used") or {} for item in items}

    eventually(lambda: all(told().values()), "every quota has a status")
    kubectl.create(pod("plain"))
    kubectl.create(pod("sized", {"requests": {"cpu": "1"}}, activeDeadlineSeconds=60))
    term = {"topologyKey": "zone", "namespaces": ["other"], "labelSelector": {"matchLabels": {"a": "b"}}}
    affinity = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    kubectl.create(pod("near", affinity=affinity, priorityClassName="system-node-critical"))
    for name, attributes in (("a", "gold"), ("b", "silver")):
        resources = {"requests": {"storage": "2Gi"}}
        spec = {"accessModes": ["ReadWriteOnce"], "resources": resources, "volumeAttributesClassName": attributes}
        kubectl.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec})
    assert told() == {
        "terminating": {"pods": "1"},
        "notterminating": {"pods": "2"},
        "besteffort": {"pods": "2"},
        "notbesteffort": {"pods": "1"},
        "crossnamespacepodaffinity": {"pods": "1"},
        "important": {"pods": "1"},
        "gold": {"persistentvolumeclaims": "1", "requests.storage": "2Gi"},
    }


def test_storage_classes_devices_and_extended_resources_have_their_own_names(kubectl: Kubectl) -> None:
    fast, gpu = "fast.storageclass.storage.k8s.io/", "gpu.example.com.deviceclass.resource.k8s.io/devices"
    hard = {f"{fast}requests.storage": "3Gi", f"{fast}persistentvolumeclaims": "9", gpu: "2"}
    make(kubectl, {**hard, "requests.example.com/tpu": "4", "services.loadbalancers": "1", "count/events": "0"})

    def claim(name: str, of: str) -> Object:
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}, "storageClassName": of}
        return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}

    def devices(name: str, count: int) -> Object:
        request = {"name": "r", "exactly": {"deviceClassName": "gpu.example.com", "count": count}}
        return {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceClaim",
            "metadata": {"name": name},
            "spec": {"devices": {"requests": [request]}},
        }

    kubectl.create(claim("a", "fast"))
    kubectl.create(claim("b", "slow"))
    assert f"{fast}requests.storage=2Gi" in kubectl.fails("create", "-f", "-", stdin=claim("c", "fast"))
    kubectl.create(devices("one", 1))
    assert f"requested: {gpu}=2" in kubectl.fails("create", "-f", "-", stdin=devices("two", 2))
    tpus = {"requests": {"example.com/tpu": "3"}, "limits": {"example.com/tpu": "3"}}
    kubectl.create(pod("p", tpus))
    error = kubectl.fails("create", "-f", "-", stdin=pod("q", tpus))
    assert "requested: requests.example.com/tpu=3, used: requests.example.com/tpu=3, limited:" in error
    kubectl.ok("create", "service", "loadbalancer", "lb", "--tcp=80")
    assert "services.loadbalancers=1" in kubectl.fails("create", "service", "loadbalancer", "more", "--tcp=80")
    found = used(kubectl)
    assert (found[f"{fast}requests.storage"], found[gpu], found["requests.example.com/tpu"]) == ("2Gi", "1", "3")


def test_a_crowd_that_makes_and_deletes_is_never_over_the_limit(kubectl: Kubectl, server: ControlPlane) -> None:
    make(kubectl, {"count/secrets": "5"})
    namespace = kubectl.json("get", "quota", "q")["metadata"]["namespace"]
    path = f"/api/v1/namespaces/{namespace}/secrets"
    seen: list[int] = []

    async def one(client: RawClient, number: int) -> None:
        for turn in range(8):
            body = orjson.dumps({"metadata": {"name": f"s{number}-{turn}"}})
            try:
                await client.raw("POST", path, body=body, content_type="application/json")
                await client.raw("DELETE", f"{path}/s{number}-{turn}")
            except StatusError as error:
                assert "exceeded quota" in str(error)
                await asyncio.sleep(0.02)

    async def look(client: RawClient) -> None:
        while True:
            seen.append(len(orjson.loads((await client.raw("GET", path)).body)["items"]))

    async def crowd() -> None:
        client = RawClient(server.rest_config)
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(look(client))
            async with asyncio.TaskGroup() as makers:
                for number in range(12):
                    makers.create_task(one(client, number))
            looking.cancel()
        await client.close()

    asyncio.run(crowd())
    assert max(seen) <= 5
    eventually(lambda: used(kubectl) == {"count/secrets": "0"}, "all of it is given back")


def test_a_resize_is_charged_and_bounded(kubectl: Kubectl) -> None:
    make(kubectl, {"requests.cpu": "3"})
    kubectl.create(pod("a", {"requests": {"cpu": "1"}, "limits": {"cpu": "1"}}))
    limits = {"limits": [{"type": "Container", "max": {"cpu": "2500m"}}]}
    kubectl.create({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": limits})

    def resize(cpu: str) -> list[str]:
        resources = f'{{"requests":{{"cpu":"{cpu}"}},"limits":{{"cpu":"{cpu}"}}}}'
        patch = f'{{"spec":{{"containers":[{{"name":"c","resources":{resources}}}]}}}}'
        return ["patch", "pod", "a", "--subresource=resize", "-p", patch]

    kubectl.ok(*resize("2"))
    assert used(kubectl) == {"requests.cpu": "2"}
    assert "maximum cpu usage per Container is 2500m, but limit is 4" in kubectl.fails(*resize("4"))
    kubectl.ok("delete", "limitrange", "l")
    assert "exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=2, limited: requests.cpu=3" in (
        kubectl.fails(*resize("4"))
    )
    kubectl.ok(*resize("1"))
    eventually(lambda: used(kubectl) == {"requests.cpu": "1"}, "what the resize gave back is counted")
