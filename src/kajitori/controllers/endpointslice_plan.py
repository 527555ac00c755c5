"""EndpointSlices, the rules: which endpoints a Service has, and how few slices must change to say so. Pure.

May import: controllers.{pods,service_pods}, api.discovery, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kajitori.api import schema
from kajitori.api.core.v1 import ObjectReference
from kajitori.api.discovery.v1 import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from kajitori.controllers import service_pods as rules
from kajitori.controllers.owners import controller_reference
from kajitori.controllers.pods import is_ready
from kajitori.controllers.service_pods import Port

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Node, Pod, Service

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
CONTROLLER = "endpointslice-controller.k8s.io"
Group = tuple[str, tuple[Port, ...]]  # address family and ports: what all endpoints of one slice share


@dataclass
class Changes:
    """What to write; a slice in `update` carries the name and resourceVersion it was read with."""

    create: list[EndpointSlice] = field(default_factory=list)
    update: list[EndpointSlice] = field(default_factory=list)
    delete: list[EndpointSlice] = field(default_factory=list)


def desired(service: Service, pods: Iterable[Pod], nodes: Mapping[str, Node]) -> dict[Group, list[Endpoint]]:
    """Endpoints by (address family, resolved ports): Pods whose ports differ cannot share a slice."""
    groups: dict[Group, list[Endpoint]] = {}
    for pod in pods:
        if not rules.belongs(pod, include_terminating=True):
            continue
        ports = tuple(sorted(rules.ports_of(service, pod)))
        for family in rules.families(service):
            if found := rules.addresses(pod, family):
                groups.setdefault((family, ports), []).append(endpoint(service, pod, found, nodes))
    return groups


def endpoint(service: Service, pod: Pod, addresses: list[str], nodes: Mapping[str, Node]) -> Endpoint:
    """One Pod's endpoint; `ready` is never true while it terminates, unless publishNotReadyAddresses asks for it."""
    serving = is_ready(pod)
    terminating = pod.metadata.deletion_timestamp is not None
    node = nodes.get(pod.spec.node_name or "")
    return Endpoint(
        addresses=addresses,
        conditions=EndpointConditions(
            ready=bool(service.spec.publish_not_ready_addresses) or (serving and not terminating),
            serving=serving,
            terminating=terminating,
        ),
        hostname=rules.hostname(service, pod),
        node_name=pod.spec.node_name or None,
        zone=(node.metadata.labels.get("topology.kubernetes.io/zone") if node is not None else None),
        target_ref=ObjectReference(
            kind="Pod", namespace=pod.metadata.namespace, name=pod.metadata.name, uid=pod.metadata.uid
        ),
    )


def plan(
    service: Service,
    wanted: Mapping[Group, Sequence[Endpoint]],
    existing: Sequence[EndpointSlice],
    *,
    changed_at: str | None,
    limit: int = 100,
) -> Changes:
    """Keeps endpoints where they are, fills holes before it makes slices, keeps an empty slice for no endpoints."""
    changes = Changes()
    labels = labels_for(service)
    by_group: dict[Group, list[EndpointSlice]] = {}
    for item in existing:
        by_group.setdefault(group_of(item), []).append(item)
    for group in [group for group in by_group if group not in wanted]:
        changes.delete += by_group.pop(group)
    for group, endpoints in wanted.items():
        _plan_group(changes, service, group, endpoints, by_group.get(group, []), labels, changed_at, limit)
    for family in rules.families(service):
        if not any(group[0] == family for group in wanted):
            _keep_placeholder(changes, service, family, existing, labels)
    return changes


