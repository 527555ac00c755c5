"""Validation of what a node, or whoever writes it, says of a Pod's status. Pure; texts are upstream's.

May import: api.{checks, ips}, api.core, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kajitori.api import checks, ips
from kajitori.api.checks import Errors, Object
from kajitori.api.core import pod_annotations
from kajitori.api.core.pod_security import MAX_ID
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid

STATUS, METADATA = Path("status"), Path("metadata")
OWN_CONDITIONS = ("PodScheduled", "Ready", "Initialized")
ENDED = "may not be transitioned to non-terminated state"


def validate_update(obj: Object, old: Object) -> Errors:
    """A Pod whose status was `old`'s."""
    new, before, spec = obj.get("status") or {}, old.get("status") or {}, obj.get("spec") or {}
    notes, old_notes = (((one.get("metadata") or {}).get("annotations") or {}) for one in (obj, old))
    errors = pod_annotations.annotation_changes(METADATA.child("annotations"), notes, old_notes)
    for position, condition in enumerate(new.get("conditions") or ()):
        kind = condition.get("type") or ""
        if kind not in OWN_CONDITIONS:
            at = METADATA.child("conditions").index(position).child("Type")  # upstream's path
            errors += checks.by(at, kind, names.is_qualified_name)
    node = new.get("nominatedNodeName")
    if node and node != before.get("nominatedNodeName"):
        errors += checks.by(STATUS.child("nominatedNodeName"), node, names.is_dns1123_subdomain)
    errors += checks.unchanged(STATUS.child("qosClass"), new.get("qosClass"), before.get("qosClass"))
    errors += _states(new, before, spec)
    errors += _claims(new.get("resourceClaimStatuses") or (), spec)
    errors += _addresses(STATUS.child("podIPs"), new.get("podIPs") or [])
    errors += _host_addresses(new)
    for field in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for position, status in enumerate(new.get(field) or ()):
            user = (status.get("user") or {}).get("linux")
            errors += _user(STATUS.child(field).index(position).child("linux"), user) if user else []
    return errors


def _states(new: Object, old: Object, spec: Object) -> Errors:
    """A container that has ended for good does not come back."""
    policy = spec.get("restartPolicy") or ""
    sidecars = {c.get("name") for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"}
    errors: Errors = []
    for field, rule, spared in (
        ("containerStatuses", policy, set()),
        ("initContainerStatuses", policy, sidecars),
        ("ephemeralContainerStatuses", "Never", set()),
    ):
        errors += _transitions(STATUS.child(field), new.get(field) or (), old.get(field) or (), rule, spared)
    return errors


def _transitions(path: Path, new: Iterable[Object], old: Iterable[Object], policy: str, spared: set[Any]) -> Errors:
    if policy == "Always":
        return []
    errors: Errors = []
    for position, was in enumerate(old):
        ended = (was.get("state") or {}).get("terminated")
        if ended is None or was.get("name") in spared or (ended.get("exitCode") and policy == "OnFailure"):
            continue
        for status in new:
            if status.get("name") == was.get("name") and (status.get("state") or {}).get("terminated") is None:
                errors.append(forbidden(path.index(position).child("state"), ENDED))
    return errors


def _claims(statuses: Iterable[Object], spec: Object) -> Errors:
    known = {claim.get("name") for claim in spec.get("resourceClaims") or ()}
    errors: Errors = []
    seen: set[str] = set()
    for position, status in enumerate(statuses):
        at, name = STATUS.child("resourceClaimStatuses").index(position).child("name"), status.get("name") or ""
        if name not in known:
            errors.append(invalid(at, name, "must match the name of an entry in `spec.resourceClaims`"))
        if name in seen:
            errors.append(duplicate(at, name))
        seen.add(name)
        made = status.get("resourceClaimName")
        errors += checks.by(at, made, names.is_dns1123_subdomain) if made is not None else []
    return errors


def _addresses(path: Path, given: list[Object]) -> Errors:
    texts = [one.get("ip") or "" for one in given]
    errors = [error for position, text in enumerate(texts) for error in ips.ip(path.index(position), text)]
    if len(texts) > 1:
        if not ips.is_dual_stack(texts, ips.parsed_ip) or len(texts) > 2:
            errors.append(invalid(path, given, "may specify no more than one IP for each IP family"))
        errors += [duplicate(path.index(i), given[i]) for i, text in enumerate(texts) if text in texts[:i]]
    return errors


def _host_addresses(status: Object) -> Errors:
    given = status.get("hostIPs") or []
    if not given:
        return []
    path, first = STATUS.child("hostIPs"), given[0].get("ip")
    errors: Errors = []
    if (status.get("hostIP") or "") != first:
        errors.append(invalid(path.index(0).child("ip"), first, "must be equal to `hostIP`"))
    return errors + _addresses(path, given)


def _user(at: Path, user: Object) -> Errors:
    groups = at.child("supplementalGroups")
    ids = [(at.child("uid"), user.get("uid")), (at.child("gid"), user.get("gid"))]
    ids += [(groups.index(i), group) for i, group in enumerate(user.get("supplementalGroups") or ())]
    why = f"must be between 0 and {MAX_ID}, inclusive"
    return [invalid(where, value, why) for where, value in ids if value is not None and not 0 <= value <= MAX_ID]


def settle(obj: dict[str, Any], old: Object) -> None:
    """What older clients leave out stays: the class of service, and which generation was seen. Both fields for
    addresses say the same, of which the older one counts where they differ.
    """
    status, before = obj.get("status"), old.get("status") or {}
    if not status:
        return
    if not status.get("qosClass") and before.get("qosClass"):
        status["qosClass"] = before["qosClass"]
    address, addresses = status.get("podIP"), status.get("podIPs")
    if address and (not addresses or addresses[0].get("ip") != address):
        status["podIPs"] = [{"ip": address}]
    elif addresses and not address:
        status["podIP"] = addresses[0].get("ip")
    if not status.get("observedGeneration") and before.get("observedGeneration"):
        status["observedGeneration"] = before["observedGeneration"]
    _keep_seen(status.get("conditions") or (), before.get("conditions") or ())


def _keep_seen(conditions: Iterable[dict[str, Any]], before: Iterable[Object]) -> None:
    """A type may stand there more than once, so each takes the next one's."""
    seen: dict[Any, list[Any]] = {}
    for condition in before:
        seen.setdefault(condition.get("type"), []).append(condition.get("observedGeneration"))
    for condition in conditions:
        kept = seen.get(condition.get("type"))
        generation = kept.pop(0) if kept else None
        if generation and not condition.get("observedGeneration"):
            condition["observedGeneration"] = generation
