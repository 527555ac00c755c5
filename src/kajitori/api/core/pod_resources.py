"""Resources of a Pod as a whole (`spec.resources`, PodLevelResources): what its requests are where it leaves them open,
and that its containers stay within them.

Pure, on wire dicts; texts are upstream's. May import: api.checks, api.core.quota, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core.quota import container_amounts
from kajitori.machinery.fieldpath import Path, invalid, not_supported
from kajitori.machinery.quantity import Quantity


def is_supported(name: str) -> bool:
    """Whether a whole Pod can ask for it."""
    return name in ("cpu", "memory") or name.startswith("hugepages-")


def default_requests(spec: dict[str, Any]) -> None:
    """A Pod that states limits requests what its containers do, and its limits where they request nothing."""
    resources = spec.get("resources") or {}
    limits = resources.get("limits")
    if not limits:
        return
    requests = dict(resources.get("requests") or {})
    for name, total in container_amounts(spec, "requests").items():
        if name in ("cpu", "memory"):
            requests.setdefault(name, str(total))
    for name, limit in limits.items():
        if is_supported(name):
            requests.setdefault(name, limit)
    if requests:
        resources["requests"] = requests


def pod_resources(path: Path, spec: Object) -> Errors:
    """Known resources, requests within limits, containers within the Pod's own."""
    own = spec.get("resources") or {}
    at = path.child("resources")
    errors: Errors = []
    for field in ("limits", "requests"):
        for name, value in (own.get(field) or {}).items():
            where = at.child(field).key(name)
            if not is_supported(name):
                errors.append(not_supported(where, name, ["cpu", "hugepages-", "memory"]))
            errors += checks.quantity(where, value)
    if errors:
        return errors
    limits, requests = (_parsed(own.get(field)) for field in ("limits", "requests"))
    for name, request in requests.items():
        if name in limits and request > limits[name]:
            message = f"must be less than or equal to {name} limit of {limits[name]}"
            errors.append(invalid(at.child("requests"), str(request), message))
    return errors + _containers_within(path, spec, requests, limits)


def _parsed(amounts: Object | None) -> dict[str, Quantity]:
    return {name: Quantity.parse(str(value)) for name, value in (amounts or {}).items()}


def _containers_within(path: Path, spec: Object, requests: Object, limits: Object) -> Errors:
    errors: Errors = []
    if requests:
        for name, total in container_amounts(spec, "requests").items():
            if name in requests and total > requests[name]:
                message = f"must be greater than or equal to aggregate container requests of {total}"
                where = path.child("resources", "requests").key(name)
                errors.append(invalid(where, str(requests[name]), message))
    if not limits:
        return errors
    for field in ("initContainers", "containers"):
        for position, container in enumerate(spec.get(field) or ()):
            for name, value in _parsed((container.get("resources") or {}).get("limits")).items():
                if name in limits and value > limits[name]:
                    where = path.child(field).index(position).child("resources", "limits").key(name)
                    errors.append(
                        invalid(where, str(value), f"must be less than or equal to pod limits of {limits[name]}")
                    )
    return errors
