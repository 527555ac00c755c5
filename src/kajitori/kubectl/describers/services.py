"""Services, endpoints and endpoint slices. May import: kubectl.describers."""

from __future__ import annotations

from collections.abc import Iterator

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, marks
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, dig, join_host_port, lower, meta, or_none, or_unset, spec, status
from kajitori.machinery.labels import format_labels

SLICES = ResourcePath("discovery.k8s.io/v1", "endpointslices", namespaced=True)
ADDRESSES_SHOWN = 3


async def slices_of(cluster: Cluster, namespace: str, service: str) -> list[Wire]:
    """The EndpointSlices that name the Service in their label; raises `StatusError` where they may not be listed."""
    return await cluster.list(SLICES, namespace, labels=f"kubernetes.io/service-name={service}")


async def describe_service(page: Page, obj: Wire, cluster: Cluster) -> None:
    slices = await slices_of(cluster, meta(obj, "namespace"), meta(obj, "name"))
    identity(page, obj)
    marks(page, obj)
    page.row(0, "Selector:", format_labels(spec(obj, "selector", default={})))
    page.row(0, "Type:", spec(obj, "type"))
    if spec(obj, "ipFamilyPolicy"):
        page.row(0, "IP Family Policy:", spec(obj, "ipFamilyPolicy"))
    page.row(0, "IP Families:", or_none(",".join(spec(obj, "ipFamilies", default=[]))))
    page.row(0, "IP:", spec(obj, "clusterIP"))
    page.row(0, "IPs:", or_none(",".join(spec(obj, "clusterIPs", default=[]))))
    _outside(page, obj)
    for port in spec(obj, "ports", default=[]):
        _port(page, port, slices)
    page.row(0, "Session Affinity:", spec(obj, "sessionAffinity"))
    _policies(page, obj)
    await write_events(page, obj, cluster)


def _outside(page: Page, obj: Wire) -> None:
    for title, value in (
        ("External IPs:", ",".join(spec(obj, "externalIPs", default=[]))),
        ("Desired LoadBalancer IP:", spec(obj, "loadBalancerIP")),
        ("External Name:", spec(obj, "externalName")),
        ("LoadBalancer Ingress:", ", ".join(map(_ingress, status(obj, "loadBalancer", "ingress", default=[])))),
    ):
        if value:
            page.row(0, title, value)


def _ingress(one: Wire) -> str:
    if not one.get("ip"):
        return str(one.get("hostname") or "")
    return f"{one['ip']} ({one['ipMode']})" if one.get("ipMode") else str(one["ip"])


def _port(page: Page, port: Wire, slices: list[Wire]) -> None:
    name, protocol = port.get("name") or "<unset>", port.get("protocol", "")
    page.row(0, "Port:", name, f"{port.get('port', 0)}/{protocol}")
    page.row(0, "TargetPort:", f"{port.get('targetPort', 0)}/{protocol}")
    if port.get("nodePort"):
        page.row(0, "NodePort:", name, f"{port['nodePort']}/{protocol}")
    page.row(0, "Endpoints:", endpoints_text(slices, port.get("name") or ""))


def _policies(page: Page, obj: Wire) -> None:
    for title, value in (
        ("External Traffic Policy:", spec(obj, "externalTrafficPolicy")),
        ("Internal Traffic Policy:", spec(obj, "internalTrafficPolicy")),
        ("HealthCheck NodePort:", spec(obj, "healthCheckNodePort")),
        ("LoadBalancer Source Ranges:", ",".join(spec(obj, "loadBalancerSourceRanges", default=[]))),
        ("Traffic Distribution:", spec(obj, "trafficDistribution")),
    ):
        if value:
            page.row(0, title, value)


def endpoints_text(slices: list[Wire], port: str) -> str:
    """``10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...``: ready addresses of the port with that name."""
    if not slices:
        return "<none>"
    shown: list[str] = []
    count, more = 0, False
    for address, ready in _addresses(slices, port):
        more = more or len(shown) == ADDRESSES_SHOWN  # noticed before readiness is looked at, as upstream does
        if not ready:
            continue
        if not more:
            shown.append(address)
        count += 1
    text = ",".join(shown)
    return f"{text} + {count - ADDRESSES_SHOWN} more..." if more else text


def _addresses(slices: list[Wire], port: str) -> Iterator[tuple[str, bool]]:
    for one in slices:
        ports = one.get("ports") or []
        numbers = [each.get("port") for each in ports if (each.get("name") or "") == port] if ports else [None]
        for number in numbers:
            for endpoint in one.get("endpoints") or ():
                address = endpoint["addresses"][0]
                ready = dig(endpoint, "conditions", "ready", default=True)
                yield address if number is None else join_host_port(address, number), bool(ready)


async def describe_endpoints(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    marks(page, obj)
    page.row(0, "Subsets:")
    for subset in obj.get("subsets") or ():
        for title, key in (("Addresses:", "addresses"), ("NotReadyAddresses:", "notReadyAddresses")):
            page.row(1, title, or_none(",".join(one.get("ip", "") for one in subset.get(key) or ())))
        if subset.get("ports"):
            page.row(1, "Ports:")
            page.rows(2, ("Name", "Port", "Protocol"), ("----", "----", "--------"))
            for port in subset["ports"]:
                page.row(2, port.get("name") or "<unset>", port.get("port", 0), port.get("protocol", ""))
        page.row(0, "")
    await write_events(page, obj, cluster)


async def describe_endpoint_slice(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    marks(page, obj)
    page.row(0, "AddressType:", obj.get("addressType", ""))
    ports = obj.get("ports") or []
    if not ports:
        page.row(0, "Ports: <unset>")
    else:
        page.row(0, "Ports:")
        page.rows(1, ("Name", "Port", "Protocol"), ("----", "----", "--------"))
        for port in ports:
            page.row(1, port.get("name") or "<unset>", or_unset(port.get("port")), port.get("protocol", ""))
    endpoints = obj.get("endpoints") or []
    page.row(0, "Endpoints:" if endpoints else "Endpoints: <none>")
    for endpoint in endpoints:
        _endpoint(page, endpoint)
    await write_events(page, obj, cluster)


def _endpoint(page: Page, endpoint: Wire) -> None:
    page.row(1, "- Addresses:", or_none(", ".join(endpoint.get("addresses") or ())))
    page.row(2, "Conditions:")
    ready = dig(endpoint, "conditions", "ready")
    page.row(3, "Ready:", "<unset>" if ready is None else lower(ready))
    page.row(2, "Hostname:", or_unset(endpoint.get("hostname")))
    target = endpoint.get("targetRef")
    if target is not None:
        page.row(2, "TargetRef:", f"{target.get('kind', '')}/{target.get('name', '')}")
    page.row(2, "NodeName:", or_unset(endpoint.get("nodeName")))
    page.row(2, "Zone:", or_unset(endpoint.get("zone")))
