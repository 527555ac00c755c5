"""Priority: a Pod's priorityClassName becomes its priority and preemption policy; one PriorityClass is the default.

May import: admission_types, deps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.derived import Derived
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps

Object = dict[str, Any]
GROUP = "scheduling.k8s.io"


class Priority(AdmissionPlugin):
    """Fills in priority, class and preemption policy of new Pods; classes that are missing are refused."""

    name: ClassVar[str] = "Priority"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader
        self._default_class = Derived(deps.reader, GROUP, "priorityclasses", default_class)

    def handles(self, resource: Resource, subresource: str) -> bool:
        return not subresource and (resource.group, resource.plural) in (("", "pods"), (GROUP, "priorityclasses"))

    async def admit(self, request: AdmissionRequest) -> None:
        if request.resource.plural != "pods" or request.object is None:
            return
        spec = request.object["spec"]
        if request.operation == UPDATE:
            keep_priority(spec, (request.old_object or {}).get("spec") or {})
            return
        priority_class = self._class_of(request, spec)
        value = int(priority_class.get("value", 0)) if priority_class else 0
        if spec.get("priority") is not None and spec["priority"] != value:
            raise refuse(
                request,
                f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; priority "
                f"admission controller computed {value} from the given PriorityClass name",
            )
        policy = (priority_class or {}).get("preemptionPolicy") or "PreemptLowerPriority"
        if spec.get("preemptionPolicy") is not None and spec["preemptionPolicy"] != policy:
            raise refuse(
                request,
                f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) must not be provided in pod spec; "
                f"priority admission controller computed {policy} from the given PriorityClass name",
            )
        spec["priority"], spec["preemptionPolicy"] = value, policy

    async def validate(self, request: AdmissionRequest) -> None:
        obj = request.object
        if request.resource.plural != "priorityclasses" or obj is None or not obj.get("globalDefault"):
            return
        default = self._default_class()
        if default is not None and default["metadata"]["name"] != obj["metadata"].get("name"):
            name = default["metadata"]["name"]
            raise refuse(request, f"PriorityClass {name} is already marked as default. Only one default can exist")

    def _class_of(self, request: AdmissionRequest, spec: Object) -> Object | None:
        name = spec.get("priorityClassName")
        if name:
            found = self._reader.get(GROUP, "priorityclasses", "", name)
            if found is None:
                raise refuse(request, f"no PriorityClass with name {name} was found")
            return found
        default = self._default_class()
        if default is not None:
            spec["priorityClassName"] = default["metadata"]["name"]
        return default


def default_class(classes: Iterable[Object]) -> Object | None:
    """Of several defaults (made by several servers at once) the lowest counts, as upstream."""
    return min((c for c in classes if c.get("globalDefault")), key=lambda c: int(c.get("value", 0)), default=None)


def keep_priority(spec: Object, old: Object) -> None:
    """An update that leaves the computed fields out means them unchanged."""
    for field in ("priority", "preemptionPolicy"):
        if spec.get(field) is None and old.get(field) is not None:
            spec[field] = old[field]
