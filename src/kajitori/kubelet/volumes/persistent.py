"""persistentVolumeClaim and ephemeral volumes: from the claim to the folder on this node that its volume means.

Volumes with `hostPath` and `local` sources; anything else has no plugin here. May import: api, machinery.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from kajitori.kubelet.volumes.hostpath import HostPathError, prepare
from kajitori.kubelet.volumes.ownership import give_to_group
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.api.core.v1 import PersistentVolume, PersistentVolumeClaim, Pod, Volume


class ClaimError(Exception):
    """The claim has no volume that this node can use (yet)."""


class Claims(Protocol):
    """The API objects behind a claim; both raise `StatusError`."""

    async def claim(self, namespace: str, name: str) -> PersistentVolumeClaim: ...

    async def volume(self, name: str) -> PersistentVolume: ...


def claim_name(pod: Pod, volume: Volume) -> str | None:
    """The claim of such a volume, for an ephemeral one POD-VOLUME; None for a volume of any other kind."""
    if volume.persistent_volume_claim is not None:
        return volume.persistent_volume_claim.claim_name
    if volume.ephemeral is not None:
        return f"{pod.metadata.name}-{volume.name}"
    return None


async def path_of(pod: Pod, volume: Volume, claims: Claims) -> str:
    """The folder, given to the Pod's fsGroup if it is a `local` volume's. Raises `ClaimError`, also while unbound."""
    namespace, name = pod.metadata.namespace or "", claim_name(pod, volume) or ""
    try:
        claim = await claims.claim(namespace, name)
        if claim.status.phase != "Bound" or not claim.spec.volume_name:
            raise ClaimError(_unprocessed(volume, f"error processing PVC {namespace}/{name}: PVC is not bound"))
        persistent = await claims.volume(claim.spec.volume_name)
    except (StatusError, OSError) as err:
        raise ClaimError(_unprocessed(volume, f"error processing PVC {namespace}/{name}: {err}")) from err
    path = local_path(persistent)
    context = pod.spec.security_context
    if persistent.spec.local is not None and context is not None and context.fs_group is not None:
        policy = context.fs_group_change_policy or ""
        read_only = bool(volume.persistent_volume_claim and volume.persistent_volume_claim.read_only)
        await asyncio.to_thread(give_to_group, path, context.fs_group, policy=policy, read_only=read_only)
    return path


def local_path(persistent: PersistentVolume) -> str:
    """The volume's path on this node, made or checked as its hostPath type says. Raises `ClaimError`."""
    name = persistent.metadata.name
    try:
        if (host := persistent.spec.host_path) is not None:
            prepare(host.path or "", host.type or "")
            return host.path or ""
        if (local := persistent.spec.local) is not None:
            prepare(local.path or "", "Directory")
            return local.path or ""
    except HostPathError as err:
        raise ClaimError(f'MountVolume.SetUp failed for volume "{name}" : {err}') from err
    raise ClaimError(f'MountVolume.SetUp failed for volume "{name}" : no volume plugin matched')


def _unprocessed(volume: Volume, why: str) -> str:
    name = volume.name
    return (
        f"Unable to attach or mount volumes: unmounted volumes=[{name}], unattached volumes=[], "
        f"failed to process volumes=[{name}]: {why}"
    )
