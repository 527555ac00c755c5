"""networking.k8s.io/v1: Ingresses, their classes, NetworkPolicies, service address ranges. May import: api."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import NONE, age, dig, label_selector, load_balancer, name, table
from kajitori.api.checks import Errors
from kajitori.api.networking import addresses, ingress
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource, selectable
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required
from kajitori.machinery.gotext import quote

Object = dict[str, Any]
V1 = "networking.k8s.io/v1"
SPEC = Path("spec")
_CLASS = "kubernetes.io/ingress.class"
PROTOCOLS = ("TCP", "UDP", "SCTP")
MAX_HOSTS = 3
MAX_POLICY_TYPES = 2


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
            port["protocol"] = port.get("protocol") or "TCP"
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _ingress_warnings(obj: Object, old: Object | None) -> list[str]:
    annotations = obj["metadata"].get("annotations") or {}
    if old is not None or _CLASS not in annotations or (obj.get("spec") or {}).get("ingressClassName") is not None:
        return []
    return [f"annotation {quote(_CLASS)} is deprecated, please use 'spec.ingressClassName' instead"]


def _validate_policy(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors = checks.label_selector(SPEC.child("podSelector"), spec.get("podSelector") or {})
    types = spec.get("policyTypes") or ()
    if len(types) > MAX_POLICY_TYPES:
        return [*errors, invalid(SPEC.child("policyTypes"), types, "may not specify more than two policyTypes")]
    for position, kind in enumerate(types):
        if kind not in ("Ingress", "Egress"):
            errors.append(not_supported(SPEC.child("policyTypes").index(position), kind, ["Ingress", "Egress"]))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for position, rule in enumerate(spec.get(direction) or ()):
            at = SPEC.child(direction).index(position)
            for index, peer in enumerate(rule.get(peers) or ()):
                errors += _peer(at.child(peers).index(index), peer)
            for index, port in enumerate(rule.get("ports") or ()):
                errors += _policy_port(at.child("ports").index(index), port)
    return errors


def _peer(at: Path, peer: Object) -> Errors:
    given = [field for field in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(field) is not None]
    if not given:
        return [required(at, "must specify a peer")]
    if "ipBlock" in given and len(given) > 1:
        return [forbidden(at, "may not specify both ipBlock and another peer")]
    errors: Errors = []
    for field in ("podSelector", "namespaceSelector"):
        errors += checks.label_selector(at.child(field), peer.get(field))
    if "ipBlock" in given:
        cidr = peer["ipBlock"].get("cidr") or ""
        if not cidr:
            errors.append(required(at.child("ipBlock", "cidr")))
        else:
            errors += _block(at.child("ipBlock"), peer["ipBlock"])
    return errors


def _block(at: Path, block: Object) -> Errors:
    errors = checks.cidr(at.child("cidr"), block["cidr"])
    for position, text in enumerate(() if errors else block.get("except") or ()):
        where = at.child("except").index(position)
        wrong = checks.cidr(where, text)
        if wrong:
            return errors + wrong
        whole, hole = (ipaddress.ip_network(one, strict=False) for one in (block["cidr"], text))
        if whole.version != hole.version or whole.prefixlen >= hole.prefixlen or not _within(hole, whole):
            errors.append(invalid(where, text, "must be a strict subset of `cidr`"))
    return errors


def _within(hole: Any, whole: Any) -> bool:
    return hole.network_address in whole


def _policy_port(at: Path, port: Object) -> Errors:
    protocol = port.get("protocol")
    errors: Errors = []
    if protocol is not None and protocol not in PROTOCOLS:
        errors.append(not_supported(at.child("protocol"), protocol, PROTOCOLS))
    if port.get("port") is not None:
        errors += checks.port_or_name(at.child("port"), port["port"])
    end = port.get("endPort")
    if end is not None and isinstance(port.get("port"), int) and end < port["port"]:
        errors.append(invalid(at.child("endPort"), end, "must be greater than or equal to `port`"))
    return errors


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
            validate=ingress.ingress,
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
            validate=_validate_policy,
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
