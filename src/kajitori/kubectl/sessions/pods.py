"""POD or TYPE/NAME → the object, and the pod that stands for it: the most useful one of a workload's or service's pods.

May import: client, kubectl, machinery.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.resources.builder import Selection, find

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.globals import FilenameOptions
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
SortKey = Callable[[Wire], tuple[Any, ...]]
PODS = ResourcePath("v1", "pods", namespaced=True)
SELECTING = frozenset({"ReplicaSet", "StatefulSet", "DaemonSet", "Deployment", "Job"})
_PHASES = {"Running": 0, "Unknown": 1, "Pending": 2}


async def named(ctx: Context, *words: str, files: FilenameOptions | None = None) -> Info:
    """The object that ``NAME``, ``TYPE/NAME`` or ``TYPE NAME`` means. Raises NotFound, NoMatch."""
    args = words if len(words) != 1 or "/" in words[0] else ("pods", words[0])
    found = await find(ctx, Selection(args=args, files=files))
    found.raise_errors()
    if len(found.infos) != 1:
        raise UsageError("error: expected a resource")
    return found.infos[0]


def selector_of(obj: Wire) -> str:
    """The label selector of an object's pods. Raises UsageError for what selects none."""
    from kajitori.kubectl.describers.marks import selector_string

    kind, spec = obj.get("kind", ""), obj.get("spec") or {}
    plain = ",".join(
        f"{key}={value}" for key, value in sorted((spec.get("selector") or {}).items()) if isinstance(value, str)
    )
    if kind in SELECTING:
        return selector_string(spec.get("selector"))
    if kind == "ReplicationController":
        return plain
    if kind != "Service":
        raise UsageError(f"selector for {go_type(obj)} not implemented")
    if not plain:
        name = obj["metadata"]["name"]
        raise UsageError(f"invalid service '{name}': Service is defined without a selector")
    return plain


def go_type(obj: Wire) -> str:
    """What upstream calls the kind in errors."""
    version = (obj.get("apiVersion") or "v1").rpartition("/")[2]
    return f"*{version}.{obj.get('kind', '')}"


async def attachable(ctx: Context, info: Info, *, timeout_s: float) -> Wire:
    """The pod to attach to: the object itself, or the liveliest of its pods (waiting for one to appear)."""
    if info.object.get("kind") == "Pod":
        return info.object
    try:
        selector = selector_of(info.object)
    except UsageError as error:
        raise UsageError(f"error: cannot attach to {go_type(info.object)}: {error}") from None
    return (await pods_of(ctx, info.namespace, selector, timeout_s=timeout_s, key=by_liveliness))[0]


async def pods_of(ctx: Context, namespace: str, selector: str, *, timeout_s: float, key: SortKey) -> list[Wire]:
    """At least one pod, in order; waits until there is one. Raises UsageError after the timeout."""
    found = await ctx.client().list(PODS, namespace, label_selector=selector)
    if found.items:
        return sorted(found.items, key=key)
    try:
        async with asyncio.timeout(timeout_s or None):
            async for event in ctx.client().watch(
                PODS, namespace, resource_version=found.resource_version, label_selector=selector
            ):
                if event.type in ("ADDED", "MODIFIED"):
                    return [event.object]
    except TimeoutError:
        pass
    raise UsageError("error: timed out waiting for the condition")


def by_liveliness(pod: Wire) -> tuple[Any, ...]:
    """Assigned, running, ready, ready for long, seldom restarted, old: the first is the best to attach to."""
    return (*_standing(pod), _restarts(pod), _created(pod))


def by_interest(pod: Wire) -> tuple[Any, ...]:
    """The same for logs, but those that restarted more come first."""
    return (*_standing(pod), -_restarts(pod), _created(pod))


def _standing(pod: Wire) -> tuple[Any, ...]:
    status = pod.get("status") or {}
    ready: Wire = next((one for one in status.get("conditions") or () if one.get("type") == "Ready"), {})
    is_ready = ready.get("status") == "True"
    since = ready.get("lastTransitionTime") or "9999" if is_ready else ""
    assigned = bool((pod.get("spec") or {}).get("nodeName"))
    return (not assigned, _PHASES.get(status.get("phase", ""), 0), not is_ready, since)


def _restarts(pod: Wire) -> int:
    return max(
        (one.get("restartCount", 0) for one in (pod.get("status") or {}).get("containerStatuses") or ()), default=0
    )


def _created(pod: Wire) -> str:
    return str((pod.get("metadata") or {}).get("creationTimestamp") or "")
