"""What a ResourceQuota counts: the usage of an object, and arithmetic on usages. Pure.

The API server charges quotas by these rules when an object is made, the controller by the same when it counts anew.
Objects are wire dicts; a usage maps names of resources (`pods`, `requests.cpu`, `count/deployments.apps`) to amounts.
May import: machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from kajitori.machinery.quantity import Quantity
from kajitori.machinery.times import parse_time

Object = Mapping[str, Any]
Usage = dict[str, Quantity]
ONE = Quantity.of(1)

STORAGE_CLASS = ".storageclass.storage.k8s.io/"
DEVICE_CLASS = ".deviceclass.resource.k8s.io/devices"
ALL_DEVICES = 32
"""What a claim for all devices may get at most."""
DEVICE_CLAIMS = ("resource.k8s.io", "resourceclaims")
_PLAIN = frozenset({"configmaps", "secrets", "replicationcontrollers", "resourcequotas"})
"""Core resources that quotas may name without `count/`, as they could before there was that."""
IGNORED = frozenset({("", "events"), ("events.k8s.io", "events")})
"""No quota counts these."""
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
MUST_BE_SAID = frozenset({"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})
"""Under a quota of these every container has to say how much it wants."""


def count_name(group: str, plural: str) -> str:
    """The resource that counts objects of any kind: `count/deployments.apps`."""
    return f"count/{plural}.{group}" if group else f"count/{plural}"


def counted(name: str) -> tuple[str, str] | None:
    """(group, plural) of a name that merely counts objects."""
    if name.startswith("count/"):
        plural, _, group = name.removeprefix("count/").partition(".")
        return None if (group, plural) in IGNORED else (group, plural)
    return ("", name) if name in _PLAIN else None


def usage(group: str, plural: str, obj: Object, now: datetime | None = None) -> Usage:
    """What the object uses. Raises QuantityError for amounts that cannot be read."""
    used: Usage = {count_name(group, plural): ONE}
    if group:
        return used | device_usage(obj) if (group, plural) == DEVICE_CLAIMS else used
    if plural in _PLAIN:
        used[plural] = ONE
    elif plural == "pods":
        used |= pod_usage(obj, now)
    elif plural == "services":
        used |= service_usage(obj)
    elif plural == "persistentvolumeclaims":
        used |= claim_usage(obj)
    return used


# ---------------------------------------------------------------------------------------------------------------------
# Pods


def is_over(pod: Object, now: datetime | None) -> bool:
    """A Pod that has ended, or should have ended by now, uses nothing."""
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return True
    metadata = pod.get("metadata") or {}
    gone, grace = metadata.get("deletionTimestamp"), metadata.get("deletionGracePeriodSeconds")
    if not gone or grace is None or now is None:
        return False
    return parse_time(gone) + timedelta(seconds=int(grace)) < now


def pod_usage(pod: Object, now: datetime | None = None) -> Usage:
    """A Pod that is over (see `is_over`) uses nothing; otherwise itself, its requests and its limits."""
    if is_over(pod, now):
        return {}
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    return {"pods": ONE} | compute_usage(pod_amounts(spec, "requests", status), pod_amounts(spec, "limits", status))


def compute_usage(requests: Usage, limits: Usage) -> Usage:
    """By the names that quotas use: `cpu` and `requests.cpu` mean the same."""
    used: Usage = {}
    for name, amount in requests.items():
        if name in _COMPUTE or name.startswith("hugepages-"):
            used[name] = used[f"requests.{name}"] = amount
        elif "/" in name and not name.partition("/")[0].endswith("kubernetes.io"):
            used[f"requests.{name}"] = amount
    for name, amount in limits.items():
        if name in _COMPUTE:
            used[f"limits.{name}"] = amount
    return used


def container_amounts(spec: Object, field: str, status: Object | None = None) -> Usage:
    """`requests` or `limits` of a Pod's containers and sidecars together, or what initialization takes at most.

    With a status, a container that is being resized takes the larger of what it asks for and what it has.
    """
    total: Usage = {}
    having = _Having(status or {}, field)
    for container in spec.get("containers") or ():
        total = add(total, having.amounts(container))
    sidecars: Usage = {}
    peak: Usage = {}
    for container in spec.get("initContainers") or ():
        lasting = container.get("restartPolicy") == "Always"
        own = having.amounts(container) if lasting else _amounts(container, field)
        if lasting:
            sidecars = add(sidecars, own)
            total = add(total, own)
            own = sidecars
        else:
            own = add(own, sidecars)
        peak = largest(peak, own)
    return largest(total, peak)


class _Having:
    """What containers have, and were given, by their Pod's status; a resize that cannot be counts for nothing."""

    def __init__(self, status: Object, field: str) -> None:
        self._field = field
        fields = ("containerStatuses", "initContainerStatuses")
        self._known = {
            one.get("name"): one for name in fields for one in status.get(name) or () if one.get("resources")
        }
        pending = (c for c in status.get("conditions") or () if c.get("type") == "PodResizePending")
        self._infeasible = next((c.get("reason") == "Infeasible" for c in pending), False)

    def amounts(self, container: Object) -> Usage:
        """Of one container."""
        asked, known = _amounts(container, self._field), self._known.get(container.get("name"))
        if known is None:
            return asked
        having = _amounts(known, self._field)
        if self._field == "requests":
            having = largest(having, parse(known.get("allocatedResources")))
        return having if self._infeasible else largest(asked, having)


