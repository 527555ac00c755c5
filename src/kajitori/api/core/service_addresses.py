"""Cluster addresses and IP families of a Service: what fits together, and what an update may do to them.

The registry asks for `cluster_ips` too, before it gives out addresses. May import: api.{checks, ips}, machinery.
"""

from __future__ import annotations

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.machinery.fieldpath import Path, duplicate, invalid, not_supported, required

FAMILIES = ("IPv4", "IPv6")
FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_IPS, _FAMILIES = Path("spec", "clusterIPs"), Path("spec", "ipFamilies")
_SET = "may not change once set"


def is_headless(spec: Object) -> bool:
    """Its one address is the word None."""
    return (spec.get("clusterIPs") or ()) == ["None"]


def cluster_ips(spec: Object) -> Errors:
    """Both fields for addresses, the families and their policy; those of ExternalName have none."""
    if spec.get("type") == "ExternalName":
        return []
    addresses = spec.get("clusterIPs") or []
    errors = _in_step(spec, addresses)
    for position, family in enumerate(spec.get("ipFamilies") or ()):
        at = _FAMILIES.index(position)
        errors += [] if family in FAMILIES else [not_supported(at, family, FAMILIES)]
        errors += [duplicate(at, family)] if family in spec["ipFamilies"][:position] else []
    errors += checks.choice(Path("spec", "ipFamilyPolicy"), spec.get("ipFamilyPolicy"), FAMILY_POLICIES)
    wrong = _malformed(addresses)
    errors += wrong
    if len(addresses) > 2:
        errors.append(invalid(_IPS, addresses, "may only hold up to 2 values"))
    if wrong:
        return errors
    if len(addresses) > 1 and not ips.is_dual_stack(addresses, ips.parsed_ip):
        errors.append(invalid(_IPS, addresses, "may specify no more than one IP for each IP family"))
    return errors + (_of_family(spec, addresses) if not is_headless(spec) else [])


def _in_step(spec: Object, addresses: list[str]) -> Errors:
    """One field is the first value of the other."""
    address = spec.get("clusterIP") or ""
    if address and not addresses:
        return [required(_IPS)]
    if address and address != addresses[0]:
        return [invalid(_IPS, addresses, "first value must match `clusterIP`")]
    if addresses and not address:
        return [invalid(_IPS, addresses, "must be empty when `clusterIP` is not specified")]
    return []


def _malformed(addresses: list[str]) -> Errors:
    errors: Errors = []
    for position, address in enumerate(addresses):
        if position or address != "None":
            errors += ips.ip(_IPS.index(position), address)
        elif len(addresses) > 1:
            errors.append(invalid(_IPS, addresses, "'None' must be the first and only value"))
    return errors


def _of_family(spec: Object, addresses: list[str]) -> Errors:
    """Each address is of the family that stands at its place."""
    errors: Errors = []
    for position, (address, family) in enumerate(zip(addresses, spec.get("ipFamilies") or (), strict=False)):
        parsed = ips.parsed_ip(address)
        if family in FAMILIES and parsed is not None and family != f"IPv{parsed.version}":
            why = f"expected an {family} value as indicated by `ipFamilies[{position}]`"
            errors.append(invalid(_IPS.index(position), address, why))
    return errors


def changes(spec: Object, before: Object) -> Errors:
    """First ones stay, second ones come and go, the latter by the policy SingleStack only."""
    if "ExternalName" in (spec.get("type"), before.get("type")):
        return []
    headless, was_headless = is_headless(spec), is_headless(before)
    errors = [] if headless and was_headless else _address_changes(spec, before)
    return errors + ([] if headless or was_headless else _family_changes(spec, before))


def _address_changes(spec: Object, before: Object) -> Errors:
    now, then = spec.get("clusterIPs") or [], before.get("clusterIPs") or []
    if len(now) == len(then):
        return [invalid(_IPS.index(at), now, _SET) for at, ip in enumerate(then) if ip != now[at]]
    if not now:
        return [invalid(_IPS.index(0), None, "primary clusterIP can not be unset")]
    errors = [invalid(_IPS.index(0), now, _SET)] if then and now[0] != then[0] else []
    return errors + (_released(spec, now, "clusterIP") if len(then) > len(now) == 1 else [])


def _family_changes(spec: Object, before: Object) -> Errors:
    now, then = spec.get("ipFamilies") or [], before.get("ipFamilies") or []
    addresses = spec.get("clusterIPs")
    if len(now) == len(then):
        return [invalid(_FAMILIES.index(0), now, _SET) for one, other in zip(now, then, strict=True) if one != other]
    errors: Errors = []
    if len(then) > len(now) and not addresses:
        errors.append(invalid(_FAMILIES.index(0), now or None, "primary ipFamily can not be unset"))
    if then and now and now[0] != then[0]:
        errors.append(invalid(_FAMILIES.index(0), addresses, _SET))
    return errors + (_released(spec, addresses, "ipFamily") if len(then) > len(now) == 1 else [])


def _released(spec: Object, addresses: list[str] | None, what: str) -> Errors:
    if spec.get("ipFamilyPolicy") == "SingleStack":
        return []
    why = f"`ipFamilyPolicy` must be set to 'SingleStack' when releasing the secondary {what}"
    return [invalid(_IPS.index(0), addresses, why)]
