"""Mirror pods: the objects by which the API shows static pods. Their status is the static pod's; deleting one does
nothing to the containers, it only comes back. May import: client, api, machinery, aiokit; of the kubelet `labels`,
`pods`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.aiokit.logs import describe, get_logger
from kajitori.api import schema
from kajitori.api.core import v1
from kajitori.client.rest import Client
from kajitori.machinery.errors import AlreadyExists, NotFound, StatusError

from .. import labels
from ..pods import key_of

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

log = get_logger(__name__)


def mirror_of(static: Pod, *, node_name: str, node_uid: str) -> Pod:
    """The object to create for a static pod."""
    from kajitori.api.meta.v1 import OwnerReference

    mirror = schema.clone(static)
    mirror.metadata.uid = None
    mirror.metadata.annotations = {
        **(mirror.metadata.annotations or {}),
        labels.CONFIG_MIRROR: (static.metadata.annotations or {}).get(labels.CONFIG_HASH, ""),
    }
    mirror.metadata.owner_references = [
        OwnerReference(api_version="v1", kind="Node", name=node_name, uid=node_uid, controller=True)
    ]
    mirror.status = v1.PodStatus()
    return mirror


def is_mirror_of(mirror: Pod, static: Pod) -> bool:
    """Whether the object shows this very manifest."""
    notes = mirror.metadata.annotations or {}
    return notes.get(labels.CONFIG_MIRROR) == (static.metadata.annotations or {}).get(labels.CONFIG_HASH)


async def ensure_mirror(client: Client, static: Pod, present: Pod | None, *, node_name: str, node_uid: str) -> None:
    """Make the API show a static pod: replace a stale mirror, create a missing one."""
    try:
        if present is not None and (
            not is_mirror_of(present, static) or present.metadata.deletion_timestamp is not None
        ):
            await delete_mirror(client, present)
            present = None
        if present is None:
            await client.create(mirror_of(static, node_name=node_name, node_uid=node_uid))
    except AlreadyExists:
        pass  # our own list lags behind; the next change of it decides
    except (StatusError, OSError) as error:
        log.v(1).info("cannot create mirror pod", pod=key_of(static), err=describe(error))
        raise


async def delete_mirror(client: Client, mirror: Pod) -> None:
    """Remove a mirror at once."""
    meta = mirror.metadata
    try:
        await client.delete(v1.Pod, meta.name or "", meta.namespace, grace_period_s=0, uid=meta.uid)
    except NotFound:
        pass
