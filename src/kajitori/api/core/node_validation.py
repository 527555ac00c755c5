"""Validation of Nodes. Pure, on wire dicts after defaulting; texts are upstream's. May import: api, machinery."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.core.resource_checks import amount
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, required

TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
SPEC, STATUS = Path("spec"), Path("status")
TAINTS = Path("metadata", "taints")
"""Upstream's path of the spec's taints."""


def node(obj: Object) -> Errors:
    """Taints, amounts and ranges of addresses."""
    spec = obj.get("spec") or {}
    errors = _taints(TAINTS, spec.get("taints") or ()) + _amounts(obj.get("status") or {})
    ranges, at = spec.get("podCIDRs") or [], SPEC.child("podCIDRs")
    for position, text in enumerate(ranges):
        errors += ips.cidr(at.index(position), text)
    if len(ranges) > 1:
        if not ips.is_dual_stack(ranges, ips.parsed_cidr) or len(ranges) > 2:
            errors.append(invalid(at, ranges, "may specify no more than one CIDR for each IP family"))
        errors += [duplicate(at.index(i), text) for i, text in enumerate(ranges) if text in ranges[:i]]
    return errors


def _taints(path: Path, taints: Iterable[Object]) -> Errors:
    """Each pair of key and effect once."""
    errors: Errors = []
    seen: set[tuple[str, str]] = set()
    for position, taint in enumerate(taints):
        at = path.index(position)
        key, value, effect = (taint.get(field) or "" for field in ("key", "value", "effect"))
        errors += checks.by(at.child("key"), key, names.is_qualified_name)
        wrong = names.is_label_value(value)
        errors += [invalid(at.child("value"), value, ";".join(wrong))] if wrong else []
        errors += checks.one_of_these(at.child("effect"), effect, TAINT_EFFECTS)
        if (key, effect) in seen:
            twice = duplicate(at, dict(taint))
            errors.append(dataclasses.replace(twice, detail="taints must be unique by key and effect pair"))
        seen.add((key, effect))
    return errors


def _amounts(status: Object) -> Errors:
    errors: Errors = []
    for field in ("capacity", "allocatable"):
        for name, value in (status.get(field) or {}).items():
            errors += amount(STATUS.child(field, name), name, value)
    return errors


def changed(obj: Object) -> Errors:
    """What holds for a Node that is there already."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    errors = _amounts(status)
    addresses: list[Any] = status.get("addresses") or []
    for position, address in enumerate(addresses):
        if address in addresses[:position]:
            errors.append(duplicate(STATUS.child("addresses").index(position), address))
    if spec.get("configSource") is not None:
        errors += _config_source(SPEC.child("configSource"), spec["configSource"])
    return errors + _taints(TAINTS, spec.get("taints") or ())


def _config_source(at: Path, source: Object) -> Errors:
    """Of a feature that is gone."""
    reference = source.get("configMap")
    if reference is None:
        return [invalid(at, dict(source), "exactly one reference subfield must be non-nil")]
    errors: Errors = []
    where = at.child("configMap")
    for field in ("uid", "resourceVersion"):
        if reference.get(field):
            errors.append(forbidden(where.child(field), f"{field} must not be set in spec"))
    for field, check in (
        ("namespace", names.is_dns1123_label),
        ("name", names.is_dns1123_subdomain),
        ("kubeletConfigKey", names.is_config_map_key),
    ):
        value, here = reference.get(field), where.child(field)
        errors += checks.by(here, value, check) if value else [required(here, f"{field} must be set")]
    return errors


def pod_ranges(spec: Object) -> list[str]:
    """The list counts; the single field is its first."""
    return spec.get("podCIDRs") or ([spec["podCIDR"]] if spec.get("podCIDR") else [])


def update(obj: Object, old: Object) -> Errors:
    """A pod CIDR and a provider ID stay once they are given."""
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    ranges, old_ranges = pod_ranges(new), pod_ranges(before)
    errors: Errors = []
    why = 'node updates may not change podCIDR except from "" to valid'
    if old_ranges and len(ranges) != len(old_ranges):
        errors.append(forbidden(SPEC.child("podCIDRs"), why))
    else:
        changes = [forbidden(SPEC.child("podCIDRs"), why) for a, b in zip(ranges, old_ranges, strict=False) if a != b]
        errors += changes
    if before.get("providerID") and new.get("providerID") != before["providerID"]:
        why = 'node updates may not change providerID except from "" to valid'
        errors.append(forbidden(SPEC.child("providerID"), why))
    if (new.get("externalID") or "") != (before.get("externalID") or ""):
        errors.append(forbidden(SPEC.child("externalID"), "may not be updated"))
    return errors


def status_update(obj: Object, old: Object) -> Errors:
    """The status endpoint asks the same."""
    return changed(obj) + update(obj, old)
