"""discovery.k8s.io/v1: EndpointSlices. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import UNSET, age, listed, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, required, too_many

Object = dict[str, Any]
ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MAX_ENDPOINTS, MAX_PORTS, MAX_ADDRESSES = 1000, 20000, 100


def _row(obj: Object, now: datetime) -> list[Any]:
    addresses = [a for endpoint in obj.get("endpoints") or () for a in endpoint.get("addresses") or ()]
    ports = [_port_text(port) for port in obj.get("ports") or ()]
    return [name(obj), obj.get("addressType", ""), listed(ports, UNSET), listed(addresses, UNSET), age(obj, now)]


def _port_text(port: Object) -> str:
    if port.get("port") is not None:
        return str(port["port"])
    return str(port.get("name") or "*")


def _defaults(obj: Object) -> None:
    for port in obj.get("ports") or ():
        port.setdefault("name", "")
        port["protocol"] = port.get("protocol") or "TCP"


def _validate(obj: Object) -> Errors:
    errors = checks.one_of(Path("addressType"), obj.get("addressType"), ADDRESS_TYPES)
    endpoints, ports = obj.get("endpoints") or [], obj.get("ports") or []
    if len(endpoints) > MAX_ENDPOINTS:
        errors.append(too_many(Path("endpoints"), len(endpoints), MAX_ENDPOINTS))
    for position, endpoint in enumerate(endpoints):
        errors += _endpoint(Path("endpoints").index(position), endpoint, obj.get("addressType") or "")
    seen: set[str] = set()
    for position, port in enumerate(ports):
        at = Path("ports").index(position)
        port_name = port.get("name") or ""
        if port_name:
            errors += checks.by(at.child("name"), port_name, names.is_dns1123_label)
        if port_name in seen:
            errors.append(duplicate(at.child("name"), port_name))
        seen.add(port_name)
        errors += checks.one_of(at.child("protocol"), port.get("protocol"), ("SCTP", "TCP", "UDP"))
        errors += checks.app_protocol(at, port)
    return errors


def _endpoint(at: Path, endpoint: Object, address_type: str) -> Errors:
    addresses = endpoint.get("addresses") or []
    if not addresses:
        return [required(at.child("addresses"), "must contain at least 1 address")]
    if len(addresses) > MAX_ADDRESSES:
        return [too_many(at.child("addresses"), len(addresses), MAX_ADDRESSES)]
    errors: Errors = []
    for position, address in enumerate(addresses):
        where = at.child("addresses").index(position)
        check = checks.dns_subdomain if address_type == "FQDN" else checks.ip
        errors += check(where, address)
    if endpoint.get("nodeName") is not None:
        errors += checks.by(at.child("nodeName"), endpoint["nodeName"], names.is_dns1123_subdomain)
    if endpoint.get("hostname") is not None:
        errors += checks.by(at.child("hostname"), endpoint["hostname"], names.is_dns1123_label)
    return errors


def _update(obj: Object, old: Object) -> Errors:
    return checks.unchanged(Path("addressType"), obj.get("addressType"), old.get("addressType"))


SLICES = Rules(
    defaults=_defaults,
    validate=_validate,
    validate_update=_update,
    generation=True,
    table=table("Name, AddressType, Ports, Endpoints, Age", _row),
)

RESOURCES: list[Resource] = [resource("discovery.k8s.io/v1", "endpointslices", "EndpointSlice", SLICES)]
