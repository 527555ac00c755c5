"""The real helm v4: a chart with hooks and CRDs through its whole life."""

import json
import threading

import kubernetes
import pytest

pytestmark = pytest.mark.integration

CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.helm.example.com}
spec:
  group: helm.example.com
  scope: Namespaced
  names: {kind: Shop, plural: shops, singular: shop}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, default: 3}}}
"""


def test_a_charts_whole_life(cli, namespace, tmp_path):
    helm = cli("helm")
    helm.ok("create", "shop")
    assert "STATUS: deployed" in helm.ok("install", "shop", "./shop")
    assert "has been upgraded" in helm.ok("upgrade", "shop", "./shop", "--set", "replicaCount=3")
    assert "Rollback was a success" in helm.ok("rollback", "shop", "1")
    history = json.loads(helm.ok("history", "shop", "-o", "json"))
    assert [entry["status"] for entry in history] == ["superseded", "superseded", "deployed"]
    assert "kind: Deployment" in helm.ok("get", "manifest", "shop")
    assert json.loads(helm.ok("list", "-o", "json"))[0]["name"] == "shop"
    assert helm.ok("uninstall", "shop") == 'release "shop" uninstalled\n'
    assert json.loads(helm.ok("list", "-o", "json")) == []


def test_hooks_wait_for_their_pods(cli, namespace, control_plane):
    """`helm test` starts a Pod and waits for its end, which we write into its status as a kubelet would."""
    helm = cli("helm")
    helm.ok("create", "shop")
    helm.ok("install", "shop", "./shop")
    client = kubernetes.config.new_client_from_config(str(control_plane.kubeconfig))
    core = kubernetes.client.CoreV1Api(client)
    done = threading.Event()

    def kubelet() -> None:
        while not done.wait(0.05):
            for pod in core.list_namespaced_pod(namespace).items:
                if pod.metadata.name == "shop-test-connection" and pod.status.phase == "Pending":
                    core.patch_namespaced_pod_status(pod.metadata.name, namespace, {"status": {"phase": "Succeeded"}})

    thread = threading.Thread(target=kubelet)
    thread.start()
    try:
        assert "Phase:          Succeeded" in helm.ok("test", "shop", "--timeout", "20s")
    finally:
        done.set()
        thread.join()
        client.close()


def test_a_chart_with_a_definition_of_its_own(cli, namespace, tmp_path):
    helm = cli("helm")
    helm.ok("create", "shop")
    (tmp_path / "shop" / "crds").mkdir()
    (tmp_path / "shop" / "crds" / "shop.yaml").write_text(CRD)
    (tmp_path / "shop" / "templates" / "one.yaml").write_text(
        "apiVersion: helm.example.com/v1\nkind: Shop\nmetadata: {name: one}\nspec: {}\n"
    )
    assert "STATUS: deployed" in helm.ok("install", "shop", "./shop")
    kubectl = cli("kubectl")
    assert kubectl.json("get", "shop", "one")["spec"] == {"size": 3}
    (tmp_path / "shop" / "templates" / "one.yaml").write_text(
        "apiVersion: helm.example.com/v1\nkind: Shop\nmetadata: {name: one}\nspec: {size: 5}\n"
    )
    helm.ok("upgrade", "shop", "./shop")
    assert kubectl.json("get", "shop", "one")["spec"] == {"size": 5}
    helm.ok("uninstall", "shop")
    assert "NotFound" in kubectl.fails("get", "shop", "one")
