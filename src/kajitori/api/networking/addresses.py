"""IPAddresses and ServiceCIDRs: addresses and ranges in the one form that each has, and what never changes of them.

Pure, on wire dicts; texts are upstream's. May import: api.{checks, ips}, machinery.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.ips import Address
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, immutable, invalid, required
from kajitori.machinery.gotext import quote

SPEC = Path("spec")
CIDRS = SPEC.child("cidrs")
MAX_CIDRS = 2


def address_problems(text: str) -> list[str]:
    """What keeps a text from being an address in canonical form; an IPAddress is named by one."""
    found = ips.parsed_ip(text)
    if found is None:
        return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    if _leads_with_zeros(text):
        return ["must not have leading 0s"]
    if _is_mapped(found):
        return ["must not be an IPv4-mapped IPv6 address"]
    return [] if str(found) == text else [f"must be in canonical form ({quote(str(found))})"]


def range_problems(text: str) -> list[str]:
    """The same for a range."""
    found = ips.parsed_cidr(text)
    if found is None:
        return ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]
    address, _, length = text.partition("/")
    given = ips.parsed_ip(address)
    assert given is not None
    if _leads_with_zeros(address) or str(int(length)) != length:
        return ["must not have leading 0s in IP or prefix length"]
    if _is_mapped(given):
        return ["must not have an IPv4-mapped IPv6 address"]
    if given != found.network_address:
        return ["must not have bits set beyond the prefix length"]
    return [] if str(found) == text else [f"must be in canonical form ({quote(str(found))})"]


def _leads_with_zeros(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return True  # it did parse leniently
    return False


def _is_mapped(address: Address) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def ip_address(obj: Object) -> Errors:
    """It belongs to something."""
    parent, at = (obj.get("spec") or {}).get("parentRef"), SPEC.child("parentRef")
    if parent is None:
        return [required(at)]
    group, errors = parent.get("group") or "", []
    if group:
        errors += checks.by(at.child("group"), group, names.is_dns1123_subdomain)
    for field in ("resource", "name"):
        value = parent.get(field) or ""
        errors += [required(at.child(field))] if not value else checks.by(at.child(field), value, names.is_path_segment)
    space = parent.get("namespace") or ""
    return errors + (checks.by(at.child("namespace"), space, names.is_path_segment) if space else [])


def ip_address_update(obj: Object, old: Object) -> Errors:
    """It stays whose it is."""
    new, before = ((one.get("spec") or {}).get("parentRef") for one in (obj, old))
    return checks.unchanged(SPEC.child("parentRef"), new, before)


def service_cidr(obj: Object) -> Errors:
    """One range, or one of each family."""
    spec = obj.get("spec") or {}
    cidrs: list[Any] = spec.get("cidrs") or []
    if not cidrs:
        return [required(CIDRS, "at least one CIDR required")]
    if len(cidrs) > MAX_CIDRS:
        return [invalid(CIDRS, spec, "may only hold up to 2 values")]
    if len(cidrs) == MAX_CIDRS and not ips.is_dual_stack(cidrs, ips.parsed_cidr):
        example = "i.e 192.168.0.0/24 and 2001:db8::/96"
        return [invalid(CIDRS, spec, f"may specify no more than one IP for each IP family, {example}")]
    return [
        invalid(CIDRS.index(position), text, why) for position, text in enumerate(cidrs) for why in range_problems(text)
    ]


def service_cidr_update(obj: Object, old: Object) -> Errors:
    """Ranges stay; one of the other family may join a single one."""
    new, before = (list((one.get("spec") or {}).get("cidrs") or ()) for one in (obj, old))
    if len(new) == len(before):
        changed = [position for position, text in enumerate(before) if new[position] != text]
        return [immutable(CIDRS.index(position), new[0]) for position in changed]
    if len(before) == 1 and len(new) == MAX_CIDRS:
        return [immutable(CIDRS.index(0), new[0])] if new[0] != before[0] else []
    return [immutable(CIDRS, new)]
