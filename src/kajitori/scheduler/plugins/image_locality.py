"""ImageLocality: prefers nodes that have the Pod's images already, large images counting more."""

from kajitori.scheduler.framework import MAX_NODE_SCORE, CycleState, ScorePlugin
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.podinfo import PodInfo

MB = 1024 * 1024
MIN_THRESHOLD, MAX_CONTAINER_THRESHOLD = 23 * MB, 1000 * MB


class ImageLocality(ScorePlugin):
    name = "ImageLocality"

    def score(self, cycle: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """0 to 100 by the bytes that are there already, between 23 MiB in all and 1000 MiB for each container."""
        if not node.images:
            return 0
        containers = [*pod.spec.init_containers, *pod.spec.containers]
        total = 0
        nodes = max(self.handle.total_nodes(), 1)
        for container in containers:
            image = normalized_image(container.image or "")
            size = node.images.get(image)
            if size:
                # Spread over many nodes, an image counts more: it should not pull every Pod to one node.
                total += size * self.handle.image_nodes(image) // nodes
        highest = MAX_CONTAINER_THRESHOLD * len(containers)
        total = min(max(total, MIN_THRESHOLD), highest)
        return MAX_NODE_SCORE * (total - MIN_THRESHOLD) // (highest - MIN_THRESHOLD)


def normalized_image(name: str) -> str:
    """`name` → `name:latest`, as nodes report their images."""
    return name if name.rfind(":") > name.rfind("/") else f"{name}:latest"
