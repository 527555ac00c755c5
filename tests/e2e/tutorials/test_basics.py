"""Kubernetes Basics, modules 2.1 to 2.6, step by step.

Left out by name until several nodes work together: step 13 and the other claims that need two workers.
"""

import json
import re
import threading
import time

import pytest
from tests.e2e.tutorials.shell import Shell

pytestmark = pytest.mark.e2e

V1 = "gcr.io/google-samples/kubernetes-bootcamp:v1"
V2 = "docker.io/jocatalin/kubernetes-bootcamp:v2"
V10 = "gcr.io/google-samples/kubernetes-bootcamp:v10"
DEPLOYMENT = "kubernetes-bootcamp"
HELLO = r"Hello Kubernetes bootcamp! \| Running on: kubernetes-bootcamp-\S+ \| v=%d\n"
NAMES = """kubectl get pods -o go-template --template '{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}'"""


def test_2_1_and_2_2_a_cluster_and_its_version(shell: Shell) -> None:
    shell("minikube start", timeout_s=180)
    text = shell("kubectl get nodes --help")
    for part in ("Display one or many resources.", "Examples:", "Options:", "Usage:\n  kubectl get [(-o|--output=)"):
        assert part in text
    version = shell.run("kubectl version")
    assert re.fullmatch(
        r"Client Version: v1\.34\.\d+\nKustomize Version: v5\.7\.1\nServer Version: v1\.34\.\d+\n", version.out
    )
    assert version.err == ""
    assert [n["STATUS"] for n in shell.table("kubectl get nodes")] == ["Ready"]


def test_2_2_an_app_is_deployed_and_seen_through_the_proxy(shell: Shell) -> None:
    assert shell(f"kubectl create deployment {DEPLOYMENT} --image={V1}") == f"deployment.apps/{DEPLOYMENT} created\n"
    shell.until(
        "kubectl get deployments",
        lambda a: a.rows()[1:] and a.rows()[1][:4] == [DEPLOYMENT, "1/1", "1", "1"],
        timeout_s=120,
    )
    with shell.background("kubectl proxy --port=8001", "Starting to serve on 127.0.0.1:8001"):
        paths = json.loads(shell("curl -s http://localhost:8001/"))["paths"]
        assert {"/api", "/api/v1", "/apis", "/healthz", "/version", "/.well-known/openid-configuration"} <= set(paths)
        version = json.loads(shell("curl -s http://localhost:8001/version"))
        assert (version["major"], version["minor"]) == ("1", "34")
        wanted = "emulationMajor emulationMinor minCompatibilityMajor minCompatibilityMinor gitVersion gitCommit gitTreeState buildDate goVersion compiler platform"
        assert set(wanted.split()) <= set(version)
        name = shell.export("POD_NAME", NAMES)
        assert re.fullmatch(r"kubernetes-bootcamp-[a-z0-9]+-[a-z0-9]{5}", name)
        url = "http://localhost:8001/api/v1/namespaces/default/pods/$POD_NAME"
        assert re.fullmatch(HELLO % 1, shell(f"curl -s {url}:8080/proxy/"))
        refused = shell(f"curl -s -o /dev/null -w '%{{http_code}}' {url}/proxy/")
        assert refused in ("502", "503")
        assert shell(f"curl -s -o /dev/null -w '%{{http_code}}' -X POST {url}/exec") == "403"
    assert shell.run("curl -s --max-time 3 http://localhost:8001/version").code == 7


