"""ReplicaSet controller: keeps spec.replicas Pods alive. The same for ReplicationControllers, which came before it.

May import: client, api, machinery; never another controller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from kajitori.api import schema
from kajitori.api.apps.v1 import ReplicaSet
from kajitori.api.core.v1 import Pod, ReplicationController
from kajitori.client.lister import by_owner
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers.controller import DONE, Context, Controller, Result, is_namespace_terminating
from kajitori.controllers.expectations import Expectations
from kajitori.controllers.owners import (
    claim,
    controller_key,
    controller_of,
    controller_reference,
    owned_or_orphaned,
)
from kajitori.controllers.pods import is_active
from kajitori.controllers.replicaset_plan import Steps, next_check_s, plan, status_of
from kajitori.machinery.errors import NotFound, StatusError
from kajitori.machinery.labels import Selector

Replicated = ReplicaSet | ReplicationController


class ReplicaSetController(Controller):
    name, component, workers = "replicaset-controller", "replicaset-controller", 5
    kind: type[ReplicaSet | ReplicationController] = ReplicaSet
    group = "apps"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.expectations = Expectations(context.clock.monotonic)
        self.replicasets = self.watch(context.informers.of(self.kind, indexers={"owner": by_owner})).lister
        self.pods = self.use(
            context.informers.of(Pod, indexers={"owner": by_owner}),
            on_add=self._pod_added,
            on_update=self._pod_updated,
            on_delete=self._pod_deleted,
        ).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        rs = self.replicasets.get(key)
        if rs is None:
            self.expectations.forget(key)
            return DONE  # gone: what it owned belongs to the garbage collector
        may_act = self.expectations.satisfied(key)
        selector = selector_of(rs)
        candidates = owned_or_orphaned(self.pods, rs, selector)
        owned: list[Pod] = await claim(self.client, rs, selector, candidates, may_adopt=is_active)
        active = [pod for pod in owned if is_active(pod)]
        failure: tuple[str, str] | None = None
        error: StatusError | None = None
        if may_act and rs.metadata.deletion_timestamp is None:
            steps = plan(rs, active, self._related(rs), self.clock.now())
            error = await self._carry_out(key, rs, steps)
            if error is not None:
                failure = ("FailedCreate" if steps.create else "FailedDelete", error.message)
        await self._update_status(rs, active, failure)
        if error is not None:
            raise error
        return Result(requeue_after_s=next_check_s(rs, active, self.clock.now()))

    # acting

    async def _carry_out(self, key: ObjectKey, rs: Replicated, steps: Steps) -> StatusError | None:
        if steps.create:
            return await self._create(key, rs, steps.create)
        if steps.delete:
            return await self._delete(key, rs, steps.delete)
        return None

    async def _create(self, key: ObjectKey, rs: Replicated, count: int) -> StatusError | None:
        """In batches of 1, 2, 4 …: if the first is refused (a quota, say), the other 499 are not even tried."""
        self.expectations.expect_creates(key, count)
        left, batch = count, 1
        while left:
            batch = min(batch, left)
            answers = await asyncio.gather(*(self._create_one(rs) for _ in range(batch)))
            left -= batch
            failed = [error for error in answers if error is not None]
            if failed:
                self.expectations.observed_create(key, len(failed) + left)
                real = [error for error in failed if not is_namespace_terminating(error)]
                return real[0] if real else None
            batch *= 2
        return None

    async def _create_one(self, rs: Replicated) -> StatusError | None:
        try:
            pod = await self.client.create(pod_from_template(rs), namespace=rs.metadata.namespace)
        except StatusError as error:
            if not is_namespace_terminating(error):
                self.recorder.event(rs, "Warning", "FailedCreate", f"Error creating: {error.message}")
            return error
        self.recorder.event(rs, "Normal", "SuccessfulCreate", f"Created pod: {pod.metadata.name}")
        return None

    async def _delete(self, key: ObjectKey, rs: Replicated, pods: Sequence[Pod]) -> StatusError | None:
        self.expectations.expect_deletes(key, (pod.metadata.uid or "" for pod in pods))
        errors = await asyncio.gather(*(self._delete_one(key, rs, pod) for pod in pods))
        return next((error for error in errors if error is not None), None)

    async def _delete_one(self, key: ObjectKey, rs: Replicated, pod: Pod) -> StatusError | None:
        try:
            await self.client.delete(Pod, pod.metadata.name or "", pod.metadata.namespace, uid=pod.metadata.uid)
        except NotFound:
            self.expectations.observed_delete(key, pod.metadata.uid or "")
            return None
        except StatusError as error:
            self.expectations.observed_delete(key, pod.metadata.uid or "")
            self.recorder.event(rs, "Warning", "FailedDelete", f"Error deleting: {error.message}")
            return error
        self.recorder.event(rs, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.metadata.name}")
        return None

    async def _update_status(self, rs: Replicated, active: Sequence[Pod], failure: tuple[str, str] | None) -> None:
        status = status_of(rs, active, failure, self.clock.now())
        if schema.encode(status) == schema.encode(rs.status):
            return
        changed = schema.clone(rs)
        changed.status = status
        await self.client.update_status(changed)

    def _related(self, rs: Replicated) -> list[Pod]:
        owner = controller_of(rs)
        uids = [rs.metadata.uid]
        if owner is not None:
            uids = [sibling.metadata.uid for sibling in self.replicasets.by_index("owner", owner.uid)]
        return [pod for uid in uids if uid for pod in self.pods.by_index("owner", uid) if is_active(pod)]

    # hearing

    def _pod_added(self, pod: Pod) -> None:
        if pod.metadata.deletion_timestamp is not None:
            self._pod_deleted(pod)
            return
        key = controller_key(pod, self.kind.KIND, self.group)
        if key is not None:
            self.expectations.observed_create(key)
            self.queue.add(key)
        elif controller_of(pod) is None:
            self._wake_matching(pod)

    def _pod_updated(self, old: Pod, new: Pod) -> None:
        if new.metadata.deletion_timestamp is not None:
            self._pod_deleted(new)
            return
        before, after = controller_key(old, self.kind.KIND, self.group), controller_key(new, self.kind.KIND, self.group)
        for key in {before, after} - {None}:
            self.enqueue(key)
        if controller_of(new) is None and (old.metadata.labels != new.metadata.labels or before != after):
            self._wake_matching(new)

    def _pod_deleted(self, pod: Pod) -> None:
        key = controller_key(pod, self.kind.KIND, self.group)
        if key is not None:
            self.expectations.observed_delete(key, pod.metadata.uid or "")
            self.queue.add(key)

    def _wake_matching(self, pod: Pod) -> None:
        for rs in self.replicasets.in_namespace(pod.metadata.namespace or ""):
            if selector_of(rs).matches(pod.metadata.labels):
                self.queue.add(key_of(rs))


class ReplicationControllerController(ReplicaSetController):
    name, component = "replicationcontroller-controller", "replication-controller"
    account = "replication-controller"
    kind = ReplicationController
    group = ""


def selector_of(rs: Replicated) -> Selector:
    """A ReplicationController's selector is a plain mapping."""
    wanted = rs.spec.selector
    return Selector.from_labels(wanted) if isinstance(wanted, dict) else Selector.from_label_selector(wanted)


def pod_from_template(rs: Replicated) -> Pod:
    """A Pod for creation, named by the server after its ReplicaSet (or ReplicationController)."""
    template: dict[str, Any] = schema.to_wire(rs.spec.template)
    metadata = dict(template.get("metadata") or {})
    kept = {name: metadata[name] for name in ("labels", "annotations", "finalizers") if metadata.get(name)}
    kept |= {"generateName": f"{rs.metadata.name}-", "ownerReferences": [controller_reference(rs)]}
    return schema.from_wire(Pod, {"metadata": kept, "spec": template.get("spec") or {}})
