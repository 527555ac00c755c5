"""A node with what runs on it, summed up as Pods come and go.

May import: scheduler.{podinfo,resources}, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kajitori.scheduler.podinfo import HostPort, PodInfo
from kajitori.scheduler.resources import CPU, MEMORY, PODS, Amounts, amounts

ANY_IP = "0.0.0.0"


class NodeInfo:
    """Changes only through `set_node`, `add_pod`, `remove_pod`; `generation` grows with each of them."""

    __slots__ = (
        "allocatable",
        "allowed_pods",
        "cpu",
        "generation",
        "images",
        "labels",
        "memory",
        "name",
        "node",
        "non_zero_cpu",
        "non_zero_memory",
        "pods",
        "ports",
        "requested",
        "taints",
        "with_affinity",
        "with_anti_affinity",
    )

    def __init__(self, node: Any = None) -> None:
        self.name = ""
        self.node: Any = None  # None while only Pods of it are known
        self.labels: dict[str, str] = {}
        self.taints: list[Any] = []
        self.allocatable: Amounts = {}
        self.allowed_pods = self.cpu = self.memory = 0
        self.images: dict[str, int] = {}
        self.pods: dict[str, PodInfo] = {}  # by UID
        self.requested: Amounts = {}
        self.non_zero_cpu = self.non_zero_memory = 0
        self.ports: dict[HostPort, int] = {}
        self.with_affinity: dict[str, PodInfo] = {}
        self.with_anti_affinity: dict[str, PodInfo] = {}
        self.generation = 0
        if node is not None:
            self.set_node(node)

    def set_node(self, node: Any) -> None:
        """Takes over labels, taints, images and what is allocatable; what its Pods use stays counted."""
        self.node = node
        self.name = node.metadata.name
        self.labels = node.metadata.labels
        self.taints = node.spec.taints
        self.allocatable = amounts(node.status.allocatable)
        self.allowed_pods = self.allocatable.get(PODS, 0)
        self.cpu, self.memory = self.allocatable.get(CPU, 0), self.allocatable.get(MEMORY, 0)
        self.images = {name: image.size_bytes or 0 for image in node.status.images for name in image.names}
        self.generation += 1

    def add_pod(self, info: PodInfo) -> None:
        """A Pod that is already here is counted by its newer state."""
        if info.uid in self.pods:
            self.remove_pod(info.uid)
        self.pods[info.uid] = info
        self._count(info, 1)
        if info.affinity or info.anti_affinity or info.preferred_affinity or info.preferred_anti_affinity:
            self.with_affinity[info.uid] = info
        if info.anti_affinity:
            self.with_anti_affinity[info.uid] = info
        for port in info.host_ports:
            self.ports[port] = self.ports.get(port, 0) + 1

    def remove_pod(self, uid: str) -> PodInfo | None:
        """The Pod as it was counted, None if it was not here."""
        info = self.pods.pop(uid, None)
        if info is None:
            return None
        self._count(info, -1)
        self.with_affinity.pop(uid, None)
        self.with_anti_affinity.pop(uid, None)
        for port in info.host_ports:
            left = self.ports.get(port, 0) - 1
            if left > 0:
                self.ports[port] = left
            else:
                self.ports.pop(port, None)
        return info

    def _count(self, info: PodInfo, sign: int) -> None:
        requested = self.requested
        for name, value in info.requests.items():
            requested[name] = requested.get(name, 0) + sign * value
        self.non_zero_cpu += sign * info.non_zero_requests[CPU] if CPU in info.non_zero_requests else 0
        self.non_zero_memory += sign * info.non_zero_requests[MEMORY] if MEMORY in info.non_zero_requests else 0
        self.generation += 1

    def conflicts(self, wanted: Iterable[HostPort]) -> bool:
        """Whether a port is taken: the any-address collides with every address."""
        for want in wanted:
            for used in self.ports:
                same = used.port == want.port and used.protocol == want.protocol
                if same and (used.ip == want.ip or ANY_IP in (used.ip, want.ip)):
                    return True
        return False

    def clone(self) -> NodeInfo:
        """A copy whose Pods may be added and removed without touching this one (preemption tries things out)."""
        copy = NodeInfo()
        for name in NodeInfo.__slots__:
            value = getattr(self, name)
            mutable = name in ("pods", "requested", "ports", "with_affinity", "with_anti_affinity")
            setattr(copy, name, dict(value) if mutable else value)
        return copy
