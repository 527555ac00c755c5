"""The real kubectl v1.34 finds a Kubernetes API server: every test is what a user types, and what must come back."""

import subprocess

import pytest

pytestmark = pytest.mark.integration

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  color: blue\n"


def test_version_names_our_kubernetes_release(kubectl):
    assert "Server Version: v1.34" in kubectl.ok("version")


def test_a_new_cluster_has_upstreams_namespaces(kubectl):
    names = kubectl.ok("get", "namespaces", "-o", "name").split()
    expected = {f"namespace/{name}" for name in ("default", "kube-system", "kube-public", "kube-node-lease")}
    assert expected <= set(names)


def test_get_prints_the_table_of_the_server(kubectl):
    kubectl.ok("create", "configmap", "x", "--from-literal=a=b")
    lines = kubectl.ok("get", "configmaps").splitlines()
    assert lines[0].split() == ["NAME", "DATA", "AGE"]
    assert lines[1].split()[:2] == ["x", "1"]


def test_create_deployment_sets_upstreams_defaults(kubectl):
    assert kubectl.ok("create", "deployment", "web", "--image=nginx") == "deployment.apps/web created\n"
    spec = kubectl.json("get", "deployment", "web")["spec"]
    assert spec["replicas"] == 1
    assert spec["revisionHistoryLimit"] == 10
    assert spec["progressDeadlineSeconds"] == 600
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    assert spec["template"]["spec"]["containers"][0]["imagePullPolicy"] == "Always"


def test_scale_changes_replicas_and_generation(kubectl):
    kubectl.ok("create", "deployment", "web", "--image=nginx")
    assert kubectl.ok("scale", "deployment/web", "--replicas=4") == "deployment.apps/web scaled\n"
    deployment = kubectl.json("get", "deployment", "web")
    assert (deployment["spec"]["replicas"], deployment["metadata"]["generation"]) == (4, 2)
    assert "Expected replicas to be 9" in kubectl.fails(
        "scale", "deployment/web", "--replicas=5", "--current-replicas=9"
    )


def test_apply_creates_then_configures_then_leaves_alone(kubectl):
    assert kubectl.ok("apply", "-f", "-", stdin=CONFIG_MAP) == "configmap/settings created\n"
    assert kubectl.ok("apply", "-f", "-", stdin=CONFIG_MAP) == "configmap/settings unchanged\n"
    changed = CONFIG_MAP.replace("blue", "red")
    assert kubectl.ok("apply", "-f", "-", stdin=changed) == "configmap/settings configured\n"
    assert kubectl.json("get", "configmap", "settings")["data"] == {"color": "red"}


def test_server_side_apply_reports_conflicts_and_can_be_forced(kubectl):
    kubectl.ok("apply", "--server-side", "--field-manager=alice", "-f", "-", stdin=CONFIG_MAP)
    other = CONFIG_MAP.replace("blue", "green")
    error = kubectl.fails("apply", "--server-side", "--field-manager=bob", "-f", "-", stdin=other)
    assert 'Apply failed with 1 conflict: conflict with "alice": .data.color' in error
    kubectl.ok("apply", "--server-side", "--field-manager=bob", "--force-conflicts", "-f", "-", stdin=other)
    assert kubectl.json("get", "configmap", "settings")["data"] == {"color": "green"}


def test_unknown_fields_are_refused_warned_of_or_ignored(kubectl):
    manifest = CONFIG_MAP + "foo: bar\n"
    assert 'strict decoding error: unknown field "foo"' in kubectl.fails("apply", "-f", "-", stdin=manifest)
    warned = kubectl.run("apply", "--validate=warn", "-f", "-", stdin=manifest)
    assert (warned.returncode, warned.stderr) == (0, 'Warning: unknown field "foo"\n')


def test_dry_run_changes_nothing(kubectl):
    shown = kubectl.ok("create", "configmap", "x", "--from-literal=a=b", "--dry-run=server")
    assert shown == "configmap/x created (server dry run)\n"
    assert "NotFound" in kubectl.fails("get", "configmap", "x")


def test_an_invalid_pod_gets_every_error_with_its_field(kubectl):
    pod = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"Bad_Name"},"spec":{"containers":[{"name":"c"}]}}'
    error = kubectl.fails("create", "-f", "-", stdin=pod)
    assert 'The Pod "Bad_Name" is invalid' in error
    assert 'metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of' in error
    assert "spec.containers[0].image: Required value" in error


def test_a_wrong_type_is_told_as_upstreams_decoder_tells_it(kubectl):
    manifest = CONFIG_MAP.replace("blue", "true")
    error = kubectl.fails("create", "-f", "-", stdin=manifest)
    assert "json: cannot unmarshal bool into Go struct field ConfigMap.data of type string" in error


def test_patches_of_all_types_apply(kubectl):
    kubectl.ok("run", "p", "--image=nginx")
    kubectl.ok("patch", "pod", "p", "-p", '{"metadata":{"labels":{"a":"1"}}}')
    kubectl.ok("patch", "pod", "p", "--type=merge", "-p", '{"metadata":{"labels":{"b":"2"}}}')
    kubectl.ok("patch", "pod", "p", "--type=json", "-p", '[{"op":"remove","path":"/metadata/labels/a"}]')
    assert kubectl.json("get", "pod", "p")["metadata"]["labels"] == {"run": "p", "b": "2"}


