"""Which waiting Pods have been promised room on which node (their victims are on the way out).

May import: scheduler.podinfo.
"""

from collections.abc import Sequence

from kajitori.scheduler.podinfo import PodInfo


class Nominator:
    def __init__(self) -> None:
        self._pods: dict[str, dict[str, PodInfo]] = {}  # node → UID → Pod
        self._node_of: dict[str, str] = {}

    def add(self, pod: PodInfo, node_name: str = "") -> None:
        """Note a nomination; without a node name, the one in the Pod's status."""
        node = node_name or pod.pod.status.nominated_node_name or ""
        self.remove(pod.uid)
        if node:
            self._node_of[pod.uid] = node
            self._pods.setdefault(node, {})[pod.uid] = pod

    def update(self, pod: PodInfo) -> None:
        """The Pod changed: what it says counts; if it says nothing, an earlier promise stands."""
        self.add(pod, pod.pod.status.nominated_node_name or self._node_of.get(pod.uid, ""))

    def remove(self, uid: str) -> None:
        """Takes the promise back, if there was one."""
        node = self._node_of.pop(uid, None)
        if node is not None:
            pods = self._pods[node]
            pods.pop(uid, None)
            if not pods:
                del self._pods[node]

    def on(self, node_name: str) -> Sequence[PodInfo]:
        """The Pods that have been promised room on this node."""
        pods = self._pods.get(node_name)
        return tuple(pods.values()) if pods else ()
