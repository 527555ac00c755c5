"""The rules around a Service's addresses and ports, as pure functions on wire dicts.

Which fields its type needs, which IP families and policy it gets, what an update keeps although it was not said again,
and what a change of type drops. May import: api.core.{service_addresses,service_rules}, machinery.fieldpath.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.api.core.service_addresses import cluster_ips
from kajitori.api.core.service_rules import keep_node_ports
from kajitori.machinery.fieldpath import FieldError, Path, invalid

Object = dict[str, Any]
_SPEC = Path("spec")
_OTHER = {"IPv4": "IPv6", "IPv6": "IPv4"}


def needs_cluster_ip(spec: Object) -> bool:
    """Headless Services count: theirs is the word None."""
    return bool(spec.get("type", "ClusterIP") != "ExternalName")


def needs_node_ports(spec: Object) -> bool:
    """NodePort always; LoadBalancer unless it declines."""
    kind = spec.get("type", "ClusterIP")
    return kind == "NodePort" or (
        kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts", True) is not False
    )


def may_have_node_ports(spec: Object) -> bool:
    """Whether the type is one that is reachable on every node."""
    return spec.get("type") in ("NodePort", "LoadBalancer")


def needs_health_check_port(spec: Object) -> bool:
    """Balancers ask on it which nodes have endpoints of their own, for externalTrafficPolicy Local."""
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def sync_cluster_ip(obj: Object, old: Object | None) -> None:
    """Keep `clusterIP` and `clusterIPs` alike for clients that know only one of them.

    On create, `clusterIP` alone fills `clusterIPs`. On update, a client that changed only `clusterIP` means both;
    clearing `clusterIP` clears both. Contradictions are left for validation to name.
    """
    spec = obj["spec"]
    ip, ips = spec.get("clusterIP") or "", spec.get("clusterIPs") or []
    if old is None:
        if ip and not ips:
            spec["clusterIPs"] = [ip]
        return
    old_ips = (old.get("spec") or {}).get("clusterIPs") or []
    if not ip and ips == old_ips and ips and needs_cluster_ip(spec) is False:
        spec.pop("clusterIPs", None)
    elif ip and (not ips or (ips == old_ips and ips[0] != ip)):
        spec["clusterIPs"] = [ip]


def set_ip_families(obj: Object, old: Object | None, *, configured: Sequence[str]) -> list[FieldError]:
    """Give `ipFamilyPolicy` and `ipFamilies` their values; `configured` are the cluster's families, primary first."""
    spec = obj["spec"]
    if not needs_cluster_ip(spec):
        return []
    if malformed := cluster_ips(spec):
        return malformed
    old_spec = (old or {}).get("spec") or {}
    headless_without_selector = spec.get("clusterIP") == "None" and not spec.get("selector")
    if not spec.get("ipFamilyPolicy"):
        spec["ipFamilyPolicy"] = old_spec.get("ipFamilyPolicy") or (
            "RequireDualStack" if headless_without_selector else "SingleStack"
        )
    policy = spec["ipFamilyPolicy"]
    if old and policy == "SingleStack":
        _shrink_to_single(spec, old_spec)
    families = list(spec.get("ipFamilies") or ())
    errors = _policy_errors(spec, families, policy)
    errors += _infer_from_ips(spec, families, configured)
    if errors:
        return errors
    if not families:
        families = list(old_spec.get("ipFamilies") or ()) or [configured[0]]
    if headless_without_selector:
        if len(families) == 1 and policy != "SingleStack":
            families.append(_OTHER[families[0]])
        spec["ipFamilies"] = families
        return []
    errors = _configuration_errors(families, policy, configured)
    if not errors and policy != "SingleStack" and len(families) == 1 and len(configured) == 2:
        families.append(_OTHER[families[0]])
    spec["ipFamilies"] = families
    return errors


