"""The same object in other versions and groups, and how it is shown in them.

Two resources are equivalent when they are stored under the same keys: versions of one group, and groups that share
their objects (events). Versions of a custom resource that a webhook converts are asked for beforehand (`prepare`).
May import: api.{registration,scheme,strategy}, admission_types, handlers.scale lazily.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from kajitori.api.registration import Resource
from kajitori.api.scheme import Scheme
from kajitori.api.strategy import Strategy
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
    out = copy.deepcopy(obj)
    if source.custom:  # without a webhook, versions differ in their names only; nothing is pruned here
        out["apiVersion"] = target.group_version
        return out
    if _converts(source):
        out = source.strategy.to_storage(out)
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
    """Whether the object is an autoscaling/v1 Scale, whatever the resource."""
    return request.subresource == "scale" and shows_parent(request)


def needs_webhook(request: AdmissionRequest, target: Resource) -> bool:
    """Whether only a webhook can show the request's objects as `target` does."""
    return request.resource is not target and target.converter is not None and shows_parent(request)


async def prepare(request: AdmissionRequest, target: Resource) -> None:
    """Make `shown` able to show the objects. Raises StatusError where a conversion webhook fails."""
    if not needs_webhook(request, target) or is_scale(request):
        return
    known = request.converted = request.converted or {}
    for obj in (request.object, request.old_object):
        if obj is not None and (id(obj), target.version) not in known:
            assert target.converter is not None
            (made,) = await target.converter.convert([obj], target.group_version)
            known[id(obj), target.version] = (obj, made)  # the object is kept, so that its id stays its own


def shown(request: AdmissionRequest, obj: Object | None, target: Resource) -> Object | None:
    """How a webhook or policy that asked for `target` sees one of the request's objects."""
    if obj is None or not shows_parent(request):
        return obj
    if is_scale(request):
        from kajitori.apiserver.handlers.scale import scale_of

        return scale_of(obj, request.resource.scale_paths, 0)
    if needs_webhook(request, target):
        converted: Object = copy.deepcopy((request.converted or {})[id(obj), target.version][1])
        return converted
    return convert(obj, request.resource, target)


async def taken_back(request: AdmissionRequest, changed: Object, target: Resource) -> Object:
    """The request's object after what was shown has become `changed`. Raises StatusError."""
    if not shows_parent(request):
        return changed
    if is_scale(request):
        from kajitori.apiserver.handlers.scale import scale_of, with_scale

        assert request.object is not None
        workload, paths = copy.deepcopy(request.object), request.resource.scale_paths
        return with_scale(workload, changed, scale_of(workload, paths, 0), paths)
    if needs_webhook(request, target):
        assert target.converter is not None
        (made,) = await target.converter.convert([changed], request.resource.group_version)
        return made
    return convert(changed, target, request.resource)
