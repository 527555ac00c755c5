"""Hello Minikube, step by step, as the tutorial has it.

Left out by name until their issue: steps 2 and 3 (`minikube dashboard`), 13 to 17 (addons, metrics-server, `kubectl top`).
"""

import re

import pytest
from tests.e2e.tutorials.shell import Shell

pytestmark = pytest.mark.e2e

IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.53"
POD = r"hello-node-[a-z0-9]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}"
STATUS = (
    "minikube\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured\n\n"
)


def in_order(text: str, *patterns: str) -> None:
    position = 0
    for pattern in patterns:
        match = re.compile(pattern).search(text, position)
        assert match, f"{pattern!r} does not follow in:\n{text}"
        position = match.end()


def test_step_1_a_cluster_starts_and_is_the_current_context(shell: Shell) -> None:
    out = shell("minikube start", timeout_s=180)
    in_order(
        out,
        r"^\* minikube v\S+ on ",
        r"sing the \S+ driver|selected the \S+ driver",
        r'Starting "minikube" primary control-plane node in "minikube" cluster',
        r"Creating ",
        r"Preparing Kubernetes v1\.34\.\d+ on containerd ",
        r"Verifying Kubernetes components\.\.\.",
        r"Enabled addons: (storage-provisioner, default-storageclass|default-storageclass, storage-provisioner)",
        r'Done! kubectl is now configured to use "minikube" cluster and "default" namespace by default\n$',
    )
    nodes = shell.table("kubectl get nodes")
    assert [(n["NAME"], n["STATUS"], n["ROLES"]) for n in nodes] == [("minikube", "Ready", "control-plane")]
    assert nodes[0]["VERSION"].startswith("v1.34.")
    assert shell("minikube status") == STATUS
    shell.until(
        "kubectl get pods -n kube-system",
        lambda a: a.code == 0 and len(a.table()) >= 5 and all(r["STATUS"] == "Running" for r in a.table()),
    )


def test_step_1_starting_again_changes_nothing(shell: Shell) -> None:
    again = shell("minikube start", timeout_s=180)
    assert again.splitlines()[-1].endswith(
        'Done! kubectl is now configured to use "minikube" cluster and "default" namespace by default'
    )


def test_steps_4_to_6_a_deployment_gets_a_running_pod(shell: Shell) -> None:
    created = shell(f"kubectl create deployment hello-node --image={IMAGE} -- /agnhost netexec --http-port=8080")
    assert created == "deployment.apps/hello-node created\n"
    ready = shell.until("kubectl get deployments", lambda a: "1/1" in a.out)
    assert ready.rows()[0] == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert ready.rows()[1][:4] == ["hello-node", "1/1", "1", "1"]
    pods = shell.run("kubectl get pods")
    assert pods.rows()[0] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert re.fullmatch(POD, pods.rows()[1][0])
    assert pods.rows()[1][1:4] == ["1/1", "Running", "0"]


def test_step_7_events_tell_the_story(shell: Shell) -> None:
    events = shell.run("kubectl get events")
    assert events.rows()[0] == ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    seen = {(row["REASON"], row["OBJECT"], row["MESSAGE"]) for row in events.table()}
    rs = next(o.removeprefix("replicaset/") for _, o, _ in seen if o.startswith("replicaset/"))
    pod = next(o.removeprefix("pod/") for _, o, _ in seen if o.startswith("pod/"))
    expected = {
        ("ScalingReplicaSet", "deployment/hello-node", f"Scaled up replica set {rs} from 0 to 1"),
        ("SuccessfulCreate", f"replicaset/{rs}", f"Created pod: {pod}"),
        ("Scheduled", f"pod/{pod}", f"Successfully assigned default/{pod} to minikube"),
        ("Pulling", f"pod/{pod}", f'Pulling image "{IMAGE}"'),
        ("Created", f"pod/{pod}", "Created container: agnhost"),
        ("Started", f"pod/{pod}", "Started container agnhost"),
    }
    assert expected <= seen, events
    pulled = [m for r, o, m in seen if r == "Pulled" and o == f"pod/{pod}"]
    took = r"[\d.]+(ms|s) \([\d.]+(ms|s) including waiting\)\. Image size: \d+ bytes\."
    assert re.fullmatch(f'Successfully pulled image "{re.escape(IMAGE)}" in {took}', pulled[0])
    of_node = {reason for reason, about, _ in seen if about == "node/minikube"}
    assert {
        "Starting",
        "NodeHasSufficientMemory",
        "NodeHasNoDiskPressure",
        "NodeHasSufficientPID",
        "NodeAllocatableEnforced",
        "NodeReady",
        "RegisteredNode",
    } <= of_node


