"""The real kubectl, of our version and the newest: every verb that needs no node."""

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

pytestmark = pytest.mark.integration

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: c, image: "nginx:1", ports: [{containerPort: 80}]}
"""


@pytest.fixture(params=["kubectl", "kubectl-newest"])
def kubectl(cli, request):
    return cli(request.param)


def test_creating_reading_and_deleting(kubectl):
    assert kubectl.ok("create", "configmap", "x", "--from-literal=a=before") == "configmap/x created\n"
    assert kubectl.ok("get", "cm", "x", "-o", "jsonpath={.data.a}") == "before"
    assert kubectl.ok("get", "configmaps/x", "--no-headers").split()[:2] == ["x", "1"]
    assert kubectl.ok("edit", "cm", "x") == "configmap/x edited\n"
    assert kubectl.json("get", "cm", "x")["data"] == {"a": "after"}
    assert kubectl.ok("delete", "cm", "x").startswith('configmap "x" deleted')
    assert kubectl.fails("get", "cm", "x") == 'Error from server (NotFound): configmaps "x" not found\n'
    for words in (
        ("secret", "generic", "s", "--from-literal=a=b"),
        ("quota", "q", "--hard=pods=3"),
        ("role", "r", "--verb=get", "--resource=pods"),
        ("rolebinding", "rb", "--role=r", "--serviceaccount=x:default"),
        ("service", "clusterip", "svc", "--tcp=80:80"),
        ("ingress", "i", "--rule=a.example/*=svc:80"),
        ("job", "j", "--image=busybox"),
        ("cronjob", "cj", "--image=busybox", "--schedule=@hourly"),
        ("poddisruptionbudget", "p", "--selector=app=web", "--min-available=1"),
        ("deployment", "d", "--image=nginx"),
        ("token", "default"),
    ):
        kubectl.ok("create", *words)
    listed = kubectl.ok("get", "all,secrets,quota,roles,rolebindings,ingresses,pdb")
    for name in ("secret/s", "resourcequota/q", "service/svc", "job.batch/j", "cronjob.batch/cj", "deployment.apps/d"):
        assert name in listed
    kubectl.ok("delete", "deployment,job,cronjob", "--all")


def test_applying_on_the_client_and_on_the_server(kubectl):
    assert kubectl.ok("apply", "-f", "-", stdin=WEB) == "deployment.apps/web created\n"
    assert kubectl.ok("apply", "-f", "-", stdin=WEB) == "deployment.apps/web unchanged\n"
    changed = WEB.replace("replicas: 2", "replicas: 3")
    assert kubectl.run("diff", "-f", "-", stdin=WEB).returncode == 0
    difference = kubectl.run("diff", "-f", "-", stdin=changed)
    assert difference.returncode == 1
    assert "-  replicas: 2\n+  replicas: 3" in difference.stdout
    assert kubectl.ok("apply", "--server-side", "-f", "-", stdin=changed).startswith(
        "deployment.apps/web serverside-applied"
    )
    managers = {
        m["manager"] for m in kubectl.json("get", "deploy", "web", "--show-managed-fields")["metadata"]["managedFields"]
    }
    assert managers == {"kubectl", "kubectl-last-applied"}
    conflict = kubectl.fails("apply", "--server-side", "--field-manager=other", "-f", "-", stdin=WEB)
    assert 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas' in conflict
    kubectl.ok("apply", "--server-side", "--force-conflicts", "--field-manager=other", "-f", "-", stdin=WEB)
    assert kubectl.ok("replace", "-f", "-", stdin=WEB) == "deployment.apps/web replaced\n"


ZEROS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: zeros, annotations: {}}
spec:
  replicas: 0
  minReadySeconds: 0
  paused: false
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {}}
    spec:
      hostNetwork: false
      nodeSelector: {}
      tolerations: []
      volumes: [{name: v, emptyDir: {}}]
      containers: [{name: c, image: "nginx:1", args: [], stdin: false, env: [{name: A, value: ""}], resources: {limits: {}}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: zeros, labels: {}}
data: {}
immutable: false
"""


