"""EndpointSlice mirroring: Endpoints written by hand, for a Service without selector, shown as EndpointSlices.

May import: client, api, machinery; never another controller.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import schema
from kajitori.api.core.v1 import Endpoints, Service
from kajitori.api.discovery.v1 import EndpointSlice
from kajitori.client.objects import ObjectKey
from kajitori.controllers.controller import DONE, Context, Controller, Result, is_namespace_terminating
from kajitori.controllers.owners import controller_reference
from kajitori.controllers.service_pods import HEADLESS, LAST_CHANGE, SERVICE_NAME, family_of
from kajitori.machinery.errors import NotFound, StatusError

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
CONTROLLER = "endpointslicemirroring-controller.k8s.io"
SKIP = "endpointslice.kubernetes.io/skip-mirror"
LEADER = "control-plane.alpha.kubernetes.io/leader"
MAX_PER_SUBSET = 1000


class EndpointSliceMirroringController(Controller):
    name, component, workers = "endpointslice-mirroring-controller", "endpoint-slice-mirroring-controller", 2
    account = "endpointslicemirroring-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        informers = context.informers
        self.endpoints = self.watch(informers.of(Endpoints)).lister
        self.services = self.watch(informers.of(Service)).lister
        self.slices = self.watch(informers.of(EndpointSlice), _mirrored).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        endpoints, service = self.endpoints.get(key), self.services.get(key)
        existing = [item for item in self.slices.in_namespace(key.namespace) if _mirrored(item) == key]
        wanted = mirror(endpoints) if endpoints and service and should_mirror(endpoints, service) else []
        fresh = [item for item in wanted if not any(_same(item, old) for old in existing)]
        stale = [old for old in existing if not any(_same(item, old) for item in wanted)]
        try:
            for item in fresh:
                await self.client.create(item, namespace=key.namespace)
        except StatusError as error:
            if is_namespace_terminating(error):
                return DONE
            raise
        for old in stale:
            try:
                await self.client.delete(EndpointSlice, old.metadata.name or "", key.namespace)
            except NotFound:
                continue
        return DONE


def should_mirror(endpoints: Endpoints, service: Service) -> bool:
    """Not for leader election's Endpoints, the label skip-mirror, Services with a selector or ExternalName."""
    meta = endpoints.metadata
    if meta.labels.get(SKIP) == "true" or LEADER in meta.annotations or meta.deletion_timestamp is not None:
        return False
    return not service.spec.selector and service.spec.type != "ExternalName"


def mirror(endpoints: Endpoints) -> list[EndpointSlice]:
    """One slice per subset and address family."""
    wires = []
    for subset in endpoints.subsets:
        by_family: dict[str, list[dict[str, Any]]] = {}
        for ready, addresses in ((True, subset.addresses), (False, subset.not_ready_addresses)):
            for address in addresses[:MAX_PER_SUBSET]:
                wire: dict[str, Any] = {"addresses": [address.ip], "conditions": {"ready": ready}}
                wire |= {"hostname": address.hostname} if address.hostname else {}
                wire |= {"nodeName": address.node_name} if address.node_name else {}
                wire |= {"targetRef": schema.to_wire(address.target_ref)} if address.target_ref else {}
                by_family.setdefault(family_of(address.ip or ""), []).append(wire)
        ports = [{"name": "", **schema.to_wire(port)} for port in subset.ports]
        wires += [(family, ports, found) for family, found in by_family.items()]
    return [_slice(endpoints, *parts) for parts in wires]


def _slice(endpoints: Endpoints, family: str, ports: list[Any], found: list[Any]) -> EndpointSlice:
    meta = endpoints.metadata
    labels = {k: v for k, v in meta.labels.items() if k != HEADLESS}
    labels |= {SERVICE_NAME: meta.name or "", MANAGED_BY: CONTROLLER}
    skipped = (LAST_CHANGE, "kubectl.kubernetes.io/last-applied-configuration")
    annotations = {k: v for k, v in meta.annotations.items() if k not in skipped}
    wire = {
        "addressType": family,
        "metadata": {
            "generateName": f"{meta.name}-",
            "namespace": meta.namespace,
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [controller_reference(endpoints)],
        },
        "ports": ports,
        "endpoints": found,
    }
    return schema.from_wire(EndpointSlice, wire)


def _same(one: EndpointSlice, other: EndpointSlice) -> bool:
    return (one.address_type, one.ports, one.endpoints, one.metadata.labels, one.metadata.annotations) == (
        other.address_type,
        other.ports,
        other.endpoints,
        other.metadata.labels,
        other.metadata.annotations,
    )


def _mirrored(item: EndpointSlice) -> ObjectKey | None:
    labels = item.metadata.labels
    if labels.get(MANAGED_BY) != CONTROLLER or not labels.get(SERVICE_NAME):
        return None
    return ObjectKey(item.metadata.namespace or "", labels[SERVICE_NAME])
