"""What an in-place resize of a Pod may change: CPU and memory of containers that keep running, and resize policies.

Pure, on wire dicts; texts are upstream's. May import: api.core, machinery.
"""

from __future__ import annotations

from typing import Any

from kajitori.api.checks import Errors, Object
from kajitori.api.core import pod_validation
from kajitori.api.core.pod_defaults import requests_from_limits
from kajitori.api.core.pod_rules import qos_class
from kajitori.api.core.pod_shapes import is_sidecar
from kajitori.api.core.pod_validation import SPEC
from kajitori.machinery.fieldpath import Path, forbidden, invalid

MIRROR = "kubernetes.io/config.mirror"
RESIZED = ("cpu", "memory")


def take_resources(pod: dict[str, Any], edited: Object) -> None:
    """Take over the edited containers' resources and policies, and nothing else."""
    for field in ("containers", "initContainers"):
        by_name = {c.get("name"): c for c in (edited.get("spec") or {}).get(field) or ()}
        for container in pod["spec"].get(field) or ():
            found = by_name.get(container["name"])
            if found is None:
                continue
            requests_from_limits(found)
            for part in ("resources", "resizePolicy"):
                if found.get(part) != container.get(part):
                    container[part] = found.get(part)
            container["resources"] = container.get("resources") or {}
            if not container.get("resizePolicy"):
                container.pop("resizePolicy", None)


def resize_errors(pod: Object, old: Object, edited: Object) -> Errors:
    """What is wrong with turning `old` into `pod`, for which `edited` asked."""
    own = old["spec"].get("resources") or {}
    if own.get("requests") or own.get("limits"):
        return [forbidden(Path(""), "pods with pod-level resources cannot be resized")]
    if MIRROR in (old["metadata"].get("annotations") or {}):
        return [forbidden(Path(""), "static pods cannot be resized")]
    if (old["spec"].get("os") or {}).get("name") == "windows":
        return [forbidden(Path(""), "windows pods cannot be resized")]
    errors = pod_validation.pod_itself(pod)
    qos = (old.get("status") or {}).get("qosClass") or qos_class(old["spec"])
    if qos_class(pod["spec"]) != qos:
        errors.append(invalid(SPEC, qos, "Pod QOS Class may not change as a result of resizing"))
    if not _node_can(old.get("status") or {}):
        errors.append(forbidden(SPEC, "Pod running on node without support for resize"))
    for field in ("initContainers", "containers"):
        before, after = old["spec"].get(field) or [], pod["spec"].get(field) or []
        asked = [c.get("name") for c in (edited.get("spec") or {}).get(field) or ()]
        if asked != [c["name"] for c in before]:
            errors.append(forbidden(SPEC.child(field), "containers may not be renamed or reordered on resize"))
            continue
        for position, (was, now) in enumerate(zip(before, after, strict=True)):
            at = SPEC.child(field).index(position).child("resources")
            errors += _container(at, was, now, is_init=field == "initContainers")
    return errors


def _node_can(status: Object) -> bool:
    """A node that tells no container's resources is too old to change them; one that runs none may do."""
    for container in status.get("containerStatuses") or ():
        if (container.get("state") or {}).get("running") is not None:
            return container.get("resources") is not None
    return True


def _container(at: Path, was: Object, now: Object, *, is_init: bool) -> Errors:
    errors: Errors = []
    before, after = was.get("resources") or {}, now.get("resources") or {}
    if is_init and not is_sidecar(was):
        same = (before, was.get("resizePolicy")) == (after, now.get("resizePolicy"))
        return [] if same else [forbidden(SPEC, "resources for non-sidecar init containers are immutable")]
    for field in ("requests", "limits"):
        old, new = before.get(field) or {}, after.get(field) or {}
        if any(name not in new for name in old):
            errors.append(forbidden(at.child(field), f"resource {field} cannot be removed"))
    changed = any(
        _others(before.get(field) or {}) != _others(after.get(field) or {}) for field in ("requests", "limits")
    )
    if changed or was.get("resizePolicy") != now.get("resizePolicy"):
        what = "cpu and memory resources for sidecar containers" if is_init else "cpu and memory resources"
        errors.append(forbidden(SPEC, f"only {what} are mutable"))
    return errors


def _others(amounts: Object) -> dict[str, Any]:
    return {name: value for name, value in amounts.items() if name not in RESIZED}
