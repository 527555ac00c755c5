"""resource.k8s.io/v1: devices that pods claim (dynamic resource allocation). May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.resource import allocations, devices, gates, slices
from kajitori.api.rules import Rules, resource, selectable, unchecked
from kajitori.machinery.fieldpath import Path

Object = dict[str, Any]
V1 = "resource.k8s.io/v1"
SPEC = Path("spec")


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


def _validate_claim(obj: Object) -> Errors:
    return devices.claim(SPEC, obj.get("spec") or {})


def _validate_template(obj: Object) -> Errors:
    return devices.claim(SPEC.child("spec"), (obj.get("spec") or {}).get("spec") or {})


def _spec_fixed(obj: Object, old: Object) -> Errors:
    return checks.unchanged(SPEC, obj.get("spec"), old.get("spec"))


RESOURCES: list[Resource] = [
    resource(
        V1,
        "deviceclasses",
        "DeviceClass",
        Rules(
            on_create=gates.new_class,
            on_update=gates.changed_class,
            validate=devices.device_class,
            revalidate=unchecked,
            validate_update=devices.device_class_update,
            generation=True,
        ),
        namespaced=False,
    ),
    resource(
        V1,
        "resourceclaims",
        "ResourceClaim",
        Rules(
            defaults=_claim_defaults,
            on_create=gates.new_claim,
            validate=_validate_claim,
            revalidate=unchecked,
            validate_update=_spec_fixed,
            on_status=gates.changed_status,
            validate_status=allocations.claim_status,
            status=True,
            table=table("Name, State, Age", _claim_row),
        ),
    ),
    resource(
        V1,
        "resourceclaimtemplates",
        "ResourceClaimTemplate",
        Rules(
            defaults=_template_defaults,
            on_create=gates.new_template,
            validate=_validate_template,
            revalidate=unchecked,
            validate_update=_spec_fixed,
        ),
    ),
    resource(
        V1,
        "resourceslices",
        "ResourceSlice",
        Rules(
            on_create=gates.new_slice,
            on_update=gates.changed_slice,
            validate=slices.resource_slice,
            validate_update=slices.update,
            generation=True,
            table=table("Name, Node, Driver, Pool, Age", _slice_row),
        ),
        namespaced=False,
        selectable_fields=selectable(spec__nodeName="", spec__driver=""),
    ),
]
