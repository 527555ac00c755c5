"""ResourceQuota controller: counts what namespaces use and keeps it in their quotas' status.

The API server charges new objects itself (admission); the controller gives back what is deleted, finished or shrunk,
takes over changed limits, and counts everything anew every five minutes. Resources of which a quota merely counts
objects are watched, as metadata alone, from when a quota first names them.
May import: client, api, machinery; never another controller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from kajitori.api import schema
from kajitori.api.core import quota as rules
from kajitori.api.core import quota_scopes
from kajitori.api.core.quota import Usage
from kajitori.api.core.v1 import PersistentVolumeClaim, Pod, ResourceQuota, Service
from kajitori.client.discovery import NoMatch
from kajitori.client.informer import Informer
from kajitori.client.objects import ObjectKey, key_of
from kajitori.client.sources import ResourceSource, metadata_source
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.controllers.pods import TERMINAL
from kajitori.machinery.quantity import Quantity, QuantityError

RESYNC_S = 300.0
QUIET_S = 0.1
"""What has just been charged may not have been written yet: only after this may a count say that less is used."""
SYNC_PATIENCE_S = 30.0


class ResourceQuotaController(Controller):
    """Its keys are quotas."""

    name, workers = "resourcequota-controller", 5

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        informers = context.informers
        self._born: dict[ObjectKey, int] = {}
        """The revision at which each quota was first seen."""
        self._charged: dict[ObjectKey, float] = {}
        """When each quota's usage was last seen to change."""
        self.quotas = self.use(
            informers.of(ResourceQuota),
            on_add=self._new_quota,
            on_update=self._quota_changed,
            on_delete=self._forget,
        ).lister
        late, gone = self._late, self._gone
        self.pods = self.use(informers.of(Pod), on_add=late, on_update=self._pod_changed, on_delete=gone).lister
        self.services = self.use(informers.of(Service), on_add=late, on_update=self._changed, on_delete=gone).lister
        claims = informers.of(PersistentVolumeClaim)
        self.claims = self.use(claims, on_add=late, on_update=self._changed, on_delete=gone).lister
        self._counters: dict[tuple[str, str], Informer[Any]] = {}

    async def reconcile(self, key: ObjectKey) -> Result:
        quota = self.quotas.get(key)
        if quota is None or quota.metadata.deletion_timestamp is not None:
            return DONE
        hard = dict(quota.spec.hard)
        await self._watch_counted(hard)
        amounts = self._used(key.namespace, schema.to_wire(quota))
        wait_s = self._charged.get(key, -QUIET_S) + QUIET_S - self.clock.monotonic()
        if wait_s > 0 and less(amounts, quota.status.used):
            return Result(requeue_after_s=wait_s)
        used = {name: str(amount) for name, amount in amounts.items()}
        if dict(quota.status.hard) != hard or not same_amounts(quota.status.used, used):
            changed = schema.clone(quota)
            changed.status.hard, changed.status.used = hard, used
            await self.client.update_status(changed)
        return Result(requeue_after_s=RESYNC_S)

    # counting

    def _used(self, namespace: str, quota: Mapping[str, Any]) -> Usage:
        """What the namespace uses of everything that the quota names and somebody knows how to count."""
        hard = (quota.get("spec") or {}).get("hard") or {}
        total: Usage = {}
        for plural, objects in (
            ("pods", self.pods),
            ("services", self.services),
            ("persistentvolumeclaims", self.claims),
        ):
            names = [name for name in hard if rules.concerns(name, "", plural)]
            if names:
                found = [schema.to_wire(obj) for obj in objects.in_namespace(namespace)]
                total |= self._sum(plural, found, quota, names)
        if any(name.endswith(rules.DEVICE_CLASS) for name in hard) and rules.DEVICE_CLAIMS in self._counters:
            total |= self._devices(namespace, quota, [name for name in hard if name.endswith(rules.DEVICE_CLASS)])
        for name in hard:
            resource = rules.counted(name)
            if name not in total and resource in self._counters:
                in_scope = not quota_scopes.scopes(quota)  # no scope holds anything but Pods and claims
                count = len(self._counters[resource].lister.in_namespace(namespace)) if in_scope else 0
                total[name] = Quantity.of(count)
        return total

    def _devices(self, namespace: str, quota: Mapping[str, Any], names: Iterable[str]) -> Usage:
        """What claims of devices ask for, by class; no scope holds them."""
        total = {name: Quantity() for name in names}
        if quota_scopes.scopes(quota):
            return total
        for claim in self._counters[rules.DEVICE_CLAIMS].lister.in_namespace(namespace):
            used = rules.device_usage(schema.to_wire(claim))
            total = {name: amount + used.get(name, Quantity()) for name, amount in total.items()}
        return total

    def _sum(self, plural: str, objects: Iterable[Any], quota: Mapping[str, Any], names: Iterable[str]) -> Usage:
        now = self.clock.now()
        total = {name: Quantity() for name in names}
        for obj in objects:
            if not quota_scopes.in_scopes(quota, "", plural, obj):
                continue
            try:
                used = rules.usage("", plural, obj, now)
            except QuantityError:
                continue
            total = {name: amount + used.get(name, Quantity()) for name, amount in total.items()}
        return total

    async def _watch_counted(self, hard: Mapping[str, str]) -> None:
        """Informers for resources that are merely counted; one that is not served (yet) is looked for again later."""
        for name in hard:
            resource = rules.DEVICE_CLAIMS if name.endswith(rules.DEVICE_CLASS) else rules.counted(name)
            if resource is None or resource in self._counters or resource in _TYPED:
                continue
            group, plural = resource
            try:
                found = await self.context.discovery.resource(f"{plural}.{group}" if group else plural)
            except NoMatch:
                continue
            if (found.group, found.plural) != resource or resource in self._counters:
                continue
            informer: Informer[Any]
            if resource == rules.DEVICE_CLAIMS:
                from kajitori.api.resource.v1 import ResourceClaim  # a large type, and few need it

                informer = Informer(ResourceSource(self.client, ResourceClaim, found.path), clock=self.clock)
            else:
                informer = Informer(metadata_source(self.client, found.path), clock=self.clock)
            informer.add_handler(on_add=self._late, on_delete=self._gone)
            self._counters[resource] = informer
            self.background.start(informer.run(), f"metadata of {plural}")
        asked = {rules.DEVICE_CLAIMS if name.endswith(rules.DEVICE_CLASS) else rules.counted(name) for name in hard}
        wanted = [counter for resource, counter in self._counters.items() if resource in asked]
        async with asyncio.timeout(SYNC_PATIENCE_S):
            for counter in wanted:
                await counter.synced()

    # hearing

    def _new_quota(self, quota: ResourceQuota) -> None:
        self._born[key_of(quota)] = int(quota.metadata.resource_version or 0)
        self._quota(quota)

    def _quota_changed(self, old: ResourceQuota, new: ResourceQuota) -> None:
        if dict(old.status.used) != dict(new.status.used):
            self._charged[key_of(new)] = self.clock.monotonic()
        self._quota(new)

    def _forget(self, quota: ResourceQuota) -> None:
        for known in (self._born, self._charged):
            known.pop(key_of(quota), None)

    def _quota(self, quota: ResourceQuota) -> None:
        if dict(quota.spec.hard) != dict(quota.status.hard):
            self.queue.add(key_of(quota))

    def _late(self, obj: Any) -> None:
        """An object older than a quota is heard of after it: nobody charged it, and the count may have missed it."""
        revision = int(obj.metadata.resource_version or 0)
        for quota in self.quotas.in_namespace(obj.metadata.namespace or ""):
            if revision <= self._born.get(key_of(quota), 0):
                self.queue.add(key_of(quota))

    def _gone(self, obj: Any) -> None:
        """Something went: its namespace's quotas may have room again."""
        for quota in self.quotas.in_namespace(obj.metadata.namespace or ""):
            self.queue.add(key_of(quota))

    def _pod_changed(self, old: Pod, new: Pod) -> None:
        finished = new.status.phase in TERMINAL and old.status.phase not in TERMINAL
        if finished or old.spec.containers != new.spec.containers or _having(old) != _having(new):
            self._gone(new)

    def _changed(self, old: Any, new: Any) -> None:
        if old.spec != new.spec or isinstance(new, PersistentVolumeClaim):
            self._gone(new)


_TYPED = frozenset({("", "pods"), ("", "services"), ("", "persistentvolumeclaims")})


def _having(pod: Pod) -> list[Any]:
    """What its containers have, which a resize changes."""
    return [status.resources for status in (*pod.status.container_statuses, *pod.status.init_container_statuses)]


def less(counted: Usage, used: Mapping[str, str]) -> bool:
    """Whether a count is below what was charged, of anything."""
    return any(name in counted and counted[name] < Quantity.parse(amount) for name, amount in used.items())


def same_amounts(a: Mapping[str, str], b: Mapping[str, str]) -> bool:
    """Whether two maps of amounts mean the same, however they are written."""
    return a.keys() == b.keys() and all(Quantity.parse(a[name]) == Quantity.parse(b[name]) for name in a)
