"""Owner references: who controls what, adopting the orphans that match and releasing what no longer does.

May import: client, api, machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from kajitori.client.lister import Lister, orphans
from kajitori.client.objects import ObjectKey
from kajitori.client.rest import Client
from kajitori.machinery.errors import Invalid, NotFound
from kajitori.machinery.labels import Selector

Kind = TypeVar("Kind", bound=Any)


def controller_of(obj: Any) -> Any | None:
    """The owner reference that controls an object."""
    return next((ref for ref in obj.metadata.owner_references if ref.controller), None)


def controller_key(obj: Any, kind: str, group: str) -> ObjectKey | None:
    """The key of the controlling owner if it is of this kind."""
    ref = controller_of(obj)
    if ref is None or ref.kind != kind or ref.api_version.rpartition("/")[0] != group:
        return None
    return ObjectKey(obj.metadata.namespace or "", ref.name)


def controller_reference(owner: Any) -> dict[str, Any]:
    """The ownerReference, as wire, of what `owner` controls; its foreground deletion waits for it."""
    return {
        "apiVersion": owner.API_VERSION,
        "kind": owner.KIND,
        "name": owner.metadata.name,
        "uid": owner.metadata.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def owned_or_orphaned(lister: Lister[Kind], owner: Any, selector: Selector) -> list[Kind]:
    """What `claim` should be shown, by the index `by_owner`: all that is owned, and the orphans that match."""
    free = lister.by_index("owner", orphans(owner.metadata.namespace or ""))
    return lister.by_index("owner", owner.metadata.uid or "") + [
        obj for obj in free if selector.matches(obj.metadata.labels)
    ]


async def claim(
    client: Client,
    owner: Kind,
    selector: Selector,
    candidates: Iterable[Any],
    *,
    may_adopt: Callable[[Any], bool] = lambda obj: True,
) -> list[Any]:
    """The candidates that belong to `owner`, after adopting matching orphans and releasing what ceased to match."""
    mine, fresh = [], None
    for obj in candidates:
        ref = controller_of(obj)
        matches = selector.matches(obj.metadata.labels)
        if ref is not None and ref.uid == owner.metadata.uid:
            if matches:
                mine.append(obj)
            elif owner.metadata.deletion_timestamp is None:
                await _release(client, owner, obj)
        elif ref is None and matches and owner.metadata.deletion_timestamp is None:
            if obj.metadata.deletion_timestamp is not None or not may_adopt(obj):
                continue
            if fresh is None:  # the cache may not know that the owner is being deleted: ask before adopting
                fresh = await client.get(type(owner), owner.metadata.name, owner.metadata.namespace)
            if fresh.metadata.uid != owner.metadata.uid or fresh.metadata.deletion_timestamp is not None:
                continue
            if (adopted := await _adopt(client, owner, obj)) is not None:
                mine.append(adopted)
    return mine


async def _adopt(client: Client, owner: Any, obj: Any) -> Any | None:
    metadata = {"ownerReferences": [controller_reference(owner)], "uid": obj.metadata.uid}
    try:
        return await client.patch(
            type(obj), obj.metadata.name, {"metadata": metadata}, namespace=obj.metadata.namespace
        )
    except NotFound:
        return None


async def _release(client: Client, owner: Any, obj: Any) -> None:
    reference = {"$patch": "delete", "uid": owner.metadata.uid}
    patch = {"metadata": {"uid": obj.metadata.uid, "ownerReferences": [reference]}}
    try:
        await client.patch(type(obj), obj.metadata.name, patch, namespace=obj.metadata.namespace)
    except (NotFound, Invalid):
        return  # gone, or another object by now: released either way
