"""`kajitori scheduler` as a process, against a real API server."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from tests.waiting import eventually

from kajitori.client.rest import Client
from kajitori.testing.controlplane import ControlPlane

pytestmark = pytest.mark.integration
PODS = "/api/v1/namespaces/default/pods"


def node(name: str, cpu: str = "4", **spec: Any) -> dict[str, Any]:
    sizes = {"cpu": cpu, "memory": "8Gi", "pods": "110"}
    meta = {"name": name, "labels": {"kubernetes.io/hostname": name}}
    status = {"allocatable": sizes, "capacity": sizes}
    return {"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": spec, "status": status}


def pod(name: str, cpu: str = "100m", **spec: Any) -> dict[str, Any]:
    container = {"name": "c", "image": "x", "resources": {"requests": {"cpu": cpu}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [container], "automountServiceAccountToken": False, **spec},
    }


class Cluster:
    """Calls in a few words."""

    def __init__(self, cp: ControlPlane) -> None:
        self.cp = cp

    def call(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        async def send() -> Any:
            async with Client(self.cp.rest_config) as client:
                response = await client.raw(method, path, body=body, content_type=content_type)
                return orjson.loads(response.body)

        return asyncio.run(send())

    def add_node(self, body: dict[str, Any]) -> None:
        name = body["metadata"]["name"]
        self.call("POST", "/api/v1/nodes", body)
        merge = "application/merge-patch+json"
        self.call("PATCH", f"/api/v1/nodes/{name}/status", {"status": body["status"]}, merge)
        # The server taints new nodes until somebody says that they are ready.
        self.call("PATCH", f"/api/v1/nodes/{name}", {"spec": {"taints": None}}, merge)

    def node_of(self, name: str) -> str:
        return str(self.call("GET", f"{PODS}/{name}")["spec"].get("nodeName", ""))

    def events(self, name: str) -> list[str]:
        items = self.call("GET", "/api/v1/namespaces/default/events")["items"]
        return [f"{e['reason']}: {e['message']}" for e in items if e["involvedObject"]["name"] == name]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with ControlPlane() as cp:
        cluster = Cluster(cp)
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        cluster.call("POST", "/api/v1/namespaces/default/serviceaccounts", account)
        argv = [sys.executable, "-m", "kajitori", "scheduler", "--kubeconfig", str(cp.kubeconfig), "--secure-port=0"]
        process = subprocess.Popen(argv)
        try:
            yield cluster
        finally:
            process.terminate()
            assert process.wait(10) == 0


def test_pods_wait_for_a_node_and_are_explained_then_bound(cluster: Cluster) -> None:
    cluster.call("POST", PODS, pod("early"))
    eventually(lambda: cluster.events("early"), "an event is told")
    assert cluster.events("early")[0] == "FailedScheduling: no nodes available to schedule pods"
    cluster.add_node(node("n1"))
    eventually(lambda: cluster.node_of("early") == "n1", "early is bound")
    eventually(
        lambda: "Scheduled: Successfully assigned default/early to n1" in cluster.events("early"), "the event is told"
    )
    conditions = cluster.call("GET", f"{PODS}/early")["status"]["conditions"]
    assert {c["type"]: c["status"] for c in conditions if c["type"] == "PodScheduled"} == {"PodScheduled": "True"}


def test_an_unschedulable_pod_says_so_in_its_status(cluster: Cluster) -> None:
    cluster.call("POST", PODS, pod("huge", cpu="64"))
    text = (
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes"
        " are available: 1 Preemption is not helpful for scheduling."
    )
    eventually(lambda: f"FailedScheduling: {text}" in cluster.events("huge"), "the event is told")

    def condition() -> Any:
        found = cluster.call("GET", f"{PODS}/huge")["status"].get("conditions", [])
        return next((c for c in found if c["type"] == "PodScheduled"), None)

    told = eventually(condition, "a condition says so")
    assert (told["status"], told["reason"], told["message"]) == ("False", "Unschedulable", text)
    cluster.call("DELETE", f"{PODS}/huge")


def test_a_label_on_a_node_frees_the_pod_that_waits_for_it(cluster: Cluster) -> None:
    cluster.call("POST", PODS, pod("picky", nodeSelector={"disk": "ssd"}))
    eventually(lambda: cluster.events("picky"), "an event is told")
    patch = {"metadata": {"labels": {"disk": "ssd"}}}
    cluster.call("PATCH", "/api/v1/nodes/n1", patch, "application/merge-patch+json")
    eventually(lambda: cluster.node_of("picky") == "n1", "picky is bound")


def test_many_pods_at_once_fill_the_nodes_evenly(cluster: Cluster) -> None:
    cluster.add_node(node("n2"))
    cluster.add_node(node("n3"))

    async def create() -> None:
        async with Client(cluster.cp.rest_config) as client:
            await asyncio.gather(*(client.raw("POST", PODS, body=pod(f"m{i}", cpu="10m")) for i in range(60)))

    asyncio.run(create())

    def placed() -> dict[str, int]:
        items = cluster.call("GET", PODS)["items"]
        nodes = [p["spec"].get("nodeName", "") for p in items if p["metadata"]["name"].startswith("m")]
        return {name: nodes.count(name) for name in sorted(set(nodes))} if "" not in nodes else {}

    counts = eventually(placed, "all are bound")
    assert sum(counts.values()) == 60
    assert set(counts) == {"n1", "n2", "n3"}
    assert max(counts.values()) - min(counts.values()) <= 12


def test_a_more_important_pod_pushes_a_lesser_one_out(cluster: Cluster) -> None:
    high = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 1000}
    cluster.call("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", high)
    cluster.add_node(node("n4", cpu="1", taints=[]))
    only = {"nodeSelector": {"kubernetes.io/hostname": "n4"}, "terminationGracePeriodSeconds": 0}
    cluster.call("POST", PODS, pod("low", cpu="900m", **only))
    eventually(lambda: cluster.node_of("low") == "n4", "low is bound")
    cluster.call("POST", PODS, pod("vip", cpu="900m", priorityClassName="high", **only))
    eventually(lambda: cluster.node_of("vip") == "n4", "vip is bound")
    names = [p["metadata"]["name"] for p in cluster.call("GET", PODS)["items"]]
    assert "low" not in names
