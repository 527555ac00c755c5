"""EndpointSlice controller: says in EndpointSlices which Pods stand behind each Service with a selector.

May import: client, api, machinery; of the controllers `service_followers`, `service_pods`; never another controller.
"""

from __future__ import annotations

from typing import Any

from kajitori.api.core.v1 import Node, Service
from kajitori.api.discovery.v1 import EndpointSlice
from kajitori.client.objects import ObjectKey, key_of
from kajitori.controllers import endpointslice_plan as slices
from kajitori.controllers import service_pods as rules
from kajitori.controllers.controller import DONE, Context, Result, is_namespace_terminating
from kajitori.controllers.service_followers import ServiceFollower
from kajitori.machinery.errors import Conflict, NotFound, StatusError

ZONE = "topology.kubernetes.io/zone"


class EndpointSliceController(ServiceFollower):
    name, component, workers = "endpointslice-controller", "endpoint-slice-controller", 5

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        informers = context.informers
        self.nodes = self.use(informers.of(Node), on_add=self._node, on_update=self._node_changed).lister
        indexers = {"service": _service_index}
        self.slices = self.use(
            informers.of(EndpointSlice, indexers=indexers), on_update=self._slice_changed, on_delete=self._slice
        ).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        service = self.services.get(key)
        existing = [item for item in self.slices.by_index("service", str(key)) if _is_ours(item)]
        if service is None or service.metadata.deletion_timestamp is not None:
            return DONE  # the garbage collector takes the slices
        if service.spec.type == "ExternalName" or not service.spec.selector:
            return DONE
        pods = self.pods_of(service)
        nodes = {
            name: node for pod in pods if (name := pod.spec.node_name) and (node := self.nodes.get(ObjectKey("", name)))
        }
        changes = slices.plan(
            service,
            slices.desired(service, pods, nodes),
            existing,
            changed_at=rules.last_change(service, pods),
            limit=self.options.max_endpoints_per_slice,
        )
        await self._carry_out(service, changes)
        return DONE

    async def _carry_out(self, service: Service, changes: slices.Changes) -> None:
        try:
            for item in changes.create:
                await self.client.create(item, namespace=service.metadata.namespace)
            for item in changes.update:
                await self.client.update(item)
            for item in changes.delete:
                await self._delete(item)
        except Conflict:
            raise  # an old view, looked at again: nothing that the Service's owner should read
        except StatusError as error:
            if is_namespace_terminating(error):
                return
            text = f"Error updating Endpoint Slices for Service {key_of(service)}: {error.message}"
            self.recorder.event(service, "Warning", "FailedToUpdateEndpointSlices", text)
            raise

    async def _delete(self, item: EndpointSlice) -> None:
        try:
            await self.client.delete(EndpointSlice, item.metadata.name or "", item.metadata.namespace)
        except NotFound:
            return

    # hearing

    def _node(self, node: Node) -> None:
        if node.metadata.labels.get(ZONE):
            self._wake_all_on(node)

    def _node_changed(self, old: Node, new: Node) -> None:
        if old.metadata.labels.get(ZONE) != new.metadata.labels.get(ZONE):
            self._wake_all_on(new)

    def _wake_all_on(self, node: Node) -> None:
        for pod in self.pods:
            if pod.spec.node_name == node.metadata.name:
                self.wake(pod)

    def _slice(self, item: EndpointSlice) -> None:
        if _is_ours(item) and (key := _service_key(item)) is not None:
            self.queue.add(key)

    def _slice_changed(self, old: EndpointSlice, new: EndpointSlice) -> None:
        """Somebody else may have changed our slice; our own change finds nothing to do."""
        self._slice(old)
        self._slice(new)


def _is_ours(item: EndpointSlice) -> bool:
    return item.metadata.labels.get(slices.MANAGED_BY) == slices.CONTROLLER


def _service_key(item: EndpointSlice) -> ObjectKey | None:
    name = item.metadata.labels.get(rules.SERVICE_NAME)
    return ObjectKey(item.metadata.namespace or "", name) if name else None


def _service_index(item: Any) -> tuple[str, ...]:
    key = _service_key(item)
    return (str(key),) if key is not None else ()
