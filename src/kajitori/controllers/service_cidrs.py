"""ServiceCIDR controller: says that a range may be used, and lets one that is deleted go when no address of it is left.

What another range that stays contains as well is no hindrance. The addresses are asked for only while a range goes.
May import: client, api; never another controller.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from kajitori.aiokit.backoff import KeyedBackoff
from kajitori.api.networking.v1 import IPAddress, ServiceCIDR
from kajitori.client.objects import ObjectKey
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.times import format_time

FINALIZER = "networking.k8s.io/service-cidr-finalizer"
READY = "Kubernetes Service CIDR is ready"
IN_USE = "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR"
LOOK_AGAIN_S = (0.1, 5.0)
"""First and longest pause."""


class ServiceCIDRController(Controller):
    """Its keys are ServiceCIDRs."""

    name, workers = "service-cidr-controller", 1
    account = "service-cidrs-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        first_s, longest_s = LOOK_AGAIN_S
        self.pauses: KeyedBackoff[ObjectKey] = KeyedBackoff(first_s, max_s=longest_s, clock=context.clock.monotonic)
        self.cidrs = self.watch(context.informers.of(ServiceCIDR)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        cidr = self.cidrs.get(key)
        if cidr is None:
            self.pauses.reset(key)
            return DONE
        finalizers = cidr.metadata.finalizers
        if cidr.metadata.deletion_timestamp is None:
            if FINALIZER not in finalizers:
                await self._patch(cidr, {"metadata": {"finalizers": [*finalizers, FINALIZER]}})
            if state(cidr) != "True":
                await self._tell(cidr, "True", "", READY)
            return DONE
        if FINALIZER not in finalizers:
            return DONE
        if await self._is_used(cidr):
            if state(cidr) != "False":
                await self._tell(cidr, "False", "Terminating", IN_USE)
            return Result(requeue_after_s=self.pauses.next(key))
        await self._patch(cidr, {"metadata": {"finalizers": [f for f in finalizers if f != FINALIZER] or None}})
        return DONE

    async def _is_used(self, cidr: ServiceCIDR) -> bool:
        stay = [c for c in self.cidrs.list() if c.metadata.deletion_timestamp is None]
        found = await self.client.list(IPAddress)
        names = (address.metadata.name or "" for address in found.items)
        return bool(only_in(cidr.spec.cidrs, (text for other in stay for text in other.spec.cidrs), names))

    async def _tell(self, cidr: ServiceCIDR, status: str, reason: str, message: str) -> None:
        now = format_time(self.clock.now())
        condition = {"type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": now}
        await self._patch(cidr, {"status": {"conditions": [condition]}}, subresource="status")

    async def _patch(self, cidr: ServiceCIDR, body: dict[str, Any], **more: Any) -> None:
        await self.client.patch(ServiceCIDR, cidr.metadata.name or "", body, patch_type="merge", **more)


def state(cidr: ServiceCIDR) -> str:
    """The status of its condition Ready; empty without one."""
    return next((c.status or "" for c in cidr.status.conditions if c.type == "Ready"), "")


def only_in(ranges: Iterable[str], others: Iterable[str], addresses: Iterable[str]) -> list[str]:
    """Those of the addresses that are in one of the ranges and in none of the others."""
    here, there = ([ipaddress.ip_network(text, strict=False) for text in texts] for texts in (ranges, others))
    found = []
    for text in addresses:
        address = ipaddress.ip_address(text)
        if any(address in one for one in here) and not any(address in one for one in there):
            found.append(text)
    return found
