"""Namespace controller: empties a namespace that is being deleted, then lets it go.

Everything that discovery knows and that can be deleted is deleted, resource by resource; what remains (finalizers, Pods
in their grace period) is told in the namespace's conditions and looked at again.
May import: client, api, machinery; never another controller.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import orjson

from kajitori.aiokit.backoff import KeyedBackoff
from kajitori.api import schema
from kajitori.api.core.v1 import Namespace, NamespaceCondition
from kajitori.client.discovery import APIResource
from kajitori.client.objects import ObjectKey
from kajitori.client.rest import delete_options
from kajitori.client.sources import METADATA_ONLY
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.errors import MethodNotSupported, NotFound, StatusError
from kajitori.machinery.times import format_time

FINALIZER = "kubernetes"


@dataclass
class Remains:
    """What was found in a namespace after everything has been asked to go."""

    counts: dict[str, int] = field(default_factory=dict)  # "pods.", "deployments.apps" → objects
    finalizers: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    undiscovered: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.counts or self.failures or self.undiscovered)


class NamespaceController(Controller):
    name, workers = "namespace-controller", 4

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.pauses: KeyedBackoff[ObjectKey] = KeyedBackoff(0.1, max_s=5.0, clock=context.clock.monotonic)
        self.namespaces = self.watch(context.informers.of(Namespace)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        known = self.namespaces.get(key)
        if known is None or known.metadata.deletion_timestamp is None or FINALIZER not in known.spec.finalizers:
            return DONE
        namespace = await self.client.get(Namespace, key.name)
        if namespace.metadata.uid != known.metadata.uid:
            return DONE
        remains = await self._empty(key.name)
        await self._tell(namespace, remains)
        if remains.nothing:
            self.pauses.reset(key)
            await self._finalize(key.name)
            return DONE
        return Result(requeue_after_s=self.pauses.next(key))

    async def _empty(self, name: str) -> Remains:
        remains = Remains()
        found = await self.context.discovery.refresh()
        remains.undiscovered = list(found.failed)
        resources = [r for r in found.preferred() if r.namespaced and {"list", "delete"} <= set(r.verbs)]
        pods = [r for r in resources if (r.group, r.plural) == ("", "pods")]
        for resource in pods:  # first, and alone: a Pod on its way out may still need its policies and secrets
            await self._empty_resource(resource, name, remains)
        if remains.counts:
            return remains
        async with asyncio.TaskGroup() as group:
            for resource in resources:
                if resource not in pods:
                    group.create_task(self._empty_resource(resource, name, remains))
        return remains

    async def _empty_resource(self, resource: APIResource, namespace: str, remains: Remains) -> None:
        try:
            left = await self._list(resource, namespace)
            if not left:
                return
            await self._delete_all(resource, namespace, left)
            left = await self._list(resource, namespace)
        except (MethodNotSupported, NotFound):
            return  # it went away between discovery and now
        except StatusError as error:
            remains.failures.append(f"unable to delete {resource.group_resource}: {error.message}")
            return
        if left:
            remains.counts[f"{resource.plural}.{resource.group}"] = len(left)  # with the dot that upstream prints
            for meta in left:
                for finalizer in meta.get("finalizers") or ():
                    remains.finalizers[finalizer] = remains.finalizers.get(finalizer, 0) + 1

    async def _list(self, resource: APIResource, namespace: str) -> list[dict[str, Any]]:
        response = await self.client.raw("GET", resource.url(namespace), accept=METADATA_ONLY)
        return [item["metadata"] for item in orjson.loads(response.body).get("items") or ()]

    async def _delete_all(self, resource: APIResource, namespace: str, left: list[dict[str, Any]]) -> None:
        options = delete_options(propagation_policy="Background")
        if "deletecollection" in resource.verbs:
            await self.client.raw("DELETE", resource.url(namespace), body=options)
            return
        for meta in left:
            await self.client.raw("DELETE", resource.url(namespace, meta["name"]), body=options)

    async def _tell(self, namespace: Namespace, remains: Remains) -> None:
        fresh = conditions_of(namespace, remains, format_time(self.clock.now()))
        if fresh is None:
            return
        changed = schema.clone(namespace)
        changed.status.conditions = [schema.from_wire(NamespaceCondition, wire) for wire in fresh]
        try:
            await self.client.update_status(changed)
        except NotFound:
            return

    async def _finalize(self, name: str) -> None:
        try:
            path = f"/api/v1/namespaces/{name}"
            body = orjson.loads((await self.client.raw("GET", path)).body)
            rest = [f for f in body.get("spec", {}).get("finalizers") or () if f != FINALIZER]
            body.setdefault("spec", {})["finalizers"] = rest
            await self.client.raw("PUT", f"{path}/finalize", body=body)
        except NotFound:
            return


def conditions_of(namespace: Namespace, remains: Remains, now: str) -> list[dict[str, Any]] | None:
    """The namespace's conditions in wire form, or None when they say all this already."""
    old = {c.type: c for c in namespace.status.conditions}
    fresh, changed = [], False
    for type_, status, reason, message in _verdicts(remains):
        before = old.get(type_)
        same = before is not None and before.status == status
        changed = changed or not same or before is None or (before.reason, before.message) != (reason, message)
        since = before.last_transition_time if same and before is not None else now
        fresh.append(
            {"type": type_, "status": status, "reason": reason, "message": message, "lastTransitionTime": since}
        )
    return fresh if changed else None


def _verdicts(remains: Remains) -> list[tuple[str, str, str, str]]:
    counts = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(remains.counts.items()))
    finalizers = ", ".join(f"{name} in {n} resource instances" for name, n in sorted(remains.finalizers.items()))
    undiscovered = (
        "Discovery failed for some groups, "
        + f"{len(remains.undiscovered)} failing: "
        + ("unable to retrieve the complete list of server APIs: " + ", ".join(remains.undiscovered))
    )
    failed = (
        "Failed to delete all resource types, " + f"{len(remains.failures)} remaining: " + ("; ".join(remains.failures))
    )
    return [
        _verdict(
            bool(remains.undiscovered),
            ("NamespaceDeletionDiscoveryFailure", "DiscoveryFailed", undiscovered),
            ("ResourcesDiscovered", "All resources successfully discovered"),
        ),
        _verdict(
            False,
            ("NamespaceDeletionGroupVersionParsingFailure", "", ""),
            ("ParsedGroupVersions", "All legacy kube types successfully parsed"),
        ),
        _verdict(
            bool(remains.failures),
            ("NamespaceDeletionContentFailure", "ContentDeletionFailed", failed),
            ("ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
        ),
        _verdict(
            bool(remains.counts),
            ("NamespaceContentRemaining", "SomeResourcesRemain", f"Some resources are remaining: {counts}"),
            ("ContentRemoved", "All content successfully removed"),
        ),
        _verdict(
            bool(remains.finalizers),
            (
                "NamespaceFinalizersRemaining",
                "SomeFinalizersRemain",
                f"Some content in the namespace has finalizers remaining: {finalizers}",
            ),
            ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
        ),
    ]


def _verdict(bad: bool, problem: tuple[str, str, str], fine: tuple[str, str]) -> tuple[str, str, str, str]:
    type_, reason, message = problem
    return (type_, "True", reason, message) if bad else (type_, "False", *fine)
