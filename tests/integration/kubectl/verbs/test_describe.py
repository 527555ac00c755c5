"""`describe` lays out every kind as upstream does: same objects, same statuses, same bytes."""

from __future__ import annotations

import pytest

from .conftest import Kubectls
from .stagedobjects import CLUSTER_SCENES, SCENES, stage

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

EVENTS = """
apiVersion: v1
kind: Event
metadata: {name: one}
involvedObject: {kind: Pod, name: web, namespace: NAMESPACE, uid: UID}
type: Normal
reason: Pulled
message: 'Successfully pulled image  '
source: {component: kubelet, host: worker}
firstTimestamp: "2020-01-02T03:04:05Z"
lastTimestamp: "2020-06-02T03:04:05Z"
count: 3
---
apiVersion: v1
kind: Event
metadata: {name: two}
involvedObject: {kind: Pod, name: web, namespace: NAMESPACE, uid: UID}
type: Warning
reason: FailedScheduling
message: nothing fits
reportingComponent: default-scheduler
reportingInstance: x
action: Scheduling
eventTime: "2020-01-02T03:04:05.000001Z"
"""


@pytest.mark.parametrize("kind", SCENES)
def test_describes_as_upstream_does(kind: str, space: Kubectls) -> None:
    name = stage(space, *SCENES[kind])
    space.alike(f"describe {name}")


@pytest.mark.parametrize("kind", CLUSTER_SCENES)
def test_describes_cluster_scoped_kinds_as_upstream_does(kind: str, kubectls: Kubectls) -> None:
    name = stage(kubectls, *CLUSTER_SCENES[kind])
    try:
        kubectls.alike(f"describe {name}")
    finally:
        kubectls.make(f"delete {name} --wait=false")


def test_events_stand_under_their_object(space: Kubectls) -> None:
    name = stage(space, *SCENES["pod"])
    uid = space.make(f"get {name} -o jsonpath={{.metadata.uid}}")
    space.make("create -f -", EVENTS.replace("UID", uid).replace("NAMESPACE", space.namespace))
    space.alike(f"describe {name}", f"describe {name} --show-events=false", "describe event two")


def test_endpoints_of_services_and_ingresses_are_listed(space: Kubectls) -> None:
    space.make("create service clusterip web --tcp=80:8080")
    space.make("create ingress web --rule=example.com/=web:80 --default-backend=web:80")
    endpoints = "".join(
        f"- {{addresses: [10.1.0.{n}], conditions: {{ready: {'true' if n != 2 else 'false'}}}}}\n" for n in range(1, 7)
    )
    space.make(
        "create -f -",
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n"
        "metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}\n"
        f"ports: [{{name: 80-8080, port: 8080, protocol: TCP}}]\nendpoints:\n{endpoints}",
    )
    space.alike("describe service web", "describe ingress web")


def test_replica_sets_and_pods_are_counted(space: Kubectls) -> None:
    space.make("create deployment web --image=nginx:1 --replicas=2")
    owner = space.make("get deployment web -o jsonpath={.metadata.uid}")
    for name, image in (("web-old", "nginx:0"), ("web-new", "nginx:1")):
        space.make(
            "create -f -",
            f"apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: {name}, labels: {{app: web}}, ownerReferences: "
            f"[{{apiVersion: apps/v1, kind: Deployment, name: web, uid: {owner}, controller: true}}]}}\n"
            "spec: {replicas: 1, selector: {matchLabels: {app: web, pod-template-hash: x}}, template: {metadata: {labels: "
            f"{{app: web, pod-template-hash: x}}}}, spec: {{containers: [{{name: nginx, image: 'nginx:{image[-1]}', resources: {{}}}}]}}}}}}",
        )
    uid = space.make("get rs web-new -o jsonpath={.metadata.uid}")
    space.make(
        "create -f -",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: web, pod-template-hash: x}, ownerReferences: "
        f"[{{apiVersion: apps/v1, kind: ReplicaSet, name: web-new, uid: {uid}, controller: true}}]}}\n"
        "spec: {containers: [{name: c, image: x}]}",
    )
    space.alike("describe deployment web", "describe rs web-new", "describe rs web-old")


def test_pods_of_a_node_add_up(kubectls: Kubectls, space: Kubectls) -> None:
    node = stage(kubectls, *CLUSTER_SCENES["node"])
    try:
        stage(space, *SCENES["pod"])
        space.make(
            "create -f -",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: sidecars}\nspec:\n  nodeName: worker\n  initContainers:\n"
            "  - {name: a, image: x, restartPolicy: Always, resources: {requests: {cpu: 100m}, limits: {cpu: 200m}}}\n"
            "  - {name: b, image: x, resources: {requests: {cpu: 2, memory: 1Gi}, limits: {memory: 1Gi}}}\n  containers:\n"
            "  - {name: c, image: x, resources: {requests: {cpu: 10m, example.com/gpu: 1}, limits: {example.com/gpu: 1}}}",
        )
        kubectls.alike(f"describe {node}")
    finally:
        kubectls.make(f"delete {node} --wait=false")


def test_namespaces_show_quotas_and_limits(kubectls: Kubectls, space: Kubectls) -> None:
    kubectls.alike(f"describe namespace {space.namespace}")
    stage(space, *SCENES["resourcequota"])
    stage(space, *SCENES["limitrange"])
    kubectls.alike(f"describe namespace {space.namespace}")


def test_objects_are_chosen_as_upstream_chooses_them(space: Kubectls) -> None:
    space.make("create configmap app-one --from-literal=a=b")
    space.make("create configmap app-two --from-literal=a=b")
    space.make("label configmap app-two x=y")
    space.alike(
        "describe configmap app",
        "describe configmap app-one app-two",
        "describe cm/app-one cm/none",
        "describe configmap none",
        "describe configmap none none2",
        "describe cm -l x=y",
        "describe cm -l x=z",
        "describe secrets",
        "describe secrets -A",
        "describe",
        "describe nothing",
        "describe nothing x",
        "describe cm x -l a=b",
        "describe cm,sa -l x=y",
        "describe cm app-one -A",
    )
