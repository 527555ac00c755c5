"""A Service on its own: ports, affinity, what its type allows. Its addresses have a module of their own.

May import: api.{checks, ips}, api.core.service_addresses, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.core import service_addresses
from kajitori.api.core.service_addresses import is_headless
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
PROTOCOLS = ("SCTP", "TCP", "UDP")
TRAFFIC_POLICIES = ("Cluster", "Local")
DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
MAX_AFFINITY_TIMEOUT_S = 86400
KUBELET_PORT = 10250
SPEC = Path("spec")
_SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'"


def service(obj: Object) -> Errors:
    """Whether addresses and ports are free is the registry's business."""
    spec, metadata = obj.get("spec") or {}, obj.get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    errors: Errors = []
    if _MODE in annotations and annotations[_MODE] != annotations.get(_HINTS, annotations[_MODE]):
        why = f"must match annotations[{_HINTS}] when both are specified"
        errors.append(invalid(Path("metadata", "annotations").key(_MODE), annotations[_MODE], why))
    errors += _of_type(spec)
    errors += _ports(spec)
    errors += checks.labels(SPEC.child("selector"), spec.get("selector"))
    errors += _affinity(spec)
    errors += service_addresses.cluster_ips(spec)
    for position, address in enumerate(spec.get("externalIPs") or ()):
        at = SPEC.child("externalIPs").index(position)
        errors += ips.ip(at, address) or ips.ordinary_ip(at, address)
    errors += checks.one_of(SPEC.child("type"), spec.get("type"), TYPES)
    errors += _repeated_ports(spec)
    errors += _source_ranges(spec, annotations)
    errors += _balancer(spec)
    return errors + _traffic(spec)


def _of_type(spec: Object) -> Errors:
    """What a type asks for or forbids at once."""
    kind, ports = spec.get("type"), spec.get("ports") or ()
    errors: Errors = []
    if not ports and kind != "ExternalName" and not is_headless(spec):
        errors.append(required(SPEC.child("ports")))
    if kind == "LoadBalancer":
        why = f"may not expose port {KUBELET_PORT} externally since it is used by kubelet"
        errors += [
            invalid(SPEC.child("ports").index(position), KUBELET_PORT, why)
            for position, port in enumerate(ports)
            if port.get("port") == KUBELET_PORT
        ]
    if kind in ("LoadBalancer", "NodePort") and is_headless(spec):
        why = f"may not be set to 'None' for {kind} services"
        errors.append(invalid(SPEC.child("clusterIPs").index(0), "None", why))
    return errors + (_external_name(spec) if kind == "ExternalName" else [])


def _external_name(spec: Object) -> Errors:
    why = "may not be set for ExternalName services"
    errors = [forbidden(SPEC.child(field), why) for field in ("clusterIPs", "ipFamilies") if spec.get(field)]
    if spec.get("ipFamilyPolicy") is not None:
        errors.append(forbidden(SPEC.child("ipFamilyPolicy"), why))
    target = (spec.get("externalName") or "").removesuffix(".")
    return errors + checks.dns_subdomain(SPEC.child("externalName"), target)


def reachable_from_outside(spec: Object) -> bool:
    """Whether external traffic can come in, and so has a policy."""
    kind = spec.get("type")
    return kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))


def needs_health_check(spec: Object) -> bool:
    """Balancers ask nodes for endpoints of their own."""
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _ports(spec: Object) -> Errors:
    errors, ports = [], spec.get("ports") or ()
    seen: set[str] = set()
    for position, port in enumerate(ports):
        errors += _port(SPEC.child("ports").index(position), port, needs_name=len(ports) > 1, seen=seen)
    return errors


def _port(at: Path, port: Object, *, needs_name: bool, seen: set[str]) -> Errors:
    errors: Errors = []
    name = port.get("name")
    if name:
        errors += checks.dns_label(at.child("name"), name)
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        seen.add(name)
    elif needs_name:
        errors.append(required(at.child("name")))
    errors += checks.port_number(at.child("port"), port.get("port") or 0)
    errors += checks.one_of(at.child("protocol"), port.get("protocol"), PROTOCOLS)
    target = port.get("targetPort")
    errors += checks.port_or_name(at.child("targetPort"), 0 if target is None else target)
    return errors + checks.app_protocol(at, port)


def _repeated_ports(spec: Object) -> Errors:
    """Node ports where there can be none, node ports named twice, ports named twice."""
    ports, path = list(enumerate(spec.get("ports") or ())), SPEC.child("ports")
    errors: Errors = []
    if spec.get("type") == "ClusterIP":
        why = "may not be used when `type` is 'ClusterIP'"
        errors += [forbidden(path.index(at).child("nodePort"), why) for at, port in ports if port.get("nodePort")]
    seen: set[tuple[str, Any, Any]] = set()
    for at, port in ports:
        if port.get("nodePort"):
            key = ("node", port.get("protocol"), port["nodePort"])
            errors += [duplicate(path.index(at).child("nodePort"), port["nodePort"])] if key in seen else []
            seen.add(key)
    for at, port in ports:
        key = ("port", port.get("protocol"), port.get("port"))
        errors += [duplicate(path.index(at), _told(port))] if key in seen else []
        seen.add(key)
    return errors


def _told(port: Object) -> dict[str, Any]:
    """The port as upstream's own type shows it, with what tells ports apart and nothing else."""
    empty = {"Name": "", "Protocol": port.get("protocol"), "AppProtocol": None}
    return empty | {"Port": port.get("port") or 0, "TargetPort": 0, "NodePort": 0}


