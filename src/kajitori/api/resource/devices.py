"""Validation of requests for devices: of claims, of templates of claims, and of classes of devices.

Pure, on wire dicts after defaulting; texts are upstream's. May import: api.checks, api.resource.naming, machinery; cel
lazily.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import orjson

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.resource import naming
from kajitori.machinery import names
from kajitori.machinery.fieldpath import (
    Path,
    duplicate,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
)

MODES = ("All", "ExactCount")
MAX_ITEMS, MAX_ALTERNATIVES = 32, 8
MAX_EXPRESSION = MAX_PARAMETERS = 10 * 1024
_ONE_OF = "exactly one of `exactly` or `firstAvailable` is required"
_NO_REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
_NO_VALUE = "<value omitted>"


def listed(
    path: Path, items: Sequence[Any], maximum: int, check: Callable[[Path, Any], Errors], key: str = ""
) -> Errors:
    """Each item, how many there may be, and each `key` (the item itself, where there is none) once."""
    errors = [error for position, item in enumerate(items) for error in check(path.index(position), item)]
    if len(items) > maximum:
        errors.append(too_many(path, len(items), maximum))
    seen: list[Any] = []
    for position, item in enumerate(items):
        value = (item.get(key) or "") if key else item
        at = path.index(position).child(key) if key else path.index(position)
        errors += [duplicate(at, value)] if value in seen else []
        seen.append(value)
    return errors


def claim(path: Path, spec: Object) -> Errors:
    """The spec of a claim: what is asked for, what has to be alike, and settings for drivers."""
    devices, at = spec.get("devices") or {}, path.child("devices")
    requests = devices.get("requests") or []
    known = request_names(requests)
    errors = listed(at.child("requests"), requests, MAX_ITEMS, _request, "name")
    for field, check in (("constraints", _constraint), ("config", config)):
        items = devices.get(field) or []
        for position, item in enumerate(items):
            errors += check(at.child(field).index(position), item, known)
        if len(items) > MAX_ITEMS:
            errors.append(too_many(at.child(field), len(items), MAX_ITEMS))
    return errors


def request_names(requests: Iterable[Object]) -> set[str]:
    """What constraints and settings may name: `gpu`, `gpu/large`."""
    found: set[str] = set()
    for request in requests:
        name = request.get("name") or ""
        found.add(name)
        found |= {f"{name}/{one.get('name') or ''}" for one in request.get("firstAvailable") or ()}
    return found


def _request(at: Path, request: Object) -> Errors:
    errors = checks.by(at.child("name"), request.get("name") or "", names.is_dns1123_label)
    exactly, alternatives = request.get("exactly"), request.get("firstAvailable") or []
    if alternatives:
        errors += listed(at.child("firstAvailable"), alternatives, MAX_ALTERNATIVES, _alternative, "name")
    if exactly is not None:
        errors += _wanted(at.child("exactly"), exactly)
    if exactly is not None and alternatives:
        errors.append(invalid(at, None, f"{_ONE_OF}, but multiple fields are set"))
    elif exactly is None and not alternatives:
        errors.append(required(at, _ONE_OF))
    return errors


def _alternative(at: Path, request: Object) -> Errors:
    return checks.by(at.child("name"), request.get("name") or "", names.is_dns1123_label) + _wanted(at, request)


def _wanted(at: Path, request: Object) -> Errors:
    """A class, selectors, and how many."""
    errors = checks.dns_subdomain(at.child("deviceClassName"), request.get("deviceClassName"))
    errors += listed(at.child("selectors"), request.get("selectors") or [], MAX_ITEMS, _selector)
    mode, count = request.get("allocationMode") or "", request.get("count") or 0
    if mode not in MODES:
        errors.append(not_supported(at.child("allocationMode"), mode, MODES))
    elif mode == "ExactCount" and count <= 0:
        errors.append(invalid(at.child("count"), count, "must be greater than zero"))
    elif mode == "All" and count:
        errors.append(invalid(at.child("count"), count, "must not be specified when allocationMode is 'All'"))
    return errors


def _selector(at: Path, selector: Object) -> Errors:
    """A condition in CEL over one device."""
    given = selector.get("cel")
    if given is None:
        return [required(at.child("cel"))]
    expression, where = given.get("expression") or "", at.child("cel", "expression")
    if len(expression.encode()) > MAX_EXPRESSION:
        return [too_long(where, "", MAX_EXPRESSION)]
    from kajitori.api.resource import selectors

    return selectors.check(where, expression)


def refers(at: Path, name: str, known: Collection[str]) -> Errors:
    """The name of a request, or of one of its alternatives."""
    parts = name.split("/")
    if len(parts) > 2:
        return [invalid(at, name, _NO_REQUEST)]
    errors = [error for part in parts for error in checks.by(at, part, names.is_dns1123_label)]
    return errors or ([] if name in known else [invalid(at, name, _NO_REQUEST)])


def _constraint(at: Path, constraint: Object, known: Collection[str]) -> Errors:
    def check(where: Path, name: str) -> Errors:
        return refers(where, name, known)

    errors = listed(at.child("requests"), constraint.get("requests") or [], MAX_ITEMS, check)
    attribute, where = constraint.get("matchAttribute"), at.child("matchAttribute")
    return [*errors, required(where)] if attribute is None else errors + naming.full_name(where, attribute)


def config(at: Path, config: Object, known: Collection[str]) -> Errors:
    """Settings for drivers, and which requests they are for."""

    def check(where: Path, name: str) -> Errors:
        return refers(where, name, known)

    return listed(at.child("requests"), config.get("requests") or [], MAX_ITEMS, check) + _settings(at, config)


def _settings(at: Path, config: Object) -> Errors:
    """Parameters that are the driver's alone to understand."""
    opaque, where = config.get("opaque"), at.child("opaque")
    if opaque is None:
        return [required(where)]
    errors = naming.driver(where.child("driver"), opaque.get("driver") or "")
    given, where = opaque.get("parameters"), where.child("parameters")
    if given is None:
        return [*errors, required(where)]
    if len(orjson.dumps(given)) > MAX_PARAMETERS:
        return [*errors, too_long(where, "", MAX_PARAMETERS)]
    return errors if isinstance(given, dict) else [*errors, invalid(where, _NO_VALUE, "must be a valid JSON object")]


def device_class(obj: Object) -> Errors:
    """A DeviceClass: selectors and settings that its claims get."""
    spec, path = obj.get("spec") or {}, Path("spec")
    errors = listed(path.child("selectors"), spec.get("selectors") or [], MAX_ITEMS, _selector)
    return errors + listed(path.child("config"), spec.get("config") or [], MAX_ITEMS, _settings)


def device_class_update(obj: Object, old: Object) -> Errors:
    """What is stored was good once."""
    return [] if obj.get("spec") == old.get("spec") else device_class(obj)
