"""How core/v1 objects print as tables, but Pods (see pod_columns.py). Pure; wire dicts in, cells out.

May import: api.cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kajitori.api.cells import (
    NONE,
    UNKNOWN,
    UNSET,
    access_modes,
    age,
    containers_and_images,
    dig,
    labels,
    listed,
    load_balancer,
    name,
    since,
    table,
)

Object = dict[str, Any]


def _service(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    ips = spec.get("clusterIPs") or [ip for ip in [spec.get("clusterIP")] if ip]
    return [
        name(obj),
        spec.get("type", ""),
        ips[0] if ips else NONE,
        external_ip(obj),
        service_ports(spec) or NONE,
        age(obj, now),
        labels(spec.get("selector")),
    ]


def external_ip(service: Mapping[str, Any]) -> str:
    """The EXTERNAL-IP cell of a Service: depends on its type."""
    spec = service.get("spec") or {}
    given = spec.get("externalIPs") or []
    match spec.get("type"):
        case "ClusterIP" | "NodePort":
            return ",".join(given) or NONE
        case "LoadBalancer":
            assigned = load_balancer(service)
            return ",".join([assigned, *given] if assigned else given) or "<pending>"
        case "ExternalName":
            return str(spec.get("externalName", ""))
    return UNKNOWN


def service_ports(spec: Mapping[str, Any]) -> str:
    """``80:30080/TCP,443/TCP``."""
    texts = []
    for port in spec.get("ports") or ():
        node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
        texts.append(f"{port.get('port')}{node_port}/{port.get('protocol', 'TCP')}")
    return ",".join(texts)


def _endpoints(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), endpoints_text(obj), age(obj, now)]


def endpoints_text(obj: Mapping[str, Any]) -> str:
    """``10.0.0.1:80,10.0.0.2:80`` of an Endpoints object, at most three."""
    pairs = []
    for subset in obj.get("subsets") or ():
        addresses = [a.get("ip", "") for a in subset.get("addresses") or ()]
        ports = subset.get("ports") or ()
        if ports:
            pairs += [_host_port(ip, p.get("port")) for p in ports for ip in addresses]
        else:
            pairs += addresses
    return listed(pairs, "" if obj.get("subsets") else NONE)


def _host_port(ip: str, port: Any) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _node(obj: Object, now: datetime) -> list[Any]:
    info = dig(obj, "status.nodeInfo", {})
    return [
        name(obj),
        node_status(obj),
        ",".join(node_roles(obj)) or NONE,
        age(obj, now),
        info.get("kubeletVersion", ""),
        _node_address(obj, "InternalIP"),
        _node_address(obj, "ExternalIP"),
        info.get("osImage") or UNKNOWN,
        info.get("kernelVersion") or UNKNOWN,
        info.get("containerRuntimeVersion") or UNKNOWN,
    ]


def node_status(obj: Mapping[str, Any]) -> str:
    """``Ready``, ``NotReady`` or ``Unknown``, with ``,SchedulingDisabled`` where cordoned."""
    ready = [c.get("status") for c in dig(obj, "status.conditions", ()) if c.get("type") == "Ready"]
    text = "Unknown" if not ready else "Ready" if ready[-1] == "True" else "NotReady"
    return f"{text},SchedulingDisabled" if dig(obj, "spec.unschedulable", False) else text


def node_roles(obj: Mapping[str, Any]) -> list[str]:
    """The roles that labels give a node, sorted."""
    roles = set()
    for key, value in dig(obj, "metadata.labels", {}).items():
        if key.startswith("node-role.kubernetes.io/") and len(key) > len("node-role.kubernetes.io/"):
            roles.add(key.removeprefix("node-role.kubernetes.io/"))
        elif key == "kubernetes.io/role" and value:
            roles.add(value)
    return sorted(roles)


def _node_address(obj: Mapping[str, Any], kind: str) -> str:
    return next((a["address"] for a in dig(obj, "status.addresses", ()) if a.get("type") == kind), NONE)


def _event(obj: Object, now: datetime) -> list[Any]:
    first = obj.get("firstTimestamp") or obj.get("eventTime")
    last, count = obj.get("lastTimestamp"), obj.get("count") or 1
    if series := obj.get("series"):
        last, count = series.get("lastObservedTime"), series.get("count", 0)
    first_text = since(first, now)
    regarding = obj.get("involvedObject") or {}
    target = regarding.get("kind", "").lower()
    if regarding.get("name"):
        target = f"{target}/{regarding['name']}"
    return [
        since(last, now) if last else first_text,
        obj.get("type", ""),
        obj.get("reason", ""),
        target,
        regarding.get("fieldPath", ""),
        _event_source(obj),
        obj.get("message", "").strip(),
        first_text,
        count,
        name(obj),
    ]


def _event_source(obj: Mapping[str, Any]) -> str:
    source = obj.get("source") or {}
    component = source.get("component") or obj.get("reportingComponent") or ""
    host = source.get("host") or obj.get("reportingInstance") or ""
    return f"{component}, {host}" if host else component


def _volume(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    claim = spec.get("claimRef")
    return [
        name(obj),
        dig(spec, "capacity.storage", "0"),
        access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        _phase(obj),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        _storage_class(obj),
        spec.get("volumeAttributesClassName") or UNSET,
        dig(obj, "status.reason", ""),
        age(obj, now),
        spec.get("volumeMode") or UNSET,
    ]


def _claim(obj: Object, now: datetime) -> list[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    bound = bool(spec.get("volumeName"))
    return [
        name(obj),
        _phase(obj),
        spec.get("volumeName", ""),
        dig(status, "capacity.storage", "0") if bound else "",
        access_modes(status.get("accessModes")) if bound else "",
        _storage_class(obj),
        spec.get("volumeAttributesClassName") or UNSET,
        age(obj, now),
        spec.get("volumeMode") or UNSET,
    ]


def _phase(obj: Mapping[str, Any]) -> str:
    return "Terminating" if dig(obj, "metadata.deletionTimestamp") else str(dig(obj, "status.phase", ""))


def _storage_class(obj: Mapping[str, Any]) -> str:
    beta = dig(obj, "metadata.annotations", {}).get("volume.beta.kubernetes.io/storage-class")
    return str(beta or dig(obj, "spec.storageClassName", ""))


def _replication_controller(obj: Object, now: datetime) -> list[Any]:
    names, images = containers_and_images(dig(obj, "spec.template.spec", {}))
    status = obj.get("status") or {}
    return [
        name(obj),
        dig(obj, "spec.replicas", 0),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(obj, now),
        names,
        images,
        labels(dig(obj, "spec.selector")),
    ]


def _quota(obj: Object, now: datetime) -> list[Any]:
    hard, used = dig(obj, "status.hard", {}), dig(obj, "status.used", {})
    requests: list[str] = []
    limits: list[str] = []
    for resource in sorted(hard):
        bucket = limits if resource.startswith("limits.") else requests
        bucket.append(f"{resource}: {used.get(resource, '0')}/{hard[resource]}")
    return [name(obj), ", ".join(requests), ", ".join(limits), age(obj, now)]


def _component_status(obj: Object, now: datetime) -> list[Any]:
    healthy: Object = next((c for c in obj.get("conditions") or () if c.get("type") == "Healthy"), {})
    word = "Unknown" if not healthy else "Healthy" if healthy.get("status") == "True" else "Unhealthy"
    return [name(obj), word, healthy.get("message", ""), healthy.get("error", "")]


def _pod_template(obj: Object, now: datetime) -> list[Any]:
    names, images = containers_and_images(dig(obj, "template.spec", {}))
    return [name(obj), names, images, labels(dig(obj, "template.metadata.labels"))]


SERVICES = table("Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector*", _service)
ENDPOINTS = table("Name, Endpoints, Age", _endpoints)
NODES = table(
    "Name, Status, Roles, Age, Version, Internal-IP*, External-IP*, OS-Image*, Kernel-Version*, Container-Runtime*",
    _node,
)
EVENTS = table("Last Seen, Type, Reason, Object, Subobject*, Source*, Message, First Seen*, Count*, Name*", _event)
NAMESPACES = table("Name, Status, Age", lambda obj, now: [name(obj), dig(obj, "status.phase", ""), age(obj, now)])
SECRETS = table(
    "Name, Type, Data, Age",
    lambda obj, now: [name(obj), obj.get("type", ""), len(obj.get("data") or ()), age(obj, now)],
)
CONFIG_MAPS = table(
    "Name, Data, Age",
    lambda obj, now: [name(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), age(obj, now)],
)
SERVICE_ACCOUNTS = table(
    "Name, Secrets, Age", lambda obj, now: [name(obj), len(obj.get("secrets") or ()), age(obj, now)]
)
VOLUMES = table(
    "Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, "
    "VolumeMode*",
    _volume,
)
CLAIMS = table(
    "Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode*", _claim
)
REPLICATION_CONTROLLERS = table(
    "Name, Desired:integer, Current:integer, Ready:integer, Age, Containers*, Images*, Selector*",
    _replication_controller,
)
QUOTAS = table("Name, Request, Limit, Age", _quota)
COMPONENT_STATUSES = table("Name, Status, Message, Error", _component_status)
POD_TEMPLATES = table("Name, Containers, Images, Pod Labels", _pod_template)
