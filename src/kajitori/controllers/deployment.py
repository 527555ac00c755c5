"""Deployment controller: rolls from one ReplicaSet to the next, and back.

What may be how large is decided in `deployment_sizes`, what the history is in `deployment_revisions`, what the status
says in `deployment_status`; here it is fetched and carried out. May import: client, api, machinery.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.api import schema
from kajitori.api.apps.v1 import Deployment, DeploymentStatus, ReplicaSet
from kajitori.api.core.v1 import Pod
from kajitori.client.lister import by_owner
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers import deployment_revisions as revisions
from kajitori.controllers import deployment_sizes as sizes
from kajitori.controllers import deployment_status as statuses
from kajitori.controllers.controller import DONE, Context, Controller, Result, is_namespace_terminating
from kajitori.controllers.owners import claim, controller_key, controller_of, owned_or_orphaned
from kajitori.controllers.pods import TERMINAL, condition
from kajitori.machinery.errors import AlreadyExists, NotFound, StatusError
from kajitori.machinery.labels import Selector

Sets = Sequence[ReplicaSet]


class DeploymentController(Controller):
    name, component, workers = "deployment-controller", "deployment-controller", 5

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        informers = context.informers
        self.deployments = self.watch(informers.of(Deployment)).lister
        replicasets = informers.of(ReplicaSet, indexers={"owner": by_owner})
        self.replicasets = self.watch(replicasets, self._concerned).lister
        self.pods = self.use(informers.of(Pod, indexers={"owner": by_owner}), on_delete=self._pod_deleted).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        cached = self.deployments.get(key)
        if cached is None:
            return DONE
        d = schema.clone(cached)
        selector = Selector.from_label_selector(d.spec.selector)
        if selector.is_everything:
            text = "This deployment is selecting all pods. A non-empty selector is required."
            self.recorder.event(d, "Warning", "SelectingAll", text)
            return DONE
        candidates = owned_or_orphaned(self.replicasets, d, selector)
        sets: list[ReplicaSet] = await claim(self.client, d, selector, candidates)
        if d.metadata.deletion_timestamp is not None:
            return await self._sync_status(d, sets)
        d = await self._note_pause(d)
        active = [rs for rs in sets if sizes.wanted(rs) > 0]
        if d.spec.paused or revisions.is_scaling(d, active):
            return await self._scale_or_pause(d, sets)
        if sizes.is_rolling(d):
            return await self._roll(d, sets)
        return await self._recreate(d, sets)

    # strategies

    async def _roll(self, d: Deployment, sets: Sets) -> Result:
        d, new, old = await self._with_new(d, sets)
        if new is None:
            return DONE
        size = sizes.new_size(d, [*old, new], new)
        if size != sizes.wanted(new):
            new = await self._resize(d, new, size)
            return await self._finish(d, [*old, new], new)
        smaller = sizes.shrink_old(d, [rs for rs in old if sizes.wanted(rs) > 0], new)
        for name, size in smaller.items():
            old = [await self._resize(d, rs, size) if rs.metadata.name == name else rs for rs in old]
        if not smaller and statuses.is_complete(d, d.status):
            old = await self._forget(d, old)
        return await self._finish(d, [*old, new], new)

    async def _recreate(self, d: Deployment, sets: Sets) -> Result:
        new = revisions.find_new(d, sets)
        old = [rs for rs in sets if rs is not new]
        if any(sizes.wanted(rs) > 0 for rs in old):
            old = [await self._resize(d, rs, 0) if sizes.wanted(rs) else rs for rs in old]
            return await self._finish(d, [*old, *([new] if new else [])], new)
        if self._old_pods_run(old):
            return await self._finish(d, sets, new)
        d, new, old = await self._with_new(d, sets)
        if new is None:
            return DONE
        if sizes.wanted(new) != sizes.wanted(d):
            new = await self._resize(d, new, sizes.wanted(d))
        if statuses.is_complete(d, d.status):
            old = await self._forget(d, old)
        return await self._finish(d, [*old, new], new)

    async def _scale_or_pause(self, d: Deployment, sets: Sets) -> Result:
        """The size changed, or nothing but the size may change."""
        new = revisions.find_new(d, sets)
        if new is not None:
            d, new, _ = await self._with_new(d, sets)
        old = [rs for rs in sets if new is None or rs.metadata.uid != new.metadata.uid]
        everyone = [*old, *([new] if new is not None else [])]
        for name, size in self._sizes_after_scaling(d, old, new).items():
            everyone = [await self._resize(d, rs, size) if rs.metadata.name == name else rs for rs in everyone]
        if d.spec.paused:
            await self._forget(d, old)
        return await self._sync_status(d, everyone)

    def _sizes_after_scaling(self, d: Deployment, old: Sets, new: ReplicaSet | None) -> dict[str, int]:
        everyone = [*old, *([new] if new is not None else [])]
        active = [rs for rs in everyone if sizes.wanted(rs) > 0]
        alone = active[0] if len(active) == 1 else None
        if not active and everyone:
            alone = new or max(old, key=sizes.age)
        if alone is not None:
            return {alone.metadata.name or "": sizes.wanted(d)}
        if _is_saturated(d, new):
            return {rs.metadata.name or "": 0 for rs in old if sizes.wanted(rs) > 0}
        if not sizes.is_rolling(d):
            return {}
        most = {rs.metadata.name or "": revisions.number(rs.metadata.annotations, revisions.MOST) or 0 for rs in active}
        return sizes.proportional(d, active, most)

    # the new ReplicaSet

    async def _with_new(self, d: Deployment, sets: Sets) -> tuple[Deployment, ReplicaSet | None, list[ReplicaSet]]:
        """The Deployment, its new ReplicaSet (made if need be) and the old ones; revisions are brought up to date."""
        new = revisions.find_new(d, sets)
        old = [rs for rs in sets if rs is not new]
        number = revisions.next_revision(old)
        if new is not None:
            new = await self._refresh(d, new, number)
            why = ("FoundNewReplicaSet", f'Found new replica set "{new.metadata.name}"')
            d = await self._note_revision(d, new, why if condition(d, "Progressing") is None else None)
            return d, new, old
        size = sizes.new_size(d, old, None)
        wire = revisions.new_replicaset(d, number, size)
        try:
            new = await self.client.create(schema.from_wire(ReplicaSet, wire), namespace=d.metadata.namespace)
        except AlreadyExists:
            return await self._existing_or_collision(d, wire["metadata"]["name"], old)
        except StatusError as error:
            if is_namespace_terminating(error):
                return d, None, old
            await self._note_failed_create(d, wire["metadata"]["name"], error)
            raise
        if size > 0:
            text = f"Scaled up replica set {new.metadata.name} from 0 to {size}"
            self.recorder.event(d, "Normal", "ScalingReplicaSet", text)
        d = await self._note_revision(
            d, new, ("NewReplicaSetCreated", f'Created new replica set "{new.metadata.name}"')
        )
        return d, new, old

    async def _refresh(self, d: Deployment, rs: ReplicaSet, number: int) -> ReplicaSet:
        annotations = revisions.annotations_for(d, rs, number)
        patch: dict[str, Any] = {}
        if annotations != rs.metadata.annotations:
            patch["metadata"] = {"annotations": annotations}
        if (rs.spec.min_ready_seconds or 0) != (d.spec.min_ready_seconds or 0):
            patch["spec"] = {"minReadySeconds": d.spec.min_ready_seconds or 0}
        return await self._patch(rs, patch) if patch else rs

    async def _existing_or_collision(
        self, d: Deployment, name: str, old: list[ReplicaSet]
    ) -> tuple[Deployment, ReplicaSet | None, list[ReplicaSet]]:
        """The name is taken: by ourselves, a moment ago and not yet in our cache, or by another template's hash."""
        rs = await self.client.get(ReplicaSet, name, d.metadata.namespace)
        ref = controller_of(rs)
        if ref is not None and ref.uid == d.metadata.uid and revisions.find_new(d, [rs]) is not None:
            return d, rs, [other for other in old if other.metadata.uid != rs.metadata.uid]
        d.status.collision_count = (d.status.collision_count or 0) + 1
        await self.client.update_status(d)  # its change wakes us again, and the hash will be another
        return d, None, old

    async def _note_revision(self, d: Deployment, new: ReplicaSet, progress: tuple[str, str] | None) -> Deployment:
        """Writes the revision and, where a rollout begins, why it progresses. Both live on the Deployment."""
        changed = False
        number = new.metadata.annotations.get(revisions.REVISION, "")
        if d.metadata.annotations.get(revisions.REVISION) != number:
            d.metadata.annotations[revisions.REVISION] = number
            changed = True
        if progress is not None and statuses.has_deadline(d):
            d.status.conditions = self._with(d, "True", *progress)
            changed = True
        return schema.clone(await self.client.update_status(d)) if changed else d

    async def _note_failed_create(self, d: Deployment, name: str, error: StatusError) -> None:
        text = f'Failed to create new replica set "{name}": {error.message}'
        self.recorder.event(d, "Warning", "ReplicaSetCreateError", text)
        if statuses.has_deadline(d):
            d.status.conditions = self._with(d, "False", "ReplicaSetCreateError", text)
            await self.client.update_status(d)

    async def _note_pause(self, d: Deployment) -> Deployment:
        """So that the time spent in a pause does not count as time without progress."""
        current = condition(d, "Progressing")
        if not statuses.has_deadline(d) or (current is not None and current.reason == "ProgressDeadlineExceeded"):
            return d
        noted = current is not None and current.reason == "DeploymentPaused"
        if bool(d.spec.paused) == noted:
            return d
        verdict = ("DeploymentPaused", "Deployment is paused")
        if noted:
            verdict = ("DeploymentResumed", "Deployment is resumed")
        d.status.conditions = self._with(d, "Unknown", *verdict)
        return schema.clone(await self.client.update_status(d))

    def _with(self, d: Deployment, status: str, reason: str, message: str) -> statuses.Conditions:
        new = statuses.make_condition("Progressing", status, reason, message, self.clock.now())
        return statuses.with_condition(d.status.conditions, new)

    # acting

    async def _resize(self, d: Deployment, rs: ReplicaSet, size: int) -> ReplicaSet:
        before = sizes.wanted(rs)
        annotations = revisions.size_annotations(d)
        if size == before and annotations.items() <= rs.metadata.annotations.items():
            return rs
        rs = await self._patch(rs, {"spec": {"replicas": size}, "metadata": {"annotations": annotations}})
        if size != before:
            way = "up" if size > before else "down"
            text = f"Scaled {way} replica set {rs.metadata.name} from {before} to {size}"
            self.recorder.event(d, "Normal", "ScalingReplicaSet", text)
        return rs

    async def _patch(self, rs: ReplicaSet, patch: dict[str, Any]) -> ReplicaSet:
        metadata = {**patch.get("metadata", {}), "resourceVersion": rs.metadata.resource_version}
        return await self.client.patch(
            ReplicaSet,
            rs.metadata.name or "",
            {**patch, "metadata": metadata},
            namespace=rs.metadata.namespace,
            patch_type="merge",
        )

    async def _forget(self, d: Deployment, old: Sets) -> list[ReplicaSet]:
        gone = set()
        for rs in revisions.forgettable(d, old):
            try:
                await self.client.delete(ReplicaSet, rs.metadata.name or "", rs.metadata.namespace, uid=rs.metadata.uid)
            except NotFound:
                pass  # somebody else was faster
            gone.add(rs.metadata.uid)
        return [rs for rs in old if rs.metadata.uid not in gone]

    async def _finish(self, d: Deployment, sets: Sets, new: ReplicaSet | None) -> Result:
        status = statuses.rollout_status(d, sets, new, self.clock.now())
        await self._write_status(d, status)
        return Result(requeue_after_s=statuses.check_again_s(d, status, self.clock.now()))

    async def _sync_status(self, d: Deployment, sets: Sets) -> Result:
        await self._write_status(d, statuses.counts(d, sets, revisions.find_new(d, sets), self.clock.now()))
        return DONE

    async def _write_status(self, d: Deployment, status: DeploymentStatus) -> None:
        if schema.encode(status) != schema.encode(d.status):
            changed = schema.clone(d)
            changed.status = status
            await self.client.update_status(changed)

    def _old_pods_run(self, old: Sets) -> bool:
        if any(rs.status.replicas for rs in old):
            return True
        pods = (pod for rs in old for pod in self.pods.by_index("owner", rs.metadata.uid or ""))
        return any(pod.status.phase not in TERMINAL for pod in pods)

    # hearing

    def _concerned(self, rs: ReplicaSet) -> ObjectKey | list[ObjectKey] | None:
        if controller_of(rs) is not None:
            return controller_key(rs, "Deployment", "apps")
        same = self.deployments.in_namespace(rs.metadata.namespace or "")
        return [key_of(d) for d in same if Selector.from_label_selector(d.spec.selector).matches(rs.metadata.labels)]

    def _pod_deleted(self, pod: Pod) -> None:
        """Recreate waits for the last old Pod to be gone, which changes no ReplicaSet."""
        owner = controller_key(pod, "ReplicaSet", "apps")
        rs = self.replicasets.get(owner) if owner is not None else None
        key = controller_key(rs, "Deployment", "apps") if rs is not None else None
        d = self.deployments.get(key) if key is not None else None
        if d is not None and not sizes.is_rolling(d):
            self.enqueue(key)


def _is_saturated(d: Deployment, new: ReplicaSet | None) -> bool:
    """The new ReplicaSet is all that is wanted, so the old ones need not stay."""
    if new is None:
        return False
    wanted = sizes.wanted(d)
    desired = revisions.number(new.metadata.annotations, revisions.DESIRED)
    return desired == wanted == sizes.wanted(new) == (new.status.available_replicas or 0)
