"""Validation of NetworkPolicies, and what is told of ranges that they write oddly. Pure; texts are upstream's.

May import: api.{checks, ips}, api.core.warnings, machinery.
"""

from __future__ import annotations

from collections.abc import Iterator

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.core import warnings
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required

SPEC = Path("spec")
PROTOCOLS = ("TCP", "UDP", "SCTP")
TYPES = ("Ingress", "Egress")


def network_policy(obj: Object) -> Errors:
    """Whom it selects, ports and peers of both directions, and which directions it is about."""
    spec = obj.get("spec") or {}
    errors = checks.label_selector(SPEC.child("podSelector"), spec.get("podSelector") or {})
    for at, rule, peers in _rules(spec):
        for index, port in enumerate(rule.get("ports") or ()):
            errors += _port(at.child("ports").index(index), port)
        for index, peer in enumerate(rule.get(peers) or ()):
            errors += _peer(at.child(peers).index(index), peer)
    types, at = spec.get("policyTypes") or (), SPEC.child("policyTypes")
    if len(types) > len(TYPES):
        return [*errors, invalid(at, types, "may not specify more than two policyTypes")]
    wrong = ((position, kind) for position, kind in enumerate(types) if kind not in TYPES)
    return errors + [not_supported(at.index(position), kind, TYPES) for position, kind in wrong]


def _rules(spec: Object) -> Iterator[tuple[Path, Object, str]]:
    """Each rule with its place and the name of its peers."""
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for position, rule in enumerate(spec.get(direction) or ()):
            yield SPEC.child(direction).index(position), rule, peers


def _peer(at: Path, peer: Object) -> Errors:
    given = [field for field in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(field) is not None]
    errors: Errors = []
    for field in ("podSelector", "namespaceSelector"):
        errors += checks.label_selector(at.child(field), peer.get(field))
    if "ipBlock" in given:
        errors += _block(at.child("ipBlock"), peer["ipBlock"])
    if not given:
        errors.append(required(at, "must specify a peer"))
    elif "ipBlock" in given and len(given) > 1:
        errors.append(forbidden(at, "may not specify both ipBlock and another peer"))
    return errors


def _block(at: Path, block: Object) -> Errors:
    if not block.get("cidr"):
        return [required(at.child("cidr"))]
    whole = ips.parsed_cidr(block["cidr"])
    if whole is None:
        return ips.cidr(at.child("cidr"), block["cidr"])
    errors: Errors = []
    for position, text in enumerate(block.get("except") or ()):
        where, hole = at.child("except").index(position), ips.parsed_cidr(text)
        if hole is None:
            return errors + ips.cidr(where, text)
        inside = hole.version == whole.version and hole.network_address in whole
        if not inside or hole.prefixlen <= whole.prefixlen:
            errors.append(invalid(where, text, "must be a strict subset of `cidr`"))
    return errors


def _port(at: Path, port: Object) -> Errors:
    protocol, number, end = port.get("protocol"), port.get("port"), port.get("endPort")
    errors: Errors = []
    if protocol is not None and protocol not in PROTOCOLS:
        errors.append(not_supported(at.child("protocol"), protocol, PROTOCOLS))
    where = at.child("endPort")
    if number is None:
        return errors + (
            [] if end is None else [invalid(where, end, "may not be specified when `port` is not specified")]
        )
    if isinstance(number, str):
        if end is not None:
            errors.append(invalid(where, end, "may not be specified when `port` is non-numeric"))
        return errors + checks.by(at.child("port"), number, names.is_port_name)
    errors += checks.port_number(at.child("port"), number)
    if end is None:
        return errors
    if end < number:
        errors.append(invalid(where, number, "must be greater than or equal to `port`"))
    return errors + checks.port_number(where, end)


def warned(obj: Object, old: Object | None) -> list[str]:
    """Ranges in odd spellings."""
    found: list[str] = []
    for at, rule, peers in _rules(obj.get("spec") or {}):
        for index, peer in enumerate(rule.get(peers) or ()):
            block, where = peer.get("ipBlock"), at.child(peers).index(index).child("ipBlock")
            if block is not None:
                found += warnings.address_range(where.child("cidr"), block.get("cidr") or "")
                for position, text in enumerate(block.get("except") or ()):
                    found += warnings.address_range(where.child("except").index(position), text)
    return found