def _plan_group(
    changes: Changes,
    service: Service,
    group: Group,
    endpoints: Sequence[Endpoint],
    slices: Sequence[EndpointSlice],
    labels: dict[str, str],
    changed_at: str | None,
    limit: int,
) -> None:
    missing = {_identity(e): e for e in endpoints}
    kept: list[tuple[EndpointSlice, list[Endpoint]]] = []
    for item in slices:
        stay = [missing.pop(_identity(e)) for e in item.endpoints if _identity(e) in missing]
        kept.append((item, stay))
    rest = list(missing.values())
    for item, stay in sorted(kept, key=lambda pair: -len(pair[1])):
        if rest and (len(stay) < limit):
            room = limit - len(stay)
            stay += rest[:room]
            rest = rest[room:]
        if not stay:
            changes.delete.append(item)
        elif _differs(item, stay, labels):
            changes.update.append(_with(item, stay, labels, changed_at))
    while rest:
        changes.create.append(new_slice(service, group, rest[:limit], labels, changed_at))
        rest = rest[limit:]


def _keep_placeholder(
    changes: Changes, service: Service, family: str, existing: Sequence[EndpointSlice], labels: dict[str, str]
) -> None:
    """A Service with no endpoints still has a slice, so that its watchers learn that it has none."""
    mine = [item for item in existing if item.address_type == family]
    empty = next((item for item in mine if not item.endpoints and not item.ports), None)
    if empty is not None:
        changes.delete[:] = [item for item in changes.delete if item is not empty]
        if _differs(empty, [], labels):
            changes.update.append(_with(empty, [], labels, None))
        return
    changes.create.append(new_slice(service, (family, ()), [], labels, None))


def new_slice(
    service: Service, group: Group, endpoints: list[Endpoint], labels: dict[str, str], changed_at: str | None
) -> EndpointSlice:
    """A slice owned by the Service, to be named by the server."""
    family, ports = group
    metadata: dict[str, Any] = {
        "generateName": f"{service.metadata.name}-",
        "namespace": service.metadata.namespace,
        "labels": labels,
        "ownerReferences": [controller_reference(service)],
    }
    if changed_at:
        metadata["annotations"] = {rules.LAST_CHANGE: changed_at}
    made = schema.from_wire(EndpointSlice, {"addressType": family, "metadata": metadata, "endpoints": []})
    made.endpoints = endpoints
    made.ports = [_port(port) for port in ports]
    return made


def labels_for(service: Service) -> dict[str, str]:
    """The Service's own labels, and those by which kube-proxy and this controller find the slice."""
    labels = {k: v for k, v in service.metadata.labels.items() if k not in (rules.HEADLESS, MANAGED_BY)}
    labels |= {rules.SERVICE_NAME: service.metadata.name or "", MANAGED_BY: CONTROLLER}
    if rules.is_headless(service):
        labels[rules.HEADLESS] = ""
    return labels


def group_of(item: EndpointSlice) -> Group:
    ports = (Port(p.name or "", p.port or 0, p.protocol or "TCP", p.app_protocol or "") for p in item.ports)
    return item.address_type or "IPv4", tuple(sorted(ports))


def _port(port: Port) -> EndpointPort:
    return EndpointPort(name=port.name, port=port.port, protocol=port.protocol, app_protocol=port.app_protocol or None)


def _identity(item: Endpoint) -> tuple[object, ...]:
    ref = item.target_ref
    return (tuple(item.addresses), ref.uid if ref is not None else None)


def _differs(item: EndpointSlice, endpoints: Sequence[Endpoint], labels: dict[str, str]) -> bool:
    if item.metadata.labels != labels or len(item.endpoints) != len(endpoints):
        return True
    ours = {_identity(e): schema.encode(e) for e in endpoints}
    return any(ours.get(_identity(e)) != schema.encode(e) for e in item.endpoints)


def _with(
    item: EndpointSlice, endpoints: list[Endpoint], labels: dict[str, str], changed_at: str | None
) -> EndpointSlice:
    changed = schema.clone(item)
    changed.endpoints = endpoints
    changed.metadata.labels = labels
    if changed_at:
        changed.metadata.annotations[rules.LAST_CHANGE] = changed_at
    return changed
