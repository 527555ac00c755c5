"""Ingresses and their classes, service address ranges, addresses, network policies. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, labels, marks, selector_text, typed_reference, write_annotations
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.services import endpoints_text, slices_of
from kajitori.kubectl.describers.wire import Wire, meta, moment, or_none, spec, status
from kajitori.machinery.errors import StatusError
from kajitori.machinery.times import parse_time

SERVICES = ResourcePath("v1", "services", namespaced=True)


async def describe_ingress(page: Page, obj: Wire, cluster: Cluster) -> None:
    page.row(0, "Name:", meta(obj, "name"))
    labels(page, "Labels", meta(obj, "labels", {}))
    page.row(0, "Namespace:", meta(obj, "namespace"))
    ingress = status(obj, "loadBalancer", "ingress", default=[])
    page.row(0, "Address:", ",".join(sorted({one.get("ip") or one.get("hostname") or "" for one in ingress} - {""})))
    page.row(0, "Ingress Class:", spec(obj, "ingressClassName", default="<none>"))
    default = spec(obj, "defaultBackend", default=None)
    shown = "<default>" if default is None else await _backend(obj, default, cluster)
    page.row(0, "Default backend:", shown)
    _tls(page, spec(obj, "tls", default=[]))
    page.rows(0, ("Rules:",), ("  Host", "Path", "Backends"))
    page.row(1, "----", "----", "--------")
    rules = [rule for rule in spec(obj, "rules", default=[]) if rule.get("http") is not None]
    for rule in rules:
        page.row(1, rule.get("host") or "*", "")
        for path in rule["http"].get("paths") or ():
            page.row(2, "", f"{path.get('path', '')} ", await _backend(obj, path.get("backend") or {}, cluster))
    if not rules:
        page.row(1, "*", "*", shown)
    write_annotations(page, "Annotations", meta(obj, "annotations", {}))
    await write_events(page, obj, cluster)


def _tls(page: Page, entries: list[Wire]) -> None:
    if not entries:
        return
    page.row(0, "TLS:")
    for one in entries:
        hosts = ",".join(one.get("hosts") or ())
        secret = one.get("secretName")
        page.row(1, f"{secret} terminates {hosts}" if secret else f"SNI routes {hosts}")


async def _backend(obj: Wire, backend: Wire, cluster: Cluster) -> str:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None:
        return await _service_backend(meta(obj, "namespace"), service, cluster)
    if resource is None:
        return ""
    group = resource.get("apiGroup") if resource.get("apiGroup") is not None else "<none>"
    return f"APIGroup: {group}, Kind: {resource.get('kind', '')}, Name: {resource.get('name', '')}"


async def _service_backend(namespace: str, backend: Wire, cluster: Cluster) -> str:
    name, port = backend.get("name", ""), backend.get("port") or {}
    where = f"{name}:{port.get('number') or port.get('name') or ''}"
    try:
        slices = await slices_of(cluster, namespace, name)
        service = await cluster.get(SERVICES, name, namespace)
    except StatusError as error:
        return f"{where} (<error: {error.message}>)"
    names = [
        one.get("name") or ""
        for one in spec(service, "ports", default=[])
        if (port.get("number") and port["number"] == one.get("port"))
        or (port.get("name") and port["name"] == one.get("name"))
    ]
    return f"{where} ({endpoints_text(slices, names[-1] if names else '')})"


async def describe_ingress_class(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj, namespaced=False)
    marks(page, obj)
    page.row(0, "Controller:", spec(obj, "controller"))
    typed_reference(page, "Parameters:", spec(obj, "parameters", default=None))
    await write_events(page, obj, cluster)


async def describe_service_cidr(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj, namespaced=False)
    marks(page, obj)
    page.row(0, "CIDRs:", ", ".join(spec(obj, "cidrs", default=[])))
    conditions = status(obj, "conditions", default=[])
    if conditions:
        page.row(0, "Status:")
        write_dated_conditions(page, conditions)
    await write_events(page, obj, cluster)


def write_dated_conditions(page: Page, conditions: list[Wire]) -> None:
    """Conditions with the time of their last change."""
    page.row(0, "Conditions:")
    page.row(1, "Type", "Status", "LastTransitionTime", "Reason", "Message")
    page.row(1, "----", "------", "------------------", "------", "-------")
    for one in conditions:
        changed = moment(one.get("lastTransitionTime"))
        page.row(1, one.get("type", ""), one.get("status", ""), changed, one.get("reason", ""), one.get("message", ""))


async def describe_ip_address(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj, namespaced=False)
    marks(page, obj)
    parent = spec(obj, "parentRef", default=None)
    if parent is not None:
        page.row(0, "Parent Reference:")
        for title, key in (
            ("Group:", "group"),
            ("Resource:", "resource"),
            ("Namespace:", "namespace"),
            ("Name:", "name"),
        ):
            page.row(1, title, parent.get(key) or "")
    await write_events(page, obj, cluster)


async def describe_network_policy(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    created = parse_time(meta(obj, "creationTimestamp")).astimezone()
    page.row(0, "Created on:", f"{created:%Y-%m-%d %H:%M:%S %z %Z}")
    marks(page, obj)
    page.row(0, "Spec:")
    selector = spec(obj, "podSelector", default={})
    chosen = selector_text(selector)
    if chosen == "<none>":
        chosen = "<none> (Allowing the specific traffic to all pods in this namespace)"
    page.write(1, "PodSelector: ")
    page.write(2, chosen + "\n")
    types = spec(obj, "policyTypes", default=[])
    for kind, word, peers in (("Ingress", "From", "from"), ("Egress", "To", "to")):
        if kind not in types:
            page.row(1, f"Not affecting {kind.lower()} traffic")
            continue
        page.row(1, f"Allowing {kind.lower()} traffic:")
        _rules(page, spec(obj, kind.lower(), default=[]), kind.lower(), word, peers)
    page.row(1, f"Policy Types: {or_none(', '.join(types))}")


def _rules(page: Page, rules: list[Wire], direction: str, word: str, peers: str) -> None:
    if not rules:
        page.row(2, f"<none> (Selected pods are isolated for {direction} connectivity)")
    for position, rule in enumerate(rules):
        if position:
            page.row(2, "----------")
        _ports(page, rule.get("ports") or [])
        if not rule.get(peers):
            end = "source" if peers == "from" else "destination"
            page.row(2, f"{word}: <any> (traffic not restricted by {end})")
        for peer in rule.get(peers) or ():
            page.row(2, f"{word}:")
            _peer(page, peer)


def _ports(page: Page, ports: list[Wire]) -> None:
    if not ports:
        page.row(2, "To Port: <any> (traffic allowed to all ports)")
    for port in ports:
        protocol, number = port.get("protocol") or "TCP", port.get("port")
        shown = "<nil>" if number is None else number
        if port.get("endPort") is None:
            page.row(2, f"To Port: {shown}/{protocol}")
        else:
            page.row(2, f"To Port Range: {shown}-{port['endPort']}/{protocol}")


def _peer(page: Page, peer: Wire) -> None:
    if peer.get("namespaceSelector") is not None:
        page.row(3, f"NamespaceSelector: {selector_text(peer['namespaceSelector'])}")
    if peer.get("podSelector") is not None:
        page.row(3, f"PodSelector: {selector_text(peer['podSelector'])}")
    elif peer.get("ipBlock") is not None and peer.get("namespaceSelector") is None:
        page.row(3, "IPBlock:")
        page.row(4, f"CIDR: {peer['ipBlock'].get('cidr', '')}")
        page.row(4, f"Except: {', '.join(peer['ipBlock'].get('except') or ())}")
