"""The Node object: labels, addresses, capacity, info, images, conditions.

Pure: everything observed comes in as `Observed`. May import: api, machinery; of the kubelet `cri` (messages),
`runtime.features`, `node.machine`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kajitori import KUBERNETES_VERSION
from kajitori.api.core import v1
from kajitori.machinery.quantity import Quantity

from ..cri import cri_pb2 as pb
from ..runtime.features import RuntimeFeatures
from .machine import Machine

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Node, NodeCondition, NodeStatus

MAX_IMAGES, MAX_IMAGE_NAMES = 50, 5


@dataclass(kw_only=True)
class NodeSettings:
    """What flags and configuration say about the node."""

    name: str
    ips: Sequence[str]
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[tuple[str, str, str]] = ()
    unschedulable: bool = False
    max_pods: int = 110
    reserved: Mapping[str, str] = field(default_factory=dict)
    eviction_memory: str = "100Mi"
    eviction_disk_percent: float = 10.0
    kubelet_port: int = 10250
    pod_cidr: str = ""
    provider_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """How the node is doing now."""

    now: str
    runtime_version: str
    not_ready: str = ""
    """Why the node is not ready; empty if it is."""
    memory_pressure: bool = False
    disk_pressure: bool = False
    pid_pressure: bool = False
    images: Sequence[pb.Image] = ()
    features: RuntimeFeatures = field(default_factory=RuntimeFeatures)


def capacity(machine: Machine, settings: NodeSettings) -> dict[str, str]:
    """Everything there is."""
    return {
        "cpu": str(machine.cpus),
        "ephemeral-storage": f"{machine.disk_bytes // 1024}Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": f"{machine.memory_bytes // 1024}Ki",
        "pods": str(settings.max_pods),
    }


def allocatable(machine: Machine, settings: NodeSettings) -> dict[str, str]:
    """What Pods may ask for: without what is reserved and what eviction keeps free."""
    result = capacity(machine, settings)
    result["ephemeral-storage"] = str(int(machine.disk_bytes * (1 - settings.eviction_disk_percent / 100)))
    result["memory"] = str(Quantity.parse(result["memory"]) - Quantity.parse(settings.eviction_memory))
    for name, amount in settings.reserved.items():
        if name in result:
            result[name] = str(Quantity.parse(result[name]) - Quantity.parse(amount))
    return result


def advertised(own: Mapping[str, str], old: NodeStatus | None) -> dict[str, str]:
    """Extended resources: others put them into the node's capacity, and all of them may be asked for."""
    return {name: amount for name, amount in old.capacity.items() if name not in own} if old is not None else {}


def default_labels(machine: Machine, settings: NodeSettings) -> dict[str, str]:
    """Labels that every node has, and those of --node-labels."""
    return {
        "beta.kubernetes.io/arch": machine.architecture,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": machine.architecture,
        "kubernetes.io/hostname": settings.name,
        "kubernetes.io/os": "linux",
        **settings.labels,
    }


def addresses(settings: NodeSettings) -> list[v1.NodeAddress]:
    """InternalIPs and the Hostname."""
    ips = [v1.NodeAddress(type="InternalIP", address=ip) for ip in settings.ips]
    return [*ips, v1.NodeAddress(type="Hostname", address=settings.name)]


def image_list(images: Sequence[pb.Image]) -> list[v1.ContainerImage]:
    """The biggest images, each by a few names."""
    biggest = sorted(images, key=lambda i: (-i.size, i.id))[:MAX_IMAGES]
    return [
        v1.ContainerImage(names=[*i.repo_digests, *i.repo_tags][:MAX_IMAGE_NAMES], size_bytes=i.size)
        for i in biggest
        if i.repo_digests or i.repo_tags
    ]


_PRESSURE_TEXTS = {
    "MemoryPressure": (
        "KubeletHasInsufficientMemory",
        "kubelet has insufficient memory available",
        "KubeletHasSufficientMemory",
        "kubelet has sufficient memory available",
    ),
    "DiskPressure": (
        "KubeletHasDiskPressure",
        "kubelet has disk pressure",
        "KubeletHasNoDiskPressure",
        "kubelet has no disk pressure",
    ),
    "PIDPressure": (
        "KubeletHasInsufficientPID",
        "kubelet has insufficient PID available",
        "KubeletHasSufficientPID",
        "kubelet has sufficient PID available",
    ),
}
"""Condition → reason and message when it is true, and when it is false."""


