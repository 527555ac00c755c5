"""Defaults of the core/v1 kinds other than Pods and Services. Pure, on wire dicts. May import: api.core, machinery."""

from __future__ import annotations

import base64
from typing import Any

from kajitori.api.core.pod_defaults import pod_template, volume_source
from kajitori.machinery.uuids import new_uuid

Object = dict[str, Any]


def endpoints(obj: Object) -> None:
    """Ports without a protocol are TCP."""
    for subset in obj.get("subsets") or ():
        for port in subset.get("ports") or ():
            port["protocol"] = port.get("protocol") or "TCP"


def limit_range(obj: Object) -> None:
    """Container limits: a missing default is the maximum; a missing request is the default, else the minimum."""
    for item in (obj.get("spec") or {}).get("limits") or ():
        if item.get("type") != "Container":
            continue
        for source, target in (("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")):
            for name, quantity in (item.get(source) or {}).items():
                item.setdefault(target, {}).setdefault(name, quantity)


def name_limit_range(obj: Object) -> None:
    """Alone among all kinds, a new LimitRange without any name gets one."""
    obj["metadata"]["name"] = obj["metadata"].get("name") or new_uuid()


def namespace(obj: Object) -> None:
    """Every Namespace carries its own name as the label `kubernetes.io/metadata.name` (KEP-2161)."""
    name = obj.get("metadata", {}).get("name")
    if name:  # every namespace can be selected by its name
        labels = obj["metadata"].get("labels") or {}
        obj["metadata"]["labels"] = labels | {"kubernetes.io/metadata.name": name}


def claim(obj: Object) -> None:
    """Of a PersistentVolumeClaim."""
    obj.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    _pending(obj)


def _pending(obj: Object) -> None:
    status = obj.setdefault("status", {})
    status["phase"] = status.get("phase") or "Pending"


def node(obj: Object) -> None:
    """One address range stands in two fields, of which the older one counts where they differ."""
    spec = obj.get("spec") or {}
    ranges, first = spec.get("podCIDRs"), spec.get("podCIDR")
    if first and (not ranges or ranges[0] != first):
        spec["podCIDRs"] = [first]
    elif ranges and not first:
        spec["podCIDR"] = ranges[0]


def volume(obj: Object) -> None:
    """Of a PersistentVolume."""
    spec = obj.setdefault("spec", {})
    spec["persistentVolumeReclaimPolicy"] = spec.get("persistentVolumeReclaimPolicy") or "Retain"
    spec.setdefault("volumeMode", "Filesystem")
    _pending(obj)
    for source in spec:
        volume_source(source, spec[source])


def secret(obj: Object) -> None:
    """An Opaque type; `stringData` is a convenience for writers and ends up encoded in `data`."""
    obj["type"] = obj.get("type") or "Opaque"
    for key, text in (obj.pop("stringData", None) or {}).items():
        obj.setdefault("data", {})[key] = base64.b64encode(text.encode()).decode()


def pod_template_object(obj: Object) -> None:
    """Of a PodTemplate, the kind."""
    pod_template(obj.get("template"))


def replication_controller(obj: Object) -> None:
    """Selector and labels come from the template where they are not given."""
    spec = obj.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    template = spec.get("template")
    pod_template(template)
    labels = (template or {}).get("metadata", {}).get("labels") or {}
    if labels:
        spec["selector"] = spec.get("selector") or dict(labels)
        obj["metadata"]["labels"] = obj["metadata"].get("labels") or dict(labels)
