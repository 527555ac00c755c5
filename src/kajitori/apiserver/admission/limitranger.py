"""LimitRanger: a namespace's LimitRanges give containers default resources, and bound what Pods and claims ask for.

`apply_defaults` and `violations` are pure. Quantities that cannot be parsed are left for validation to name.
May import: admission_types, deps, api.core.quota, machinery.quantity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from kajitori.api.core.quota import container_amounts, parse
from kajitori.api.registration import Resource
from kajitori.apiserver.admission.derived import Derived
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.quantity import Quantity, QuantityError

Object = dict[str, Any]
ANNOTATION = "kubernetes.io/limit-ranger"


class LimitRanger(AdmissionPlugin):
    """New Pods get defaults and are bounded; Pods that are resized and claims are bounded only."""

    name: ClassVar[str] = "LimitRanger"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def __init__(self, deps: ServerDeps) -> None:
        self._by_namespace = Derived(deps.reader, "", "limitranges", by_namespace)

    def handles(self, resource: Resource, subresource: str) -> bool:
        if resource.group_resource == "pods":
            return subresource in ("", "resize")
        return resource.group_resource == "persistentvolumeclaims" and not subresource

    async def admit(self, request: AdmissionRequest) -> None:
        if request.resource.plural != "pods" or request.operation != CREATE or request.object is None:
            return
        for limits in self._ranges(request.namespace):
            apply_defaults(request.object, limits)

    async def validate(self, request: AdmissionRequest) -> None:
        if request.object is None or _keeps_resources(request):
            return
        for limits in self._ranges(request.namespace):
            problems = list(violations(request.resource.plural, request.object, limits))
            if problems:
                raise refuse(request, problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")

    def _ranges(self, namespace: str) -> Iterable[Object]:
        return self._by_namespace().get(namespace, ())


def _keeps_resources(request: AdmissionRequest) -> bool:
    """An update of a Pod cannot change what its containers ask for, but by `resize` (KEP-1287); what goes is let go."""
    if request.old_object is not None and request.old_object["metadata"].get("deletionTimestamp"):
        return True
    return request.resource.plural == "pods" and request.operation == UPDATE and request.subresource != "resize"


def by_namespace(ranges: Iterable[Object]) -> dict[str, list[Object]]:
    """LimitRanges by their namespace."""
    out: dict[str, list[Object]] = {}
    for limit_range in ranges:
        out.setdefault(limit_range["metadata"]["namespace"], []).append(limit_range)
    return out


def items(limit_range: Object, kind: str) -> Iterator[Object]:
    """The limits of one type (`Container`, `Pod`, `PersistentVolumeClaim`)."""
    for item in (limit_range.get("spec") or {}).get("limits") or ():
        if item.get("type") == kind:
            yield item


def apply_defaults(pod: Object, limit_range: Object) -> None:
    """Fill in what containers leave out, and write down what was filled in, as upstream does."""
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for item in items(limit_range, "Container"):
        requests.update(item.get("defaultRequest") or {})
        limits.update(item.get("default") or {})
    notes = []
    for field, word in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(field) or ():
            notes += _fill(container, requests, limits, word)
    if notes:
        annotations = pod["metadata"].setdefault("annotations", {})
        annotations[ANNOTATION] = "LimitRanger plugin set: " + "; ".join(notes)


def _fill(container: Object, requests: dict[str, str], limits: dict[str, str], word: str) -> list[str]:
    resources = container.setdefault("resources", {})
    set_requests = [name for name in requests if name not in (resources.get("requests") or {})]
    set_limits = [name for name in limits if name not in (resources.get("limits") or {})]
    # A limit that was given without a request stands for the request, too: defaults come after that.
    given_limits = resources.get("limits") or {}
    set_requests = [name for name in set_requests if name not in given_limits]
    if set_requests:
        resources["requests"] = {**(resources.get("requests") or {}), **{n: requests[n] for n in set_requests}}
    if set_limits:
        resources["limits"] = {**given_limits, **{n: limits[n] for n in set_limits}}
    notes = []
    if set_requests:
        notes.append(f"{', '.join(sorted(set_requests))} request for {word} {container.get('name', '')}")
    if set_limits:
        notes.append(f"{', '.join(sorted(set_limits))} limit for {word} {container.get('name', '')}")
    return notes


def violations(plural: str, obj: Object, limit_range: Object) -> Iterator[str]:
    """How a Pod or claim (`plural`) breaks one LimitRange, in upstream's words."""
    try:
        if plural == "pods":
            yield from _pod_violations(obj, limit_range)
        else:
            requests = ((obj.get("spec") or {}).get("resources") or {}).get("requests") or {}
            for item in items(limit_range, "PersistentVolumeClaim"):
                yield from _bounds(item, "PersistentVolumeClaim", requests, {})
    except QuantityError:
        return


