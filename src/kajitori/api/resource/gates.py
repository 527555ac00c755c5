"""Fields of resource.k8s.io whose gates are off by default in v1.34: dropped, unless the stored object has them.

The gates: DRADeviceTaints, DRAPartitionableDevices, DRADeviceBindingConditions, DRAConsumableCapacity and
DRAExtendedResource. Pure, on wire dicts. May import: nothing of Kajitori.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
