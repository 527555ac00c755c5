"""networking.k8s.io/v1: Ingresses, their classes, NetworkPolicies, service address ranges. May import: api."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import NONE, age, dig, label_selector, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource, selectable
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required
from kajitori.machinery.gotext import quote

Object = dict[str, Any]
V1 = "networking.k8s.io/v1"
SPEC = Path("spec")
_CLASS = "kubernetes.io/ingress.class"
PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
MAX_HOSTS = 3


def _ingress_row(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    hosts = [rule["host"] for rule in spec.get("rules") or () if rule.get("host")]
    shown = ",".join(hosts[:MAX_HOSTS]) + (f" + {len(hosts) - MAX_HOSTS} more..." if len(hosts) > MAX_HOSTS else "")
    ingress = dig(obj, "status.loadBalancer.ingress", ())
    address = ",".join(i.get("ip") or i.get("hostname") or "" for i in ingress)
    ports = "80, 443" if spec.get("tls") else "80"
    return [name(obj), spec.get("ingressClassName") or NONE, shown or "*", address, ports, age(obj, now)]


def _class_row(obj: Object, now: datetime) -> list[Any]:
    parameters = dig(obj, "spec.parameters")
    text = NONE
    if parameters:
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") else ""
        text = f"{parameters.get('kind', '')}{group}/{parameters.get('name', '')}"
    return [name(obj), dig(obj, "spec.controller", ""), text, age(obj, now)]


def _policy_row(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), label_selector(dig(obj, "spec.podSelector")), age(obj, now)]


def _ip_row(obj: Object, now: datetime) -> list[Any]:
    parent = dig(obj, "spec.parentRef", {})
    group = f".{parent['group']}" if parent.get("group") else ""
    where = f"{parent['namespace']}/" if parent.get("namespace") else ""
    return [name(obj), f"{parent.get('resource', '')}{group}/{where}{parent.get('name', '')}", age(obj, now)]


def _cidr_row(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), ",".join(dig(obj, "spec.cidrs", ())), age(obj, now)]


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
    for position, kind in enumerate(spec.get("policyTypes") or ()):
        if kind not in ("Ingress", "Egress"):
            errors.append(not_supported(SPEC.child("policyTypes").index(position), kind, ["Egress", "Ingress"]))
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
            errors += _cidr(at.child("ipBlock", "cidr"), cidr)
    return errors


def _cidr(at: Path, text: str) -> Errors:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return [invalid(at, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    return []


def _policy_port(at: Path, port: Object) -> Errors:
    errors = checks.optional_one_of(at.child("protocol"), port.get("protocol"), ("SCTP", "TCP", "UDP"))
    if port.get("port") is not None:
        errors += checks.port_or_name(at.child("port"), port["port"])
    end = port.get("endPort")
    if end is not None and isinstance(port.get("port"), int) and end < port["port"]:
        errors.append(invalid(at.child("endPort"), end, "must be greater than or equal to `port`"))
    return errors


def _validate_ingress(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors: Errors = []
    if not spec.get("rules") and not spec.get("defaultBackend"):
        errors.append(invalid(SPEC, spec, "either `defaultBackend` or `rules` must be specified"))
    if spec.get("defaultBackend"):
        errors += _backend(SPEC.child("defaultBackend"), spec["defaultBackend"])
    for position, rule in enumerate(spec.get("rules") or ()):
        at = SPEC.child("rules").index(position)
        if rule.get("host"):
            check = names.is_wildcard_dns1123_subdomain if "*" in rule["host"] else names.is_dns1123_subdomain
            errors += checks.by(at.child("host"), rule["host"], check)
        for index, path in enumerate((rule.get("http") or {}).get("paths") or ()):
            where = at.child("http", "paths").index(index)
            errors += checks.one_of(where.child("pathType"), path.get("pathType"), PATH_TYPES)
            if path.get("pathType") in ("Exact", "Prefix") and not (path.get("path") or "").startswith("/"):
                errors.append(invalid(where.child("path"), path.get("path") or "", "must be an absolute path"))
            errors += _backend(where.child("backend"), path.get("backend") or {})
    return errors


def _backend(at: Path, backend: Object) -> Errors:
    service = backend.get("service")
    if service is None and backend.get("resource") is None:
        return [required(at, "resource or service backend is required")]
    if service is None:
        return []
    errors = [] if service.get("name") else [required(at.child("service", "name"))]
    port = service.get("port") or {}
    if not port.get("name") and not port.get("number"):
        errors.append(required(at, "port name or number is required"))
    return errors


def _validate_class(obj: Object) -> Errors:
    controller = (obj.get("spec") or {}).get("controller") or ""
    at = SPEC.child("controller")
    if not controller:
        return [required(at)]
    domain, slash, _ = controller.partition("/")
    if not slash:
        return [invalid(at, controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    return checks.by(at, domain, names.is_dns1123_subdomain)


def _class_update(obj: Object, old: Object) -> Errors:
    new, before = (obj.get("spec") or {}).get("controller"), (old.get("spec") or {}).get("controller")
    return checks.unchanged(SPEC.child("controller"), new, before)


RESOURCES: list[Resource] = [
    resource(
        V1,
        "ingressclasses",
        "IngressClass",
        Rules(
            validate=_validate_class,
            validate_update=_class_update,
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
            validate=_validate_ingress,
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
        Rules(table=table("Name, ParentRef, Age", _ip_row)),
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
        Rules(status=True, table=table("Name, CIDRs, Age", _cidr_row)),
        namespaced=False,
    ),
]
