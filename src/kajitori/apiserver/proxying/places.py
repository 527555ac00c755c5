"""What `pods/proxy`, `services/proxy` and `nodes/proxy` lead to: from a name such as `https:web:http` to an address.

Pure but for reading; refusals are upstream's. May import: deps, machinery.errors.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kajitori.apiserver.deps import Reader
from kajitori.machinery.errors import BadRequest, NotFound, ServiceUnavailable
from kajitori.machinery.gotext import quote

Object = dict[str, Any]
_SERVICE_NAME = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Name:
    """`[scheme:]name[:port]`, taken apart."""

    scheme: str
    name: str
    port: str


def split_name(text: str, kind: str) -> Name:
    """`scheme:name:port`, `name:port` or `name`; raises BadRequest for anything else. `kind` is for the message."""
    parts = text.split(":")
    if len(parts) == 1 and text:
        return Name("", text, "")
    if len(parts) == 2 and parts[0]:
        return Name("", parts[0], parts[1])
    if len(parts) == 3 and parts[0] in ("", "http", "https") and parts[1]:
        return Name(parts[0], parts[1], parts[2])
    raise BadRequest(f"invalid {kind} request {quote(text)}")


def check_address(address: str) -> None:
    """Nobody may reach the API server's own host, or the link's services, through a proxy."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        raise BadRequest("address not allowed") from None
    if ip.is_loopback or ip.is_unspecified or ip.is_link_local or ip.is_multicast:
        raise BadRequest("address not allowed")


def pod_place(reader: Reader, namespace: str, text: str) -> tuple[str, str, int]:
    """(scheme, address, port) of a Pod; without a port, the first that a container names."""
    wanted = split_name(text, "pod")
    pod = reader.get("", "pods", namespace, wanted.name)
    if pod is None:
        raise NotFound.of("", "pods", wanted.name)
    ports = [
        int(p["containerPort"]) for c in (pod.get("spec") or {}).get("containers") or () for p in c.get("ports") or ()
    ]
    if wanted.port and not wanted.port.isdigit():
        raise BadRequest(f'invalid pod request "{text}"')
    port = int(wanted.port) if wanted.port else (ports[0] if ports else 0)
    status = pod.get("status") or {}
    ips = [entry.get("ip") for entry in status.get("podIPs") or ()] or [status.get("podIP")]
    scheme = wanted.scheme or "http"
    return scheme, str(ips[0] or ""), port or (443 if scheme == "https" else 80)


def service_place(reader: Reader, namespace: str, text: str, rng: random.Random) -> tuple[str, str, int]:
    """(scheme, address, port) of one ready endpoint of a Service, chosen at random."""
    wanted = split_name(text, "service")
    service = reader.get("", "services", namespace, wanted.name)
    if service is None:
        raise NotFound.of("", "services", wanted.name)
    port_name = _port_name(service, wanted)
    found = list(_endpoints(reader, namespace, wanted.name, port_name))
    if not found:
        raise ServiceUnavailable.of(f'no endpoints available for service "{text}"')
    address, port = rng.choice(found)
    return wanted.scheme or "http", address, port


def server_place(reader: Reader, namespace: str, name: str, port: int, rng: random.Random) -> tuple[str, int]:
    """(host, port) of the server that a Service stands for: of a webhook, of an API. Raises StatusError.

    One of its ready endpoints, or, whatever ports it may name, its external name.
    """
    service = reader.get("", "services", namespace, name)
    if service is not None and (service.get("spec") or {}).get("type") == "ExternalName":
        host = service["spec"].get("externalName") or ""
        if not host:
            raise ServiceUnavailable.of(f'service "{name}" has no external name')
        return host, port
    _, host, number = service_place(reader, namespace, f"{name}:{port}", rng)
    return host, number


def _port_name(service: Object, wanted: Name) -> str:
    """The name by which endpoints know the wanted port ("" for a Service's only, unnamed port)."""
    ports = (service.get("spec") or {}).get("ports") or []
    if not wanted.port:
        return str(ports[0].get("name") or "") if len(ports) == 1 else ""
    for port in ports:
        if wanted.port == port.get("name") or wanted.port == str(port.get("port")):
            return str(port.get("name") or "")
    raise ServiceUnavailable.of(f'no service port "{wanted.port}" found for service "{wanted.name}"')


def _endpoints(reader: Reader, namespace: str, name: str, port_name: str) -> Iterator[tuple[str, int]]:
    slices = _slices(reader, namespace, name)
    if not slices:
        yield from _from_endpoints(reader.get("", "endpoints", namespace, name), port_name)
        return
    for endpoint_slice in slices:
        numbers = _numbers(endpoint_slice.get("ports") or (), port_name)
        for endpoint in endpoint_slice.get("endpoints") or ():
            if (endpoint.get("conditions") or {}).get("ready", True) is not False:
                for number in numbers:
                    yield endpoint["addresses"][0], number


def _slices(reader: Reader, namespace: str, name: str) -> list[Object]:
    return [
        s
        for s in reader.list("discovery.k8s.io", "endpointslices", namespace)
        if (s["metadata"].get("labels") or {}).get(_SERVICE_NAME) == name
    ]


def _numbers(ports: Iterable[Object], port_name: str) -> list[int]:
    return [int(p["port"]) for p in ports if (p.get("name") or "") == port_name and p.get("port")]


def _from_endpoints(endpoints: Object | None, port_name: str) -> Iterator[tuple[str, int]]:
    for subset in (endpoints or {}).get("subsets") or ():
        for number in _numbers(subset.get("ports") or (), port_name):
            for address in subset.get("addresses") or ():
                yield address["ip"], number


def node_port(wanted: Name, kubelet_port: int) -> int:
    """The port that a node's proxy leads to."""
    if not wanted.port:
        return kubelet_port
    if not wanted.port.isdigit() or not 0 < int(wanted.port) < 65536:
        raise BadRequest.of(f"invalid port {wanted.port}")
    return int(wanted.port)