def _affinity(spec: Object) -> Errors:
    affinity, config = spec.get("sessionAffinity"), spec.get("sessionAffinityConfig")
    errors = checks.one_of(SPEC.child("sessionAffinity"), affinity, ("ClientIP", "None"))
    at = SPEC.child("sessionAffinityConfig")
    if affinity == "None" and config is not None:
        errors.append(forbidden(at, "must not be set when session affinity is None"))
    if affinity != "ClientIP":
        return errors
    for step in ("clientIP", "timeoutSeconds"):
        if config is None:
            break
        config, at = config.get(step), at.child(step)
    if config is None:
        errors.append(required(at, "when session affinity type is ClientIP"))
    elif not 0 < config <= MAX_AFFINITY_TIMEOUT_S:
        errors.append(invalid(at, config, f"must be greater than 0 and less than {MAX_AFFINITY_TIMEOUT_S}"))
    return errors


def _source_ranges(spec: Object, annotations: Object) -> Errors:
    """Of the field, or of the annotation where the field is empty."""
    ranges, at = spec.get("loadBalancerSourceRanges") or (), SPEC.child("LoadBalancerSourceRanges")
    places = [(at.index(position), text) for position, text in enumerate(ranges)]
    if not ranges:
        if _SOURCE_RANGES not in annotations:
            return []
        at, given = Path("metadata", "annotations").key(_SOURCE_RANGES), annotations[_SOURCE_RANGES].strip()
        places = [(at, text) for text in given.split(",")] if given else []
    errors = [] if spec.get("type") == "LoadBalancer" else [forbidden(at, _BALANCER_ONLY)]
    return errors + [error for where, text in places for error in ips.cidr(where, text.strip())]


def _balancer(spec: Object) -> Errors:
    """What only a service of type LoadBalancer has."""
    is_balancer, allocates = spec.get("type") == "LoadBalancer", spec.get("allocateLoadBalancerNodePorts")
    errors: Errors = []
    if allocates is not None and not is_balancer:
        errors.append(forbidden(SPEC.child("allocateLoadBalancerNodePorts"), _BALANCER_ONLY))
    if allocates is None and is_balancer:
        errors.append(required(Path("allocateLoadBalancerNodePorts")))
    chosen, at = spec.get("loadBalancerClass"), SPEC.child("loadBalancerClass")
    if chosen is None:
        return errors
    return errors + (checks.by(at, chosen, names.is_qualified_name) if is_balancer else [forbidden(at, _BALANCER_ONLY)])


def _traffic(spec: Object) -> Errors:
    """Policies for traffic from outside and inside, and how it is spread."""
    policy, at = spec.get("externalTrafficPolicy"), SPEC.child("externalTrafficPolicy")
    errors: Errors = []
    if reachable_from_outside(spec):
        errors += checks.one_of(at, policy, TRAFFIC_POLICIES)
    elif policy:
        errors.append(invalid(at, policy, "may only be set for externally-accessible services"))
    if spec.get("healthCheckNodePort") and not needs_health_check(spec):
        why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        errors.append(invalid(SPEC.child("healthCheckNodePort"), spec["healthCheckNodePort"], why))
    policy, at = spec.get("internalTrafficPolicy"), SPEC.child("internalTrafficPolicy")
    if policy is None and spec.get("type") in ("ClusterIP", "NodePort", "LoadBalancer"):
        errors.append(required(at))
    errors += checks.choice(at, policy, TRAFFIC_POLICIES)
    return errors + checks.choice(SPEC.child("trafficDistribution"), spec.get("trafficDistribution"), DISTRIBUTIONS)


def update(obj: Object, old: Object) -> Errors:
    """What was given out stays; what a balancer was made for too."""
    spec, before = obj.get("spec") or {}, old.get("spec") or {}
    errors = service_addresses.changes(spec, before)
    chosen = spec.get("loadBalancerClass")
    balancers = spec.get("type") == before.get("type") == "LoadBalancer"
    if balancers and chosen != before.get("loadBalancerClass"):
        errors.append(invalid(SPEC.child("loadBalancerClass"), chosen, "may not change once set"))
    both_checked = needs_health_check(spec) and needs_health_check(before)
    if both_checked and (spec.get("healthCheckNodePort") or 0) != (before.get("healthCheckNodePort") or 0):
        errors.append(forbidden(SPEC.child("healthCheckNodePort"), "field is immutable"))
    return errors


def status_update(obj: Object, old: Object) -> Errors:
    """The addresses of the balancer."""
    ingress = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    at = Path("status", "loadBalancer", "ingress")
    if ingress and (obj.get("spec") or {}).get("type") != "LoadBalancer":
        return [forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")]
    return [error for position, one in enumerate(ingress) for error in _ingress(at.index(position), one)]


def _ingress(at: Path, ingress: Object) -> Errors:
    errors = balancer_address(at, ingress)
    address, mode = ingress.get("ip"), ingress.get("ipMode")
    if mode is None:
        found = [required(at.child("ipMode"), "must be specified when `ip` is set")] if address else []
    elif not address:
        found = [forbidden(at.child("ipMode"), "may not be specified when `ip` is not set")]
    else:
        found = [] if mode in ("Proxy", "VIP") else [not_supported(at.child("ipMode"), mode, ("Proxy", "VIP"))]
    split = len(ips.ip(at.child("ip"), address)) if address else 0
    return errors[:split] + found + errors[split:]


def balancer_address(at: Path, ingress: Object) -> Errors:
    """Address and host name of one way in, which Ingresses have too."""
    errors = ips.ip(at.child("ip"), ingress["ip"]) if ingress.get("ip") else []
    host, where = ingress.get("hostname"), at.child("hostname")
    if not host:
        return errors
    errors += checks.by(where, host, names.is_dns1123_subdomain)
    if ips.parsed_ip(host) is not None:
        errors.append(invalid(where, host, "must be a DNS name, not an IP address"))
    return errors
