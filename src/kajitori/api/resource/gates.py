"""Fields of resource.k8s.io whose gates are off by default in v1.34: dropped, unless the stored object has them.

The gates: DRADeviceTaints, DRAPartitionableDevices, DRADeviceBindingConditions, DRAConsumableCapacity and
DRAExtendedResource. Pure, on wire dicts. May import: api.resource.allocations.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kajitori.api.resource.allocations import allocated, device_id, results

Object = dict[str, Any]
DEVICE = (
    "taints",
    "consumesCounters",
    "nodeName",
    "nodeSelector",
    "allNodes",
    "bindsToNode",
    "bindingConditions",
    "bindingFailureConditions",
    "allowMultipleAllocations",
)


def new_claim(obj: Object) -> None:
    _drop_from_claim((obj.get("spec") or {}).get("devices") or {})


def new_template(obj: Object) -> None:
    _drop_from_claim(((obj.get("spec") or {}).get("spec") or {}).get("devices") or {})


def _drop_from_claim(devices: Object) -> None:
    for request in devices.get("requests") or ():
        for one in [request.get("exactly") or {}, *(request.get("firstAvailable") or ())]:
            for field in ("tolerations", "capacity"):
                one.pop(field, None)
    for constraint in devices.get("constraints") or ():
        constraint.pop("distinctAttribute", None)


def changed_status(obj: Object, old: Object) -> None:
    """And what drivers said of devices that the claim has no more goes with them."""
    status, before = obj.get("status") or {}, old.get("status") or {}
    for fields in (("shareID", "consumedCapacity"), ("bindingConditions", "bindingFailureConditions")):
        told = [*results(before), *(before.get("devices") or ())]
        if not any(one.get(field) is not None for one in told for field in fields):
            for one in [*results(status), *(status.get("devices") or ())]:
                for field in fields:
                    one.pop(field, None)
    gone = allocated(before) - allocated(status)
    if "devices" in status:
        status["devices"] = [one for one in status["devices"] or () if device_id(one) not in gone]
        if not status["devices"]:
            del status["devices"]


def new_slice(obj: Object) -> None:
    changed_slice(obj, {})


def changed_slice(obj: Object, old: Object) -> None:
    spec, before = obj.get("spec") or {}, old.get("spec") or {}
    for field in ("sharedCounters", "perDeviceNodeSelection"):
        if before.get(field) is None:
            spec.pop(field, None)
    in_use = {field for device in before.get("devices") or () for field in DEVICE if device.get(field) is not None}
    for device in spec.get("devices") or ():
        for field in DEVICE:
            if field not in in_use:
                device.pop(field, None)
        for capacity in _policies(device):
            capacity.pop("requestPolicy", None)


def _policies(device: Object) -> Iterator[Object]:
    for capacity in (device.get("capacity") or {}).values():
        if isinstance(capacity, dict):
            yield capacity


def new_class(obj: Object) -> None:
    changed_class(obj, {})


def changed_class(obj: Object, old: Object) -> None:
    if (old.get("spec") or {}).get("extendedResourceName") is None:
        (obj.get("spec") or {}).pop("extendedResourceName", None)
