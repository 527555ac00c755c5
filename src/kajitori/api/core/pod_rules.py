"""A Pod's life in the API server: what create and update keep, what may change, how long a deletion waits. Pure.

May import: api.rules, api.core, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kajitori.api.checks import Errors, Object
from kajitori.api.core import pod_defaults, pod_validation, pod_warnings
from kajitori.api.core.pod_columns import PODS
from kajitori.api.rules import Rules
from kajitori.machinery.fieldpath import Path, forbidden, invalid
from kajitori.machinery.quantity import Quantity

IMMUTABLE_SPEC = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
QOS_RESOURCES = ("cpu", "memory")


def create(obj: dict[str, Any]) -> None:
    """A new Pod is Pending; nobody but the node reports its status."""
    spec = obj.get("spec") or {}
    spec.pop("ephemeralContainers", None)
    obj["status"] = {"phase": "Pending", "qosClass": qos_class(spec)}
    if spec.get("schedulingGates") and not spec.get("nodeName"):
        message = "Scheduling is blocked due to non-empty scheduling gates"
        obj["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "reason": "SchedulingGated",
                "message": message,
                "lastProbeTime": None,
                "lastTransitionTime": obj["metadata"].get("creationTimestamp"),
            }
        ]


def update(obj: dict[str, Any], old: Object) -> None:
    """The status stays the node's; ephemeral containers change through their subresource alone."""
    obj.pop("status", None)
    if "status" in old:
        obj["status"] = old["status"]


def qos_class(spec: Object) -> str:
    """Guaranteed, Burstable or BestEffort, from the resources of every container."""
    requests: dict[str, Quantity] = {}
    limits: dict[str, Quantity] = {}
    guaranteed = True
    own = spec.get("resources") or {}
    if own.get("requests") or own.get("limits"):  # what the Pod says as a whole goes before its containers
        spec = {"containers": [{"resources": own}]}
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        given = container.get("resources") or {}
        limited = _positive(given.get("limits"))
        guaranteed = guaranteed and set(limited) == set(QOS_RESOURCES)
        for total, part in ((requests, _positive(given.get("requests"))), (limits, limited)):
            for name, quantity in part.items():
                total[name] = total[name] + quantity if name in total else quantity
    if not requests and not limits:
        return "BestEffort"
    if guaranteed and all(requests.get(name, limits[name]) == limits[name] for name in limits):
        return "Guaranteed"
    return "Burstable"


def _positive(quantities: Object | None) -> dict[str, Quantity]:
    zero = Quantity.parse("0")
    parsed = {name: Quantity.parse((quantities or {}).get(name) or "0") for name in QOS_RESOURCES}
    return {name: quantity for name, quantity in parsed.items() if quantity > zero}


def validate_update(obj: Object, old: Object) -> Errors:
    """Only images, the deadline, added tolerations and lifted gates may change after creation."""
    new_spec, old_spec = obj.get("spec") or {}, old.get("spec") or {}
    errors = _containers_count(new_spec, old_spec)
    if errors:
        return errors
    errors += _deadline(new_spec, old_spec)
    errors += _tolerations(new_spec.get("tolerations") or [], old_spec.get("tolerations") or [])
    if _fixed(new_spec) != _fixed(old_spec):
        errors.append(forbidden(Path("spec"), IMMUTABLE_SPEC))
    return errors


def _containers_count(new: Object, old: Object) -> Errors:
    for field in ("containers", "initContainers"):
        if len(new.get(field) or ()) != len(old.get(field) or ()):
            return [forbidden(Path("spec", field), "pod updates may not add or remove containers")]
    return []


def _deadline(new: Object, old: Object) -> Errors:
    at, value, before = (
        Path("spec", "activeDeadlineSeconds"),
        new.get("activeDeadlineSeconds"),
        old.get("activeDeadlineSeconds"),
    )
    if value is not None and before is not None and value > before:
        return [invalid(at, value, "must be less than or equal to previous value")]
    if value is None and before is not None:
        return [invalid(at, value, "must not update from a positive integer to nil value")]
    return []


def _tolerations(given: list[Object], before: list[Object]) -> Errors:
    new, old = [_plain(toleration) for toleration in given], [_plain(toleration) for toleration in before]
    if any(toleration not in new for toleration in old):
        message = "existing toleration can not be modified except its tolerationSeconds"
        modified = [t for t in old if not _same_but_seconds(t, new)]
        return [forbidden(Path("spec", "tolerations"), message)] if modified else []
    return []


def _same_but_seconds(toleration: Object, among: Iterable[Object]) -> bool:
    def bare(one: Object) -> dict[str, Any]:
        return {key: value for key, value in one.items() if key != "tolerationSeconds"}

    return any(bare(toleration) == bare(other) for other in among)


def _fixed(spec: Object) -> dict[str, Any]:
    """The spec without what may change, for comparison."""
    fixed: dict[str, Any] = _plain(spec)
    for field in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        fixed.pop(field, None)
    if (fixed.get("terminationGracePeriodSeconds") or 0) < 0:
        fixed["terminationGracePeriodSeconds"] = 1
    for container in pod_defaults.all_containers(fixed):
        container.pop("image", None)
    if spec.get("schedulingGates"):  # a gated pod may still become pickier about its node
        fixed.pop("nodeSelector", None)
        (fixed.get("affinity") or {}).pop("nodeAffinity", None)
    return fixed


PLAIN_FIELDS = frozenset(("hostNetwork", "hostPID", "hostIPC", "hostPort", "readOnly", "stdin", "stdinOnce", "tty"))
"""No and zero are the same as nothing for these."""


def _plain(value: Any) -> Any:
    """A copy without what says nothing: a Go client that reads and writes an object leaves it out or puts it in."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _plain(item)
        for key, item in value.items()
        if not (item is None or item == "" or item == [] or (key in PLAIN_FIELDS and not item))
    }


def grace_period_s(obj: Object, requested: int | None) -> int | None:
    """What the deletion asks for, else the spec's; 0 for a pod that no node runs."""
    spec, phase = obj.get("spec") or {}, (obj.get("status") or {}).get("phase")
    period = requested if requested is not None else spec.get("terminationGracePeriodSeconds") or 0
    if not spec.get("nodeName") or phase in ("Failed", "Succeeded"):
        return 0
    return 1 if period < 0 else int(period)


POD_RULES = Rules(
    defaults=pod_defaults.pod,
    validate=pod_validation.pod,
    validate_update=validate_update,
    warnings=pod_warnings.pod,
    on_create=create,
    on_update=update,
    grace_period_s=grace_period_s,
    status=True,
    status_keeps=("ownerReferences",),  # old kubelets spoil them
    generation=True,
    table=PODS,
)
