"""Node lifecycle: notices nodes that fall silent, and says with taints what is wrong with a node.

A node is heard of by its Lease and by its status. Nothing is polled: each sign of life pushes the node's deadline away,
and only a deadline that is reached wakes us. While no node at all is healthy nobody is evicted: the fault is then more
likely ours (or the laptop was asleep) than every node's.
May import: client, api, machinery; never another controller.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.api import schema
from kajitori.api.coordination.v1 import Lease
from kajitori.api.core.v1 import Node, NodeCondition, Pod
from kajitori.client.lister import by_node
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers import taints as rules
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.controllers.pods import condition
from kajitori.machinery.errors import NotFound
from kajitori.machinery.times import format_time

WATCHED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
LEASES = "kube-node-lease"


class NodeLifecycleController(Controller):
    name, component, workers = "node-lifecycle-controller", "node-controller", 4
    account = "node-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._heard_at: dict[str, float] = {}  # node → our clock, when it last gave a sign of life
        self._signs: dict[str, tuple[str, ...]] = {}  # node → its last heartbeats, to tell a new sign from an old one
        self._registered: dict[str, str] = {}  # node → uid
        informers = context.informers
        self.nodes = self.use(
            informers.of(Node), on_add=self._node, on_update=self._node_changed, on_delete=self._gone
        ).lister
        leases = informers.of(Lease, namespace=LEASES)
        self.leases = self.use(leases, on_add=self._lease, on_update=lambda _, new: self._lease(new)).lister
        self.pods = self.use(informers.of(Pod, indexers={"node": by_node})).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        node = self.nodes.get(key)
        if node is None:
            return DONE
        self._register(node)
        silent_s = self.clock.monotonic() - self._heard_at.get(key.name, self.clock.monotonic())
        grace_s = self.options.node_monitor_grace_period_s
        if silent_s >= grace_s and is_believed(node):
            node = await self._declare_unknown(node)
        await self._taint(node)
        if not _is_ready(node):
            await self._mark_pods(node)
        return DONE if silent_s >= grace_s else Result(requeue_after_s=grace_s - silent_s)

    # acting

    def _register(self, node: Node) -> None:
        name, uid = node.metadata.name or "", node.metadata.uid or ""
        if self._registered.get(name) != uid:
            self._registered[name] = uid
            text = f"Node {name} event: Registered Node {name} in Controller"
            self.recorder.event(_reference(node), "Normal", "RegisteredNode", text)

    async def _declare_unknown(self, node: Node) -> Node:
        changed = schema.clone(node)
        changed.status.conditions = unknown_conditions(node, format_time(self.clock.now()))
        name = node.metadata.name or ""
        text = f"Node {name} status is now: NodeNotReady"
        if _is_ready(node):
            self.recorder.event(_reference(node), "Normal", "NodeNotReady", text)
        return await self.client.update_status(changed)

    async def _taint(self, node: Node) -> None:
        healthy = any(_is_ready(other) for other in self.nodes)
        wanted = taints_for(node, format_time(self.clock.now()), evict=healthy)
        if wanted is None:
            return
        metadata = {"resourceVersion": node.metadata.resource_version}
        patch = {"metadata": metadata, "spec": {"taints": wanted or None}}
        await self.client.patch(Node, node.metadata.name or "", patch, patch_type="merge")

    async def _mark_pods(self, node: Node) -> None:
        """Its Pods are not ready either: nobody is there to say otherwise. Services stop sending to them."""
        for pod in self.pods.by_index("node", node.metadata.name or ""):
            ready = condition(pod, "Ready")
            if ready is None or ready.status != "True":
                continue
            new = {"type": "Ready", "status": "False", "lastTransitionTime": format_time(self.clock.now())}
            patch = {"metadata": {"uid": pod.metadata.uid}, "status": {"conditions": [new]}}
            self.recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready")
            try:
                await self.client.patch(
                    Pod, pod.metadata.name or "", patch, namespace=pod.metadata.namespace, subresource="status"
                )
            except NotFound:
                continue

    # hearing

    def _node(self, node: Node) -> None:
        key = key_of(node)
        heartbeats = tuple(c.last_heartbeat_time or "" for c in node.status.conditions if is_believed_condition(c))
        self._sign(key.name, ("status", *heartbeats))
        self.queue.add(key)

    def _node_changed(self, old: Node, new: Node) -> None:
        self._node(new)
        if _is_ready(old) != _is_ready(new):  # whether anybody is evicted depends on the health of all
            for other in self.nodes:
                self.queue.add(key_of(other))

    def _lease(self, lease: Lease) -> None:
        """A renewal, every ten seconds and node: it only moves the deadline. A node not Ready is looked at again."""
        name = lease.metadata.name or ""
        self._sign(f"{name}/lease", (lease.spec.renew_time or "",))

    def _sign(self, source: str, sign: tuple[str, ...]) -> None:
        if self._signs.get(source) != sign:
            self._signs[source] = sign
            self._heard_at[source.partition("/")[0]] = self.clock.monotonic()

    def _gone(self, node: Node) -> None:
        name = node.metadata.name or ""
        for table in (self._heard_at, self._registered):
            table.pop(name, None)
        for source in (name, f"{name}/lease"):
            self._signs.pop(source, None)
        text = f"Node {name} event: Removing Node {name} from Controller"
        self.recorder.event(_reference(node), "Normal", "RemovingNode", text)
        for other in self.nodes:
            self.queue.add(key_of(other))


def _reference(node: Node) -> dict[str, Any]:
    meta = node.metadata
    return {"apiVersion": "v1", "kind": "Node", "name": meta.name, "uid": meta.uid}


def _is_ready(node: Node) -> bool:
    ready = condition(node, "Ready")
    return ready is not None and ready.status == "True"


def is_believed_condition(found: NodeCondition) -> bool:
    """Written by the kubelet, not by us."""
    return found.reason not in ("NodeStatusUnknown", "NodeStatusNeverUpdated")


def is_believed(node: Node) -> bool:
    """Some condition still says what the kubelet said, or none is there."""
    found = {c.type: c for c in node.status.conditions}
    return any(found.get(type_) is None or found[type_].status != "Unknown" for type_ in WATCHED)


def unknown_conditions(node: Node, now: str) -> list[NodeCondition]:
    """The node's conditions, those about its health turned to Unknown."""
    conditions = list(schema.clone(node).status.conditions)
    for type_ in WATCHED:
        old = next((c for c in conditions if c.type == type_), None)
        if old is None:
            conditions.append(
                NodeCondition(
                    type=type_,
                    status="Unknown",
                    reason="NodeStatusNeverUpdated",
                    message="Kubelet never posted node status.",
                    last_heartbeat_time=node.metadata.creation_timestamp,
                    last_transition_time=now,
                )
            )
        elif old.status != "Unknown":
            old.status, old.reason = "Unknown", "NodeStatusUnknown"
            old.message, old.last_transition_time = "Kubelet stopped posting node status.", now
    return conditions