def test_2_3_explore(shell: Shell) -> None:
    rows = shell.table("kubectl get pods")
    assert [(r["READY"], r["STATUS"], r["RESTARTS"]) for r in rows] == [("1/1", "Running", "0")]
    described = shell("kubectl describe pods")
    position = 0
    for label in [
        "Name:",
        "Namespace:",
        "Priority:",
        "Service Account:",
        "Node:",
        "Start Time:",
        "Labels:",
        "Annotations:",
        "Status:",
        "IP:",
        "IPs:",
        "Controlled By:",
        "Containers:",
        "Conditions:",
        "Volumes:",
        "QoS Class:",
        "Node-Selectors:",
        "Tolerations:",
        "Events:",
    ]:
        found = re.compile(rf"^{re.escape(label)}", re.MULTILINE).search(described, position)
        assert found, f"{label} is missing or out of order in\n{described}"
        position = found.end()
    for part in (
        "Container ID:",
        "Restart Count:  0",
        "/var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-",
        "PodReadyToStartContainers   True",
        "BestEffort",
        "node.kubernetes.io/not-ready:NoExecute op=Exists for 300s",
        "node.kubernetes.io/unreachable:NoExecute op=Exists for 300s",
        "Successfully assigned",
        "Started container kubernetes-bootcamp",
    ):
        assert part in described, part
    logs = shell('kubectl logs "$POD_NAME"')
    assert re.search(r"Kubernetes Bootcamp App Started At: \S+ \| Running On:\s+kubernetes-bootcamp-", logs)
    assert re.search(
        r"Running On: kubernetes-bootcamp-\S+ \| Total Requests: 1 \| App Uptime: [\d.]+ seconds \| Log Time: ", logs
    )
    env = shell('kubectl exec "$POD_NAME" -- env').splitlines()
    expected = {
        f"HOSTNAME={shell.variables['POD_NAME']}",
        "HOME=/root",
        "KUBERNETES_SERVICE_HOST=10.96.0.1",
        "KUBERNETES_SERVICE_PORT=443",
        "KUBERNETES_SERVICE_PORT_HTTPS=443",
        "KUBERNETES_PORT=tcp://10.96.0.1:443",
        "KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443",
        "KUBERNETES_PORT_443_TCP_PROTO=tcp",
        "KUBERNETES_PORT_443_TCP_PORT=443",
        "KUBERNETES_PORT_443_TCP_ADDR=10.96.0.1",
    }
    assert expected <= set(env)


def test_2_3_an_interactive_shell_in_the_container(shell: Shell) -> None:
    """`exec -ti` on a terminal of its own, as `script` provides it; the exit code is the shell's."""
    typed = "cat server.js\\ncurl http://localhost:8080\\nexit 3\\n"
    session = f"(sleep 2; printf '{typed}') | script -qec \"kubectl exec -ti $POD_NAME -- bash\" /dev/null"
    answer = shell.run(session, timeout_s=60)
    assert answer.code == 3, answer
    assert "createServer" in answer.out
    assert re.search(HELLO.rstrip("\n") % 1, answer.out)


def test_2_4_expose_with_a_service(shell: Shell) -> None:
    assert [r["NAME"] for r in shell.table("kubectl get services")] == ["kubernetes"]
    assert (
        shell(f'kubectl expose deployment/{DEPLOYMENT} --type="NodePort" --port 8080')
        == f"service/{DEPLOYMENT} exposed\n"
    )
    shell.until(f"kubectl describe services/{DEPLOYMENT}", lambda a: re.search(r"Endpoints: +[\d.]+:8080", a.out))
    described = shell(f"kubectl describe services/{DEPLOYMENT}")
    position = 0
    for label in (
        "Name",
        "Namespace",
        "Labels",
        "Annotations",
        "Selector",
        "Type",
        "IP Family Policy",
        "IP Families",
        "IP",
        "IPs",
        "Port",
        "TargetPort",
        "NodePort",
        "Endpoints",
        "Session Affinity",
        "External Traffic Policy",
        "Internal Traffic Policy",
        "Events",
    ):
        found = re.compile(rf"^{label}:", re.MULTILINE).search(described, position)
        assert found, f"{label} in\n{described}"
        position = found.end()
    port = shell.export(
        "NODE_PORT", f"kubectl get services/{DEPLOYMENT} -o go-template='{{{{(index .spec.ports 0).nodePort}}}}'"
    )
    assert re.fullmatch(r"3[0-2]\d{3}", port)
    answer = shell.until('curl -s --max-time 5 http://"$(minikube ip):$NODE_PORT"', lambda a: a.code == 0)
    assert re.fullmatch(HELLO % 1, answer.out)


def test_2_4_labels(shell: Shell) -> None:
    assert f"app={DEPLOYMENT}" in shell("kubectl describe deployment")
    assert len(shell.table(f"kubectl get pods -l app={DEPLOYMENT}")) == 1
    assert len(shell.table(f"kubectl get services -l app={DEPLOYMENT}")) == 1
    name = shell.variables["POD_NAME"]
    assert shell('kubectl label pods "$POD_NAME" version=v1') == f"pod/{name} labeled\n"
    assert shell('kubectl label pods "$POD_NAME" version=v1') == f"pod/{name} not labeled\n"
    refused = shell.run('kubectl label pods "$POD_NAME" version=v2')
    assert refused.code == 1
    assert "'version' already has a value (v1), and --overwrite is false" in refused.err
    assert "version=v1" in shell('kubectl describe pods "$POD_NAME"')
    assert [r["NAME"] for r in shell.table("kubectl get pods -l version=v1")] == [name]


