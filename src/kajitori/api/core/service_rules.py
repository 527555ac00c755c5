"""Services: defaults, validation and what an update keeps. Addresses and node ports are given out by the API server.

Pure, on wire dicts. May import: api.checks, api.rules, api.core.columns, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core import warnings
from kajitori.api.core.columns import SERVICES
from kajitori.api.rules import Rules
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
PROTOCOLS = ("SCTP", "TCP", "UDP")
TRAFFIC_POLICIES = ("Cluster", "Local")
AFFINITY_TIMEOUT_S, MAX_AFFINITY_TIMEOUT_S = 10800, 86400
SPEC = Path("spec")


def defaults(obj: dict[str, Any]) -> None:
    """What depends on the type is filled in for that type only."""
    spec = obj.setdefault("spec", {})
    kind = spec["type"] = spec.get("type") or "ClusterIP"
    spec["sessionAffinity"] = spec.get("sessionAffinity") or "None"
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    else:
        client_ip = spec.setdefault("sessionAffinityConfig", {}).setdefault("clientIP", {})
        client_ip.setdefault("timeoutSeconds", AFFINITY_TIMEOUT_S)
    if kind == "LoadBalancer":
        for ingress in ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ():
            if ingress.get("ip"):
                ingress.setdefault("ipMode", "VIP")
    for port in spec.get("ports") or ():
        port["protocol"] = port.get("protocol") or "TCP"
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port") or 0
    reachable_from_outside = kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and spec.get("externalIPs"))
    if reachable_from_outside and not spec.get("externalTrafficPolicy"):
        spec["externalTrafficPolicy"] = "Cluster"
    if kind != "ExternalName" and not spec.get("internalTrafficPolicy"):
        spec["internalTrafficPolicy"] = "Cluster"
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)


def create(obj: dict[str, Any]) -> None:
    """Whatever status the client sent is replaced."""
    obj["status"] = {"loadBalancer": {}}


def update(obj: dict[str, Any], old: Object) -> None:
    """Keeps what was given out where the update leaves it empty and the type still needs it."""
    spec, before = obj.get("spec") or {}, old.get("spec") or {}
    obj["status"] = old.get("status") or {"loadBalancer": {}}
    if spec.get("type") == "ExternalName" or before.get("type") == "ExternalName":
        return
    if not spec.get("clusterIP") and not spec.get("clusterIPs"):
        for field in ("clusterIP", "clusterIPs"):
            if before.get(field):
                spec[field] = before[field]
    for field in ("ipFamilies", "ipFamilyPolicy"):
        if not spec.get(field) and before.get(field):
            spec[field] = before[field]
    if spec.get("type") in ("NodePort", "LoadBalancer") and before.get("type") in ("NodePort", "LoadBalancer"):
        _keep_node_ports(spec, before)


def _keep_node_ports(spec: Object, before: Object) -> None:
    given = {(p.get("protocol"), p.get("port")): p["nodePort"] for p in before.get("ports") or () if p.get("nodePort")}
    used = {p["nodePort"] for p in spec.get("ports") or () if p.get("nodePort")}
    for port in spec.get("ports") or ():
        kept = given.get((port.get("protocol"), port.get("port")))
        if not port.get("nodePort") and kept and kept not in used:
            port["nodePort"] = kept


def validate(obj: Object) -> Errors:
    """A Service on its own; addresses that are taken are the registry's business."""
    spec = obj.get("spec") or {}
    name = (obj.get("metadata") or {}).get("name") or ""
    errors = checks.by(Path("metadata", "name"), name, names.is_dns1035_label) if name else []
    errors += checks.one_of(SPEC.child("type"), spec.get("type"), TYPES)
    errors += _ports(spec)
    errors += checks.labels(SPEC.child("selector"), spec.get("selector"))
    errors += _affinity(spec)
    errors += _cluster_ip(spec)
    for position, address in enumerate(spec.get("externalIPs") or ()):
        errors += checks.ip(SPEC.child("externalIPs").index(position), address)
    if spec.get("type") == "ExternalName":
        errors += _external_name(spec)
    at = SPEC.child("externalTrafficPolicy")
    errors += checks.optional_one_of(
        SPEC.child("internalTrafficPolicy"), spec.get("internalTrafficPolicy"), TRAFFIC_POLICIES
    )
    if reachable_from_outside(spec):
        errors += checks.one_of(at, spec.get("externalTrafficPolicy"), TRAFFIC_POLICIES)
    elif spec.get("externalTrafficPolicy"):
        errors.append(invalid(at, spec["externalTrafficPolicy"], "may only be set for externally-accessible services"))
    return errors + _balancer(spec)


def reachable_from_outside(spec: Object) -> bool:
    """Whether external traffic can come in, and so has a policy."""
    kind = spec.get("type")
    return kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))


