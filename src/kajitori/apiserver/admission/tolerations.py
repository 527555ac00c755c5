"""DefaultTolerationSeconds and TaintNodesByCondition: Pods stay five minutes on a node that fails; new nodes start
tainted until their kubelet reports them ready. May import: admission_types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest

Object = dict[str, Any]
NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
_SECONDS = 300


class DefaultTolerationSeconds(AdmissionPlugin):
    """Pods that say nothing of it stay five minutes on nodes that are not ready or unreachable."""

    name: ClassVar[str] = "DefaultTolerationSeconds"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def __init__(self, *, not_ready_s: int = _SECONDS, unreachable_s: int = _SECONDS) -> None:
        self._seconds = {NOT_READY: not_ready_s, UNREACHABLE: unreachable_s}

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == ("", "pods", "")

    async def admit(self, request: AdmissionRequest) -> None:
        if request.object is not None:
            add_tolerations(request.object["spec"], self._seconds)


def add_tolerations(spec: Object, seconds: Mapping[str, int]) -> None:
    """To a pod spec, for each of the two taints that it does not tolerate yet."""
    tolerations = spec.get("tolerations") or []
    missing = [key for key in seconds if not any(_tolerates(t, key) for t in tolerations)]
    if missing:
        spec["tolerations"] = tolerations + [
            {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds[key]}
            for key in missing
        ]


def _tolerates(toleration: Object, key: str) -> bool:
    return toleration.get("key") in (None, "", key) and toleration.get("effect") in (None, "", "NoExecute")


class TaintNodesByCondition(AdmissionPlugin):
    """New Nodes begin with the taint not-ready."""

    name: ClassVar[str] = "TaintNodesByCondition"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE})

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == ("", "nodes", "")

    async def admit(self, request: AdmissionRequest) -> None:
        if request.object is None:
            return
        spec = request.object.setdefault("spec", {})
        taints = spec.get("taints") or []
        if not any(t.get("key") == NOT_READY and t.get("effect") == "NoSchedule" for t in taints):
            spec["taints"] = [*taints, {"key": NOT_READY, "effect": "NoSchedule"}]
