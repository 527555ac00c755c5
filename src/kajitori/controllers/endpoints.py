"""Endpoints controller: the older way of saying which Pods stand behind a Service, one object per Service.

May import: client, api, machinery; of the controllers `pods`, `service_followers`, `service_pods`, no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kajitori.api import schema
from kajitori.api.core.v1 import Endpoints, Pod, Service
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers import service_pods as rules
from kajitori.controllers.controller import DONE, Context, Result, is_namespace_terminating
from kajitori.controllers.pods import is_ready
from kajitori.controllers.service_followers import ServiceFollower
from kajitori.controllers.service_pods import Port
from kajitori.machinery.errors import Conflict, NotFound, StatusError

if TYPE_CHECKING:
    from collections.abc import Mapping

MANAGED_BY = "endpoints.kubernetes.io/managed-by"
CONTROLLER = "endpoint-controller"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
MAX_ADDRESSES = 1000
Wire = dict[str, Any]


class EndpointsController(ServiceFollower):
    name, component, workers = "endpoints-controller", "endpoint-controller", 5
    account = "endpoint-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        informers = context.informers
        self.endpoints = self.use(informers.of(Endpoints), on_delete=lambda e: self.queue.add(key_of(e))).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        service = self.services.get(key)
        current = self.endpoints.get(key)
        if service is None:
            if current is not None and MANAGED_BY in current.metadata.labels:
                await self._delete(key)
            return DONE
        if service.spec.type == "ExternalName" or not service.spec.selector:
            return DONE
        pods = self.pods_of(service)
        wanted = desired(service, pods)
        if current is not None and not _differs(current, wanted):
            return DONE
        if stamp := rules.last_change(service, pods):
            wanted["metadata"].setdefault("annotations", {})[rules.LAST_CHANGE] = stamp
        await self._write(service, current, wanted)
        return DONE

    async def _write(self, service: Service, current: Endpoints | None, wanted: Wire) -> None:
        obj = schema.from_wire(Endpoints, wanted)
        try:
            if current is None:
                await self.client.create(obj, namespace=service.metadata.namespace)
            else:
                obj.metadata.resource_version = current.metadata.resource_version
                await self.client.update(obj)
        except Conflict:
            raise  # an old view, looked at again: nothing that the Service's owner should read
        except StatusError as error:
            if is_namespace_terminating(error):
                return
            verb = "create" if current is None else "update"
            text = f"Failed to {verb} endpoint {key_of(service)}: {error.message}"
            self.recorder.event(obj, "Warning", f"FailedTo{verb.capitalize()}Endpoint", text)
            raise

    async def _delete(self, key: ObjectKey) -> None:
        try:
            await self.client.delete(Endpoints, key.name, key.namespace)
        except NotFound:
            return


def desired(service: Service, pods: Iterable[Pod]) -> Wire:
    """The Endpoints object of a Service, in wire form."""
    family = rules.families(service)[0]
    publish = bool(service.spec.publish_not_ready_addresses)
    groups: dict[tuple[Port, ...], dict[str, list[Wire]]] = {}
    count = 0
    for pod in sorted(pods, key=lambda pod: pod.status.pod_ip or ""):
        if not rules.belongs(pod, include_terminating=publish):
            continue
        ports = tuple(sorted(rules.ports_of(service, pod)))
        if service.spec.ports and not ports:
            continue
        for ip in rules.addresses(pod, family)[:1]:
            count += 1
            if count > MAX_ADDRESSES:
                continue
            where = "addresses" if publish or is_ready(pod) else "notReadyAddresses"
            groups.setdefault(ports, {}).setdefault(where, []).append(_address(service, pod, ip))
    labels = {k: v for k, v in service.metadata.labels.items() if k != rules.HEADLESS}
    labels[MANAGED_BY] = CONTROLLER
    if rules.is_headless(service):
        labels[rules.HEADLESS] = ""
    metadata: Wire = {"name": service.metadata.name, "namespace": service.metadata.namespace, "labels": labels}
    if count > MAX_ADDRESSES:
        metadata["annotations"] = {OVER_CAPACITY: "truncated"}
    return {"metadata": metadata, "subsets": [_subset(ports, groups[ports]) for ports in sorted(groups)]}


def _subset(ports: tuple[Port, ...], addresses: Mapping[str, list[Wire]]) -> Wire:
    subset: Wire = {where: addresses[where] for where in ("addresses", "notReadyAddresses") if where in addresses}
    if ports:
        subset["ports"] = [_port(port) for port in ports]
    return subset


def _port(port: Port) -> Wire:
    wire: Wire = {"name": port.name} if port.name else {}
    wire |= {"port": port.port, "protocol": port.protocol}
    return wire | ({"appProtocol": port.app_protocol} if port.app_protocol else {})


def _address(service: Service, pod: Pod, ip: str) -> Wire:
    meta = pod.metadata
    reference = {"kind": "Pod", "namespace": meta.namespace, "name": meta.name, "uid": meta.uid}
    wire: Wire = {"ip": ip, "targetRef": reference}
    if pod.spec.node_name:
        wire["nodeName"] = pod.spec.node_name
    if name := rules.hostname(service, pod):
        wire["hostname"] = name
    return wire


def _differs(current: Endpoints, wanted: Wire) -> bool:
    fresh = schema.from_wire(Endpoints, wanted)
    if current.metadata.labels != fresh.metadata.labels:
        return True
    if (OVER_CAPACITY in current.metadata.annotations) != (OVER_CAPACITY in fresh.metadata.annotations):
        return True
    return current.subsets != fresh.subsets