def _shrink_to_single(spec: Object, old_spec: Object) -> None:
    """Only the policy was changed to SingleStack: that alone says to give up the second address and family."""
    for field in ("clusterIPs", "ipFamilies"):
        if spec.get(field) == old_spec.get(field) and len(spec.get(field) or ()) > 1:
            spec[field] = spec[field][:1]


def _policy_errors(spec: Object, families: list[str], policy: str) -> list[FieldError]:
    errors = []
    if policy == "SingleStack":
        say = "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"
        if len(spec.get("clusterIPs") or ()) == 2:
            errors.append(invalid(_SPEC.child("ipFamilyPolicy"), policy, say.format("cluster IPs")))
        if len(families) == 2:
            errors.append(invalid(_SPEC.child("ipFamilyPolicy"), policy, say.format("IP families")))
    return errors


def _infer_from_ips(spec: Object, families: list[str], configured: Sequence[str]) -> list[FieldError]:
    errors = []
    ips = spec.get("clusterIPs") or ()
    for position, ip in enumerate(ips):
        if ip == "None":
            break
        if position >= len(families):
            family = "IPv6" if ":" in ip else "IPv4"
            if family in configured:
                families.append(family)
            else:
                path = _SPEC.child("clusterIPs").index(position)
                errors.append(invalid(path, list(ips), f"{family} is not configured on this cluster"))
    return errors


def _configuration_errors(families: list[str], policy: str, configured: Sequence[str]) -> list[FieldError]:
    errors = []
    if policy == "RequireDualStack" and len(configured) < 2:
        why = "this cluster is not configured for dual-stack services"
        errors.append(invalid(_SPEC.child("ipFamilyPolicy"), policy, why))
    for position, family in enumerate(families):
        if family not in configured:
            path = _SPEC.child("ipFamilies").index(position)
            errors.append(invalid(path, family, "not configured on this cluster"))
    return errors


def keep_allocated(obj: Object, old: Object) -> None:
    """What a client that knows nothing of allocation leaves out of its update stays as it was."""
    spec, old_spec = obj["spec"], old.get("spec") or {}
    if needs_cluster_ip(old_spec) and needs_cluster_ip(spec):
        if not spec.get("clusterIP") and old_spec.get("clusterIP"):
            spec["clusterIP"] = old_spec["clusterIP"]
        same = spec.get("clusterIP") == old_spec.get("clusterIP")
        if same and not spec.get("clusterIPs") and old_spec.get("clusterIPs"):
            spec["clusterIPs"] = list(old_spec["clusterIPs"])
    if may_have_node_ports(old_spec) and may_have_node_ports(spec):
        keep_node_ports(spec, old_spec)
    kept_port = old_spec.get("healthCheckNodePort") if needs_health_check_port(old_spec) else None
    if kept_port and needs_health_check_port(spec) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = kept_port


def drop_unneeded(obj: Object, old: Object) -> None:
    """A change of type takes along what the old type needed and nobody set anew."""
    spec, old_spec = obj["spec"], old.get("spec") or {}
    if needs_cluster_ip(old_spec) and not needs_cluster_ip(spec):
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if spec.get(field) == old_spec.get(field):
                spec.pop(field, None)
    if may_have_node_ports(old_spec) and not may_have_node_ports(spec) and _same_node_ports(spec, old_spec):
        for port in spec.get("ports") or ():
            port.pop("nodePort", None)
    same_port = spec.get("healthCheckNodePort") == old_spec.get("healthCheckNodePort")
    if same_port and needs_health_check_port(old_spec) and not needs_health_check_port(spec):
        spec.pop("healthCheckNodePort", None)
    if old_spec.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        for field in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
            if spec.get(field) == old_spec.get(field):
                spec.pop(field, None)


def _same_node_ports(spec: Object, old_spec: Object) -> bool:
    before = {p["nodePort"] for p in old_spec.get("ports") or () if p.get("nodePort")}
    return all(p["nodePort"] in before for p in spec.get("ports") or () if p.get("nodePort"))