def test_step_8_the_kubeconfig_names_minikube_throughout(shell: Shell) -> None:
    view = shell("kubectl config view")
    keys = [line.split(":")[0] for line in view.splitlines() if line and line[0] not in " -"]
    assert keys == ["apiVersion", "clusters", "contexts", "current-context", "kind", "users"]
    assert "current-context: minikube\n" in view
    assert re.search(r"certificate-authority: /\S+/\.minikube/ca\.crt\n", view)
    assert re.search(r"server: https://\S+:8443\n", view)
    for part in (
        "name: cluster_info",
        "name: context_info",
        "namespace: default",
        "client-certificate: /",
        "client-key: /",
    ):
        assert part in view


def test_step_9_logs_show_the_start_of_the_program(shell: Shell) -> None:
    pod = shell("kubectl get pods -o name").strip().removeprefix("pod/")
    stamp = r"I\d{4} \d\d:\d\d:\d\d\.\d{6}\s+1 log\.go:195\] "
    shell.until(
        f"kubectl logs {pod}",
        lambda a: re.fullmatch(
            f"{stamp}Started HTTP server on port 8080\n{stamp}Started UDP server on port  8081\n", a.out
        ),
    )


def test_steps_10_to_12_a_service_makes_it_reachable(shell: Shell) -> None:
    assert (
        shell("kubectl expose deployment hello-node --type=LoadBalancer --port=8080") == "service/hello-node exposed\n"
    )
    services = {row["NAME"]: row for row in shell.table("kubectl get services")}
    assert services["hello-node"]["TYPE"] == "LoadBalancer"
    assert services["hello-node"]["EXTERNAL-IP"] == "<pending>"
    assert re.fullmatch(r"8080:3[0-2]\d{3}/TCP", services["hello-node"]["PORT(S)"])
    assert services["kubernetes"]["CLUSTER-IP"] == "10.96.0.1"
    url = shell("minikube service hello-node --url").strip()
    assert re.fullmatch(r"http://[\d.]+:3[0-2]\d{3}", url)
    answer = shell.until(f"curl -s --max-time 5 {url}", lambda a: a.code == 0)
    assert answer.out.startswith("NOW: ")
    shown = shell("minikube service hello-node")
    assert re.search(r"NAMESPACE\W+NAME\W+TARGET PORT\W+URL", shown)
    assert url in shown
    wrong = shell.run("minikube service nothing --url")
    assert wrong.code != 0
    assert "Service 'nothing' was not found in 'default' namespace." in wrong.out + wrong.err


def test_cleaning_up_removes_the_application(shell: Shell) -> None:
    assert shell("kubectl delete service hello-node") == 'service "hello-node" deleted from default namespace\n'
    deleted = shell("kubectl delete deployment hello-node")
    assert deleted == 'deployment.apps "hello-node" deleted from default namespace\n'
    gone = shell.until("kubectl get pods", lambda a: not a.out, timeout_s=60)
    assert gone.err == "No resources found in default namespace.\n"


def test_a_stopped_cluster_keeps_its_state(shell: Shell) -> None:
    shell("kubectl create configmap kept --from-literal=a=b")
    stopped = shell("minikube stop", timeout_s=120)
    assert 'Stopping node "minikube"  ...' in stopped
    assert stopped.splitlines()[-1].endswith("1 node stopped.")
    status = shell.run("minikube status")
    assert status.code == 7
    assert [line.split(": ")[1] for line in status.out.splitlines() if ": " in line][1:] == ["Stopped"] * 4
    shell("minikube start", timeout_s=180)
    assert shell("kubectl get configmap kept -o jsonpath={.data.a}") == "b"


def test_delete_removes_all_traces(shell: Shell) -> None:
    out = shell("minikube delete", timeout_s=120)
    in_order(
        out,
        r'Deleting "minikube" in \S+ \.\.\.',
        r"Removing \S+/machines/minikube \.\.\.",
        r'Removed all traces of the "minikube" cluster\.',
    )
    assert shell("kubectl config get-contexts -o name") == ""
