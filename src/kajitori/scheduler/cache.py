"""What the scheduler knows of the cluster: nodes with the Pods that run there, or will once a binding is through.

    assume(pod, node) → the Pod counts at once → confirmed by the informer (add_pod) or taken back (forget)

One decision is one atomic step of the event loop, so nodes are read in place: the cache is its own snapshot.
May import: scheduler.{nodeinfo,podinfo}.
"""

from __future__ import annotations

from typing import Any

from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo


class Cache:
    def __init__(self) -> None:
        self.nodes: dict[str, NodeInfo] = {}  # only nodes that exist
        self._known: dict[str, NodeInfo] = {}  # also those of which only Pods were seen so far
        self._node_of: dict[str, str] = {}  # Pod UID → node name
        self._assumed: set[str] = set()
        self._images: dict[str, int] = {}  # image → on how many nodes
        self._order: list[NodeInfo] | None = None

    # -- nodes

    def set_node(self, node: Any) -> NodeInfo:
        """Adds the node or takes its new state; the Pods already counted on it stay."""
        info = self._entry(node.metadata.name)
        self._count_images(info, -1)
        info.set_node(node)
        self._count_images(info, 1)
        if info.name not in self.nodes:
            self.nodes[info.name] = info
            self._order = None
        return info

    def remove_node(self, name: str) -> None:
        """No candidate any more; the Pods counted on it are remembered until their own events come."""
        info = self.nodes.pop(name, None)
        if info is None:
            return
        self._order = None
        self._count_images(info, -1)
        info.node = None
        info.images = {}
        if not info.pods:
            self._known.pop(name, None)

    def node_list(self) -> list[NodeInfo]:
        """All nodes, zones taking turns, so that a partial look still sees every zone."""
        if self._order is None:
            self._order = _interleaved(list(self.nodes.values()))
        return self._order

    def image_nodes(self, image: str) -> int:
        """How many nodes have the image."""
        return self._images.get(image, 0)

    def _entry(self, name: str) -> NodeInfo:
        info = self._known.get(name)
        if info is None:
            info = self._known[name] = NodeInfo()
            info.name = name
        return info

    def _count_images(self, info: NodeInfo, sign: int) -> None:
        for image in info.images:
            count = self._images.get(image, 0) + sign
            if count > 0:
                self._images[image] = count
            else:
                self._images.pop(image, None)

    # -- Pods

    def assume(self, info: PodInfo, node_name: str) -> None:
        """The Pod counts on the node from now on, before the API server knows."""
        self._place(info, node_name)
        self._assumed.add(info.uid)

    def forget(self, info: PodInfo) -> None:
        """The binding failed; a confirmed Pod is left alone."""
        if info.uid in self._assumed:
            self._assumed.discard(info.uid)
            self.remove_pod(info.uid)

    def add_pod(self, info: PodInfo, node_name: str) -> None:
        """A Pod that the API server says is on the node (new or changed)."""
        self._assumed.discard(info.uid)
        self._place(info, node_name)

    def remove_pod(self, uid: str) -> None:
        """Frees what an assumed or confirmed Pod holds; an unknown one is no error."""
        self._assumed.discard(uid)
        name = self._node_of.pop(uid, None)
        if name is None:
            return
        node = self._known[name]
        node.remove_pod(uid)
        if node.node is None and not node.pods:
            self._known.pop(name, None)

    def is_assumed(self, uid: str) -> bool:
        return uid in self._assumed

    def node_of(self, uid: str) -> str | None:
        return self._node_of.get(uid)

    def _place(self, info: PodInfo, node_name: str) -> None:
        before = self._node_of.get(info.uid)
        if before is not None and before != node_name:
            self.remove_pod(info.uid)
        self._node_of[info.uid] = node_name
        self._entry(node_name).add_pod(info)


def _interleaved(nodes: list[NodeInfo]) -> list[NodeInfo]:
    zones: dict[tuple[str, str], list[NodeInfo]] = {}
    for node in nodes:
        labels = node.labels
        region = labels.get("topology.kubernetes.io/region", "")
        zones.setdefault((region, labels.get("topology.kubernetes.io/zone", "")), []).append(node)
    if len(zones) < 2:
        return nodes
    out = []
    columns = list(zones.values())
    for row in range(max(map(len, columns))):
        out += [column[row] for column in columns if row < len(column)]
    return out
