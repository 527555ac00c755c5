"""Taint eviction: deletes Pods from nodes whose NoExecute taints they do not tolerate, or no longer.

May import: client, api, machinery; never another controller.
"""

from __future__ import annotations

from kajitori.api.core.v1 import Node, Pod
from kajitori.client.lister import by_node
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers import taints as rules
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.errors import NotFound
from kajitori.machinery.times import format_time


class TaintEvictionController(Controller):
    """Its keys are Pods."""

    name, component, workers = "taint-eviction-controller", "taint-eviction-controller", 8
    account = "node-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._tainted_since: dict[ObjectKey, float] = {}  # Pods whose time runs, by our clock
        informers = context.informers
        self.pods = self.use(
            informers.of(Pod, indexers={"node": by_node}),
            on_add=self._pod,
            on_update=self._pod_changed,
            on_delete=self._pod,
        ).lister
        self.nodes = self.use(informers.of(Node), on_add=self._node, on_update=self._node_changed).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        pod = self.pods.get(key)
        node = self.nodes.get(ObjectKey("", pod.spec.node_name)) if pod is not None and pod.spec.node_name else None
        if pod is None or node is None or pod.metadata.deletion_timestamp is not None:
            self._tainted_since.pop(key, None)
            return DONE
        taints = rules.no_execute(node)
        delay_s = rules.eviction_delay_s(taints, pod.spec.tolerations) if taints else None
        if delay_s is None:
            if self._tainted_since.pop(key, None) is not None:
                self.recorder.event(pod, "Normal", "TaintManagerEviction", f"Cancelling deletion of Pod {key}")
            return DONE
        now = self.clock.monotonic()
        left_s = self._tainted_since.setdefault(key, now) + delay_s - now
        if left_s > 0:
            return Result(requeue_after_s=left_s)
        await self._evict(key, pod)
        return DONE

    async def _evict(self, key: ObjectKey, pod: Pod) -> None:
        self.recorder.event(pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {key}")
        condition = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "lastTransitionTime": format_time(self.clock.now()),
        }
        patch = {"metadata": {"uid": pod.metadata.uid}, "status": {"conditions": [condition]}}
        try:
            await self.client.patch(Pod, key.name, patch, namespace=key.namespace, subresource="status")
            await self.client.delete(Pod, key.name, key.namespace, uid=pod.metadata.uid)
        except NotFound:
            return

    def _pod(self, pod: Pod) -> None:
        if key_of(pod) in self._tainted_since or self._is_on_tainted_node(pod):
            self.queue.add(key_of(pod))

    def _pod_changed(self, old: Pod, new: Pod) -> None:
        if old.spec.node_name != new.spec.node_name or old.spec.tolerations != new.spec.tolerations:
            self._pod(new)

    def _is_on_tainted_node(self, pod: Pod) -> bool:
        node = self.nodes.get(ObjectKey("", pod.spec.node_name or ""))
        return node is not None and bool(rules.no_execute(node))

    def _node(self, node: Node) -> None:
        if rules.no_execute(node):
            self._wake(node)

    def _node_changed(self, old: Node, new: Node) -> None:
        if rules.no_execute(old) != rules.no_execute(new):
            self._wake(new)

    def _wake(self, node: Node) -> None:
        for pod in self.pods.by_index("node", node.metadata.name or ""):
            self.queue.add(key_of(pod))