def test_2_4_a_deleted_service_answers_no_more(shell: Shell) -> None:
    deleted = shell(f"kubectl delete service -l app={DEPLOYMENT}")
    assert deleted == f'service "{DEPLOYMENT}" deleted from default namespace\n'
    assert [r["NAME"] for r in shell.table("kubectl get services")] == ["kubernetes"]
    shell.until('curl -s --max-time 3 http://"$(minikube ip):$NODE_PORT"', lambda a: a.code == 7, timeout_s=20)
    inside = shell("kubectl exec $POD_NAME -- curl -s http://localhost:8080")
    assert re.fullmatch(HELLO % 1, inside)


def test_2_5_scale(shell: Shell) -> None:
    sets = shell.run("kubectl get rs")
    assert sets.rows()[0] == ["NAME", "DESIRED", "CURRENT", "READY", "AGE"]
    shell(f'kubectl expose deployment/{DEPLOYMENT} --type="LoadBalancer" --port 8080')
    assert shell(f"kubectl scale deployments/{DEPLOYMENT} --replicas=4") == f"deployment.apps/{DEPLOYMENT} scaled\n"
    shell.until("kubectl get deployments", lambda a: a.rows()[1][:4] == [DEPLOYMENT, "4/4", "4", "4"])
    pods = shell.table("kubectl get pods -o wide")
    assert len({p["IP"] for p in pods}) == 4
    assert list(pods[0]) == [
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "AGE",
        "IP",
        "NODE",
        "NOMINATED NODE",
        "READINESS GATES",
    ]
    described = shell(f"kubectl describe deployments/{DEPLOYMENT}")
    assert re.search(r"Replicas: +4 desired \| 4 updated \| 4 total \| 4 available \| 0 unavailable", described)
    assert re.search(r"Scaled up replica set \S+ from 1 to 4", described)
    shell.until(
        f"kubectl describe services/{DEPLOYMENT}",
        lambda a: re.search(r"Endpoints: +([\d.]+:8080,){2}[\d.]+:8080 \+ 1 more\.\.\.", a.out),
    )
    shell.export(
        "NODE_PORT", f"kubectl get services/{DEPLOYMENT} -o go-template='{{{{(index .spec.ports 0).nodePort}}}}'"
    )
    shell.export("NODE_IP", "minikube ip")
    answered: set[str] = set()
    for _ in range(100):
        answered |= set(re.findall(r"Running on: (\S+)", shell('curl -s --max-time 5 "http://$NODE_IP:$NODE_PORT"')))
        if len(answered) == 4:
            break
    assert answered == {p["NAME"] for p in pods}


def test_2_5_scale_down(shell: Shell) -> None:
    shell(f"kubectl scale deployments/{DEPLOYMENT} --replicas=2")
    shell.until("kubectl get deployments", lambda a: a.rows()[1][:4] == [DEPLOYMENT, "2/2", "2", "2"])
    shell.until("kubectl get pods", lambda a: len(a.table()) == 2, timeout_s=60)
    assert re.search(r"Scaled down replica set \S+ from 4 to 2", shell(f"kubectl describe deployments/{DEPLOYMENT}"))
    shell(f"kubectl scale deployments/{DEPLOYMENT} --replicas=0")
    shell.until("kubectl get deployments", lambda a: a.rows()[1][:4] == [DEPLOYMENT, "0/0", "0", "0"])
    shell.until(f"kubectl describe services/{DEPLOYMENT}", lambda a: re.search(r"Endpoints: +(<none>)?\n", a.out))
    shell(f"kubectl scale deployments/{DEPLOYMENT} --replicas=4")
    shell.until("kubectl get deployments", lambda a: a.rows()[1][1] == "4/4")


