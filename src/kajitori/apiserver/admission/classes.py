"""RuntimeClass and DefaultIngressClass: what naming a class, or none, brings along.

May import: admission_types, deps.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps

Object = dict[str, Any]
_DEFAULT_INGRESS = "ingressclass.kubernetes.io/is-default-class"
_INGRESS_ANNOTATION = "kubernetes.io/ingress.class"


class RuntimeClass(AdmissionPlugin):
    """Overhead and scheduling constraints of a Pod's RuntimeClass are merged into the Pod."""

    name: ClassVar[str] = "RuntimeClass"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == ("", "pods", "")

    async def admit(self, request: AdmissionRequest) -> None:
        assert request.object is not None
        spec = request.object["spec"]
        found = self._find(request, spec)
        if found is None:
            return
        overhead = (found.get("overhead") or {}).get("podFixed")
        if overhead:
            if spec.get("overhead") and spec["overhead"] != overhead:
                why = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
                raise refuse(request, why)
            spec["overhead"] = dict(overhead)
        merge_scheduling(request, spec, found.get("scheduling") or {})

    async def validate(self, request: AdmissionRequest) -> None:
        assert request.object is not None
        spec = request.object["spec"]
        if not spec.get("runtimeClassName") and spec.get("overhead"):
            raise refuse(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")

    def _find(self, request: AdmissionRequest, spec: Object) -> Object | None:
        name = spec.get("runtimeClassName")
        if not name:
            return None
        found = self._reader.get("node.k8s.io", "runtimeclasses", "", name)
        if found is None:
            raise refuse(request, f'pod rejected: RuntimeClass "{name}" not found')
        return found


def merge_scheduling(request: AdmissionRequest, spec: Object, scheduling: Object) -> None:
    """Adds a RuntimeClass' node selector and tolerations to a pod spec; refuses where they contradict the Pod's."""
    wanted = scheduling.get("nodeSelector") or {}
    selector = dict(spec.get("nodeSelector") or {})
    for key, value in wanted.items():
        if selector.setdefault(key, value) != value:
            raise refuse(
                request,
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {selector[key]}",
            )
    if wanted:
        spec["nodeSelector"] = selector
    tolerations = list(spec.get("tolerations") or ())
    extra = [t for t in scheduling.get("tolerations") or () if t not in tolerations]
    if extra:
        spec["tolerations"] = tolerations + copy.deepcopy(extra)


class DefaultIngressClass(AdmissionPlugin):
    """An Ingress that names no class gets the IngressClass that is marked as default."""

    name: ClassVar[str] = "DefaultIngressClass"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == ("networking.k8s.io", "ingresses", "")

    async def admit(self, request: AdmissionRequest) -> None:
        ingress = request.object
        assert ingress is not None
        spec = ingress.setdefault("spec", {})
        annotations = ingress["metadata"].get("annotations") or {}
        if spec.get("ingressClassName") is not None or _INGRESS_ANNOTATION in annotations:
            return
        defaults = [
            c
            for c in self._reader.list("networking.k8s.io", "ingressclasses")
            if (c["metadata"].get("annotations") or {}).get(_DEFAULT_INGRESS) == "true"
        ]
        defaults.sort(key=lambda c: c["metadata"]["name"])
        newest = max(defaults, key=lambda c: c["metadata"].get("creationTimestamp") or "", default=None)
        if newest is not None:
            spec["ingressClassName"] = newest["metadata"]["name"]