def taints_for(node: Node, now: str, *, evict: bool) -> list[dict[str, Any]] | None:
    """The taints that a node should have, in wire form, or None when it has them. Others' taints stay."""
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for found in node.status.conditions:
        key = rules.CONDITION_TAINTS.get(found.type or "", {}).get(found.status or "")
        if key is None:
            continue
        wanted[key, "NoSchedule"] = {"key": key, "effect": "NoSchedule", "timeAdded": now}
        if evict and key in rules.MANAGED_NO_EXECUTE:
            wanted[key, "NoExecute"] = {"key": key, "effect": "NoExecute", "timeAdded": now}
    if node.spec.unschedulable:
        key = rules.UNSCHEDULABLE
        wanted[key, "NoSchedule"] = {"key": key, "effect": "NoSchedule", "timeAdded": now}
    if not any(c.type == "Ready" for c in node.status.conditions):
        # as it registers, before the kubelet has said anything: leave what admission put there
        for taint in node.spec.taints:
            if taint.key == rules.NOT_READY:
                wanted[taint.key, taint.effect or ""] = schema.to_wire(taint)
    existing: Sequence[Any] = node.spec.taints
    kept = [schema.to_wire(t) for t in existing if not _is_managed(t) or (t.key, t.effect) in wanted]
    present = {(t.key, t.effect) for t in existing}
    fresh = [taint for name, taint in wanted.items() if name not in present]
    return [*kept, *fresh] if fresh or len(kept) != len(existing) else None


def _is_managed(taint: Any) -> bool:
    if taint.effect == "NoSchedule":
        return taint.key in rules.MANAGED_NO_SCHEDULE
    return taint.effect == "NoExecute" and taint.key in rules.MANAGED_NO_EXECUTE
