"""The kubelet as a process between a real API server and a real containerd."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.kubelet.busyboximages import BUSYBOX
from tests.integration.kubelet.kubeletprocess import KubeletProcess
from tests.integration.kubelet.privatecontainerd import SUBNETS
from tests.integration.kubelet.test_static_pods import LOOP, pod
from tests.waiting import eventually

from kajitori.client.kubeconfig import load
from kajitori.client.rest import Client
from kajitori.machinery.certificates import KeyPair, issue
from kajitori.testing import ControlPlane
from kajitori.testing.ports import free_port

pytestmark = pytest.mark.integration
Wire = dict[str, Any]
PODS = "/api/v1/namespaces/default/pods"


class Api:
    """Plain JSON calls, one connection each: a test is no place for caches."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig

    def _run(self, call: Callable[[Client], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            async with Client(load(self.kubeconfig)) as client:
                return await call(client)

        return asyncio.run(main())

    def request(self, method: str, path: str, body: Wire | None = None) -> Wire:
        import orjson

        answer: Wire = self._run(lambda c: _body(c, method, path, body, orjson.loads))
        return answer

    def find(self, path: str) -> Wire | None:
        from kajitori.machinery.errors import NotFound

        try:
            return self.request("GET", path)
        except NotFound:
            return None

    def events(self) -> list[str]:
        items = self.request("GET", "/api/v1/namespaces/default/events")["items"]
        return [f"{e['reason']}: {e['message']}" for e in items]


async def _body(client: Client, method: str, path: str, body: Wire | None, parse: Callable[[bytes], Wire]) -> Wire:
    return parse((await client.raw(method, path, body=body)).body)


def bound(name: str, **spec: Any) -> Wire:
    wire = pod(name, **spec)
    wire["spec"] |= {"nodeName": "node-a", "automountServiceAccountToken": False}
    return wire


def is_ready(wire: Wire | None) -> bool:
    conditions = (wire or {}).get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


@pytest.fixture(scope="module")
def control_plane() -> Iterator[ControlPlane]:
    with ControlPlane(authorization_mode=("Node", "RBAC")) as plane:
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        Api(plane.kubeconfig).request("POST", "/api/v1/namespaces/default/serviceaccounts", account)
        yield plane


@pytest.fixture
def api(control_plane: ControlPlane, node: KubeletProcess) -> Iterator[Api]:
    api = Api(control_plane.kubeconfig)
    yield api
    for item in api.request("GET", PODS)["items"]:
        api.request("DELETE", f"{PODS}/{item['metadata']['name']}", {"gracePeriodSeconds": 0})


def node_kubeconfig(api: Api, node: KubeletProcess) -> Path:
    """The node's own credentials: what it may do is what the Node authorizer and NodeRestriction let it."""
    pki = api.kubeconfig.parent / "pki"
    ca = KeyPair((pki / "ca.crt").read_bytes(), (pki / "ca.key").read_bytes())
    pair = issue(ca, "system:node:node-a", organizations=["system:nodes"])
    encode = lambda data: base64.b64encode(data).decode()  # noqa: E731
    user = {"client-certificate-data": encode(pair.cert_pem), "client-key-data": encode(pair.key_pem)}
    server = load(api.kubeconfig).server
    path = node.folder / "kubelet.conf"
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [
                    {"name": "c", "cluster": {"server": server, "certificate-authority-data": encode(ca.cert_pem)}}
                ],
                "users": [{"name": "u", "user": user}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
            }
        )
    )
    return path


def start(node: KubeletProcess, api: Api) -> None:
    node.start(f"--kubeconfig={node_kubeconfig(api, node)}", "--node-ip=192.0.2.7", "--node-labels=x=y")