@pytest.mark.parametrize("how", [(), ("--server-side",)], ids=["client", "server"])
def test_zeros_that_say_nothing_are_no_difference(kubectl, how):
    kubectl.ok("apply", *how, "-f", "-", stdin=ZEROS)
    before = kubectl.json("get", "deploy/zeros", "cm/zeros")["items"]
    assert kubectl.run("diff", *how, "-f", "-", stdin=ZEROS).stdout == ""
    kubectl.ok("apply", *how, "-f", "-", stdin=ZEROS)
    kubectl.ok("patch", "deploy/zeros", "-p", '{"spec":{"paused":false,"template":{"spec":{"hostPID":false}}}}')
    assert kubectl.json("get", "deploy/zeros", "cm/zeros")["items"] == before
    deployment, config_map = before
    assert deployment["metadata"]["generation"] == 1
    assert deployment["spec"]["replicas"] == 0
    assert deployment["spec"].keys().isdisjoint({"minReadySeconds", "paused"})
    pod = deployment["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "v", "emptyDir": {}}]
    assert pod.keys().isdisjoint({"hostNetwork", "nodeSelector", "tolerations"})
    (container,) = pod["containers"]
    assert (container["env"], container["resources"]) == ([{"name": "A"}], {})
    assert config_map["immutable"] is False
    assert "data" not in config_map


def test_changing_what_is_there(kubectl):
    kubectl.ok("apply", "-f", "-", stdin=WEB)
    assert kubectl.ok("scale", "deploy/web", "--replicas=4") == "deployment.apps/web scaled\n"
    assert kubectl.json("get", "deploy", "web")["spec"]["replicas"] == 4
    assert "Expected replicas to be 9, was 4" in kubectl.fails(
        "scale", "deploy/web", "--replicas=5", "--current-replicas=9"
    )
    kubectl.ok("set", "image", "deploy/web", "c=nginx:2")
    kubectl.ok("set", "env", "deploy/web", "A=b")
    kubectl.ok("set", "resources", "deploy/web", "--limits=cpu=100m")
    kubectl.ok("set", "serviceaccount", "deploy/web", "default")
    container = kubectl.json("get", "deploy", "web")["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["env"][0]["name"]) == ("nginx:2", "A")
    kubectl.ok("label", "deploy", "web", "tier=front")
    assert "already has a value" in kubectl.fails("label", "deploy", "web", "tier=back")
    kubectl.ok("annotate", "deploy", "web", "note=this")
    kubectl.ok("patch", "deploy", "web", "-p", '{"spec":{"paused":true}}')
    kubectl.ok("patch", "deploy", "web", "--type=json", "-p", '[{"op":"remove","path":"/spec/paused"}]')
    kubectl.ok(
        "patch", "deploy", "web", "--subresource=status", "--type=merge", "-p", '{"status":{"observedGeneration":1}}'
    )
    kubectl.ok("patch", "deploy", "web", "--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":1}}')
    kubectl.ok(
        "autoscale",
        "deploy",
        "web",
        "--max=3",
        "--cpu-percent=50" if kubectl.words[0].endswith("kubectl") else "--cpu=50%",
    )
    kubectl.ok("expose", "deploy", "web", "--port=80")
    kubectl.ok("rollout", "pause", "deploy/web")
    kubectl.ok("rollout", "resume", "deploy/web")
    kubectl.ok("rollout", "restart", "deploy/web")
    assert "Labels:" in kubectl.ok("describe", "deploy", "web")
    assert "ClusterIP" in kubectl.ok("describe", "service", "web")
    kubectl.ok("run", "p", "--image=busybox", "--labels=app=p")
    kubectl.ok("wait", "pod/p", "--for=jsonpath={.spec.containers[0].image}=busybox", "--timeout=5s")
    kubectl.ok("delete", "pod", "p", "--wait=false", "--grace-period=1")


def test_asking_the_server(kubectl):
    assert "pods" in kubectl.ok("api-resources", "--namespaced=true", "-o", "name")
    assert "apps/v1\n" in kubectl.ok("api-versions")
    assert "is running at" in kubectl.ok("cluster-info")
    assert kubectl.ok("auth", "can-i", "create", "pods") == "yes\n"
    assert kubectl.run("auth", "can-i", "create", "pods", "--as=nobody").stdout == "no\n"
    assert "Username" in kubectl.ok("auth", "whoami")
    assert "Resources" in kubectl.ok("auth", "can-i", "--list")
    version = json.loads(kubectl.ok("version", "-o", "json"))
    assert (version["serverVersion"]["major"], version["serverVersion"]["minor"]) == ("1", "34")
    assert kubectl.ok("get", "--raw", "/readyz") == "ok"
    assert "No resources found" in kubectl.run("get", "pods").stderr
    assert kubectl.ok("get", "events", "-A", "--no-headers") is not None
    assert "doesn't have a resource type" in kubectl.fails("get", "nothing")
    assert kubectl.ok("certificate", "--help")
    assert kubectl.ok("get", "pods", "-A", "-o", "wide") is not None
    assert (
        kubectl.ok("get", "ns", "--sort-by=.metadata.name", "-l", "kubernetes.io/metadata.name=default", "-o", "name")
        == "namespace/default\n"
    )


def test_dry_runs_on_client_and_server_agree(kubectl):
    kubectl.ok("apply", "-f", "-", stdin=WEB)
    for kind, patch in (
        (
            "strategic",
            '{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"n:2"},{"name":"d","image":"n:3"}]}}}}',
        ),
        (
            "strategic",
            '{"spec":{"template":{"spec":{"containers":[{"name":"c","$patch":"delete"},{"name":"d","image":"n:3"}]}}}}',
        ),
        (
            "strategic",
            '{"spec":{"template":{"spec":{"containers":[{"$patch":"replace"},{"name":"z","image":"n:3"}]}}}}',
        ),
        ("strategic", '{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}'),
        ("strategic", '{"metadata":{"labels":{"$patch":"replace","only":"this"}}}'),
        (
            "strategic",
            '{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"d"},{"name":"c"}],"containers":[{"name":"d","image":"n:3"}]}}}}',
        ),
        ("merge", '{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}},"metadata":{"labels":null}}'),
        (
            "json",
            '[{"op":"add","path":"/metadata/labels/x","value":"y"},{"op":"test","path":"/spec/replicas","value":2}]',
        ),
    ):

        def normal(where: str, kind: str = kind, patch: str = patch):
            out = kubectl.ok(
                "patch", "deploy", "web", f"--type={kind}", f"--dry-run={where}", "-o", "json", "-p", patch
            )
            found = json.loads(out)
            for name in ("managedFields", "generation", "resourceVersion"):
                found["metadata"].pop(name, None)
            for container in found["spec"]["template"]["spec"]["containers"]:
                for defaulted in ("resources", "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy"):
                    container.pop(defaulted, None)
            return found

        assert normal("server") == normal("client"), patch


def test_explain_knows_every_kind(cli):
    kubectl = cli("kubectl")
    rows = [line.split() for line in kubectl.ok("api-resources", "--no-headers").splitlines()]
    names = [(row[0], next(before for before, after in pairwise(row) if after in ("true", "false"))) for row in rows]
    assert len(names) > 60

    def explain(name: tuple[str, str]) -> str:
        return kubectl.ok("explain", "--recursive", name[0], f"--api-version={name[1]}")

    with ThreadPoolExecutor(4) as pool:
        for name, text in zip(names, pool.map(explain, names), strict=True):
            assert "KIND:" in text, name
            assert "FIELDS:" in text or "DESCRIPTION:" in text, name
    assert "Compute Resources required by this container" in kubectl.ok("explain", "pod.spec.containers.resources")
    kubectl.fails("explain", "nothing")
