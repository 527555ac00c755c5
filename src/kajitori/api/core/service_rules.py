"""Services: defaults and what an update keeps. Addresses and node ports are given out by the API server.

Pure, on wire dicts. May import: api.{checks, rules}, api.core.{columns, service_validation, warnings}.
"""

from __future__ import annotations

from typing import Any

from kajitori.api.checks import Object
from kajitori.api.core import service_validation, warnings
from kajitori.api.core.columns import SERVICES
from kajitori.api.core.service_validation import reachable_from_outside
from kajitori.api.rules import Rules

AFFINITY_TIMEOUT_S = 10800


def defaults(obj: dict[str, Any]) -> None:
    """What depends on the type is filled in for that type only."""
    spec = obj.setdefault("spec", {})
    kind = spec["type"] = spec.get("type") or "ClusterIP"
    spec["sessionAffinity"] = spec.get("sessionAffinity") or "None"
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        client_ip = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if client_ip.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": AFFINITY_TIMEOUT_S}}
    if kind == "LoadBalancer":
        for ingress in ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ():
            if ingress.get("ip"):
                ingress["ipMode"] = "VIP" if ingress.get("ipMode") is None else ingress["ipMode"]
    for port in spec.get("ports") or ():
        port["protocol"] = port.get("protocol") or "TCP"
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port") or 0
    if reachable_from_outside(spec) and not spec.get("externalTrafficPolicy"):
        spec["externalTrafficPolicy"] = "Cluster"
    if kind in ("ClusterIP", "NodePort", "LoadBalancer") and spec.get("internalTrafficPolicy") is None:
        spec["internalTrafficPolicy"] = "Cluster"
    if kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is None:
        spec["allocateLoadBalancerNodePorts"] = True


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
        keep_node_ports(spec, before)


def keep_node_ports(spec: Object, before: Object) -> None:
    """A port without a node port keeps that of its namesake, unless another port has it now."""
    given = {port.get("name") or "": port.get("nodePort") for port in before.get("ports") or ()}
    used = {port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort")}
    for port in spec.get("ports") or ():
        kept = given.get(port.get("name") or "")
        if not port.get("nodePort") and kept and kept not in used:
            port["nodePort"] = kept


SERVICE_RULES = Rules(
    defaults=defaults,
    validate=service_validation.service,
    validate_update=service_validation.update,
    validate_status=service_validation.status_update,
    warnings=warnings.service,
    on_create=create,
    on_update=update,
    status=True,
    table=SERVICES,
)
