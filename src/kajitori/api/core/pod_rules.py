"""A Pod's life in the API server: what create and update keep, what may change, how long a deletion waits. Pure.

May import: api.{rules,zeros}, api.core, machinery.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from kajitori.api import zeros
from kajitori.api.checks import Errors, Object
from kajitori.api.core import pod_annotations, pod_defaults, pod_status, pod_validation, pod_warnings
from kajitori.api.core.gated_pods import gated_changes
from kajitori.api.core.pod_columns import PODS
from kajitori.api.core.pod_validation import ANNOTATIONS, SPEC
from kajitori.api.rules import Rules
from kajitori.machinery.fieldpath import forbidden, invalid
from kajitori.machinery.quantity import Quantity
from kajitori.machinery.specdiff import difference

IMMUTABLE_SPEC = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_POD_SPEC = "io.k8s.api.core.v1.PodSpec"
QOS_RESOURCES = ("cpu", "memory")


def create(obj: dict[str, Any]) -> None:
    """A new Pod is Pending; nobody but the node reports its status."""
    spec = obj.get("spec") or {}
    _label_keys(spec, (obj.get("metadata") or {}).get("labels") or {})
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


def _label_keys(spec: Object, labels: Object) -> None:
    """`matchLabelKeys` and the like become expressions of their selectors, with the Pod's own values."""
    for constraint in spec.get("topologySpreadConstraints") or ():
        _add_keys(constraint, constraint.get("matchLabelKeys"), "In", labels)
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = (spec.get("affinity") or {}).get(kind) or {}
        terms = [*(rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ())]
        preferred = rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [weighted["podAffinityTerm"] for weighted in preferred if weighted.get("podAffinityTerm")]
        for term in terms:
            _add_keys(term, term.get("matchLabelKeys"), "In", labels)
            _add_keys(term, term.get("mismatchLabelKeys"), "NotIn", labels)


def _add_keys(holder: dict[str, Any], keys: Iterable[str] | None, operator: str, labels: Object) -> None:
    selector = holder.get("labelSelector")
    if selector is None:
        return
    added = [{"key": key, "operator": operator, "values": [labels[key]]} for key in keys or () if key in labels]
    if added:
        selector["matchExpressions"] = [*(selector.get("matchExpressions") or ()), *added]


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
    new, before = obj.get("spec") or {}, old.get("spec") or {}
    notes, old_notes = (((one.get("metadata") or {}).get("annotations") or {}) for one in (obj, old))
    errors = pod_annotations.annotation_changes(ANNOTATIONS, notes, old_notes)
    for field in ("containers", "initContainers"):
        if len(new.get(field) or ()) != len(before.get(field) or ()):
            return [*errors, forbidden(SPEC.child(field), "pod updates may not add or remove containers")]
    wrong, stop = _deadline(new, before)
    errors += wrong
    if stop:
        return errors
    errors += _tolerations(new.get("tolerations") or [], before.get("tolerations") or [])
    errors += _gates(new.get("schedulingGates") or [], before.get("schedulingGates") or [])
    if new == before:
        return errors
    fixed, was = _fixed(new, before), _settled(before)
    if before.get("schedulingGates"):
        errors += gated_changes(new, before)
    if fixed != was:
        errors.append(forbidden(SPEC, f"{IMMUTABLE_SPEC}\n{difference('core.PodSpec', was, fixed)}"))
    return errors


def _deadline(new: Object, old: Object) -> tuple[Errors, bool]:
    """The deadline may come, and come nearer; and whether there is no use in looking on."""
    at, value, before = (
        SPEC.child("activeDeadlineSeconds"),
        new.get("activeDeadlineSeconds"),
        old.get("activeDeadlineSeconds"),
    )
    if value is not None and not 0 <= value <= 2**31 - 1:
        return [invalid(at, value, "must be between 0 and 2147483647, inclusive")], True
    if value is not None and before is not None and value > before:
        return [invalid(at, value, "must be less than or equal to previous value")], True
    if value is None and before is not None:
        return [invalid(at, None, "must not update from a positive integer to nil value")], False
    return [], False


def _tolerations(given: list[Object], before: list[Object]) -> Errors:
    if all(_same_but_seconds(toleration, given) for toleration in before):
        return []
    message = "existing toleration can not be modified except its tolerationSeconds"
    return [forbidden(SPEC.child("tolerations"), message)]


def _same_but_seconds(toleration: Object, among: Iterable[Object]) -> bool:
    def bare(one: Object) -> dict[str, Any]:
        return {key: value for key, value in one.items() if key != "tolerationSeconds"}

    return any(bare(toleration) == bare(other) for other in among)


def _gates(new: list[Object], old: list[Object]) -> Errors:
    known = {gate.get("name") for gate in old}
    at = SPEC.child("schedulingGates")
    return [
        forbidden(
            at.index(position).child("name"),
            f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'",
        )
        for position, gate in enumerate(new)
        if gate.get("name") not in known
    ]


def _fixed(spec: Object, before: Object) -> dict[str, Any]:
    """The new spec with all that may change as it was, for comparison."""
    fixed, was = _settled(spec), _settled(before)
    for field in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        _put_back(fixed, was, field)
    if (was.get("terminationGracePeriodSeconds") or 0) < 0 and fixed.get("terminationGracePeriodSeconds") == 1:
        fixed["terminationGracePeriodSeconds"] = was["terminationGracePeriodSeconds"]
    for field in ("containers", "initContainers"):
        for container, old in zip(fixed.get(field) or (), was.get(field) or (), strict=False):
            _put_back(container, old, "image")
    if before.get("schedulingGates"):  # a gated pod may still become pickier about its node
        _put_back(fixed, was, "nodeSelector")
        affinity = fixed.get("affinity") or {}
        _put_back(affinity, was.get("affinity") or {}, "nodeAffinity")
        if affinity or "affinity" in was:
            fixed["affinity"] = affinity
        else:
            fixed.pop("affinity", None)
    return fixed


def _put_back(obj: dict[str, Any], old: Object, field: str) -> None:
    if field in old:
        obj[field] = old[field]
    else:
        obj.pop(field, None)


def _settled(spec: Object) -> dict[str, Any]:
    """A copy without the zeros that say nothing, which one that was stored long ago may have."""
    copied: dict[str, Any] = copy.deepcopy(dict(spec))
    zeros.settler_of(_POD_SPEC)(copied)
    return copied


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
    revalidate=pod_validation.pod_itself,
    validate_update=validate_update,
    validate_status=pod_status.validate_update,
    warnings=pod_warnings.pod,
    on_create=create,
    on_update=update,
    on_status=pod_status.settle,
    grace_period_s=grace_period_s,
    status=True,
    status_keeps=("ownerReferences",),  # old kubelets spoil them
    generation=True,
    table=PODS,
)
