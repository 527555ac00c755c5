"""Garbage collector: deletes what lost its last owner; carries out foreground and orphan deletion.

It watches every resource that can be listed, watched and deleted: with the informers that other controllers have
anyway, else as metadata alone. The graph only says what to look at; before anything is deleted the object and its
owners are asked for afresh, and the deletion names the UID and resourceVersion that were seen.
May import: client, machinery, controllers.{controller,ownergraph}; never another controller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.services import forever
from kajitori.api.core.v1 import Endpoints, Namespace, Node, Pod, Service
from kajitori.client.codec import object_decoder
from kajitori.client.discovery import APIResource, NoMatch
from kajitori.client.informer import Handler, Informer
from kajitori.client.objects import PATCH_CONTENT_TYPES, ObjectKey
from kajitori.client.rest import delete_options
from kajitori.client.sources import METADATA_OF_ONE, LeanMeta, OwnerReference, PartialObject, metadata_source
from kajitori.controllers import ownergraph
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.controllers.ownergraph import FOREGROUND, ORPHAN, Identity, OwnerGraph, Work
from kajitori.machinery.errors import NotFound, StatusError

log = get_logger(__name__)
IGNORED = frozenset({("", "events"), ("events.k8s.io", "events")})
DEFINITIONS = frozenset(  # their changes change what there is to watch
    {("apiextensions.k8s.io", "customresourcedefinitions"), ("apiregistration.k8s.io", "apiservices")}
)
NEEDED = frozenset({"list", "watch", "delete"})
RESYNC = ObjectKey("", "resync")  # the key that stands for asking discovery what there is to watch
RESYNC_S = 600.0
SYNC_PATIENCE_S = 30.0
SETTLE_S = 1.0  # after a change among custom resources, before asking


@dataclass(eq=False)
class _Monitor:
    informer: Informer[Any]
    handler: Handler[Any]
    task: asyncio.Task[Any] | None  # None: the informer is shared and not ours to stop


class GarbageCollector(Controller):
    """Its keys: (what to do, UID)."""

    name, workers = "garbage-collector-controller", 5
    account = "generic-garbage-collector"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.graph = OwnerGraph()
        self._monitors: dict[tuple[str, str], _Monitor] = {}
        self._watched: dict[tuple[str, str], APIResource] = {}
        self._group: asyncio.TaskGroup | None = None
        self._synced = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            self.queue.add(RESYNC)
            await super().run()

    async def reconcile(self, key: ObjectKey) -> Result:
        if key == RESYNC:
            await self._resync()
            return Result(requeue_after_s=RESYNC_S)
        node = self.graph.get(key.name)
        if node is None:
            return DONE
        if not self._synced.is_set():
            await self._wait_for_monitors()
        if key.namespace == "let go":
            await self._let_go(node)
        else:
            await self._look_at(node)
        return DONE

    # what to watch

    async def _resync(self) -> None:
        found = await self.context.discovery.refresh()
        deletable = [r for r in found.preferred() if set(r.verbs) >= NEEDED]
        wanted = {(r.group, r.plural): r for r in deletable if (r.group, r.plural) not in IGNORED}
        failed = {group_version.partition("/")[0] for group_version in found.failed}
        for name in [name for name in self._monitors if name not in wanted and name[0] not in failed]:
            self._stop(name)
        for name, resource in wanted.items():
            if name not in self._monitors:
                self._start(name, resource)
        self._watched = wanted

    def _start(self, name: tuple[str, str], resource: APIResource) -> None:
        assert self._group is not None
        informer: Informer[Any] | None = self._shared(resource)
        task = None
        if informer is None:
            informer = Informer(metadata_source(self.client, resource.path), clock=self.clock)
            title = f"metadata of {resource.group_resource}"
            task = self._group.create_task(forever(informer.run(), title), name=title)
        api_version, kind = resource.api_version, resource.kind

        def seen(obj: Any) -> None:
            meta = obj.metadata
            identity = Identity(api_version, kind, meta.namespace or "", meta.name or "", meta.uid or "")
            self._enqueue(self.graph.put(identity, meta))

        def gone(obj: Any) -> None:
            self._enqueue(self.graph.remove(obj.metadata.uid or ""))

        def changed(_old: Any, new: Any) -> None:
            seen(new)

        handler = informer.add_handler(seen, changed, gone)
        if name in DEFINITIONS:
            informer.add_handler(self._definition_changed, self._definition_changed, self._definition_changed)
        self._monitors[name] = _Monitor(informer, handler, task)
        self._synced.clear()

    def _definition_changed(self, *_: Any) -> None:
        self.queue.add_after(RESYNC, SETTLE_S)

    def _shared(self, resource: APIResource) -> Informer[Any] | None:
        for kind in _shareable():
            if resource.kind == kind.KIND and resource.api_version == kind.API_VERSION:
                return self.context.informers.existing(kind)
        return None

    def _stop(self, name: tuple[str, str]) -> None:
        monitor = self._monitors.pop(name)
        monitor.informer.remove_handler(monitor.handler)
        if monitor.task is not None:
            self.background.start(_cancel(monitor.task), f"end of {name[1]}")

    async def _wait_for_monitors(self) -> None:
        """Nothing is deleted before what could own it has been seen. A resource that cannot be listed only delays."""
        try:
            async with asyncio.timeout(SYNC_PATIENCE_S):
                for monitor in list(self._monitors.values()):
                    await monitor.informer.synced()
        except TimeoutError:
            late = [name for name, monitor in self._monitors.items() if not monitor.informer.has_synced]
            log.warning("going on without some resources", resources=", ".join(f"{p}.{g}" for g, p in late))
        self._synced.set()

    def _enqueue(self, work: Work) -> None:
        for node in work.look_at:
            self.queue.add(ObjectKey("look at", node.identity.uid))
        for node in work.let_go:
            self.queue.add(ObjectKey("let go", node.identity.uid))

    # looking at one object

    async def _look_at(self, node: ownergraph.Node) -> None:
        if node.is_being_deleted and not node.waits_for_dependents:
            return  # it goes already
        latest = await self._get(node.identity)
        if latest is None or latest.uid != node.identity.uid:
            self._enqueue(self.graph.remove(node.identity.uid))
            return
        if node.waits_for_dependents:
            await self._maybe_finish_foreground(node, latest)
            return
        if not latest.owner_references:
            return
        solid, dangling, waiting = await self._classify(latest)
        if solid:
            if dangling or waiting:
                await self._drop_references(node.identity, latest, {ref.uid for ref in (*dangling, *waiting)})
            return
        if waiting and node.dependents:
            if any(dependent.waits_for_dependents for dependent in node.dependents):
                await self._unblock_owners(node.identity, latest)  # a circle: nobody would ever go first
            await self._delete(node.identity, latest, "Foreground")
            return
        policy = "Background"
        if ORPHAN in latest.finalizers:
            policy = "Orphan"
        elif FOREGROUND in latest.finalizers:
            policy = "Foreground"
        await self._delete(node.identity, latest, policy)

    async def _classify(
        self, latest: LeanMeta
    ) -> tuple[list[OwnerReference], list[OwnerReference], list[OwnerReference]]:
        """Owners that stand, owners that do not exist, and owners that only wait for their dependents to go."""
        solid, dangling, waiting = [], [], []
        for ref in latest.owner_references:
            owner = await self._get(Identity(ref.api_version, ref.kind, latest.namespace, ref.name, ref.uid))
            if owner is None or owner.uid != ref.uid:
                dangling.append(ref)
            elif owner.deletion_timestamp and FOREGROUND in owner.finalizers:
                waiting.append(ref)
            else:
                solid.append(ref)
        return solid, dangling, waiting

    async def _maybe_finish_foreground(self, node: ownergraph.Node, latest: LeanMeta) -> None:
        blocking = node.blocking_dependents()
        if not blocking:
            await self._drop_finalizer(node.identity, latest, FOREGROUND)
            return
        for dependent in blocking:
            if not dependent.waits_for_dependents:
                self.queue.add(ObjectKey("look at", dependent.identity.uid))

    async def _let_go(self, node: ownergraph.Node) -> None:
        """Orphaning: the dependents lose their reference to the owner, then the owner may go."""
        latest = await self._get(node.identity)
        if latest is None or latest.uid != node.identity.uid or ORPHAN not in latest.finalizers:
            return
        for dependent in list(node.dependents):
            meta = await self._get(dependent.identity)
            if meta is not None and meta.uid == dependent.identity.uid:
                await self._drop_references(dependent.identity, meta, {node.identity.uid})
        await self._drop_finalizer(node.identity, latest, ORPHAN)

    # calls

    async def _resource(self, identity: Identity) -> APIResource | None:
        for resource in self._watched.values():
            if resource.kind == identity.kind and resource.api_version == identity.api_version:
                return resource
        try:
            return await self.context.discovery.kind(identity.api_version, identity.kind)
        except NoMatch:
            return None

    async def _url(self, identity: Identity) -> str | None:
        resource = await self._resource(identity)
        if resource is None:
            return None
        if resource.namespaced and not identity.namespace:
            return None  # a cluster-scoped object cannot be owned by a namespaced one
        return resource.url(identity.namespace, identity.name)

    async def _get(self, identity: Identity) -> LeanMeta | None:
        url = await self._url(identity)
        if url is None:
            return None
        try:
            response = await self.client.raw("GET", url, accept=METADATA_OF_ONE)
        except NotFound:
            return None
        return object_decoder(PartialObject).decode(response.body).metadata

    async def _delete(self, identity: Identity, latest: LeanMeta, policy: str) -> None:
        log.v(1).info("deleting", object=str(identity), policy=policy)
        options = delete_options(propagation_policy=policy, uid=latest.uid, resource_version=latest.resource_version)
        await self._call("DELETE", identity, options)

    async def _drop_references(self, identity: Identity, latest: LeanMeta, uids: set[str]) -> None:
        kept = [_wire(ref) for ref in latest.owner_references if ref.uid not in uids]
        if len(kept) != len(latest.owner_references):
            await self._patch(identity, latest, {"ownerReferences": kept or None})

    async def _unblock_owners(self, identity: Identity, latest: LeanMeta) -> None:
        freed = [{**_wire(ref), "blockOwnerDeletion": False} for ref in latest.owner_references]
        fresh = await self._patch(identity, latest, {"ownerReferences": freed})
        if fresh is not None:
            latest.resource_version = fresh.resource_version

    async def _drop_finalizer(self, identity: Identity, latest: LeanMeta, finalizer: str) -> None:
        kept = [name for name in latest.finalizers if name != finalizer]
        if len(kept) != len(latest.finalizers):
            await self._patch(identity, latest, {"finalizers": kept or None})

    async def _patch(self, identity: Identity, latest: LeanMeta, metadata: dict[str, Any]) -> LeanMeta | None:
        body = {"metadata": {**metadata, "uid": latest.uid, "resourceVersion": latest.resource_version}}
        return await self._call("PATCH", identity, body, PATCH_CONTENT_TYPES["merge"])

    async def _call(
        self, method: str, identity: Identity, body: dict[str, Any], content_type: str = "application/json"
    ) -> LeanMeta | None:
        url = await self._url(identity)
        if url is None:
            return None
        try:
            response = await self.client.raw(method, url, body=body, content_type=content_type, accept=METADATA_OF_ONE)
        except NotFound:
            return None
        except StatusError as error:
            log.v(2).info("garbage collection was refused", object=str(identity), err=error.message)
            raise
        return object_decoder(PartialObject).decode(response.body).metadata if method == "PATCH" else None


def _wire(ref: OwnerReference) -> dict[str, Any]:
    wire: dict[str, Any] = {"apiVersion": ref.api_version, "kind": ref.kind, "name": ref.name, "uid": ref.uid}
    if ref.controller:
        wire["controller"] = True
    if ref.block_owner_deletion:
        wire["blockOwnerDeletion"] = True
    return wire


def _shareable() -> Iterable[Any]:
    """Kinds that other controllers keep whole."""
    from kajitori.api.apps.v1 import Deployment, ReplicaSet
    from kajitori.api.discovery.v1 import EndpointSlice
    from kajitori.api.rbac.v1 import ClusterRole

    return (Pod, Node, Namespace, Service, Endpoints, EndpointSlice, Deployment, ReplicaSet, ClusterRole)


async def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
