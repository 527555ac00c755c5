"""The same object in other versions and groups, and how it is shown in them.

Two resources are equivalent when they are stored under the same keys: versions of one group, and groups that share
their objects (events). May import: api.scheme, admission_types.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from kajitori.api.scheme import Resource, Scheme, Strategy
from kajitori.apiserver.admission_types import AdmissionRequest

Object = dict[str, Any]


def equivalents(scheme: Scheme, resource: Resource) -> Iterator[Resource]:
    """The other resources that show the same objects, those of the same group first."""
    same = [r for r in scheme.resources() if r.storage_prefix == resource.storage_prefix and r is not resource]
    yield from sorted(same, key=lambda r: r.group != resource.group)


def convert(obj: Object, source: Resource, target: Resource) -> Object:
    """The object as `target` shows it, a copy when it is changed."""
    if source is target:
        return obj
    out = source.strategy.to_storage(obj) if _converts(source) else copy.deepcopy(obj)
    if _converts(target):
        out = target.strategy.from_storage(out)
    out["apiVersion"], out["kind"] = target.group_version, target.kind
    return out


def _converts(resource: Resource) -> bool:
    return type(resource.strategy).from_storage is not Strategy.from_storage


def shows_parent(request: AdmissionRequest) -> bool:
    """Whether the request's objects are of its resource's own kind (they are not for a Binding, or exec's options)."""
    return request.kind in ("", request.resource.kind)


def is_scale(request: AdmissionRequest) -> bool:
    return request.subresource == "scale" and shows_parent(request)


def shown(request: AdmissionRequest, obj: Object | None, target: Resource) -> Object | None:
    """How a webhook or policy that asked for `target` sees one of the request's objects."""
    if obj is None or not shows_parent(request):
        return obj
    if is_scale(request):
        from kajitori.apiserver.handlers.scale import scale_of

        return scale_of(obj)
    return convert(obj, request.resource, target)


def taken_back(request: AdmissionRequest, changed: Object, target: Resource) -> Object:
    """The request's object after what was shown has become `changed`."""
    if not shows_parent(request):
        return changed
    if is_scale(request):
        assert request.object is not None
        obj = dict(request.object)
        obj["spec"] = {**(obj.get("spec") or {}), "replicas": (changed.get("spec") or {}).get("replicas", 0)}
        return obj
    return convert(changed, target, request.resource)