def pod_amounts(spec: Object, field: str, status: Object | None = None) -> Usage:
    """`requests` or `limits` of a whole Pod."""
    total = container_amounts(spec, field, status)
    total |= _amounts(spec, field)  # the Pod's own word goes before its containers'
    overhead = parse(spec.get("overhead"))
    if field == "limits":
        overhead = {name: amount for name, amount in overhead.items() if name in total}
    return add(total, overhead)


def _amounts(holder: Object, field: str) -> Usage:
    return parse((holder.get("resources") or {}).get(field))


def unsaid(pod: Object, required: Iterable[str]) -> str:
    """What containers leave open that a quota asks for: `requests.cpu for: a,b; …`; empty when nothing."""
    spec = pod.get("spec") or {}
    wanted = MUST_BE_SAID.intersection(required)
    own = spec.get("resources") or {}
    if not wanted or own.get("requests") or own.get("limits"):
        return ""
    missing: dict[str, set[str]] = {}
    for field in ("containers", "initContainers"):
        for container in spec.get(field) or ():
            said = compute_usage(_amounts(container, "requests"), _amounts(container, "limits"))
            for name in wanted - said.keys():
                missing.setdefault(name, set()).add(str(container.get("name")))
    return "; ".join(f"{name} for: {','.join(sorted(missing[name]))}" for name in sorted(missing))


# ---------------------------------------------------------------------------------------------------------------------
# Services and claims


def service_usage(service: Object) -> Usage:
    """Node ports count whether given out yet or not; a load balancer may do without."""
    spec = service.get("spec") or {}
    ports = spec.get("ports") or ()
    used = {"services": ONE, "services.nodeports": Quantity(), "services.loadbalancers": Quantity()}
    if spec.get("type") == "NodePort":
        used["services.nodeports"] = Quantity.of(len(ports))
    elif spec.get("type") == "LoadBalancer":
        used["services.loadbalancers"] = ONE
        given = (
            ports if spec.get("allocateLoadBalancerNodePorts") is not False else [p for p in ports if p.get("nodePort")]
        )
        used["services.nodeports"] = Quantity.of(len(given))
    return used


