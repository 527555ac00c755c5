"""Validation of a claim's status: whom it is reserved for, the devices that it got, and what drivers say of them.

Pure, on wire dicts; texts are upstream's. May import: api.{checks, conditions, ips}, api.core.scheduling_validation,
api.resource, machinery.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson

from kajitori.api import checks, conditions, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.core.scheduling_validation import node_selector
from kajitori.api.resource import devices, naming
from kajitori.api.resource.devices import MAX_ITEMS, listed
from kajitori.machinery import names
from kajitori.machinery.fieldpath import (
    Path,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
)
from kajitori.machinery.gotext import Go, quote

MAX_CONSUMERS, MAX_CONDITIONS, MAX_ADDRESSES = 256, 8, 16
MAX_INTERFACE, MAX_HARDWARE, MAX_DATA = 256, 128, 10 * 1024
SOURCES = ("FromClaim", "FromClass")
EFFECTS = ("NoExecute", "NoSchedule")
OPERATORS = ("Equal", "Exists")
_AT = Path("status")
_NO_VALUE = "<value omitted>"
_NO_ADDRESS = "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)"
_GOING = "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set"


def claim_status(obj: Object, old: Object) -> Errors:
    """All of a status. What a claim got stays while it has it, and is not looked at again."""
    status, before = obj.get("status") or {}, old.get("status") or {}
    reserved, got = status.get("reservedFor") or [], status.get("allocation")
    errors = listed(_AT.child("reservedFor"), reserved, MAX_CONSUMERS, _consumer, "uid")
    errors += _reported(status.get("devices") or [], allocated(status))
    if reserved and got is None:
        why = "may not be specified when `allocated` is not set"
        errors.append(forbidden(_AT.child("reservedFor"), why))
    elif obj["metadata"].get("deletionTimestamp") and any(
        one not in (before.get("reservedFor") or ()) for one in reserved
    ):
        errors.append(forbidden(_AT.child("reservedFor"), _GOING))
    if got is not None and before.get("allocation") is not None:
        errors += checks.unchanged(_AT.child("allocation"), got, before["allocation"])
    elif got is not None:
        known = devices.request_names(((obj.get("spec") or {}).get("devices") or {}).get("requests") or ())
        errors += _allocation(_AT.child("allocation"), got, known)
    return errors


def _consumer(at: Path, consumer: Object) -> Errors:
    return [required(at.child(field)) for field in ("resource", "name", "uid") if not consumer.get(field)]


def results(status: Object) -> list[Object]:
    """The devices that a claim got."""
    return (((status.get("allocation") or {}).get("devices") or {}).get("results")) or []


def device_id(device: Object) -> str:
    """`driver/pool/device`, and the share of it where it is shared."""
    parts = [device.get(field) or "" for field in ("driver", "pool", "device")]
    return "/".join([*parts, device["shareID"]] if device.get("shareID") else parts)


def allocated(status: Object) -> set[str]:
    """The ids of the devices that a claim got."""
    return {device_id(result) for result in results(status)}


def _allocation(at: Path, allocation: Object, known: Collection[str]) -> Errors:
    def result(where: Path, one: Object) -> Errors:
        return _result(where, one, known)

    def config(where: Path, one: Object) -> Errors:
        source, field = one.get("source") or "", where.child("source")
        errors: Errors = []
        if not source:
            errors.append(required(field))
        elif source not in SOURCES:
            errors.append(not_supported(field, source, SOURCES))
        return errors + devices.config(where, one, known)

    got, where = allocation.get("devices") or {}, at.child("devices")
    errors = _few(where.child("results"), got.get("results") or [], MAX_ITEMS, result)
    errors += _few(where.child("config"), got.get("config") or [], 2 * MAX_ITEMS, config)
    if allocation.get("nodeSelector") is not None:
        errors += node_selector(at.child("nodeSelector"), allocation["nodeSelector"])
    return errors


def _few(at: Path, items: list[Object], maximum: int, check: Any) -> Errors:
    errors = [error for position, item in enumerate(items) for error in check(at.index(position), item)]
    return [*errors, too_many(at, len(items), maximum)] if len(items) > maximum else errors


def _place(at: Path, device: Object) -> Errors:
    """Driver, pool and name."""
    errors = naming.driver(at.child("driver"), device.get("driver") or "")
    errors += naming.pool(at.child("pool"), device.get("pool") or "")
    return errors + checks.by(at.child("device"), device.get("device") or "", names.is_dns1123_label)


def _result(at: Path, result: Object, known: Collection[str]) -> Errors:
    errors = devices.refers(at.child("request"), result.get("request") or "", known) + _place(at, result)
    for position, toleration in enumerate(result.get("tolerations") or ()):
        errors += _toleration(at.child("tolerations").index(position), toleration)
    return errors


def _toleration(at: Path, toleration: Object) -> Errors:
    key, value, effect = (toleration.get(field) or "" for field in ("key", "value", "effect"))
    errors = checks.by(at.child("key"), key, names.is_qualified_name) if key else []
    operator, where = toleration.get("operator") or "", at.child("operator")
    if operator == "Exists" and value:
        errors.append(invalid(at.child("value"), value, "must be empty for operator `Exists`"))
    elif operator == "Equal":
        errors += checks.by(at.child("value"), value, names.is_label_value)
    elif not operator:
        errors.append(required(where))
    elif operator not in OPERATORS:
        errors.append(not_supported(where, operator, OPERATORS))
    return errors if effect in ("", *EFFECTS) else [*errors, not_supported(at.child("effect"), effect, EFFECTS)]


def _reported(told: list[Object], known: Collection[str]) -> Errors:
    """What drivers say of the devices that the claim got."""
    at, seen = _AT.child("devices"), set()
    errors, again = [], []
    for position, device in enumerate(told):
        name, where = device_id(device), at.index(position)
        errors += _place(where, device)
        if name not in known:
            errors.append(invalid(where, Go(name), "must be an allocated device in the claim"))
        errors += _condition_of(where, device) + _data(where.child("data"), device.get("data"))
        errors += _network(where.child("networkData"), device.get("networkData") or {})
        again += [duplicate(where.child("deviceID"), Go(name))] if name in seen else []
        seen.add(name)
    return errors + again


def _condition_of(at: Path, device: Object) -> Errors:
    given, where = device.get("conditions") or [], at.child("conditions")
    errors: Errors = [too_many(where, len(given), MAX_CONDITIONS)] if len(given) > MAX_CONDITIONS else []
    return errors + conditions.conditions(where, given)


def _data(at: Path, data: Any) -> Errors:
    if data is None:
        return []
    if len(orjson.dumps(data)) > MAX_DATA:
        return [too_long(at, "", MAX_DATA)]
    return [] if isinstance(data, dict) else [invalid(at, _NO_VALUE, "must be a valid JSON object")]


def _network(at: Path, network: Object) -> Errors:
    errors: Errors = []
    for field, most in (("interfaceName", MAX_INTERFACE), ("hardwareAddress", MAX_HARDWARE)):
        if len((network.get(field) or "").encode()) > most:
            errors.append(too_long(at.child(field), "", most))
    return errors + listed(at.child("ips"), network.get("ips") or [], MAX_ADDRESSES, _address)


def _address(at: Path, text: str) -> Errors:
    """An address with the length of its network, in the one form that it has."""
    network = ips.parsed_cidr(text)
    address = ips.parsed_ip(text.partition("/")[0])
    if network is None or address is None:
        return [invalid(at, text, _NO_ADDRESS)]
    mapped = getattr(address, "ipv4_mapped", None)
    length = network.prefixlen - 96 if mapped is not None and network.prefixlen > 32 else network.prefixlen
    right = f"{mapped or address}/{length}"
    return [] if right == text else [invalid(at, text, f"must be in canonical form ({quote(right)})")]