def _balancer(spec: Object) -> Errors:
    """What only a service of type LoadBalancer has."""
    is_balancer = spec.get("type") == "LoadBalancer"
    only = "may only be used when `type` is 'LoadBalancer'"
    errors: Errors = []
    ranges, at = spec.get("loadBalancerSourceRanges") or (), SPEC.child("LoadBalancerSourceRanges")
    if ranges and not is_balancer:
        errors.append(forbidden(at, only))
    for position, text in enumerate(ranges):
        errors += checks.cidr(at.index(position), text.strip())
    if spec.get("allocateLoadBalancerNodePorts") is not None and not is_balancer:
        errors.append(forbidden(SPEC.child("allocateLoadBalancerNodePorts"), only))
    if spec.get("loadBalancerClass") is not None:
        where = SPEC.child("loadBalancerClass")
        errors += [] if is_balancer else [forbidden(where, only)]
        errors += checks.by(where, spec["loadBalancerClass"], names.is_qualified_name)
    return errors


def _external_name(spec: Object) -> Errors:
    target = (spec.get("externalName") or "").removesuffix(".")
    if not target:
        return [required(SPEC.child("externalName"))]
    return checks.by(SPEC.child("externalName"), target, names.is_dns1123_subdomain)


def _ports(spec: Object) -> Errors:
    path, ports = SPEC.child("ports"), spec.get("ports") or []
    errors: Errors = []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        errors.append(required(path))
    seen_names: set[str] = set()
    seen_ports: set[tuple[Any, Any]] = set()
    seen_node_ports: set[tuple[Any, Any]] = set()
    for position, port in enumerate(ports):
        at = path.index(position)
        errors += _port(at, port, spec, needs_name=len(ports) > 1, seen=seen_names)
        key = (port.get("protocol"), port.get("port"))
        if key in seen_ports:
            errors.append(duplicate(at, {"protocol": key[0], "port": key[1]}))
        seen_ports.add(key)
        node_key = (port.get("protocol"), port.get("nodePort"))
        if port.get("nodePort") and node_key in seen_node_ports:
            errors.append(duplicate(at.child("nodePort"), port["nodePort"]))
        seen_node_ports.add(node_key)
    return errors


def _port(at: Path, port: Object, spec: Object, *, needs_name: bool, seen: set[str]) -> Errors:
    errors: Errors = []
    name = port.get("name")
    if not name and needs_name:
        errors.append(required(at.child("name")))
    elif name:
        errors += checks.dns_label(at.child("name"), name)
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        seen.add(name)
    errors += checks.port_number(at.child("port"), port.get("port") or 0)
    errors += checks.one_of(at.child("protocol"), port.get("protocol"), PROTOCOLS)
    errors += checks.app_protocol(at, port)
    if port.get("targetPort") is not None:
        errors += checks.port_or_name(at.child("targetPort"), port["targetPort"])
    if port.get("nodePort") and spec.get("type") in ("ClusterIP", "ExternalName"):
        errors.append(forbidden(at.child("nodePort"), f"may not be used when `type` is '{spec['type']}'"))
    return errors


def _affinity(spec: Object) -> Errors:
    errors = checks.one_of(SPEC.child("sessionAffinity"), spec.get("sessionAffinity"), ("ClientIP", "None"))
    timeout = (((spec.get("sessionAffinityConfig") or {}).get("clientIP")) or {}).get("timeoutSeconds")
    if timeout is not None and not 0 < timeout <= MAX_AFFINITY_TIMEOUT_S:
        at = SPEC.child("sessionAffinityConfig", "clientIP", "timeoutSeconds")
        errors.append(invalid(at, timeout, f"must be greater than 0 and less than {MAX_AFFINITY_TIMEOUT_S}"))
    return errors


def _cluster_ip(spec: Object) -> Errors:
    address, addresses = spec.get("clusterIP") or "", spec.get("clusterIPs") or []
    at = SPEC.child("clusterIPs")
    if spec.get("type") == "ExternalName":
        return [forbidden(at, "may not be set when `type` is 'ExternalName'")] if addresses else []
    if address == "None" and spec.get("type") in ("NodePort", "LoadBalancer"):
        return [invalid(at.index(0), address, f"may not be set to 'None' for {spec['type']} services")]
    errors: Errors = []
    for position, value in enumerate(addresses):
        if value not in ("None", ""):
            errors += checks.ip(at.index(position), value)
    policy = spec.get("ipFamilyPolicy")
    families = ("SingleStack", "PreferDualStack", "RequireDualStack")
    if policy and policy not in families:
        errors.append(not_supported(SPEC.child("ipFamilyPolicy"), policy, sorted(families)))
    return errors


def validate_update(obj: Object, old: Object) -> Errors:
    """A cluster IP that was given out stays, unless the type changes to or from ExternalName."""
    spec, before = obj.get("spec") or {}, old.get("spec") or {}
    if "ExternalName" in (spec.get("type"), before.get("type")) or not before.get("clusterIP"):
        return []
    if spec.get("clusterIP") == before["clusterIP"]:
        return []
    message = "may not change once set"
    return [invalid(SPEC.child("clusterIPs").index(0), spec.get("clusterIPs") or [spec.get("clusterIP")], message)]


SERVICE_RULES = Rules(
    defaults=defaults,
    validate=validate,
    validate_update=validate_update,
    warnings=warnings.service,
    on_create=create,
    on_update=update,
    status=True,
    table=SERVICES,
)
