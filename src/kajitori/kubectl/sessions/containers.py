"""Which container of a pod is meant: the named one, the annotated, or the first. May import: kubectl, machinery."""

from __future__ import annotations

from typing import Any, TextIO

from kajitori.kubectl.flags import UsageError
from kajitori.machinery.gotext import quote

Wire = dict[str, Any]
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_LISTS = ("containers", "initContainers", "ephemeralContainers")


def containers(pod: Wire, field: str) -> list[Wire]:
    """One of the spec's lists: `containers`, `initContainers`, `ephemeralContainers`."""
    return (pod.get("spec") or {}).get(field) or []


def by_name(pod: Wire, name: str) -> Wire | None:
    """A container of any of the three lists."""
    return next((one for field in _LISTS for one in containers(pod, field) if one.get("name") == name), None)


def is_ephemeral(pod: Wire, name: str) -> bool:
    return any(one.get("name") == name for one in containers(pod, "ephemeralContainers"))


def all_names(pod: Wire) -> str:
    """``a, b, c (ephem), d (init)``."""
    found = [one["name"] for one in containers(pod, "containers")]
    found += [f"{one['name']} (ephem)" for one in containers(pod, "ephemeralContainers")]
    found += [f"{one['name']} (init)" for one in containers(pod, "initContainers")]
    return ", ".join(found)


def annotated(pod: Wire) -> str:
    """What the annotation kubectl.kubernetes.io/default-container names; empty without one."""
    return str(((pod.get("metadata") or {}).get("annotations") or {}).get(DEFAULT_CONTAINER) or "")


def chosen(pod: Wire, name: str, *, quiet: bool, warn: TextIO) -> Wire:
    """The container; tells on `warn` when there were several to choose from. Raises UsageError."""
    meta = pod["metadata"]
    if name:
        found = by_name(pod, name)
        if found is None:
            raise UsageError(f"container {name} not found in pod {meta['name']}")
        return found
    if not containers(pod, "containers"):
        raise UsageError(f"pod {meta.get('namespace')}/{meta['name']} does not have any containers")
    default = by_name(pod, annotated(pod))
    if default is not None:
        return default
    first = containers(pod, "containers")[0]
    if not quiet and sum(len(containers(pod, field)) for field in _LISTS) > 1:
        warn.write(f"Defaulted container {quote(first['name'])} out of: {all_names(pod)}\n")
    return first