class Visitor(threading.Thread):
    """Asks the Service again and again; keeps what failed."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(daemon=True)
        self.shell, self.failed, self.asked = shell, [], 0
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            answer = self.shell.run('curl -s --max-time 5 "http://$NODE_IP:$NODE_PORT"')
            self.asked += 1
            if answer.code != 0 or "Hello Kubernetes bootcamp!" not in answer.out:
                self.failed.append(str(answer))
            time.sleep(0.05)


def test_2_6_a_rolling_update_without_downtime(shell: Shell) -> None:
    shell.until('curl -s --max-time 5 "http://$NODE_IP:$NODE_PORT"', lambda a: a.code == 0)
    visitor = Visitor(shell)
    visitor.start()
    try:
        changed = shell(f"kubectl set image deployments/{DEPLOYMENT} {DEPLOYMENT}={V2}")
        assert changed == f"deployment.apps/{DEPLOYMENT} image updated\n"
        status = shell(f"kubectl rollout status deployments/{DEPLOYMENT}", timeout_s=180)
    finally:
        visitor.stopping.set()
        visitor.join(10)
    assert status.splitlines()[-1] == f'deployment "{DEPLOYMENT}" successfully rolled out'
    assert f'Waiting for deployment "{DEPLOYMENT}" rollout to finish: ' in status
    assert visitor.asked > 5
    assert visitor.failed == []
    many = 'for n in 1 2 3 4 5 6 7 8; do curl -s --max-time 5 "http://$NODE_IP:$NODE_PORT"; done'
    # the rollout is over once the old Pods are told to end: a moment later the Service has left them, on any cluster
    shell.until(many, lambda a: re.fullmatch(f"(?:{HELLO % 2}){{8}}", a.out) is not None)
    assert V2 in shell("kubectl describe pods")
    revision = f"kubectl get deployment {DEPLOYMENT} -o go-template='{{{{index .metadata.annotations \"deployment.kubernetes.io/revision\"}}}}'"
    assert shell(revision) == "2"


def test_2_6_an_image_that_does_not_exist_and_the_way_back(shell: Shell) -> None:
    shell.until("kubectl get pods", lambda a: len(a.table()) == 4 and all(r["STATUS"] == "Running" for r in a.table()))
    before = {r["NAME"] for r in shell.table("kubectl get pods")}
    shell(f"kubectl set image deployments/{DEPLOYMENT} {DEPLOYMENT}={V10}")
    shell.until("kubectl get deployments", lambda a: a.rows()[1][:4] == [DEPLOYMENT, "3/4", "2", "3"])
    stuck = {"ErrImagePull", "ImagePullBackOff"}
    shell.until("kubectl get pods", lambda a: sum(r["STATUS"] in stuck for r in a.table()) == 2)
    pending = """kubectl get pods --field-selector status.phase=Pending -o go-template --template '{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}'"""
    shell.export("AFFECTED_POD", pending)
    shell.until(
        "kubectl describe pod $AFFECTED_POD",
        lambda a: (
            re.search(rf'Failed to pull image "{V10}": .*not found', a.out)
            and "Error: ErrImagePull" in a.out
            and f'Back-off pulling image "{V10}"' in a.out
            and "Error: ImagePullBackOff" in a.out
        ),
    )
    undone = shell(f"kubectl rollout undo deployments/{DEPLOYMENT}")
    assert undone == f"deployment.apps/{DEPLOYMENT} rolled back\n"
    shell(f"kubectl rollout status deployments/{DEPLOYMENT}", timeout_s=120)
    shell.until("kubectl get pods", lambda a: len(a.table()) == 4 and all(r["STATUS"] == "Running" for r in a.table()))
    after = {r["NAME"] for r in shell.table("kubectl get pods")}
    assert len(before & after) == 3, "the pods that never stopped working kept their names"
    images = shell("kubectl get pods -o jsonpath='{.items[*].spec.containers[*].image}'")
    assert set(images.split()) == {V2}
    revision = f"kubectl get deployment {DEPLOYMENT} -o go-template='{{{{index .metadata.annotations \"deployment.kubernetes.io/revision\"}}}}'"
    assert shell(revision) == "4"


def test_cleaning_up(shell: Shell) -> None:
    deleted = shell(f"kubectl delete deployments/{DEPLOYMENT} services/{DEPLOYMENT}")
    assert deleted == (
        f'deployment.apps "{DEPLOYMENT}" deleted from default namespace\nservice "{DEPLOYMENT}" deleted from default namespace\n'
    )
    shell.until("kubectl get pods,rs,endpointslices -o name", lambda a: "bootcamp" not in a.out, timeout_s=60)
    shell("minikube stop", timeout_s=120)
    shell("minikube delete", timeout_s=120)
