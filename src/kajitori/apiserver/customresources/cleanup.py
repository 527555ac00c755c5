"""The end of a CustomResourceDefinition: its objects are deleted, then its finalizer goes.

    delete    finalizer and `Terminating` (InstanceDeletionPending) are written, then the deletionTimestamp
    step      InstanceDeletionInProgress → every object deleted → (waits for objects with finalizers) →
              InstanceDeletionCompleted, finalizer removed: the definition is gone

May import: deps, cache, objects, customresources.{definition, naming}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kajitori.api.registration import Resource
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.customresources.definition import FINALIZER, GROUP, PLURAL, TERMINATING, condition
from kajitori.apiserver.customresources.naming import set_condition
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.objects.options import DeleteOptions, WriteOptions
from kajitori.apiserver.user import LOOPBACK_USER
from kajitori.machinery.errors import NotFound
from kajitori.machinery.times import format_time

if TYPE_CHECKING:
    from kajitori.apiserver.objects.store import ObjectStore

Object = dict[str, Any]
_PENDING = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
_IN_PROGRESS = "CustomResource deletion is in progress"


async def mark(deps: ServerDeps, crd: Mapping[str, Any]) -> None:
    """Before a deletion: our finalizer and the first condition."""
    if FINALIZER in (crd["metadata"].get("finalizers") or ()):
        return

    def change(current: Object) -> None:
        finalizers = current["metadata"].setdefault("finalizers", [])
        if FINALIZER not in finalizers:
            finalizers.append(FINALIZER)
        _set(deps, current, "True", "InstanceDeletionPending", _PENDING)

    await deps.writer.guaranteed_update(GROUP, PLURAL, "", crd["metadata"]["name"], change, subresource="finalize")


def _set(deps: ServerDeps, crd: Object, status: str, reason: str, message: str) -> None:
    conditions = crd.setdefault("status", {}).setdefault("conditions", [])
    set_condition(conditions, TERMINATING, status, reason, message, format_time(deps.clock.now()))


class Cleanup:
    """One step of a deletion."""

    def __init__(self, deps: ServerDeps, cacher: Cacher, objects: ObjectStore) -> None:
        self._deps = deps
        self._cacher = cacher
        self._objects = objects

    async def step(
        self, crd: Mapping[str, Any], stored: Resource | None, wait: Callable[[str, Resource], None]
    ) -> None:
        """Delete what is left; end the definition when nothing is."""
        name = crd["metadata"]["name"]
        if FINALIZER not in (crd["metadata"].get("finalizers") or ()):
            return
        if stored is not None:
            if (condition(crd, TERMINATING) or {}).get("reason") != "InstanceDeletionInProgress":
                await self._write(name, "True", "InstanceDeletionInProgress", _IN_PROGRESS)
            await self._delete_all(stored)
            if len(self._cacher.partition(stored)):
                wait(name, stored)
                return
        await self._write(name, "False", "InstanceDeletionCompleted", "removed all instances", finish=True)

    async def _write(self, name: str, status: str, reason: str, message: str, *, finish: bool = False) -> None:
        def change(current: Object) -> None:
            _set(self._deps, current, status, reason, message)
            if finish:
                kept = [item for item in current["metadata"].get("finalizers") or () if item != FINALIZER]
                current["metadata"]["finalizers"] = kept
                if not kept:
                    del current["metadata"]["finalizers"]

        try:
            await self._deps.writer.guaranteed_update(GROUP, PLURAL, "", name, change, subresource="finalize")
        except NotFound:
            return  # somebody else was faster

    async def _delete_all(self, stored: Resource) -> None:
        await self._cacher.fresh()
        options = WriteOptions(LOOPBACK_USER, field_manager="kube-apiserver")
        for entry in list(self._cacher.partition(stored).entries(stored.storage_prefix)):
            space, _, name = entry.key.removeprefix(stored.storage_prefix).rpartition("/")
            try:
                await self._objects.delete(stored, space, name, DeleteOptions(), options)
            except NotFound:
                continue