def conditions(observed: Observed, old: Sequence[NodeCondition]) -> list[NodeCondition]:
    """MemoryPressure, DiskPressure, PIDPressure, Ready; others' conditions are kept."""
    rows = [
        (kind, is_bad, *_PRESSURE_TEXTS[kind])
        for kind, is_bad in (
            ("MemoryPressure", observed.memory_pressure),
            ("DiskPressure", observed.disk_pressure),
            ("PIDPressure", observed.pid_pressure),
        )
    ]
    rows.append(
        (
            "Ready",
            not observed.not_ready,
            "KubeletReady",
            "kubelet is posting ready status",
            "KubeletNotReady",
            observed.not_ready,
        )
    )
    before = {c.type: c for c in old}
    made = []
    for kind, is_true, true_reason, true_text, false_reason, false_text in rows:
        status = "True" if is_true else "False"
        previous = before.get(kind)
        same = previous is not None and previous.status == status
        made.append(
            v1.NodeCondition(
                type=kind,
                status=status,
                last_heartbeat_time=observed.now,
                last_transition_time=previous.last_transition_time if same and previous is not None else observed.now,
                reason=true_reason if is_true else false_reason,
                message=true_text if is_true else false_text,
            )
        )
    own = {row[0] for row in rows}
    return [*(c for c in old if c.type not in own), *made]


def node_status(machine: Machine, settings: NodeSettings, observed: Observed, old: NodeStatus | None) -> NodeStatus:
    """All of ``status`` that the kubelet writes."""
    own = capacity(machine, settings)
    more = advertised(own, old)
    return v1.NodeStatus(
        addresses=addresses(settings),
        allocatable=allocatable(machine, settings) | more,
        capacity=own | more,
        conditions=conditions(observed, old.conditions if old is not None else ()),
        daemon_endpoints=v1.NodeDaemonEndpoints(kubelet_endpoint=v1.DaemonEndpoint(port=settings.kubelet_port)),
        images=image_list(observed.images),
        node_info=v1.NodeSystemInfo(
            architecture=machine.architecture,
            boot_id=machine.boot_id,
            container_runtime_version=observed.runtime_version,
            kernel_version=machine.kernel_version,
            kube_proxy_version="",
            kubelet_version=KUBERNETES_VERSION,
            machine_id=machine.machine_id,
            operating_system="linux",
            os_image=machine.os_image,
            system_uuid=machine.system_uuid,
        ),
        runtime_handlers=runtime_handlers(observed.features),
        features=v1.NodeFeatures(supplemental_groups_policy=observed.features.supplemental_groups_policy)
        if observed.features.supplemental_groups_policy is not None
        else None,
    )


def runtime_handlers(features: RuntimeFeatures) -> list[v1.NodeRuntimeHandler]:
    """By name, with what each can do."""
    return [
        v1.NodeRuntimeHandler(
            name=name,
            features=v1.NodeRuntimeHandlerFeatures(
                recursive_read_only_mounts=handler.recursive_read_only_mounts,
                user_namespaces=False,  # what the node can do, not the runtime alone
            ),
        )
        for name, handler in sorted(features.handlers.items())
    ]


def new_node(machine: Machine, settings: NodeSettings, observed: Observed) -> Node:
    """The object to register."""
    node = v1.Node(spec=v1.NodeSpec(), status=node_status(machine, settings, observed, None))
    node.metadata.name = settings.name
    node.metadata.labels = default_labels(machine, settings)
    node.metadata.annotations = {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}
    node.spec.taints = [v1.Taint(key=k, value=v or None, effect=e) for k, v, e in settings.taints]
    node.spec.unschedulable = True if settings.unschedulable else None
    node.spec.provider_id = settings.provider_id or None
    if observed.not_ready:
        # The node lifecycle controller would add it; until it runs nothing must be scheduled here.
        node.spec.taints.append(v1.Taint(key="node.kubernetes.io/not-ready", effect="NoSchedule"))
    return node
