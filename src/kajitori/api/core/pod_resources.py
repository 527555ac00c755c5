"""Resources of a Pod as a whole (`spec.resources`, PodLevelResources): what its requests are where it leaves them open,
and that its containers stay within them.

Pure, on wire dicts; texts are upstream's. May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api.checks import Errors, Object
from kajitori.api.core.limit_validation import standard_resource
from kajitori.api.core.quota import container_amounts
from kajitori.api.core.resource_checks import requirements
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported
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
    own = spec.get("resources")
    if not own:
        return []
    at = path.child("resources")
    errors: Errors = []
    if own.get("claims") is not None:
        errors.append(forbidden(at.child("claims"), "claims cannot be set for Resources at pod-level"))
    errors += requirements(at, {**own, "claims": None}, name_check=_name)
    if errors:
        return errors
    limits, requests = (_parsed(own.get(field)) for field in ("limits", "requests"))
    return _containers_within(at, spec, requests, limits)


def _name(at: Path, name: str) -> Errors:
    errors = standard_resource(at, name)
    if not errors and not is_supported(name):
        errors.append(not_supported(at, name, ["cpu", "hugepages-", "memory"]))
    return errors


def _parsed(amounts: Object | None) -> dict[str, Quantity]:
    return {name: Quantity.parse(str(value)) for name, value in (amounts or {}).items()}


def _containers_within(at: Path, spec: Object, requests: Object, limits: Object) -> Errors:
    errors: Errors = []
    if requests:
        for name, total in container_amounts(spec, "requests").items():
            if name in requests and total > requests[name]:
                message = f"must be greater than or equal to aggregate container requests of {total}"
                errors.append(invalid(at.child("requests").key(name), str(requests[name]), message))
    if not limits:
        return errors
    for position, container in enumerate(spec.get("containers") or ()):
        for name, value in _parsed((container.get("resources") or {}).get("limits")).items():
            if name in limits and value > limits[name]:
                where = at.child("containers").index(position).key(name).child("limits")  # upstream's path
                why = f"must be less than or equal to pod limits of {limits[name]}"
                errors.append(invalid(where, str(value), why))
    return errors
