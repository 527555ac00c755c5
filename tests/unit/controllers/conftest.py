"""Builders of the objects that controllers decide about."""

from typing import Any

import pytest

from kajitori.api import schema
from kajitori.api.apps.v1 import Deployment, ReplicaSet
from kajitori.api.core.v1 import Node, Pod, Service


def make_pod(name: str = "p", **more: Any) -> Pod:
    status = {"phase": more.pop("phase", "Running")}
    if (ready := more.pop("ready", None)) is not None:
        since = more.pop("ready_since", "2026-01-01T00:00:00Z")
        status["conditions"] = [{"type": "Ready", "status": str(ready), "lastTransitionTime": since}]
    if ip := more.pop("ip", ""):
        status |= {"podIP": ip, "podIPs": [{"ip": ip}]}
    if restarts := more.pop("restarts", 0):
        status["containerStatuses"] = [{"name": "c", "restartCount": restarts}]
    metadata = {
        "name": name,
        "namespace": "ns",
        "uid": f"uid-{name}",
        "labels": more.pop("labels", {"app": "web"}),
        "annotations": more.pop("annotations", {}),
        "creationTimestamp": more.pop("created", "2026-01-01T00:00:00Z"),
        "deletionTimestamp": more.pop("deleted", None),
    }
    ports = more.pop("ports", [])
    spec = {"nodeName": more.pop("node", None), "containers": [{"name": "c", "ports": ports}], **more}
    return schema.from_wire(Pod, {"metadata": metadata, "spec": spec, "status": status})


def make_replicaset(name: str = "rs", replicas: int = 1, available: int | None = None, **more: Any) -> ReplicaSet:
    current = more.pop("status_replicas", replicas)
    metadata = {
        "name": name,
        "namespace": "ns",
        "uid": f"uid-{name}",
        "generation": more.pop("generation", 1),
        "annotations": more.pop("annotations", {}),
        "labels": more.pop("labels", {}),
        "creationTimestamp": more.pop("created", "2026-01-01T00:00:00Z"),
    }
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"image": more.pop("image", "v1")}]}}
    status = {
        "replicas": current,
        "availableReplicas": current if available is None else available,
        "readyReplicas": current if available is None else available,
        "observedGeneration": 1,
        "conditions": more.pop("conditions", []),
    }
    spec = {"replicas": replicas, "template": template, "selector": {"matchLabels": {"app": "web"}}, **more}
    return schema.from_wire(ReplicaSet, {"metadata": metadata, "spec": spec, "status": status})


def make_deployment(replicas: int = 3, surge: Any = "25%", unavailable: Any = "25%", **more: Any) -> Deployment:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"image": more.pop("image", "v1")}]}}
    metadata = {
        "name": "web",
        "namespace": "ns",
        "uid": "uid-web",
        "generation": 1,
        "annotations": more.pop("annotations", {}),
    }
    status = more.pop("status", {})
    spec = {
        "replicas": replicas,
        "strategy": more.pop("strategy", strategy),
        "template": template,
        "selector": {"matchLabels": {"app": "web"}},
        "progressDeadlineSeconds": 600,
        **more,
    }
    return schema.from_wire(Deployment, {"metadata": metadata, "spec": spec, "status": status})


def make_node(name: str = "n", conditions: dict[str, str] | None = None, **spec: Any) -> Node:
    found = [{"type": t, "status": s, "reason": "KubeletReady"} for t, s in (conditions or {}).items()]
    wire = {"metadata": {"name": name, "uid": f"uid-{name}"}, "spec": spec, "status": {"conditions": found}}
    return schema.from_wire(Node, wire)


def make_service(name: str = "web", **spec: Any) -> Service:
    labels = spec.pop("labels", {})
    wire = {
        "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{name}", "labels": labels},
        "spec": {"selector": {"app": "web"}, "clusterIP": "10.96.0.5", "ipFamilies": ["IPv4"], **spec},
    }
    return schema.from_wire(Service, wire)


@pytest.fixture
def pod():
    return make_pod


@pytest.fixture
def replicaset():
    return make_replicaset


@pytest.fixture
def deployment():
    return make_deployment


@pytest.fixture
def node():
    return make_node


@pytest.fixture
def service():
    return make_service
