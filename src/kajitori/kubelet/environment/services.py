"""The variables by which a container finds Services: NAME_SERVICE_HOST and friends, and Docker's old link variables.

Pure. May import: api.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Service


def service_variables(services: Iterable[Service]) -> dict[str, str]:
    """Name → value for all Services with an address and ports, in the order of their names; none for headless ones."""
    variables: dict[str, str] = {}
    for service in sorted(services, key=lambda s: s.metadata.name or ""):
        host = service.spec.cluster_ip
        if host and host != "None" and service.spec.ports:
            variables |= _variables(service, host)
    return variables


def visible_services(services: Iterable[Service], namespace: str, *, links: bool) -> list[Service]:
    """Those of the namespace if `links`, and default/kubernetes unless the namespace has one of that name."""
    chosen = {}
    for service in services:
        name, home = service.metadata.name or "", service.metadata.namespace
        if home == namespace and links:
            chosen[name] = service
        elif home == "default" and name == "kubernetes":
            chosen.setdefault(name, service)
    return list(chosen.values())


def _variables(service: Service, host: str) -> dict[str, str]:
    ports = service.spec.ports
    prefix = _variable_name(service.metadata.name or "")
    variables = {f"{prefix}_SERVICE_HOST": host, f"{prefix}_SERVICE_PORT": str(ports[0].port)}
    for port in ports:
        if port.name:
            variables[f"{prefix}_SERVICE_PORT_{_variable_name(port.name)}"] = str(port.port)
    address = f"[{host}]" if ":" in host else host
    for index, port in enumerate(ports):
        protocol = port.protocol or "TCP"
        url = f"{protocol.lower()}://{address}:{port.port}"
        if index == 0:
            variables[f"{prefix}_PORT"] = url
        link = f"{prefix}_PORT_{port.port}_{protocol.upper()}"
        variables |= {
            link: url,
            f"{link}_PROTO": protocol.lower(),
            f"{link}_PORT": str(port.port),
            f"{link}_ADDR": host,
        }
    return variables


def _variable_name(text: str) -> str:
    return text.upper().replace("-", "_")
