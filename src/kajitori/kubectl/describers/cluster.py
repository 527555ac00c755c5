"""Cluster: what describers ask the API server for, in the words they need: events of an object, pods of a controller.

May import: client, kubectl.describers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.describers.wire import Wire, meta
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.client.dynamic import DynamicClient

Items = list[Wire]
PODS = ResourcePath("v1", "pods", namespaced=True)
EVENTS = ResourcePath("v1", "events", namespaced=True)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The client, and how much of what belongs to an object is asked for."""

    client: DynamicClient
    show_events: bool = True
    chunk_size: int = 500

    async def get(self, resource: ResourcePath, name: str, namespace: str | None = None) -> Wire:
        return await self.client.get(resource, name, namespace)

    async def list(
        self, resource: ResourcePath, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> Items:
        """All items, page by page."""
        items: Items = []
        continue_ = ""
        while True:
            page = await self.client.list(
                resource,
                namespace,
                label_selector=labels,
                field_selector=fields,
                limit=self.chunk_size,
                continue_=continue_,
            )
            items += page.items
            continue_ = page.continue_
            if not continue_:
                return items

    async def events_of(self, obj: Wire, *, kind: str | None = None, uid: str | None = None) -> Items | None:
        """The events about an object; None when they are not wanted (or not to be had)."""
        if not self.show_events:
            return None
        wanted = {
            "involvedObject.kind": obj.get("kind", "") if kind is None else kind,
            "involvedObject.name": meta(obj, "name"),
            "involvedObject.namespace": meta(obj, "namespace"),
            "involvedObject.uid": meta(obj, "uid") if uid is None else uid,
        }
        terms = [f"{key}={value}" for key, value in wanted.items() if value or key.endswith("space")]
        try:
            return await self.list(EVENTS, meta(obj, "namespace") or None, fields=",".join(terms))
        except StatusError:
            return []

    async def pods_by_phase(self, controller: Wire, selector: str) -> dict[str, int]:
        """How many pods of a controller are in each phase."""
        counts = dict.fromkeys(("Running", "Pending", "Succeeded", "Failed"), 0)
        for pod in await self.list(PODS, meta(controller, "namespace"), labels=selector):
            owners = [one for one in meta(pod, "ownerReferences", ()) if one.get("controller")]
            phase = (pod.get("status") or {}).get("phase", "")
            if owners and owners[0].get("uid") == meta(controller, "uid") and phase in counts:
                counts[phase] += 1
        return counts
