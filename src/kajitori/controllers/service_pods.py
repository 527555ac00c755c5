"""Which Pods stand behind a Service, and on which ports: the rules that Endpoints and EndpointSlices share. Pure.

May import: api (types), controllers.pods, machinery.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.controllers.pods import TERMINAL, is_ready

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod, Service, ServicePort

SERVICE_NAME = "kubernetes.io/service-name"
HEADLESS = "service.kubernetes.io/headless"
LAST_CHANGE = "endpoints.kubernetes.io/last-change-trigger-time"


@dataclass(frozen=True, order=True)
class Port:
    """A resolved port. Name "" and app protocol "" mean that there is none."""

    name: str
    port: int
    protocol: str
    app_protocol: str = ""


def is_headless(service: Service) -> bool:
    return service.spec.cluster_ip == "None"


def selects(service: Service, pod: Pod) -> bool:
    """By labels alone; a Service without a selector selects nothing."""
    wanted = service.spec.selector
    return bool(wanted) and wanted.items() <= pod.metadata.labels.items()


def belongs(pod: Pod, *, include_terminating: bool) -> bool:
    """Has an address, has not finished, and is not (or may be) on its way out."""
    if pod.status.phase in TERMINAL or not (pod.status.pod_ip or pod.status.pod_ips):
        return False
    return include_terminating or pod.metadata.deletion_timestamp is None


def addresses(pod: Pod, family: str) -> list[str]:
    """The Pod's addresses of a family (IPv4 or IPv6)."""
    found = [str(entry.ip) for entry in pod.status.pod_ips] or [pod.status.pod_ip or ""]
    return [ip for ip in found if ip and family_of(ip) == family]


def family_of(ip: str) -> str:
    return "IPv6" if ipaddress.ip_address(ip).version == 6 else "IPv4"


def families(service: Service) -> list[str]:
    """The Service's address families, the first one first; for an object without ipFamilies that of its clusterIP."""
    if service.spec.ip_families:
        return list(service.spec.ip_families)
    ip = service.spec.cluster_ip
    return [family_of(ip)] if ip and ip != "None" else ["IPv4"]


def ports_of(service: Service, pod: Pod) -> tuple[Port, ...]:
    """The Service's ports on this Pod; one whose name the Pod does not know is left out."""
    found = []
    for port in service.spec.ports:
        number = _resolve(port.target_port if port.target_port is not None else port.port, port, pod)
        if number is not None:
            found.append(Port(port.name or "", number, port.protocol or "TCP", port.app_protocol or ""))
    return tuple(found)


def _resolve(target: int | str | None, port: ServicePort, pod: Pod) -> int | None:
    if isinstance(target, int):
        return target or port.port
    protocol = port.protocol or "TCP"
    sidecars = (c for c in pod.spec.init_containers if c.restart_policy == "Always")
    for container in (*pod.spec.containers, *sidecars):
        for candidate in container.ports:
            if candidate.name == target and (candidate.protocol or "TCP") == protocol:
                return candidate.container_port
    return None


def hostname(service: Service, pod: Pod) -> str | None:
    """The name that DNS gives the Pod within this Service, if its subdomain names it."""
    if pod.spec.hostname and pod.spec.subdomain == service.metadata.name:
        return pod.spec.hostname
    return None


def services_of(pod: Pod, services: Iterable[Service]) -> list[Service]:
    return [service for service in services if selects(service, pod)]


def change_matters(old: Pod, new: Pod) -> bool:
    """Whether an update of a Pod can change what its Services send to it."""
    return _facts(old) != _facts(new)


def _facts(pod: Pod) -> tuple[object, ...]:
    return (
        is_ready(pod),
        pod.metadata.deletion_timestamp is not None,
        pod.status.phase in TERMINAL,
        pod.status.pod_ip,
        [entry.ip for entry in pod.status.pod_ips],
        pod.spec.node_name,
        pod.spec.hostname,
        pod.spec.subdomain,
    )


def last_change(service: Service, pods: Iterable[Pod]) -> str | None:
    """The moment that the newest change behind the endpoints happened."""
    stamps = [service.metadata.creation_timestamp or ""]
    for pod in pods:
        ready = next((c for c in pod.status.conditions if c.type == "Ready"), None)
        stamps.append((ready.last_transition_time if ready else pod.metadata.creation_timestamp) or "")
    return max(stamps, default="") or None
