"""Protection of claims and volumes: one that is deleted stays until nothing uses it any more.

Admission gives them a finalizer; here it is taken away: from a claim when no Pod that has a node names it, from a
volume when no claim is bound to it. One that lacks the finalizer gets it.
May import: client, api; never another controller.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kajitori.api import schema
from kajitori.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Pod
from kajitori.client.objects import ObjectKey
from kajitori.controllers.controller import DONE, Context, Controller, Result

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"


class ClaimProtectionController(Controller):
    """Its keys are claims."""

    name, workers = "persistentvolumeclaim-protection-controller", 1
    account = "pvc-protection-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.claims = self.watch(context.informers.of(PersistentVolumeClaim)).lister
        self.pods = self.use(context.informers.of(Pod), on_delete=lambda pod: self.enqueue(claims_of(pod))).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        claim = self.claims.get(key)
        if claim is None:
            return DONE
        going = claim.metadata.deletion_timestamp is not None
        if going and CLAIM_FINALIZER in claim.metadata.finalizers:
            if not is_used(key, self.pods.in_namespace(key.namespace)):
                seen = await self.client.list(Pod, key.namespace)  # the lister may not know of the youngest Pod yet
                if not is_used(key, seen.items):
                    await self.client.update(without(claim, CLAIM_FINALIZER))
        elif not going and CLAIM_FINALIZER not in claim.metadata.finalizers:
            await self.client.update(with_finalizer(claim, CLAIM_FINALIZER))
        return DONE


class VolumeProtectionController(Controller):
    """Its keys are volumes."""

    name, workers = "persistentvolume-protection-controller", 1
    account = "pv-protection-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.volumes = self.watch(context.informers.of(PersistentVolume)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        volume = self.volumes.get(key)
        if volume is None:
            return DONE
        going = volume.metadata.deletion_timestamp is not None
        if going and VOLUME_FINALIZER in volume.metadata.finalizers:
            if volume.status.phase != "Bound":
                await self.client.update(without(volume, VOLUME_FINALIZER))
        elif not going and VOLUME_FINALIZER not in volume.metadata.finalizers:
            await self.client.update(with_finalizer(volume, VOLUME_FINALIZER))
        return DONE


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
