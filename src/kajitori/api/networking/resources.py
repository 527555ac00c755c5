"""networking.k8s.io/v1: Ingresses, their classes, NetworkPolicies, service address ranges. May import: api."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kajitori.api.cells import NONE, age, dig, label_selector, load_balancer, name, table
from kajitori.api.networking import addresses, ingress, policies
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource, selectable
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.gotext import quote

Object = dict[str, Any]
V1 = "networking.k8s.io/v1"
SPEC = Path("spec")
MAX_HOSTS = 3


def _ingress_row(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    chosen, ports = dig(spec, "ingressClassName", NONE), "80, 443" if spec.get("tls") else "80"
    return [name(obj), chosen, _hosts(spec.get("rules") or ()), load_balancer(obj), ports, age(obj, now)]


def _hosts(rules: Sequence[Object]) -> str:
    """The first three hosts; what follows the third is counted in rules, with a host or without."""
    hosts: list[str] = []
    for rule in rules:
        if len(hosts) == MAX_HOSTS:
            return f"{','.join(hosts)} + {len(rules) - MAX_HOSTS} more..."
        if rule.get("host"):
            hosts.append(rule["host"])
    return ",".join(hosts) or "*"


def _class_row(obj: Object, now: datetime) -> list[Any]:
    parameters = dig(obj, "spec.parameters")
    text = NONE
    if parameters:
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") is not None else ""
        text = f"{parameters.get('kind', '')}{group}/{parameters.get('name', '')}"
    return [name(obj), dig(obj, "spec.controller", ""), text, age(obj, now)]


def _policy_row(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), label_selector(dig(obj, "spec.podSelector")), age(obj, now)]


def _ip_row(obj: Object, _now: datetime) -> list[Any]:
    parent = dig(obj, "spec.parentRef")
    if parent is None:
        return [name(obj), NONE]
    group = f".{parent['group']}" if parent.get("group") else ""
    where = f"{parent['namespace']}/" if parent.get("namespace") else ""
    return [name(obj), f"{parent.get('resource', '')}{group}".lower() + f"/{where}{parent.get('name', '')}"]


def _cidr_row(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), ",".join(dig(obj, "spec.cidrs", ())), age(obj, now)]


def _class_defaults(obj: Object) -> None:
    parameters = (obj.get("spec") or {}).get("parameters")
    if parameters is not None:
        parameters.setdefault("scope", "Cluster")


def _policy_defaults(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    for rule in [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]:
        for port in rule.get("ports") or ():
            port.setdefault("protocol", "TCP")
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _ingress_warnings(obj: Object, old: Object | None) -> list[str]:
    annotations = obj["metadata"].get("annotations") or {}
    if (
        old is not None
        or ingress.CLASS not in annotations
        or (obj.get("spec") or {}).get("ingressClassName") is not None
    ):
        return []
    return [f"annotation {quote(ingress.CLASS)} is deprecated, please use 'spec.ingressClassName' instead"]


RESOURCES: list[Resource] = [
    resource(
        V1,
        "ingressclasses",
        "IngressClass",
        Rules(
            defaults=_class_defaults,
            validate=ingress.ingress_class,
            validate_update=ingress.ingress_class_update,
            generation=True,
            table=table("Name, Controller, Parameters, Age", _class_row),
        ),
        namespaced=False,
    ),
    resource(
        V1,
        "ingresses",
        "Ingress",
        Rules(
            validate=ingress.new_ingress,
            revalidate=ingress.ingress,
            validate_status=ingress.ingress_status,
            warnings=_ingress_warnings,
            status=True,
            generation=True,
            table=table("Name, Class, Hosts, Address, Ports, Age", _ingress_row),
        ),
        short_names=("ing",),
    ),
    resource(
        V1,
        "ipaddresses",
        "IPAddress",
        Rules(
            validate=addresses.ip_address,
            validate_update=addresses.ip_address_update,
            table=table("Name, ParentRef", _ip_row),
        ),
        namespaced=False,
        short_names=("ip",),
        selectable_fields=selectable(),
    ),
    resource(
        V1,
        "networkpolicies",
        "NetworkPolicy",
        Rules(
            defaults=_policy_defaults,
            validate=policies.network_policy,
            warnings=policies.warned,
            generation=True,
            table=table("Name, Pod-Selector, Age", _policy_row),
        ),
        short_names=("netpol",),
    ),
    resource(
        V1,
        "servicecidrs",
        "ServiceCIDR",
        Rules(
            validate=addresses.service_cidr,
            validate_update=addresses.service_cidr_update,
            status=True,
            table=table("Name, CIDRs, Age", _cidr_row),
        ),
        namespaced=False,
    ),
]
