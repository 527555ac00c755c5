"""APIServices as data: which we register ourselves and with what priority, and what a condition does to a status. Pure.

May import: api.registration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kajitori.api.registration import Resource

Object = dict[str, Any]
GROUP, PLURAL = "apiregistration.k8s.io", "apiservices"
AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged"
ON_START, ALWAYS = "onstart", "true"
_CUSTOM = (1000, 100)
_FIRST = 20_001
_GROUP_PRIORITIES = {
    "": 18000,
    "apps": 17800,
    "events.k8s.io": 17750,
    "authentication.k8s.io": 17700,
    "authorization.k8s.io": 17600,
    "autoscaling": 17500,
    "batch": 17400,
    "certificates.k8s.io": 17300,
    "networking.k8s.io": 17200,
    "policy": 17100,
    "rbac.authorization.k8s.io": 17000,
    "storage.k8s.io": 16800,
    "apiextensions.k8s.io": 16700,
    "admissionregistration.k8s.io": 16700,
    "scheduling.k8s.io": 16600,
    "coordination.k8s.io": 16500,
    "node.k8s.io": 16300,
    "discovery.k8s.io": 16200,
    "flowcontrol.apiserver.k8s.io": 16100,
    "resource.k8s.io": 15900,
}
_VERSION_PRIORITIES = {("", "v1"): 1, ("autoscaling", "v2"): 30, ("flowcontrol.apiserver.k8s.io", "v1"): 21}


def local_priority(group: str) -> int:
    """Where a group stands that this server has itself; that of the APIServices comes before all."""
    return _FIRST if group == GROUP else _GROUP_PRIORITIES.get(group, _CUSTOM[0])


def local_services(resources: Iterable[Resource]) -> Iterator[Object]:
    """The APIServices that stand for what this server serves itself: its built-in groups and custom resources."""
    seen: set[tuple[str, str]] = set()
    for resource in resources:
        known = (resource.group, resource.version)
        if known not in seen and resource.group != GROUP:
            seen.add(known)
            yield local_service(*known)


def local_service(group: str, version: str) -> Object:
    """The APIService of a group that this server has itself, with upstream's priorities."""
    builtin = group in _GROUP_PRIORITIES
    if builtin:
        priorities = _GROUP_PRIORITIES[group], _VERSION_PRIORITIES.get((group, version), 15)
    else:
        priorities = _CUSTOM
    spec: Object = {"version": version, "groupPriorityMinimum": priorities[0], "versionPriority": priorities[1]}
    if group:
        spec["group"] = group
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"{version}.{group}", "labels": {AUTOMANAGED: ON_START if builtin else ALWAYS}},
        "spec": spec,
    }


def group_version(service: Object) -> tuple[str, str]:
    """Both empty where the spec is."""
    spec = service.get("spec") or {}
    return spec.get("group") or "", spec.get("version") or ""


def is_remote(service: Object) -> bool:
    """Whether another server serves it."""
    return bool((service.get("spec") or {}).get("service"))


def is_automanaged(service: Object) -> bool:
    """Whether we have registered it, and may change or delete it."""
    return AUTOMANAGED in ((service.get("metadata") or {}).get("labels") or {})


def discovery_path(service: Object) -> str:
    """What every server of this group version must answer."""
    group, version = group_version(service)
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def available(service: Object) -> bool:
    """Whether its condition says so; without one it is not."""
    return (_condition(service) or {}).get("status") == "True"


def _condition(service: Object) -> Object | None:
    conditions = (service.get("status") or {}).get("conditions") or ()
    return next((c for c in conditions if c.get("type") == "Available"), None)


def condition(status: str, reason: str, message: str) -> Object:
    """An Available condition; the time of its transition is put in when it is set."""
    return {"type": "Available", "status": status, "reason": reason, "message": message}


LOCAL = condition("True", "Local", "Local APIServices are always available")
PASSED = condition("True", "Passed", "all checks passed")


def set_condition(service: Object, wanted: Object, now: str) -> bool:
    """Put the condition into the status; the transition's time moves only with its status. Whether it changed."""
    current = _condition(service)
    keep = current is not None and current.get("status") == wanted["status"]
    stamped = {**wanted, "lastTransitionTime": (current or {}).get("lastTransitionTime") if keep else now}
    if current == stamped:
        return False
    status = service.setdefault("status", {})
    others = [c for c in status.get("conditions") or () if c.get("type") != "Available"]
    status["conditions"] = [*others, stamped]
    return True
