"""Validation of EndpointSlices. Pure, on wire dicts after defaulting; texts are upstream's.

May import: api.{checks, ips}, machinery.
"""

from __future__ import annotations

from collections.abc import Sequence

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, invalid, required, too_many

ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MAX_ENDPOINTS, MAX_PORTS, MAX_ADDRESSES, MAX_TOPOLOGY, MAX_HINTS = 1000, 20000, 100, 16, 8


def endpoint_slice(obj: Object) -> Errors:
    """Addresses of one kind, and ports that all of them have."""
    kind = obj.get("addressType") or ""
    errors = checks.one_of(Path("addressType"), kind, ADDRESS_TYPES)
    return errors + _endpoints(obj.get("endpoints") or (), kind) + _ports(obj.get("ports") or ())


def _endpoints(endpoints: Sequence[Object], kind: str) -> Errors:
    path = Path("endpoints")
    if len(endpoints) > MAX_ENDPOINTS:
        return [too_many(path, len(endpoints), MAX_ENDPOINTS)]
    return [error for index, one in enumerate(endpoints) for error in _endpoint(path.index(index), one, kind)]


def _endpoint(at: Path, endpoint: Object, kind: str) -> Errors:
    errors = _addresses(at.child("addresses"), endpoint.get("addresses") or (), kind)
    if endpoint.get("nodeName") is not None:
        errors += checks.by(at.child("nodeName"), endpoint["nodeName"], names.is_dns1123_subdomain)
    topology, where = endpoint.get("deprecatedTopology") or {}, at.child("deprecatedTopology")
    if len(topology) > MAX_TOPOLOGY:
        errors.append(too_many(where, len(topology), MAX_TOPOLOGY))
    errors += checks.labels(where, topology)
    if endpoint.get("hostname") is not None:
        errors += checks.by(at.child("hostname"), endpoint["hostname"], names.is_dns1123_label)
    return errors + _hints(at.child("hints"), endpoint.get("hints") or {})


def _addresses(at: Path, addresses: Sequence[str], kind: str) -> Errors:
    errors: Errors = []
    if not addresses:
        errors.append(required(at, "must contain at least 1 address"))
    elif len(addresses) > MAX_ADDRESSES:
        errors.append(too_many(at, len(addresses), MAX_ADDRESSES))
    for position, address in enumerate(addresses):
        where = at.index(position)
        if kind == "FQDN":
            errors += _full_name(where, address)
        elif kind in ADDRESS_TYPES:
            parsed = ips.parsed_ip(address)
            if parsed is None or f"IPv{parsed.version}" != kind:
                errors.append(invalid(where, address, f"must be a valid {kind} address"))
            errors += ips.ordinary_ip(where, address)
    return errors


def _full_name(at: Path, name: str) -> Errors:
    """Two labels at least; a dot may stand at the end."""
    if not name:
        return [required(at)]
    name = name.removesuffix(".")
    wrong = names.is_dns1123_subdomain(name)
    if wrong:
        return [invalid(at, name, ",".join(wrong))]
    if "." not in name:
        return [invalid(at, name, "should be a domain with at least two segments separated by dots")]
    return [invalid(at, part, why) for part in name.split(".") for why in names.is_dns1123_label(part)]


def _hints(at: Path, hints: Object) -> Errors:
    """Who should use an endpoint: zones, nodes."""
    errors = _hinted(at.child("forZones"), hints.get("forZones") or (), label=True)
    return errors + _hinted(at.child("forNodes"), hints.get("forNodes") or (), label=False)


def _hinted(at: Path, hints: Sequence[Object], *, label: bool) -> Errors:
    if len(hints) > MAX_HINTS:
        return [too_many(at, len(hints), MAX_HINTS)]
    errors: Errors = []
    seen: set[str] = set()
    for position, hint in enumerate(hints):
        where, name = at.index(position).child("name"), hint.get("name") or ""
        if name in seen:
            errors.append(duplicate(where, name))
        seen.add(name)
        errors += checks.by(where, name, names.is_label_value if label else names.is_dns1123_subdomain)
    return errors


def _ports(ports: Sequence[Object]) -> Errors:
    path = Path("ports")
    if len(ports) > MAX_PORTS:
        return [too_many(path, len(ports), MAX_PORTS)]
    errors: Errors = []
    seen: set[str] = set()
    for position, port in enumerate(ports):
        at, name, protocol = path.index(position), port.get("name") or "", port.get("protocol")
        errors += checks.by(at.child("name"), name, names.is_dns1123_label) if name else []
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        seen.add(name)
        errors += [required(at.child("protocol"))] if protocol is None else []
        errors += checks.choice(at.child("protocol"), protocol, ("SCTP", "TCP", "UDP"))
        errors += checks.app_protocol(at, port)
    return errors


def update(obj: Object, old: Object) -> Errors:
    """The kind of address never changes."""
    return checks.unchanged(Path("addressType"), obj.get("addressType"), old.get("addressType"))
