"""Pod garbage collector: Pods that nobody else would ever remove.

- Pods on nodes that no longer exist, forty seconds after the node was missed (and is still missing, when asked for);
- Pods that are being deleted but were never given to a node;
- Pods on nodes tainted out-of-service and not ready, once they are being deleted;
- finished Pods beyond `--terminated-pod-gc-threshold`, oldest first.
May import: client, api, machinery; never another controller.
"""

from __future__ import annotations

from collections.abc import Iterable

from kajitori.api.core.v1 import Node, Pod
from kajitori.client.lister import by_node
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers import taints
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.controllers.pods import TERMINAL, condition
from kajitori.machinery.errors import NotFound
from kajitori.machinery.times import format_time

QUARANTINE_S = 40.0
SWEEP = ObjectKey("", "")  # the key that stands for counting the finished Pods


class PodGCController(Controller):
    """Its keys are Pods, and `SWEEP`."""

    name, workers = "pod-garbage-collector-controller", 2
    account = "pod-garbage-collector"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._missed_at: dict[str, float] = {}  # node that Pods name but we do not see → since when
        informers = context.informers
        self.nodes = self.use(
            informers.of(Node), on_update=self._node_changed, on_delete=lambda node: self._wake(node)
        ).lister
        self.pods = self.use(
            informers.of(Pod, indexers={"node": by_node}), on_add=self._pod, on_update=lambda _, new: self._pod(new)
        ).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        if key == SWEEP:
            return await self._sweep()
        pod = self.pods.get(key)
        if pod is None:
            return DONE
        name = pod.spec.node_name
        if not name:
            if pod.metadata.deletion_timestamp is not None:
                await self._force_delete(pod, "")
            return DONE
        node = self.nodes.get(ObjectKey("", name))
        if node is not None:
            self._missed_at.pop(name, None)
            if is_out_of_service(node) and pod.metadata.deletion_timestamp is not None:
                await self._force_delete(pod, "PodGC: node is out of service")
            return DONE
        return await self._orphan(pod, name)

    async def _orphan(self, pod: Pod, node: str) -> Result:
        now = self.clock.monotonic()
        left_s = self._missed_at.setdefault(node, now) + QUARANTINE_S - now
        if left_s > 0:
            return Result(requeue_after_s=left_s)
        try:
            await self.client.get(Node, node)
        except NotFound:
            await self._force_delete(pod, "PodGC: node no longer exists")
        return DONE

    async def _sweep(self) -> Result:
        threshold = self.options.terminated_pod_gc_threshold
        for pod in surplus(self.pods, threshold):
            await self._force_delete(pod, "")
        return DONE

    async def _force_delete(self, pod: Pod, why: str) -> None:
        name, namespace = pod.metadata.name or "", pod.metadata.namespace
        try:
            if pod.status.phase not in TERMINAL:
                status: dict[str, object] = {"phase": "Failed"}
                if why:
                    status["conditions"] = [
                        {
                            "type": "DisruptionTarget",
                            "status": "True",
                            "reason": "DeletionByPodGC",
                            "message": why,
                            "lastTransitionTime": format_time(self.clock.now()),
                        }
                    ]
                patch = {"metadata": {"uid": pod.metadata.uid}, "status": status}
                await self.client.patch(Pod, name, patch, namespace=namespace, subresource="status")
            await self.client.delete(Pod, name, namespace, grace_period_s=0, uid=pod.metadata.uid)
        except NotFound:
            return

    # hearing

    def _pod(self, pod: Pod) -> None:
        if pod.status.phase in TERMINAL and len(self.pods) > self.options.terminated_pod_gc_threshold > 0:
            self.queue.add_after(SWEEP, 1.0)
        name = pod.spec.node_name
        if name and ObjectKey("", name) in self.nodes and pod.metadata.deletion_timestamp is None:
            return
        if name or pod.metadata.deletion_timestamp is not None:
            self.queue.add(key_of(pod))

    def _node_changed(self, old: Node, new: Node) -> None:
        if is_out_of_service(new) and not is_out_of_service(old):
            self._wake(new)

    def _wake(self, node: Node) -> None:
        for pod in self.pods.by_index("node", node.metadata.name or ""):
            self.queue.add(key_of(pod))


def is_out_of_service(node: Node) -> bool:
    """Not ready, and tainted node.kubernetes.io/out-of-service (KEP-2268)."""
    ready = condition(node, "Ready")
    if ready is not None and ready.status == "True":
        return False
    return any(taint.key == taints.OUT_OF_SERVICE for taint in node.spec.taints)


def surplus(pods: Iterable[Pod], threshold: int) -> list[Pod]:
    """The finished Pods beyond the threshold (0 and less: no limit), oldest first."""
    if threshold <= 0:
        return []
    finished = [pod for pod in pods if pod.status.phase in TERMINAL]
    finished.sort(key=lambda pod: (pod.metadata.creation_timestamp or "", pod.metadata.name or ""))
    return finished[: max(0, len(finished) - threshold)]
