"""resource.k8s.io/v1: devices that pods claim (dynamic resource allocation). May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource, selectable
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required, too_many

Object = dict[str, Any]
V1 = "resource.k8s.io/v1"
SPEC = Path("spec")
MAX_REQUESTS, MAX_DEVICES = 32, 128
MODES = ("All", "ExactCount")


def _claim_row(obj: Object, now: datetime) -> list[Any]:
    return [name(obj), claim_state(obj), age(obj, now)]


def claim_state(obj: Object) -> str:
    """``pending``, or what became of the claim: ``allocated,reserved``, ``deleted`` in front where it is going."""
    words = ["deleted"] if dig(obj, "metadata.deletionTimestamp") else []
    if dig(obj, "status.allocation") is None:
        return ",".join([*words, "pending"]) if not words else "deleted"
    words.append("allocated")
    if dig(obj, "status.reservedFor"):
        words.append("reserved")
    return ",".join(words)


def _slice_row(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    return [name(obj), spec.get("nodeName", ""), spec.get("driver", ""), dig(spec, "pool.name", ""), age(obj, now)]


def _request_defaults(spec: Object) -> None:
    for request in (spec.get("devices") or {}).get("requests") or ():
        for one in [request.get("exactly"), *(request.get("firstAvailable") or ())]:
            if one is not None:
                one["allocationMode"] = one.get("allocationMode") or "ExactCount"
                if one["allocationMode"] == "ExactCount":
                    one.setdefault("count", 1)
                for toleration in one.get("tolerations") or ():
                    toleration["operator"] = toleration.get("operator") or "Equal"


def _claim_defaults(obj: Object) -> None:
    _request_defaults(obj.setdefault("spec", {}))


def _template_defaults(obj: Object) -> None:
    _request_defaults(obj.setdefault("spec", {}).setdefault("spec", {}))


def _claim_spec(path: Path, spec: Object) -> Errors:
    at = path.child("devices", "requests")
    requests = (spec.get("devices") or {}).get("requests") or []
    errors: Errors = [too_many(at, len(requests), MAX_REQUESTS)] if len(requests) > MAX_REQUESTS else []
    seen: set[str] = set()
    for position, request in enumerate(requests):
        where = at.index(position)
        errors += checks.dns_label(where.child("name"), request.get("name"))
        if request.get("name") in seen:
            errors.append(duplicate(where.child("name"), request["name"]))
        seen.add(request.get("name") or "")
        exactly, first = request.get("exactly"), request.get("firstAvailable")
        if (exactly is None) == (not first):
            errors.append(required(where, "exactly one of `exactly` or `firstAvailable` is required"))
        elif exactly is not None:
            errors += _exactly(where.child("exactly"), exactly)
    return errors


def _exactly(at: Path, request: Object) -> Errors:
    class_name = request.get("deviceClassName") or ""
    errors = checks.by(at.child("deviceClassName"), class_name, names.is_dns1123_subdomain) if class_name else []
    if not class_name:
        errors.append(required(at.child("deviceClassName")))
    mode, count = request.get("allocationMode"), request.get("count") or 0
    if mode not in MODES:
        errors.append(not_supported(at.child("allocationMode"), mode or "", MODES))
    elif mode == "ExactCount" and count <= 0:
        errors.append(invalid(at.child("count"), count, "must be greater than zero"))
    elif mode == "All" and count:
        errors.append(invalid(at.child("count"), count, "must not be specified when allocationMode is 'All'"))
    return errors


def _validate_claim(obj: Object) -> Errors:
    return _claim_spec(SPEC, obj.get("spec") or {})


def _validate_template(obj: Object) -> Errors:
    return _claim_spec(SPEC.child("spec"), (obj.get("spec") or {}).get("spec") or {})


def _spec_fixed(obj: Object, old: Object) -> Errors:
    return checks.unchanged(SPEC, obj.get("spec"), old.get("spec"))


def _validate_slice(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors = checks.dns_subdomain(SPEC.child("driver"), spec.get("driver"))
    pool = spec.get("pool") or {}
    if not pool.get("name"):
        errors.append(required(SPEC.child("pool", "name")))
    placed = [field for field in ("nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection") if spec.get(field)]
    if len(placed) != 1:
        allowed = "`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`"
        errors.append(required(SPEC, f"exactly one of {allowed} is required"))
    devices = spec.get("devices") or []
    if len(devices) > MAX_DEVICES:
        errors.append(too_many(SPEC.child("devices"), len(devices), MAX_DEVICES))
    for position, device in enumerate(devices):
        errors += checks.dns_label(SPEC.child("devices").index(position).child("name"), device.get("name"))
    return errors


def _update_slice(obj: Object, old: Object) -> Errors:
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    errors: Errors = []
    for field in ("driver", "nodeName"):
        errors += checks.unchanged(SPEC.child(field), new.get(field), before.get(field))
    if (new.get("pool") or {}).get("name") != (before.get("pool") or {}).get("name"):
        errors.append(forbidden(SPEC.child("pool", "name"), "field is immutable"))
    return errors


RESOURCES: list[Resource] = [
    resource(V1, "deviceclasses", "DeviceClass", Rules(generation=True), namespaced=False),
    resource(
        V1,
        "resourceclaims",
        "ResourceClaim",
        Rules(
            defaults=_claim_defaults,
            validate=_validate_claim,
            validate_update=_spec_fixed,
            status=True,
            table=table("Name, State, Age", _claim_row),
        ),
    ),
    resource(
        V1,
        "resourceclaimtemplates",
        "ResourceClaimTemplate",
        Rules(defaults=_template_defaults, validate=_validate_template, validate_update=_spec_fixed),
    ),
    resource(
        V1,
        "resourceslices",
        "ResourceSlice",
        Rules(
            validate=_validate_slice,
            validate_update=_update_slice,
            generation=True,
            table=table("Name, Node, Driver, Pool, Age", _slice_row),
        ),
        namespaced=False,
        selectable_fields=selectable(spec__nodeName="", spec__driver=""),
    ),
]