def claim_usage(claim: Object) -> Usage:
    """The larger of what is requested and allocated (growing, KEP-1790); with a class also under the class' names."""
    spec, status = claim.get("spec") or {}, claim.get("status") or {}
    used = {"persistentvolumeclaims": ONE}
    requests = parse((spec.get("resources") or {}).get("requests"))
    storage = requests.get("storage")
    allocated = parse(status.get("allocatedResources")).get("storage")
    if storage is not None and allocated is not None:
        storage = max(storage, allocated)
    if storage is not None:
        storage = Quantity.of(storage.value()) if storage.nanos % 10**9 else storage  # whole bytes
    annotations = (claim.get("metadata") or {}).get("annotations") or {}
    name = annotations.get("volume.beta.kubernetes.io/storage-class") or spec.get("storageClassName")
    if name:
        used[f"{name}{STORAGE_CLASS}persistentvolumeclaims"] = ONE
    if storage is not None:
        used["requests.storage"] = storage
        if name:
            used[f"{name}{STORAGE_CLASS}requests.storage"] = storage
    return used


def device_usage(claim: Object) -> Usage:
    """Devices by class; of alternatives the most that one may get of each class."""
    used: Usage = {}
    for request in ((claim.get("spec") or {}).get("devices") or {}).get("requests") or ():
        most: Usage = {}
        for part in request.get("firstAvailable") or [request.get("exactly") or {}]:
            most = largest(most, _devices(part))
        used = add(used, most)
    return used


def _devices(part: Object) -> Usage:
    name = part.get("deviceClassName")
    number = ALL_DEVICES if part.get("allocationMode") == "All" else int(part.get("count") or 1)
    return {f"{name}{DEVICE_CLASS}": Quantity.of(number)} if name else {}


# ---------------------------------------------------------------------------------------------------------------------
# what a quota is about


def concerns(name: str, group: str, plural: str) -> bool:
    """Whether objects of this resource can use what a quota names so."""
    if name == count_name(group, plural):
        return (group, plural) not in IGNORED
    if group:
        return (group, plural) == DEVICE_CLAIMS and name.endswith(DEVICE_CLASS)
    match plural:
        case "pods":
            return name == "pods" or name in MUST_BE_SAID or _is_pod_resource(name)
        case "services":
            return name in ("services", "services.nodeports", "services.loadbalancers")
        case "persistentvolumeclaims":
            bare = name.rpartition(STORAGE_CLASS)[2]
            return bare in ("persistentvolumeclaims", "requests.storage")
    return name == plural and plural in _PLAIN


def _is_pod_resource(name: str) -> bool:
    bare = name.removeprefix("requests.").removeprefix("limits.")
    if bare in _COMPUTE or bare.startswith("hugepages-"):
        return True
    return name.startswith("requests.") and "/" in name


def parse(amounts: Mapping[str, Any] | None) -> Usage:
    """A usage from wire quantities; raises QuantityError."""
    return {name: Quantity.parse(value) for name, value in (amounts or {}).items()}


def _joined(a: Usage, b: Usage, join: Callable[[Quantity, Quantity], Quantity]) -> Usage:
    return {
        name: join(a[name], b[name]) if name in a and name in b else a.get(name) or b.get(name) or Quantity()
        for name in a | b
    }


def add(a: Usage, b: Usage) -> Usage:
    """The sum, name by name; a missing name is zero."""
    return _joined(a, b, lambda x, y: x + y)


def largest(a: Usage, b: Usage) -> Usage:
    """The larger amount of each name."""
    return _joined(a, b, max)


def difference(a: Usage, b: Usage) -> Usage:
    """What changes from b to a; names of which nothing changes are left out."""
    changed = {name: a.get(name, Quantity()) - b.get(name, Quantity()) for name in a | b}
    return {name: amount for name, amount in changed.items() if not amount.is_zero}


def shown(amounts: Usage) -> str:
    """`pods=1,requests.cpu=500m`, as messages show it."""
    return ",".join(f"{name}={amounts[name]}" for name in sorted(amounts))
