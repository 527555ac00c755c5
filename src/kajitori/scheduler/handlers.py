"""What informers tell the scheduler: keeps cache, queue and nominations in step, and names each change as an event.

Each handler is a plain function. May import: scheduler.*.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kajitori.scheduler.cache import Cache
from kajitori.scheduler.framework import Action
from kajitori.scheduler.nominator import Nominator
from kajitori.scheduler.podinfo import PodInfo
from kajitori.scheduler.queue import SchedulingQueue
from kajitori.scheduler.resources import pod_requests

FINISHED = ("Succeeded", "Failed")


def is_assigned(pod: Any) -> bool:
    return bool(pod.spec.node_name)


def is_finished(pod: Any) -> bool:
    return pod.status.phase in FINISHED


class Handlers:
    def __init__(
        self, cache: Cache, queue: SchedulingQueue, nominator: Nominator, scheduler_names: Collection[str]
    ) -> None:
        self._cache, self._queue, self._nominator = cache, queue, nominator
        self._names = scheduler_names
        self.waiting: dict[str, PodInfo] = {}  # UID → the Pod as last seen, of those without a node

    def is_current(self, pod: PodInfo) -> PodInfo | None:
        """The newest state of a waiting Pod, or None if it no longer waits."""
        return self.waiting.get(pod.uid)

    # -- Pods

    def pod_added(self, pod: Any) -> None:
        """A Pod with a node counts there; one that waits for a scheduler name of ours is queued."""
        if is_finished(pod):
            return
        if is_assigned(pod):
            self._bound(pod)
        elif self._is_ours(pod) and not pod.metadata.deletion_timestamp:
            info = PodInfo(pod)
            self.waiting[info.uid] = info
            self._nominator.add(info)
            self._queue.add(info)

    def pod_updated(self, old: Any, new: Any) -> None:
        """Moves a Pod between waiting, bound and finished; wakes others where that, or a smaller Pod, makes room."""
        was, is_ = _place(old), _place(new)
        if was == "bound" and is_ == "bound":
            self._cache.add_pod(PodInfo(new), new.spec.node_name)
            actions = pod_changes(old, new)
            if actions:
                self._queue.move("Pod", actions, old, new)
            return
        if is_ == "finished":
            if was != "finished":
                self.pod_deleted(old)
            return
        if is_ == "bound":
            self._stop_waiting(new.metadata.uid)
            self._bound(new)
            return
        self._waiting_changed(old, new)

    def pod_deleted(self, pod: Any) -> None:
        """Wakes Pods that its room may suit, unless its node never counted it."""
        uid = pod.metadata.uid
        known = self._cache.node_of(uid) is not None
        self._cache.remove_pod(uid)  # an assumed one too: a watch with a gap shows neither the binding nor the end
        if known:
            self._queue.move("Pod", Action.DELETE, pod, None)
        if not is_assigned(pod):
            self._stop_waiting(uid)
            self._nominator.remove(uid)

    def _bound(self, pod: Any) -> None:
        info = PodInfo(pod)
        self._nominator.remove(info.uid)
        self._cache.add_pod(info, pod.spec.node_name)
        self._queue.move("Pod", Action.ADD, None, pod)

    def _waiting_changed(self, old: Any, new: Any) -> None:
        if not self._is_ours(new):
            return
        if new.metadata.deletion_timestamp:
            self._stop_waiting(new.metadata.uid)  # no node for what is going away
            return
        info = PodInfo(new)
        if self._cache.is_assumed(info.uid):
            self.waiting[info.uid] = info
            return
        self.waiting[info.uid] = info
        self._nominator.update(info)
        self._queue.update(info, pod_changes(old, new), old)

    def _stop_waiting(self, uid: str) -> None:
        self.waiting.pop(uid, None)
        self._queue.delete(uid)

    def _is_ours(self, pod: Any) -> bool:
        return (pod.spec.scheduler_name or "default-scheduler") in self._names

    # -- Nodes

    def node_added(self, node: Any) -> None:
        self._cache.set_node(node)
        self._queue.move("Node", Action.ADD, None, node)

    def node_updated(self, old: Any, new: Any) -> None:
        """A heartbeat changes nothing that a plugin could ask about, and wakes nobody."""
        self._cache.set_node(new)
        actions = node_changes(old, new)
        if actions:
            self._queue.move("Node", actions, old, new)

    def node_deleted(self, node: Any) -> None:
        self._cache.remove_node(node.metadata.name)
        self._queue.move("Node", Action.DELETE, node, None)


def _place(pod: Any) -> str:
    if is_finished(pod):
        return "finished"
    return "bound" if is_assigned(pod) else "waiting"


def pod_changes(old: Any, new: Any) -> Action:
    """What of a Pod's change may matter to a plugin."""
    actions = Action(0)
    if old.metadata.labels != new.metadata.labels:
        actions |= Action.UPDATE_LABEL
    if old.spec.tolerations != new.spec.tolerations:
        actions |= Action.UPDATE_TOLERATION
    if old.spec.scheduling_gates != new.spec.scheduling_gates:
        actions |= Action.UPDATE_GATES
    if old.spec.containers != new.spec.containers:
        before, after = pod_requests(old.spec), pod_requests(new.spec)
        if any(after.get(name, 0) < value for name, value in before.items()):
            actions |= Action.UPDATE_SCALE_DOWN
    if old.spec.node_selector != new.spec.node_selector or old.spec.affinity != new.spec.affinity:
        actions |= Action.UPDATE_GATES  # only gated Pods may change these
    return actions


def node_changes(old: Any, new: Any) -> Action:
    """What of a node's change may matter; most updates are heartbeats and matter to nobody."""
    actions = Action(0)
    if old.status.allocatable != new.status.allocatable:
        actions |= Action.UPDATE_ALLOCATABLE
    if old.metadata.labels != new.metadata.labels:
        actions |= Action.UPDATE_LABEL
    if old.spec.taints != new.spec.taints or old.spec.unschedulable != new.spec.unschedulable:
        actions |= Action.UPDATE_TAINT
    return actions
