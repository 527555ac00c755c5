"""Protection of claims and volumes: one that is deleted stays until nothing uses it any more.

Admission gives them a finalizer; here it is taken away: from a claim when no Pod that has a node names it, from a
volume when no claim is bound to it. One that lacks the finalizer gets it.
May import: client, api; never another controller.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from kajitori.api import schema
from kajitori.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Pod
from kajitori.client.lister import Lister
from kajitori.client.objects import ObjectKey
from kajitori.controllers.controller import DONE, Context, Controller, Result


class _Protection(Controller):
    """Its keys are the objects that it protects."""

    workers = 1
    finalizer: ClassVar[str]
    protected: Lister[Any]

    async def reconcile(self, key: ObjectKey) -> Result:
        obj = self.protected.get(key)
        if obj is None:
            return DONE
        going, has = obj.metadata.deletion_timestamp is not None, self.finalizer in obj.metadata.finalizers
        if going and has and not await self.in_use(key, obj):
            await self.client.update(without(obj, self.finalizer))
        elif not going and not has:
            await self.client.update(with_finalizer(obj, self.finalizer))
        return DONE

    async def in_use(self, key: ObjectKey, obj: Any) -> bool:
        """Whether the object has to stay."""
        raise NotImplementedError


class ClaimProtectionController(_Protection):
    """Keeps claims that Pods use."""

    name, account = "persistentvolumeclaim-protection-controller", "pvc-protection-controller"
    finalizer = "kubernetes.io/pvc-protection"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.protected = self.watch(context.informers.of(PersistentVolumeClaim)).lister
        self.pods = self.use(context.informers.of(Pod), on_delete=lambda pod: self.enqueue(claims_of(pod))).lister

    async def in_use(self, key: ObjectKey, obj: PersistentVolumeClaim) -> bool:
        if is_used(key, self.pods.in_namespace(key.namespace)):
            return True
        seen = await self.client.list(Pod, key.namespace)  # the lister may not know of the youngest Pod yet
        return is_used(key, seen.items)


class VolumeProtectionController(_Protection):
    """Keeps volumes that claims are bound to."""

    name, account = "persistentvolume-protection-controller", "pv-protection-controller"
    finalizer = "kubernetes.io/pv-protection"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.protected = self.watch(context.informers.of(PersistentVolume)).lister

    async def in_use(self, key: ObjectKey, obj: PersistentVolume) -> bool:
        return obj.status.phase == "Bound"


def claims_of(pod: Pod) -> list[ObjectKey]:
    """The claims that a Pod names, or that are made for it."""
    metadata = pod.metadata
    found = []
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim is not None:
            found.append(ObjectKey(metadata.namespace or "", volume.persistent_volume_claim.claim_name or ""))
        elif volume.ephemeral is not None:
            found.append(ObjectKey(metadata.namespace or "", f"{metadata.name}-{volume.name}"))
    return found


def is_used(claim: ObjectKey, pods: Iterable[Pod]) -> bool:
    """Whether a Pod that has a node names the claim: a kubelet may be mounting it."""
    return any(pod.spec.node_name and claim in claims_of(pod) for pod in pods)


def without(obj: Any, finalizer: str) -> Any:
    """A copy of the object without this finalizer."""
    changed = schema.clone(obj)
    changed.metadata.finalizers = [name for name in obj.metadata.finalizers if name != finalizer]
    return changed


def with_finalizer(obj: Any, finalizer: str) -> Any:
    """A copy of the object with this finalizer as its last."""
    changed = schema.clone(obj)
    changed.metadata.finalizers = [*obj.metadata.finalizers, finalizer]
    return changed