def test_label_and_field_selectors_choose(kubectl):
    kubectl.ok("create", "configmap", "one")
    kubectl.ok("create", "configmap", "two")
    kubectl.ok("label", "configmap", "two", "pick=me")
    assert kubectl.ok("get", "configmap", "-l", "pick=me", "-o", "name") == "configmap/two\n"
    assert kubectl.ok("get", "configmap", "--field-selector=metadata.name=one", "-o", "name") == "configmap/one\n"
    assert "field label not supported: foo" in kubectl.fails("get", "pods", "--field-selector=foo=bar")


def test_lists_in_chunks_are_whole(kubectl):
    for number in range(7):
        kubectl.ok("create", "configmap", f"c{number}")
    assert len(kubectl.ok("get", "configmaps", "--chunk-size=3", "-o", "name").split()) == 7


def test_watch_shows_what_happens(kubectl, namespace):
    watching = subprocess.Popen(
        [kubectl.binary, "--kubeconfig", str(kubectl.kubeconfig), "get", "configmaps", "-w", "-o", "name"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for name in ("first", "second"):
            kubectl.ok("create", "configmap", name)
            assert watching.stdout.readline() == f"configmap/{name}\n"
    finally:
        watching.terminate()
        watching.wait(10)
        watching.stdout.close()


def test_wait_for_deletion_returns(kubectl):
    kubectl.ok("create", "configmap", "x")
    kubectl.ok("delete", "configmap", "x", "--wait=true")
    assert 'configmaps "x" not found' in kubectl.fails("get", "configmap", "x")


def test_finalizers_keep_a_deleted_object(kubectl):
    manifest = CONFIG_MAP.replace("metadata:\n", "metadata:\n  finalizers: [example.com/hold]\n")
    kubectl.ok("create", "-f", "-", stdin=manifest)
    kubectl.ok("delete", "configmap", "settings", "--wait=false")
    assert kubectl.json("get", "configmap", "settings")["metadata"]["deletionTimestamp"]
    kubectl.ok("patch", "configmap", "settings", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert "not found" in kubectl.fails("get", "configmap", "settings")


def test_replace_with_an_old_version_conflicts(kubectl):
    import json

    kubectl.ok("create", "configmap", "x")
    old = kubectl.json("get", "configmap", "x")
    kubectl.ok("label", "configmap", "x", "a=b")
    error = kubectl.fails("replace", "-f", "-", stdin=json.dumps(old))
    assert 'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply' in error


def test_explain_reads_the_openapi_document(kubectl):
    text = kubectl.ok("explain", "deployment.spec.strategy")
    assert "FIELD: strategy <DeploymentStrategy>" in text
    assert "rollingUpdate" in text


def test_api_resources_lists_short_names_and_kinds(kubectl):
    rows = {line.split()[0]: line.split() for line in kubectl.ok("api-resources").splitlines()}
    assert rows["deployments"] == ["deployments", "deploy", "apps/v1", "true", "Deployment"]
    assert rows["pods"] == ["pods", "po", "v1", "true", "Pod"]


def test_rbac_decides_what_a_user_may(kubectl):
    kubectl.ok("create", "role", "reader", "--verb=get", "--resource=pods")
    kubectl.ok("create", "rolebinding", "readers", "--role=reader", "--user=jane")
    assert kubectl.ok("auth", "can-i", "get", "pods", "--as=jane") == "yes\n"
    assert kubectl.run("auth", "can-i", "delete", "pods", "--as=jane").stdout == "no\n"
    assert 'User "jane" cannot list resource "secrets"' in kubectl.fails("get", "secrets", "--as=jane")


@pytest.mark.parametrize(
    "arguments",
    [
        "job j --image=busybox",
        "cronjob c --image=busybox --schedule=*/5 * * * *",
        "secret generic s --from-literal=a=b",
        "service nodeport n --tcp=80:8080",
        "ingress i --rule=example.com/x=svc:80",
        "quota q --hard=pods=3",
        "poddisruptionbudget b --selector=app=web --min-available=1",
        "serviceaccount sa",
    ],
    ids=lambda text: text.split()[0],
)
def test_typed_clients_send_and_read_protobuf(kubectl, arguments):
    words = arguments.split(" ", 3 if "cronjob" in arguments else -1)
    made = kubectl.json("create", *words)
    assert made == kubectl.json("get", words[0], made["metadata"]["name"])


def test_the_health_endpoints_answer(kubectl):
    assert kubectl.ok("get", "--raw", "/readyz") == "ok"
    assert "[+]ping ok" in kubectl.ok("get", "--raw", "/livez?verbose")
    assert "apiserver_request_total" in kubectl.ok("get", "--raw", "/metrics")


def test_two_versions_show_one_object(kubectl, namespace):
    import json

    kubectl.ok("create", "deployment", "web", "--image=nginx")
    kubectl.ok("autoscale", "deployment", "web", "--max=3", "--cpu=50%")
    path = f"namespaces/{namespace}/horizontalpodautoscalers/web"
    v1 = json.loads(kubectl.ok("get", "--raw", f"/apis/autoscaling/v1/{path}"))
    v2 = json.loads(kubectl.ok("get", "--raw", f"/apis/autoscaling/v2/{path}"))
    assert (v1["apiVersion"], v1["spec"]["targetCPUUtilizationPercentage"]) == ("autoscaling/v1", 50)
    assert v2["spec"]["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 50}
    assert v1["metadata"]["uid"] == v2["metadata"]["uid"]