def _pod_violations(pod: Object, limit_range: Object) -> Iterator[str]:
    spec = pod["spec"]
    for item in items(limit_range, "Container"):
        for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
            resources = container.get("resources") or {}
            yield from _bounds(item, "Container", resources.get("requests") or {}, resources.get("limits") or {})
    for item in items(limit_range, "Pod"):
        yield from _bounds(item, "Pod", pod_sum(spec, "requests"), pod_sum(spec, "limits"))


def pod_sum(spec: Object, field: str) -> dict[str, str]:
    """`requests` or `limits` of the containers together; what the Pod itself says goes before it (KEP-2837)."""
    total = container_amounts(spec, field) | parse((spec.get("resources") or {}).get(field))
    return {name: str(amount) for name, amount in total.items()}


def _bounds(item: Object, kind: str, requests: dict[str, str], limits: dict[str, str]) -> Iterator[str]:
    for name, bound in (item.get("min") or {}).items():
        yield from _minimum(name, bound, kind, requests.get(name), limits.get(name))
    for name, bound in (item.get("max") or {}).items():
        yield from _maximum(name, bound, kind, requests.get(name), limits.get(name))
    if kind == "PersistentVolumeClaim":
        return  # has no limits, so there is no ratio
    for name, bound in (item.get("maxLimitRequestRatio") or {}).items():
        yield from _ratio(name, bound, kind, requests.get(name), limits.get(name))


def _minimum(name: str, bound: str, kind: str, request: str | None, limit: str | None) -> Iterator[str]:
    say = f"minimum {name} usage per {kind} is {bound}"
    if request is None:
        yield f"{say}.  No request is specified"
    elif Quantity.parse(request) < Quantity.parse(bound):
        yield f"{say}, but request is {request}"
    elif limit is not None and Quantity.parse(limit) < Quantity.parse(bound):
        yield f"{say}, but limit is {limit}"


def _maximum(name: str, bound: str, kind: str, request: str | None, limit: str | None) -> Iterator[str]:
    say = f"maximum {name} usage per {kind} is {bound}"
    if kind == "PersistentVolumeClaim":
        if request is not None and Quantity.parse(bound) < Quantity.parse(request):
            yield f"{say}, but request is {request}"
        return
    if limit is None:
        yield f"{say}.  No limit is specified"
    elif Quantity.parse(bound) < Quantity.parse(limit):
        yield f"{say}, but limit is {limit}"
    elif request is not None and Quantity.parse(bound) < Quantity.parse(request):
        yield f"{say}, but request is {request}"


def _ratio(name: str, bound: str, kind: str, request: str | None, limit: str | None) -> Iterator[str]:
    if request is None or Quantity.parse(request).is_zero:
        yield f"{name} max limit to request ratio per {kind} is {bound}, but no request is specified or request is 0"
    elif limit is None or Quantity.parse(limit).is_zero:
        yield f"{name} max limit to request ratio per {kind} is {bound}, but no limit is specified or limit is 0"
    else:
        actual = Quantity.parse(limit).milli_value() / Quantity.parse(request).milli_value()
        if actual > float(Quantity.parse(bound)):
            yield f"{name} max limit to request ratio per {kind} is {bound}, but provided ratio is {actual:f}"