def test_node_registers_and_becomes_ready(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    eventually(lambda: is_ready(api.find("/api/v1/nodes/node-a")), "the node is Ready")
    shown = api.request("GET", "/api/v1/nodes/node-a")
    assert shown["metadata"]["labels"]["x"] == "y"
    assert shown["status"]["addresses"][0] == {"type": "InternalIP", "address": "192.0.2.7"}
    lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-a"
    eventually(lambda: api.find(lease), "the lease is there")
    eventually(lambda: "NodeReady: Node node-a status is now: NodeReady" in api.events(), "NodeReady")
    assert "Starting: Starting kubelet." in api.events()


def test_pod_runs_and_is_gone_after_deletion(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    api.request("POST", PODS, bound("web"))
    eventually(lambda: is_ready(api.find(f"{PODS}/web")), "the pod is Ready")
    status = api.request("GET", f"{PODS}/web")["status"]
    assert status["phase"] == "Running"
    assert status["podIP"].startswith(f"{SUBNETS}.")
    assert status["containerStatuses"][0]["containerID"].startswith("containerd://")
    wanted = {
        f'Pulled: Container image "{BUSYBOX}" already present on machine',
        "Created: Created container: web",
        "Started: Started container web",
    }
    eventually(lambda: wanted <= set(api.events()), "the usual events")
    api.request("DELETE", f"{PODS}/web")
    eventually(lambda: api.find(f"{PODS}/web") is None, "the object is gone")
    eventually(lambda: not node.runtime.running(), "its containers are gone")
    eventually(lambda: "Killing: Stopping container web" in api.events(), "Killing")


def test_pod_deleted_by_force_is_ended_on_the_node(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    api.request("POST", PODS, bound("forced"))
    eventually(lambda: is_ready(api.find(f"{PODS}/forced")), "the pod is Ready")
    api.request("DELETE", f"{PODS}/forced", {"gracePeriodSeconds": 0})
    eventually(lambda: not node.runtime.running(), "its containers are gone")


def test_pods_deleted_by_force_at_any_moment_leave_nothing(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    eventually(lambda: is_ready(api.find("/api/v1/nodes/node-a")), "the node is Ready")
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"k": "v"}}
    api.request("POST", "/api/v1/namespaces/default/configmaps", config_map)
    volumes = [{"name": "files", "configMap": {"name": "settings"}}, {"name": "room", "emptyDir": {"medium": "Memory"}}]
    mounts = [{"name": "files", "mountPath": "/f", "subPath": "k"}, {"name": "room", "mountPath": "/room"}]
    for number in range(12):
        api.request("POST", PODS, bound(f"brief-{number}", container={"volumeMounts": mounts}, volumes=volumes))
        time.sleep(0.04 * number)  # a moment of its own in the Pod's start, for each
        api.request("DELETE", f"{PODS}/brief-{number}", {"gracePeriodSeconds": 0})
    eventually(lambda: not node.runtime.running(), "nothing runs", 20)
    eventually(lambda: not node.runtime.ctr("containers", "ls", "-q").split(), "nothing is kept", 20)
    eventually(lambda: not list((node.folder / "kubelet/pods").iterdir()), "no directory is left", 20)
    eventually(lambda: not list(node.logs.iterdir()), "no log is left", 20)


def test_pods_that_end_show_how(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    api.request("POST", PODS, bound("done", script="echo fine > /dev/termination-log", restartPolicy="Never"))
    api.request("POST", PODS, bound("sad", script="exit 3", restartPolicy="Never"))

    def phase(name: str) -> str:
        return str((api.find(f"{PODS}/{name}") or {}).get("status", {}).get("phase"))

    eventually(lambda: phase("done") == "Succeeded", "one succeeds")
    eventually(lambda: phase("sad") == "Failed", "one fails")
    ended = api.request("GET", f"{PODS}/done")["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["reason"], ended["message"], ended["exitCode"]) == ("Completed", "fine\n", 0)
    assert api.request("GET", f"{PODS}/sad")["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 3
    api.request("DELETE", f"{PODS}/sad", {"gracePeriodSeconds": 0})
    api.request("DELETE", f"{PODS}/done")
    eventually(lambda: api.find(f"{PODS}/done") is None, "the finished pod goes")
    eventually(lambda: not node.runtime.ctr("containers", "ls", "-q").split(), "nothing of them is left")
    eventually(lambda: not list(node.logs.iterdir()), "nor their logs")


def test_missing_config_map_holds_the_container_until_it_comes(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    reference = {"name": "V", "valueFrom": {"configMapKeyRef": {"name": "later", "key": "k"}}}
    api.request("POST", PODS, bound("patient", script=f"echo $V; {LOOP}", container={"env": [reference]}))

    def waiting() -> Wire:
        statuses = (api.find(f"{PODS}/patient") or {}).get("status", {}).get("containerStatuses", [{}])
        return dict(statuses[0].get("state", {}).get("waiting", {}))

    eventually(lambda: waiting().get("reason") == "CreateContainerConfigError", "CreateContainerConfigError")
    assert waiting()["message"] == 'configmap "later" not found'
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "later"}, "data": {"k": "here"}}
    api.request("POST", "/api/v1/namespaces/default/configmaps", config_map)
    eventually(lambda: is_ready(api.find(f"{PODS}/patient")), "it starts at once, not with the next try", 5)
    log = eventually(
        lambda: [f.read_text() for f in node.logs.glob("*_patient_*/patient/*.log") if f.stat().st_size], "log"
    )
    assert log[0].endswith("F here\n")


def test_pod_that_does_not_fit_is_refused(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    api.request("POST", PODS, bound("huge", container={"resources": {"requests": {"cpu": "9999"}}}))
    eventually(lambda: (api.find(f"{PODS}/huge") or {}).get("status", {}).get("reason") == "OutOfcpu", "OutOfcpu")
    status = api.request("GET", f"{PODS}/huge")["status"]
    assert status["phase"] == "Failed"
    assert status["message"].startswith("Pod was rejected: Node didn't have enough resource: cpu, requested: 9999000")


def test_pod_is_resized_without_a_restart(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    api.request("POST", PODS, bound("sized", container={"resources": {"requests": {"cpu": "10m"}}}))
    eventually(lambda: is_ready(api.find(f"{PODS}/sized")), "it runs")
    before = api.request("GET", f"{PODS}/sized")
    before["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "20m"}}
    api.request("PUT", f"{PODS}/sized/resize", before)

    def shown() -> Wire:
        return dict(api.request("GET", f"{PODS}/sized")["status"]["containerStatuses"][0])

    eventually(lambda: shown()["resources"] == {"requests": {"cpu": "20m"}}, "it is resized")
    was = before["status"]["containerStatuses"][0]
    assert (shown()["containerID"], shown()["restartCount"]) == (was["containerID"], 0)
    assert shown()["allocatedResources"] == {"cpu": "20m"}


def test_a_pod_that_its_node_does_not_suit_is_refused_by_the_labels_of_now(api: Api, node: KubeletProcess) -> None:
    start(node, api)
    eventually(lambda: is_ready(api.find("/api/v1/nodes/node-a")), "the node is Ready")
    api.request("POST", PODS, bound("picky", nodeSelector={"disk": "ssd"}))
    eventually(lambda: (api.find(f"{PODS}/picky") or {}).get("status", {}).get("reason") == "NodeAffinity", "refused")
    labelled = api.request("GET", "/api/v1/nodes/node-a")
    labelled["metadata"]["labels"]["disk"] = "ssd"
    del labelled["metadata"]["resourceVersion"]  # the node controllers write to it as well
    api.request("PUT", "/api/v1/nodes/node-a", labelled)
    api.request("POST", PODS, bound("pleased", nodeSelector={"disk": "ssd"}))
    eventually(lambda: is_ready(api.find(f"{PODS}/pleased")), "the new label counts at once")


def test_static_pod_is_mirrored_and_its_mirror_comes_back(api: Api, node: KubeletProcess) -> None:
    node.write("still", pod("still"))
    start(node, api)
    mirror = f"{PODS}/still-node-a"
    eventually(lambda: is_ready(api.find(mirror)), "the mirror shows a Ready pod")
    first = api.request("GET", mirror)["metadata"]
    assert first["annotations"]["kubernetes.io/config.mirror"] == first["annotations"]["kubernetes.io/config.hash"]
    containers = node.container_ids("still")
    api.request("DELETE", mirror, {"gracePeriodSeconds": 0})
    eventually(lambda: is_ready(w := api.find(mirror)) and w and w["metadata"]["uid"] != first["uid"], "it is back")
    assert node.container_ids("still") == containers
    node.remove("still")
    eventually(lambda: api.find(mirror) is None, "it goes with its manifest")


def test_static_pods_start_before_there_is_an_api_server(node: KubeletProcess, tmp_path: Path) -> None:
    data = tmp_path / "plane"
    port = free_port()
    with ControlPlane(data_dir=data, secure_port=port) as plane:
        api = Api(plane.kubeconfig)
    node.write("first", pod("first"))
    start(node, api)
    eventually(lambda: node.container_ids("first"), "it runs")
    with ControlPlane(data_dir=data, secure_port=port, authorization_mode=("Node", "RBAC")) as plane:
        api = Api(plane.kubeconfig)
        eventually(lambda: is_ready(api.find("/api/v1/nodes/node-a")), "the node registers")
        eventually(lambda: is_ready(api.find(f"{PODS}/first-node-a")), "the mirror comes")
